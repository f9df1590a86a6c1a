// A witness of logs on disk: it remembers the last checkpoint of each log, and cosigns what goes on from it.
//
// Its state is a directory with one folder for each log, named after the SHA-256 of its origin: `log.vkey`, `checkpoint` with the
// signatures of log and witness, and the evidence of forks. It is written before a cosignature leaves the witness.
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { sha256 } from '../../crypto/sha256.ts';
import { passed, refused } from '../../failure.ts';
import { inDirectory, type OnStep } from '../../node/files/change.ts';
import { onFile, refuseFile } from '../../node/files/fileErrors.ts';
import { readBounded } from '../../node/files/files.ts';
import { type Bytes, same, toHex } from '../../octets.ts';
import type { Judged } from '../contract.ts';
import { logBounds } from '../log/bounds.ts';
import { type Checkpoint, parseCheckpoint } from '../log/checkpoint.ts';
import type { LogCode } from '../log/codes.ts';
import { type Cosigner, cosign } from '../log/cosignature.ts';
import { formatVerifierKey, type NoteKey } from '../log/keys.ts';
import { formatNote, type NoteSignature, utf8 } from '../log/note.ts';
import type { LogReader } from '../log/reader.ts';
import { judgeCheckpointAfter } from '../log/witness.ts';
import { ownCheckpoint, readCheckpoint, replaceCheckpoint, requireOwn } from './logFiles.ts';
import { readVerifierKey, verifierKeyIn, verifierKeyText } from './logKeys.ts';
import { directoryReader, isUrl, webReader } from './logReaders.ts';

/** What a witness is asked to do. */
export interface Witnessing {
  /** A directory, or a URL of http or https. */
  readonly log: string;
  /** Where the witness remembers logs. */
  readonly state: string;
  readonly witness: Cosigner;
  /** The key of the log. Without it, the key that was seen first counts. */
  readonly logKey?: NoteKey;
  readonly time: () => Date;
  readonly onStep?: OnStep;
}

/** A checkpoint that was cosigned. */
export interface Witnessed {
  readonly origin: string;
  readonly size: number;
  readonly time: Date;
  /** The file of the witness that has it, with the cosignature. */
  readonly checkpoint: string;
  /** Whether the log has the cosignature too: a directory does, unless the log has grown meanwhile. */
  readonly isPublished: boolean;
}

/** A refusal, with the file that holds both checkpoints when they speak against the log. */
export type WitnessJudged = Judged<Witnessed, LogCode>;

/** What is remembered of a log. */
interface Memory {
  readonly directory: string;
  /** The octets of its checkpoint; none before the first. */
  readonly octets: Bytes | undefined;
  readonly checkpoint: Checkpoint | undefined;
  readonly key: NoteKey | undefined;
}

const folderOf = (state: string, origin: string): string => join(state, toHex(sha256(utf8(origin))));

function recall(state: string, origin: string): Memory {
  const directory = folderOf(state, origin);
  const file = join(directory, 'checkpoint');
  if (!existsSync(file)) return { directory, octets: undefined, checkpoint: undefined, key: undefined };
  const key = readVerifierKey(join(directory, 'log.vkey'));
  const octets = readCheckpoint(directory);
  const checkpoint = ownCheckpoint(octets, key);
  return checkpoint.ok
    ? { directory, octets, checkpoint: checkpoint.value, key }
    : refuseFile(file, `not a checkpoint of ${key.name} that this witness has cosigned: ${checkpoint.detail}`);
}

/** The key by which a log is judged: the one given, the one remembered, or on first use the one that the log shows. */
async function keyOf(reader: LogReader, { logKey }: Witnessing, { key }: Memory): Promise<Judged<NoteKey, LogCode>> {
  if (logKey !== undefined && key !== undefined && formatVerifierKey(logKey) !== formatVerifierKey(key))
    return refused('log-other-key', `${key.name}: another key was seen before; expected ${key.id}, found ${logKey.id}`);
  const known = logKey ?? key;
  if (known !== undefined) return passed(known);
  const shown = await reader.read('log.vkey', logBounds.verifierKey);
  return shown.ok ? passed(verifierKeyIn(`${reader.name}: log.vkey`, shown.value)) : shown;
}

const accusing: readonly LogCode[] = ['log-fork', 'log-rollback'];

/** Keeps two checkpoints that speak against a log, each with its signatures. @returns the refusal, with the file */
function keepEvidence(
  { directory, octets }: Memory,
  now: Bytes,
  refusal: Extract<WitnessJudged, { ok: false }>,
  onStep: OnStep,
): WitnessJudged {
  if (octets === undefined || !accusing.includes(refusal.code)) return refusal;
  const kind = refusal.code.slice('log-'.length);
  const file = join(directory, `${kind}-${toHex(sha256(octets, now)).slice(0, 16)}.json`);
  const decoder = new TextDecoder();
  const evidence = {
    format: 'pquake-log-evidence',
    version: 1,
    code: refusal.code,
    detail: refusal.detail,
    seen: decoder.decode(octets),
    found: decoder.decode(now),
  };
  const content = `${JSON.stringify(evidence, null, 2)}\n`;
  inDirectory(directory, (write) => write([{ file, content, mode: 0o644, replace: true }]), onStep);
  return { ...refusal, detail: `${refusal.detail}; both checkpoints are kept`, path: file };
}

/** The checkpoint with a signature in the place of those of the same key. */
const withSignature = ({ text, signatures }: Checkpoint, own: NoteSignature): Bytes =>
  formatNote({ text, signatures: [...signatures.filter(({ name, id }) => name !== own.name || id !== own.id), own] });

/** Remembers a cosigned checkpoint, when nobody has remembered another one meanwhile. @returns whether it was */
function remember({ directory, octets }: Memory, key: NoteKey, cosigned: Bytes, onStep: OnStep): boolean {
  return inDirectory(
    directory,
    (write) => {
      const file = join(directory, 'checkpoint');
      const now = existsSync(file) ? readBounded(file, logBounds.note) : undefined;
      if (now === undefined ? octets !== undefined : octets === undefined || !same(new Uint8Array(now), octets))
        return false;
      write([
        { file: join(directory, 'log.vkey'), content: verifierKeyText(key), mode: 0o644, replace: true },
        { file, content: cosigned, mode: 0o644, replace: true },
      ]);
      return true;
    },
    onStep,
  );
}

/** Adds the cosignature to the checkpoint of a directory, if that is still the one that was cosigned. */
function publish(directory: string, cosigned: Checkpoint, own: NoteSignature, onStep: OnStep): boolean {
  const before = readCheckpoint(directory);
  const now = parseCheckpoint(before);
  if (!now.ok || now.value.text !== cosigned.text) return false;
  return replaceCheckpoint(directory, before, withSignature(now.value, own), () => {}, onStep);
}

function makeState(directory: string): void {
  onFile(directory, () => mkdirSync(directory, { recursive: true, mode: 0o700 }));
  requireOwn(directory);
}

/** Makes a cosignature of a checkpoint that was judged, remembers it, and adds it to the log. @returns nothing when somebody was faster */
function cosignAndKeep(
  witnessing: Witnessing,
  memory: Memory,
  key: NoteKey,
  checkpoint: Checkpoint,
): Witnessed | undefined {
  const { log, witness, onStep = () => {} } = witnessing;
  const seconds = Math.max(1, Math.floor(witnessing.time().getTime() / 1000)); // 0 would state no time
  const own = cosign(witness, checkpoint.origin, checkpoint, seconds);
  const cosigned = withSignature(checkpoint, own);
  if (!remember(memory, key, cosigned, onStep)) return undefined;
  const { origin, size } = checkpoint;
  const isPublished = !isUrl(log) && publish(log, checkpoint, own, onStep);
  return {
    origin,
    size,
    time: new Date(1000 * seconds),
    checkpoint: join(memory.directory, 'checkpoint'),
    isPublished,
  };
}

/** How often a witness begins again because another process remembers the same log. */
const mostTries = 100;

/**
 * Reads the checkpoint of a log, and cosigns it when it goes on from the last one that was seen. A log that forks, or shows an older
 * checkpoint, is refused, and both checkpoints are kept: `path` names the file. @throws ConfigurationError
 */
export async function witnessLog(witnessing: Witnessing): Promise<WitnessJudged> {
  const { log, state, onStep = () => {} } = witnessing;
  const reader = isUrl(log) ? webReader(log) : directoryReader(log);
  for (let tries = 0; tries < mostTries; tries += 1) {
    const octets = await reader.read('checkpoint', logBounds.note);
    if (!octets.ok) return octets;
    const parsed = parseCheckpoint(octets.value);
    if (!parsed.ok) return parsed;
    const memory = recall(state, parsed.value.origin);
    const key = await keyOf(reader, witnessing, memory);
    if (!key.ok) return key;
    const now = ownCheckpoint(octets.value, key.value);
    if (!now.ok) return now;
    makeState(memory.directory);
    const judged = await judgeCheckpointAfter(reader, memory.checkpoint, now.value);
    if (!judged.ok) return keepEvidence(memory, octets.value, judged, onStep);
    const done = cosignAndKeep(witnessing, memory, key.value, now.value);
    if (done !== undefined) return passed(done);
  }
  return refuseFile(state, `changed by others ${mostTries} times while a checkpoint was judged`);
}
