// models/assumptions.md: what the models assume beyond plain processes, from models/assumptions.yaml.
import type { Assumption } from '../prove/index.ts';
import { table } from '../spec/text.ts';

const code = (text: string): string => `\`${text}\``;
const fileLink = (path: string): string => `[${code(path)}](${path})`;

/** @param list - every entry has a reason */
export const assumptionsPage = (list: readonly Assumption[]): string =>
  [
    '# What the models assume',
    '',
    'Generated from [`assumptions.yaml`](assumptions.yaml) by `npm run generate`. Equations, rewrite rules, private and invertible',
    'constructors, assumptions on primitives, macros of a prover’s library, what an attacker cannot do: each could make every query true, so',
    '`npm run prove -- --recorded` refuses a model with one that is not here for its file. [The README](README.md) says more.',
    '',
    table(
      ['why', 'files', 'lines'],
      list.map((one) => [one.why, one.in.map(fileLink).join(', '), one.lines.map(code).join('<br>')]),
    ),
    '',
  ].join('\n');
