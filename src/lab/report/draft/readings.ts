// The sections on errata, open readings and claims: spec/ambiguities.yaml, with formulas and verdicts.
import { toNotation } from '../../spec/formula.ts';
import type { Alternative, Axis, Spec } from '../../spec/spec.ts';
import type { Ambiguity } from '../ambiguities.ts';
import { type Asked, verdictsOf } from '../models.ts';
import { folded, list, paragraph, source } from './markdown.ts';
import { cited } from './references.ts';

const named = (section: string): string => (section.includes(',') ? `sections ${section}` : `section ${section}`);
const name = (reading: string): string => (reading.includes(' ') ? reading : `\`${reading}\``);
const stopped = (text: string): string => (/[.!?]$/.test(text) ? text : `${text}.`);

function alternativeLines({ name: alternative, formula, present, absent }: Alternative, axis: Axis, first: boolean) {
  const [symbol = ''] = axis.symbols;
  const show = (one: typeof formula, where: string): string[] =>
    one === undefined ? [] : folded(`${symbol} = ${toNotation(one, axis.parameters)}${where}`, '   ');
  return [
    `${alternative}${first ? ' (default)' : ''}:`,
    ...show(formula, ''),
    ...show(present, '  (with ss_pre)'),
    ...show(absent, '  (without)'),
  ];
}

/** The formulas of an axis, and how provers answer on each alternative. */
function readings(axis: Axis, asked: readonly Asked[]): string[] {
  const lines = axis.alternatives.flatMap((one, at) => alternativeLines(one, axis, at === 0));
  const others = axis.alternatives.slice(1).map((alternative) => {
    const { asked: count, different } = verdictsOf(asked, `readings/${alternative.name}`);
    return `\`${alternative.name}\`: ${count} queries asked; verdicts other than by default: ${different}`;
  });
  return ['**The readings.**', source('pseudocode', lines), list(others)];
}

/** The answers of provers, a line for each answer to a query. */
function verdicts({ id, models = [] }: Ambiguity, asked: readonly Asked[]): string[] {
  const lines = models.map((one) => {
    const [model = '', query = ''] = one.split(' ');
    const found = asked.find((candidate) => candidate.id === model && candidate.query.id === query);
    if (found === undefined) throw new Error(`${id} cites ${one}, which no model asks`);
    return `\`${query}\` in \`${model}\`: ${found.verdict ?? 'not recorded'}`;
  });
  return lines.length === 0 ? [] : ['**Verdicts.**', list(lines)];
}

const heading = ({ id, title }: Ambiguity): string => `## ${id}: ${title} {#${id.toLowerCase()}}`;

/** An entry; `shown` has the axes whose formulas stand in an entry before it, by its id. */
function entry(spec: Spec, ambiguity: Ambiguity, asked: readonly Asked[], shown: Map<string, string>): string {
  const { id, kind, section, axis: axisName, says, matters, breaks, because, proposal } = ambiguity;
  const axis = spec.readings.find((one) => one.axis === axisName);
  const before = axisName === undefined ? undefined : shown.get(axisName);
  if (axis !== undefined && before === undefined) shown.set(axis.axis, id);
  const formulas =
    axis === undefined
      ? []
      : before === undefined
        ? readings(axis, asked)
        : [`**The readings.** Those of ${cited(before)}.`];
  return [
    heading(ambiguity),
    paragraph(`${kind.charAt(0).toUpperCase()}${kind.slice(1)}, in ${named(section)} of {{PQUAKE}}.`),
    paragraph(cited(`**The text.** ${says}`)),
    paragraph(cited(`**Effect on interoperability.** ${breaks}`)),
    paragraph(cited(`**Why it matters.** ${matters}`)),
    ...formulas,
    paragraph(cited(`**Default.** ${stopped(name(ambiguity.default))} ${because}`)),
    ...verdicts(ambiguity, asked),
    paragraph(cited(`**Proposed text.** ${proposal}`)),
  ].join('\n\n');
}

/** An erratum, in the form of a report of an erratum. */
function erratum(ambiguity: Ambiguity, asked: readonly Asked[]): string {
  const { section, says, matters, breaks, because, proposal } = ambiguity;
  return [
    heading(ambiguity),
    paragraph(`In ${named(section)} of {{PQUAKE}}.`),
    paragraph(cited(`**It says.** ${says}`)),
    paragraph(cited(`**It should say.** ${proposal}`)),
    paragraph(cited(`**Notes.** ${because} ${matters} Effect on interoperability: ${breaks}`)),
    ...verdicts(ambiguity, asked),
  ].join('\n\n');
}

/** The three sections. Every entry stands in one of them. */
export function readingSections(spec: Spec, ambiguities: readonly Ambiguity[], asked: readonly Asked[]): string {
  const shown = new Map<string, string>();
  const errata = ambiguities.filter(({ kind }) => kind === 'erratum');
  const claims = ambiguities.filter(({ kind }) => kind === 'claim');
  const open = ambiguities.filter(({ kind }) => kind !== 'erratum' && kind !== 'claim');
  return [
    '# Errata {#errata}',
    paragraph('Slips of {{PQUAKE}} whose mending is clear from the rest of its text.'),
    ...errata.map((one) => erratum(one, asked)),
    '# Open Readings {#readings}',
    paragraph(
      'Places at which two careful readers build peers that do not understand each other: two places of {{PQUAKE}} that differ ' +
        '(contradiction), one place that can be read in several ways (ambiguity), or nothing where something is needed (silence). The default ' +
        'is what {{PROJECT}} does unless it is told otherwise, and what the vectors of {{vectors}} are made with unless they say otherwise.',
    ),
    ...open.map((one) => entry(spec, one, asked, shown)),
    '# Claims That Hold under a Condition {#claims}',
    paragraph('Claims of {{PQUAKE}} that hold only under a condition that it does not state.'),
    ...claims.map((one) => entry(spec, one, asked, shown)),
  ].join('\n\n');
}
