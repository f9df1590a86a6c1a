// PQ-P-11: no secret reaches standard output, standard error, errors, JSON, inspections, or a file that is not a key.
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { run } from '../../src/cli/program.ts';
import { noble } from '../../src/crypto/noble.ts';
import { initiator, responder } from '../../src/handshake/handshake.ts';
import { readCredentials } from '../../src/node/files/files.ts';
import { anchorFor, credentialsFor, kemSeed, time } from '../handshake/peers.ts';
import { eventually } from '../waiting.ts';
import { recording, shownIn } from './recording.ts';

const taken = vi.hoisted(() => ({ suite: undefined as unknown }));
vi.mock('../../src/node/suite.ts', async (original) => {
  const { chooseSuite } = await original<typeof import('../../src/node/suite.ts')>();
  const recorder = (await import('./recording.ts')).recording(chooseSuite());
  taken.suite = recorder;
  return { chooseSuite: () => recorder.suite };
});
const recorded = (): ReturnType<typeof recording> => taken.suite as ReturnType<typeof recording>;

const directory = mkdtempSync(join(tmpdir(), 'pquake-scan-'));
const file = (name: string): string => join(directory, name);
const psk = noble.randomOctets(40);
const known = [{ what: 'pre-shared secret', copy: psk }];
let told = '';

beforeAll(() => {
  for (const stream of [process.stdout, process.stderr])
    vi.spyOn(stream, 'write').mockImplementation((chunk) => {
      told += chunk;
      return true;
    });
});
afterAll(() => {
  vi.restoreAllMocks();
  rmSync(directory, { recursive: true });
});

/** Secrets of all commands so far. What is in a challenge is public: its nonce. */
function secrets(): { readonly what: string; readonly copy: Uint8Array }[] {
  const { nonce } = JSON.parse(readFileSync(file('challenge'), 'utf8')) as { nonce: string };
  return [...known, ...recorded().secrets.filter(({ copy }) => Buffer.from(copy).toString('hex') !== nonce)];
}

async function handshake(serve: readonly string[], connect: readonly string[]): Promise<number[]> {
  const before = told.length;
  const ended = run(['serve', '--listen', '127.0.0.1:0', '--once', ...serve]);
  const address = await eventually(() => {
    const [, found] = /listening on (\S+)\n/.exec(told.slice(before)) ?? [];
    if (found === undefined) throw new Error('it does not listen yet');
    return found;
  });
  return [await run(['connect', address, ...connect]), await ended];
}

const own = (name: string): string[] => [
  ...['--cert', file(`${name}.pem`), '--key', file(`${name}.key`), '--ca', file('ca.pem')],
  ...['--trace', '--psk-file', file('psk.hex')],
];

describe('the command line', () => {
  it('shows no secret when all goes well', async () => {
    writeFileSync(file('psk.hex'), Buffer.from(psk).toString('hex'));
    const key = ['--key', file('carol.key'), '--request', file('request')];
    for (const words of [
      ['ca', 'init', directory],
      ['cert', 'issue', directory, 'alice', '--json'],
      ['cert', 'issue', directory, 'bob'],
      ['cert', 'verify', file('bob.pem'), '--ca', file('ca.pem'), '--json'],
      ['cert', 'request', '--name', 'carol', '--key', file('carol.key'), '--new-key', '--out', file('request')],
      ['cert', 'approve', directory, file('request'), '--out', file('challenge'), '--json'],
      ['cert', 'respond', file('challenge'), ...key, '--out', file('response')],
      ['cert', 'approve', directory, file('request'), '--response', file('response'), '--json'],
    ])
      expect(await run(words)).toBe(0);
    for (const json of [[], ['--json']])
      expect(await handshake([...own('bob'), ...json], [...own('carol'), ...json])).toEqual([0, 0]);
    expect(secrets().length).toBeGreaterThan(40);
    expect(told).toMatch(/completed as initiator/);
    expect(shownIn(told, secrets())).toEqual([]);
  });

  it('shows no secret when it fails, nor when secrets are given where something else should be', async () => {
    const other = file('other.hex');
    writeFileSync(other, Buffer.from(psk.map((octet) => octet ^ 1)).toString('hex'));
    writeFileSync(file('odd.hex'), `${Buffer.from(psk).toString('hex')}0`);
    writeFileSync(file('text.hex'), `${Buffer.from(psk).toString('hex')} and more`);
    writeFileSync(file('cut.key'), readFileSync(file('alice.key'), 'utf8').replace(/.(\n-----END)/, '$1'));
    writeFileSync(file('bare.key'), readFileSync(file('alice.key'), 'utf8').split('\n').slice(1, -2).join(''));
    expect(await handshake(own('bob'), [...own('alice'), '--psk-file', other, '--json'])).toEqual([1, 1]);
    const wrong: readonly (readonly string[])[] = [
      ['--key', file('psk.hex')],
      ['--key', file('ca.key')],
      ['--key', file('bob.key')],
      ['--key', file('cut.key')],
      ['--key', file('bare.key')],
      ['--cert', file('alice.key')],
      ['--ca', file('ca.key')],
      ['--crl', file('ca.key')],
      ['--intermediates', file('alice.key')],
      ...['alice.key', 'odd.hex', 'text.hex', 'none.hex'].map((name) => ['--psk-file', file(name)]),
    ];
    for (const words of wrong)
      expect(await run(['connect', '127.0.0.1:1', ...own('alice'), ...words, '--json'])).toBe(1);
    const keys = ['--request', file('request'), '--key', file('bob.key'), '--out', file('x')];
    for (const words of [
      ['cert', 'respond', file('challenge'), ...keys],
      ['cert', 'respond', file('alice.key'), ...keys],
      ['cert', 'approve', directory, file('alice.key'), '--out', file('x')],
      ['cert', 'approve', directory, file('request'), '--response', file('psk.hex')],
      ['cert', 'request', '--name', 'x', '--key', file('psk.hex'), '--out', file('x'), '--json'],
    ])
      expect(await run(words)).toBe(1);
    const inFiles = ['alice', 'bob', 'carol', 'ca'].map((name) => {
      const [, body = ''] = readFileSync(file(`${name}.key`), 'utf8').split(/-----\n/);
      const der = Buffer.from(body, 'base64');
      return { what: `${name}.key`, copy: der.subarray(name === 'ca' ? -32 : -64) };
    });
    expect(told).toMatch(/none\.hex: there is no such file/);
    expect(shownIn(told, [...secrets(), ...inFiles])).toEqual([]);
  });

  it('writes secrets to keys only', () => {
    const files = readdirSync(directory, { withFileTypes: true, recursive: true }).filter((one) => one.isFile());
    const others = files.filter(({ name }) => !/\.(key|hex)$/.test(name));
    expect(others.map(({ name }) => name).sort()).toEqual(
      ['alice.pem', 'bob.pem', 'ca.json', 'ca.pem', 'carol.pem', 'challenge', 'request', 'response'].sort(),
    );
    for (const { parentPath, name } of others) {
      const content = readFileSync(join(parentPath, name), 'latin1');
      const der = Buffer.from(content.replace(/-----.*-----/g, ''), 'base64').toString('latin1');
      expect(shownIn(`${content}\n${der}`, secrets())).toEqual([]);
    }
  });
});

describe('the library', () => {
  it('shows no secret in any value, by inspection, JSON or text, before, during and after a handshake', () => {
    const shown: string[] = [];
    const show = (...values: readonly unknown[]): void => {
      for (const value of values) {
        shown.push(inspect(value, { depth: Number.POSITIVE_INFINITY, showHidden: true, maxArrayLength: null }));
        shown.push(JSON.stringify(value), String(value));
      }
    };
    const { suite, secrets: own } = recording(noble);
    const peer = (name: string) => ({
      suite,
      trustAnchors: [anchorFor(suite)],
      expectedPeer: 'anyone',
      time,
      credentials: credentialsFor(suite, name),
    });
    const [alice, bob] = [
      initiator({ ...peer('alice'), preSharedSecret: psk }),
      responder({ ...peer('bob'), preSharedSecret: psk }),
    ];
    show(peer('alice').credentials, alice, bob, bob.start());
    let progress = alice.start();
    for (let at = bob; progress.send.length > 0; at = at === bob ? alice : bob) {
      show(progress, alice, bob);
      progress = at.receive(Buffer.concat(progress.send.map(({ octets }) => octets)));
      if (progress.outcome.status !== 'completed') continue;
      const { session } = progress.outcome;
      own.push({ what: 'session key', octets: psk, copy: Uint8Array.from(session.sessionKey.reveal()) });
      show(progress, session, session.sessionKey, Object.entries(session));
      try {
        session.export('', new Uint8Array(), 32);
      } catch (error) {
        show(error);
      }
    }
    const failed = responder({ ...peer('bob'), preSharedSecret: psk });
    failed.start();
    const plain = initiator(peer('alice'));
    plain.receive(failed.receive(plain.start().send[0]?.octets ?? psk).send[0]?.octets ?? psk);
    show(failed.fail('message-timeout'), failed, plain);
    for (const wrong of [{ preSharedSecret: psk.subarray(9) }, { coins: { encapsulation: psk } }])
      try {
        initiator({ ...peer('alice'), ...wrong });
      } catch (error) {
        show(error);
      }
    const seeds = ['alice', 'bob'].map((name) => ({ what: `seed of ${name}`, copy: kemSeed(name) }));
    expect(own.filter(({ what }) => what === 'session key')).toHaveLength(2);
    expect(shownIn(shown.join('\n'), [...known, ...own, ...seeds])).toEqual([]);
  });

  it('credentials of files show no secret', () => {
    for (const suite of [noble, recorded().suite]) {
      const credentials = readCredentials(suite, file('alice.pem'), file('alice.key'));
      const [, body = ''] = readFileSync(file('alice.key'), 'utf8').split(/-----\n/);
      const seed = Buffer.from(body, 'base64').subarray(-64);
      const text = inspect(credentials, { depth: Number.POSITIVE_INFINITY, showHidden: true, maxArrayLength: null });
      expect(shownIn(`${text}${JSON.stringify(credentials)}`, [{ what: 'seed', copy: seed }])).toEqual([]);
    }
  });

  it.each([
    ['hexadecimal', (octets: Buffer) => octets.toString('hex')],
    ['upper case', (octets: Buffer) => octets.toString('hex').toUpperCase()],
    ['base64', (octets: Buffer) => octets.toString('base64')],
    ['base64 behind one octet', (octets: Buffer) => Buffer.from([1, ...octets]).toString('base64')],
    ['base64 behind two octets', (octets: Buffer) => Buffer.from([1, 2, ...octets]).toString('base64')],
    ['base64url', (octets: Buffer) => octets.toString('base64url')],
    ['raw', (octets: Buffer) => octets.toString('latin1')],
    ['inspected', (octets: Buffer) => inspect({ key: Uint8Array.from(octets) }, { compact: false })],
    ['inspected as a Buffer', (octets: Buffer) => inspect(octets)],
    ['JSON', (octets: Buffer) => JSON.stringify([...octets])],
    ['a part of it', (octets: Buffer) => octets.subarray(8, 24).toString('hex')],
  ])('the search finds a secret that is shown: %s', (_, form) => {
    expect(shownIn(`before ${form(Buffer.from(psk))} behind`, known)).toEqual(['pre-shared secret']);
  });
});
