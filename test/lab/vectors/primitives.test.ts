import { describe, expect, it } from 'vitest';
import type { Suite } from '../../../src/crypto/suite.ts';
import type { Primitive } from '../../../src/lab/vectors/format.ts';
import { fromHex, toHex } from '../../../src/octets.ts';
import { fileOf, rows, suites } from './files.ts';

/** The outputs of a back end for the inputs, beside those that the vector states. */
function outcomes(suite: Suite, of: Primitive): readonly (readonly [unknown, unknown])[] {
  switch (of.operation) {
    case 'ml-kem-1024.keygen': {
      const fromSeed = suite.generateKemKey(fromHex(of.seed));
      const expanded = suite.importExpandedKemKey(fromHex(of.decapsulationKey));
      return [
        [toHex(fromSeed.encapsulationKey), of.encapsulationKey],
        [expanded && toHex(expanded.encapsulationKey), of.encapsulationKey],
      ];
    }
    case 'ml-kem-1024.encapsulate': {
      const key = fromHex(of.encapsulationKey);
      if (of.result === 'refused') return [[suite.encapsulate(key), undefined]];
      const made = suite.encapsulate(key, fromHex(of.coins));
      return [
        [made && toHex(made.ciphertext), of.ciphertext],
        [made && toHex(made.sharedSecret), of.sharedSecret],
        [suite.encapsulate(key)?.ciphertext.length, 1568],
      ];
    }
    case 'ml-kem-1024.decapsulate': {
      const secret = suite.generateKemKey(fromHex(of.seed)).decapsulate(fromHex(of.ciphertext));
      return [[toHex(secret), of.sharedSecret]];
    }
    case 'ml-dsa-87.keygen':
      return [[toHex(suite.signaturePublicKey(fromHex(of.seed))), of.publicKey]];
    case 'ml-dsa-87.verify': {
      const key = suite.verificationKey(fromHex(of.publicKey));
      return [[key.verify(fromHex(of.message), fromHex(of.signature)), of.valid]];
    }
    case 'sha-384':
      return [[toHex(suite.hash(fromHex(of.message))), of.digest]];
    case 'hmac-sha-384':
      return [[toHex(suite.mac(fromHex(of.key), fromHex(of.message))), of.tag]];
    case 'hkdf-sha-384.extract':
      return [[toHex(suite.extract(fromHex(of.salt), fromHex(of.ikm))), of.prk]];
    case 'hkdf-sha-384.expand':
      return [[toHex(suite.expand(fromHex(of.prk), fromHex(of.info), of.length)), of.okm]];
    case 'aes-256-gcm.seal':
    case 'aes-256-gcm.open': {
      const given = [of.key, of.initialVector, of.associatedData].map(fromHex) as [Uint8Array, Uint8Array, Uint8Array];
      const opened = suite.open(...given, fromHex(of.sealed));
      const sealed = of.plaintext === undefined ? undefined : toHex(suite.seal(...given, fromHex(of.plaintext)));
      return [
        [opened && toHex(opened), of.plaintext],
        [sealed, of.plaintext === undefined ? undefined : of.sealed],
        [opened === undefined, of.result === 'refused'],
      ];
    }
  }
}

const { cases } = fileOf('primitives');

describe.each(suites)('primitives, with $name', (suite) => {
  it.each(rows(cases))('%s', (_, vector) => {
    const found = outcomes(suite, vector);
    expect(found.map(([made]) => made)).toEqual(found.map(([, stated]) => stated));
  });
});

it('both makers are there, and a secret that was rejected is not the one that was encapsulated (PQ-1.1-04)', () => {
  expect(new Set(cases.map(({ maker }) => maker))).toEqual(new Set(['noble', 'openssl']));
  const secrets = cases.flatMap((one) => (one.operation === 'ml-kem-1024.decapsulate' ? [one] : []));
  const accepted = secrets.filter(({ rejected }) => !rejected).map(({ sharedSecret }) => sharedSecret);
  const rejected = secrets.filter((one) => one.rejected).map(({ sharedSecret }) => sharedSecret);
  expect(rejected.length).toBeGreaterThan(2);
  expect(rejected.filter((secret) => accepted.includes(secret))).toEqual([]);
});
