// The tables of models/kem-binding.md: which notion of binding each theory of the KEM has, and what a session key binds under it.
import { table } from '../spec/text.ts';
import { code, modelLink } from './links.ts';
import type { Asked } from './models.ts';

/** The notions P-Q of X-BIND-P-Q, by the query that asks whether one is broken. */
const notions = {
  'bind-k-pk': 'K-PK',
  'bind-k-ct': 'K-CT',
  'bind-k-ct-pk': 'K,CT-PK',
  'bind-k-pk-ct': 'K,PK-CT',
  'bind-ct-pk': 'CT-PK',
  'bind-ct-k': 'CT-K',
  'bind-pk-ct-k': 'PK,CT-K',
} as const;

/** From the weakest adversary to the strongest. */
const adversaries = ['hon', 'leak', 'mal'] as const;

/** What two peers agree on that complete with one key, one message at a time. */
const bound = ['pk_e', 'ct_e', 'pk_r', 'ct_i', 'pk_i', 'ct_r'] as const;

const unique = (values: readonly string[]): string[] => [...new Set(values)];

const verdictIn = (asked: readonly Asked[], id: string, query: string): string | undefined =>
  asked.find((one) => one.id === id && one.query.id === query)?.verdict;

const gameOf = (theory: string, adversary: string): string => `binding-game.${theory}.${adversary}`;

/** The theories that are played with, in the order of the manifest. */
const theoriesOf = (asked: readonly Asked[]): string[] =>
  unique(asked.flatMap(({ id }) => /^binding-game\.(.*)\.hon$/.exec(id)?.[1] ?? []));

/** The strongest adversary against which a notion holds, as every prover's answer up to it says. */
function strongest(asked: readonly Asked[], theory: string, query: string): string {
  const verdicts = adversaries.map((adversary) => verdictIn(asked, gameOf(theory, adversary), query));
  if (verdicts.includes(undefined)) return 'not recorded';
  const broken = verdicts.findIndex((verdict) => verdict !== 'true');
  if (broken === 0) return 'none';
  return (adversaries[broken < 0 ? adversaries.length - 1 : broken - 1] ?? 'none').toUpperCase();
}

const notionRows = (asked: readonly Asked[]): string[][] =>
  theoriesOf(asked).map((theory) => [
    modelLink(gameOf(theory, 'hon')).replace(code(gameOf(theory, 'hon')), code(`kem-${theory}`)),
    ...Object.keys(notions).map((query) => strongest(asked, theory, query)),
  ]);

const told: Readonly<Record<string, string>> = { true: 'yes', false: '**no**' };
const tell = (verdict: string | undefined): string => (verdict === undefined ? '' : (told[verdict] ?? verdict));

/** What a session key binds, by theory: as the protocol is, and without any transcript. */
function boundRows(asked: readonly Asked[]): string[][] {
  const theories = theoriesOf(asked).filter((theory) => asked.some(({ id }) => id === `key-binding.${theory}`));
  return theories.map((theory) => {
    const base = `key-binding.${theory}`;
    const without = bound.map((name) =>
      tell(verdictIn(asked, `${base}@mutants.no-transcript`, `same-key-same-${name}`)),
    );
    return [
      modelLink(base).replace(code(base), code(`kem-${theory}`)),
      tell(verdictIn(asked, base, 'same-key-same-session')),
      tell(verdictIn(asked, base, 'same-session-same-key')),
      ...without,
    ];
  });
}

/** The tables, by the name of their marker. */
export const bindingTables = (asked: readonly Asked[]): Readonly<Record<string, string>> => ({
  notions: table(['theory', ...Object.values(notions)], notionRows(asked)),
  bound: table(
    ['theory', 'the session', 'one key of a session', ...bound.map((name) => `without transcript: ${code(name)}`)],
    boundRows(asked),
  ),
});
