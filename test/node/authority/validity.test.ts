// Nothing that an authority signs outlives it: certificates and lists end with it and say so, and an authority that has
// expired or has not begun signs nothing.
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { createIntermediate, createTrustAnchor, issueCertificate } from '../../../src/certificate/issue/issue.ts';
import { issueCrl } from '../../../src/certificate/issue/issueCrl.ts';
import { ConfigurationError } from '../../../src/configuration.ts';
import { encodePem } from '../../../src/keys/pem.ts';
import { readAuthority } from '../../../src/node/authority/authority.ts';
import { createAuthority, issueCredentials } from '../../../src/node/authority/pki.ts';
import { renewCertificate, rotateCredentials } from '../../../src/node/authority/renewal.ts';
import { revokeCertificates, writeRevocationList } from '../../../src/node/authority/revocation.ts';
import { readCertificate, readRevocationLists } from '../../../src/node/files/files.ts';
import { chooseSuite } from '../../../src/node/suite.ts';
import { pquake, resultOf } from '../../cli/commands.ts';

const suite = chooseSuite();
const day = 86_400_000;
const now = new Date('2026-06-01T12:00:00Z');
const end = new Date('2026-06-11T00:00:00Z');
const begin = new Date('2026-05-01T00:00:00Z');
const root = mkdtempSync(join(tmpdir(), 'pquake-validity-'));
const template = join(root, 'template');
let directory = template;
let count = 0;

const at = (time: Date): void => {
  vi.useFakeTimers({ toFake: ['Date'], now: time });
};

/** An authority that is valid from `begin` to `end`, with a certificate of alice for three days. */
beforeAll(() => {
  at(now);
  createAuthority({ suite, directory: template });
  const { issuerSeed } = readAuthority(suite, template);
  const serialNumber = Uint8Array.of(7);
  const common = { suite, name: 'Brief CA', seed: issuerSeed, serialNumber };
  const der = createTrustAnchor({ ...common, notBefore: begin, notAfter: end });
  writeFileSync(join(template, 'ca.pem'), encodePem('CERTIFICATE', der));
  issueCredentials({ suite, directory: template, name: 'alice', days: 3 });
  vi.useRealTimers();
});
beforeEach(() => {
  count += 1;
  directory = join(root, String(count));
  cpSync(template, directory, { recursive: true });
  at(now);
});
afterEach(() => vi.useRealTimers());
afterAll(() => rmSync(root, { recursive: true }));

const file = (name: string): string => join(directory, name);
const endOf = (name: string): Date => readCertificate(file(`${name}.pem`)).notAfter;

/** Everything that signs, in the directory. */
const signing: Readonly<Record<string, () => unknown>> = {
  'cert issue': () => issueCredentials({ suite, directory, name: 'bob' }),
  'cert renew': () => renewCertificate({ suite, directory, name: 'alice', days: 365, force: true }),
  'cert rotate': () => rotateCredentials({ suite, directory, name: 'alice', days: 365 }),
  'ca crl': () => writeRevocationList({ suite, directory, days: 30 }),
};

describe('an authority that ends before what is asked of it', () => {
  it('a certificate ends with it, issued, renewed and rotated', () => {
    issueCredentials({ suite, directory, name: 'bob' });
    expect(endOf('bob')).toEqual(end);
    renewCertificate({ suite, directory, name: 'alice', days: 365, force: true });
    expect(endOf('alice')).toEqual(end);
    rotateCredentials({ suite, directory, name: 'alice', days: 366 });
    expect(endOf('alice')).toEqual(end);
  });

  it('says the end that results, and the one that was asked for, before it signs', () => {
    const shown: object[] = [];
    issueCredentials({ suite, directory, name: 'bob', days: 365, show: (what) => shown.push(what) });
    const asked = { notAfter: '2026-06-11T00:00:00Z', shortenedFrom: '2027-06-01T12:00:00Z' };
    expect(shown).toEqual([expect.objectContaining(asked)]);
    issueCredentials({ suite, directory, name: 'carol', days: 9, show: (what) => shown.push(what) });
    expect(shown[1]).toMatchObject({ notAfter: '2026-06-10T12:00:00Z' });
    expect(shown[1]).not.toHaveProperty('shortenedFrom');
  });

  it('a list ends with it too, and says so', () => {
    const asked = new Date(now.getTime() + 30 * day);
    expect(writeRevocationList({ suite, directory, days: 30 })).toMatchObject({
      nextUpdate: end,
      shortenedFrom: asked,
    });
    expect(readRevocationLists([file('ca.crl')])[0]?.nextUpdate).toEqual(end);
    const short = writeRevocationList({ suite, directory });
    expect(short).toMatchObject({ nextUpdate: new Date(now.getTime() + 7 * day), crlNumber: 2 });
    expect(short).not.toHaveProperty('shortenedFrom');
  });

  it('begins with it, when that began less than five minutes ago', () => {
    at(new Date(begin.getTime() + 1000));
    issueCredentials({ suite, directory, name: 'bob', days: 1 });
    expect(readCertificate(file('bob.pem')).notBefore).toEqual(begin);
    expect(readRevocationLists([writeRevocationList({ suite, directory }).file])[0]?.thisUpdate).toEqual(begin);
  });

  it('the commands say it, in words and in JSON', async () => {
    const issued = await pquake('cert', 'issue', directory, 'bob', '--days', '365', '--json');
    expect(resultOf(issued)).toMatchObject({
      ok: true,
      signs: { notAfter: '2026-06-11T00:00:00Z', shortenedFrom: '2027-06-01T12:00:00Z' },
    });
    expect(issued.stderr).toContain('to 2026-06-11T00:00:00Z\n');
    expect(issued.stderr).toContain('  shortened   to the end of the authority, not 2027-06-01T12:00:00Z\n');
    const list = await pquake('ca', 'crl', directory, '--days', '30', '--json');
    expect(resultOf(list)).toMatchObject({
      nextUpdate: '2026-06-11T00:00:00.000Z',
      shortenedFrom: '2026-07-01T12:00:00.000Z',
    });
    const words = await pquake('ca', 'crl', directory, '--days', '30');
    expect(words.stdout).toMatch(
      /next until 2026-06-11T00:00:00.000Z, the end of the authority, not 2026-07-01T12:00:00.000Z\n$/,
    );
  });

  it('an enrolment shows the shortened end with the challenge, and issues it', async () => {
    const [request, challenge, response] = [file('c.request'), file('c.challenge'), file('c.response')];
    const key = file('c.key');
    await pquake('cert', 'request', '--name', 'carol', '--key', key, '--new-key', '--out', request);
    const asked = await pquake('cert', 'approve', directory, request, '--out', challenge, '--json');
    const shortened = { notAfter: '2026-06-11T00:00:00Z', shortenedFrom: '2027-06-01T12:00:00Z' };
    expect(resultOf(asked)).toMatchObject({ signs: shortened });
    await pquake('cert', 'respond', challenge, '--request', request, '--key', key, '--out', response);
    const issued = await pquake('cert', 'approve', directory, request, '--response', response, '--json');
    expect(resultOf(issued)).toMatchObject({ ok: true, signs: shortened });
    expect(endOf('carol')).toEqual(end);
  });
});

describe.each([
  ['has expired', new Date(end.getTime() + 1000), /CN=Brief CA expired 2026-06-11T00:00:00.000Z, and signs nothing/],
  ['has not begun', new Date(begin.getTime() - 1000), /CN=Brief CA is valid from 2026-05-01T00:00:00.000Z, and signs/],
] as const)('an authority that %s', (_, time, message) => {
  it.each(Object.entries(signing))('%s refuses, and writes nothing', (__, sign) => {
    at(time);
    const before = ['ca.json', 'alice.pem', 'alice.key'].map((one) => readFileSync(file(one), 'utf8'));
    expect(sign).toThrow(ConfigurationError);
    expect(sign).toThrow(message);
    expect(['ca.json', 'alice.pem', 'alice.key'].map((one) => readFileSync(file(one), 'utf8'))).toEqual(before);
    expect(['bob.pem', 'bob.key', 'ca.crl', 'alice.previous.pem'].filter((one) => existsSync(file(one)))).toEqual([]);
  });

  it('challenges nobody', async () => {
    const request = file('c.request');
    await pquake('cert', 'request', '--name', 'carol', '--key', file('c.key'), '--new-key', '--out', request);
    at(time);
    const asked = await pquake('cert', 'approve', directory, request, '--out', file('c.challenge'), '--json');
    expect(asked.status).toBe(1);
    expect(resultOf(asked)).toMatchObject({
      ok: false,
      code: 'configuration',
      message: expect.stringMatching(message),
    });
    expect(existsSync(file('c.challenge'))).toBe(false);
  });

  it('revokes all the same: that signs nothing', () => {
    at(time);
    expect(revokeCertificates({ suite, directory, which: 'alice', as: 'name', reason: 'keyCompromise' })).toMatchObject(
      {
        revoked: [readCertificate(file('alice.pem')).serialNumber],
      },
    );
  });
});

describe('the functions that sign refuse what would outlive the issuer', () => {
  const late = new Date(end.getTime() + 1000);
  const issuing = () => {
    const { issuer, issuerSeed } = readAuthority(suite, directory);
    return { suite, issuer, issuerSeed, serialNumber: Uint8Array.of(9), name: 'x', notBefore: begin };
  };
  const beyond = /until 2026-06-11T00:00:01Z: the issuer CN=Brief CA is valid until 2026-06-11T00:00:00Z/;

  it('certificates of peers and of intermediates', () => {
    const { encapsulationKey } = suite.generateKemKey();
    const publicKey = suite.signaturePublicKey(suite.generateSignatureSeed());
    expect(() => issueCertificate({ ...issuing(), notAfter: late, encapsulationKey })).toThrow(beyond);
    expect(() => createIntermediate({ ...issuing(), notAfter: late, publicKey })).toThrow(beyond);
    expect(issueCertificate({ ...issuing(), notAfter: end, encapsulationKey })).toBeInstanceOf(Uint8Array);
    expect(createIntermediate({ ...issuing(), notAfter: end, publicKey })).toBeInstanceOf(Uint8Array);
  });

  it('lists', () => {
    const list = { ...issuing(), revoked: [], crlNumber: 1, thisUpdate: begin };
    expect(() => issueCrl({ ...list, nextUpdate: late })).toThrow(beyond);
    expect(issueCrl({ ...list, nextUpdate: end })).toBeInstanceOf(Uint8Array);
  });
});
