import crypto from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { ConfigurationError } from '../../src/configuration.ts';
import { native } from '../../src/crypto/native.ts';
import { nobleSuite } from '../../src/crypto/nobleSuites.ts';
import { mandatorySuite, suiteTable } from '../../src/generated/suites.ts';
import { checkSuite } from '../../src/handshake/suitePolicy.ts';

const octets = (length: number, start = 0): Uint8Array => Uint8Array.from({ length }, (_, i) => (start + 7 * i) & 0xff);

describe.each(Object.values(suiteTable))('suite $name: noble and native agree', (algorithms) => {
  const [js, platform] = [nobleSuite(algorithms), native(crypto, algorithms)];
  const { kem } = algorithms;

  it(`${kem.name}: the same key from a seed, secrets of each other's ciphertexts, implicit rejection alike`, () => {
    const [one, other] = [js.generateKemKey(octets(64)), platform.generateKemKey(octets(64))];
    expect(one.encapsulationKey).toHaveLength(kem.encapsulationKey);
    expect(Buffer.compare(one.encapsulationKey, other.encapsulationKey)).toBe(0);
    for (const [from, to] of [
      [js, other],
      [platform, one],
    ] as const) {
      const { ciphertext, sharedSecret } = from.encapsulate(to.encapsulationKey) ?? expect.fail('refused');
      expect(ciphertext).toHaveLength(kem.ciphertext);
      expect(Buffer.compare(to.decapsulate(ciphertext), sharedSecret)).toBe(0);
    }
    const wrong = octets(kem.ciphertext, 1);
    expect(Buffer.compare(one.decapsulate(wrong), other.decapsulate(wrong))).toBe(0);
  });

  it(`${kem.name}: keys of another KEM are refused`, () => {
    for (const suite of [js, platform]) {
      expect(suite.encapsulate(octets(kem.encapsulationKey - 1))).toBeUndefined();
      expect(() => suite.generateKemKey().decapsulate(octets(kem.ciphertext + 1) as never)).toThrow();
    }
  });

  it.each(algorithms.signatures)(
    '$name: a signature of the platform verifies in both, a changed one in none',
    (scheme) => {
      const seed = platform.generateSignatureSeed(scheme);
      const message = octets(100);
      const signature = platform.sign(seed, message, scheme);
      expect([seed.length, signature.length]).toEqual([scheme.seed, scheme.signature]);
      const publicKey = platform.signaturePublicKey(seed, scheme);
      expect(Buffer.compare(js.signaturePublicKey(seed, scheme), publicKey)).toBe(0);
      for (const suite of [js, platform]) {
        const key = suite.verificationKey(publicKey, scheme);
        expect(key.algorithm).toBe(scheme);
        expect(key.verify(message, signature)).toBe(true);
        expect(key.verify(octets(100, 1), signature)).toBe(false);
        expect(key.verify(message, signature.subarray(1))).toBe(false);
        expect(key.verify(message, signature.with(40, (signature[40] ?? 0) ^ 1))).toBe(false);
      }
    },
  );
});

describe('policy of suites', () => {
  const withStatus = (status: (typeof mandatorySuite)['status']) => ({ ...suiteTable['mlkem768-mldsa65'], status });
  const { name } = suiteTable['mlkem768-mldsa65'];

  it('the mandatory suite needs no permission, another one does', () => {
    expect(() => checkSuite(mandatorySuite, {})).not.toThrow();
    expect(() => checkSuite(withStatus('optional'), {})).toThrow(ConfigurationError);
    expect(() => checkSuite(withStatus('optional'), { allowedSuites: ['mlkem1024-slhdsa256s'] })).toThrow(/by name/);
    expect(() => checkSuite(withStatus('optional'), { allowedSuites: [name] })).not.toThrow();
  });

  it('a deprecated suite warns where it is allowed, a broken one is refused all the same', () => {
    const warnings: string[] = [];
    const policy = { allowedSuites: [name], onWarning: (warning: string) => warnings.push(warning) };
    checkSuite(withStatus('optional'), policy);
    expect(warnings).toEqual([]);
    checkSuite(withStatus('deprecated'), policy);
    expect(warnings).toEqual([`the suite ${name} is deprecated`]);
    expect(() => checkSuite(withStatus('deprecated'), {})).toThrow(ConfigurationError);
    expect(() => checkSuite(withStatus('broken'), policy)).toThrow(/broken/);
  });
});
