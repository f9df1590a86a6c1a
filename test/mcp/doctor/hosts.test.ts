// The configurations that are printed: read back as their hosts read them, they are the words that were meant.
import { parse as parseToml } from 'smol-toml';
import { describe, expect, it } from 'vitest';
import { optionalPeerOptions } from '../../../src/mcp/doctor/dial.ts';
import { configurationFor, type Host, hosts, nameInHost, wordsOf } from '../../../src/mcp/doctor/hosts.ts';
import fc from '../../property.ts';

type Entry = { readonly command: string; readonly args: readonly string[]; readonly type?: string };

/** The entries of a configuration, where its host looks for them. */
function entriesIn(host: Host, text: string): Readonly<Record<string, Entry>> {
  if (host === 'codex') return parseToml(text)['mcp_servers'] as unknown as Record<string, Entry>;
  const member = host === 'vscode' ? 'servers' : host === 'zed' ? 'context_servers' : 'mcpServers';
  return JSON.parse(text)[member];
}

describe.each(hosts)('the configuration of %s', (host) => {
  const anyWord = fc.string({ unit: 'grapheme' }).filter((word) => !word.includes('${'));

  it('says the words that were meant, whatever is in them', () => {
    const anyStart = fc.record({ command: anyWord, args: fc.array(anyWord, { maxLength: 3 }) });
    fc.assert(
      fc.property(anyStart, ({ command, args }) => {
        const entry = entriesIn(host, configurationFor(host, { name: 'bob', command, args }))['bob'];
        expect({ command: entry?.command, args: entry?.args }).toEqual({ command, args });
      }),
    );
  });

  it.each([
    '/a b/c',
    'C:\\Program Files\\node.exe',
    `"quoted" and 'single'`,
    'line\nfeed\ttab',
    '\u007f\u0080\u202e\u{e0041}',
  ])('keeps %j', (word) => {
    const text = configurationFor(host, { name: 'bob', command: word, args: [word] });
    expect(entriesIn(host, text)['bob']).toMatchObject({ command: word, args: [word] });
  });
});

it.each([
  ['vscode', 'stdio'],
  ['claude-code', 'stdio'],
  ['cursor', 'stdio'],
  ['claude-desktop', undefined],
] as const)('the entry for %s has the type %s', (host, type) => {
  expect(entriesIn(host, configurationFor(host, { name: 'bob', command: 'x', args: [] }))['bob']?.type).toBe(type);
});

it('what a host would take for a variable is refused', () => {
  const command = ['/x/', 'HOME}/node'].join('${');
  const started = { name: 'bob', command, args: [] };
  expect(() => configurationFor('vscode', started)).toThrow('takes ${ for a variable');
  expect(configurationFor('claude-desktop', started)).toContain(command);
});

it('names are of letters that every host takes', () => {
  expect(['bob', 'URI:https://bob.example/x', '***'].map(nameInHost)).toEqual([
    'bob',
    'URI-https-bob-example-x',
    'pquake',
  ]);
});

it('options become words again, with absolute names of files', () => {
  const words = wordsOf(optionalPeerOptions, {
    cert: 'a.pem',
    ca: ['/x/ca.pem', 'b.pem'],
    expect: ['bob'],
    expectIssuer: ['CN=ca', 'ca.pem'],
    requireCrl: true,
    messageTimeout: 2_500,
    ...{ schedule: 'eager', first: 'initiator' },
    reading: { hidingKey: 'bound' },
  });
  const here = process.cwd();
  expect(words.join(' ')).toBe(
    [
      `--cert ${here}/a.pem --ca /x/ca.pem --ca ${here}/b.pem --require-crl`,
      `--expect bob --expect-issuer CN=ca --expect-issuer ${here}/ca.pem`,
      '--reading hidingKey=bound --message-timeout 2.5',
    ].join(' '),
  );
});
