// From the answers of a prover on the texts of a cell to its outcome.
import { ManifestError, type Verdict } from '../prove/model.ts';
import type { LatticeData } from '../prove/schema.ts';
import type { KindOfText } from './cellText.ts';
import type { Outcome } from './deduce.ts';
import type { Lattice } from './elements.ts';

export type RanText = LatticeData['texts'][number];

/** The kinds of text of a question, in the order in which they are run. */
export const kindsOf = ({ property }: Lattice): readonly KindOfText[] =>
  property === 'secrecy' || property === 'agreement' ? ['traces'] : ['attack', 'equivalence', 'completes'];

const answersOf = (texts: readonly RanText[], kind: KindOfText): Readonly<Record<string, Verdict>> =>
  texts.find((one) => one.kind === kind)?.answers ?? {};

/**
 * The outcome of a cell. Only a trace that was found is an attack, and only where the tested session completes does an answer
 * count. An attack on an identity is a tester that names the agent, and no other one.
 */
export function outcomeOf(lattice: Lattice, texts: readonly RanText[]): Outcome {
  const traces = answersOf(texts, 'traces');
  if (lattice.property === 'secrecy' || lattice.property === 'agreement') {
    const answer = traces['completes'] === 'false' ? traces[lattice.property] : undefined;
    return answer === 'true' ? 'safe' : answer === 'false' ? 'broken' : 'open';
  }
  const { attack, sound, completes } = answersOf(texts, 'attack');
  const isAttack = attack === 'false' && sound === 'true' && completes === 'false';
  if (isAttack) return 'broken';
  const isHidden = answersOf(texts, 'equivalence')['hiding'] === 'true';
  return isHidden && answersOf(texts, 'completes')['completes'] === 'false' ? 'safe' : 'open';
}

/** Whether a further text is run after these: none once the outcome is there, or cannot come any more. */
export function isDone(lattice: Lattice, texts: readonly RanText[]): boolean {
  if (outcomeOf(lattice, texts) !== 'open') return true;
  const hiding = answersOf(texts, 'equivalence')['hiding'];
  return hiding !== undefined && hiding !== 'true';
}

/**
 * The steps of each trace behind an answer `false`. ProVerif also prints traces of an equivalence that it then proves in a simpler
 * form: these are no attacks.
 */
export function tracesIn(output: string): number[] {
  const steps: number[] = [];
  let [counted, found] = [0, false];
  for (const line of output.split('\n')) {
    if (/^(?:new |in\(|out\(|event |insert |get )/.test(line)) counted += 1;
    found ||= line.startsWith('A trace has been found.');
    if (!line.startsWith('RESULT ')) continue;
    if (found && line.endsWith(' is false.')) steps.push(Math.max(counted, 1));
    [counted, found] = [0, false];
  }
  return steps;
}

/** @throws ManifestError where a text says `false` more often than a trace was found */
export function checkTraces(cell: string, { answers, traces }: RanText): void {
  const found = Object.values(answers).filter((one) => one === 'false').length;
  if (found === traces.length) return;
  throw new ManifestError(`${cell}: ${found} answers are false, with ${traces.length} traces`);
}
