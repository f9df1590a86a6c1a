// Whom an authority certifies, and whom it does not: names that are not allowed, taken or reserved, and keys that are compromised.
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { readAnchor } from '../../../src/node/authority/authority.ts';
import { type Database, readDatabase, sha256 } from '../../../src/node/authority/database.ts';
import {
  approveRequest,
  challengeRequest,
  requestCertificate,
  respondToChallenge,
} from '../../../src/node/authority/enrolment.ts';
import { createAuthority, issueCredentials } from '../../../src/node/authority/pki.ts';
import { renewCertificate, rotateCredentials } from '../../../src/node/authority/renewal.ts';
import { revokeCertificates, writeRevocationList } from '../../../src/node/authority/revocation.ts';
import { readCertificate } from '../../../src/node/files/files.ts';
import { chooseSuite } from '../../../src/node/suite.ts';

const suite = chooseSuite();
const root = mkdtempSync(join(tmpdir(), 'pquake-subjects-'));
const template = join(root, 'template');
let directory = template;
let count = 0;

beforeAll(() => {
  createAuthority({ suite, directory: template });
  issueCredentials({ suite, directory: template, name: 'bob', uris: ['https://bob.example'] });
});
beforeEach(() => {
  count += 1;
  directory = join(root, String(count));
  cpSync(template, directory, { recursive: true });
});
afterEach(() => vi.useRealTimers());
afterAll(() => rmSync(root, { recursive: true }));

const file = (name: string): string => join(directory, name);
const database = (): Database => readDatabase(directory, readAnchor(suite, directory).verificationKey.octets);
const issue = (name: string, more = {}) => issueCredentials({ suite, directory, name, ...more });
const challenges = (): string[] => (existsSync(file('challenges')) ? readdirSync(file('challenges')) : []);

/** How an action ends: `done`, or the code, the reason and the remedy of its refusal. */
function endOf(action: () => unknown): string {
  try {
    action();
    return 'done';
  } catch (error) {
    const { code = 'configuration', message, remedy } = error as { code?: string; message: string; remedy?: string };
    return `${code}: ${message}${remedy === undefined ? '' : `, permitted by ${remedy}`}`;
  }
}

interface Files {
  readonly requestFile: string;
  readonly challengeFile: string;
  readonly responseFile: string;
  readonly keyFile: string;
}

const filesOf = (stem: string): Files => ({
  requestFile: file(`${stem}.request`),
  challengeFile: file(`${stem}.challenge`),
  responseFile: file(`${stem}.response`),
  keyFile: file(`${stem}.secret`),
});

/** Asks for a name with a new key, or that of a file. */
function ask(name: string, uris: readonly string[] = [], stem = name, keyFile?: string): Files {
  const files = { ...filesOf(stem), ...(keyFile !== undefined && { keyFile }) };
  requestCertificate({ suite, name, uris, newKey: keyFile === undefined, ...files });
  return files;
}

/** Both steps of the authority and the holder's between; how the first that is refused ends. */
function enrol(files: Files, more = {}): string {
  const challenged = endOf(() => challengeRequest({ suite, directory, ...files, ...more }));
  if (challenged !== 'done') return challenged;
  respondToChallenge({ suite, ...files });
  return endOf(() => approveRequest({ suite, directory, ...files, ...more }));
}

/** Both steps, the first with everything allowed: how the second ends. */
function enrolSecond(files: Files, first: object, second = {}): string {
  challengeRequest({ suite, directory, ...files, force: true, ...first });
  respondToChallenge({ suite, ...files, force: true });
  return endOf(() => approveRequest({ suite, directory, ...files, ...second }));
}

describe('alternative names of a request', () => {
  it('are certified only when a pattern allows each of them, in either step', () => {
    const files = ask('mallory', ['https://mallory.example', 'https://other.example']);
    expect(enrol(files)).toMatch(
      /^name-not-allowed: .*https:\/\/mallory\.example https:\/\/other\.example, permitted by allow-names$/,
    );
    expect(challenges()).toEqual([]);
    const allowedSans = ['https://*.example'];
    expect(enrolSecond(files, { allowedSans })).toMatch(/^name-not-allowed: /);
    expect(enrolSecond(files, { allowedSans }, { allowedSans: ['https://mallory.example'] })).toMatch(
      /^name-not-allowed: [^;]*: https:\/\/other\.example, permitted/,
    );
    expect(existsSync(file('mallory.pem'))).toBe(false);
    expect(enrolSecond(files, { allowedSans }, { allowedSans })).toBe('done');
    expect(readCertificate(file('mallory.pem')).uris).toEqual(['https://mallory.example', 'https://other.example']);
  });

  it('that a person confirmed are certified for the request that was shown, and for no other', () => {
    const files = ask('carol', ['https://carol.example']);
    const { digest } = JSON.parse(readFileSync(files.requestFile, 'utf8'));
    const names = ['https://carol.example'];
    const other = { confirmed: { names, requestDigest: '0'.repeat(96) } };
    expect(enrol(files, other)).toMatch(/^wrong-request: .*changed after it was shown/);
    expect(enrol(files, { confirmed: { names, requestDigest: digest } })).toBe('done');
    expect(readCertificate(file('carol.pem')).uris).toEqual(names);
  });

  it('are shown with the name, the key, the digest, the issuer and the period, before anything is written', () => {
    const files = ask('carol', ['https://carol.example']);
    const { digest } = JSON.parse(readFileSync(files.requestFile, 'utf8'));
    const shown: Record<string, unknown>[] = [];
    const written: boolean[] = [];
    const show = (what: object): void => {
      shown.push({ ...what });
      written.push(challenges().length > 0 && shown.length === 1, existsSync(file('carol.pem')));
    };
    expect(enrol(files, { allowedSans: ['https://*.example'], show, days: 3 })).toBe('done');
    const { encapsulationKey, notAfter } = readCertificate(file('carol.pem'));
    expect(shown).toHaveLength(2);
    for (const what of shown)
      expect(what).toMatchObject({
        ...{ subject: 'CN=carol', uris: ['https://carol.example'], requestDigest: digest, issuer: 'CN=PQuAKE CA' },
        publicKey: { algorithm: 'ML-KEM-1024', sha256: sha256(encapsulationKey) },
      });
    expect(shown[1]?.['notAfter']).toBe(notAfter.toISOString().replace('.000Z', 'Z'));
    expect(written).toEqual([false, false, false, false]);
  });
});

describe('names that another subject has', () => {
  const allowedSans = ['https://*.example'];

  it('a request for one is refused in either step, unless it is said that they may be', () => {
    const files = ask('mallory', ['https://bob.example']);
    expect(enrol(files, { allowedSans })).toMatch(
      /^name-taken: https:\/\/bob\.example: .*bob.*, permitted by allow-taken$/,
    );
    expect(challenges()).toEqual([]);
    expect(enrolSecond(files, { allowedSans, allowTaken: true }, { allowedSans })).toMatch(/^name-taken: /);
    expect(existsSync(file('mallory.pem'))).toBe(false);
    const said = { allowedSans, allowTaken: true };
    expect(enrolSecond(files, said, said)).toBe('done');
  });

  it('in another form of the same name too', () => {
    for (const [i, uri] of ['https://BOB.example', 'https://bob.example/', 'https://b%6Fb.example'].entries())
      expect(enrol(ask('mallory', [uri], String(i)), { allowedSans: [uri] })).toMatch(/^name-taken: /);
  });

  it('the name itself belongs to its key: whoever asks for it with another one is refused, with --force too', () => {
    rmSync(file('bob.pem'));
    expect(enrol(ask('bob'), { force: true })).toMatch(/^name-taken: bob: /);
    expect(enrol(ask('bob', ['https://bob.example'], 'own', file('bob.key')), { allowedSans })).toBe('done');
    expect(enrol(filesOf('bob'), { force: true, allowTaken: true })).toBe('done');
  });

  it('revoked and expired certificates count', () => {
    revokeCertificates({ suite, directory, which: 'bob' });
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 400 * 86_400_000 });
    expect(enrol(ask('mallory', ['https://bob.example']), { allowedSans })).toMatch(/^name-taken: /);
  });

  it('a name that differs in its form only is refused, whatever is said', () => {
    expect(enrol(ask('BOB'), { allowTaken: true })).toMatch(/^name-taken: BOB: differs from bob/);
    expect(endOf(() => issue('Bob', { allowTaken: true, force: true }))).toMatch(/^name-taken: Bob: differs from bob/);
    expect(readdirSync(directory)).not.toContain('Bob.key');
  });

  it('cert issue: another subject’s alternative name only when it is said, one’s own again', () => {
    const uris = ['https://bob.example'];
    expect(endOf(() => issue('mallory', { uris }))).toMatch(/^name-taken: /);
    expect(endOf(() => issue('bob', { uris, force: true }))).toBe('done');
    expect(endOf(() => issue('mallory', { uris, allowTaken: true }))).toBe('done');
  });

  it('all of it is on record, and what an earlier version did not record is read from the certificates', () => {
    const { serialNumber, encapsulationKey } = readCertificate(file('bob.pem'));
    const [record] = database().certificates;
    const key = { publicKeySha256: sha256(encapsulationKey) };
    expect(record).toMatchObject({ name: 'bob', serialNumber, uris: ['https://bob.example'], dnsNames: [], ...key });
    const old = JSON.parse(readFileSync(file('ca.json'), 'utf8'));
    for (const one of old.certificates) {
      delete one.uris;
      delete one.dnsNames;
    }
    writeFileSync(file('ca.json'), JSON.stringify(old));
    expect(database().certificates).toHaveLength(1);
    const files = ask('mallory', ['https://bob.example']);
    expect(enrol(files, { allowedSans })).toMatch(/^name-taken: /);
    rmSync(file('ca.json')); // as a directory was before there were databases
    expect(enrol(files, { allowedSans })).toMatch(/^name-taken: /);
    issue('carol');
    expect(database().certificates.map(({ name, uris }) => [name, uris])).toEqual([
      ['bob', ['https://bob.example']],
      ['carol', []],
    ]);
  });
});

it('a key that was revoked for keyCompromise is certified for nobody again, nor renewed', () => {
  expect(enrol(ask('carol'))).toBe('done');
  revokeCertificates({ suite, directory, which: 'carol', reason: 'superseded' });
  expect(enrol(ask('dave', [], 'dave', file('carol.secret')))).toBe('done'); // not compromised as far as is known
  revokeCertificates({ suite, directory, which: 'carol', reason: 'keyCompromise' });
  const files = ask('erin', [], 'erin', file('carol.secret'));
  expect(enrol(files, { allowTaken: true })).toMatch(/^key-compromised: the key [0-9a-f]{64} was revoked .*carol/);
  expect(challenges()).toEqual([]);
  // The certificate of dave has the same key, and was revoked with it.
  expect(endOf(() => renewCertificate({ suite, directory, name: 'dave', force: true }))).toMatch(
    /revoked \(keyCompromise\)/,
  );
});

it('a key that is revoked for keyCompromise after the challenge is not certified', () => {
  const files = ask('carol');
  challengeRequest({ suite, directory, ...files });
  respondToChallenge({ suite, ...files });
  issue('dave');
  const data = JSON.parse(readFileSync(file('ca.json'), 'utf8'));
  const request = JSON.parse(readFileSync(files.requestFile, 'utf8'));
  const record = data.certificates.at(-1);
  record.publicKeySha256 = sha256(Buffer.from(request.encapsulationKey, 'hex'));
  record.revoked = { date: '2026-01-01T00:00:00Z', reason: 'keyCompromise' };
  writeFileSync(file('ca.json'), JSON.stringify(data));
  expect(endOf(() => approveRequest({ suite, directory, ...files }))).toMatch(/^key-compromised: /);
  expect(existsSync(file('carol.pem'))).toBe(false);
});

describe('reserved names', () => {
  const reserved = [
    'alice.previous',
    '4f2a0c61b7d35e8890ab12cd34ef5678',
    'ca.crl',
    'bob.',
    'NUL',
    'com1.x',
    'challenges',
  ];

  it.each(reserved)('%s is neither asked for, nor challenged, nor issued', (name) => {
    expect(endOf(() => ask(name, [], 'asked'))).toMatch(/^configuration: .*reserved/);
    expect(endOf(() => issue(name))).toMatch(/^configuration: .*reserved/);
    // A request that another program made.
    const files = ask('carol');
    const asked = JSON.parse(readFileSync(files.requestFile, 'utf8'));
    writeFileSync(files.requestFile, `${JSON.stringify({ ...asked, name }, null, 2)}\n`);
    expect(enrol(files)).toMatch(/^configuration: .*reserved/);
    expect(readdirSync(directory).filter((one) => one.endsWith('.pem'))).toEqual(['bob.pem', 'ca.pem']);
  });

  it('a rotation still has its previous pair', () => {
    rotateCredentials({ suite, directory, name: 'bob' });
    expect(readCertificate(file('bob.previous.pem')).commonName).toBe('bob');
  });
});

describe('challenges that have ended', () => {
  const writes: readonly [string, () => unknown][] = [
    ['cert issue', () => issue('dave')],
    ['cert renew', () => renewCertificate({ suite, directory, name: 'bob', force: true })],
    ['ca revoke', () => revokeCertificates({ suite, directory, which: 'bob' })],
    ['ca crl', () => writeRevocationList({ suite, directory })],
    ['cert approve', () => challengeRequest({ suite, directory, ...ask('frank') })],
  ];

  it.each(writes)('%s removes them from the directory, and no others', (_, write) => {
    challengeRequest({ suite, directory, ...ask('carol'), hours: 1 });
    const [ended = ''] = challenges();
    challengeRequest({ suite, directory, ...ask('erin'), hours: 10 });
    const open = challenges().find((name) => name !== ended) ?? '';
    const others = ['notes.txt', `${'f'.repeat(64)}.json`];
    for (const name of others) writeFileSync(file(`challenges/${name}`), '{');
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 2 * 3_600_000 });
    write();
    expect(challenges()).not.toContain(ended);
    expect(challenges()).toEqual(expect.arrayContaining([open, ...others]));
  });
});
