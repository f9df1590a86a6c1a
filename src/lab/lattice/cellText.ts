// The text of a cell, and the queries in it. A cell of secrecy or agreement is one text; one of identity hiding has up to three.
import { createHash } from 'node:crypto';
import type { Query } from '../prove/model.ts';
import { type Cell, cellName } from './elements.ts';
import { attackText, completesText, equivalenceText } from './hidingText.ts';
import type { Asked, Sources } from './texts.ts';
import { tracesText } from './tracesText.ts';

/**
 * The texts of cells. `traces`: the property, and that the tested session completes. `equivalence`: nobody tells two agents
 * apart. `completes`: the same processes on one side of the equivalence, and that the tested session completes.
 * `attack`: a tester that has what leaks names the agent, and none that was not there.
 */
export const kindsOfText = ['traces', 'equivalence', 'completes', 'attack'] as const;
export type KindOfText = (typeof kindsOfText)[number];

/** A text, and what it asks: in the order of the text. */
export interface CellText {
  readonly kind: KindOfText;
  readonly text: string;
  readonly queries: readonly Query[];
}

const write: Readonly<Record<KindOfText, (sources: Sources, cell: Cell) => Asked>> = {
  traces: tracesText,
  equivalence: equivalenceText,
  completes: completesText,
  attack: attackText,
};

/** The text of a cell, of one kind. Deterministic: it depends on the sources and the cell alone. */
export function cellText(sources: Sources, cell: Cell, kind: KindOfText): CellText {
  const { text, declarations } = write[kind](sources, cell);
  const queries = Object.entries(declarations).map(
    ([id, declaration]): Query => ({
      id,
      claims: [],
      requirements: [],
      means: '',
      expected: 'true',
      reachability: false,
      declaration,
    }),
  );
  return { kind, text: `(* Exposure lattice, ${kind}: ${cellName(cell)} *)\n${text}`, queries };
}

/** `sha256:` and the hexadecimal digest of a text. */
export const digestOf = (text: string): string => `sha256:${createHash('sha256').update(text).digest('hex')}`;
