// How long a parser takes for hostile texts, beside what it takes for a harmless one of the same length.
import { fastestOf, spent, timesAsLong } from '../duration.ts';

/** A parser of outside text, and what is right and wrong with it. */
export interface Parser {
  readonly name: string;
  /** Reads a text. What it throws for a wrong one must be one of the errors that are told to people. */
  readonly read: (text: string) => unknown;
  /** A harmless text of about this length. */
  readonly benign: (length: number) => string;
  /** Hostile texts beside those that every parser gets: something repeated, between a beginning and an end. */
  readonly hostile?: readonly (readonly [start: string, repeated: string, end: string])[];
  /** The longest text that is tried. */
  readonly longest?: number;
}

const repeatedByAll = [
  ...[
    'a',
    'A',
    '0',
    '00 ',
    ' ',
    '\t',
    '\n',
    '\r',
    '\r\n',
    '\0',
    '\u00e9',
    '-',
    '--',
    '-----',
    '.',
    'a.',
    ':',
    '/',
    '//',
  ],
  ...[
    '"',
    "'",
    '\\',
    '{',
    '[',
    '(',
    '<',
    '&',
    '*',
    '!',
    '@',
    '=',
    ',',
    'a,',
    '+',
    '#',
    '# a\n',
    '%',
    '$',
    '${',
    '`',
    '|',
  ],
  ...[
    '- ',
    '? ',
    'a: ',
    '[{"a":',
    '{"":',
    '-a ',
    '-a=',
    '{psk',
    '{port}',
    '://',
    '::',
    '[::]:',
    '1e',
    '%00',
    '$(',
    '""',
  ],
] as const;

/** Every hostile text of a parser, as a function of its length. */
export const hostileTexts = ({ hostile = [], benign }: Parser): readonly [string, (length: number) => string][] => {
  const shapes = [...repeatedByAll.map((repeated) => ['', repeated, ''] as const), ...hostile];
  const pumped = shapes.map(([start, repeated, end]): [string, (length: number) => string] => [
    JSON.stringify([start, repeated, end]),
    (length) => start + repeated.repeat(Math.max(1, Math.floor((length - start.length) / repeated.length))) + end,
  ]);
  const within = (part: number): ((length: number) => string) => {
    return (length) => {
      const text = benign(length);
      const at = Math.floor(text.length * part);
      return `${text.slice(0, at)}\u0001${text.slice(at + 1)}`;
    };
  };
  return [...pumped, ['harmless but for its middle', within(0.5)], ['harmless but for its end', within(0.999)]];
};

/** A hostile text that takes so many times as long as a harmless one, or as the shortest time told from none, is looked at. */
const factor = 50;
const shortest = 1;
/** How many times as long four times the text may take: 4 when linear, 16 when quadratic. */
const linear = 10;

/** From lengths at which an exponential parser still ends to those at which a quadratic one takes seconds. */
function lengthsTo(longest: number): number[] {
  const lengths = [16];
  for (let length = 24; length < longest; length = Math.ceil(length * (length < 100 ? 1.5 : 2))) lengths.push(length);
  return [...lengths, longest];
}

/** The hostile texts that take too long: empty when none does. */
export function slowOnes(parser: Parser): string[] {
  const { read, benign, longest = 65_536 } = parser;
  const lengths = lengthsTo(longest);
  const allowed = new Map(
    lengths.map((length) => {
      const text = benign(length);
      const [took = 0] = fastestOf(3, () => read(text));
      return [length, factor * Math.max(shortest, took)];
    }),
  );
  return hostileTexts(parser).flatMap(([shape, textOf]) => {
    for (const length of lengths) {
      const text = textOf(length);
      const most = allowed.get(length) ?? 0;
      const run = (): unknown => read(text);
      if (spent(run) <= most) continue;
      // A text of a fourth of the length tells a cost for each character from one that grows faster than the text.
      const fourth = textOf(length >> 2);
      const grows = timesAsLong(linear, run, () => read(fourth));
      const [took = 0] = fastestOf(4, run);
      if (took > 20 * most || (took > most && grows > linear)) {
        return [`${shape}, ${length} characters: ${took.toFixed(0)} ms, at most ${most.toFixed(0)}`];
      }
    }
    return [];
  });
}
