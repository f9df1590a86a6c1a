// A trust policy over a model: whom it knows, and what it says of the signatures that were verified.
import { parseTrustAnchor } from '../../certificate/trustAnchor.ts';
import { ConfigurationError } from '../../configuration.ts';
import { checkAll, reasonOf } from '../../failure.ts';
import type { Judged, SignedEnvelope, Statement } from '../contract.ts';
import { signerSuite } from '../keys/authorities.ts';
import { verifyingKeyOf } from '../keys/schemes.ts';
import { verifyTimestampToken } from '../keys/timestamps.ts';
import type { LogCode } from '../log/codes.ts';
import { type SignerAuthorities, signerAuthorities } from '../signature/chain.ts';
import type { Integrity } from '../statement/integrity.ts';
import type { TrustCode } from '../trust/codes.ts';
import { judgeSignatures, type TrustDecision } from '../trust/judge.ts';
import type { TrustPolicy } from '../trust/policy.ts';
import type { PresentedSignature, TrustedTime } from '../trust/signatures.ts';
import { loggedBy } from './logEvidence.ts';
import type { VerifiedSignature } from './verifiedFile.ts';

/** The authorities of signers that a policy brings, if it brings any. @throws ConfigurationError for one that is none */
export function policyAuthorities({ authorityCertificates }: TrustPolicy): SignerAuthorities | undefined {
  if (authorityCertificates.length === 0) return undefined;
  const suite = signerSuite();
  const trustAnchors = checkAll(authorityCertificates, (der) => parseTrustAnchor(suite, der));
  const made = trustAnchors.ok
    ? signerAuthorities({ suite, trustAnchors: trustAnchors.value, verifyingKeyOf })
    : trustAnchors;
  if (made.ok) return made.value;
  throw new ConfigurationError(`an authority of the policy: ${reasonOf(made)}`);
}

/** Authorities of two sources: a chain counts under either. The refusal is that of the first. */
export const eitherOf = (one: SignerAuthorities, other: SignerAuthorities): SignerAuthorities => ({
  judge: (chain, time) => {
    const [first, second] = [one.judge(chain, time), other.judge(chain, time)];
    return !first.ok && second.ok ? second : first;
  },
});

/** What is known of signatures before a policy judges them. */
interface Judgeable {
  readonly statement: Statement;
  readonly integrity: Integrity;
  readonly signed: readonly VerifiedSignature[];
}

/** The times that tokens show. A token that does not verify shows none; it may be of an authority that others trust. */
const timesOf = (
  { timestampAuthorities }: TrustPolicy,
  { signature, timestamps = [] }: SignedEnvelope,
): readonly TrustedTime[] =>
  timestamps.flatMap((token) => {
    const verified = verifyTimestampToken(token, signature, timestampAuthorities);
    return verified.ok ? [verified.value] : [];
  });

/** The time by which a log had a signature, by the proof beside it. A proof that is there and does not verify is refused. */
function logTimeOf(
  { logPolicy }: TrustPolicy,
  { file, envelope }: VerifiedSignature,
): Judged<readonly TrustedTime[], LogCode> {
  if (logPolicy === undefined) return { ok: true, value: [] };
  const logged = loggedBy(logPolicy, file, envelope);
  if (!logged.ok) return logged;
  const time = logged.value?.witnessed;
  return { ok: true, value: time === undefined ? [] : [{ kind: 'log', time }] };
}

/** Verified signatures with the times that are known of them. */
export const presented = (
  policy: TrustPolicy,
  signed: readonly VerifiedSignature[],
): Judged<readonly PresentedSignature[], LogCode> =>
  checkAll(signed, (one) => {
    const logged = logTimeOf(policy, one);
    if (!logged.ok) return logged;
    return { ok: true, value: { signer: one.signer, evidence: [...timesOf(policy, one.envelope), ...logged.value] } };
  });

/** Judges who signed a model. The paths of the signatures themselves are no matter of the policy. */
export function judgeModel(
  policy: TrustPolicy,
  { statement, integrity, signed }: Judgeable,
  time: Date,
): Judged<TrustDecision, TrustCode | LogCode> {
  const signers = presented(policy, signed);
  if (!signers.ok) return signers;
  return judgeSignatures(policy, {
    subject: integrity.name,
    predicateType: statement.predicateType,
    signers: signers.value,
    requiredAlgorithms: integrity.requiredAlgorithms,
    ignoredPaths: integrity.ignoredPaths,
    time,
  });
}
