import { X509Certificate } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { createIntermediate } from '../../../src/certificate/issue/issue.ts';
import { createCrl } from '../../../src/certificate/issue/issueCrl.ts';
import { issueSignerCertificate } from '../../../src/certificate/issue/issueSigner.ts';
import { signatureTable } from '../../../src/generated/suites.ts';
import { decodePem, encodePem } from '../../../src/keys/pem.ts';
import { encodeSignaturePrivateKey } from '../../../src/keys/privateKey.ts';
import { createAuthority, issueCredentials } from '../../../src/node/authority/pki.ts';
import { issueSigner } from '../../../src/node/authority/signers.ts';
import { chooseSuite } from '../../../src/node/suite.ts';
import type { Bytes } from '../../../src/octets.ts';
import { readSignerAuthorities } from '../../../src/provenance/keys/authorities.ts';
import { readSigningKey, writeKeyPair } from '../../../src/provenance/keys/files.ts';
import { signingKeyOf } from '../../../src/provenance/keys/schemes.ts';
import { decodeBundle, encodeBundle, inTotoPayloadType } from '../../../src/provenance/signature/bundle.ts';
import { signEnvelope, verifyEnvelope } from '../../../src/provenance/signature/envelope.ts';

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
