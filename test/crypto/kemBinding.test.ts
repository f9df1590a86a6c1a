// Binding of ML-KEM-1024 (models/kem-binding.md), with the real octets: what leaked keys cannot do, what keys of an attacker's making
// can, and which of those this implementation refuses.
import crypto from 'node:crypto';
import { ml_kem1024 } from '@noble/post-quantum/ml-kem.js';
import { describe, expect, it } from 'vitest';
import { issueCertificate } from '../../src/certificate/issue/issue.ts';
import { parseCertificate } from '../../src/certificate/parse.ts';
import { kemPrefixes, prefixed } from '../../src/crypto/keyForms.ts';
import { native } from '../../src/crypto/native.ts';
import { noble } from '../../src/crypto/noble.ts';
import { expandedKemKey } from '../../src/crypto/nobleSuites.ts';
import { sizes } from '../../src/generated/constants.ts';
import { mandatorySuite } from '../../src/generated/suites.ts';
import { initiator, responder } from '../../src/handshake/handshake.ts';
import { decodeKemPrivateKey } from '../../src/keys/privateKey.ts';
import { type Bytes, toHex } from '../../src/octets.ts';
import {
  anchorFor,
  converse,
  credentialsFor,
  issuer,
  issuerSeed,
  time,
  validity,
  valueFrom,
} from '../handshake/peers.ts';
import fc from '../property.ts';

const suites = [noble, native(crypto)];
const octets = (length: number, start: number): Bytes => Uint8Array.from({ length }, (_, i) => (start + 7 * i) & 0xff);

// FIPS 203, algorithm 16: dk is dk_PKE || ek || H(ek) || z.
const hashAt = mandatorySuite.kem.decapsulationKey - 64;
const zAt = mandatorySuite.kem.decapsulationKey - 32;
const replaced = (key: Bytes, at: number, part: Bytes): Bytes => {
  const copy = Uint8Array.from(key);
  copy.set(part, at);
  return copy;
};

const z = octets(32, 200);
const seeds = [1, 99].map((start) => Uint8Array.from([...octets(32, start), ...z]));
const refusedByAll = octets(sizes.ciphertext, 3);

describe.each(suites)('keys of an attacker’s making, with $name', (suite) => {
  it('MAL-BIND-K-PK fails: two seeds that share z, one ciphertext, one secret, two public keys', () => {
    const [one, other] = seeds.map((seed) => suite.generateKemKey(seed));
    expect(toHex(one?.encapsulationKey ?? z)).not.toBe(toHex(other?.encapsulationKey ?? z));
    expect(toHex(one?.decapsulate(refusedByAll) ?? z)).toBe(toHex(other?.decapsulate(refusedByAll) ?? refusedByAll));
  });

  it('the same with expanded keys that share z, which are well formed, and which nobody can refuse', () => {
    const expanded = expandedKemKey(octets(64, 11));
    const [one, other] = [expandedKemKey(octets(64, 12)), expanded].map((key) =>
      suite.importExpandedKemKey(replaced(key, zAt, z)),
    );
    expect(toHex(one?.decapsulate(refusedByAll) ?? z)).toBe(toHex(other?.decapsulate(refusedByAll) ?? refusedByAll));
  });

  it('seeds that differ in z give two secrets: the collision is of z', () => {
    const [one, other] = [seeds[0], octets(64, 99)].map((seed) => suite.generateKemKey(seed));
    expect(toHex(one?.decapsulate(refusedByAll) ?? z)).not.toBe(toHex(other?.decapsulate(refusedByAll) ?? z));
  });

  it('FIPS 203, 7.3: an expanded key with the hash of another key is refused, as it is and in a file', () => {
    const [mine, theirs] = [expandedKemKey(octets(64, 21)), expandedKemKey(octets(64, 22))];
    const tampered = replaced(mine, hashAt, theirs.slice(hashAt, zAt));
    expect(suite.importExpandedKemKey(mine)).toBeDefined();
    expect(suite.importExpandedKemKey(tampered)).toBeUndefined();
    const { expanded } = kemPrefixes(mandatorySuite.kem, sizes.keySeed);
    expect(decodeKemPrivateKey(suite, prefixed(expanded, mine)).ok).toBe(true);
    expect(decodeKemPrivateKey(suite, prefixed(expanded, tampered))).toMatchObject({ code: 'key-inconsistent' });
  });

  it('K,CT-PK is of two decapsulations: what somebody encapsulated, a key that shares z gives no part of', () => {
    const [one, other] = seeds.map((seed) => suite.generateKemKey(seed));
    const made = suite.encapsulate(one?.encapsulationKey ?? z);
    expect(toHex(one?.decapsulate(made?.ciphertext ?? refusedByAll) ?? z)).toBe(toHex(made?.sharedSecret ?? z));
    expect(toHex(other?.decapsulate(made?.ciphertext ?? refusedByAll) ?? z)).not.toBe(toHex(made?.sharedSecret ?? z));
  });
});

describe('handshakes of peers whose static keys share z, and that the attacker made', () => {
  const certificateOf = (seed: Bytes, name: string) => {
    const { encapsulationKey } = noble.generateKemKey(seed);
    const named = { name, uris: [`https://${name}.example/agent`], serialNumber: Uint8Array.of(7), encapsulationKey };
    return valueFrom(parseCertificate(issueCertificate({ suite: noble, issuer, issuerSeed, ...named, ...validity })));
  };
  const [first, second] = seeds.map((seed, index) => ({
    certificate: certificateOf(seed, `made${index}`),
    decapsulationKey: noble.generateKemKey(seed),
  }));
  const common = { suite: noble, trustAnchors: [anchorFor(noble)], time, expectedPeer: 'anyone' };
  const responding = (credentials = first ?? credentialsFor(noble, 'bob')) => responder({ ...common, credentials });
  const initiating = () => initiator({ ...common, credentials: credentialsFor(noble, 'alice') });

  it('complete as any other, and name the peer whose certificate came', () => {
    const done = converse(initiating(), responding(second));
    expect(done.initiator).toMatchObject({ status: 'completed', session: { peer: { commonName: 'made1' } } });
    expect(done.responder.status).toBe('completed');
  });

  it('release no key where ct_i is one that every key with this z refuses with one secret', () => {
    const header = 4;
    const done = converse(initiating(), responding(), ({ octets, message }) =>
      message === 'initiatorEncapsulation'
        ? [Uint8Array.from([...octets.slice(0, header), ...refusedByAll])]
        : [octets],
    );
    expect([done.initiator.status, done.responder.status]).not.toContain('completed');
  });
});

describe('generated keys that leaked', () => {
  it('LEAK-BIND-K-PK, -K-CT: no secret of the samples comes of two keys or two ciphertexts, right, wrong or changed', () => {
    const seed = fc.uint8Array({ minLength: 64, maxLength: 64 });
    const coins = fc.uint8Array({ minLength: 32, maxLength: 32 });
    fc.assert(
      fc.property(seed, seed, coins, fc.nat(sizes.ciphertext - 1), (first, second, m, at) => {
        fc.pre(toHex(first) !== toHex(second));
        const keys = [first, second].map((one) => ml_kem1024.keygen(one));
        const cts = keys.map(({ publicKey }) => ml_kem1024.encapsulate(publicKey, m).cipherText);
        const changed = cts.map((ct) => ct.with(at, (ct[at] ?? 0) ^ 1));
        const secrets = keys.flatMap(({ secretKey }) =>
          [...cts, ...changed].map((ct) => toHex(ml_kem1024.decapsulate(ct, secretKey))),
        );
        expect(new Set(secrets).size).toBe(secrets.length);
      }),
      { numRuns: 5 },
    );
  });
});
