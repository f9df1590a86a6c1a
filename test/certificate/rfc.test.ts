// Keys and certificates that others made: the examples of RFC 9881 and RFC 9935, and those of OpenSSL.

import crypto, { createHash, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { createTrustAnchor, issueCertificate } from '../../src/certificate/issue/issue.ts';
import { parseCertificate } from '../../src/certificate/parse.ts';
import { parseTrustAnchor } from '../../src/certificate/trustAnchor.ts';
import { certificateValidator } from '../../src/certificate/validate.ts';
import type { Checked } from '../../src/failure.ts';
import {
  decodeKemPrivateKey,
  decodeSignaturePrivateKey,
  encodeKemPrivateKey,
  encodeSignaturePrivateKey,
  isKeyOf,
} from '../../src/keys/privateKey.ts';
import { during, notAfter, notBefore, octets, refusal, suites, value } from '../../src/lab/chains/fixtures.ts';
import { toHex } from '../../src/octets.ts';
import { bothOf, examples, expanded, seeds } from './rfc/examples.ts';

const reasonOf = (result: Checked<unknown, string>): string => (result.ok ? 'ok' : (result.detail ?? result.code));

function from<T>(result: Checked<T, string>): T {
  if (!result.ok) throw new Error(result.detail);
  return result.value;
}

describe('the examples of RFC 9881 and RFC 9935', () => {
  const table = readFileSync('test/certificate/rfc/README.md', 'utf8');
  const rows = [...table.matchAll(/^\| (ML-\S+) \| (\d+) \| ([0-9a-f]{64}) \|$/gm)];
  const published = rows.map(([, name = '', length = '', digest = '']) => ({ name, length, digest }));

  it('are ten', () => expect(published.map(({ name }) => name).sort()).toEqual(Object.keys(examples).sort()));

  it.each(published)('$name is made again, octet by octet', ({ name, length, digest }) => {
    const example = examples[name as keyof typeof examples];
    expect(example).toHaveLength(Number(length));
    expect(createHash('sha256').update(example).digest('hex')).toBe(digest);
  });
});

describe.each(suites)('the examples, with $name', (suite) => {
  const time = new Date('2030-01-01T00:00:00Z');

  it('PQ-P-56, PQ-P-57, PQ-P-59: the certificates are of the profile, and the one is under the other', () => {
    const anchor = value(parseTrustAnchor(suite, examples['ML-DSA-87.crt']));
    expect(anchor.subject.text).toBe('CN=LAMPS WG,O=IETF');
    expect(refusal(certificateValidator({ trustAnchors: [anchor], time })(examples['ML-KEM-1024.crt']))).toBe('ok');
    const late = new Date('2041-01-01T00:00:00Z');
    expect(refusal(certificateValidator({ trustAnchors: [anchor], time: late })(examples['ML-KEM-1024.crt']))).toMatch(
      /^certificate-outside-validity/,
    );
    expect(refusal(parseCertificate(examples['ML-DSA-87.crt']))).toMatch(/^certificate-wrong-algorithm/);
  });

  it('the three forms of the KEM key are one key, that of the certificate', () => {
    const certificate = value(parseCertificate(examples['ML-KEM-1024.crt']));
    for (const form of ['seed', 'expanded', 'both'] as const) {
      expect(isKeyOf(suite, from(decodeKemPrivateKey(suite, examples[`ML-KEM-1024-${form}.priv`])), certificate)).toBe(
        true,
      );
    }
    expect(toHex(encodeKemPrivateKey(seeds.kem))).toBe(toHex(examples['ML-KEM-1024-seed.priv']));
  });

  it('of the signature key the forms with the seed are taken, and the expanded one alone is refused', () => {
    for (const form of ['seed', 'both'] as const) {
      const seed = from(decodeSignaturePrivateKey(suite, examples[`ML-DSA-87-${form}.priv`]));
      expect(toHex(seed)).toBe(toHex(seeds.signature));
    }
    expect(reasonOf(decodeSignaturePrivateKey(suite, examples['ML-DSA-87-expanded.priv']))).toMatch(/without its seed/);
    expect(toHex(encodeSignaturePrivateKey(seeds.signature))).toBe(toHex(examples['ML-DSA-87-seed.priv']));
  });

  it('halves that are not of one key are refused, wherever they differ', () => {
    for (const at of [0, 40, 70, 130, 2000, 4895]) {
      const wrong = expanded.signature.with(at, (expanded.signature[at] ?? 0) ^ 1);
      expect(reasonOf(decodeSignaturePrivateKey(suite, bothOf.signature(seeds.signature, wrong)))).toMatch(
        /not of one key/,
      );
    }
    expect(reasonOf(decodeSignaturePrivateKey(suite, bothOf.signature(octets(32), expanded.signature)))).toMatch(
      /not of one/,
    );
    // In turn: the secret vector, the key, its hash, and the secret for rejection.
    for (const at of [0, 1536, 1600, 3104, 3167]) {
      const wrong = expanded.kem.with(at, (expanded.kem[at] ?? 0) ^ 1);
      expect(reasonOf(decodeKemPrivateKey(suite, bothOf.kem(seeds.kem, wrong)))).not.toBe('ok');
    }
    expect(reasonOf(decodeKemPrivateKey(suite, bothOf.kem(octets(64), expanded.kem)))).not.toBe('ok');
  });

  it('keys that OpenSSL generates are read, in the form that it exports, and OpenSSL reads ours', () => {
    const kem = crypto.generateKeyPairSync('ml-kem-1024');
    const der = kem.privateKey.export({ format: 'der', type: 'pkcs8' });
    const own = from(decodeKemPrivateKey(suite, der));
    const { ciphertext, sharedKey } = crypto.encapsulate(kem.publicKey);
    expect(toHex(own.decapsulate(new Uint8Array(ciphertext)))).toBe(toHex(new Uint8Array(sharedKey)));
    const signing = crypto.generateKeyPairSync('ml-dsa-87');
    const seed = from(decodeSignaturePrivateKey(suite, signing.privateKey.export({ format: 'der', type: 'pkcs8' })));
    const message = octets(100);
    expect(crypto.verify(null, message, signing.publicKey, suite.sign(seed, message))).toBe(true);
    for (const name of ['ML-KEM-1024', 'ML-DSA-87'] as const) {
      const encoded =
        name === 'ML-DSA-87' ? encodeSignaturePrivateKey(seeds.signature) : encodeKemPrivateKey(seeds.kem);
      const read = crypto.createPrivateKey({ key: Buffer.from(encoded), format: 'der', type: 'pkcs8' });
      const spki = crypto.createPublicKey(read).export({ format: 'der', type: 'spki' });
      expect(toHex(new Uint8Array(spki))).toBe(toHex(examples[`${name}.pub`]));
    }
  });

  it('a certificate for a key of OpenSSL, under a key of OpenSSL: each reads and verifies it', () => {
    const signing = crypto.generateKeyPairSync('ml-dsa-87');
    const seed = from(decodeSignaturePrivateKey(suite, signing.privateKey.export({ format: 'der', type: 'pkcs8' })));
    const kem = crypto.generateKeyPairSync('ml-kem-1024');
    const encapsulationKey = new Uint8Array(kem.publicKey.export({ format: 'der', type: 'spki' }).subarray(-1568));
    const serialNumber = Uint8Array.of(1);
    const issuer = createTrustAnchor({ suite, name: 'CA', seed, serialNumber, notBefore, notAfter });
    const common = { suite, name: 'peer', serialNumber, notBefore, notAfter, encapsulationKey };
    const der = issueCertificate({ ...common, issuer, issuerSeed: seed });
    const theirs = new X509Certificate(der);
    expect(theirs.verify(signing.publicKey)).toBe(true);
    expect(theirs.checkPrivateKey(kem.privateKey)).toBe(true);
    const trustAnchors = [value(parseTrustAnchor(suite, issuer))];
    expect(refusal(certificateValidator({ trustAnchors, time: during })(der))).toBe('ok');
  });
});
