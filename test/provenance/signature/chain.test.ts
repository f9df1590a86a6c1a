import { X509Certificate } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { type AuthorityLimits, createIntermediate } from '../../../src/certificate/issue/issue.ts';
import { issueSignerCertificate } from '../../../src/certificate/issue/issueSigner.ts';
import { signatureTable } from '../../../src/generated/suites.ts';
import { decodePem, encodePem } from '../../../src/keys/pem.ts';
import { readAuthority } from '../../../src/node/authority/authority.ts';
import { createAuthority, issueCredentials } from '../../../src/node/authority/pki.ts';
import { revokeCertificates, writeRevocationList } from '../../../src/node/authority/revocation.ts';
import { issueSigner } from '../../../src/node/authority/signers.ts';
import { chooseSuite } from '../../../src/node/suite.ts';
import type { Bytes } from '../../../src/octets.ts';
import { readSignerAuthorities } from '../../../src/provenance/keys/authorities.ts';
import { readSigningKey, writeKeyPair } from '../../../src/provenance/keys/files.ts';
import { decodeBundle, encodeBundle, inTotoPayloadType } from '../../../src/provenance/signature/bundle.ts';
import { signEnvelope, verifyEnvelope } from '../../../src/provenance/signature/envelope.ts';
import { readPublicKey } from '../../../src/provenance/signature/publicKey.ts';

const suite = chooseSuite();
const directory = mkdtempSync(join(tmpdir(), 'pquake-'));
afterAll(() => rmSync(directory, { recursive: true }));
const at = (name: string): string => join(directory, name);
const der = (name: string): Bytes => {
  const read = decodePem(readFileSync(at(name), 'utf8'), 'CERTIFICATE');
  if (!read.ok) throw new Error(read.detail);
  return read.value;
};

createAuthority({ suite, directory, name: 'Release CA' });
issueSigner({ suite, directory, name: 'release', uris: ['https://example.org/release'] });
writeKeyPair(at('ready'), 'ml-dsa-65');
issueSigner({ suite, directory, name: 'given', publicKeyFile: at('ready.pub') });
issueCredentials({ suite, directory, name: 'peer' });

const time = new Date();
const payload = new TextEncoder().encode('{}');
const key = readSigningKey(at('release.key'));
const authorities = readSignerAuthorities({ ca: [at('ca.pem')] });
const trust = { keys: [], authorities, time };
const judged = (chain: readonly Bytes[], when = time, signer = key) =>
  verifyEnvelope(signEnvelope(signer, inTotoPayloadType, payload, chain), { ...trust, time: when });

describe('a signer that our authority certified', () => {
  test('is accepted, with its names, authority and validity', () => {
    const bundle = encodeBundle(signEnvelope(key, inTotoPayloadType, payload, [der('release.pem')]));
    const read = decodeBundle(bundle);
    expect(read.ok && verifyEnvelope(read.value, trust)).toMatchObject({
      ok: true,
      value: {
        signer: {
          algorithm: 'ml-dsa-87',
          key: key.publicKey.identifier,
          name: 'CN=release',
          certificate: {
            names: ['release', 'CN=release', 'URI:https://example.org/release'],
            authorities: ['CN=Release CA'],
          },
        },
      },
    });
  });

  test('has a certificate that OpenSSL verifies under that of the authority', () => {
    const certificate = new X509Certificate(readFileSync(at('release.pem')));
    const authority = new X509Certificate(readFileSync(at('ca.pem')));
    expect(certificate.verify(authority.publicKey)).toBe(true);
    expect(certificate.checkIssued(authority)).toBe(true);
    expect(certificate.ca).toBe(false);
    expect(certificate.keyUsage).toEqual(['1.3.6.1.5.5.7.3.3']);
  });

  test('may have made its key before', () => {
    const given = readSigningKey(at('ready'));
    expect(judged([der('given.pem')], time, given)).toMatchObject({
      ok: true,
      value: { signer: { algorithm: 'ml-dsa-65' } },
    });
    expect(judged([der('given.pem')])).toMatchObject({ ok: false, code: 'signature-wrong-length' });
  });

  test('is accepted with the certificate of the anchor in its chain', () => {
    expect(judged([der('release.pem'), der('ca.pem')])).toMatchObject({ ok: true });
  });
});

describe('a chain is refused', () => {
  test('when its leaf is of a peer, of an authority, or no certificate', () => {
    expect(judged([der('peer.pem')])).toMatchObject({ code: 'certificate-wrong-algorithm' });
    expect(judged([der('ca.pem')])).toMatchObject({ code: 'certificate-wrong-key-usage' });
    expect(judged([payload])).toMatchObject({ code: 'certificate-malformed' });
  });

  test('outside of its validity, and under other authorities', () => {
    expect(judged([der('release.pem')], new Date('2001-01-01'))).toMatchObject({
      code: 'certificate-outside-validity',
    });
    expect(judged([der('release.pem')], new Date('2099-01-01'))).toMatchObject({
      code: 'certificate-outside-validity',
    });
    createAuthority({ suite, directory: at('other'), name: 'Release CA' });
    const others = readSignerAuthorities({ ca: [at('other/ca.pem')] });
    const envelope = signEnvelope(key, inTotoPayloadType, payload, [der('release.pem')]);
    expect(verifyEnvelope(envelope, { ...trust, authorities: others })).toMatchObject({
      code: 'certificate-untrusted',
      path: 'verificationMaterial.x509CertificateChain.certificates[0]',
    });
  });

  test('when another key than that of its leaf signed', () => {
    issueSigner({ suite, directory, name: 'another' });
    expect(judged([der('another.pem')])).toMatchObject({ code: 'signature-invalid' });
  });
});

describe('intermediates that a chain brings', () => {
  const seed = suite.generateSignatureSeed();
  const publicKey = suite.signaturePublicKey(seed);
  const { issuer, issuerSeed } = readAuthority(suite, directory);
  const period = { notBefore: new Date(time.getTime() - 60_000), notAfter: new Date(time.getTime() + 86_400_000) };
  const own = readPublicKey(key.publicKey.spki);
  if (!own.ok) throw new Error(own.detail);
  const serialNumber = Uint8Array.of(1, 2, 3);
  const of = (limits: AuthorityLimits = {}): Bytes =>
    createIntermediate({ suite, issuer, issuerSeed, name: 'Team', publicKey, serialNumber, ...period, ...limits });
  const leafUnder = (middle: Bytes, uri = 'https://example.org/team'): Bytes =>
    issueSignerCertificate({
      suite,
      issuer: middle,
      issuerSeed: seed,
      name: 'member',
      uris: [uri],
      algorithm: signatureTable['ML-DSA-87'],
      publicKey: own.value.key,
      serialNumber,
      ...period,
    });

  test('lead to the anchor; without them there is no path', () => {
    const middle = of();
    expect(judged([leafUnder(middle), middle])).toMatchObject({ ok: true, value: { signer: { name: 'CN=member' } } });
    expect(judged([leafUnder(middle)])).toMatchObject({ code: 'certificate-untrusted' });
    expect(judged([leafUnder(middle), der('peer.pem')])).toMatchObject({ code: 'certificate-wrong-algorithm' });
  });

  test('vouch for names that their constraints govern, and for no others', () => {
    const middle = of({ permitted: { uriHosts: ['example.org'] } });
    expect(judged([leafUnder(middle), middle])).toMatchObject({
      ok: true,
      value: { signer: { certificate: { names: ['URI:https://example.org/team'] } } },
    });
    const narrow = of({ permitted: { uriHosts: ['other.example'] } });
    const free = of();
    expect(judged([leafUnder(free), narrow])).toMatchObject({ code: 'certificate-constraint' });
  });
});

describe('revocation lists', () => {
  test('refuse a signer, and let others through', () => {
    issueSigner({ suite, directory, name: 'leaving' });
    revokeCertificates({ suite, directory, which: 'leaving', reason: 'keyCompromise' });
    const { file } = writeRevocationList({ suite, directory });
    const withList = {
      ...trust,
      authorities: readSignerAuthorities({ ca: [at('ca.pem')], crl: [file], requireCrl: true }),
    };
    const leaving = readSigningKey(at('leaving.key'));
    const of = (signer: typeof key, name: string) =>
      verifyEnvelope(signEnvelope(signer, inTotoPayloadType, payload, [der(name)]), { ...withList, time: new Date() });
    expect(of(leaving, 'leaving.pem')).toMatchObject({ code: 'certificate-revoked' });
    expect(of(key, 'release.pem')).toMatchObject({ ok: true });
  });

  test('are required where somebody says so', () => {
    const strict = { ...trust, authorities: readSignerAuthorities({ ca: [at('ca.pem')], requireCrl: true }) };
    const envelope = signEnvelope(key, inTotoPayloadType, payload, [der('release.pem')]);
    expect(verifyEnvelope(envelope, strict)).toMatchObject({ code: 'certificate-revocation-unknown' });
  });
});

test('authorities in files that are none are refused with the name of the file', () => {
  writeFileSync(at('leaf-as-anchor.pem'), encodePem('CERTIFICATE', der('release.pem')));
  expect(() => readSignerAuthorities({ ca: [at('leaf-as-anchor.pem')] })).toThrow('leaf-as-anchor.pem: ');
});

test('no change of one bit of a bundle with a chain passes', () => {
  const bundle = encodeBundle(signEnvelope(key, inTotoPayloadType, payload, [der('release.pem')]));
  let passed = 0;
  for (let place = 0; place < bundle.length; place += 29) {
    const changed = bundle.slice();
    changed[place] = (changed[place] ?? 0) ^ (1 << (place % 8));
    const read = decodeBundle(changed);
    if (read.ok && verifyEnvelope(read.value, trust).ok) passed += 1;
  }
  expect(bundle.length).toBeGreaterThan(10_000);
  expect(passed).toBe(0);
});
