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
import { connect as tcpConnect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readingAxes } from '../../src/generated/keySchedule.ts';
import { handshake, pquake, resultOf, start } from './commands.ts';

const directory = mkdtempSync(join(tmpdir(), 'pquake-cli-'));
const file = (name: string): string => join(directory, name);
const who = (name: string, ...more: readonly string[]): string[] => [
  ...['--cert', file(`${name}.pem`), '--key', file(`${name}.key`), '--ca', file('ca.pem')],
  ...more,
];

beforeAll(async () => {
  expect(await pquake('ca', 'init', directory, '--name', 'Test CA')).toMatchObject({ status: 0 });
  expect(await pquake('cert', 'issue', directory, 'alice')).toMatchObject({ status: 0 });
  const bob = await pquake('cert', 'issue', directory, 'bob', '--days', '30', '--san', 'https://bob.example');
  expect(bob).toMatchObject({ status: 0 });
  writeFileSync(file('psk.hex'), `${randomBytes(32).toString('hex')}\n`);
  writeFileSync(file('other.hex'), randomBytes(32).toString('hex'));
});
afterAll(() => rmSync(directory, { recursive: true }));

describe('ca init, cert issue', () => {
  it('write certificates, and keys with mode 0600, and leave nothing else', () => {
    const names = [
      'alice.key',
      'alice.pem',
      'bob.key',
      'bob.pem',
      'ca.json',
      'ca.key',
      'ca.pem',
      'other.hex',
      'psk.hex',
    ];
    expect(readdirSync(directory).sort()).toEqual(names);
    for (const name of ['ca.key', 'alice.key', 'bob.key']) expect(statSync(file(name)).mode & 0o777).toBe(0o600);
  });

  it('never overwrite without --force', async () => {
    const before = readFileSync(file('alice.key'), 'utf8');
    const again = await pquake('cert', 'issue', directory, 'alice');
    expect([again.status, again.stderr]).toEqual([
      1,
      expect.stringMatching(/alice\.key: exists already; --force overwrites it, and the key in it is lost/),
    ]);
    expect(readFileSync(file('alice.key'), 'utf8')).toBe(before);
    expect(await pquake('cert', 'issue', directory, 'carol')).toMatchObject({ status: 0 });
    const first = readFileSync(file('carol.key'), 'utf8');
    expect(await pquake('cert', 'issue', directory, 'carol', '--force')).toMatchObject({ status: 0 });
    expect(readFileSync(file('carol.key'), 'utf8')).not.toBe(first);
    expect(statSync(file('carol.key')).mode & 0o777).toBe(0o600);
  });

  it('never propose to replace an authority; one that is replaced all the same is kept', async () => {
    const pki = join(directory, 'replaced');
    await pquake('ca', 'init', pki);
    await pquake('cert', 'issue', pki, 'alice');
    const names = ['ca.key', 'ca.pem', 'ca.json'];
    const before = names.map((name) => readFileSync(join(pki, name), 'utf8'));
    const refused = await pquake('ca', 'init', pki);
    expect([refused.status, refused.stderr]).toEqual([
      1,
      `pquake: ${pki}/ca.key: exists already: an authority is there, and stays as it is\n`,
    ]);
    expect(names.map((name) => readFileSync(join(pki, name), 'utf8'))).toEqual(before);
    for (const number of [1, 2]) {
      const kept = names.map((name) => join(pki, `${name}.replaced-${number}`));
      const { status, stdout, stderr } = await pquake('ca', 'init', pki, '--force', '--json');
      expect([status, JSON.parse(stdout).replaced]).toEqual([0, kept]);
      expect(stderr).toContain(`the authority that was there is kept: ${kept.join(', ')}`);
      expect(statSync(kept[0] ?? '').mode & 0o777).toBe(0o600);
    }
    const first = names.map((name) => readFileSync(join(pki, `${name}.replaced-1`), 'utf8'));
    expect(first).toEqual(before);
    expect(readFileSync(join(pki, 'ca.key'), 'utf8')).not.toBe(before[0]);
    rmSync(pki, { recursive: true });
  });

  it.each([
    ['--san', 'a b'],
    ['--days', '99999999'],
  ])('%s %s is refused in words', async (...words) => {
    const end = await pquake('cert', 'issue', directory, 'erin', '--json', ...words);
    expect(end.status).toBe(1);
    expect(resultOf(end)).toMatchObject({ ok: false, code: 'configuration' });
    expect(end.stderr).not.toMatch(/at .*:\d+:\d+/);
    expect(existsSync(file('erin.key'))).toBe(false);
  });

  it('refuse names that are no file names, and directories without an authority', async () => {
    for (const name of ['../mallory', 'ca', '.hidden', 'a/b']) {
      expect((await pquake('cert', 'issue', directory, name)).stderr).toContain('a name that is also a file name');
    }
    const { status, stderr } = await pquake('cert', 'issue', file('nowhere'), 'dave');
    expect(status).toBe(1);
    expect(stderr).toContain(`there is no folder ${file('nowhere')} (ENOENT)`);
  });
});

describe('serve and connect', () => {
  const readings = [
    '',
    ...Object.entries(readingAxes).flatMap(([axis, { alternatives }]) =>
      alternatives.slice(1).map((one) => `${axis}=${one}`),
    ),
    'h_i=chained,k_hid=bound,aad=header,S=hiding-key,C_i=figure',
    'fields,header,transcript=default',
  ];

  it.each(readings)(
    'two processes on different back ends, with and without a secret: reading [%s]',
    async (reading) => {
      const extra = reading === '' ? [] : ['--reading', reading];
      const rounds = [
        [
          ['--crypto', 'noble'],
          ['--crypto', 'native'],
        ],
        [
          ['--crypto', 'native', '--psk-file', file('psk.hex')],
          ['--crypto', 'noble', '--psk-file', file('psk.hex')],
        ],
      ] as const;
      for (const [serve, connect] of rounds) {
        const ends = await handshake(
          who('bob', ...serve, ...extra, '--expect', 'alice'),
          who('alice', ...connect, ...extra, '--expect', 'bob'),
        );
        const [i, r] = [resultOf(ends.initiator), resultOf(ends.responder)];
        expect(i).toMatchObject({
          ok: true,
          role: 'initiator',
          peer: 'CN=bob',
          session: expect.stringMatching(/^[0-9a-f]{96}$/),
        });
        expect(r).toMatchObject({ ok: true, role: 'responder', peer: 'CN=alice', session: i['session'] });
        expect([i['sent'], i['received']]).toEqual([r['received'], r['sent']]);
        const octets = Number(i['sent']) + Number(i['received']);
        expect(octets).toBeGreaterThan(19_200);
        expect(octets).toBeLessThan(19_600);
        expect([ends.initiator.status, ends.responder.status]).toEqual([0, 0]);
      }
    },
  );

  const failures: readonly [string, readonly string[], readonly string[], string | RegExp, string | RegExp][] = [
    ['mixed transcript readings', ['--reading', 'transcript=fields'], [], 'wrong-confirmation', 'wrong-confirmation'],
    ['mixed hiding keys', ['--reading', 'hidingKey=bound'], [], 'decryption-failed', 'decryption-failed'],
    ['a secret on one side only', ['--psk-file', file('psk.hex')], [], 'decryption-failed', 'decryption-failed'],
    [
      'different secrets',
      ['--psk-file', file('psk.hex')],
      ['--psk-file', file('other.hex')],
      'decryption-failed',
      'decryption-failed',
    ],
    ['an unexpected initiator', ['--expect', 'carol'], [], 'unexpected-peer', /undefined/],
    ['an unexpected responder', [], ['--expect', 'carol'], /undefined/, 'unexpected-peer'],
  ];

  it.each(failures)(
    '%s: code, step, section and message, status 1',
    async (_, serve, connect, responderCode, initiatorCode) => {
      const ends = await handshake(who('bob', ...serve), who('alice', ...connect));
      for (const [end, expected] of [
        [ends.responder, responderCode],
        [ends.initiator, initiatorCode],
      ] as const) {
        const result = resultOf(end);
        if (expected instanceof RegExp) {
          expect(result).toMatchObject({ ok: true });
          continue;
        }
        // One side may see only that the other hung up, when that one failed first.
        expect([expected, 'connection-closed']).toContain(result['code']);
        expect(result).toMatchObject({ ok: false, step: expect.any(Number), section: expect.any(String) });
        expect(end.status).toBe(1);
      }
    },
  );

  it('lockstep, either side first', async () => {
    for (const first of ['initiator', 'responder']) {
      const schedule = ['--schedule', 'lockstep', '--first', first];
      const ends = await handshake(who('bob', ...schedule), who('alice', ...schedule));
      expect(resultOf(ends.initiator)['session']).toBe(resultOf(ends.responder)['session']);
    }
  });

  it('serves one handshake after the other until it is ended, a line of JSON for each', async () => {
    const server = start(['serve', '--listen', '127.0.0.1:0', '--json', ...who('bob')]);
    const address = await server.address;
    const ends = [
      await pquake('connect', address, '--json', ...who('alice')),
      await pquake('connect', address, '--json', ...who('alice', '--psk-file', file('psk.hex'))),
      await pquake('connect', address, '--json', ...who('alice')),
    ];
    await server.lines(3);
    server.child.kill('SIGTERM');
    const { status, stdout } = await server.ended;
    const lines = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(status).toBe(0);
    expect(lines.map(({ ok }) => ok)).toEqual([true, false, true]);
    expect(ends.map((end) => end.status)).toEqual([0, 1, 0]);
    expect(lines[2].session).toBe(resultOf(ends[2] ?? (ends[0] as never))['session']);
  });

  it('a peer that says nothing, and one that hangs up: timeout and connection-closed, nothing sent', async () => {
    for (const [hangUp, code] of [
      [false, 'message-timeout'],
      [true, 'connection-closed'],
    ] as const) {
      const patience = hangUp ? [] : ['--message-timeout', '0.3'];
      const server = start(['serve', '--listen', '127.0.0.1:0', '--once', '--json', ...patience, ...who('bob')]);
      const [host, port] = (await server.address).split(':');
      const socket = tcpConnect({ host: host ?? '', port: Number(port) });
      const heard: Buffer[] = [];
      socket.on('data', (chunk: Buffer) => heard.push(chunk));
      if (hangUp) socket.end(Uint8Array.of(1, 1, 6));
      const end = await server.ended;
      expect(resultOf(end)).toMatchObject({ ok: false, code, step: 1, section: '3.6' });
      expect(heard).toEqual([]);
      socket.destroy();
    }
  });

  it('--once waits for a handshake: a look at the port is none', async () => {
    const server = start(['serve', '--listen', '127.0.0.1:0', '--once', '--json', ...who('bob')]);
    const [host, port] = (await server.address).split(':');
    const probe = tcpConnect({ host: host ?? '', port: Number(port) });
    await new Promise((resolve) => probe.once('connect', resolve));
    const initiator = await pquake('connect', await server.address, '--json', ...who('alice'));
    probe.destroy();
    expect(resultOf(await server.ended)['session']).toBe(resultOf(initiator)['session']);
  });

  it('no responder there: connection-closed, which says where', async () => {
    const end = await pquake('connect', '127.0.0.1:1', '--json', ...who('alice'));
    expect(resultOf(end)).toMatchObject({
      ok: false,
      code: 'connection-closed',
      message: expect.stringContaining('127.0.0.1:1'),
    });
    expect(end.status).toBe(1);
  });
});

describe('unusable files name the file and the reason', () => {
  const write = (name: string, content: string): string => {
    writeFileSync(file(name), content);
    return file(name);
  };
  const pem = (name: string): string => readFileSync(file(name), 'utf8');

  const cases: readonly [string, () => readonly string[], RegExp][] = [
    [
      'no certificate file',
      () => [...who('alice'), '--cert', file('none.pem')],
      /none\.pem: there is no such file \(ENOENT\) \(--cert: own certificate, PEM\)/,
    ],
    [
      'a key where a certificate should be',
      () => [...who('alice'), '--cert', file('alice.key')],
      /alice\.key: .*CERTIFICATE/,
    ],
    ['an empty certificate', () => [...who('alice'), '--cert', write('empty.pem', '')], /empty\.pem: /],
    [
      'a truncated certificate',
      () => [...who('alice'), '--cert', write('cut.pem', pem('alice.pem').slice(0, 900))],
      /cut\.pem: /,
    ],
    [
      'another’s key',
      () => [...who('alice'), '--key', file('bob.key')],
      /bob\.key: not the private key of the certificate in .*alice\.pem/,
    ],
    ['the authority’s key', () => [...who('alice'), '--key', file('ca.key')], /ca\.key: /],
    ['a certificate of the authority as one’s own', () => [...who('alice'), '--cert', file('ca.pem')], /ca\.pem: /],
    ['a leaf as trust anchor', () => [...who('alice'), '--ca', file('bob.pem')], /bob\.pem: /],
    ['a directory', () => [...who('alice'), '--key', directory], /a folder; expected a file \(EISDIR\)/],
    [
      'a short secret',
      () => [...who('alice'), '--psk-file', write('short.hex', 'ab'.repeat(31))],
      /short\.hex: expected 32 to 128 octets .*found 31 octets/,
    ],
    [
      'a long secret',
      () => [...who('alice'), '--psk-file', write('long.hex', 'ab12'.repeat(100))],
      /long\.hex: expected 32 to 128 octets .*found 200 octets/,
    ],
    [
      'an odd secret',
      () => [...who('alice'), '--psk-file', write('odd.hex', 'a'.repeat(65))],
      /odd\.hex: expected an even number/,
    ],
    [
      'a secret that is not hexadecimal',
      () => [...who('alice'), '--psk-file', write('text.hex', 'x'.repeat(64))],
      /text\.hex: expected hexadecimal/,
    ],
  ];

  it.each(cases)('%s', async (_, words, reason) => {
    const end = await pquake('connect', '127.0.0.1:1', '--json', ...words());
    expect(end.status).toBe(1);
    expect(end.stderr).toMatch(reason);
    expect(resultOf(end)).toMatchObject({ ok: false, code: 'configuration', message: expect.stringMatching(reason) });
    expect(`${end.stdout}${end.stderr}`).not.toMatch(/at .*\(.*:\d+:\d+\)|x{64}|(ab){31}/);
  });

  it('an unreadable key', async () => {
    if (process.getuid?.() === 0) {
      expect(existsSync(file('alice.key'))).toBe(true); // the superuser can read everything
      return;
    }
    chmodSync(file('alice.key'), 0);
    const end = await pquake('connect', '127.0.0.1:1', ...who('alice'));
    chmodSync(file('alice.key'), 0o600);
    expect(end.stderr).toMatch(/alice\.key: this user may not open it \(EACCES\)/);
  });
});

describe('usage', () => {
  it.each([
    [['connect', ...['--cert', 'a', '--key', 'b', '--ca', 'c']], /missing required argument/],
    [['connect', '127.0.0.1', '--cert', 'a', '--key', 'b', '--ca', 'c'], /HOST:PORT/],
    [['connect', '127.0.0.1:99999', '--cert', 'a', '--key', 'b', '--ca', 'c'], /65535/],
    [['serve', '--listen', '127.0.0.1:0'], /--cert/],
    [['serve', ...who('bob'), '--listen', '127.0.0.1:0', '--crypto', 'rot13'], /Allowed choices are noble, native/],
    [['serve', ...who('bob'), '--listen', '127.0.0.1:0', '--schedule', 'late'], /eager, lockstep/],
    [['serve', ...who('bob'), '--listen', '127.0.0.1:0', '--reading', 'h=x'], /messages, fields, chained/],
    [['serve', ...who('bob'), '--listen', '127.0.0.1:0', '--reading', 'y=x'], /Unknown reading y/],
    [['serve', ...who('bob'), '--listen', '127.0.0.1:0', '--message-timeout', '0'], /seconds/],
    [['cert', 'issue', 'x', 'y', '--days', '0'], /whole number/],
    [['fly'], /unknown command/],
    [['ca', 'init', 'x'.repeat(65_537)], /word 3 of the command line has more than 65536 characters/],
  ])('%j is a usage error: status 2, nothing on standard output', async (words, reason) => {
    const end = await pquake(...words);
    expect(end).toMatchObject({ status: 2, stdout: '' });
    expect(end.stderr).toMatch(reason);
  });

  it.each([[['ca', 'init']], [['cert', 'issue']], [['serve']], [['connect']], [['demo']]])(
    '%j --help has examples',
    async (words) => {
      const end = await pquake(...words, '--help');
      expect(end.status).toBe(0);
      expect(end.stdout).toMatch(/Examples:\n {2}\$ pquake /);
    },
  );

  it('--version prints that of the package', async () => {
    const { version } = JSON.parse(readFileSync('package.json', 'utf8'));
    expect((await pquake('--version')).stdout).toBe(`${version}\n`);
  });
});

it('pquake demo draws two ladders of eight messages and five flights, and both sides hold the same session', async () => {
  const { status, stdout } = await pquake('demo');
  expect(status).toBe(0);
  expect(stdout.match(/8 messages, 5 flights/g)).toHaveLength(2);
  expect(stdout.match(/both hold the same session key/g)).toHaveLength(2);
  expect(stdout).toMatch(/mutual TLS 1\.3 .* [\d,]+ +#/);
});
