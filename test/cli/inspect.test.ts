// The key log and `pquake inspect`, as a person would use them.
import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createServer, connect as tcpConnect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { keyLogTable } from '../../src/generated/keyLog.ts';
import { handshake, pquake, resultOf, start } from './commands.ts';

const directory = mkdtempSync(join(tmpdir(), 'pquake-inspect-'));
const file = (name: string): string => join(directory, name);
const who = (name: string, ...more: readonly string[]): string[] => [
  ...['--cert', file(`${name}.pem`), '--key', file(`${name}.key`), '--ca', file('ca.pem')],
  ...more,
];

interface Document {
  readonly ok: boolean;
  readonly problems: readonly { file: string; offset: number; found: string; expected: string }[];
  readonly handshakes: readonly {
    readonly messages: readonly {
      type: number;
      fields: { symbol: string; hex: string }[];
      refused: { code: string }[];
    }[];
    readonly analysis: {
      readonly values: readonly { symbol: string; secret: boolean; hex?: string; sha384?: string }[];
      readonly verdicts: readonly { what: string; ok: boolean }[];
      readonly readings: readonly { axis: string; alternative: string }[];
      readonly certificates: readonly { certificate: { subject: string; uris: string[]; keyUsage: string[] } }[];
      readonly preSharedSecret: boolean;
    } | null;
  }[];
}

const secrets = (): string[] =>
  readFileSync(file('keys.log'), 'latin1')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => line.split(' ')[2] ?? '');

/** One handshake between two processes through a relay that records both directions. */
let session: unknown;
/** SHA-384 of `k_session`, as the initiator told it. */
let digest: string;
let told = '';
beforeAll(async () => {
  await pquake('ca', 'init', directory);
  await pquake('cert', 'issue', directory, 'alice');
  await pquake('cert', 'issue', directory, 'bob', '--san', 'https://bob.example');
  writeFileSync(file('psk.hex'), randomBytes(32).toString('hex'));
  const more = ['--psk-file', file('psk.hex'), '--reading', 'aad=header,S=hiding-key', '--trace', '--json'];
  const responder = start(['serve', '--listen', '127.0.0.1:0', '--once', ...who('bob', ...more)]);
  const [, port] = (await responder.address).split(':');
  const recorded: { initiator: Buffer[]; responder: Buffer[] } = { initiator: [], responder: [] };
  const relay = createServer((socket) => {
    const onward = tcpConnect({ host: '127.0.0.1', port: Number(port) });
    socket.on('data', (octets: Buffer) => recorded.initiator.push(octets)).pipe(onward);
    onward.on('data', (octets: Buffer) => recorded.responder.push(octets)).pipe(socket);
    for (const one of [socket, onward]) one.on('error', () => {});
  });
  await new Promise<void>((resolve) => relay.listen(0, '127.0.0.1', resolve));
  const bound = relay.address();
  const relayPort = typeof bound === 'object' && bound !== null ? bound.port : 0;
  const initiator = await pquake(
    'connect',
    `127.0.0.1:${relayPort}`,
    '--keylog',
    file('keys.log'),
    '--session-digest',
    ...who('alice', ...more),
  );
  const end = await responder.ended;
  relay.close();
  session = resultOf(initiator)['session'];
  digest = String(resultOf(initiator)['sessionDigest']);
  expect(resultOf(end)['session']).toBe(session);
  expect(resultOf(end)).not.toHaveProperty('sessionDigest');
  told = `${initiator.stdout}${initiator.stderr}${end.stdout}${end.stderr}`;
  writeFileSync(file('initiator.bin'), Buffer.concat(recorded.initiator));
  writeFileSync(file('responder.bin'), Buffer.concat(recorded.responder));
});
afterAll(() => rmSync(directory, { recursive: true }));

describe('--keylog', () => {
  it('writes a line for each secret, mode 0600, warns, and shows no secret elsewhere (PQ-P-11)', () => {
    expect(statSync(file('keys.log')).mode & 0o777).toBe(0o600);
    const lines = readFileSync(file('keys.log'), 'latin1').split('\n');
    expect(lines.pop()).toBe('');
    expect(lines.map((line) => line.split(' ')[0])).toEqual(Object.values(keyLogTable).map(({ label }) => label));
    expect(told).toMatch(/WARNING: the secrets of every handshake are appended to .*keys\.log.*breaks every secrecy/);
    for (const secret of secrets()) expect(told).not.toContain(secret);
    const others = readdirSync(directory).filter((name) => name !== 'keys.log');
    for (const name of others)
      for (const secret of secrets()) expect(readFileSync(file(name), 'latin1')).not.toContain(secret);
  });

  it('is off by default, and no variable of the environment turns it on', async () => {
    process.env['SSLKEYLOGFILE'] = file('environment.log');
    try {
      const { initiator, responder } = await handshake(who('bob'), who('alice'));
      expect([initiator.status, responder.status]).toEqual([0, 0]);
      expect(`${initiator.stderr}${responder.stderr}`).not.toMatch(/WARNING|PQUAKE_/);
    } finally {
      delete process.env['SSLKEYLOGFILE'];
    }
    expect(existsSync(file('environment.log'))).toBe(false);
  });

  it('appends: both peers write the same lines into one file', async () => {
    const log = ['--keylog', file('both.log')];
    await handshake(who('bob', ...log), who('alice', ...log));
    const lines = readFileSync(file('both.log'), 'latin1').trimEnd().split('\n').sort();
    expect(lines).toHaveLength(10);
    expect(new Set(lines).size).toBe(5);
  });

  it.each([
    [
      'a file that others can read',
      (): string => {
        writeFileSync(file('open.log'), '');
        chmodSync(file('open.log'), 0o644);
        return file('open.log');
      },
      /open\.log: mode 0644 lets others at a key log; expected 0600/,
    ],
    ['a directory', () => directory, /a folder; expected a file \(EISDIR\)/],
    [
      'a directory that is not there',
      () => file('no/keys.log'),
      /no\/keys\.log: there is no folder .*no \(ENOENT\) \(--keylog: /,
    ],
  ])('refuses %s before anything is sent', async (_, name, reason) => {
    const end = await pquake('connect', '127.0.0.1:1', '--json', ...who('alice', '--keylog', name()));
    expect(end.status).toBe(1);
    expect(end.stderr).toMatch(reason);
    expect(resultOf(end)).toMatchObject({ ok: false, code: 'configuration' });
  });
});

describe('inspect', () => {
  const streams = (): string[] => [file('initiator.bin'), file('responder.bin')];
  const opened = (): string[] => [...streams(), '--keylog', file('keys.log'), '--psk-file', file('psk.hex')];

  it('draws every message with the symbols of the draft', async () => {
    const { status, stdout, stderr } = await pquake('inspect', ...streams());
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    for (const symbol of ['pk_e', 'ct_e', 'IV', 'e_cert_i', 'e_cert_r', 'ct_i', 'ct_r', 'C_i', 'C_r']) {
      expect(stdout).toMatch(new RegExp(`^ {8}${symbol} +[0-9a-f]{24,32}`, 'm'));
    }
    expect(stdout.match(/^ {3}(--|<-).* octets of data /gm)).toHaveLength(8);
    expect(stdout).not.toMatch(/CN=/);
    expect(Math.max(...stdout.split('\n').map((line) => line.length))).toBeLessThan(120);
    const full = await pquake('inspect', '--full', ...streams());
    expect(full.stdout).toContain(readFileSync(file('initiator.bin')).subarray(4, 1572).toString('hex'));
  });

  it('with a key log: certificates, values, checks, the reading, whether a secret was used; secrets only as SHA-384', async () => {
    const { status, stdout } = await pquake('inspect', ...opened());
    expect(status).toBe(0);
    expect(stdout).toMatch(/cert_i \(\d,\d+\): CN=alice/);
    expect(stdout).toMatch(
      /cert_r \(\d,\d+\): CN=bob\n.*issuer +CN=PQuAKE CA, .*\n.*validity.*\n +URI +https:\/\/bob\.example\n.*keyEncipherment/,
    );
    expect(stdout.match(/: right, /g)).toHaveLength(6);
    expect(stdout).toContain('associatedData=header, keyMaterial=hiding-key');
    expect(stdout).toContain('pre-shared secret: the one given');
    expect(stdout).toContain(`k_session SHA-384 ${digest.slice(0, 32)}`);
    expect(stdout).toMatch(new RegExp(`^ +session +${String(session).slice(0, 32)}`, 'm'));
    for (const secret of secrets()) expect(stdout).not.toContain(secret.slice(0, 16));
    const shown = await pquake('inspect', '--secrets', ...opened());
    for (const secret of secrets()) expect(shown.stdout).toContain(secret);
  });

  it('--json is one document, without secrets unless --secrets', async () => {
    const end = await pquake('inspect', '--json', ...opened());
    const document = resultOf(end) as unknown as Document;
    expect(document).toMatchObject({ ok: true, problems: [] });
    const [one] = document.handshakes;
    expect(one?.messages.map(({ type }) => type)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    expect(one?.analysis?.verdicts.every(({ ok }) => ok)).toBe(true);
    expect(one?.analysis?.preSharedSecret).toBe(true);
    expect(one?.analysis?.certificates[1]?.certificate).toMatchObject({
      subject: 'CN=bob',
      uris: ['https://bob.example'],
      keyUsage: ['keyEncipherment'],
    });
    const shownOf = (symbol: string) => one?.analysis?.values.find((value) => value.symbol === symbol);
    expect(shownOf('k_session')).toEqual({
      symbol: 'k_session',
      octets: 48,
      source: 'derived',
      secret: true,
      sha384: digest,
    });
    expect(shownOf('session')?.hex).toBe(session);
    expect(shownOf('C_i')?.hex).toBe(readFileSync(file('initiator.bin')).subarray(-48).toString('hex'));
    for (const secret of secrets()) expect(end.stdout).not.toContain(secret);
    const shown = await pquake('inspect', '--json', '--secrets', ...opened());
    for (const secret of secrets()) expect(shown.stdout).toContain(`"hex":"${secret}"`);
  });

  it('a refused message and octets that are no message: status 1, both on standard error', async () => {
    const octets = readFileSync(file('initiator.bin'));
    octets[3] = 0x1f;
    octets[1571] = 0x2a; // what follows is random, and might be the header of a message
    writeFileSync(file('wrong.bin'), octets);
    const { status, stdout, stderr } = await pquake('inspect', file('wrong.bin'));
    expect(status).toBe(1);
    expect(stdout).toContain('! refused: wrong-length: 1567 octets of data, not 1568');
    expect(stderr).toContain('pquake: initiatorHello: wrong-length: 1567 octets of data, not 1568');
    expect(stderr).toMatch(/pquake: initiator: unframed at octet 1571: version 42/);
    const document = resultOf(await pquake('inspect', '--json', file('wrong.bin'))) as unknown as Document;
    expect(document.ok).toBe(false);
    expect(document.handshakes[0]?.messages[0]?.refused[0]?.code).toBe('wrong-length');
  });

  it('a malformed capture: where, what was found and expected; one document all the same', async () => {
    writeFileSync(file('cut.pcap'), Buffer.from('d4c3b2a10200040000000000', 'hex'));
    const end = await pquake('inspect', '--json', file('cut.pcap'));
    expect(end.status).toBe(1);
    expect((resultOf(end) as unknown as Document).problems).toEqual([
      { file: file('cut.pcap'), offset: 12, found: 'the end', expected: 'a file header of 24 octets' },
    ]);
    expect(end.stderr).toContain(`${file('cut.pcap')}: offset 12: found the end, expected a file header of 24 octets`);
  });

  it.each([
    ['no file', () => [file('none')], 1, /none: there is no such file \(ENOENT\)/],
    ['a directory', () => [directory], 1, /a folder; expected a file \(EISDIR\)/],
    [
      'no key log',
      () => [file('initiator.bin'), '--keylog', file('none')],
      1,
      /none: there is no such file \(ENOENT\)/,
    ],
    ['three files', () => ['a', 'b', 'c'], 2, /too many arguments/],
    ['an unknown reading', () => ['a', '--reading', 'x'], 2, /Unknown reading x/],
  ])('%s is said', async (_, words, expected, reason) => {
    const { status, stderr } = await pquake('inspect', ...words());
    expect(status).toBe(expected);
    expect(stderr).toMatch(reason);
  });

  it('--help has examples', async () => {
    expect((await pquake('inspect', '--help')).stdout).toMatch(/Examples:\n {2}\$ pquake inspect /);
  });
});
