// The section on proposals: spec/proposals.yaml.
import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { toNotation } from '../../spec/formula.ts';
import type { Alternative, Derivation } from '../../spec/spec.ts';
import { folded, list, markdown, paragraph, source } from './markdown.ts';
import { cited } from './references.ts';

/** A formula, or one with a pre-shared secret and one without. */
type Formulas = Pick<Derivation, 'symbols' | 'says' | 'parameters' | 'cut'> &
  Pick<Alternative, 'formula' | 'present' | 'absent'>;

/** A repair of the draft. The last five stand where somebody has written them. */
export interface Proposal {
  readonly id: string;
  readonly title: string;
  readonly kind: 'derivation' | 'wire' | 'local';
  readonly weakness: string;
  readonly repair: string;
  readonly sections: readonly string[];
  readonly leftOpen: readonly string[];
  readonly formulas?: readonly Formulas[];
  readonly verdicts?: readonly { readonly query: string; readonly before: string; readonly after: string }[];
  /** Markdown. */
  readonly text?: string;
  readonly octets?: number | string;
}

const file = 'spec/proposals.yaml';
const kinds: Readonly<Record<Proposal['kind'], string>> = {
  derivation: 'the formulas change, and no message',
  wire: 'messages change too',
  local: 'one side alone; no octet changes its meaning',
};

/** The proposals. @throws Error for one that lacks what its section is made of */
export function loadProposals(): readonly Proposal[] {
  const { proposals } = parse(readFileSync(file, 'utf8')) as { readonly proposals: readonly Proposal[] };
  for (const proposal of proposals) {
    for (const field of ['id', 'title', 'kind', 'weakness', 'repair', 'sections', 'leftOpen'] as const) {
      if (proposal[field] === undefined) throw new Error(`${file}: ${proposal.id} has no ${field}`);
    }
    if (!(proposal.kind in kinds)) throw new Error(`${file}: ${proposal.id} is of the unknown kind ${proposal.kind}`);
  }
  return proposals;
}

/** A title as a heading. A symbol at its beginning stays as it is. */
const headline = (text: string): string =>
  /^[a-z]+ /.test(text) ? text.charAt(0).toUpperCase() + text.slice(1) : text;

/** The lines of a formula, and what they mean. */
function formulaLines({ symbols, says, parameters, cut = [], formula, present, absent }: Formulas): string[] {
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

function section({ id, title, kind, weakness, repair, ...rest }: Proposal): string {
  const { sections, leftOpen, formulas = [], verdicts = [], text, octets } = rest;
  const settles =
    leftOpen.length === 0 ? '' : ` It settles ${leftOpen.map((entry) => `${entry} (${cited(entry)})`).join(', ')}.`;
  const where = sections.length === 1 ? 'section' : 'sections';
  const costs = octets === undefined ? '' : ` Octets: ${octets}.`;
  return [
    `## ${headline(title)} {#p-${id.toLowerCase()}}`,
    paragraph(`\`${id}\`; ${where} ${sections.join(', ')}; ${kinds[kind]}.${settles}${costs}`),
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
export const proposalSection = (proposals: readonly Proposal[]): string =>
  [
    '# Proposals {#proposals}',
    paragraph(
      'Repairs that the verdicts of {{security}} ask for. None of them is in {{PQUAKE}}: a peer with one does not complete with a peer without ' +
        'it, except where one side alone changes. A verdict is told as the model that was asked and its answer, before the repair and after it.',
    ),
    ...proposals.map(section),
  ].join('\n\n');
