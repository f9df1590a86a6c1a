// The tables and entries of spec/readings.md: spec/ambiguities.yaml with the formulas of pquake.yaml and the recorded verdicts.
import { readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import { parse } from 'yaml';
import { toNotation } from '../spec/formula.ts';
import type { Alternative, Axis, Spec } from '../spec/spec.ts';
import { table } from '../spec/text.ts';
import type { Asked } from './models.ts';

/** A passage that the draft leaves open, contradicts, or has wrong. */
export interface Ambiguity {
  readonly id: string;
  readonly title: string;
  readonly kind: 'contradiction' | 'ambiguity' | 'silence' | 'erratum' | 'claim';
  readonly section: string;
  readonly axis?: string;
  readonly says: string;
  readonly matters: string;
  readonly breaks: string;
  readonly default: string;
  readonly because: string;
  readonly proposal: string;
  readonly requirements: readonly string[];
  /** `MODEL QUERY` each. */
  readonly models?: readonly string[];
}

const file = 'spec/ambiguities.yaml';
const schema = 'spec/schema/ambiguities.schema.json';

/** Loads and checks spec/ambiguities.yaml. @throws Error that names the fault: against the schema, or an unknown name */
export function loadAmbiguities(spec: Spec): readonly Ambiguity[] {
  const value: unknown = parse(readFileSync(file, 'utf8'));
  const ajv = new Ajv({ allErrors: true });
  const validate = ajv.compile<{ ambiguities: Ambiguity[] }>(JSON.parse(readFileSync(schema, 'utf8')));
  if (!validate(value)) throw new Error(`${file} does not follow ${schema}: ${ajv.errorsText(validate.errors)}`);
  const { ambiguities } = value;
  const known = new Set(spec.requirements.map(({ id }) => id));
  for (const [index, { id, axis, requirements }] of ambiguities.entries()) {
    if (Number(id.slice(2)) !== index + 1) throw new Error(`${file}: ${id} is out of order`);
    for (const one of requirements)
      if (!known.has(one)) throw new Error(`${file}: ${id} cites ${one}, which is unknown`);
    if (axis !== undefined) axisOf(spec, axis);
  }
  const told = new Set(ambiguities.map(({ axis }) => axis));
  const silent = spec.readings.filter(({ axis }) => !told.has(axis));
  if (silent.length > 0) throw new Error(`${file} does not tell of ${silent.map(({ axis }) => axis).join(', ')}`);
  return ambiguities;
}

function axisOf(spec: Spec, name: string): Axis {
  const found = spec.readings.find(({ axis }) => axis === name);
  if (found === undefined) throw new Error(`${file}: there is no axis ${name}`);
  return found;
}

function formulas({ formula, present, absent }: Alternative, { parameters }: Axis): string {
  const show = (one: typeof formula): string => (one === undefined ? '' : `\`${toNotation(one, parameters)}\``);
  return formula === undefined ? `with PSK ${show(present)}; without ${show(absent)}` : show(formula);
}

/** The provers on a reading: the number of queries asked, and those with another verdict than by default. */
type VerdictsOf = (protocol: string) => { readonly asked: number; readonly different: string };

const readingTable = (axis: Axis, verdictsOf: VerdictsOf): string =>
  table(
    ['reading', `\`${axis.symbols.join('`, `')}\``, 'queries asked of it', 'verdicts other than by default'],
    axis.alternatives.map((alternative, index) => {
      const { asked, different } = verdictsOf(index === 0 ? 'default' : `readings/${alternative.name}`);
      const name = `\`${alternative.name}\`${index === 0 ? ' (default)' : ''}`;
      return [name, formulas(alternative, axis), asked, index === 0 ? '' : different];
    }),
  );

function modelTable(id: string, models: readonly string[], asked: readonly Asked[]): string {
  const rows = models.map((one) => {
    const [model, query] = one.split(' ');
    const found = asked.find((candidate) => candidate.id === model && candidate.query.id === query);
    if (found === undefined) throw new Error(`${file}: ${id} cites ${one}, which no model asks`);
    return [`\`${model}\``, `\`${query}\``, found.query.means, found.verdict ?? 'not recorded'];
  });
  return table(['model', 'query', 'what it asks', 'verdict'], rows);
}

/** A reading has a name of one word. */
const name = (reading: string): string => (reading.includes(' ') ? reading : `\`${reading}\``);

/** The readings of an entry: their table, or the entry before it that has it. */
function readingsOf(spec: Spec, { id, axis }: Ambiguity, all: readonly Ambiguity[], verdictsOf: VerdictsOf): string[] {
  if (axis === undefined) return [];
  const first = all.find((one) => one.axis === axis)?.id ?? id;
  return [first === id ? readingTable(axisOf(spec, axis), verdictsOf) : `Its readings are those of ${first}.`];
}

function entry(
  spec: Spec,
  ambiguity: Ambiguity,
  all: readonly Ambiguity[],
  asked: readonly Asked[],
  verdictsOf: VerdictsOf,
): string {
  const { id, title, kind, section, says, matters, breaks, because, proposal, requirements, models } = ambiguity;
  const readings = readingsOf(spec, ambiguity, all, verdictsOf);
  const verdicts = models === undefined ? [] : [`What provers say:\n\n${modelTable(id, models, asked)}`];
  return [
    `### ${id} ${title}`,
    `*${kind}; section ${section}; ${requirements.join(', ')}*`,
    `**The text.** ${says}`,
    `**Why it matters.** ${matters}`,
    `**Who fails to interoperate.** ${breaks}`,
    `**Here.** ${name(ambiguity.default)}. ${because}`,
    ...readings,
    ...verdicts,
    `**Proposed text.** ${proposal}`,
  ].join('\n\n');
}

/** The generated parts of spec/readings.md, by the name of their marker. */
export function ambiguityTables(
  spec: Spec,
  asked: readonly Asked[],
  verdictsOf: VerdictsOf,
): Readonly<Record<string, string>> {
  const ambiguities = loadAmbiguities(spec);
  return {
    overview: table(
      ['', 'what', 'kind', 'section', 'executable as', 'default'],
      ambiguities.map(({ id, title, kind, section, axis, default: chosen }) => {
        const executable = axis === undefined ? '' : `\`${axis}\``;
        return [id, title, kind, section, executable, name(chosen)];
      }),
    ),
    entries: ambiguities.map((one) => entry(spec, one, ambiguities, asked, verdictsOf)).join('\n\n'),
  };
}
