// The command line of a peer under test: its words, and the placeholders in them.
import { InvalidArgumentError } from 'commander';
import { type ParseEntry, parse } from 'shell-quote';

/** The words of a command that runs without a shell. */
export type Words = readonly string[];

/** Placeholders that every case has a text for. */
const always = ['port', 'cert', 'key', 'ca', 'expect'] as const;
/** Placeholders that only some cases have a text for. */
const sometimes = ['pskfile', 'pskhex', 'intermediates', 'crl'] as const;

/** The text for each placeholder; `undefined` where the case has none. */
export type Values = Readonly<
  Record<(typeof always)[number], string> & Partial<Record<(typeof sometimes)[number], string | undefined>>
>;

/** Splits a command like a shell. @throws InvalidArgumentError for an invalid variable */
function split(command: string): ParseEntry[] {
  try {
    return parse(command, (name) => `$${name}`);
  } catch {
    throw new InvalidArgumentError('A $ begins a variable for a shell, and this is none: put it in single quotes.');
  }
}

/** Splits a command like a shell; refuses what only a shell can do. @throws InvalidArgumentError */
export function parseCommand(command: string): Words {
  const words = split(command).map((word) => {
    if (typeof word === 'string') return word;
    if ('comment' in word) throw new InvalidArgumentError('A # begins a comment for a shell: put it in quotes.');
    if (word.op === 'glob') return word.pattern;
    throw new InvalidArgumentError(`${word.op} is for a shell, and none runs this command: write sh -c '...'.`);
  });
  if (words.length === 0) throw new InvalidArgumentError('Expected a command.');
  if (!words.some((word) => word.includes('{port}'))) {
    throw new InvalidArgumentError('The command must say {port} where the number of the port belongs.');
  }
  return words;
}

/** Whether a command has one of the placeholders. */
export const takes = (words: Words, ...names: readonly (keyof Values)[]): boolean =>
  words.some((word) => names.some((name) => word.includes(`{${name}}`)));

/** Whether a word is an option whose value is the next word. */
const takesValue = (word: string | undefined): boolean => /^-[^=]*$/.test(word ?? '') && word !== '-' && word !== '--';

const isScript = (word: string): boolean => /\s/.test(word);
/** The names of the placeholders without a text. */
type Absent = readonly (keyof Values)[];

const hasAbsent = (absent: Absent, word: string): boolean => absent.some((name) => word.includes(`{${name}}`));

/** The value at the start of a text, in quotes or bare, when it contains a placeholder without a text. */
function absentValue(absent: Absent, text: string): string | undefined {
  const [found = ''] = /^["']?[^\s"']+["']?/.exec(text) ?? [];
  return hasAbsent(absent, found) ? found : undefined;
}

/** Removes the options whose value contains a placeholder without a text from the text of a script. */
function scriptWithout(absent: Absent, script: string): string {
  const [kept, pieces]: [string[], string[]] = [[], script.split(/(\s+)/)]; // words, and white space between them
  for (let i = 0; i < pieces.length; i += 1) {
    const word = pieces[i] ?? '';
    const equals = word.indexOf('=');
    const isOption = word.startsWith('-') && word.length > 1 && equals !== 1;
    const value = !isOption ? '' : equals < 0 ? (pieces[i + 2] ?? '') : word.slice(equals + 1);
    const found = isOption ? absentValue(absent, value) : undefined;
    kept.push(found === undefined ? word : value.slice(found.length));
    if (found !== undefined && equals < 0) i += 2;
  }
  return kept.join('');
}

/** The words without the placeholders that have no text. */
function wordsWithout(absent: Absent, words: Words): Words {
  return words.flatMap((word, i) => {
    const next = words[i + 1] ?? '';
    if (isScript(word)) return [scriptWithout(absent, word)];
    if (hasAbsent(absent, word)) return word.startsWith('-') || takesValue(words[i - 1]) ? [] : [''];
    return takesValue(word) && hasAbsent(absent, next) && !next.startsWith('-') && !isScript(next) ? [] : [word];
  });
}

/**
 * Replaces the placeholders in the words by values. Where a placeholder has none, an option whose value contains it is
 * removed together with that value, `--option={pskhex}` as a whole, and a word that is not the value of an option
 * becomes empty. The same is done to the text in a word with spaces, as for `sh -c`.
 */
export function fill(words: Words, values: Values): string[] {
  const absent = sometimes.filter((name) => values[name] === undefined);
  const kept = absent.length === 0 ? words : wordsWithout(absent, words);
  const isName = (name: string): name is keyof Values => [...always, ...sometimes].some((one) => one === name);
  return kept.map((word) =>
    word.replaceAll(/\{([a-z]+)\}/g, (whole, name: string) => (isName(name) ? (values[name] ?? '') : whole)),
  );
}
