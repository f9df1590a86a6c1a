// Logs on disk of tests: a temporary directory, keys, and what is added to a log.
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { writeFiles } from '../../../src/node/files/files.ts';
import { type Addition, addToLog, initLog, readCheckpoint, readLogKey } from '../../../src/provenance/disk/logFiles.ts';
import { type CosignerFile, newCosigner, noteSchemes, readCosigner } from '../../../src/provenance/disk/logKeys.ts';
import { directoryReader } from '../../../src/provenance/disk/logReaders.ts';
import { auditLog } from '../../../src/provenance/log/audit.ts';
import { type Checkpoint, parseCheckpoint } from '../../../src/provenance/log/checkpoint.ts';
import { formatVerifierKey, type NoteKey } from '../../../src/provenance/log/keys.ts';
import { utf8 } from '../../../src/provenance/log/note.ts';
import { parsePolicy } from '../../../src/provenance/log/policy.ts';
import { given } from '../log/signing.ts';

export const folder = mkdtempSync(join(tmpdir(), 'pquake-log-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
export const at = (name: string): string => join(folder, name);

let count = 0;
/** A name in the folder that nothing has. */
export function fresh(what: string): string {
  count += 1;
  return at(`${what}-${count}`);
}

export interface Log {
  readonly directory: string;
  readonly keyFile: string;
  readonly key: NoteKey;
  readonly signer: CosignerFile;
}

/** A log without entries. */
export function newLog(origin = 'example.com/log'): Log {
  const [directory, keyFile] = [fresh('log'), fresh('key')];
  const key = initLog({ directory, origin, keyFile });
  return { directory, keyFile, key, signer: readCosigner(keyFile, key) };
}

/** A log that has been the same until now. */
export function copyOf({ directory, ...log }: Log): Log {
  const copy = fresh('copy');
  cpSync(directory, copy, { recursive: true });
  return { ...log, directory: copy };
}

export const words = (from: number, count: number): Uint8Array[] =>
  Array.from({ length: count }, (_, i) => utf8(`entry ${from + i}`));

export const add = (log: Log, entries: readonly Uint8Array[], more: Partial<Addition> = {}) =>
  addToLog({ directory: log.directory, entries, log: log.signer, ...more });

/** The checkpoint of a log, and that all of it is as it was signed. */
export async function audited({ directory }: Log): Promise<Checkpoint> {
  const checkpoint = given(parseCheckpoint(readCheckpoint(directory)));
  given(await auditLog(directoryReader(directory), checkpoint));
  return checkpoint;
}

/** A witness with a key of its own. */
export function newWitness(name: string): { key: NoteKey; signer: CosignerFile; file: string } {
  const file = fresh('witness');
  const { key, signer, keyFile } = newCosigner(file, name);
  writeFiles([keyFile], false);
  return { key, signer, file };
}

/** A policy that trusts a log, and needs its witnesses, if there are any. */
export function trustIn(log: Log, witnesses: readonly NoteKey[] = []) {
  const names = witnesses.map((_, i) => `W${i}`);
  const lines = [
    `log ${formatVerifierKey(readLogKey(log.directory))}`,
    ...witnesses.map((key, i) => `witness W${i} ${formatVerifierKey(key)}`),
    ...(names.length === 0 ? ['quorum none'] : [`group G all ${names.join(' ')}`, 'quorum G']),
  ];
  const policy = given(parsePolicy(utf8(`${lines.join('\n')}\n`)));
  return { policy, schemes: noteSchemes(), time: new Date('2027-01-01T00:00:00Z') };
}
