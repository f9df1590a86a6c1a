// Judges the signatures over one statement by a trust policy. The decision is made of the explanation, so that the two cannot differ.
import { timeText } from '../../time.ts';
import type { AlgorithmName, Judged } from '../contract.ts';
import { refusal, type TrustCode, trustCodes } from './codes.ts';
import type { EvidenceKind } from './document.ts';
import { inForce, lacks, type TimedPhase } from './phases.ts';
import type { PolicyRequirement, TrustPolicy } from './policy.ts';
import { findSignatures, listed, type PresentedSignature, type SignatureFinding, type Step } from './signatures.ts';

/** The most that is judged at once. */
export const judgedLimits = { signatures: 64, name: 4_096, ignoredPaths: 65_536 } as const;

/** The verified signatures over one statement, and what the statement says. */
export interface SignaturesToJudge {
  /** The name of the subject. */
  readonly subject: string;
  readonly predicateType: string;
  readonly signers: readonly PresentedSignature[];
  /** Those that the signed statement lists: a signature of each has to count. */
  readonly requiredAlgorithms?: readonly string[];
  /** Those that the signer left out. */
  readonly ignoredPaths?: readonly string[];
  /** When the signatures are judged: now. */
  readonly time: Date;
}

/** A signer that counts, and with what. */
export interface CountedSigner {
  readonly id: string;
  readonly keys: readonly string[];
  readonly algorithms: readonly AlgorithmName[];
}

/** What the policy lets through. */
export interface TrustDecision {
  readonly subject: string;
  readonly predicateType: string;
  readonly time: Date;
  readonly requirements: readonly { readonly id: string; readonly signers: readonly CountedSigner[] }[];
}

/** What became of a signer in a requirement. */
export interface SignerFinding extends CountedSigner {
  readonly counts: boolean;
  readonly steps: readonly Step[];
}

/** What became of a requirement. Of one that does not apply there are no steps. */
export interface RequirementFinding {
  readonly id: string;
  readonly applies: boolean;
  readonly holds: boolean;
  readonly signers: readonly SignerFinding[];
  readonly steps: readonly Step[];
}

/** How a decision was made. */
export interface TrustExplanation {
  readonly decision: Judged<TrustDecision, TrustCode>;
  readonly signatures: readonly SignatureFinding[];
  readonly requirements: readonly RequirementFinding[];
}

const order = new Map(Object.keys(trustCodes).map((code, at) => [code, at]));
const rank = (code: TrustCode): number => order.get(code) ?? 0;

/** The refusal of the signature that came furthest: the later its code stands in the table, the less far it came. */
const furthest = (steps: readonly Step[]): Step | undefined =>
  steps.reduce<Step | undefined>(
    (best, one) =>
      one.code !== undefined && (best?.code === undefined || rank(one.code) < rank(best.code)) ? one : best,
    undefined,
  );

const evidenceCodes = { log: 'log-proof-missing', timestamp: 'timestamp-missing' } as const;

/** The step at which a requirement stops a signature that counts on its own. */
function stopped({ signers, evidence }: PolicyRequirement, { id = '', signature }: SignatureFinding): Step | undefined {
  if (!signers.includes(id))
    return { check: 'among signers', holds: false, expected: listed(signers), found: id, code: 'not-among-signers' };
  const kinds = (signature.evidence ?? []).map(({ kind }) => kind);
  const missing = evidence.find((kind: EvidenceKind) => !kinds.includes(kind));
  if (missing === undefined) return undefined;
  const expected = `${listed(evidence)} for the signature of ${id}`;
  return { check: 'evidence', holds: false, expected, found: listed(kinds), code: evidenceCodes[missing] };
}

/** A signature that does not count, and the step that stopped it. */
interface Excluded {
  readonly finding: SignatureFinding;
  readonly step: Step;
}

/** Why a signature does not count with which a phase would lack less: one of this signer, or of nobody that the policy knows. */
const exclusion = (
  id: string,
  phase: TimedPhase,
  algorithms: readonly AlgorithmName[],
  excluded: readonly Excluded[],
): Step | undefined =>
  furthest(
    excluded
      .filter(({ finding }) => (finding.id ?? id) === id)
      .filter(({ finding: { signature } }) => {
        const code = lacks(phase, [...algorithms, signature.signer.algorithm]);
        return code === undefined || code !== lacks(phase, algorithms);
      })
      .map(({ step }) => step),
  );

/** Whether the signatures of one signer are enough in the phases that are in force. */
function signerFinding(
  id: string,
  of: readonly SignatureFinding[],
  phases: readonly TimedPhase[],
  excluded: readonly Excluded[],
): SignerFinding {
  const algorithms = [...new Set(of.map(({ signature }) => signature.signer.algorithm))];
  const keys = [...new Set(of.map(({ signature }) => signature.signer.key))];
  const steps = phases.map((phase): Step => {
    const code = lacks(phase, algorithms);
    const found = `${id} with ${listed(algorithms)}`;
    const step = { check: 'phase', expected: phase.text };
    if (code === undefined) return { ...step, holds: true, found };
    // A signature that is there and does not count says more than the phase, which only lacks it.
    const why = exclusion(id, phase, algorithms, excluded);
    return why === undefined
      ? { ...step, holds: false, found, code }
      : { ...step, holds: false, found: `${found}; ${why.check}: ${why.found}`, code: why.code ?? code };
  });
  return { id, keys, algorithms, steps, counts: steps.every(({ holds }) => holds) };
}

interface Counting {
  readonly signers: readonly SignerFinding[];
  /** Everything that stopped a signature or a signer. */
  readonly against: readonly Step[];
}

function count(
  requirement: PolicyRequirement,
  findings: readonly SignatureFinding[],
  phases: readonly TimedPhase[],
): Counting {
  const bySigner = new Map<string, SignatureFinding[]>();
  const excluded: Excluded[] = [];
  for (const finding of findings) {
    const step = finding.refused ?? stopped(requirement, finding);
    if (step !== undefined) excluded.push({ finding, step });
    else bySigner.set(finding.id ?? '', [...(bySigner.get(finding.id ?? '') ?? []), finding]);
  }
  const signers = [...bySigner].map(([id, of]) => signerFinding(id, of, phases, excluded));
  const against = excluded.map(({ step }) => step);
  return { signers, against: [...against, ...signers.flatMap(({ steps }) => steps.filter(({ holds }) => !holds))] };
}

function enough({ threshold, signers: of }: PolicyRequirement, { signers, against }: Counting): Step {
  const counted = signers.filter(({ counts }) => counts).map(({ id }) => id);
  const expected = `${threshold} of ${listed(of)}`;
  const found = `${counted.length}: ${listed(counted)}`;
  if (counted.length >= threshold) return { check: 'signers', holds: true, expected, found };
  const why = furthest(against);
  if (why?.code === undefined) return { check: 'signers', holds: false, expected, found, code: 'too-few-signers' };
  const because = `${why.check}: expected ${why.expected}, found ${why.found}`;
  return { check: 'signers', holds: false, expected, found: `${found}; ${because}`, code: why.code };
}

/** Whether a signature of each algorithm counts that the statement requires. */
function* algorithmSteps(
  { signers }: Counting,
  findings: readonly SignatureFinding[],
  required: readonly string[],
): Iterable<Step> {
  const counted = new Set<string>(signers.filter(({ counts }) => counts).flatMap(({ algorithms }) => algorithms));
  for (const name of required) {
    const step = { check: 'required algorithm', expected: name, found: listed([...counted]) };
    const refused = furthest(
      findings.flatMap((one) => (one.signature.signer.algorithm === name ? (one.refused ?? []) : [])),
    );
    if (counted.has(name)) yield { ...step, holds: true };
    else if (refused?.code === undefined) yield { ...step, holds: false, code: 'required-algorithm-missing' };
    else yield { ...step, holds: false, found: `${step.found}; ${refused.found}`, code: refused.code };
  }
}

function ignoredStep({ ignoredPaths }: PolicyRequirement, ignored: readonly string[]): Step {
  const expected = `none but ${listed(ignoredPaths.texts)}`;
  const wrong = ignored.find((path) => !ignoredPaths.matches(path));
  return wrong === undefined
    ? { check: 'ignored paths', holds: true, expected, found: listed(ignored) }
    : { check: 'ignored paths', holds: false, expected, found: wrong, code: 'ignored-path-not-allowed' };
}

function requirementFinding(
  requirement: PolicyRequirement,
  asked: SignaturesToJudge,
  findings: readonly SignatureFinding[],
): RequirementFinding {
  const { id, subjects, predicateTypes } = requirement;
  const applies = subjects.matches(asked.subject) && predicateTypes.matches(asked.predicateType);
  if (!applies) return { id, applies, holds: true, signers: [], steps: [] };
  const phases = inForce(requirement.phases, asked.time);
  const steps: Step[] = [ignoredStep(requirement, asked.ignoredPaths ?? [])];
  const texts = requirement.phases.map(({ text }) => text);
  if (phases.length === 0) {
    const found = Number.isNaN(asked.time.getTime()) ? 'an invalid time' : timeText(asked.time);
    steps.push({ check: 'phase', holds: false, expected: listed(texts), found, code: 'no-phase-in-force' });
    return { id, applies, holds: false, signers: [], steps };
  }
  steps.push({ check: 'phase', holds: true, expected: listed(texts), found: listed(phases.map(({ text }) => text)) });
  const counting = count(requirement, findings, phases);
  steps.push(enough(requirement, counting), ...algorithmSteps(counting, findings, asked.requiredAlgorithms ?? []));
  return { id, applies, holds: steps.every(({ holds }) => holds), signers: counting.signers, steps };
}

/** What is refused before anything is looked at. */
function refusedAtOnce({
  subject,
  predicateType,
  signers,
  ignoredPaths = [],
  requiredAlgorithms = [],
}: SignaturesToJudge) {
  const { signatures, name, ignoredPaths: most } = judgedLimits;
  if (signers.length > signatures)
    return refusal('too-many-signatures', `found ${signers.length}, at most ${signatures} are judged`);
  if ([subject, predicateType, ...ignoredPaths].some(({ length }) => length > name))
    return refusal('name-too-long', `a name of more than ${name} characters`);
  if (ignoredPaths.length > most)
    return refusal(
      'ignored-path-not-allowed',
      `found ${ignoredPaths.length} ignored paths, at most ${most} are judged`,
    );
  if (signers.length === 0) return refusal('no-signatures', `no signature over ${subject}`);
  const missing = requiredAlgorithms.find((one) => !signers.some(({ signer }) => signer.algorithm === one));
  return missing === undefined
    ? undefined
    : refusal('required-algorithm-missing', `the statement requires a signature of ${missing}, and there is none`);
}

function decided(asked: SignaturesToJudge, requirements: readonly RequirementFinding[]): TrustExplanation['decision'] {
  const { subject, predicateType, time } = asked;
  const applying = requirements.filter(({ applies }) => applies);
  if (applying.length === 0)
    return refusal('no-requirement', `no requirement is about ${predicateType} about ${subject}`);
  for (const { id, steps } of applying) {
    const step = steps.find(({ holds }) => !holds);
    if (step?.code !== undefined)
      return refusal(step.code, `requirement ${id}: ${step.check}: expected ${step.expected}, found ${step.found}`);
  }
  const counted = ({ id, keys, algorithms }: SignerFinding): CountedSigner => ({ id, keys, algorithms });
  return {
    ok: true,
    value: {
      subject,
      predicateType,
      time,
      requirements: applying.map(({ id, signers }) => ({
        id,
        signers: signers.filter(({ counts }) => counts).map(counted),
      })),
    },
  };
}

/** Judges signatures, and says step by step how: which requirement applies, which signer counts or why not. Never throws. */
export function explainTrust(policy: TrustPolicy, asked: SignaturesToJudge): TrustExplanation {
  const refused = refusedAtOnce(asked);
  if (refused?.code === 'too-many-signatures' || refused?.code === 'name-too-long')
    return { decision: refused, signatures: [], requirements: [] };
  const signatures = findSignatures(policy, asked.signers, asked);
  const requirements = policy.requirements.map((one) => requirementFinding(one, asked, signatures));
  return { decision: refused ?? decided(asked, requirements), signatures, requirements };
}

/**
 * Judges the verified signatures over one statement. All requirements have to hold that are about its subject and predicate type, and
 * there has to be one. The order of rules and of signatures changes nothing. Never throws.
 */
export const judgeSignatures = (policy: TrustPolicy, asked: SignaturesToJudge): Judged<TrustDecision, TrustCode> =>
  explainTrust(policy, asked).decision;
