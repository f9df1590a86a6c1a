// Runs the prover on the texts of one cell.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Run, runNow } from '../prove/ledger.ts';
import { runTool } from '../prove/runTool.ts';
import { type Found, kinds } from '../prove/tools.ts';
import { type CellText, cellText, digestOf } from './cellText.ts';
import { type Cell, cellName } from './elements.ts';
import { isDone, kindsOf, outcomeOf, type RanText, tracesIn } from './judge.ts';
import type { Recorded } from './record.ts';
import type { Sources } from './texts.ts';

export interface Asking {
  readonly sources: Sources;
  readonly found: Found;
  /** Where texts are written. */
  readonly place: string;
  /** The longest time for one text. */
  readonly seconds: number;
  readonly by?: string | undefined;
  readonly signal: AbortSignal;
}

const tenths = (seconds: number): number => Math.round(seconds * 10) / 10;

async function runText({ found, place, seconds, signal }: Asking, cell: Cell, one: CellText): Promise<RanText> {
  const file = `${cellName(cell).replace(':', '.')}.${one.kind}.pv`;
  writeFileSync(join(place, file), one.text);
  const limits = { seconds, because: `stopped after ${seconds} s`, signal };
  const ended = await runTool(found.command, kinds.proverif.words(file), place, limits);
  writeFileSync(join(place, `${file}.out`), ended.output);
  const told = kinds.proverif.read(one.queries, ended, one.text);
  const answers = Object.fromEntries(told.map(({ id, verdict }) => [id, verdict]));
  const traces = ended.stopped === undefined ? tracesIn(ended.output) : [];
  return { kind: one.kind, digest: digestOf(one.text), answers, traces, seconds: tenths(ended.seconds) };
}

/** Asks until the outcome of a cell is there, or cannot come. @returns undefined when it was interrupted */
export async function ask(asking: Asking, cell: Cell): Promise<Recorded | undefined> {
  const texts: RanText[] = [];
  const run: Run = runNow(asking.by);
  for (const kind of kindsOf(cell.lattice)) {
    if (isDone(cell.lattice, texts)) break;
    texts.push(await runText(asking, cell, cellText(asking.sources, cell, kind)));
    if (asking.signal.aborted) return undefined;
  }
  const outcome = outcomeOf(cell.lattice, texts);
  return { cell: cellName(cell), outcome, texts, version: asking.found.version, run };
}
