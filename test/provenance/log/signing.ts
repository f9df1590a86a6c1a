// Keys of logs and witnesses of tests, and what they sign.
import { noteSchemes } from '../../../src/provenance/disk/logKeys.ts';
import { mlDsa44 } from '../../../src/provenance/keys/schemes.ts';
import { checkpointText } from '../../../src/provenance/log/checkpoint.ts';
import { type Cosigner, cosign } from '../../../src/provenance/log/cosignature.ts';
import { formatVerifierKey, type NoteKey, noteKey } from '../../../src/provenance/log/keys.ts';
import type { Tree } from '../../../src/provenance/log/merkle.ts';
import { formatNote, utf8 } from '../../../src/provenance/log/note.ts';
import { sha256 } from './trees.ts';

export const schemes = noteSchemes();
const scheme = mlDsa44();

/** The cosigner of a name: its key is made of it. */
export function cosignerOf(name: string): Cosigner {
  const seed = sha256(utf8(name));
  return { name, publicKey: scheme.publicKey(seed), sign: (message) => scheme.sign(seed, message) };
}

export const keyOf = ({ name, publicKey }: Cosigner): NoteKey => noteKey(name, publicKey);
export const vkeyOf = (cosigner: Cosigner): string => formatVerifierKey(keyOf(cosigner));

/** A checkpoint of a log, with cosignatures of witnesses at their times in seconds. */
export const checkpointOf = (
  log: Cosigner,
  tree: Tree,
  cosigned: readonly (readonly [Cosigner, number])[] = [],
): Uint8Array =>
  formatNote({
    text: checkpointText(log.name, tree),
    signatures: [cosign(log, log.name, tree, 0), ...cosigned.map(([one, time]) => cosign(one, log.name, tree, time))],
  });

/** The value that was let through. @throws Error with the refusal */
export function given<T>(judged: { ok: true; value: T } | { ok: false; code: string; detail?: string }): T {
  if (!judged.ok) throw new Error(`${judged.code}: ${judged.detail}`);
  return judged.value;
}
