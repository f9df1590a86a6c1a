// Logs in directories: made, and appended to. A web server can serve such a directory as it is (C2SP tlog-tiles).
//
// What is signed is never written again: tiles of a larger tree have other names. The checkpoint is written last, by one step, so whenever
// a process or the machine stops, the log is that of the checkpoint before, and the next one writes over what was not signed.
import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { passed, refused } from '../../failure.ts';
import { inDirectory, type OnStep, readTogether } from '../../node/files/change.ts';
import { onFile, refuseFile } from '../../node/files/fileErrors.ts';
import { writeFiles } from '../../node/files/files.ts';
import { flushDirectory, writeOne } from '../../node/files/newFile.ts';
import { isOwnDirectory } from '../../node/files/trust.ts';
import { type Bytes, same, toHex } from '../../octets.ts';
import type { Judged } from '../contract.ts';
import { type Appended, prepareAppend } from '../log/append.ts';
import { logBounds } from '../log/bounds.ts';
import { type Checkpoint, checkpointText, parseCheckpoint } from '../log/checkpoint.ts';
import type { LogCode } from '../log/codes.ts';
import { type Cosigner, cosign, verifySignatures } from '../log/cosignature.ts';
import { describeKey, type NoteKey } from '../log/keys.ts';
import { emptyRoot, leafHash, type Tree } from '../log/merkle.ts';
import { formatNote } from '../log/note.ts';
import { formatProof } from '../log/proof.ts';
import { findLeaves, type LogReader, readInclusions } from '../log/reader.ts';
import { type NewCosignerAccess, newCosigner, noteSchemes, readVerifierKey, verifierKeyText } from './logKeys.ts';
import { directoryReader } from './logReaders.ts';

const checkpointName = 'checkpoint';
const keyName = 'log.vkey';
const publicMode = 0o644;

/** The checkpoint of a tree, signed by its log: with the timestamp 0, as a log states no time. */
function signedCheckpoint(log: Cosigner, tree: Tree): Bytes {
  const text = checkpointText(log.name, tree);
  return formatNote({ text, signatures: [cosign(log, log.name, tree, 0)] });
}

/** Makes a directory, and those above it that are not there; each survives a failure of the machine. */
function makeDirectory(directory: string, onStep: OnStep): void {
  if (existsSync(directory)) return;
  makeDirectory(dirname(directory), onStep);
  onStep('make a directory');
  mkdirSync(directory, { recursive: true, mode: 0o755 });
  flushDirectory(dirname(directory), onStep);
}

/** Refuses a directory in which others could write: neither lock nor recovery would hold there. @throws FileError */
export function requireOwn(directory: string): void {
  if (!onFile(directory, () => isOwnDirectory(directory)))
    refuseFile(directory, "expected a directory of one's own in which nobody else can write (mode 0755 or 0700)");
}

const isInside = (directory: string, file: string): boolean =>
  !relative(resolve(directory), resolve(file)).startsWith('..');

/** Where a new log lies, and its key. */
export interface NewLog {
  readonly directory: string;
  /** The name of the log, in its checkpoints and keys: a URL without a scheme, such as `example.com/log`. */
  readonly origin: string;
  /** Where its private key goes: not into the directory, which everybody may read. */
  readonly keyFile: string;
  readonly access?: NewCosignerAccess;
  readonly onStep?: OnStep;
}

/**
 * Makes a log without entries: its private key, and in the directory `log.vkey` and `checkpoint`.
 * @returns its public key @throws ConfigurationError when a log or the key is there already, or cannot be written
 */
export function initLog({ directory, origin, keyFile, access, onStep = () => {} }: NewLog): NoteKey {
  if (isInside(directory, keyFile))
    refuseFile(keyFile, `in the log, which everybody may read; expected a file outside of ${directory}`);
  for (const name of [checkpointName, keyName])
    if (existsSync(join(directory, name)))
      refuseFile(join(directory, name), 'exists already: the directory is one of a log');
  const made = newCosigner(keyFile, origin, access);
  onFile(directory, () => makeDirectory(resolve(directory), onStep));
  requireOwn(directory);
  writeFiles([made.keyFile], false, onStep);
  const tree = { size: 0, root: emptyRoot };
  inDirectory(
    directory,
    (write) =>
      write([
        { file: join(directory, keyName), content: verifierKeyText(made.key), mode: publicMode },
        { file: join(directory, checkpointName), content: signedCheckpoint(made.signer, tree), mode: publicMode },
      ]),
    onStep,
  );
  made.signer.wipe();
  return made.key;
}

/** The octets of the checkpoint in a directory. @throws FileError */
export const readCheckpoint = (directory: string): Bytes => {
  const [octets = Buffer.alloc(0)] = readTogether([{ file: join(directory, checkpointName), most: logBounds.note }]);
  return new Uint8Array(octets);
};

/** Writes a checkpoint, when the one that is there is still the one that was read. @returns whether it was */
export const replaceCheckpoint = (
  directory: string,
  before: Bytes,
  after: Bytes,
  prepare: () => void,
  onStep: OnStep,
): boolean =>
  inDirectory(
    directory,
    (write) => {
      if (!same(readCheckpoint(directory), before)) return false;
      prepare();
      write([{ file: join(directory, checkpointName), content: after, mode: publicMode, replace: true }]);
      return true;
    },
    onStep,
  );

/** The key of the log in a directory. @throws FileError */
export const readLogKey = (directory: string): NoteKey => readVerifierKey(join(directory, keyName));

/** Checks that a checkpoint is of a log: of its origin, and signed by its key. */
export function ownCheckpoint(octets: Bytes, key: NoteKey): Judged<Checkpoint, LogCode> {
  const checkpoint = parseCheckpoint(octets);
  if (!checkpoint.ok) return checkpoint;
  const { origin } = checkpoint.value;
  if (origin !== key.name)
    return refused('log-other-key', `${origin}: the origin of another log; expected ${key.name}`);
  const signed = verifySignatures(noteSchemes(), checkpoint.value, [key]);
  if (!signed.ok) return signed;
  return signed.value.has(key) ? checkpoint : refused('log-unsigned', `${origin}: no signature of ${describeKey(key)}`);
}

/** Entries to append to a log. */
export interface Addition {
  readonly directory: string;
  readonly entries: readonly Bytes[];
  /** The key of the log: `readCosigner`. */
  readonly log: Cosigner;
  readonly onStep?: OnStep;
}

/** Entries that are in a log. */
export interface AddedEntries {
  readonly origin: string;
  readonly size: number;
  /** How many are new: entries that were in the log before are not added again. */
  readonly added: number;
  /** For each entry: its index, and its proof in the form of C2SP tlog-proof. */
  readonly logged: readonly { readonly index: number; readonly proof: Bytes }[];
}

/** The log as it will be: its checkpoint, what is written before it, and where each entry is. */
interface Plan {
  readonly before: Bytes;
  readonly tree: Tree;
  readonly reader: LogReader;
  readonly appended?: Appended;
  readonly indices: readonly number[];
  readonly added: number;
}

async function planAddition(
  reader: LogReader,
  before: Bytes,
  tree: Tree,
  entries: readonly Bytes[],
): Promise<Judged<Plan, LogCode>> {
  const unique = new Map(entries.map((entry) => [toHex(leafHash(entry)), entry]));
  const found = await findLeaves(reader, [...unique.keys()], tree.size);
  if (!found.ok) return found;
  const places = new Map(found.value);
  const fresh: Bytes[] = [];
  for (const [leaf, entry] of unique) {
    if (places.has(leaf)) continue;
    places.set(leaf, tree.size + fresh.length);
    fresh.push(entry);
  }
  const indices = entries.map((entry) => places.get(toHex(leafHash(entry))) ?? 0);
  if (fresh.length === 0) return passed({ before, tree, reader, indices, added: 0 });
  const appended = await prepareAppend(reader, tree, fresh);
  if (!appended.ok) return appended;
  const { tree: after, reader: beyond } = appended.value;
  return passed({ before, tree: after, reader: beyond, appended: appended.value, indices, added: fresh.length });
}

/** Writes the tiles and entries of a tree that is not signed yet. */
function writeTiles(directory: string, { files }: Appended, onStep: OnStep): void {
  for (const { path, octets } of files) {
    const file = join(directory, path);
    onFile(file, () => {
      makeDirectory(dirname(file), onStep);
      writeOne(dirname(file), { file, content: octets, mode: publicMode, replace: true }, onStep);
    });
  }
}

/** Writes a plan, when the checkpoint is still that from which it was made. @returns the checkpoint, or nothing */
function carryOut(
  { directory, log, onStep = () => {} }: Addition,
  { before, tree, appended }: Plan,
): Bytes | undefined {
  if (appended === undefined) return before;
  const checkpoint = signedCheckpoint(log, tree);
  if (!replaceCheckpoint(directory, before, checkpoint, () => writeTiles(directory, appended, onStep), onStep))
    return undefined;
  for (const path of appended.superseded) {
    onStep('remove partial tiles');
    rmSync(join(directory, path), { recursive: true, force: true });
  }
  return checkpoint;
}

/** The inclusion proof of each entry in the tree as it will be. */
async function pathsOf(
  { entries }: Addition,
  { tree, reader, indices }: Plan,
): Promise<Judged<readonly (readonly Bytes[])[], LogCode>> {
  const leaves = entries.map((entry, at) => ({ leaf: leafHash(entry), index: indices[at] ?? 0 }));
  return await readInclusions(reader, leaves, tree);
}

/** How often an addition begins again because another process has changed the log meanwhile. */
const mostTries = 100;

/**
 * Appends entries to a log in a directory, and signs its new checkpoint. An entry that is there already is not added again, and gets a new
 * proof. Refused when the tiles of the log are not those of its checkpoint. @throws ConfigurationError
 */
export async function addToLog(addition: Addition): Promise<Judged<AddedEntries, LogCode>> {
  const { directory, entries } = addition;
  requireOwn(directory);
  const key = readLogKey(directory);
  const reader = directoryReader(directory);
  for (let tries = 0; tries < mostTries; tries += 1) {
    const before = readCheckpoint(directory);
    const checkpoint = ownCheckpoint(before, key);
    if (!checkpoint.ok) return checkpoint;
    const plan = await planAddition(reader, before, checkpoint.value, entries);
    if (!plan.ok) return plan;
    const { tree, added, indices } = plan.value;
    const paths = await pathsOf(addition, plan.value); // all is proved before anything is signed
    if (!paths.ok) return paths;
    const after = carryOut(addition, plan.value);
    if (after === undefined) continue;
    const logged = paths.value.map((path, at) => {
      const index = indices[at] ?? 0;
      return { index, proof: formatProof({ index, path, checkpoint: after }) };
    });
    return passed({ origin: key.name, size: tree.size, added, logged });
  }
  return refuseFile(join(directory, checkpointName), `changed by others ${mostTries} times while entries were added`);
}
