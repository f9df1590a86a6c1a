// One shape for every command of a command line: what it is called, what it takes, examples, and what it does.
import { Command, CommanderError, Option } from 'commander';
import { limits } from '../../limits.ts';
import { note, noteText, reportError } from './output.ts';

/** A command. Its action returns the exit status: 0, 1 for a failure, 2 for wrong usage. */
export interface CommandDefinition {
  /** Name and arguments: `issue <directory> <name>`. */
  readonly words: string;
  readonly description: string;
  readonly options?: readonly Option[];
  /** Command lines without the name of the program. */
  readonly examples: readonly string[];
  /** More help, below the options. */
  readonly notes?: string;
  /** Called with the arguments, then the options, as the parser leaves them. */
  // biome-ignore lint/suspicious/noExplicitAny: the parser knows the types of what it leaves, the compiler does not.
  readonly action: (...given: any[]) => number | Promise<number>;
}

/** Commands under one word: `cert issue`, `cert verify`. */
export interface CommandGroup {
  readonly name: string;
  readonly description: string;
  readonly commands: readonly CommandDefinition[];
}

/** A program of commands. */
export interface ProgramDefinition {
  readonly name: string;
  readonly description: string;
  readonly version: string;
  readonly commands: readonly (CommandDefinition | CommandGroup)[];
}

/** An option with a value that may be given several times; the action gets all values, in their order. */
export const repeatable = (
  flags: string,
  description: string,
  parse: (word: string) => unknown = (word) => word,
): Option =>
  new Option(flags, `${description}; may be given again`).argParser((word: string, before: readonly unknown[] = []) => [
    ...before,
    parse(word),
  ]);

/** An option whose value is read by a parser, with a default that the help shows. */
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

/** An option that has to be given. */
export const required = (option: Option): Option => option.makeOptionMandatory();

const isGroup = (one: CommandDefinition | CommandGroup): one is CommandGroup => 'commands' in one;

function add(parent: Command, definition: CommandDefinition, program: string, end: (status: number) => void): void {
  const { words, description, options = [], examples, notes, action } = definition;
  const command = parent.command(words).description(description);
  for (const option of options) command.addOption(option);
  if (notes !== undefined) command.addHelpText('after', notes);
  const lines = examples.map((line) => `  $ ${program} ${line}`);
  command.addHelpText('after', `\nExamples:\n${lines.join('\n')}`).action(async (...given: unknown[]) => {
    const taken = given.slice(0, -1); // the last one is the command itself
    const { json } = taken.at(-1) as { json?: boolean };
    try {
      end(await action(...taken));
    } catch (error) {
      end(reportError(error, json === true));
    }
  });
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
  let status = 0;
  const end = (with_: number): void => {
    status = with_;
  };
  const program = new Command(definition.name).description(definition.description).version(definition.version);
  for (const one of definition.commands) {
    if (isGroup(one)) {
      const group = program.command(one.name).description(one.description);
      for (const command of one.commands) add(group, command, definition.name, end);
    } else add(program, one, definition.name, end);
  }
  const all = (command: Command): Command[] => [command, ...command.commands.flatMap(all)];
  for (const command of all(program))
    command.configureOutput({ writeErr: noteText }).exitOverride().showHelpAfterError('(add --help for examples)');
  try {
    await program.parseAsync(words, { from: 'user' });
    return status;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    throw error;
  }
}
