// A host's file: every mistake in an entry that starts pquake is told with what to do.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { optionalPeerOptions } from '../../../src/mcp/doctor/dial.ts';
import { checkHostFile } from '../../../src/mcp/doctor/entries.ts';
import type { CommandDefinition } from '../../../src/node/terminal/command.ts';

const directory = mkdtempSync(join(tmpdir(), 'pquake-entries-'));
const file = (name: string): string => join(directory, name);
for (const name of ['a b.pem', 'a.key', 'ca.pem', 'pquake-mcp.js']) writeFileSync(file(name), '');
afterAll(() => rmSync(directory, { recursive: true }));

const connect: CommandDefinition = {
  words: 'connect <address>',
  description: '',
  options: optionalPeerOptions,
  examples: [],
  action: () => 0,
};
const args = [
  ...[file('pquake-mcp.js'), 'connect', '127.0.0.1:4433', '--cert', file('a b.pem'), `--key=${file('a.key')}`],
  ...['--ca', file('ca.pem'), '--expect', 'bob'],
];

function checked(content: unknown) {
  writeFileSync(file('host.json'), typeof content === 'string' ? content : JSON.stringify(content));
  return checkHostFile(file('host.json'), [connect]);
}
const withArgs = (...words: readonly string[]) => ({ mcpServers: { bob: { command: process.execPath, args: words } } });
const without = (word: string, count: number): string[] => {
  const at = args.indexOf(word);
  return args.filter((_, i) => i < at || i >= at + count);
};

it.each(['mcpServers', 'servers', 'context_servers'])(
  'a good entry under %s is ok; others are passed over',
  (member) => {
    const other = { command: 'npx', args: ['-y', 'something'] };
    expect(checked({ [member]: { bob: { type: 'stdio', command: process.execPath, args }, other } })).toMatchObject([
      { standing: 'ok', found: expect.stringContaining('1 server for') },
      { check: 'entry bob', standing: 'ok' },
    ]);
  },
);

describe('is wrong', () => {
  const entry = { command: process.execPath, args };
  const cases: readonly (readonly [string, unknown, string])[] = [
    ['what is no JSON', '{ // comment\n}', 'expected JSON'],
    ['a file without entries', { mcpServers: {} }, 'no server that starts pquake'],
    ['an entry without a command', { mcpServers: { bob: { args: ['pquake'] } } }, '`command`, a text'],
    ['another type', { servers: { bob: { ...entry, type: 'http' } } }, 'type "http"'],
    [
      'a command that is not there',
      { mcpServers: { bob: { ...entry, command: '/none/pquake' } } },
      '/none/pquake is not there',
    ],
    ['a command that nobody may start', { mcpServers: { bob: { ...entry, command: file('a.key') } } }, 'may not'],
    ['no command of pquake', withArgs(file('pquake-mcp.js')), 'no command of pquake mcp'],
    [
      'a script that is not there',
      withArgs('/none/pquake.js', ...args.slice(1)),
      'script /none/pquake.js is not there',
    ],
    ['a misspelt option', withArgs(...args, '--exepct', 'bob'), 'no option --exepct'],
    ['an option of nothing', withArgs(...args, '--wholly-other'), '--wholly-other'],
    ['an option without its value', withArgs(...args, '--crl'), '--crl without a value'],
    ['a relative path', withArgs(...args, '--crl', 'lists'), '--crl lists is relative'],
    ['a missing file', withArgs(...args, '--crl', '/none/lists'), '--crl /none/lists is not there'],
    ['a missing option', withArgs(...without('--ca', 2)), 'no --ca'],
    ['no address', withArgs(...without('127.0.0.1:4433', 1)), 'no address of a server'],
    ['an address that is none', withArgs(...args.map((word) => word.replace(':4433', ''))), 'Expected HOST:PORT'],
    ['two addresses', withArgs(...args, 'more'), 'more than one word'],
  ];
  it.each(cases)('%s', (_, content, said) => {
    const bad = checked(content).filter(({ standing }) => standing === 'wrong');
    expect(bad.map(({ found }) => found).join('\n')).toContain(said);
    for (const { todo } of bad) expect(todo).toBeTruthy();
  });
});

it('a misspelt option is told with the one that is meant', () => {
  expect(checked(withArgs(...args, '--exepct', 'bob'))).toContainEqual(
    expect.objectContaining({ found: 'no option --exepct', todo: 'is --expect meant?' }),
  );
});

it.each([
  [
    'a command on the PATH',
    { mcpServers: { bob: { command: 'npx', args: ['pquake-mcp', ...args.slice(1)] } } },
    'PATH of the host',
  ],
  ['no expected name', withArgs(...without('--expect', 2)), 'no --expect'],
  ['a variable of the host', withArgs(...args, '--crl', ['', 'workspaceFolder}/crl'].join('${')), 'has a variable'],
])('to be looked at is %s', (_, content, said) => {
  const found = checked(content);
  expect(found.filter(({ standing }) => standing === 'wrong')).toEqual([]);
  expect(found).toContainEqual(expect.objectContaining({ standing: 'look', found: expect.stringContaining(said) }));
});
