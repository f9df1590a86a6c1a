// ML-KEM-1024 as PQuAKE uses it: key generation, encapsulation, decapsulation with implicit rejection, refusals.

import { ml_kem1024 } from '@noble/post-quantum/ml-kem.js';
import { noble } from '../../crypto/noble.ts';
import { sizes } from '../../generated/constants.ts';
import type { RequirementId } from '../../generated/requirements.ts';
import { type Bytes, fromHex, toHex } from '../../octets.ts';
import { recorded } from './openssl.ts';
import { add, agreed, refusedByAll, some } from './primitiveCases.ts';
import { changed } from './vectorOctets.ts';

const implicit: readonly RequirementId[] = ['PQ-1.1-04', 'PQ-3-09', 'PQ-3-13', 'PQ-3.2-11', 'PQ-3.2-12', 'PQ-P-29'];

/** Adds the cases of the KEM. */
export function kem(): void {
  const requirements: readonly RequirementId[] = ['PQ-1.2-02'];
  const seed = some('kem seed', sizes.keySeed);
  const { secretKey } = ml_kem1024.keygen(seed);
  const encapsulationKey = agreed('keygen', (suite) => suite.generateKemKey(seed).encapsulationKey);
  if (agreed('dk', (suite) => suite.importExpandedKemKey(secretKey)?.encapsulationKey) !== encapsulationKey) {
    throw new Error('the expanded key differs');
  }
  add('ml-kem-1024/keygen', 'FIPS 203, algorithm 16: from d || z to ek and dk', requirements, {
    maker: 'noble',
    operation: 'ml-kem-1024.keygen',
    seed: toHex(seed),
    encapsulationKey,
    decapsulationKey: toHex(secretKey),
  });

  const ek = noble.generateKemKey(seed).encapsulationKey;
  const m = some('kem coins', sizes.encapsulationCoins);
  const made = noble.encapsulate(ek, m);
  if (made === undefined) throw new Error('noble refuses its own key');
  const { ciphertext, sharedSecret } = made;
  add('ml-kem-1024/encapsulate', 'FIPS 203, algorithm 17: from ek and m to c and K', requirements, {
    maker: 'noble',
    operation: 'ml-kem-1024.encapsulate',
    encapsulationKey,
    coins: toHex(m),
    result: 'accepted',
    ciphertext: toHex(ciphertext),
    sharedSecret: toHex(sharedSecret),
  });
  const decapsulate = (name: string, about: string, of: Bytes, rejected: boolean): void => {
    const secret = agreed(name, (suite) => suite.generateKemKey(seed).decapsulate(of));
    if ((secret === toHex(sharedSecret)) === rejected) throw new Error(`${name}: not as said`);
    add(`ml-kem-1024/decapsulate/${name}`, about, rejected ? [...requirements, ...implicit] : requirements, {
      maker: 'noble',
      operation: 'ml-kem-1024.decapsulate',
      seed: toHex(seed),
      ciphertext: toHex(of),
      sharedSecret: secret,
      rejected,
    });
  };
  decapsulate('right', 'FIPS 203, algorithm 18: the ciphertext of the encapsulation', ciphertext, false);
  const flipped = (at: number): Bytes => ciphertext.with(at, (ciphertext[at] ?? 0) ^ 1);
  decapsulate('first-bit', 'implicit rejection: the first bit is another', flipped(0), true);
  decapsulate(
    'last-bit',
    'implicit rejection: a bit of the last octet is another',
    flipped(sizes.ciphertext - 1),
    true,
  );
  decapsulate('zeros', 'implicit rejection: zeros', new Uint8Array(sizes.ciphertext), true);

  const refuse = (name: string, about: string, key: Bytes): void => {
    refusedByAll(name, (suite) => suite.encapsulate(key));
    add(`ml-kem-1024/encapsulate/${name}`, about, ['PQ-P-26', 'PQ-P-27'], {
      maker: 'noble',
      operation: 'ml-kem-1024.encapsulate',
      encapsulationKey: toHex(key),
      result: 'refused',
    });
  };
  // Coefficients are 12 bits, little-endian, two in three octets; 3329 = 0xd01 is q itself (FIPS 203, section 7.2).
  refuse('modulus-first', 'the first coefficient is q', changed(ek, { patch: [{ offset: 0, octets: '01ad00' }] }));
  refuse('modulus-last', 'the last coefficient is 4095', changed(ek, { patch: [{ offset: 1533, octets: '00f0ff' }] }));
  refuse('short', 'an octet is missing', ek.slice(0, -1));
  refuse('long', 'an octet too many', Uint8Array.from([...ek, 0]));

  for (const [index, one] of recorded().keys.entries()) {
    const theirs = fromHex(one.seed);
    const name = `ml-kem-1024/openssl-${index + 1}`;
    const key = agreed(name, (suite) => suite.generateKemKey(theirs).encapsulationKey);
    const secret = agreed(name, (suite) => suite.generateKemKey(theirs).decapsulate(fromHex(one.ciphertext)));
    if (key !== one.encapsulationKey || secret !== one.sharedSecret) throw new Error(`${name}: not confirmed`);
    add(`${name}/keygen`, 'a key pair from the generator of OpenSSL', requirements, {
      maker: 'openssl',
      operation: 'ml-kem-1024.keygen',
      seed: one.seed,
      encapsulationKey: key,
      decapsulationKey: toHex(ml_kem1024.keygen(theirs).secretKey),
    });
    add(`${name}/decapsulate`, 'an encapsulation with coins of OpenSSL', requirements, {
      maker: 'openssl',
      operation: 'ml-kem-1024.decapsulate',
      seed: one.seed,
      ciphertext: one.ciphertext,
      sharedSecret: secret,
      rejected: false,
    });
  }
}
