// An encrypted key is not told by what is said of it, whoever changes its file.

import { createDecipheriv, createPrivateKey, pbkdf2Sync, randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { encodePem } from '../../../src/keys/pem.ts';
import { tlv } from '../../../src/lab/vectors/certificateEdits.ts';
import { challengeRequest, requestCertificate, respondToChallenge } from '../../../src/node/authority/enrolment.ts';
import { changePassphrase, generateKeyFile, inspectKeyFile } from '../../../src/node/authority/keyFiles.ts';
import { createAuthority, issueCredentials } from '../../../src/node/authority/pki.ts';
import { renewCertificate } from '../../../src/node/authority/renewal.ts';
import { writeRevocationList } from '../../../src/node/authority/revocation.ts';
import { readCredentials } from '../../../src/node/files/files.ts';
import { chooseSuite } from '../../../src/node/suite.ts';
import type { Bytes } from '../../../src/octets.ts';
import { timesAsLong } from '../../duration.ts';
import { attack, putTogether, takeApart } from './keyOracle.ts';

const suite = chooseSuite();
const passphrase = 'of the holder';
const directory = mkdtempSync(join(tmpdir(), 'pquake-oracle-'));
const file = (name: string): string => join(directory, name);
const refusalOf = (key: string): string => `passphrase-wrong ${key}: the passphrase is wrong, or the file was changed`;

/** A key of another program: 2048 iterations, HMAC-SHA-256, AES-256-CBC, no authenticator. */
const foreign = (pem: string): string =>
  createPrivateKey(pem).export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase }).toString();

/** Facts that only the holder of the passphrase knows. */
function plaintextOf(pem: string, hash: string, iterations: number): Bytes {
  const { algorithm, vector, blocks } = takeApart(pem);
  const saltAt = Buffer.from(algorithm).indexOf(Buffer.from('2a864886f70d01050c', 'hex')) + 13;
  const salt = algorithm.subarray(saltAt, saltAt + (algorithm[saltAt - 1] ?? 0));
  const key = pbkdf2Sync(passphrase, salt, iterations, 32, hash);
  const decipher = createDecipheriv('aes-256-cbc', key, vector);
  return Buffer.concat([...blocks.map((one) => decipher.update(one)), decipher.final()]);
}

/** The answer: `opened`, or the code and the message. */
function said(run: () => unknown): string {
  try {
    run();
    return 'opened';
  } catch (error) {
    const { code, message } = error as { code?: string; message: string };
    return `${code} ${message}`;
  }
}

const [alice, authority] = [file('alice.key'), file('ca.key')];
let [aliceText, authorityText] = ['', ''];
const again = { suite, directory, name: 'alice', newKey: true, force: true, passphrase };
const answer = {
  suite,
  challengeFile: file('challenge'),
  requestFile: file('request'),
  responseFile: file('response'),
};

/** Everything that opens a key, by the file of the key. */
const readers: Readonly<Record<string, readonly [name: string, key: string, read: () => unknown]>> = {
  inspect: ['key inspect', alice, () => inspectKeyFile({ suite, file: alice, passphrase })],
  passphrase: ['key passphrase', alice, () => changePassphrase({ suite, file: alice, passphrase, newPassphrase: 'x' })],
  credentials: ['serve, connect', alice, () => readCredentials(suite, file('alice.pem'), alice, { passphrase })],
  renewal: ['cert renew --new-key', alice, () => renewCertificate(again)],
  request: [
    'cert request',
    alice,
    () =>
      requestCertificate({ suite, name: 'carol', keyFile: alice, requestFile: file('other'), force: true, passphrase }),
  ],
  respond: ['cert respond', alice, () => respondToChallenge({ ...answer, keyFile: alice, force: true, passphrase })],
  issue: ['cert issue', authority, () => issueCredentials({ suite, directory, name: 'bob', force: true, passphrase })],
  list: ['ca crl', authority, () => writeRevocationList({ suite, directory, passphrase })],
  authority: ['key inspect of ca.key', authority, () => inspectKeyFile({ suite, file: authority, passphrase })],
};

// Refusals wait: that time is not spent here, but it is counted.
let waited = 0;
const clock = performance.now.bind(performance);

beforeAll(() => {
  vi.spyOn(performance, 'now').mockImplementation(() => clock() + waited);
  vi.spyOn(Atomics, 'wait').mockImplementation((_, _index, _value, milliseconds = 0) => {
    waited += milliseconds;
    return 'timed-out';
  });
  createAuthority({ suite, directory });
  issueCredentials({ suite, directory, name: 'alice' });
  requestCertificate({ suite, name: 'alice', keyFile: alice, requestFile: answer.requestFile });
  challengeRequest({ suite, directory, requestFile: answer.requestFile, challengeFile: answer.challengeFile });
  aliceText = foreign(readFileSync(alice, 'utf8'));
  authorityText = foreign(readFileSync(authority, 'utf8'));
});
afterAll(() => {
  vi.restoreAllMocks();
  rmSync(directory, { recursive: true });
});

function restore(): void {
  writeFileSync(alice, aliceText);
  writeFileSync(authority, authorityText);
}

/** Reads a file that was changed. */
const look =
  (key: string, read: () => unknown): ((pem: string) => string) =>
  (pem) => {
    restore();
    writeFileSync(key, pem);
    return said(read);
  };

describe('the blocks of a key put together so that a refusal tells of them', () => {
  it.each(Object.values(readers))('%s: tells nothing of a key of another program', (_, key, read) => {
    const text = key === alice ? aliceText : authorityText;
    const plaintext = plaintextOf(text, 'sha256', 2048);
    const { found, said: all } = attack(text, plaintext.subarray(0, 16), 2, look(key, read), 40);
    expect(found, 'the third block of the key').not.toEqual(Uint8Array.from(plaintext.subarray(32, 48)));
    expect(found).toBeUndefined();
    expect([...new Set(all)]).toEqual([refusalOf(key)]);
  });

  it('nor of one that is written here', () => {
    const key = file('own.key');
    generateKeyFile({ suite, file: key, passphrase });
    const text = readFileSync(key, 'utf8');
    const plaintext = plaintextOf(text, 'sha512', 600_000);
    const inspect = look(key, () => inspectKeyFile({ suite, file: key, passphrase }));
    expect(inspect(text)).toBe('opened');
    const { found, said: all } = attack(text, plaintext.subarray(0, 16), 2, inspect, 8);
    expect(found).toBeUndefined();
    expect([...new Set(all)]).toEqual([refusalOf(key)]);
  });
});

describe('changes that a reader sees at different places', () => {
  /** Of padding, of structure, of lengths, of the key itself. */
  function changes(text: string): string[] {
    const { vector, blocks, ...apart } = takeApart(text);
    const together = (one: Bytes, others: readonly Bytes[]): string =>
      putTogether({ vector, blocks, ...apart }, one, others);
    const flipped = (octets: Bytes, at: number): Bytes =>
      Uint8Array.from(octets, (one, i) => (i === at ? one ^ 1 : one));
    const last = blocks.length - 1;
    const inBlock = [0, 1, 2, 30, last - 1, last].filter((at, i, all) => at <= last && all.indexOf(at) === i);
    return [
      ...Array.from({ length: 16 }, (_, at) => together(flipped(vector, at), blocks)),
      ...inBlock.map((at) =>
        together(
          vector,
          blocks.map((one, i) => (i === at ? flipped(one, 15) : one)),
        ),
      ),
      together(vector, blocks.slice(0, -1)),
      together(vector, blocks.slice(1)),
      together(vector, [...blocks, Uint8Array.from(randomBytes(16))]),
      together(vector, blocks.slice(0, 1)),
    ];
  }

  it.each([readers['credentials'], readers['renewal'], readers['issue']] as (typeof readers)[string][])(
    '%s: one refusal, told at one time',
    (_, key, read) => {
      restore();
      expect(said(read)).toBe('opened');
      restore();
      const text = readFileSync(key, 'utf8');
      for (const [i, changed] of changes(text).entries()) {
        const begun = performance.now();
        expect(look(key, read)(changed), `change ${i}`).toBe(refusalOf(key));
        // Others would be told within a few milliseconds, sooner for some reasons than for others.
        expect(performance.now() - begun).toBeGreaterThan(499);
      }
    },
  );

  it('another certificate than that of the key is told for keys that cannot be changed unseen, and only for them', () => {
    restore();
    issueCredentials({ suite, directory, name: 'dave', passphrase });
    const [certificate, key] = [file('dave.pem'), file('copy.key')];
    const other = (): string => said(() => readCredentials(suite, certificate, key, { passphrase }));
    writeFileSync(key, aliceText);
    expect(other()).toBe(refusalOf(key));
    changePassphrase({ suite, file: key, passphrase, newPassphrase: passphrase });
    expect(other()).toBe(`undefined ${key}: not the private key of the certificate in ${certificate}`);
    changePassphrase({ suite, file: key, passphrase, newPassphrase: undefined });
    expect(other()).toBe(`undefined ${key}: not the private key of the certificate in ${certificate}`);
  });
});

describe('a key without an authenticator', () => {
  it('is told of, with the command that writes it anew, after which it has one', () => {
    const key = file('told.key');
    writeFileSync(key, aliceText);
    const warnings: string[] = [];
    const options = { suite, file: key, passphrase, warn: (message: string) => void warnings.push(message) };
    expect(inspectKeyFile(options).encryption?.authenticated).toBe(false);
    expect(warnings).toEqual([expect.stringMatching(/told\.key: no authenticator.*; pquake key passphrase writes it/)]);
    changePassphrase({ ...options, newPassphrase: passphrase });
    warnings.splice(0);
    expect(inspectKeyFile(options).encryption?.authenticated).toBe(true);
    expect(warnings).toEqual([]);
  });

  it('is one whose authenticator was cut off: refused before anything is decrypted, whatever the passphrase', () => {
    const key = file('cut.key');
    generateKeyFile({ suite, file: key, passphrase });
    const text = readFileSync(key, 'utf8');
    const [first = '', second = ''] = text.split(/(?<=-----END ENCRYPTED PRIVATE KEY-----\n)/);
    expect(second).toMatch(/^-----BEGIN PQUAKE KEY AUTHENTICATOR-----\n[^-]+-----END PQUAKE KEY AUTHENTICATOR-----\n$/);
    for (const [cut, reason] of [
      [first, /its authenticator is not there/],
      [second, /expected an encrypted key before its authenticator, found none/],
      [second + first, /expected an encrypted key before its authenticator, found none/],
      [text + second, /expected one PQUAKE KEY AUTHENTICATOR, found 2/],
      [first + first + second, /expected one ENCRYPTED PRIVATE KEY, found 2/],
      [aliceText + second, /an authenticator, of a key that was written without one/],
    ] as const) {
      writeFileSync(key, cut);
      for (const words of [passphrase, 'another'])
        expect(said(() => inspectKeyFile({ suite, file: key, passphrase: words }))).toMatch(reason);
    }
  });

  it('and one with it is opened by other programs, which pass the second block over', () => {
    const key = file('others.key');
    generateKeyFile({ suite, file: key, passphrase });
    const read = createPrivateKey({ key: readFileSync(key), passphrase });
    expect(read.asymmetricKeyType).toBe('ml-kem-1024');
  });
});

it('2,000,000 iterations are the most: more are refused at once, with both numbers', () => {
  const key = file('slow.key');
  const [vector, data] = [randomBytes(16), randomBytes(96)];
  const oid = (digits: string): Bytes => tlv(6, Buffer.from(digits, 'hex'));
  const count = tlv(2, Buffer.from('00800000', 'hex')); // 8,388,608
  const prf = tlv(0x30, oid('2a864886f70d0209'), tlv(5));
  const derivation = tlv(0x30, oid('2a864886f70d01050c'), tlv(0x30, tlv(4, randomBytes(16)), count, prf));
  const cipher = tlv(0x30, oid('60864801650304012a'), tlv(4, vector));
  const algorithm = tlv(0x30, oid('2a864886f70d01050d'), tlv(0x30, derivation, cipher));
  writeFileSync(key, encodePem('ENCRYPTED PRIVATE KEY', tlv(0x30, algorithm, tlv(4, data))));
  const refuse = (): void => {
    expect(said(() => inspectKeyFile({ suite, file: key, passphrase }))).toMatch(
      /slow\.key: .*iterations: 8388608, not from 1 to 2000000/,
    );
  };
  const before = waited;
  refuse();
  expect(waited).toBe(before);
  // A fourteenth of the iterations take longer than the refusal.
  const derive = (): unknown => pbkdf2Sync(passphrase, vector, 600_000, 32, 'sha256');
  expect(timesAsLong(1, refuse, derive)).toBeLessThan(1);
});
