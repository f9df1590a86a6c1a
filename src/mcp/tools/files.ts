// Files of manifests and pins. What they say of digests is computed again.
import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { reasonOf } from '../../failure.ts';
import { inDirectory, readTogether } from '../../node/files/change.ts';
import { factsOf } from '../../node/files/facts.ts';
import { onFile, refuseFile } from '../../node/files/fileErrors.ts';
import { isObject, type Json } from '../contract.ts';
import { bounds } from './bounds.ts';
import { type Manifest, manifestOf } from './manifest.ts';
import { faultOfForm, wrongManifest } from './manifestForm.ts';
import { noPins, type Pin, type Pins, type ServerIdentity, withPin } from './pins.ts';

/** Reads a file of JSON. @throws ConfigurationError */
export function readJson(file: string): Json {
  const [octets = Buffer.alloc(0)] = readTogether([{ file, most: bounds.file }]);
  try {
    return JSON.parse(octets.toString('utf8')) as Json;
  } catch {
    return refuseFile(file, 'expected JSON, found something else');
  }
}

/** Reads pins. A file that is not there has none, in a folder that is. @throws ConfigurationError */
export function readPins(file: string): Pins {
  if (!existsSync(file)) {
    const folder = dirname(file);
    return existsSync(folder) ? noPins : refuseFile(file, `there is no folder ${folder}, in which it could be made`);
  }
  const value = readJson(file);
  const reason = faultOfForm('pins', value);
  if (reason !== undefined) return refuseFile(file, `not a file of pins: ${reason}`);
  const pins = value as unknown as Pins;
  for (const [at, { manifest }] of pins.servers.entries()) {
    const wrong = wrongManifest(manifest);
    if (wrong !== undefined)
      refuseFile(file, `/servers/${at}/manifest: ${wrong}; approve the tools of this server again`);
  }
  return pins;
}

/**
 * The declarations in a file: a manifest, the result of `tools/list`, or its array `tools`. @throws ConfigurationError
 */
export function readManifest(file: string): Manifest {
  const value = readJson(file);
  const list = isObject(value) ? value : { tools: value };
  if (list['format'] === 'pquake-mcp-manifest') {
    const reason = faultOfForm('manifest', value) ?? wrongManifest(value as unknown as Manifest);
    return reason === undefined ? (value as unknown as Manifest) : refuseFile(file, `not a manifest: ${reason}`);
  }
  const { tools, prompts, instructions } = list;
  if (list['nextCursor'] !== undefined)
    refuseFile(file, 'the first page of a list; expected the tools of all pages in one array');
  const manifest = manifestOf(tools, {
    prompts,
    instructions: typeof instructions === 'string' ? instructions : undefined,
  });
  return manifest.ok ? manifest.value : refuseFile(file, reasonOf(manifest));
}

/** A file of pins that this process reads and writes. */
export interface PinsFile {
  /** The pins of now: read again when the file has changed. @throws ConfigurationError */
  readonly read: () => Pins;
  /** Approves a manifest for a server. Others that write meanwhile lose nothing. @throws ConfigurationError */
  readonly pin: (identity: ServerIdentity, manifest: Manifest, how: Pick<Pin, 'by' | 'at'>) => void;
}

/** The pins in a file. It and what it says are of this user alone. */
export function pinsFile(file: string): PinsFile {
  let seen: { readonly facts: string; readonly pins: Pins } | undefined;
  const read = (): Pins => {
    const facts = factsOf([file]);
    if (seen?.facts !== facts) seen = { facts, pins: readPins(file) };
    return seen.pins;
  };
  return {
    read,
    pin: (identity, manifest, how) =>
      onFile(file, () =>
        inDirectory(dirname(file), (write) => {
          const content = `${JSON.stringify(withPin(readPins(file), identity, manifest, how), undefined, 2)}\n`;
          write([{ file, content, mode: 0o600, replace: true }]);
        }),
      ),
  };
}
