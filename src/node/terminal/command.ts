// The shape of a command of a command line: its name, its arguments and options, examples, and its action.
import { type Argument, Command, CommanderError, Option } from 'commander';
import { limits } from '../../limits.ts';
import { FileError, isSystemError, reasonOf } from '../files/fileErrors.ts';
import { note, noteText, printResultsTo, reportError } from './output.ts';

/** A command. Its action returns the exit status: 0, 1 for a failure, 2 for wrong usage. */
export interface CommandDefinition {
  /** Name and arguments: `issue <directory> <name>`. */
  readonly words: string;
  readonly description: string;
  /** Arguments that `words` does not fully describe: those with a description or a parser. */
  readonly arguments?: readonly Argument[];
  readonly options?: readonly Option[];
  /** The usage line, where that of the parser would be wrong. */
  readonly usage?: string;
  /** Example command lines, without the name of the program. */
  readonly examples: readonly string[];
  /** The heading under which the help of the program lists the command. */
  readonly heading?: string;
  /** More help, below the options. */
  readonly notes?: string;
  /**
   * Called with the arguments, then the options, as the parser returns them. A UsageError that it throws is reported as
   * those of the parser are, a ConfigurationError as a failure.
   */
  // biome-ignore lint/suspicious/noExplicitAny: the parser knows the types of what it leaves, the compiler does not.
  readonly action: (...given: any[]) => number | Promise<number>;
}

/** Commands under one word: `cert issue`, `cert verify`; and groups in it: `model key generate`. */
export interface CommandGroup {
  readonly name: string;
  readonly description: string;
  /** As that of a command. */
  readonly heading?: string;
  readonly commands: readonly (CommandDefinition | CommandGroup)[];
}

/** A command of another program. It gets the words unchanged, also `--help`. */
export interface ForeignCommand {
  readonly name: string;
  readonly description: string;
  /** As that of a command. */
  readonly heading?: string;
  /** @returns the exit status */
  readonly handOver: (words: readonly string[]) => Promise<number>;
}

/** A program of commands. */
export interface ProgramDefinition {
  readonly name: string;
  readonly description: string;
  readonly version: string;
  readonly commands: readonly (CommandDefinition | CommandGroup | ForeignCommand)[];
}

/** Thrown for wrong usage that only the action sees: options that exclude each other, or of which one is missing. */
export class UsageError extends Error {}

/**
 * An option that may be given several times. The action gets all values in their order. The parser of a value also gets
 * the values before it.
 */
export const repeatable = <T = string>(
  flags: string,
  description: string,
  parse: (word: string, before: readonly T[]) => T = (word) => word as T,
): Option =>
  new Option(flags, `${description}; may be given again`).argParser((word: string, before: readonly T[] = []) => [
    ...before,
    parse(word, before),
  ]);

/** An option with a parser for its value, and a default that the help shows. */
export function parsed<T>(
  flags: string,
  description: string,
  parse: (word: string) => T,
  otherwise?: T,
  shown?: string,
): Option {
  const option = new Option(flags, description).argParser(parse);
  return otherwise === undefined ? option : option.default(otherwise, shown);
}

const mandatory = new WeakSet<Option>();

/**
 * Makes an option mandatory. The parser does not know it, as it would report a missing option before a misspelt one,
 * which may be the same.
 */
export function required(option: Option): Option {
  mandatory.add(option);
  return option.helpGroup('Required options:');
}

/** Reports the first mandatory option that was not given. Leaves by an error of the parser. */
function requireMandatory(command: Command, options: readonly Option[]): void {
  const missing = options.find(
    (option) => mandatory.has(option) && command.getOptionValue(option.attributeName()) === undefined,
  );
  if (missing !== undefined) command.error(`error: required option '${missing.flags}' not specified`);
}

type Kind = ProgramDefinition['commands'][number];
const isGroup = (one: Kind): one is CommandGroup => 'commands' in one;
const isForeign = (one: Kind): one is ForeignCommand => 'handOver' in one;

/** Whether a command has the option that permits what was refused: not each one that writes files can replace them. */
const permits = (options: readonly Option[], remedy: FileError['remedy']): boolean =>
  (remedy !== 'replace-file' && remedy !== 'replace-secret') || options.some(({ long }) => long === '--force');

/**
 * An error of a file, with the option by which the file was given and that which it takes, as the library does not know
 * options; and an error of the file system that nobody expected, in words. Other errors stay as they are.
 */
function explained(error: unknown, command: Command, options: readonly Option[]): unknown {
  if (isSystemError(error)) return new FileError(error.path ?? error.syscall, reasonOf(error));
  if (!(error instanceof FileError)) return error;
  const { file, reason } = error;
  const remedy = permits(options, error.remedy) ? error.remedy : undefined;
  const given = options.filter((option) => {
    const value: unknown = command.getOptionValue(option.attributeName());
    return value === file || (Array.isArray(value) && value.includes(file));
  });
  const takes = given.map(({ long, description }) => `${long}: ${description.split(/[;:(]/, 1).join('').trim()}`);
  if (given.length === 0) return remedy === error.remedy ? error : new FileError(file, reason);
  return new FileError(file, `${reason} (${takes.join('; ')})`, remedy);
}

/** The most columns of a line of help. */
const helpColumns = 100;

/**
 * The last space up to a column that stands outside of single quotes, as a shell keeps what is quoted as it is; the last one of
 * all where a quoted word has no room in a line.
 */
function lastSpace(line: string, column: number): number {
  let found = -1;
  let isQuoted = false;
  for (let at = 0; at <= column; at += 1) {
    if (line[at] === "'") isQuoted = !isQuoted;
    if (line[at] === ' ' && !isQuoted) found = at;
  }
  return found > line.search(/\S/) ? found : line.lastIndexOf(' ', column);
}

/**
 * Breaks a line at spaces so that it fits; `end` stands at the end of each part but the last, `indent` before each but
 * the first.
 */
function broken(line: string, indent: string, end = ''): string {
  const parts: string[] = [];
  let rest = line;
  while (rest.length > helpColumns) {
    const at = end === '' ? rest.lastIndexOf(' ', helpColumns) : lastSpace(rest, helpColumns - end.length);
    if (at <= rest.search(/\S/)) break;
    parts.push(rest.slice(0, at) + end);
    rest = indent + rest.slice(at + 1);
  }
  return [...parts, rest].join('\n');
}

/** The columns of the terminal, where it has fewer. */
const helpWidth = (): number => Math.min(helpColumns, process.stdout.columns ?? helpColumns);

const brokenText = (text: string): string =>
  text
    .split('\n')
    .map((line) => broken(line, ' '.repeat(Math.max(0, line.search(/\S/)))))
    .join('\n');

function add(parent: Command, definition: CommandDefinition, program: string, end: (status: number) => void): void {
  const { words, description, heading = '', options = [], usage, examples, notes, action } = definition;
  const command = parent.command(words).description(description).helpGroup(heading);
  for (const argument of definition.arguments ?? []) command.addArgument(argument);
  const isMandatory = (option: Option): boolean => mandatory.has(option);
  const ordered = [...options.filter(isMandatory), ...options.filter((option) => !isMandatory(option))];
  for (const option of ordered) command.addOption(option);
  if (usage !== undefined) command.usage(usage);
  if (notes !== undefined) command.addHelpText('after', brokenText(notes));
  const lines = examples.map((line) => broken(`  $ ${program} ${line}`, '      ', ' \\'));
  command.addHelpText('after', `\nExamples:\n${lines.join('\n')}`).action(async (...given: unknown[]) => {
    const taken = given.slice(0, -1); // the last one is the command itself
    const { json } = taken.at(-1) as { json?: boolean };
    requireMandatory(command, options);
    try {
      end(await action(...taken));
    } catch (error) {
      if (error instanceof UsageError) command.error(`error: ${error.message}`);
      end(reportError(explained(error, command, options), json === true));
    }
  });
}

function addGroup(parent: Command, group: CommandGroup, program: string, end: (status: number) => void): void {
  const { name, description, heading = '', commands } = group;
  const command = parent.command(name).description(description).helpGroup(heading);
  for (const one of commands) {
    if (isGroup(one)) addGroup(command, one, program, end);
    else add(command, one, program, end);
  }
}

/** The words for a foreign command, when the command line names one. */
function foreign(
  { commands }: ProgramDefinition,
  [first = '', ...rest]: readonly string[],
): readonly [ForeignCommand, readonly string[]] | undefined {
  const [name = '', words] = first === 'help' ? [rest[0], ['--help']] : [first, rest];
  const found = commands.filter(isForeign).find((one) => one.name === name);
  return found && [found, [name, ...words]];
}

/**
 * Runs a program on the words of a command line.
 * @returns the exit status: that of the action; 0 for help and version, 2 for wrong usage
 */
export async function runProgram(definition: ProgramDefinition, words: readonly string[]): Promise<number> {
  const long = words.findIndex((word) => word.length > limits.optionText);
  if (long >= 0) {
    note(`${definition.name}: word ${long + 1} of the command line has more than ${limits.optionText} characters`);
    return 2;
  }
  const [other, handed = []] = foreign(definition, words) ?? [];
  if (other !== undefined) return await other.handOver(handed);
  printResultsTo('stdout');
  let status = 0;
  const end = (with_: number): void => {
    status = with_;
  };
  const program = new Command(definition.name).description(definition.description).version(definition.version);
  for (const one of definition.commands) {
    if (isGroup(one)) addGroup(program, one, definition.name, end);
    else if (isForeign(one))
      program
        .command(one.name)
        .description(one.description)
        .helpGroup(one.heading ?? '');
    else add(program, one, definition.name, end);
  }
  const all = (command: Command): Command[] => [command, ...command.commands.flatMap(all)];
  for (const command of all(program))
    command
      .configureOutput({ writeErr: noteText, getOutHelpWidth: helpWidth, getErrHelpWidth: helpWidth })
      .exitOverride()
      .showHelpAfterError('(add --help for examples)');
  try {
    await program.parseAsync(words, { from: 'user' });
    return status;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    throw error;
  }
}
