// The proofs of transparency logs beside signatures: whether they are there, and what they show.
import { existsSync } from 'node:fs';
import { readBounded } from '../../node/files/files.ts';
import type { Judged, SignedEnvelope } from '../contract.ts';
import { logBounds } from '../log/bounds.ts';
import type { LogCode } from '../log/codes.ts';
import { entryOf } from '../log/entry.ts';
import type { LogPolicy } from '../log/policy.ts';
import { type Logged, proofFileOf, verifyProof } from '../log/proof.ts';
import { noteSchemes } from './logKeys.ts';

/** A signature that a log has. */
export interface LoggedSignature extends Logged {
  /** The file of the signature. */
  readonly file: string;
}

/**
 * What the proof beside the file of a signature shows by a policy of logs, now; `undefined` when there is no proof. A refusal names the
 * file of the proof. @throws ConfigurationError for a proof that cannot be read
 */
export function loggedBy(
  policy: LogPolicy,
  file: string,
  envelope: SignedEnvelope,
): Judged<LoggedSignature | undefined, LogCode> {
  const path = proofFileOf(file);
  if (!existsSync(path)) return { ok: true, value: undefined };
  const entry = entryOf(envelope);
  if (!entry.ok) return { ...entry, path: file };
  const proof = readBounded(path, logBounds.proof);
  const logged = verifyProof(new Uint8Array(proof), entry.value, { policy, schemes: noteSchemes(), time: new Date() });
  return logged.ok ? { ok: true, value: { ...logged.value, file } } : { ...logged, path };
}
