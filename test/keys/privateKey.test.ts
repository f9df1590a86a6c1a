import crypto from 'node:crypto';
import { ml_dsa87 } from '@noble/post-quantum/ml-dsa.js';
import { ml_kem1024 } from '@noble/post-quantum/ml-kem.js';
import { describe, expect, it } from 'vitest';
import { parseCertificate } from '../../src/certificate/parse.ts';
import { reasonOf } from '../../src/failure.ts';
import {
  decodeKemPrivateKey,
  decodeSignaturePrivateKey,
  encodeKemPrivateKey,
  encodeSignaturePrivateKey,
  isKeyOf,
} from '../../src/keys/privateKey.ts';
import {
  authoritySeed,
  edit,
  hex,
  octets,
  peer,
  peerSeed,
  platform,
  suites,
  tlv,
  value,
} from '../../src/lab/chains/fixtures.ts';
import { type Bytes, toHex } from '../../src/octets.ts';
import fc from '../property.ts';

const kemOid = '6086480165030404 03';
const signatureOid = '6086480165030403 13';
const pkcs8 = (oid: string, key: Bytes, { version = 0, after = [] as readonly Bytes[] } = {}): Bytes =>
  tlv(0x30, tlv(2, Uint8Array.of(version)), tlv(0x30, tlv(6, hex(oid))), tlv(4, key), ...after);
const both = (seed: Bytes, expanded: Bytes): Bytes => tlv(0x30, tlv(4, seed), tlv(4, expanded));

const { secretKey: expanded, publicKey } = ml_kem1024.keygen(peerSeed);
const kemForms = { seed: tlv(0x80, peerSeed), expanded: tlv(4, expanded), both: both(peerSeed, expanded) };
const signing = ml_dsa87.keygen(authoritySeed);

describe.each(suites)('RFC 9935: PKCS#8 of ML-KEM-1024, with $name', (suite) => {
  const decode = (der: Bytes): string => {
    const key = decodeKemPrivateKey(suite, der);
    return key.ok ? toHex(key.value.encapsulationKey) : reasonOf(key);
  };

  it('reads what it writes, which Node reads too', () => {
    const der = encodeKemPrivateKey(peerSeed);
    expect(der).toHaveLength(86);
    expect(toHex(der)).toBe(toHex(pkcs8(kemOid, kemForms.seed)));
    expect(decode(der)).toBe(toHex(publicKey));
    const node = crypto.createPrivateKey({ key: Buffer.from(der), format: 'der', type: 'pkcs8' });
    expect(node.asymmetricKeyType).toBe('ml-kem-1024');
  });

  it('reads what Node writes', () => {
    const { privateKey, publicKey: theirs } = crypto.generateKeyPairSync('ml-kem-1024');
    const spki = theirs.export({ format: 'der', type: 'spki' });
    expect(decode(privateKey.export({ format: 'der', type: 'pkcs8' }))).toBe(spki.subarray(-1568).toString('hex'));
  });

  it.each(Object.entries(kemForms))('reads the form %s, as Node does', (_, form) => {
    const der = pkcs8(kemOid, form);
    expect(decode(der)).toBe(toHex(publicKey));
    expect(crypto.createPrivateKey({ key: Buffer.from(der), format: 'der', type: 'pkcs8' }).type).toBe('private');
  });

  it('reads attributes, and a public key when it is that of the private key', () => {
    const attributes = tlv(0xa0);
    const beside = (key: Bytes): Bytes => tlv(0x81, Uint8Array.of(0), key);
    expect(decode(pkcs8(kemOid, kemForms.seed, { after: [attributes] }))).toBe(toHex(publicKey));
    expect(decode(pkcs8(kemOid, kemForms.seed, { version: 1, after: [attributes, beside(publicKey)] }))).toBe(
      toHex(publicKey),
    );
    expect(decode(pkcs8(kemOid, kemForms.seed, { version: 1, after: [beside(octets(1568))] }))).toMatch(/public key/);
    expect(decode(pkcs8(kemOid, kemForms.seed, { after: [beside(publicKey)] }))).toMatch(/trailing/);
  });

  it('survives the wiping of its input', () => {
    for (const form of Object.values(kemForms)) {
      const der = pkcs8(kemOid, form);
      const key = decodeKemPrivateKey(suite, der);
      der.fill(0);
      const { cipherText, sharedSecret } = ml_kem1024.encapsulate(publicKey);
      expect(key.ok && toHex(key.value.decapsulate(cipherText))).toBe(toHex(sharedSecret));
    }
  });

  it('refuses seed and expanded key of two keys, however alike', () => {
    expect(decode(pkcs8(kemOid, both(octets(64, 99), expanded)))).toMatch(/seed and expanded key/);
    const rejecting = expanded.with(3167, (expanded[3167] ?? 0) ^ 1); // z, which only rejection shows
    expect(decode(pkcs8(kemOid, both(peerSeed, rejecting)))).toMatch(/seed and expanded key/);
    const secret = expanded.with(700, (expanded[700] ?? 0) ^ 1); // s
    expect(decode(pkcs8(kemOid, both(peerSeed, secret)))).toMatch(/of one key|inconsistent/);
    expect(decode(pkcs8(kemOid, tlv(4, secret)))).toMatch(/inconsistent/);
    const hash = expanded.with(3110, (expanded[3110] ?? 0) ^ 1);
    expect(decode(pkcs8(kemOid, tlv(4, hash)))).toMatch(/inconsistent/);
  });

  it.each([
    [
      'another algorithm',
      encodeSignaturePrivateKey(authoritySeed),
      /found ML-DSA-87 \(2\.16\.840\.1\.101\.3\.4\.3\.19\), expected ML-KEM-1024: this is the key of an authority/,
    ],
    [
      'parameters',
      edit(encodeKemPrivateKey(peerSeed), [1], (id) => tlv(0x30, id.subarray(2), hex('0500'))),
      /parameters/,
    ],
    ['version 2', pkcs8(kemOid, kemForms.seed, { version: 2 }), /version/],
    ['a seed of 63 octets', pkcs8(kemOid, tlv(0x80, octets(63))), /63 octets, not 64/],
    ['an expanded key of 3167 octets', pkcs8(kemOid, tlv(4, octets(3167))), /3167 octets, not 3168/],
    ['a bare seed', pkcs8(kemOid, peerSeed), /./],
    ['an empty key', pkcs8(kemOid, new Uint8Array(0)), /./],
    ['three forms', pkcs8(kemOid, tlv(0x30, tlv(4, peerSeed), tlv(4, expanded), tlv(4, peerSeed))), /trailing/],
    ['trailing octets', Buffer.concat([encodeKemPrivateKey(peerSeed), hex('00')]), /trailing/],
    ['a certificate', peer(), /./],
    ['nothing', new Uint8Array(0), /./],
  ])('refuses %s', (_, der, reason) => expect(decode(der)).toMatch(reason));
});

describe('keys from before the RFCs are named as such', () => {
  const suite = platform;
  const kem = (der: Bytes): string => {
    const key = decodeKemPrivateKey(suite, der);
    return key.ok ? 'read' : reasonOf(key);
  };
  const signature = (der: Bytes): string => {
    const key = decodeSignaturePrivateKey(suite, der);
    return key.ok ? 'read' : reasonOf(key);
  };
  const converted = /^ML-KEM-1024 private key: .*drafts before RFC 9935: .*OpenSSL 3\.5 or later/;

  it.each([
    ['the seed alone, without a tag', peerSeed],
    ['the expanded key alone, without a tag', expanded],
    ['expanded key and public key in one OCTET STRING', tlv(4, expanded, publicKey)],
  ])('ML-KEM: %s, which OpenSSL writes anew as the message says', (form, contents) => {
    const der = pkcs8(kemOid, contents);
    expect(kem(der)).toMatch(converted);
    expect(kem(der)).toContain(form);
    const [major = 0, minor = 0] = process.versions.openssl.split('.').map(Number);
    if (major < 3 || (major === 3 && minor < 5)) return;
    const node = crypto.createPrivateKey({ key: Buffer.from(der), format: 'der', type: 'pkcs8' });
    expect(kem(node.export({ format: 'der', type: 'pkcs8' }))).toBe('read');
  });

  it.each([
    ['the seed alone', authoritySeed, /drafts before RFC 9881: .*OpenSSL 3\.5 or later/],
    ['the expanded key alone', signing.secretKey, /drafts before RFC 9881: .*signing needs the seed/],
    ['both keys', tlv(4, signing.secretKey, signing.publicKey), /drafts before RFC 9881: .*signing needs the seed/],
  ])('ML-DSA: %s', (_, contents, expected) => expect(signature(pkcs8(signatureOid, contents))).toMatch(expected));

  it.each([
    ['2b0601040102820b070807', '1.3.6.1.4.1.2.267.7.8.7 (Dilithium, round 3, from before FIPS 203 and 204'],
    ['2b0601040102820b0c0807', '1.3.6.1.4.1.2.267.12.8.7 (the draft of ML-DSA, from before'],
    ['2b0601040102820b080404', '1.3.6.1.4.1.2.267.8.4.4 (Kyber, round 3, from before'],
    ['2b0601040181b01a050603', '1.3.6.1.4.1.22554.5.6.3 (Kyber or the draft of ML-KEM, from before'],
  ])('an algorithm from before the standards: %s', (oid, expected) => {
    for (const reason of [kem(pkcs8(oid, octets(9))), signature(pkcs8(oid, octets(9)))]) {
      expect(reason).toContain(expected);
      expect(reason).toContain('make a new key');
    }
  });
});

describe.each(suites)('RFC 9881: PKCS#8 of ML-DSA-87, with $name', (suite) => {
  const decode = (der: Bytes): string => {
    const seed = decodeSignaturePrivateKey(suite, der);
    return seed.ok ? toHex(seed.value) : reasonOf(seed);
  };

  it('reads what it writes, which Node reads too', () => {
    const der = encodeSignaturePrivateKey(authoritySeed);
    expect(der).toHaveLength(54);
    expect(decode(der)).toBe(toHex(authoritySeed));
    const node = crypto.createPrivateKey({ key: Buffer.from(der), format: 'der', type: 'pkcs8' });
    expect(node.asymmetricKeyType).toBe('ml-dsa-87');
    expect(crypto.verify(null, octets(9), crypto.createPublicKey(node), suite.sign(authoritySeed, octets(9)))).toBe(
      true,
    );
  });

  it('reads what Node writes', () => {
    const { privateKey, publicKey: theirs } = crypto.generateKeyPairSync('ml-dsa-87');
    const seed = decodeSignaturePrivateKey(suite, privateKey.export({ format: 'der', type: 'pkcs8' }));
    if (!seed.ok) throw new Error(seed.detail);
    const spki = theirs.export({ format: 'der', type: 'spki' });
    expect(toHex(suite.signaturePublicKey(seed.value))).toBe(spki.subarray(-2592).toString('hex'));
  });

  it('reads both forms of one key, and refuses those of two', () => {
    expect(decode(pkcs8(signatureOid, both(authoritySeed, signing.secretKey)))).toBe(toHex(authoritySeed));
    expect(decode(pkcs8(signatureOid, both(octets(32, 99), signing.secretKey)))).toMatch(/not of one key/);
    const beside = tlv(0x81, Uint8Array.of(0), octets(2592));
    expect(decode(pkcs8(signatureOid, tlv(0x80, authoritySeed), { version: 1, after: [beside] }))).toMatch(
      /another public key/,
    );
  });

  it('refuses an expanded key alone, and says why', () => {
    expect(decode(pkcs8(signatureOid, tlv(4, signing.secretKey)))).toMatch(/without its seed/);
    expect(decode(encodeKemPrivateKey(peerSeed))).toMatch(/expected ML-DSA-87: this is the key of a peer/);
  });

  it('gives a copy of the seed, which outlives its input', () => {
    const der = encodeSignaturePrivateKey(authoritySeed);
    const seed = decodeSignaturePrivateKey(suite, der);
    der.fill(0);
    expect(seed.ok && toHex(seed.value)).toBe(toHex(authoritySeed));
  });
});

describe('private keys', () => {
  it('PQ-P-60: are those of one certificate, and of no other', () => {
    const certificate = value(parseCertificate(peer()));
    expect(isKeyOf(platform, platform.generateKemKey(peerSeed), certificate)).toBe(true);
    expect(isKeyOf(platform, platform.generateKemKey(octets(64, 99)), certificate)).toBe(false);
  });

  it('of a wrong length are not written', () => {
    expect(() => encodeKemPrivateKey(octets(32))).toThrow(RangeError);
    expect(() => encodeSignaturePrivateKey(octets(64))).toThrow(RangeError);
  });

  it('that are mutilated never throw, and no reason shows a secret', () => {
    const secret = crypto.randomBytes(64);
    for (const der of [encodeKemPrivateKey(secret), encodeSignaturePrivateKey(secret.subarray(0, 32))]) {
      fc.assert(
        fc.property(
          fc.nat({ max: der.length - 1 }),
          fc.integer({ min: 1, max: 255 }),
          fc.nat(8),
          (i, difference, cut) => {
            const changed = der.with(i, (der[i] ?? 0) ^ difference).subarray(0, der.length - cut);
            for (const decoded of [
              decodeKemPrivateKey(platform, changed),
              decodeSignaturePrivateKey(platform, changed),
            ]) {
              if (!decoded.ok) expect(reasonOf(decoded)).not.toContain(secret.toString('hex', 0, 4));
            }
          },
        ),
        { numRuns: 300 },
      );
    }
  });
});
