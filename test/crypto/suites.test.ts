import crypto from 'node:crypto';
import { ml_kem1024 } from '@noble/post-quantum/ml-kem.js';
import { describe, expect, it } from 'vitest';
import { native } from '../../src/crypto/native.ts';
import { noble } from '../../src/crypto/noble.ts';
import type { Suite } from '../../src/crypto/suite.ts';
import { sizes } from '../../src/generated/constants.ts';
import { fromHex, toHex } from '../../src/octets.ts';

/** `node:crypto` before Node 24.15: it reads public keys in DER alone. */
const withoutRawKeys: typeof crypto = {
  ...crypto,
  createPublicKey: (input) => {
    if (typeof input === 'object' && 'format' in input && input.format === 'raw-public')
      throw new TypeError("The property 'options.format' is invalid");
    return crypto.createPublicKey(input);
  },
};

const suites: readonly Suite[] = [noble, native(crypto), native(withoutRawKeys)];
const pairs = suites.flatMap((left) => suites.map((right) => [left, right] as const));
const octets = (length: number, start = 0): Uint8Array => Uint8Array.from({ length }, (_, i) => (start + 7 * i) & 0xff);

describe.each(pairs)('interoperation of back ends, section 1.2', (left, right) => {
  const title = `${left.name} with ${right.name}`;

  it(`ML-KEM-1024: ${title} give the same key from a seed, and the same secret`, () => {
    const seed = octets(sizes.keySeed);
    const [mine, theirs] = [left.generateKemKey(seed), right.generateKemKey(seed)];
    expect(toHex(mine.encapsulationKey)).toBe(toHex(theirs.encapsulationKey));
    const encapsulated = left.encapsulate(theirs.encapsulationKey);
    expect(encapsulated).toBeDefined();
    if (encapsulated === undefined) return;
    expect(encapsulated.ciphertext).toHaveLength(sizes.ciphertext);
    expect(toHex(theirs.decapsulate(encapsulated.ciphertext))).toBe(toHex(encapsulated.sharedSecret));
  });

  it(`ML-KEM-1024: ${title} give the same ciphertext from the same coins, and reject implicitly alike`, () => {
    const seed = octets(sizes.keySeed, 3);
    const coins = octets(sizes.encapsulationCoins, 9);
    const [mine, theirs] = [left.generateKemKey(seed), right.generateKemKey(seed)];
    const [one, other] = [
      left.encapsulate(mine.encapsulationKey, coins),
      right.encapsulate(mine.encapsulationKey, coins),
    ];
    expect(one).toEqual(other);
    const wrong = octets(sizes.ciphertext, 1);
    expect(toHex(mine.decapsulate(wrong))).toBe(toHex(theirs.decapsulate(wrong)));
  });

  it(`ML-DSA-87: ${title} verify each other's signatures and refuse changed ones`, () => {
    const seed = octets(sizes.signatureSeed);
    const message = octets(300);
    const signature = left.sign(seed, message);
    const key = right.verificationKey(right.signaturePublicKey(seed));
    expect(toHex(left.signaturePublicKey(seed))).toBe(toHex(key.octets));
    expect(key.verify(message, signature)).toBe(true);
    expect(key.verify(octets(300, 1), signature)).toBe(false);
    expect(key.verify(message, signature.subarray(1))).toBe(false);
    const changed = Uint8Array.from(signature);
    changed[100] = (changed[100] ?? 0) ^ 1;
    expect(key.verify(message, changed)).toBe(false);
  });

  it(`AES-256-GCM, HKDF, HMAC, SHA-384: ${title} agree`, () => {
    const [key, iv, data, text] = [octets(32), octets(12), octets(4), octets(6000)];
    const sealed = left.seal(key, iv, data, text);
    expect(sealed).toHaveLength(text.length + sizes.authenticationTag);
    expect(toHex(right.open(key, iv, data, sealed) ?? new Uint8Array())).toBe(toHex(text));
    expect(right.open(key, iv, octets(4, 1), sealed)).toBeUndefined();
    expect(right.open(key, iv, data, sealed.slice(0, 15))).toBeUndefined();
    for (const suite of [left, right]) expect(suite.expand(octets(48), octets(5), 145)).toHaveLength(145);
    expect(toHex(left.expand(octets(48), octets(5), 145))).toBe(toHex(right.expand(octets(48), octets(5), 145)));
    expect(toHex(left.extract(new Uint8Array(), text))).toBe(toHex(right.extract(new Uint8Array(), text)));
    expect(toHex(left.mac(key, text))).toBe(toHex(right.mac(key, text)));
    expect(toHex(left.hash(text))).toBe(toHex(right.hash(text)));
  });
});

describe.each(suites)('the $name back end', (suite) => {
  it('computes the published values of SHA-384 (FIPS 180-4) and HMAC-SHA-384 (RFC 4231, test case 2)', () => {
    expect(toHex(suite.hash(new TextEncoder().encode('abc')))).toBe(
      'cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed8086072ba1e7cc2358baeca134c825a7',
    );
    expect(
      toHex(suite.mac(new TextEncoder().encode('Jefe'), new TextEncoder().encode('what do ya want for nothing?'))),
    ).toBe('af45d2e376484031617f78d2b58a6b1b9c7ef464f5a01b47e42ec3736322445e8e2240ca5e69e2c78b3239ecfab21649');
  });

  it('computes the published value of AES-256-GCM (McGrew and Viega, test case 16)', () => {
    const key = fromHex('feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308');
    const text = fromHex(
      'd9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39',
    );
    const sealed = suite.seal(
      key,
      fromHex('cafebabefacedbaddecaf888'),
      fromHex('feedfacedeadbeeffeedfacedeadbeefabaddad2'),
      text,
    );
    expect(toHex(sealed)).toBe(
      '522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f66276fc6ece0f4e1768cddf8853bb2d551b',
    );
  });

  it('refuses an encapsulation key that fails the type or modulus check of FIPS 203, 7.2', () => {
    const { encapsulationKey } = suite.generateKemKey();
    const outOfRange = Uint8Array.from(encapsulationKey);
    outOfRange.fill(0xff, 0, 3); // two coefficients of 4095, the modulus is 3329
    for (const coins of [undefined, octets(32)]) {
      expect(suite.encapsulate(outOfRange, coins)).toBeUndefined();
      expect(suite.encapsulate(encapsulationKey.subarray(1), coins)).toBeUndefined();
      expect(suite.encapsulate(encapsulationKey, coins)).toBeDefined();
    }
  });

  it('says which argument has a wrong length', () => {
    const key = suite.generateKemKey();
    expect(() => suite.generateKemKey(octets(63))).toThrow(RangeError);
    expect(() => suite.encapsulate(key.encapsulationKey, octets(31))).toThrow();
    expect(() => suite.verificationKey(octets(2591))).toThrow(/2592/);
    expect(() => suite.sign(octets(31), octets(1))).toThrow(/32/);
    expect(() => suite.importExpandedKemKey(octets(3167))).toThrow(/3168/);
    expect(() => suite.expand(octets(48), octets(0), 12_241)).toThrow();
  });

  it('reads an expanded key, and refuses one whose hash is wrong (FIPS 203, 7.3)', () => {
    const seed = octets(sizes.keySeed, 5);
    const { secretKey: dk, publicKey: ek } = ml_kem1024.keygen(seed);
    const key = suite.importExpandedKemKey(dk);
    expect(toHex(key?.encapsulationKey ?? new Uint8Array())).toBe(toHex(ek));
    const encapsulated = suite.encapsulate(ek);
    expect(encapsulated && toHex(key?.decapsulate(encapsulated.ciphertext) ?? new Uint8Array())).toBe(
      encapsulated && toHex(encapsulated.sharedSecret),
    );
    const broken = Uint8Array.from(dk);
    broken[3168 - 40] = (broken[3168 - 40] ?? 0) ^ 1; // inside H(ek)
    expect(suite.importExpandedKemKey(broken)).toBeUndefined();
  });

  it('forgets a wiped decapsulation key', () => {
    const key = suite.generateKemKey();
    const encapsulated = suite.encapsulate(key.encapsulationKey);
    const before = encapsulated && toHex(key.decapsulate(encapsulated.ciphertext));
    key.wipe();
    expect(() => {
      if (encapsulated && toHex(key.decapsulate(encapsulated.ciphertext)) === before) return;
      throw new Error('the key is gone');
    }).toThrow();
  });

  it('compares octets', () => {
    expect(suite.equal(octets(48), octets(48))).toBe(true);
    expect(suite.equal(octets(48), octets(48, 1))).toBe(false);
    expect(suite.equal(octets(48), octets(47))).toBe(false);
    expect(suite.randomOctets(32)).toHaveLength(32);
  });
});
