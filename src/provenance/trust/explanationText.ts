// An explanation in lines, for people.
import { timeText } from '../../time.ts';
import type { RequirementFinding, SignerFinding, TrustExplanation } from './judge.ts';
import type { SignatureFinding, Step } from './signatures.ts';

const shownStep = ({ check, holds, expected, found, code }: Step): string =>
  holds ? `${check}: ${found}` : `${check}: expected ${expected}; found ${found} (${code})`;

function signatureLines({ signature, id, steps, refused }: SignatureFinding): string[] {
  const { name, algorithm } = signature.signer;
  const times = (signature.evidence ?? []).map(({ kind, time }) => `${kind} of ${timeText(time)}`);
  const told = times.length === 0 ? '' : `, ${times.join(', ')}`;
  const head = `signature of ${name}, ${algorithm}${told}: ${refused === undefined ? `is that of ${id}` : 'does not count'}`;
  return [head, ...steps.map((step) => `  ${shownStep(step)}`)];
}

const signerLines = ({ id, counts, steps }: SignerFinding): string[] =>
  counts
    ? []
    : [`  ${id} does not count`, ...steps.filter(({ holds }) => !holds).map((step) => `    ${shownStep(step)}`)];

const requirementLines = ({ id, applies, holds, signers, steps }: RequirementFinding): string[] =>
  applies
    ? [
        `requirement ${id}: ${holds ? 'holds' : 'does not hold'}`,
        ...steps.map((step) => `  ${shownStep(step)}`),
        ...signers.flatMap(signerLines),
      ]
    : [`requirement ${id}: is not about this`];

/** The lines of an explanation: the decision, what became of each signature, what became of each requirement. */
export function explanationLines({ decision, signatures, requirements }: TrustExplanation): readonly string[] {
  const first = decision.ok
    ? `trusted: ${decision.value.requirements.map(({ id }) => id).join(', ')}`
    : `refused: ${decision.code}: ${decision.detail ?? decision.code}`;
  return [first, ...signatures.flatMap(signatureLines), ...requirements.flatMap(requirementLines)];
}
