// Whether a checkpoint is valid by a policy: signed by a log of it, and cosigned by its quorum of witnesses.
import { passed, refused } from '../../failure.ts';
import type { Judged } from '../contract.ts';
import { type Checkpoint, parseCheckpoint } from './checkpoint.ts';
import type { LogCode } from './codes.ts';
import { type Signed, verifySignatures } from './cosignature.ts';
import { describeKey, type NoteKey, type NoteSchemes } from './keys.ts';
import { type LogPolicy, quorumReached } from './policy.ts';

/** What judges checkpoints. */
export interface LogTrust {
  readonly policy: LogPolicy;
  readonly schemes: NoteSchemes;
  /** The time of the judgement. */
  readonly time: Date;
}

/** A witness that has cosigned, and when. */
export interface Cosigned {
  readonly name: string;
  readonly type: NoteKey['type'];
  readonly time: Date;
}

/** A checkpoint that is valid by a policy. */
export interface JudgedCheckpoint {
  readonly checkpoint: Checkpoint;
  readonly witnesses: readonly Cosigned[];
  /** When the quorum had cosigned: what was in the tree was there by then. Absent without a quorum. */
  readonly witnessed?: Date;
}

/** Seconds by which the clock of a witness may be ahead. */
const mostAhead = 300;

/** The signatures that count as those of witnesses: with a time, which is not in the future. */
const counted = (signed: Signed, keys: readonly NoteKey[], time: Date): Map<NoteKey, number> =>
  new Map([...signed].filter(([key, at]) => keys.includes(key) && at > 0 && at <= time.getTime() / 1000 + mostAhead));

function tooFew(signed: Signed, times: ReadonlyMap<NoteKey, number>): Judged<never, LogCode> {
  const others = [...signed.keys()].filter((key) => !times.has(key)).map(describeKey);
  const notCounted = others.length === 0 ? '' : `; without a time, or with one in the future: ${others.join(', ')}`;
  return refused(
    'log-quorum',
    `cosigned by ${[...times.keys()].map(describeKey).join(', ') || 'no witness of the policy'}${notCounted}`,
  );
}

/** Judges a checkpoint that was read. Never throws. */
export function judgeCheckpoint(
  checkpoint: Checkpoint,
  { policy, schemes, time }: LogTrust,
): Judged<JudgedCheckpoint, LogCode> {
  const { origin } = checkpoint;
  const logKeys = policy.logs.map(({ key }) => key).filter(({ name }) => name === origin);
  if (logKeys.length === 0)
    return refused(
      'log-unsigned',
      `${origin}: no origin of a log of the policy; these are ${policy.logs.map(({ key }) => key.name).join(', ') || 'none'}`,
    );
  const witnessKeys = policy.witnesses.map(({ key }) => key);
  const byLog = verifySignatures(schemes, checkpoint, logKeys);
  if (!byLog.ok) return byLog;
  if (byLog.value.size === 0)
    return refused('log-unsigned', `${origin}: no signature of ${logKeys.map(describeKey).join(', ')}`);
  const byWitnesses = verifySignatures(schemes, checkpoint, witnessKeys);
  if (!byWitnesses.ok) return byWitnesses;
  const times = counted(byWitnesses.value, witnessKeys, time);
  const reached = quorumReached(policy.quorum, times);
  if (reached === undefined) return tooFew(byWitnesses.value, times);
  const witnesses = [...times].map(([{ name, type }, at]) => ({ name, type, time: new Date(1000 * at) }));
  return passed({ checkpoint, witnesses, ...(reached > 0 && { witnessed: new Date(1000 * reached) }) });
}

/** Reads a checkpoint and judges it. Never throws. */
export function readValidCheckpoint(octets: Uint8Array, trust: LogTrust): Judged<JudgedCheckpoint, LogCode> {
  const checkpoint = parseCheckpoint(octets);
  return checkpoint.ok ? judgeCheckpoint(checkpoint.value, trust) : checkpoint;
}
