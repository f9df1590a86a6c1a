// The help of every command: its width, its groups, and examples that the parser takes.
import { describe, expect, it } from 'vitest';
import { loadProgram } from '../../src/cli/program.ts';
import { replayCommand } from '../../src/lab/adversary/replayCommand.ts';
import { conformanceCommands } from '../../src/lab/conformance/runner/index.ts';
import { proveCommand } from '../../src/lab/prove/proveCommand.ts';
import { vectorsCommand } from '../../src/lab/vectors/vectorsCommand.ts';
import {
  type CommandDefinition,
  type CommandGroup,
  type ProgramDefinition,
  runProgram,
} from '../../src/node/terminal/command.ts';
import { pquake } from './commands.ts';

type Kind = ProgramDefinition['commands'][number];
type Member = CommandDefinition | CommandGroup;

const lab = [proveCommand, replayCommand, vectorsCommand, conformanceCommands];
const program = await loadProgram();
const all: readonly Kind[] = [...program.commands.filter((one) => !('handOver' in one)), ...lab];

const doingNothing = (one: Member): Member =>
  'commands' in one ? { ...one, commands: one.commands.map(doingNothing) } : { ...one, action: () => 0 };

/** The words that lead to each command, and the command. */
function commandsIn(one: Member): (readonly [string, CommandDefinition])[] {
  if (!('commands' in one)) return [[one.words.split(' ')[0] ?? '', one]];
  return one.commands.flatMap(commandsIn).map(([words, command]) => [`${one.name} ${words}`, command]);
}

/** The program, whose commands are parsed and do nothing. */
const parsing: ProgramDefinition = {
  name: program.name,
  description: program.description,
  version: program.version,
  commands: all.map((one) => ('handOver' in one ? one : doingNothing(one))),
};

const commands = all.flatMap((one) => ('handOver' in one ? [] : commandsIn(one)));

/** Splits a line as a shell does, as far as examples need it: words, and words in single quotes. */
const wordsOf = (line: string): string[] =>
  [...line.matchAll(/(?:'([^']*)'|([^\s']+))+/g)].map(([word]) => word.replaceAll("'", ''));

describe.each(commands)('%s', (name, { examples }) => {
  it('has at most 100 columns of help, with its examples', async () => {
    const { status, stdout } = await pquake(...name.split(' '), '--help');
    expect(status).toBe(0);
    for (const line of stdout.split('\n')) expect(line.length, line).toBeLessThanOrEqual(100);
    const joined = stdout.replaceAll(/ \\\n +/g, ' ');
    expect(examples.length).toBeGreaterThan(0);
    for (const example of examples) expect(joined).toContain(`$ pquake ${example}`);
  });

  it.each(examples)('the parser takes its example: %s', async (example) => {
    expect(example.startsWith(name)).toBe(true);
    expect(await runProgram(parsing, wordsOf(example))).toBe(0);
  });
});

it('the help of the program lists the commands in groups', async () => {
  const { stdout } = await pquake('--help');
  for (const line of stdout.split('\n')) expect(line.length, line).toBeLessThanOrEqual(100);
  const groups = [...stdout.matchAll(/^(\w+):\n((?: {2}.*\n?)+)/gm)].map(([, heading, lines]) => [
    heading,
    [...(lines ?? '').matchAll(/^ {2}([a-z]+)/gm)].map(([, name]) => name),
  ]);
  expect(Object.fromEntries(groups)).toMatchObject({
    Peers: ['serve', 'connect', 'tunnel', 'mcp', 'demo'],
    Authority: ['ca', 'cert'],
    Keys: ['key', 'psk'],
    Models: ['model'],
    Recordings: ['inspect'],
    Research: ['prove', 'replay', 'vectors', 'conformance'],
  });
});

describe('wrong usage', () => {
  it.each([
    [['connect', '127.0.0.1:1', '--crt', 'a', '--key', 'b', '--ca', 'c'], /unknown option '--crt'\n.*--cert/],
    [['serve', '--cert', 'a', '--kee', 'b'], /unknown option '--kee'\n.*--key/],
    [['cert', 'request', '--nme', 'a'], /unknown option '--nme'\n.*--name/],
  ])('%j: the misspelt option is reported, with the nearest, before one that is missing', async (words, reason) => {
    const { status, stderr } = await pquake(...words);
    expect(status).toBe(2);
    expect(stderr).toMatch(reason);
    expect(stderr).not.toContain('required option');
  });

  it('a missing option is reported, and its help lists it under the required ones', async () => {
    const { status, stderr } = await pquake('connect', '127.0.0.1:1', '--cert', 'a', '--key', 'b');
    expect([status, stderr]).toEqual([2, expect.stringContaining("required option '--ca <file>' not specified")]);
    const { stdout } = await pquake('connect', '--help');
    expect(stdout).toMatch(/Required options:\n {2}--cert <file> .*\n {2}--key <file> .*\n {2}--ca <file> /);
  });
});

it('a command line loads the command that it names, and all of them for anything else', async () => {
  const names = async (first?: string): Promise<readonly string[]> =>
    (await loadProgram(first)).commands.map((one) => ('words' in one ? one.words.split(' ', 1).join() : one.name));
  const everything = await names();
  for (const name of everything) expect(await names(name)).toEqual([name]);
  for (const other of ['help', '--help', '--version', 'conect', '']) expect(await names(other)).toEqual(everything);
});
