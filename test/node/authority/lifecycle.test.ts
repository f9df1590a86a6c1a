import { createPrivateKey, generateKeyPairSync } from 'node:crypto';
import {
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { certificateValidator } from '../../../src/certificate/validate.ts';
import { readAnchor } from '../../../src/node/authority/authority.ts';
import { backUpAuthority, restoreAuthority } from '../../../src/node/authority/backup.ts';
import { type Database, readDatabase, sha256 } from '../../../src/node/authority/database.ts';
import { changePassphrase, generateKeyFile, inspectKeyFile } from '../../../src/node/authority/keyFiles.ts';
import { createAuthority, issueCredentials } from '../../../src/node/authority/pki.ts';
import { renewableFrom, renewCertificate, rotateCredentials } from '../../../src/node/authority/renewal.ts';
import { revokeCertificates, writeRevocationList } from '../../../src/node/authority/revocation.ts';
import { showCertificate } from '../../../src/node/authority/show.ts';
import { readCertificate, readCredentials, readDer, readTrustStore } from '../../../src/node/files/files.ts';
import { PassphraseError } from '../../../src/node/files/keys.ts';
import { chooseSuite } from '../../../src/node/suite.ts';

const suite = chooseSuite();
const root = mkdtempSync(join(tmpdir(), 'pquake-lifecycle-'));
const template = join(root, 'template');
let directory = template;
let count = 0;

beforeAll(() => {
  createAuthority({ suite, directory: template });
  for (const name of ['alice', 'bob'])
    issueCredentials({ suite, directory: template, name, days: 90, uris: [`https://${name}.example`] });
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
const credentials = (name: string) => readCredentials(suite, file(`${name}.pem`), file(`${name}.key`));
const daysFromNow = (days: number): void => {
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 86_400_000 * days });
};

/** The verdict on a certificate of a peer that has the list. */
function verdict(name: string): string {
  const crl = existsSync(file('ca.crl')) ? [file('ca.crl')] : [];
  const trustAnchors = readTrustStore(suite, { ca: [file('ca.pem')], crl });
  const result = certificateValidator({ trustAnchors, time: new Date() })(readDer(file(`${name}.pem`), 'CERTIFICATE'));
  return result.ok ? 'valid' : result.code;
}

describe('cert renew', () => {
  const renew = (more = {}) => renewCertificate({ suite, directory, name: 'alice', ...more });

  it('in the last third of the validity period only, unless forced', () => {
    const certificate = readCertificate(file('alice.pem'));
    const from = renewableFrom(certificate);
    expect((certificate.notAfter.getTime() - from.getTime()) / 86_400_000).toBeCloseTo(30, 1);
    expect(() => renew()).toThrow(/alice\.pem: to be renewed from 20[^;]*$/);
    daysFromNow(59.5);
    expect(() => renew()).toThrow(/to be renewed from/);
    daysFromNow(1);
    renew();
    expect(verdict('alice')).toBe('valid');
  });

  it('keeps the key and the names, for as long, with another serial number; both certificates are recorded and valid', () => {
    const [before, key] = [readCertificate(file('alice.pem')), readFileSync(file('alice.key'), 'utf8')];
    cpSync(file('alice.pem'), file('kept.pem'));
    renew({ force: true });
    const after = credentials('alice').certificate;
    expect(readFileSync(file('alice.key'), 'utf8')).toBe(key);
    expect(after.serialNumber).not.toBe(before.serialNumber);
    expect([after.subject, after.uris, after.encapsulationKey]).toEqual([
      ...[before.subject, before.uris, before.encapsulationKey],
    ]);
    const length = (one: typeof before): number => one.notAfter.getTime() - one.notBefore.getTime();
    expect(length(after)).toBe(length(before));
    expect(database().certificates.filter(({ name }) => name === 'alice')).toHaveLength(2);
    expect([verdict('alice'), verdict('kept')]).toEqual(['valid', 'valid']);
  });

  it('--new-key replaces the key', () => {
    const before = readCertificate(file('alice.pem'));
    renew({ force: true, newKey: true, days: 10 });
    const after = credentials('alice').certificate;
    expect(after.encapsulationKey).not.toEqual(before.encapsulationKey);
    expect(statSync(file('alice.key')).mode & 0o777).toBe(0o600);
  });

  it('refuses what is revoked, and what another authority issued', () => {
    revokeCertificates({ suite, directory, which: 'alice' });
    expect(() => renew({ force: true })).toThrow(/alice\.pem: revoked \(unspecified\)/);
    createAuthority({ suite, directory, force: true });
    expect(() => renew({ force: true, name: 'bob' })).toThrow(/bob\.pem: issued by another authority/);
  });

  it('works in a directory without a database, and records both', () => {
    rmSync(file('ca.json'));
    renew({ force: true });
    expect(database().certificates).toHaveLength(2);
  });
});

describe('cert rotate', () => {
  it('both pairs work until the previous one is revoked, which leaves the other', () => {
    const before = credentials('alice').certificate;
    rotateCredentials({ suite, directory, name: 'alice' });
    expect(credentials('alice.previous').certificate.octets).toEqual(before.octets);
    expect(credentials('alice').certificate.encapsulationKey).not.toEqual(before.encapsulationKey);
    expect(statSync(file('alice.previous.key')).mode & 0o777).toBe(0o600);
    expect([verdict('alice'), verdict('alice.previous')]).toEqual(['valid', 'valid']);
    expect(() => rotateCredentials({ suite, directory, name: 'alice' })).toThrow(/previous\.pem: still valid/);
    revokeCertificates({ suite, directory, which: 'alice.previous', reason: 'superseded' });
    writeRevocationList({ suite, directory });
    expect([verdict('alice'), verdict('alice.previous')]).toEqual(['valid', 'certificate-revoked']);
    rotateCredentials({ suite, directory, name: 'alice' });
    expect(verdict('alice')).toBe('valid');
  });

  it('a previous pair that has expired is replaced', () => {
    rotateCredentials({ suite, directory, name: 'alice' });
    renewCertificate({ suite, directory, name: 'alice', days: 400, force: true });
    daysFromNow(91);
    rotateCredentials({ suite, directory, name: 'alice' });
    expect(credentials('alice.previous').certificate.notAfter.getTime()).toBeGreaterThan(Date.now());
  });
});

describe('ca revoke, ca crl', () => {
  const revoke = (which: string, more = {}) => revokeCertificates({ suite, directory, which, ...more });
  const list = (more = {}) => writeRevocationList({ suite, directory, ...more });

  it('the number increases, and the list names every revoked certificate with its reason', () => {
    expect(list()).toMatchObject({ crlNumber: 1, entries: 0 });
    const { serialNumber } = readCertificate(file('alice.pem'));
    expect(revoke('alice', { reason: 'keyCompromise' })).toEqual({ revoked: [serialNumber], before: [] });
    expect(verdict('alice')).toBe('valid');
    expect(list({ days: 30 })).toMatchObject({ crlNumber: 2, entries: 1 });
    expect([verdict('alice'), verdict('bob')]).toEqual(['certificate-revoked', 'valid']);
    expect(database().crlNumber).toBe(2);
    expect(database().certificates[0]?.revoked?.reason).toBe('keyCompromise');
  });

  it('by name all that have not expired, once; by serial number, however written, the one', () => {
    const first = readCertificate(file('alice.pem')).serialNumber;
    renewCertificate({ suite, directory, name: 'alice', force: true });
    const second = readCertificate(file('alice.pem')).serialNumber;
    const written = `0x${(first.toUpperCase().match(/../g) ?? []).join(':')}`;
    expect(revoke(written)).toEqual({ revoked: [first], before: [] });
    expect(revoke('alice')).toEqual({ revoked: [second], before: [first] });
    expect(revoke('alice')).toEqual({ revoked: [], before: [first, second] });
  });

  it('a certificate that a directory without database has; a serial number of which nothing is known only by force', () => {
    rmSync(file('ca.json'));
    const { serialNumber } = readCertificate(file('alice.pem'));
    expect(revoke('alice').revoked).toEqual([serialNumber]);
    expect(() => revoke('c0:ff:ee')).toThrow(/c0:ff:ee: no certificate of this serial number is known$/);
    expect(() => revoke('nobody', { force: true })).toThrow(/nobody: no certificate of this name is known/);
    expect(revoke('c0:ff:ee', { force: true }).revoked).toEqual(['00c0ffee']);
    expect(revoke('C0:FF:EE')).toEqual({ revoked: [], before: ['00c0ffee'] });
    expect(list()).toMatchObject({ crlNumber: 1, entries: 2 });
    expect(verdict('alice')).toBe('certificate-revoked');
  });

  it('a database that is malformed, or of another authority, is refused and left as it is', () => {
    const good = readFileSync(file('ca.json'), 'utf8');
    const twice = JSON.parse(good);
    twice.certificates.push(twice.certificates[0]);
    for (const [content, reason] of [
      ['', /ca\.json: not a database/],
      ['{}', /not a database/],
      [good.replace('"version": 1', '"version": 2'), /not a database/],
      [good.replace('"crlNumber": 0', '"crlNumber": -1'), /not a database/],
      [good.replace('"crlNumber": 0', '"crlNumber": 0, "more": 1'), /not a database/],
      [good.replace('"crlNumber": 0', '"crlNumber": 0.5'), /not a database/],
      [good.replace('"crlNumber": 0', '"crlNumber": 0, "__proto__": {}'), /not a database/],
      [good.replace('"crlNumber": 0', '"crlNumber": 0, "toString": 1'), /not a database/],
      [good.replace('"certificates": [', '"certificates": [null, '), /not a database/],
      [good.replace('"serialNumber": "', '"serialNumber": "0'), /not a database/],
      [good.replace('"name": "alice"', '"name": ""'), /not a database/],
      [good.replace('"uris": [', '"uris": [7'), /not a database/],
      [
        good.replace('"uris": ', '"revoked": {"date": "2026-01-01T00:00:00Z", "reason": "envy"}, "uris": '),
        /not a datab/,
      ],
      [JSON.stringify(twice), /a serial number is there twice/],
      [
        good.replace(/"authority": "(.)/, (_, digit) => `"authority": "${digit === '0' ? '1' : '0'}`),
        /of another authority/,
      ],
    ] as const) {
      writeFileSync(file('ca.json'), content);
      for (const run of [() => revoke('alice'), () => list()]) expect(run).toThrow(reason);
      expect(() => issueCredentials({ suite, directory, name: 'carol' })).toThrow(reason);
      expect(readFileSync(file('ca.json'), 'utf8')).toBe(content);
      expect(existsSync(file('carol.key'))).toBe(false);
    }
  });
});

describe('keys under a passphrase', () => {
  const passphrase = 'one passphrase';

  it('an authority and its peers: each key with its own passphrase, Node opens them, the wrong one opens nothing', () => {
    const secrets: Record<string, string> = {
      [file('new/ca.key')]: 'of the authority',
      [file('new/dave.key')]: 'of dave',
    };
    const access = { passphrase: (name: string) => secrets[name] };
    const at = { suite, directory: file('new') };
    createAuthority({ ...at, ...access });
    issueCredentials({ ...at, ...access, name: 'dave' });
    for (const [key, words] of Object.entries(secrets)) {
      expect(readFileSync(key, 'utf8')).toMatch(/^-----BEGIN ENCRYPTED PRIVATE KEY-----\n/);
      expect(createPrivateKey({ key: readFileSync(key), passphrase: words })).toBeDefined();
      expect(statSync(key).mode & 0o777).toBe(0o600);
    }
    const [certificate, key] = [file('new/dave.pem'), file('new/dave.key')];
    expect(readCredentials(suite, certificate, key, { passphrase: 'of dave' })).toBeDefined();
    const failing = (words: string | undefined): unknown => {
      try {
        return readCredentials(suite, certificate, key, { passphrase: words });
      } catch (error) {
        return error;
      }
    };
    expect(failing('of eve')).toMatchObject({ code: 'passphrase-wrong', file: key });
    expect(failing(undefined)).toMatchObject({ code: 'passphrase-required', file: key });
    expect(failing('of eve')).toBeInstanceOf(PassphraseError);
    expect(String(failing('of eve'))).not.toContain('of eve');
    // A new key is encrypted as the one before: not without its passphrase, and not with another one.
    const again = { ...at, name: 'dave', newKey: true, force: true };
    expect(() => renewCertificate({ ...again, passphrase: secrets[file('new/ca.key')] })).toThrow(/dave\.key: .*wrong/);
    renewCertificate({ ...again, ...access });
    expect(readCredentials(suite, certificate, key, { passphrase: 'of dave' })).toBeDefined();
  });

  it('a key is made, described, protected, and left bare again; the public key stays', () => {
    const key = file('some.key');
    const publicKeySha256 = generateKeyFile({ suite, file: key });
    expect(() => generateKeyFile({ suite, file: key })).toThrow(/exists already/);
    const described = { algorithm: 'ML-KEM-1024', kind: 'kem', form: 'seed', publicKey: false, publicKeySha256 };
    expect(inspectKeyFile({ suite, file: key })).toEqual({ key: described });
    changePassphrase({ suite, file: key, newPassphrase: passphrase });
    const { encryption, key: unknown } = inspectKeyFile({ suite, file: key });
    expect([encryption?.iterations, unknown]).toEqual([600_000, undefined]);
    expect(inspectKeyFile({ suite, file: key, passphrase }).key?.publicKeySha256).toBe(publicKeySha256);
    expect(() => changePassphrase({ suite, file: key, newPassphrase: undefined })).toThrow(
      /passphrase( of the backup)? is needed/,
    );
    changePassphrase({ suite, file: key, passphrase, newPassphrase: undefined });
    expect(inspectKeyFile({ suite, file: key }).key?.publicKeySha256).toBe(publicKeySha256);
    expect(createPrivateKey(readFileSync(key)).asymmetricKeyType).toBe('ml-kem-1024');
  });

  it('iterations are 600,000 or more, and nothing is written for fewer', () => {
    const options = { suite, file: file('some.key'), passphrase, iterations: 599_999 };
    expect(() => generateKeyFile(options)).toThrow(/iterations: expected 600000/);
    expect(() => generateKeyFile({ ...options, passphrase: '' })).toThrow(/iterations|empty/);
    expect(existsSync(file('some.key'))).toBe(false);
  });

  it('a key that Node wrote is read with a warning; a link to a key is followed', () => {
    const { privateKey } = generateKeyPairSync('ml-dsa-87');
    const pem = privateKey.export({ type: 'pkcs8', format: 'pem', cipher: 'aes-192-cbc', passphrase });
    writeFileSync(file('node.key'), pem);
    symlinkSync('node.key', file('link.key'));
    const warnings: string[] = [];
    const warn = (message: string): void => void warnings.push(message);
    expect(inspectKeyFile({ suite, file: file('node.key'), passphrase, warn }).key?.algorithm).toBe('ML-DSA-87');
    expect(warnings).toEqual([expect.stringMatching(/node\.key: .*2048 iterations/)]);
    changePassphrase({ suite, file: file('link.key'), passphrase, newPassphrase: 'other', warn });
    expect(inspectKeyFile({ suite, file: file('node.key'), passphrase: 'other' }).encryption?.iterations).toBe(600_000);
  });
});

it('cert show: a peer and an authority', () => {
  const peer = showCertificate(suite, file('alice.pem'));
  const { encapsulationKey, octets, serialNumber } = readCertificate(file('alice.pem'));
  expect(peer).toMatchObject({
    ...{ kind: 'peer', subject: 'CN=alice', issuer: 'CN=PQuAKE CA', serialNumber, uris: ['https://alice.example'] },
    ...{ publicKey: { algorithm: 'ML-KEM-1024', sha256: sha256(encapsulationKey) }, sha256: sha256(octets) },
  });
  const authority = showCertificate(suite, file('ca.pem'));
  expect(authority).toMatchObject({ kind: 'authority', subject: 'CN=PQuAKE CA', pathLength: null, renewFrom: null });
  expect(() => showCertificate(suite, file('alice.key'))).toThrow(/alice\.key: PEM, line 1/);
});

describe('ca backup, ca restore', () => {
  const passphrase = 'of the backup';
  const backup = (): string => file('pki.backup');

  it('restores what was there, which issues on; nothing for a wrong passphrase or any changed octet', () => {
    writeRevocationList({ suite, directory });
    const names = backUpAuthority({ suite, directory, file: backup(), passphrase });
    expect(names).toEqual(['ca.key', 'ca.pem', 'ca.json', 'ca.crl']);
    expect(statSync(backup()).mode & 0o777).toBe(0o600);
    const into = { suite, directory: file('restored'), file: backup() };
    restoreAuthority({ ...into, passphrase });
    for (const name of names) expect(readFileSync(file(`restored/${name}`))).toEqual(readFileSync(file(name)));
    expect(statSync(file('restored/ca.key')).mode & 0o777).toBe(0o600);
    issueCredentials({ suite, directory: file('restored'), name: 'carol' });
    expect(() => restoreAuthority({ ...into, passphrase })).toThrow(/ca\.key: exists already/);

    const nowhere = { suite, directory: file('nowhere'), file: backup() };
    expect(() => restoreAuthority({ ...nowhere, passphrase: 'another' })).toThrow(PassphraseError);
    expect(() => restoreAuthority({ ...nowhere, passphrase: undefined })).toThrow(
      /passphrase( of the backup)? is needed/,
    );
    const whole = readFileSync(backup());
    const { salt, nonce } = JSON.parse(whole.toString());
    const places = [
      ...[0, 3, whole.indexOf('version') + 10, whole.indexOf('600000'), whole.indexOf(salt) + 4, whole.indexOf(nonce)],
      ...[whole.indexOf('"sealed"') + 20, whole.length - 8, whole.length - 1],
    ];
    for (const at of places) {
      const changed = Buffer.from(whole);
      changed[at] = changed[at] === 0x41 ? 0x42 : 0x41;
      writeFileSync(backup(), changed);
      expect(() => restoreAuthority({ ...nowhere, passphrase })).toThrow(/pki\.backup: .*(was changed|not a backup)/);
    }
    for (const other of [whole.subarray(0, -1), `${whole} `, '', 'null', '[]', whole.toString().replaceAll('\n', '')]) {
      writeFileSync(backup(), other);
      expect(() => restoreAuthority({ ...nowhere, passphrase })).toThrow(/not a backup/);
    }
    expect(existsSync(file('nowhere'))).toBe(false);
  });

  it('a directory without an authority has no backup', () => {
    const empty = { suite, directory: file('none'), file: backup(), passphrase };
    expect(() => backUpAuthority(empty)).toThrow(/ca\.pem: there is no folder .* \(ENOENT\)/);
    expect(readdirSync(directory)).not.toContain('pki.backup');
  });
});
