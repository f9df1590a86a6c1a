import { X509Certificate } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { issueCertificate } from '../../src/certificate/issue/issue.ts';
import { parseCertificate } from '../../src/certificate/parse.ts';
import { certificateValidator } from '../../src/certificate/validate.ts';
import {
  anchor,
  authority,
  authoritySeed,
  during,
  octets,
  peer,
  platform,
  suites,
  uri,
  value,
} from '../../src/lab/chains/fixtures.ts';
import { toHex } from '../../src/octets.ts';

describe.each(suites)('certificates issued with $name, as OpenSSL reads them', (suite) => {
  const ca = new X509Certificate(authority(suite));
  const leaf = new X509Certificate(peer(suite));

  it('PQ-4.4-01: the authority is one, and signed itself', () => {
    expect(ca.ca).toBe(true);
    expect(ca.subject).toBe('CN=PQuAKE CA');
    expect(ca.checkIssued(ca)).toBe(true);
    expect(ca.verify(ca.publicKey)).toBe(true);
    expect(ca.publicKey.asymmetricKeyType).toBe('ml-dsa-87');
  });

  it('PQ-4.4-02, PQ-4.4-03: the peer has an ML-KEM-1024 key, and the signature of the authority', () => {
    expect(leaf.ca).toBe(false);
    expect(leaf.subject).toBe('CN=bob');
    expect(leaf.subjectAltName).toBe(`URI:${uri}`);
    expect(leaf.publicKey.asymmetricKeyType).toBe('ml-kem-1024');
    expect(leaf.checkIssued(ca)).toBe(true); // names, key identifiers and key usage
    expect(leaf.verify(ca.publicKey)).toBe(true);
    expect(leaf.validTo).toBe('Dec 31 23:59:59 2026 GMT');
    expect(leaf.serialNumber.toLowerCase()).toBe(toHex(octets(16, 0x41)));
  });
});

describe('what is issued', () => {
  it('PQ-4.4-01: a compact certificate lacks both key identifiers, is 64 octets shorter, and is valid', () => {
    const compact = peer(platform, { compact: true });
    expect(peer(platform).length - compact.length).toBe(64);
    const parsed = value(certificateValidator({ trustAnchors: [anchor()], time: during })(compact));
    expect(parsed.authorityKeyIdentifier).toBeUndefined();
    expect([parsed.subject, parsed.uris]).toEqual(['CN=bob', [uri]]);
  });

  it('makes a handshake of 19.3 to 19.6 kB of two certificates', () => {
    const messages = 4 * 1572 + 2 * (4 + 28 + peer().length) + 2 * 52;
    expect(messages).toBeGreaterThan(19_300);
    expect(messages).toBeLessThan(19_600);
  });

  it('RFC 7093: the key identifiers are the first 20 octets of the SHA-384 hash of the key', () => {
    const { authorityKeyIdentifier } = value(parseCertificate(peer()));
    const { subjectKeyIdentifier, verificationKey } = anchor();
    expect(toHex(authorityKeyIdentifier ?? octets(0))).toBe(
      toHex(platform.hash(verificationKey.octets).subarray(0, 20)),
    );
    expect(toHex(subjectKeyIdentifier ?? octets(0))).toBe(toHex(authorityKeyIdentifier ?? octets(0)));
  });

  it('has no subject alternative name when there is none', () => {
    for (const uris of [[], undefined]) {
      const { uris: found } = value(parseCertificate(peer(platform, { uris })));
      expect(found).toEqual([]);
      expect(new X509Certificate(peer(platform, { uris })).subjectAltName).toBeUndefined();
    }
  });

  it('takes names that RFC 4514 escapes, and times from 2050', () => {
    const name = ' Zoë, #1 "x" <a+b>; c=\\ ';
    const issued = peer(platform, { name, notAfter: new Date('2050-01-01T00:00:00.999Z') });
    const parsed = value(parseCertificate(issued));
    expect(parsed.commonName).toBe(name);
    expect(parsed.subject).toBe('CN=\\ Zoë\\, #1 \\"x\\" \\<a\\+b\\>\\; c=\\\\\\ ');
    expect(parsed.notAfter.toISOString()).toBe('2050-01-01T00:00:00.000Z');
    expect(new X509Certificate(issued).validTo).toBe('Jan  1 00:00:00 2050 GMT');
  });

  it('takes serial numbers in any number of octets, positive and in few', () => {
    const serial = (serialNumber: Uint8Array): string =>
      value(parseCertificate(peer(platform, { serialNumber }))).serialNumber;
    expect(serial(Uint8Array.of(0, 0, 5))).toBe('05');
    expect(serial(Uint8Array.of(0x80))).toBe('0080');
    expect(() => serial(new Uint8Array(16))).toThrow(RangeError);
    expect(() => serial(octets(21, 1))).toThrow(RangeError);
  });

  it('is nothing that would not be accepted', () => {
    const refuses = (options: Partial<Parameters<typeof issueCertificate>[0]>): void =>
      expect(() => peer(platform, options)).toThrow(RangeError);
    refuses({ name: '' });
    refuses({ uris: [''] });
    refuses({ uris: ['not a uri'] });
    refuses({ uris: ['https://zoë.example'] });
    refuses({ encapsulationKey: octets(1567) });
    refuses({ issuerSeed: octets(32, 99) });
    refuses({ issuer: peer() });
    refuses({ notBefore: new Date('1949-12-31T00:00:00Z') });
    refuses({ notBefore: new Date('2027-01-01T00:00:00Z') });
    refuses({ notAfter: new Date(Number.NaN) });
    expect(() => authority(platform, { seed: octets(31) })).toThrow(RangeError);
    expect(() => authority(platform, { name: '' })).toThrow(RangeError);
    expect(authoritySeed).toHaveLength(32);
  });
});
