// A trust policy over a model: whom it knows, and what it says of the signatures that were verified.
import { parseTrustAnchor } from '../../certificate/trustAnchor.ts';
import { ConfigurationError } from '../../configuration.ts';
import { checkAll, reasonOf } from '../../failure.ts';
import type { Judged, Statement } from '../contract.ts';
import { signerSuite } from '../keys/authorities.ts';
import { verifyingKeyOf } from '../keys/schemes.ts';
import { verifyTimestampToken } from '../keys/timestamps.ts';
import { type SignerAuthorities, signerAuthorities } from '../signature/chain.ts';
import type { Integrity } from '../statement/integrity.ts';
import type { TrustCode } from '../trust/codes.ts';
import { judgeSignatures, type TrustDecision } from '../trust/judge.ts';
import type { TrustPolicy } from '../trust/policy.ts';
import type { TrustedTime } from '../trust/signatures.ts';
import type { VerifiedSignature } from './verifiedSignature.ts';

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

/** Times of a signature that others trust, such as that of a proof of a log. */
export type EvidenceOf = (signature: VerifiedSignature) => readonly TrustedTime[];

/** What is known of signatures before a policy judges them. */
interface Judgeable {
  readonly statement: Statement;
  readonly integrity: Integrity;
  readonly signed: readonly VerifiedSignature[];
}

/** The times of tokens by authorities of the policy. Others say nothing. */
const timesOf = (
  { timestampAuthorities }: TrustPolicy,
  { signature, timestamps }: VerifiedSignature,
): readonly TrustedTime[] =>
  timestamps.flatMap((token) => {
    const verified = verifyTimestampToken(token, signature, timestampAuthorities);
    return verified.ok ? [verified.value] : [];
  });

/** Judges who signed a model. The paths of the signatures themselves are no matter of the policy. */
export function judgeModel(
  policy: TrustPolicy,
  { statement, integrity, signed }: Judgeable,
  time: Date,
  evidence: EvidenceOf = () => [],
): Judged<TrustDecision, TrustCode> {
  return judgeSignatures(policy, {
    subject: integrity.name,
    predicateType: statement.predicateType,
    signers: signed.map((one) => ({ signer: one.signer, evidence: [...timesOf(policy, one), ...evidence(one)] })),
    requiredAlgorithms: integrity.requiredAlgorithms,
    ignoredPaths: integrity.ignoredPaths,
    time,
  });
}
