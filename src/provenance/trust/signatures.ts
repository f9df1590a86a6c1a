// One signature by a policy: whose it is, whether that signer may make it, and whether its key counts. Each step is kept, for explanations.
import { assertedBy, reaches, shownAssurance } from '../../assurance.ts';
import { comparable } from '../../pattern.ts';
import { timeText } from '../../time.ts';
import type { Signer } from '../contract.ts';
import type { TrustCode } from './codes.ts';
import type { Earlier, EvidenceKind } from './document.ts';
import { revokedBefore } from './history.ts';
import type { PolicySigner, TrustPolicy } from './policy.ts';

/** A time at which a signature was there, by somebody who is trusted for it. */
export interface TrustedTime {
  /** `log`: the entry of a transparency log, by its cosignatures. `timestamp`: an RFC 3161 token over the signature. */
  readonly kind: EvidenceKind;
  readonly time: Date;
}

/** A signature that was verified, and what is known of its time. */
export interface PresentedSignature {
  readonly signer: Signer;
  readonly evidence?: readonly TrustedTime[];
}

/** One question of a policy, and how it was answered. */
export interface Step {
  readonly check: string;
  readonly holds: boolean;
  readonly expected: string;
  readonly found: string;
  /** Why it does not hold. */
  readonly code?: TrustCode;
}

/** What a policy says of a signature on its own, whatever is required. */
export interface SignatureFinding {
  readonly signature: PresentedSignature;
  /** The signer of the policy, if it is one. */
  readonly id?: string;
  readonly steps: readonly Step[];
  /** The step that does not hold: the last one. */
  readonly refused?: Step & { readonly code: TrustCode };
}

/** What is asked about all signatures. */
export interface Asked {
  readonly subject: string;
  readonly predicateType: string;
  readonly time: Date;
}

/** Lists for people, cut where they are long. */
export const listed = (texts: readonly string[]): string =>
  texts.length <= 4 ? texts.join(', ') || 'none' : `${texts.slice(0, 3).join(', ')} and ${texts.length - 3} more`;

const holds = (check: string, expected: string, found: string): Step => ({ check, holds: true, expected, found });
const fails = (check: string, code: TrustCode, expected: string, found: string): Step => ({
  check,
  holds: false,
  expected,
  found,
  code,
});

/** The signers of the policy that have the key, or a key before it. */
function byKey({ signerOfKey, history }: TrustPolicy, key: string): readonly string[] {
  const line = [key, ...history.before(key)];
  return [...new Set(line.flatMap((one) => signerOfKey.get(one) ?? []))];
}

const named = ({ names }: PolicySigner, { certificate }: Signer): boolean =>
  names !== undefined && certificate?.names.some((name) => names.matches(comparable(name))) === true;

/** A signature under several trust anchors is that of a signer only where it permits all of them. */
const isCertified = ({ authorities }: PolicySigner, { certificate }: Signer): boolean => {
  const of = certificate?.authorities ?? [];
  return authorities !== undefined && of.length > 0 && of.every((one) => authorities.matches(comparable(one)));
};

const shownSigner = ({ key, certificate }: Signer): string =>
  certificate === undefined
    ? `the key ${key}`
    : `${listed(certificate.names)} under ${listed(certificate.authorities)}`;

/** Whose signature it is. */
function identified(policy: TrustPolicy, signer: Signer): { readonly step: Step; readonly id?: string } {
  const [check, found] = ['signer', shownSigner(signer)];
  const certified = policy.signers.filter((one) => named(one, signer));
  const ids = new Set([
    ...byKey(policy, signer.key),
    ...certified.filter((one) => isCertified(one, signer)).map(({ id }) => id),
  ]);
  const [id, ...others] = ids;
  if (id !== undefined && others.length > 0)
    return { step: fails(check, 'ambiguous-signer', 'one signer of the policy', `${found}: ${listed([...ids])}`) };
  if (id !== undefined) return { id, step: holds(check, 'one signer of the policy', `${found}: ${id}`) };
  const [other] = certified;
  if (other === undefined) return { step: fails(check, 'unlisted-signer', 'one signer of the policy', found) };
  const authorities = listed(other.document.authorities ?? []);
  return { step: fails(check, 'wrong-authority', `${other.id} under ${authorities}`, found) };
}

function* assured(policy: TrustPolicy, { document }: PolicySigner, { key, certificate }: Signer): Iterable<Step> {
  const least = document.assurance;
  // A key that the policy lists needs nobody who asserts anything.
  if (least === undefined || byKey(policy, key).length > 0) return;
  const found = assertedBy(policy.asserted, certificate?.authorities ?? []);
  const [expected, shown] = [`at least ${shownAssurance(least)}`, shownAssurance(found)];
  yield reaches(found, least)
    ? holds('assurance', expected, shown)
    : fails('assurance', 'assurance-too-low', expected, shown);
}

function permitted({ maySign, document }: PolicySigner, { subject, predicateType }: Asked): Step {
  const found = `${predicateType} about ${subject}`;
  const expected = document.maySign
    .map(({ subjects, predicateTypes }) => `${listed(predicateTypes)} about ${listed(subjects)}`)
    .join('; ');
  const about = maySign.filter(({ subjects }) => subjects.matches(subject));
  if (about.length === 0) return fails('may sign', 'subject-not-permitted', expected, found);
  return about.some(({ predicateTypes }) => predicateTypes.matches(predicateType))
    ? holds('may sign', expected, found)
    : fails('may sign', 'predicate-type-not-permitted', expected, found);
}

function* introduced(policy: TrustPolicy, { key }: Signer, { time }: Asked): Iterable<Step> {
  const { history, signerOfKey } = policy;
  const introduction = history.introductionOf(key);
  // A key that the policy lists itself needs nobody who introduces it.
  if (introduction === undefined || signerOfKey.has(key)) return;
  const [check, since] = ['succession', `the key ${key} takes its place at ${timeText(introduction.from)}`];
  if (introduction.from > time)
    return yield fails(check, 'key-not-yet-valid', `a key that has its place at ${timeText(time)}`, since);
  const revoked = revokedBefore(history, key, (one) => signerOfKey.has(one), time);
  if (revoked !== undefined) {
    const found = `the key ${revoked.key}, revoked (${revoked.reason}) from ${timeText(revoked.from)}`;
    return yield fails(check, 'succession-by-revoked-key', 'introduced by keys that count', found);
  }
  yield holds(check, `a key that has its place at ${timeText(time)}`, since);
}

const isValid = (time: Date): boolean => !Number.isNaN(time.getTime());

/** The earliest time that is trusted. */
function trustedTime({ document }: TrustPolicy, { evidence = [] }: PresentedSignature): TrustedTime | undefined {
  const kinds = document.earlierSignatures?.trustedTimes ?? ['log', 'timestamp'];
  return evidence
    .filter(({ kind, time }) => kinds.includes(kind) && isValid(time))
    .reduce<TrustedTime | undefined>((first, one) => (first && first.time <= one.time ? first : one), undefined);
}

interface End {
  readonly what: 'rotated' | 'revoked';
  readonly from: Date;
  readonly found: string;
}

/** Whether a signature is from before the end of its key, and counts for it. */
function beforeEnd(rule: Earlier, { what, from, found }: End, trusted: TrustedTime | undefined): Step {
  const check = what === 'rotated' ? 'key not rotated' : 'key not revoked';
  const [late, unknown] = [`key-${what}`, `key-${what}-time-unknown`] as const;
  const told = trusted === undefined ? found : `${found}; ${trusted.kind} of ${timeText(trusted.time)}`;
  if (rule === 'never') return fails(check, late, `no signature of a key that is ${what}`, told);
  const expected = `a trusted time before ${timeText(from)}`;
  if (trusted !== undefined)
    return trusted.time < from ? holds(check, expected, told) : fails(check, late, expected, told);
  return rule === 'always'
    ? holds(check, `${expected}, or none`, `${told}; no trusted time`)
    : fails(check, unknown, expected, `${told}; no trusted time`);
}

function* unended(policy: TrustPolicy, signature: PresentedSignature, { time }: Asked): Iterable<Step> {
  const { history, document } = policy;
  const { key } = signature.signer;
  const trusted = trustedTime(policy, signature);
  const revocation = history.revocationOf(key);
  if (revocation !== undefined && revocation.from <= time) {
    const { from, reason } = revocation;
    const found = `the key ${key} is revoked (${reason}) from ${timeText(from)}`;
    const rule = document.earlierSignatures?.revoked ?? 'with-trusted-time';
    yield beforeEnd(rule, { what: 'revoked', from, found }, trusted);
  }
  const succession = history.successionOf(key);
  if (succession !== undefined && succession.from <= time) {
    const { from, newKey } = succession;
    const found = `the key ${newKey} takes the place of ${key} at ${timeText(from)}`;
    const rule = document.earlierSignatures?.rotated ?? 'with-trusted-time';
    yield beforeEnd(rule, { what: 'rotated', from, found }, trusted);
  }
}

function* stepsOf(policy: TrustPolicy, one: PolicySigner, signature: PresentedSignature, asked: Asked): Iterable<Step> {
  yield* assured(policy, one, signature.signer);
  yield permitted(one, asked);
  yield* introduced(policy, signature.signer, asked);
  yield* unended(policy, signature, asked);
}

function findingOf(policy: TrustPolicy, signature: PresentedSignature, asked: Asked): SignatureFinding {
  const { id, step } = identified(policy, signature.signer);
  const signer = policy.signers.find((one) => one.id === id);
  const steps = [step];
  if (signer !== undefined)
    for (const one of stepsOf(policy, signer, signature, asked)) {
      steps.push(one);
      if (!one.holds) break;
    }
  return finding(signature, steps, id);
}

function finding(signature: PresentedSignature, steps: readonly Step[], id?: string): SignatureFinding {
  const last = steps.at(-1);
  const refused = last?.code === undefined ? undefined : { ...last, code: last.code };
  return { signature, steps, ...(id !== undefined && { id }), ...(refused && { refused }) };
}

/** The first key of the line of a key: who holds both is one. */
const firstKey = ({ history }: TrustPolicy, { signature }: SignatureFinding): string =>
  history.before(signature.signer.key).at(-1) ?? signature.signer.key;

/**
 * Judges signatures one by one. The steps of each end with the first that does not hold. One key under the names of two signers is one
 * holder, who would count twice: it counts for neither.
 */
export function findSignatures(
  policy: TrustPolicy,
  signatures: readonly PresentedSignature[],
  asked: Asked,
): readonly SignatureFinding[] {
  const findings = signatures.map((one) => findingOf(policy, one, asked));
  const owners = new Map<string, Set<string>>();
  for (const one of findings)
    if (one.id !== undefined) {
      const first = firstKey(policy, one);
      owners.set(first, (owners.get(first) ?? new Set()).add(one.id));
    }
  return findings.map((one) => {
    const ids = [...(owners.get(firstKey(policy, one)) ?? [])];
    if (one.refused !== undefined || ids.length < 2) return one;
    const step = fails('holder', 'ambiguous-signer', 'a key of one signer', `one key as ${listed(ids)}`);
    return finding(one.signature, [...one.steps, step], one.id);
  });
}
