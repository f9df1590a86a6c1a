// An argument that a primitive cannot take is one error, of one class and with one message, in every back end.
import crypto from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { native } from '../../src/crypto/native.ts';
import { noble } from '../../src/crypto/noble.ts';
import type { Suite } from '../../src/crypto/suite.ts';
import { sizes } from '../../src/generated/constants.ts';
import { octets } from '../../src/lab/chains/fixtures.ts';

const suites: readonly Suite[] = [noble, native(crypto)];
const [key, iv] = [octets(32), octets(12)];
const ofSize = (size: number): readonly number[] => [0, size - 1, size + 1];

/** Calls with one wrong argument, and the message that each back end gives. */
const faults: readonly (readonly [string, string, (suite: Suite) => unknown])[] = [
  ...[12_241, 2 ** 31, -1, 0.5, Number.NaN, Number.POSITIVE_INFINITY].map(
    (length) =>
      [
        `expand to ${length}`,
        `HKDF-Expand: expected a whole number of octets from 0 to 12240, got ${length}`,
        (suite: Suite) => suite.expand(octets(48), octets(1), length),
      ] as const,
  ),
  ...[-1, 0.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 31].map(
    (length) =>
      [
        `draw ${length}`,
        `random octets: expected a whole number of octets from 0 to 2147483647, got ${length}`,
        (suite: Suite) => suite.randomOctets(length),
      ] as const,
  ),
  ...ofSize(32).flatMap((size) => [
    [
      `seal with a key of ${size}`,
      `AES-256-GCM key: expected 32 octets, got ${size}`,
      (suite: Suite) => suite.seal(octets(size), iv, octets(0), octets(9)),
    ] as const,
    [
      `open with a key of ${size}`,
      `AES-256-GCM key: expected 32 octets, got ${size}`,
      (suite: Suite) => suite.open(octets(size), iv, octets(0), octets(40)),
    ] as const,
    [
      `encapsulate with coins of ${size}`,
      `ML-KEM-1024 coins: expected 32 octets, got ${size}`,
      (suite: Suite) => suite.encapsulate(suite.generateKemKey(octets(64)).encapsulationKey, octets(size)),
    ] as const,
    [
      `sign from a seed of ${size}`,
      `ML-DSA-87 seed: expected 32 octets, got ${size}`,
      (suite: Suite) => suite.sign(octets(size), octets(1)),
    ] as const,
    [
      `the public key of a seed of ${size}`,
      `ML-DSA-87 seed: expected 32 octets, got ${size}`,
      (suite: Suite) => suite.signaturePublicKey(octets(size)),
    ] as const,
  ]),
  ...ofSize(12).flatMap((size) => [
    [
      `seal with an initial vector of ${size}`,
      `AES-256-GCM initial vector: expected 12 octets, got ${size}`,
      (suite: Suite) => suite.seal(key, octets(size), octets(0), octets(9)),
    ] as const,
    [
      `open a text too short for a tag with an initial vector of ${size}`,
      `AES-256-GCM initial vector: expected 12 octets, got ${size}`,
      (suite: Suite) => suite.open(key, octets(size), octets(0), octets(3)),
    ] as const,
  ]),
  ...ofSize(sizes.ciphertext).map(
    (size) =>
      [
        `decapsulate ${size}`,
        `ML-KEM-1024 ciphertext: expected 1568 octets, got ${size}`,
        (suite: Suite) => suite.generateKemKey(octets(64)).decapsulate(octets(size)),
      ] as const,
  ),
  ...ofSize(sizes.keySeed).map(
    (size) =>
      [
        `a KEM key from ${size}`,
        `ML-KEM-1024 seed: expected 64 octets, got ${size}`,
        (suite: Suite) => suite.generateKemKey(octets(size)),
      ] as const,
  ),
  ...ofSize(sizes.decapsulationKey).map(
    (size) =>
      [
        `an expanded key of ${size}`,
        `ML-KEM-1024 expanded key: expected 3168 octets, got ${size}`,
        (suite: Suite) => suite.importExpandedKemKey(octets(size)),
      ] as const,
  ),
  ...ofSize(sizes.signaturePublicKey).map(
    (size) =>
      [
        `a verification key of ${size}`,
        `ML-DSA-87 public key: expected 2592 octets, got ${size}`,
        (suite: Suite) => suite.verificationKey(octets(size)),
      ] as const,
  ),
];

function thrown(call: () => unknown): unknown {
  try {
    call();
  } catch (error) {
    return error;
  }
  return 'nothing was thrown';
}

describe.each(suites)('arguments, section 1.2: the $name back end', (suite) => {
  it.each(faults)('refuses to %s: %s', (_, message, call) => {
    const error = thrown(() => call(suite));
    expect(error).toBeInstanceOf(RangeError);
    expect(Object.getPrototypeOf(error)).toBe(RangeError.prototype);
    expect((error as Error).message).toBe(message);
  });

  it('takes the bounds of HKDF-Expand, and draws more than the platform gives in one call', () => {
    expect(suite.expand(octets(48), octets(1), 0)).toHaveLength(0);
    expect(suite.expand(octets(48), octets(1), 12_240)).toHaveLength(12_240);
    expect(suite.randomOctets(0)).toHaveLength(0);
    const drawn = suite.randomOctets(200_000);
    expect(drawn).toHaveLength(200_000);
    for (const at of [0, 65_536, 131_072, 196_608])
      expect(drawn.subarray(at, at + 64).some((one) => one !== 0)).toBe(true);
  });

  it('refuses a wiped key before it looks at the ciphertext', () => {
    const kem = suite.generateKemKey(octets(64));
    kem.wipe();
    expect(() => kem.decapsulate(octets(1))).toThrow(new TypeError('the decapsulation key was wiped'));
  });

  it('answers what is no error in the same way', () => {
    const { encapsulationKey } = suite.generateKemKey(octets(64));
    expect(suite.encapsulate(encapsulationKey.subarray(1))).toBeUndefined();
    expect(suite.encapsulate(encapsulationKey.subarray(1), octets(32))).toBeUndefined();
    expect(suite.open(key, iv, octets(0), octets(15))).toBeUndefined();
    expect(suite.verificationKey(suite.signaturePublicKey(octets(32))).verify(octets(1), octets(3))).toBe(false);
  });
});
