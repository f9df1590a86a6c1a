// Every command, with a wrong file in each of its places: it says which file, and no stack trace.
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadProgram } from '../../src/cli/program.ts';
import { replayCommand } from '../../src/lab/adversary/replayCommand.ts';
import { conformanceCommands } from '../../src/lab/conformance/runner/index.ts';
import { proveCommand } from '../../src/lab/prove/proveCommand.ts';
import type { CommandDefinition, CommandGroup } from '../../src/node/terminal/command.ts';
import { pquake } from './commands.ts';

const program = await loadProgram();

const directory = mkdtempSync(join(tmpdir(), 'pquake-wrong-'));
const file = (name: string): string => join(directory, name);

/** Holds a port, so that `serve` and `tunnel` end at once where its files are right. */
let busy: Server;
let port = 0;

beforeAll(async () => {
  for (const words of [
    ['ca', 'init', file('pki')],
    ['cert', 'issue', file('pki'), 'alice'],
    ['ca', 'crl', file('pki')],
    ['key', 'generate', '--out', file('own.key')],
    ['cert', 'request', '--name', 'own', '--key', file('own.key'), '--out', file('own.request')],
    ['cert', 'approve', file('pki'), file('own.request'), '--out', file('own.challenge')],
    ['conformance', 'init', file('conformance')],
  ])
    expect(await pquake(...words)).toMatchObject({ status: 0 });
  writeFileSync(file('words'), 'a passphrase\n', { mode: 0o600 });
  const backup = ['ca', 'backup', file('pki'), file('pki.backup'), '--passphrase-file', file('words')];
  expect(await pquake(...backup)).toMatchObject({ status: 0 });
  mkdirSync(file('model'));
  writeFileSync(file('model/weights'), 'weights');
  for (const words of [
    ['key', 'generate', file('model.key')],
    ['key', 'generate', file('classical.key'), '--algorithm', 'ecdsa-p256'],
    ['sign', file('model'), '--key', file('model.key'), '--signature', file('model.sig')],
    ['log', 'init', file('log'), '--origin', 'example.com/log', '--key', file('log.key')],
    ['log', 'key', file('witness.key'), '--name', 'witness.example/1'],
    ['log', 'add', file('log'), file('model.sig'), '--key', file('log.key')],
  ])
    expect(await pquake('model', ...words)).toMatchObject({ status: 0 });
  writeFileSync(file('log.policy'), `log ${readFileSync(file('log/log.vkey'), 'utf8')}quorum none\n`);
  writeFileSync(
    file('trust.json'),
    JSON.stringify({
      version: 1,
      signers: [
        { id: 'a', keys: [{ file: 'model.key.pub' }], maySign: [{ subjects: ['**'], predicateTypes: ['**'] }] },
      ],
      requirements: [{ id: 'a', subjects: ['**'], predicateTypes: ['**'], phases: 'us-eo-14412' }],
    }),
  );
  writeFileSync(file('digits'), '01010620\n');
  writeFileSync(file('evaluation.json'), '{"result":"PASSED","configuration":[]}');
  busy = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => busy.once('listening', resolve));
  port = (busy.address() as { port: number }).port;
});
afterAll(() => {
  busy.close();
  rmSync(directory, { recursive: true });
});

/** The kinds of wrong files; each makes one at a name. */
const kinds: Readonly<Record<string, (name: string) => void>> = {
  'a file that is not there': () => {},
  'a file in a folder that is not there': () => {},
  'a folder': (name) => mkdirSync(name),
  'an empty file': (name) => writeFileSync(name, '', { mode: 0o600 }),
  'octets of no format': (name) =>
    writeFileSync(name, Buffer.concat([Buffer.of(0xff), randomBytes(999)]), { mode: 0o600 }),
  'a text': (name) => writeFileSync(name, '{"name":"a document"}\n', { mode: 0o600 }),
  'PEM of another kind': (name) =>
    writeFileSync(name, '-----BEGIN RSA PUBLIC KEY-----\nAAAA\n-----END RSA PUBLIC KEY-----\n', { mode: 0o600 }),
};

const peer = (): string[] => [
  ...['--cert', file('pki/alice.pem'), '--key', file('pki/alice.key'), '--ca', file('pki/ca.pem'), '--expect', 'bob'],
];

let count = 0;
/** A name that no file has. */
function fresh(): string {
  count += 1;
  return file(`new-${count}`);
}

/** Right words of every command; `?` is the place of an argument that is a file or folder. */
const right: Readonly<Record<string, () => readonly (string | { readonly place: string })[]>> = {
  serve: () => ['--listen', `127.0.0.1:${port}`, ...peer()],
  connect: () => ['127.0.0.1:1', ...peer()],
  tunnel: () => ['--listen', `127.0.0.1:${port}`, '--to', '127.0.0.1:1', ...peer()],
  demo: () => [],
  'ca init': () => [{ place: fresh() }],
  'ca revoke': () => [{ place: file('pki') }, 'nobody'],
  'ca crl': () => [{ place: file('pki') }],
  'ca backup': () => [{ place: file('pki') }, { place: fresh() }, '--passphrase-file', file('words')],
  'ca restore': () => [{ place: file('pki.backup') }, { place: fresh() }, '--passphrase-file', file('words')],
  'cert issue': () => [{ place: file('pki') }, 'carol', '--force'],
  'cert request': () => ['--name', 'own', '--key', file('own.key'), '--out', fresh()],
  'cert approve': () => [{ place: file('pki') }, { place: file('own.request') }, '--out', fresh(), '--force'],
  'cert respond': () => [
    { place: file('own.challenge') },
    ...['--request', file('own.request'), '--key', file('own.key'), '--out', fresh()],
  ],
  'cert renew': () => [{ place: file('pki') }, 'alice', '--force'],
  'cert rotate': () => [{ place: file('pki') }, 'alice', '--force'],
  'cert show': () => [{ place: file('pki/alice.pem') }],
  'cert verify': () => [{ place: file('pki/alice.pem') }, '--ca', file('pki/ca.pem')],
  'key generate': () => ['--out', fresh()],
  'key passphrase': () => [{ place: file('own.key') }, '--remove'],
  'key inspect': () => [{ place: file('own.key') }],
  'psk generate': () => [{ place: fresh() }],
  'model sign': () => [{ place: file('model') }, '--key', file('model.key'), '--signature', fresh()],
  'model verify': () => [
    { place: file('model') },
    ...['--signature', file('model.sig'), '--public-key', file('model.key.pub')],
  ],
  'model timestamp': () => [{ place: file('model.sig') }, '--request', fresh()],
  'model inventory': () => [{ place: file('model') }],
  'model key generate': () => [{ place: fresh() }],
  'model log init': () => [{ place: fresh() }, '--origin', 'example.com/log', '--key', fresh()],
  'model log key': () => [{ place: fresh() }, '--name', 'witness.example/2'],
  'model log add': () => [{ place: file('log') }, { place: file('model.sig') }, '--key', file('log.key')],
  'model log verify': () => [{ place: file('log') }, { place: file('model.sig') }, '--policy', file('log.policy')],
  'model log witness': () => [{ place: file('log') }, '--state', fresh(), '--key', file('witness.key')],
  'model attest': () => [
    { place: file('model') },
    ...['--type', 'evaluation', '--predicate', file('evaluation.json'), '--key', file('model.key')],
    ...['--signature', file('model.sig'), '--out', fresh()],
  ],
  'model trace': () => [
    { place: file('model') },
    ...['--signature', file('model.sig'), '--public-key', file('model.key.pub')],
  ],
  'model key show': () => [{ place: file('model.key.pub') }],
  'model key rotate': () => [
    ...[{ place: file('model.key') }, { place: file('classical.key') }],
    ...['--out', fresh()],
  ],
  'model key revoke': () => [{ place: file('model.key') }, '--reason', 'superseded', '--out', fresh()],
  'model policy check': () => [{ place: file('trust.json') }],
  'model policy explain': () => [{ place: file('trust.json') }, '--subject', 'model'],
  inspect: () => [{ place: file('digits') }],
  prove: () => ['--recorded', '--quiet', '--only', 'hello'],
  replay: () => [{ place: fresh() }],
  'conformance responder': () => ['--address', '127.0.0.1:1', '--pki', file('conformance'), '--only', 'sanity'],
  'conformance initiator': () => [
    ...['--listen', `127.0.0.1:${port}`, '--pki', file('conformance'), '--only', 'sanity'],
  ],
  'conformance init': () => [{ place: fresh() }],
};

/** Right words for an option that does not go with those of its command. */
const rightWith: Readonly<Record<string, readonly string[]>> = {
  'model log verify --proof': [file('model.sig'), '--policy', file('log.policy')],
  'model timestamp --token': [file('model.sig')],
  'prove --attest': ['--models', 'test/lab/prove/fixtures/models', '--tool', 'verifpal'],
  'model trace --crl': [
    ...[file('model'), '--signature', file('model.sig'), '--public-key', file('model.key.pub')],
    ...['--ca', file('pki/ca.pem')],
  ],
  'model sign --hybrid-cert': [
    ...[file('model'), '--key', file('model.key'), '--hybrid-key', file('classical.key')],
    ...['--signature', file('hybrid.sig')],
  ],
};

type Named = readonly [string, CommandDefinition];

function commandsIn(one: CommandDefinition | CommandGroup): Named[] {
  if (!('commands' in one)) return [[one.words.split(' ')[0] ?? '', one]];
  return one.commands.flatMap(commandsIn).map(([words, command]) => [`${one.name} ${words}`, command]);
}

/** Each command with the words that lead to it. */
const commands = (): Named[] =>
  [...program.commands, replayCommand, proveCommand, conformanceCommands].flatMap((one) =>
    'handOver' in one ? [] : commandsIn(one),
  );

/** Whether any regular file is right in the place of an option, or a new one. */
const takesAny = (option: string): boolean =>
  /passphrase-file|keylog|--out|--response|--junit|--keep|--attest|--state|expected-failures/.test(option);

interface Place {
  readonly option: string | undefined;
  readonly argument: number;
}

function placesOf(name: string, { options = [] }: CommandDefinition): Place[] {
  const given = right[name]?.() ?? [];
  return [
    ...given.flatMap((word, at) => (typeof word === 'string' ? [] : [{ option: undefined, argument: at }])),
    ...options
      .filter(({ flags }) => /<(file|file\.\.\.|directory|anchor)>/.test(flags))
      .map(({ long }) => ({ option: long ?? '', argument: -1 })),
  ];
}

it('each command of the program is here', () => {
  expect([...commands()].map(([name]) => name).sort()).toEqual(Object.keys(right).sort());
});

const writes = [
  'ca init',
  'psk generate',
  'model sign',
  'model inventory',
  'model key generate',
  'model log init',
  'model log key',
  'conformance init',
  'ca backup',
  'ca restore',
];

describe.each(
  [...commands()]
    .map(([name, definition]) => [name, placesOf(name, definition)] as const)
    .filter(([, places]) => places.length > 0),
)('%s', (name, places) => {
  it.each(
    places.flatMap((place) =>
      Object.keys(kinds).map((kind) => [place.option ?? `argument ${place.argument}`, kind, place] as const),
    ),
  )('%s: %s', async (_, kind, { option, argument }) => {
    const wrong = kind === 'a file in a folder that is not there' ? join(fresh(), 'none') : fresh();
    kinds[kind]?.(wrong);
    const words = (rightWith[`${name} ${option}`] ?? right[name]?.() ?? []).map((word, at) =>
      at === argument ? wrong : typeof word === 'string' ? word : word.place,
    );
    const end = await pquake(...name.split(' '), ...words, ...(option === undefined ? [] : [option, wrong]));
    const told = `${end.stdout}${end.stderr}`;
    expect([0, 1, 2]).toContain(end.status);
    expect(told).not.toMatch(/^\s+at .*:\d+:\d+\)?$/m);
    expect(told).not.toMatch(/TypeError|RangeError|Cannot read propert|undefined|internal error/);
    if (end.status === 0 || (option !== undefined && takesAny(option))) {
      const mayWork =
        (option !== undefined && takesAny(option)) || writes.includes(name) || name.startsWith('conformance');
      expect(end.status === 0 && !mayWork, `accepted: ${told}`).toBe(false);
      return;
    }
    const shown = basename(wrong) === 'none' ? basename(dirname(wrong)) : basename(wrong);
    expect(end.stderr).toContain(shown);
    expect(existsSync(join(wrong, '.pquake.lock'))).toBe(false);
  });
});
