// The tables of spec/proposals.md: what each proposal changes, what it costs on the wire, what provers say before and after, its text.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { toNotation } from '../spec/formula.ts';
import type { ProposalSpec, ProposedFormula, Spec } from '../spec/spec.ts';
import { table } from '../spec/text.ts';

interface Vectors {
  readonly cases: readonly { readonly id: string; readonly messages: readonly { readonly octets: string }[] }[];
}

const octetsIn = (file: string, id: string): number => {
  const { cases } = JSON.parse(readFileSync(file, 'utf8')) as Vectors;
  const found = cases.find((one) => one.id === id);
  if (found === undefined) throw new Error(`${file} has no ${id}`);
  return found.messages.reduce((sum, { octets }) => sum + octets.length / 2, 0);
};

/** Octets on the wire, more or less than those of the draft between the same peers. */
function differenceOf(name: string): string {
  const draft = octetsIn('spec/vectors/v1/handshakes.json', 'handshakes/default/psk');
  const difference = octetsIn('spec/vectors/proposals/proposals.json', `proposals/${name}/psk`) - draft;
  return difference > 0 ? `+${difference}` : String(difference);
}

function octetsOf({ id, kind }: ProposalSpec): string {
  if (kind === 'local') return '0';
  const whole = differenceOf(id);
  return id === 'certificates-by-reference' ? `${whole}; with both references ${differenceOf(`${id}/held`)}` : whole;
}

function formulaOf({ symbols, formula, present, absent, parameters }: ProposedFormula): string {
  const written = [formula, present, absent].flatMap((one) => (one === undefined ? [] : [toNotation(one, parameters)]));
  return `${symbols.map((symbol) => `\`${symbol}\``).join(', ')}: \`${written.join('`, without `ss_pre` `')}\``;
}

const ledger = 'models/verdicts';

/** The answers that the ledger has: `MODEL` or `MODEL@PROTOCOL`. */
function answersOf(model: string): readonly { readonly id: string; readonly verdict: string }[] {
  const file = `${ledger}/${model.replaceAll('/', '.')}.json`;
  if (!existsSync(file)) return [];
  const { queries } = JSON.parse(readFileSync(file, 'utf8')) as { queries: readonly { id: string; verdict: string }[] };
  return queries;
}

const recorded = (model: string, query: string): string | undefined =>
  answersOf(model).find(({ id }) => id === query)?.verdict;

interface Compared {
  readonly model: string;
  readonly query: string;
  readonly before: string | undefined;
  readonly after: string;
}

/** Every answer that is recorded with a proposal, or with `profile`, and the one of the same model without it. */
function comparedOf(id: string): Compared[] {
  const end = `@proposals.${id}.json`;
  const models = readdirSync(ledger).flatMap((name) => (name.endsWith(end) ? [name.slice(0, -end.length)] : []));
  return models.sort().flatMap((model) =>
    answersOf(`${model}@proposals/${id}`).map(({ id: query, verdict }) => ({
      model,
      query,
      before: recorded(model, query),
      after: verdict,
    })),
  );
}

/** What the profile changes, as the ledger has it. */
const profileRows = (): string[][] =>
  comparedOf('profile')
    .filter(({ before, after }) => before !== after)
    .map(({ model, query, before, after }) => [
      '`proposed`',
      `\`${query}\``,
      `${before} (\`${model}\`)`,
      `${after} (\`${model}@proposals/profile\`)`,
    ]);

/** The queries with one answer with and without a proposal, of those that were asked. */
function unchangedRow(id: string, name: string): string[] {
  const same = comparedOf(id).filter(({ before, after }) => before === after);
  const told = same.map(({ model, query, after }) => `\`${query}\` (\`${model}\`): ${after}`);
  return [`\`${name}\``, told.length === 0 ? 'no query asked' : told.join('; ')];
}

/** An answer as it is stated. @throws Error when the ledger has another one */
function answer(id: string, query: string, stated: string): string {
  const [model = '', verdict = ''] = stated.split(': ');
  const found = recorded(model, query);
  if (found !== verdict)
    throw new Error(
      `spec/proposals.yaml, ${id}: ${query} in ${model} is ${found ?? 'not recorded'}, and stated as ${verdict}`,
    );
  return `${verdict} (\`${model}\`)`;
}

function verdictRows({ id, verdicts = [] }: ProposalSpec): string[][] {
  return verdicts.map(({ query, before, after }) => [
    `\`${id}\``,
    `\`${query}\``,
    answer(id, query, before),
    answer(id, query, after),
  ]);
}

const entry = (one: ProposalSpec): string =>
  [
    `### ${one.id}`,
    `*${one.kind}; sections ${one.sections.join(', ')}${one.leftOpen.length === 0 ? '' : `; settles ${one.leftOpen.join(', ')}`}*`,
    `**Weakness.** ${one.weakness}`,
    `**Repair.** ${one.repair}`,
    ...(one.formulas === undefined ? [] : [one.formulas.map((each) => `- ${formulaOf(each)}`).join('\n')]),
    ...(one.text === undefined ? [] : [`**Proposed text.** ${one.text.trim().replaceAll('\n', ' ')}`]),
  ].join('\n\n');

/** The generated parts of spec/proposals.md, by the name of their marker. */
export function proposalTables({ proposals }: Spec): Readonly<Record<string, string>> {
  const profile = `${differenceOf('profile')}; with both references ${differenceOf('profile/held')}`;
  return {
    overview: table(
      ['proposal', 'what it does', 'kind', 'octets of a handshake'],
      [
        ...proposals.map((one) => [`[\`${one.id}\`](#${one.id.toLowerCase()})`, one.title, one.kind, octetsOf(one)]),
        ['`proposed`', 'all of them', 'profile', profile],
      ],
    ),
    verdicts: table(['proposal', 'query', 'before', 'after'], [...proposals.flatMap(verdictRows), ...profileRows()]),
    unchanged: table(
      ['proposal', 'answers that stay'],
      [
        ...proposals.filter(({ kind }) => kind !== 'local').map(({ id }) => unchangedRow(id, id)),
        unchangedRow('profile', 'proposed'),
      ],
    ),
    entries: proposals.map(entry).join('\n\n'),
  };
}
