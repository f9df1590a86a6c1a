// The section on proposals: spec/proposals.yaml.
import { toNotation } from '../../spec/formula.ts';
import type { ProposalSpec, ProposedFormula } from '../../spec/spec.ts';
import { folded, list, markdown, paragraph, source } from './markdown.ts';
import { cited } from './references.ts';

const kinds: Readonly<Record<ProposalSpec['kind'], string>> = {
  derivation: 'the formulas change, and no message',
  wire: 'messages change too',
  local: 'one side alone; no octet changes its meaning',
};

/** A title as a heading. A symbol at its beginning stays as it is. */
const headline = (text: string): string =>
  /^[a-z]+ /.test(text) ? text.charAt(0).toUpperCase() + text.slice(1) : text;

/** The lines of a formula, and what they mean. */
function formulaLines({ symbols, says, parameters, cut = [], formula, present, absent }: ProposedFormula): string[] {
  const named = symbols.join(cut.length === 0 ? ', ' : ' || ');
  const show = (one: typeof formula, where: string): string[] =>
    one === undefined ? [] : folded(`${named} = ${toNotation(one, parameters)}${where}`, '');
  return [
    source('pseudocode', [
      ...show(formula, ''),
      ...show(present, ' (with ss_pre)'),
      ...show(absent, ' (without)'),
      ...cut.map(({ symbol, octets }) => `${symbol}: ${octets} octets`),
    ]),
    paragraph(cited(says)),
  ];
}

function section({ id, title, kind, weakness, repair, ...rest }: ProposalSpec): string {
  const { sections, leftOpen, formulas = [], verdicts = [], text } = rest;
  const settles =
    leftOpen.length === 0 ? '' : ` It settles ${leftOpen.map((entry) => `${entry} (${cited(entry)})`).join(', ')}.`;
  const where = sections.length === 1 ? 'section' : 'sections';
  return [
    `## ${headline(title)} {#p-${id.toLowerCase()}}`,
    paragraph(`\`${id}\`; ${where} ${sections.join(', ')}; ${kinds[kind]}.${settles}`),
    paragraph(cited(`**Weakness.** ${weakness}`)),
    paragraph(cited(`**Repair.** ${repair}`)),
    ...formulas.flatMap(formulaLines),
    ...(verdicts.length === 0
      ? []
      : [
          '**Verdicts.**',
          list(verdicts.map(({ query, before, after }) => `\`${query}\`: before, \`${before}\`; after, \`${after}\``)),
        ]),
    ...(text === undefined ? [] : ['**Proposed text.**', markdown(text, cited)]),
  ].join('\n\n');
}

/** The section, each proposal in a section of its own. */
export const proposalSection = (proposals: readonly ProposalSpec[]): string =>
  [
    '# Proposals {#proposals}',
    paragraph(
      'Repairs that the verdicts of {{security}} ask for. None of them is in {{PQUAKE}}: a peer with one does not complete with a peer without ' +
        'it, except where one side alone changes. A verdict is told as the model that was asked and its answer, before the repair and after it.',
    ),
    ...proposals.map(section),
  ].join('\n\n');
