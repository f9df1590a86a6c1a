// The bounds of CryptoVerif's proofs: each is recorded, compared with that of its query block, and must bound something.
import { blankComments } from './blocks.ts';
import type { Query, Told } from './model.ts';
import { BoundError, isProbability, readBound, refusal, written } from './probability.ts';

/** A bound as one text; a text that cannot be read stays as it is, to be refused. */
export function plainBound(text: string): string {
  try {
    return written(readBound(text));
  } catch (error) {
    if (error instanceof BoundError) return text;
    throw error;
  }
}

/** The reason why a proof of a query does not count; undefined when it does. */
function boundProblem({ bound: expected }: Query, bound: string | undefined): string | undefined {
  const refused = refusal(bound);
  if (refused !== undefined || bound === undefined || expected === undefined) return refused;
  const [found, stated] = [bound, expected].map(plainBound);
  return found === stated ? undefined : `the bound is ${found}; the query block says ${stated}`;
}

/**
 * What CryptoVerif told of a query, where its bound was looked at: a proof without a bound, with one that bounds nothing, or with another one
 * than the query block says, is an error. A twin that is proved has failed already, whatever its bound.
 */
export function withBound(query: Query, told: Told): Told {
  if (told.verdict !== 'true' || query.reachability) return told;
  const problem = boundProblem(query, told.bound);
  return problem === undefined ? told : { id: told.id, verdict: 'error', detail: problem };
}

/** `a, b, c` of each `WORD a, b, c.` */
const declared = (text: string, word: string): string[] =>
  text.split('.').flatMap((declaration) => {
    const words = declaration.trim().split(/\s+/);
    const at = words.indexOf(word);
    if (at < 0) return [];
    return words
      .slice(at + 1)
      .join(' ')
      .split(',')
      .map((name) => name.trim().split(' ', 1)[0] ?? '');
  });

/** What stands between `<=(` and `)=>`, for each of them. */
const stepsIn = (text: string): string[] =>
  text
    .split('<=(')
    .slice(1)
    .flatMap((rest) => (rest.includes(')=>') ? [(rest.split(')=>', 1)[0] ?? '').trim()] : []));

/** Assumptions of a CryptoVerif text whose probability bounds nothing, and names that would hide it. */
export function assumptionProblems(text: string): string[] {
  const plain = blankComments(text);
  const stated = stepsIn(plain).filter((bound) => bound !== '?');
  const unnamed = declared(plain, 'proba').filter((name) => !isProbability(name));
  const disguised = declared(plain, 'param').filter(isProbability);
  return [
    ...stated.flatMap((bound) => {
      const refused = refusal(bound);
      return refused === undefined ? [] : [`an assumption <=(${bound})=>: ${refused}`];
    }),
    ...(/\bletproba\b/.test(plain)
      ? ['letproba gives a probability a value: expected proba, which leaves it open']
      : []),
    ...unnamed.map((name) => `proba ${name}: expected a name that begins with P`),
    ...disguised.map((name) => `param ${name}: expected a name that does not begin with P, as probabilities do`),
  ];
}
