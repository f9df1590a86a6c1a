// The generated model files: those that the manifest of the models names.
import { loadManifest } from '../prove/index.ts';
import type { Spec } from '../spec/spec.ts';
import { channels } from './channel/mutants.ts';
import { channelForms, channelText } from './channel/proverif.ts';
import { cryptoverifText, loadChanges, withoutOracles } from './postQuantum.ts';
import { protocols } from './protocols.ts';
import { forms, proverif } from './proverif.ts';
import { symbolsOf } from './symbols.ts';
import { verifpal } from './verifpal.ts';

export const modelsDirectory = 'models';
export const generatedDirectory = 'models/generated';

/** `generated/proverif/PROTOCOL.psk.FORM.pvl` */
const proverifName = /^generated\/proverif\/(?<id>[\w/-]+)\.(?<psk>psk|nopsk)\.(?<form>[\w-]+)\.pvl$/;

function proverifFile(spec: Spec, path: string): string {
  const { id = '', psk, form = '' } = proverifName.exec(path)?.groups ?? {};
  const protocol = protocols.get(id);
  const chosen = forms[form];
  if (protocol === undefined || chosen === undefined) {
    throw new Error(`models.yaml asks for ${path}: expected generated/proverif/PROTOCOL.psk|nopsk.FORM.pvl`);
  }
  return proverif(symbolsOf(spec), protocol, { ...chosen, psk: psk === 'psk' });
}

/** `generated/verifpal/PROTOCOL.psk.vp`, `generated/verifpal/PROTOCOL.psk.guarded.vp` */
const verifpalName = /^generated\/verifpal\/(?<id>[\w/-]+)\.(?<psk>psk|nopsk)(?<guarded>\.guarded)?\.vp$/;

function verifpalFile(spec: Spec, path: string): string {
  const { id = '', psk, guarded } = verifpalName.exec(path)?.groups ?? {};
  const protocol = protocols.get(id);
  if (protocol === undefined) {
    throw new Error(`models.yaml asks for ${path}: expected generated/verifpal/PROTOCOL.psk|nopsk[.guarded].vp`);
  }
  return verifpal(symbolsOf(spec), protocol, { psk: psk === 'psk', guarded: guarded !== undefined });
}

/** `generated/proverif/channel/PROTOCOL.FORM.pvl` */
const channelName = /^generated\/proverif\/channel\/(?<id>[\w/-]+)\.(?<form>[\w-]+)\.pvl$/;

function channelFile(path: string): string {
  const { id = '', form = '' } = channelName.exec(path)?.groups ?? {};
  const [channel, bounds] = [channels.get(id), channelForms[form]];
  if (channel === undefined || bounds === undefined) {
    throw new Error(`models.yaml asks for ${path}: expected generated/proverif/channel/PROTOCOL.FORM.pvl`);
  }
  return channelText(channel, bounds);
}

/** `generated/cryptoverif/post-quantum/FILE.cv` */
const oracleFree = 'generated/cryptoverif/post-quantum/';

function fileOf(spec: Spec, path: string): string {
  if (path.startsWith(oracleFree)) return withoutOracles(path.slice(oracleFree.length), loadChanges(), cryptoverifText);
  if (path.startsWith('generated/verifpal/')) return verifpalFile(spec, path);
  return path.startsWith('generated/proverif/channel/') ? channelFile(path) : proverifFile(spec, path);
}

/** The generated files under models/, by path. */
export function modelFiles(spec: Spec): Map<string, string> {
  const parts = loadManifest(modelsDirectory).flatMap((model) => model.parts);
  const asked = [...new Set(parts)].filter((part) => part.startsWith('generated/')).sort();
  return new Map(asked.map((part) => [`${modelsDirectory}/${part}`, fileOf(spec, part)]));
}
