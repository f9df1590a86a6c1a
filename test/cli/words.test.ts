// What commands say of a failure: what was found, what was expected, which file or whose, and what to do.
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { handshake, pquake, resultOf } from './commands.ts';

const directory = mkdtempSync(join(tmpdir(), 'pquake-words-'));
const file = (name: string): string => join(directory, name);
const small = ['--suite', 'mlkem768-mldsa65', '--allow-suite', 'mlkem768-mldsa65'];
const who = (name: string, ...more: readonly string[]): string[] => [
  ...['--cert', file(`pki/${name}.pem`), '--key', file(`pki/${name}.key`), '--ca', file('pki/ca.pem')],
  ...['--expect', 'anyone', ...more],
];

beforeAll(async () => {
  writeFileSync(file('ca.words'), 'of the authority\n', { mode: 0o600 });
  for (const words of [
    ['ca', 'init', file('pki')],
    ['cert', 'issue', file('pki'), 'alice'],
    ['cert', 'issue', file('pki'), 'bob', '--days', '30'],
    ['ca', 'init', file('small'), ...small],
    ['cert', 'issue', file('small'), 'alice', ...small],
    ['psk', 'generate', file('psk.hex')],
    ['psk', 'generate', file('other.hex')],
  ])
    expect(await pquake(...words)).toMatchObject({ status: 0 });
});
afterAll(() => rmSync(directory, { recursive: true }));

describe('a file in the place of another', () => {
  it.each([
    [
      'the certificate of a peer as --ca',
      () => who('bob', '--ca', file('pki/alice.pem')),
      /alice\.pem: .*found ML-KEM-1024 \(2\.16\.840\.1\.101\.3\.4\.4\.3\), expected ML-DSA-87: this is the certificate of a peer, not of an authority \(--ca: certificates of authorities, the trust anchors, PEM\)/,
    ],
    [
      'the certificate of an authority as --cert',
      () => [...who('bob'), '--cert', file('pki/ca.pem')],
      /ca\.pem: .*found ML-DSA-87 \(\S+\), expected ML-KEM-1024: this is the certificate of an authority, not of a peer \(--cert: own certificate, PEM; --ca: /,
    ],
    [
      'the key of an authority as --key',
      () => who('bob', '--key', file('pki/ca.key')),
      /ca\.key: .*found ML-DSA-87 \(\S+\), expected ML-KEM-1024: this is the key of an authority, not of a peer \(--key: its private key, PKCS#8 PEM\)/,
    ],
    [
      'the certificate of another suite as --cert',
      () => who('bob', '--cert', file('small/alice.pem')),
      /alice\.pem: .*found ML-DSA-65 \(\S+\), of the suite mlkem768-mldsa65, expected ML-DSA-87 \(--cert: /,
    ],
    [
      'the key of another peer as --key',
      () => who('bob', '--key', file('pki/alice.key')),
      /alice\.key: not the private key of the certificate in .*bob\.pem/,
    ],
  ])('%s', async (_, words, reason) => {
    const end = await pquake('connect', '127.0.0.1:1', '--json', ...words());
    expect([end.status, end.stderr]).toEqual([1, expect.stringMatching(reason)]);
    expect(resultOf(end)).toMatchObject({ code: 'configuration', message: expect.stringMatching(reason) });
  });

  it('cert verify names the file and the option too', async () => {
    const { status, stdout } = await pquake('cert', 'verify', file('pki/bob.pem'), '--ca', file('pki/alice.pem'));
    expect([status, stdout]).toEqual([
      1,
      expect.stringMatching(/alice\.pem \(--ca\): .* this is the certificate of a peer, not of an authority$/m),
    ]);
  });
});

describe('two peers that do not agree', () => {
  it.each([
    ['one has another secret', ['--psk-file', 'psk.hex'], ['--psk-file', 'other.hex']],
    ['one has no secret', ['--psk-file', 'psk.hex'], []],
    ['one has another reading', ['--reading', 'hidingKey=bound'], []],
  ])('%s: both causes are named (PQ-P-15)', async (_, serve, connect) => {
    const named = (words: readonly string[]): string[] => words.map((one) => (one.endsWith('.hex') ? file(one) : one));
    const ends = await handshake(who('bob', ...named(serve)), who('alice', ...named(connect)));
    const failures = [ends.initiator, ends.responder].map(resultOf);
    expect(failures.find(({ code }) => code === 'decryption-failed')).toMatchObject({
      message: expect.stringMatching(/the pre-shared secrets or the readings differ, or a message was changed/),
    });
  });

  it('of different suites: the octets found and expected, and the suite that has them', async () => {
    const mine = [
      ...['--cert', file('small/alice.pem'), '--key', file('small/alice.key'), '--ca', file('small/ca.pem')],
      ...['--expect', 'anyone', ...small],
    ];
    const { responder } = await handshake(who('bob'), mine);
    expect(resultOf(responder)).toMatchObject({
      code: 'wrong-length',
      message: expect.stringMatching(/found 1184 octets of data, as in the suite mlkem768-mldsa65, expected 1568$/),
    });
  });
});

it('a certificate outside of its validity: whose, from when to when, and the time (PQ-P-16)', async () => {
  const words = ['--ca', file('pki/ca.pem'), '--at', '2999-01-01T00:00:00Z'];
  const { status, stdout } = await pquake('cert', 'verify', file('pki/bob.pem'), ...words);
  expect([status, stdout]).toEqual([
    1,
    expect.stringMatching(
      /the certificate [0-9a-f]+ of CN=bob is valid from 2\S+Z to 2\S+Z, and the time is 2999-01-01T00:00:00\.000Z/,
    ),
  ]);
});

describe('inspect', () => {
  it.each([
    ['PEM', () => file('pki/bob.pem'), /bob\.pem: offset 0: found PEM of the kind CERTIFICATE, expected a capture/],
    [
      'a key log',
      () => file('keys.log'),
      /keys\.log: offset 0: found a key log, which goes beside a recording, expected/,
    ],
    [
      'no messages',
      () => file('noise'),
      /noise: offset 0: found octets with which no message begins, expected a capture/,
    ],
  ])('%s is said to be no recording', async (_, name, reason) => {
    writeFileSync(file('keys.log'), `PQUAKE_SS_E ${'ab'.repeat(32)} ${'cd'.repeat(32)}\n`);
    writeFileSync(file('noise'), Buffer.of(0x30, 0x82, 0xff, 0, 1, 2));
    const { status, stderr } = await pquake('inspect', name());
    expect([status, stderr]).toEqual([1, expect.stringMatching(reason)]);
  });

  it('a handshake that did not complete: where it ended, status 1', async () => {
    writeFileSync(file('begun.bin'), Buffer.concat([Buffer.of(1, 1, 6, 32), Buffer.alloc(1568)]));
    const { status, stdout, stderr } = await pquake('inspect', file('begun.bin'));
    const reason =
      'the handshake did not complete: it ended after message 1, initiatorHello; not recorded: initiatorConfirmation';
    expect(status).toBe(1);
    expect(stderr).toContain(`pquake: ${reason}`);
    expect(stdout).toContain(` ! ${reason}`);
  });
});

describe('psk generate', () => {
  it('writes a secret that --psk-file takes, mode 0600, and says its size', async () => {
    const end = await pquake('psk', 'generate', file('new.hex'));
    expect([end.status, end.stdout]).toEqual([0, expect.stringContaining('48 octets in hexadecimal digits')]);
    expect(readFileSync(file('new.hex'), 'latin1')).toMatch(/^[0-9a-f]{96}\n$/);
    expect(statSync(file('new.hex')).mode & 0o777).toBe(0o600);
    const secret = ['--psk-file', file('new.hex')];
    const { initiator } = await handshake(who('bob', ...secret), who('alice', ...secret));
    expect(initiator.status).toBe(0);
  });

  it('overwrites nothing without --force', async () => {
    const before = readFileSync(file('psk.hex'), 'latin1');
    const end = await pquake('psk', 'generate', file('psk.hex'), '--json');
    expect(end.status).toBe(1);
    expect(resultOf(end)).toMatchObject({
      ok: false,
      message: expect.stringMatching(/psk\.hex: exists already; --force/),
    });
    expect(readFileSync(file('psk.hex'), 'latin1')).toBe(before);
    const forced = await pquake('psk', 'generate', file('psk.hex'), '--json', '--force');
    expect(resultOf(forced)).toEqual({ ok: true, psk: file('psk.hex'), octets: 48 });
    expect(readFileSync(file('psk.hex'), 'latin1')).not.toBe(before);
  });
});

describe('the passphrase of the key of an authority', () => {
  it('has one option in all commands; its former name goes on to work, and no help shows it', async () => {
    for (const [at, option] of [
      ['one', '--ca-passphrase-file'],
      ['two', '--passphrase-file'],
    ] as const) {
      expect(await pquake('ca', 'init', file(at), option, file('ca.words'))).toMatchObject({ status: 0 });
      expect(await pquake('ca', 'crl', file(at), option, file('ca.words'))).toMatchObject({ status: 0 });
      expect(readFileSync(file(`${at}/ca.key`), 'latin1')).toContain('BEGIN ENCRYPTED PRIVATE KEY');
    }
    for (const command of ['ca init', 'ca crl', 'cert approve', 'cert issue', 'cert renew', 'cert rotate']) {
      const { stdout } = await pquake(...command.split(' '), '--help');
      expect(stdout).toContain('--ca-passphrase-file <file>');
      const own = /^cert (issue|renew|rotate)$/.test(command); // they write the key of a peer too
      expect(stdout.includes(' --passphrase-file <file>')).toBe(own);
    }
  });

  it.each([
    ['ca', 'crl'],
    ['cert', 'issue', 'carol'],
    ['cert', 'renew', 'carol'],
    ['cert', 'rotate', 'carol'],
  ])('is named where it is missing: %s %s', async (group, command, ...rest) => {
    const { status, stderr } = await pquake(group, command, file('one'), ...rest);
    expect([status, stderr]).toEqual([
      1,
      expect.stringMatching(/one\/ca\.key: encrypted: its passphrase is needed \(--ca-passphrase-file\)/),
    ]);
  });

  it('key inspect names the option of a key, whatever its file is called', async () => {
    const { stderr } = await pquake('key', 'passphrase', file('one/ca.key'), '--remove');
    expect(stderr).toMatch(/ca\.key: encrypted: its passphrase is needed \(--passphrase-file\)/);
  });
});
