// models/controls.md: for each query that is true, its twins and its controls; the weak theories and what uses them.
import { posix } from 'node:path';
import type { Assembled } from '../prove/index.ts';
import { table } from '../spec/text.ts';
import { type Evidence, type Line, linesOf, nameOf, unique, weaknessesOf } from './evidence.ts';
import { modelLink, queryLink } from './links.ts';

const names: Readonly<Record<string, string>> = {
  proverif: 'ProVerif',
  cryptoverif: 'CryptoVerif',
  verifpal: 'Verifpal',
};
const links = (models: readonly Assembled[]): string => unique(models.map(nameOf)).map(modelLink).join(', ');

/** The models of the default reading; those of others are counted. */
function shortened(models: readonly Assembled[]): string {
  const ofDefault = models.filter(({ model }) => !model.id.includes('@'));
  if (ofDefault.length === 0) return links(models);
  const others = models.length - ofDefault.length;
  return `${links(ofDefault)}${others === 0 ? '' : ` and ${others} of other protocols`}`;
}

/** How like its models a twin is. */
function likeness(twins: readonly Assembled[]): string {
  const ended = twins.some(({ model }) => model.ends === true);
  const file = twins.some(({ model }) => model.tool === 'cryptoverif' && model.id.endsWith('.completes'));
  const same = twins.some(({ model }) => model.ends !== true) && !file;
  return [
    ...(same ? ['same text'] : []),
    ...(ended ? ['first side, ends marked'] : []),
    ...(file ? ['a file of its own'] : []),
  ].join('; ');
}

const row = (line: Line): string[] => [
  queryLink(line.tool, line.query),
  shortened(line.twins),
  line.untwinned.length === 0 ? likeness(line.twins) : `**missing for ${links(line.untwinned)}**`,
  line.controls.length > 0 ? shortened(line.controls) : `**excuse**: ${line.excuse ?? 'none'}`,
];

const editRows = ({ models }: Evidence): string[][] =>
  models
    .filter(({ model }) => model.edits !== undefined)
    .map(({ model, queries }) => [
      modelLink(model.id),
      model.title,
      queries.map(({ id, expected }) => `${queryLink(model.tool, id)}: ${expected}`).join(', '),
    ]);

/** `models/controls.md`. */
export function controlsPage(evidence: Evidence): string {
  const lines = linesOf(evidence);
  const counts = Object.entries(names).map(([tool, name]) => {
    const ofTool = lines.filter((line) => line.tool === tool);
    return [
      name,
      ofTool.length,
      ofTool.filter(({ untwinned }) => untwinned.length === 0).length,
      ofTool.filter(({ controls }) => controls.length > 0).length,
      ofTool.filter(({ controls }) => controls.length === 0).length,
    ];
  });
  return [
    '# What stands behind each proof: twins and controls',
    '',
    'Generated from `models.yaml`, the models and the record of verdicts by `npm run generate`.',
    '',
    'A twin has the same theories, protocol and scenario as the model in which a query is true, and shows that the sessions of',
    'which the query speaks complete, or, to a query `x ==> y`, that x with y is reached: the proof is not about nothing. *Same',
    'text*: the twin asks other queries of exactly the same text. *First side, ends marked*: an equivalence has no events; its twin',
    'is made from the same files by a program: each `choice[x, y]` becomes `x`, each process ends with an event, and the tested',
    'session is a copy of its process under a name of',
    'its own. A control is a model in which the query fails: a mutant, a leak, a weak theory, or the text with something broken.',
    '',
    ...table(['prover', 'queries that are true', 'twins for every model', 'with a control', 'without'], counts).split(
      '\n',
    ),
    '',
    ...Object.entries(names).flatMap(([tool, name]) => [
      `## ${name}`,
      '',
      table(
        ['query', 'twins', 'likeness', 'controls: it fails in'],
        lines.filter((line) => line.tool === tool).map(row),
      ),
      '',
    ]),
    '## Controls by edits',
    '',
    'The text of the model but for literal edits, which stand in `models.yaml`. For CryptoVerif an assumption is taken from the',
    'proof: without it the prover finds none.',
    '',
    table(['model', 'what is broken', 'queries'], editRows(evidence)),
    '',
    '## Weak theories',
    '',
    'Each weak theory has a model in which its weakness is used, and the same model without the theory, in which there is no such',
    'thing.',
    '',
    table(
      ['theory', 'the weakness is used in', 'and is not there in'],
      weaknessesOf(evidence).map(({ theory, shown, absent }) => [
        `[${posix.basename(theory)}](${theory})`,
        links(shown),
        links(absent),
      ]),
    ),
    '',
  ].join('\n');
}
