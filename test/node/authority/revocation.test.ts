// Which certificates are revoked: names and serial numbers are two spaces, and no certificate can hide from both.
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { revocationReasons } from '../../../src/certificate/issue/issueCrl.ts';
import { certificateValidator } from '../../../src/certificate/validate.ts';
import { readAnchor } from '../../../src/node/authority/authority.ts';
import { readDatabase } from '../../../src/node/authority/database.ts';
import { createAuthority, issueCredentials } from '../../../src/node/authority/pki.ts';
import { renewCertificate, rotateCredentials } from '../../../src/node/authority/renewal.ts';
import { revokeCertificates, writeRevocationList } from '../../../src/node/authority/revocation.ts';
import { readCertificate, readDer, readRevocationLists, readTrustStore } from '../../../src/node/files/files.ts';
import { chooseSuite } from '../../../src/node/suite.ts';

const suite = chooseSuite();
const root = mkdtempSync(join(tmpdir(), 'pquake-revocation-'));
const template = join(root, 'template');
let directory = template;
let count = 0;
const names = ['bob', 'mallory', 'ada'];

beforeAll(() => {
  createAuthority({ suite, directory: template });
  for (const name of names) issueCredentials({ suite, directory: template, name });
});
beforeEach(() => {
  count += 1;
  directory = join(root, String(count));
  cpSync(template, directory, { recursive: true });
});
afterAll(() => rmSync(root, { recursive: true }));

const file = (name: string): string => join(directory, name);
const revoke = (which: string, more = {}) => revokeCertificates({ suite, directory, which, ...more });
const serialOf = (name: string): string => readCertificate(file(`${name}.pem`)).serialNumber;

function revokedNames(): string[] {
  const { certificates } = readDatabase(directory, readAnchor(suite, directory).verificationKey.octets);
  return certificates.flatMap(({ name, serialNumber, revoked }) => (revoked ? [name ?? serialNumber] : []));
}

/** As an earlier version let it come to be: a certificate of mallory under another name. */
function enrolledAs(name: string): string {
  const data = JSON.parse(readFileSync(file('ca.json'), 'utf8'));
  data.certificates.find((one: { name: string }) => one.name === 'mallory').name = name;
  writeFileSync(file('ca.json'), JSON.stringify(data));
  for (const kind of ['pem', 'key']) {
    cpSync(file(`mallory.${kind}`), file(`${name}.${kind}`));
    rmSync(file(`mallory.${kind}`));
  }
  return serialOf(name);
}

describe('a certificate under a name that is the serial number of another', () => {
  it('leaves that one revocable, and is so itself; a word that could be both is asked about', () => {
    const bob = serialOf('bob');
    const mallory = enrolledAs(bob);
    expect(() => revoke(bob)).toThrow(/there is a certificate of this name, and it reads as a serial number$/);
    expect(revokedNames()).toEqual([]);
    expect(revoke(bob, { as: 'serial' })).toEqual({ revoked: [bob], before: [] });
    expect(revokedNames()).toEqual(['bob']);
    expect(revoke(bob, { as: 'name' })).toEqual({ revoked: [mallory], before: [] });
  });

  it('is asked about when nobody has the serial number, too', () => {
    enrolledAs('ab'.repeat(16));
    expect(() => revoke('ab'.repeat(16), { force: true })).toThrow(expect.objectContaining({ remedy: 'say-which' }));
    expect(revokedNames()).toEqual([]);
  });

  it('a file that is not of the authority hides no certificate that is on record', () => {
    const ada = serialOf('ada');
    writeFileSync(file('ada.pem'), 'nothing');
    expect(revoke('ada')).toEqual({ revoked: [ada], before: [] });
  });
});

it('a name of hexadecimal digits is a name; with --force it becomes no serial number of which nothing is known', () => {
  expect(revoke('ada')).toMatchObject({ revoked: [serialOf('ada')] });
  expect(() => revoke('dead', { force: true })).toThrow(/dead: no certificate .* is known$/);
  expect(revoke('dead', { force: true, as: 'serial' })).toEqual({ revoked: ['00dead'], before: [] });
  expect(() => revoke('bob', { as: 'serial' })).toThrow(/expected a serial number/);
  expect(() => revoke(serialOf('bob'), { as: 'name', force: true })).toThrow(/no certificate of this name is known/);
  expect(revokedNames()).toEqual(['ada', '00dead']);
});

it('a serial number of which nothing is known is revoked under --force only', () => {
  const which = '5'.repeat(32);
  expect(() => revoke(which)).toThrow(/no certificate of this serial number is known$/);
  expect(revoke(which, { force: true })).toEqual({ revoked: [which], before: [] });
});

it('the name of the pair before a rotation means that pair, and never one that was enrolled under it', () => {
  const before = serialOf('bob');
  rotateCredentials({ suite, directory, name: 'bob' });
  expect(revoke('bob.previous')).toEqual({ revoked: [before], before: [] });
  const mallory = serialOf('mallory');
  const data = JSON.parse(readFileSync(file('ca.json'), 'utf8'));
  data.certificates.find((one: { name: string }) => one.name === 'mallory').name = 'bob.previous';
  writeFileSync(file('ca.json'), JSON.stringify(data));
  expect(() => revoke('bob.previous')).toThrow(new RegExp(`expected one of the serial numbers ${before}, ${mallory}`));
  expect(revoke(mallory)).toEqual({ revoked: [mallory], before: [] });
});

it('a certificate that is found to have a compromised key later is marked so', () => {
  const bob = serialOf('bob');
  revoke('bob', { reason: 'superseded' });
  expect(revoke('bob', { reason: 'keyCompromise' })).toEqual({ revoked: [], before: [bob] });
  revoke('bob', { reason: 'superseded' });
  writeRevocationList({ suite, directory });
  const [list] = readRevocationLists([file('ca.crl')]);
  expect(list?.revoked.get(bob)).toMatchObject({ reason: revocationReasons.keyCompromise });
});

it('ca crl: a peer whose clock is five minutes behind takes the list at once', () => {
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() });
  onTestFinished(() => void vi.useRealTimers());
  revoke('bob');
  const { nextUpdate } = writeRevocationList({ suite, directory, days: 2 });
  const [list] = readRevocationLists([file('ca.crl')]);
  const thisUpdate = list?.thisUpdate.getTime() ?? 0;
  expect(Date.now() - thisUpdate).toBeGreaterThanOrEqual(300_000);
  expect(Date.now() - thisUpdate).toBeLessThan(301_000); // times of a list are whole seconds
  expect(nextUpdate.getTime() - thisUpdate).toBe(2 * 86_400_000 + 300_000);
  const trustAnchors = readTrustStore(suite, { ca: [file('ca.pem')], crl: [file('ca.crl')] });
  const time = new Date(Date.now() - 290_000);
  const verdict = certificateValidator({ trustAnchors, time })(readDer(file('bob.pem'), 'CERTIFICATE'));
  expect(verdict).toMatchObject({ ok: false, code: 'certificate-revoked' });
});

it('a compromised key is revoked in every certificate that has it, those from before a renewal too', () => {
  const first = serialOf('bob');
  renewCertificate({ suite, directory, name: 'bob', force: true });
  const second = serialOf('bob');
  rotateCredentials({ suite, directory, name: 'bob' });
  expect([...revoke('bob.previous', { as: 'name', reason: 'superseded' }).revoked]).toEqual([second]);
  const { revoked, before } = revoke(second, { as: 'serial', reason: 'keyCompromise' });
  expect([revoked, before]).toEqual([[first], [second]]);
  expect(revokedNames()).toEqual(['bob', 'bob']); // the certificate of the new key is not
});
