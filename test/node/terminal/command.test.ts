// The one shape of a command: its status, its help, and what is wrong usage.
import { Argument, InvalidArgumentError, Option } from 'commander';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { ConfigurationError } from '../../../src/configuration.ts';
import { refuseFile } from '../../../src/node/files/fileErrors.ts';
import {
  type CommandDefinition,
  parsed,
  repeatable,
  required,
  runProgram,
  UsageError,
} from '../../../src/node/terminal/command.ts';

let [out, err] = ['', ''];
beforeEach(() => {
  [out, err] = ['', ''];
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    out += text;
    return true;
  });
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    err += text;
    return true;
  });
});
afterEach(() => vi.restoreAllMocks());

const given: unknown[][] = [];
const command = (more: Partial<CommandDefinition> = {}): CommandDefinition => ({
  words: 'make <file>',
  description: 'make it',
  options: [
    required(repeatable('--part <n>', 'a part', Number)),
    parsed('--days <n>', 'validity', Number, 7),
    new Option('--json', 'JSON'),
  ],
  examples: ['make x --part 1'],
  action: (...words) => {
    given.push(words);
    return 3;
  },
  ...more,
});
const handed: (readonly string[])[] = [];
const run = (words: readonly string[], more?: Partial<CommandDefinition>): Promise<number> =>
  runProgram(
    {
      name: 'program',
      description: 'a program',
      version: '1.2.3',
      commands: [
        command(more),
        { name: 'under', description: 'commands', commands: [command(more)] },
        {
          name: 'elsewhere',
          description: 'of another program',
          handOver: async (words_) => {
            handed.push(words_);
            return 5;
          },
        },
      ],
    },
    words,
  );

it('the status is that of the action, which gets arguments and options', async () => {
  for (const group of [[], ['under']]) {
    expect(await run([...group, 'make', 'x', '--part', '1', '--part', '2'])).toBe(3);
    expect(given.pop()).toEqual(['x', { part: [1, 2], days: 7 }]);
  }
});

it('help and version are status 0; wrong usage is 2, the reason and the way to the help on standard error', async () => {
  expect(await run(['make', '--help'])).toBe(0);
  expect(out).toMatch(/--part <n> +a part; may be given again\n[\s\S]*Examples:\n {2}\$ program make x --part 1\n/);
  expect(await run(['--version'])).toBe(0);
  expect(out).toMatch(/1\.2\.3\n$/);
  expect(await run(['make', 'x'])).toBe(2);
  expect(err).toBe("error: required option '--part <n>' not specified\n(add --help for examples)\n");
  expect(await run(['nothing'])).toBe(2);
  expect(await run(['make', 'x'.repeat(100_000)])).toBe(2);
});

it('an action that finds wrong usage says so as the parser does, and nothing on standard output', async () => {
  const action = (): number => {
    throw new UsageError('one of both');
  };
  expect(await run(['make', 'x', '--part', '1', '--json'], { action })).toBe(2);
  expect([out, err]).toEqual(['', 'error: one of both\n(add --help for examples)\n']);
});

it('an action that cannot be done is status 1, as JSON too; another error is not swallowed', async () => {
  const action = async (): Promise<number> => {
    throw new ConfigurationError('no file');
  };
  expect(await run(['make', 'x', '--part', '1', '--json'], { action })).toBe(1);
  expect(JSON.parse(out)).toMatchObject({ ok: false, code: 'configuration', message: 'no file' });
  expect(err).toBe('pquake: no file\n');
  const fails = (): number => {
    throw new TypeError('a mistake');
  };
  await expect(run(['make', 'x', '--part', '1'], { action: fails })).rejects.toThrow(TypeError);
});

it('an argument has a parser and a description, a command another line of usage', async () => {
  const parse = (word: string): number => {
    if (!/^\d+$/.test(word)) throw new InvalidArgumentError('Expected digits.');
    return Number(word);
  };
  const more = {
    words: 'make',
    arguments: [new Argument('<count>', 'how many').argParser(parse)],
    usage: '<count> and more',
  };
  expect(await run(['make', '12', '--part', '1'], more)).toBe(3);
  expect(given.pop()?.[0]).toBe(12);
  expect(await run(['make', 'x', '--part', '1'], more)).toBe(2);
  expect(err).toMatch(/'x' is invalid for argument 'count'\. Expected digits\./);
  expect(await run(['make', '--help'], more)).toBe(0);
  expect(out).toMatch(/^Usage: program make <count> and more\n[\s\S]*count +how many\n/);
});

it('a command of another program is in the help, and gets its words as they came', async () => {
  expect(await run(['--help'])).toBe(0);
  expect(out).toMatch(/^ {2}elsewhere +of another program$/m);
  expect(await run(['elsewhere', '--help'])).toBe(5);
  expect(await run(['elsewhere', '--unknown', '--', '--version'])).toBe(5);
  expect(await run(['help', 'elsewhere'])).toBe(5);
  expect(handed.splice(0)).toEqual([
    ['elsewhere', '--help'],
    ['elsewhere', '--unknown', '--', '--version'],
    ['elsewhere', '--help'],
  ]);
});

it('an example is not broken inside of quotes, where a shell would keep the break', async () => {
  await run(['make', '--help'], { examples: [`make a ${'b'.repeat(70)} 'two words that are one' last`] });
  expect(out).toContain("b \\\n      'two words that are one' last");
});

it('a command without --force does not name it when a file is there already', async () => {
  const action = (): never => refuseFile('out.key', 'exists already', 'replace-secret');
  expect(await run(['make', 'x'], { action, options: [] })).toBe(1);
  expect(err).toBe('pquake: out.key: exists already\n');
  err = '';
  expect(await run(['make', 'x'], { action, options: [new Option('--force', 'replace')] })).toBe(1);
  expect(err).toContain('--force overwrites it');
});
