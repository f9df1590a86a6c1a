// Differences in words and lines, for a person who decides. All of it is text of the server, and shown so that nothing in it can hide.
import { match } from 'ts-pattern';
import type { Json } from '../contract.ts';
import type { Change, Difference } from './differences.ts';
import type { Part } from './manifest.ts';
import { shown, shownJson } from './shown.ts';

const words: Readonly<Record<Part, string>> = { tools: 'tool', prompts: 'prompt' };

/** A number of things, in words: `1 tool`, `2 tools`. */
export const count = (number: number, what: string): string => `${number} ${what}${number === 1 ? '' : 's'}`;

/** Lines of which more are not compared with each other: then all are shown as gone and as new. */
const comparedLines = 400;

/** The lines of two texts in the manner of `diff -u`, with all lines that both have. */
export function textLines(from: string, to: string): readonly string[] {
  const [a, b] = [from.split('\n'), to.split('\n')];
  const gone = (line: string): string => `- ${shown(line)}`;
  const come = (line: string): string => `+ ${shown(line)}`;
  if (a.length > comparedLines || b.length > comparedLines) return [...a.map(gone), ...b.map(come)];
  // common[i][j]: how many lines the rests behind i and j have in common
  const common = Array.from({ length: a.length + 1 }, () => new Array<number>(b.length + 1).fill(0));
  const at = (i: number, j: number): number => common[i]?.[j] ?? 0;
  for (let i = a.length - 1; i >= 0; i -= 1)
    for (let j = b.length - 1; j >= 0; j -= 1)
      (common[i] as number[])[j] = a[i] === b[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
  const lines: string[] = [];
  let [i, j] = [0, 0];
  while (i < a.length || j < b.length) {
    if (i < a.length && j < b.length && a[i] === b[j]) {
      lines.push(`  ${shown(a[i] ?? '')}`);
      [i, j] = [i + 1, j + 1];
    } else if (j >= b.length || (i < a.length && at(i + 1, j) >= at(i, j + 1))) {
      lines.push(gone(a[i] ?? ''));
      i += 1;
    } else {
      lines.push(come(b[j] ?? ''));
      j += 1;
    }
  }
  return lines;
}

const isText = (value: Json | undefined): value is string | null | undefined =>
  typeof value === 'string' || value === null || value === undefined;

/** Whether a change is shown line by line: of descriptions and instructions, and of texts of several lines. */
const isByLine = ({ pointer, from, to }: Change): boolean =>
  isText(from) &&
  isText(to) &&
  (pointer === '' || pointer.endsWith('/description') || [from, to].some((text) => text?.includes('\n')));

function changeLines(change: Change): readonly string[] {
  const { pointer, from, to } = change;
  const where = pointer === '' ? [] : [shown(pointer)];
  if (isByLine(change)) {
    const texts = [from, to].map((text) => (typeof text === 'string' ? text : undefined));
    const [before, after] = texts;
    if (before !== undefined && after !== undefined) return [...where, ...textLines(before, after)];
    if (before !== undefined) return [...where, ...before.split('\n').map((line) => `- ${shown(line)}`)];
    if (after !== undefined) return [...where, ...after.split('\n').map((line) => `+ ${shown(line)}`)];
  }
  const old = from === undefined ? [] : [`- ${shownJson(from)}`];
  const fresh = to === undefined ? [] : [`+ ${shownJson(to)}`];
  return [...where, ...old, ...fresh];
}

/** A difference in one line. */
export const differenceTitle = (difference: Difference): string =>
  match(difference)
    .with({ kind: 'added' }, ({ part, name }) => `new ${words[part]} ${shown(name)}`)
    .with({ kind: 'removed' }, ({ part, name }) => `${words[part]} ${shown(name)} is gone`)
    .with({ kind: 'changed' }, ({ part, name }) => `${words[part]} ${shown(name)} is changed`)
    .with({ kind: 'renamed' }, ({ part, name, from }) => `${words[part]} ${shown(from)} is now called ${shown(name)}`)
    .with(
      { kind: 'look-alike' },
      ({ part, name, other }) => `${words[part]} ${shown(name)} looks like ${shown(other)} of the same server`,
    )
    .with({ kind: 'shadows' }, ({ part, name, other, server }) => {
      const how = name === other ? 'has the name of one' : `looks like ${shown(other)}`;
      return `${words[part]} ${shown(name)} ${how} of ${shown(server)}`;
    })
    .with({ kind: 'instructions' }, () => 'the instructions of the server are changed')
    .exhaustive();

/** A difference in full: its title, then every change of it, indented. */
export function differenceLines(difference: Difference): readonly string[] {
  const changes = 'changes' in difference ? difference.changes : [];
  return [differenceTitle(difference), ...changes.flatMap(changeLines).map((line) => `  ${line}`)];
}
