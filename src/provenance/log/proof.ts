// Proofs that an entry is in a log (C2SP tlog-proof): they stand in files, and are verified without the log.

import { fromBase64, toBase64 } from '../../base64.ts';
import { passed, refused } from '../../failure.ts';
import type { Bytes } from '../../octets.ts';
import type { Judged } from '../contract.ts';
import { logBounds } from './bounds.ts';
import { type Checkpoint, parseCheckpoint, wholeNumber } from './checkpoint.ts';
import type { LogCode } from './codes.ts';
import { type JudgedCheckpoint, judgeCheckpoint, type LogTrust } from './judge.ts';
import { hashOctets, leafHash, verifyInclusion } from './merkle.ts';
import { textOf, utf8 } from './note.ts';

/** Where the proof of a signature in a file lies. */
export const proofFileOf = (signature: string): string => `${signature}.tlog-proof`;

const header = 'c2sp.org/tlog-proof@v1';

/** A proof as it stands in a file. Nothing of it is trusted. */
export interface LogProof {
  readonly index: number;
  /** From the sibling of the leaf upwards. */
  readonly path: readonly Bytes[];
  /** The signed note. */
  readonly checkpoint: Bytes;
}

/** A proof that was read, with its checkpoint. */
interface ReadProof extends LogProof {
  readonly read: Checkpoint;
}

/** Writes a proof. */
export const formatProof = ({ index, path, checkpoint }: LogProof): Bytes => {
  const head = utf8(`${[header, `index ${index}`, ...path.map(toBase64), ''].join('\n')}\n`);
  const octets = new Uint8Array(head.length + checkpoint.length);
  octets.set(head);
  octets.set(checkpoint, head.length);
  return octets;
};

/** Reads a proof strictly. Extra data is refused: nothing authenticates it, and entries of models need none. Never throws. */
export function parseProof(octets: Bytes): Judged<ReadProof, LogCode> {
  const malformed = (reason: string): Judged<never, LogCode> => refused('log-proof-malformed', reason);
  if (octets.length > logBounds.proof) return malformed(`${octets.length} octets; at most ${logBounds.proof} are read`);
  const text = textOf(octets);
  if (text === undefined) return malformed('not UTF-8');
  const end = text.indexOf('\n\n');
  if (end < 0) return malformed('expected an empty line before the checkpoint');
  const [first, second = '', ...hashes] = text.slice(0, end).split('\n');
  if (first !== header) return malformed(`line 1: expected ${header}`);
  if (second.startsWith('extra ')) return malformed('line 2: extra data, which nothing authenticates; expected none');
  const index = second.startsWith('index ') ? wholeNumber(second.slice('index '.length)) : undefined;
  if (index === undefined) return malformed('line 2: expected index and a whole number below 2^53');
  if (hashes.length > logBounds.path) return malformed(`${hashes.length} hashes; at most ${logBounds.path} are read`);
  const path: Bytes[] = [];
  for (const [at, line] of hashes.entries()) {
    const hash = fromBase64(line);
    if (hash?.length !== hashOctets)
      return malformed(`line ${at + 3}: expected base64 of a hash of ${hashOctets} octets`);
    path.push(hash);
  }
  const checkpoint = utf8(text.slice(end + 2));
  const read = parseCheckpoint(checkpoint);
  return read.ok ? passed({ index, path, checkpoint, read: read.value }) : read;
}

/** An entry that is in a log. */
export interface Logged extends JudgedCheckpoint {
  readonly index: number;
}

/** Verifies that an entry is in a log, by its proof and a policy, at a time. Never throws. */
export function verifyProof(octets: Bytes, entry: Bytes, trust: LogTrust): Judged<Logged, LogCode> {
  const proof = parseProof(octets);
  if (!proof.ok) return proof;
  const { index, path, read } = proof.value;
  const judged = judgeCheckpoint(read, trust);
  if (!judged.ok) return judged;
  if (!verifyInclusion(leafHash(entry), index, read.size, path, read.root))
    return refused('log-inclusion', `entry ${index} of ${read.origin} with ${read.size} entries`);
  return passed({ index, ...judged.value });
}
