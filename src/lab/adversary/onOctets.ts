// The other interpretation of a world: every name has octets, every term can be evaluated, and sessions run on both.
import type { VerifiedCertificate } from '../../algebra/algebra.ts';

import { bytesAlgebra } from '../../algebra/bytes.ts';
import type { Term } from '../../algebra/terms.ts';
import type { Suite } from '../../crypto/suite.ts';
import { type Checked, passed, refused } from '../../failure.ts';
import { sizes } from '../../generated/constants.ts';
import type { Certificate, EncapsulationKey, Kind } from '../../generated/kinds.ts';
import { type Bytes, concat } from '../../octets.ts';
import { evaluator } from './evaluate.ts';
import type { Possession } from './session.ts';

/** The making of octets: by a suite. */
export interface Octets {
  readonly suite: Suite;
}

export interface OctetWorld {
  readonly octetsOf: (term: Term) => Bytes;
  /** The same possessions on octets that a session has on terms. */
  readonly possession: (of: Possession<Term>, expected: string | undefined) => Possession<Bytes>;
}

const labelOctets = 16;
const certificateOctets = 2 * labelOctets + sizes.encapsulationKey;

const label = (text: string): Bytes => {
  const octets = new Uint8Array(labelOctets);
  octets.set(new TextEncoder().encode(text).subarray(0, labelOctets));
  return octets;
};

const startsWith = (octets: Bytes, prefix: Bytes): boolean => prefix.every((octet, at) => octets[at] === octet);

/** The length of a name in octets, by its label: coins and secrets have lengths of their own. */
function lengthOf(name: string): number {
  if (/^(sk_e|sk)\b/.test(name)) return sizes.keySeed;
  if (name.startsWith('IV')) return sizes.initialVector;
  if (/^\w+$/.test(name) && name !== 'ss_pre') return labelOctets;
  const stated = /^kept (\d+) /.exec(name)?.[1];
  return stated === undefined ? sizes.encapsulationCoins : Number(stated);
}

/** The model of X.509 that the terms have: an issuer, a name and a key. Naming the issuer stands for its signature. */
export function octetWorld({ suite }: Octets): OctetWorld {
  const nameOctets = (name: string): Bytes => {
    const length = lengthOf(name);
    if (length === labelOctets) return label(name);
    const block = suite.hash(new TextEncoder().encode(name));
    return Uint8Array.from({ length }, (_, at) => (block[at % block.length] ?? 0) ^ (at / block.length));
  };
  const octetsOf = evaluator(suite, {
    name: nameOctets,
    certificate: (identity, key, issuer) => concat(label(issuer), identity, key),
    certificateOctets,
  });

  const policy = (expected: string | undefined) => ({
    verify: (certificate: Bytes): Checked<{ encapsulationKey: EncapsulationKey<Bytes> }> => {
      if (certificate.length !== certificateOctets) return refused('certificate-malformed');
      if (!startsWith(certificate, label('authority'))) return refused('certificate-untrusted');
      return passed({ encapsulationKey: certificate.slice(2 * labelOctets) as EncapsulationKey<Bytes> });
    },
    accept: ({ certificate }: VerifiedCertificate<Bytes>): Checked<true> =>
      expected === undefined || startsWith(certificate.subarray(labelOctets), label(expected))
        ? passed(true)
        : refused('unexpected-peer'),
  });

  const same = <K extends string>(term: Kind<Term, K>): Kind<Bytes, K> => octetsOf(term).slice() as Kind<Bytes, K>;

  return {
    octetsOf,
    possession: (of, expected) => {
      const { role, certificate, decapsulationKey, coins, keptCoins, preSharedSecret } = of;
      const [key] = decapsulationKey.encapsulationKey.parts;
      return {
        role,
        algebra: bytesAlgebra(suite, policy(expected)).algebra,
        certificate: octetsOf(certificate) as Certificate<Bytes>,
        decapsulationKey: suite.generateKemKey(octetsOf(key?.parts[0] as Term)),
        preSharedSecret: preSharedSecret && same(preSharedSecret),
        coins: {
          ephemeralKey: same(coins.ephemeralKey as Kind<Term, 'Coins'>),
          ephemeralEncapsulation: same(coins.ephemeralEncapsulation as Kind<Term, 'Coins'>),
          initialVector: same(coins.initialVector as Kind<Term, 'Coins'>),
          encapsulation: same(coins.encapsulation as Kind<Term, 'Coins'>),
        },
        keptCoins: (octets) => same(keptCoins(octets)),
        subjectKey: (one) => one.slice(2 * labelOctets) as EncapsulationKey<Bytes>,
      };
    },
  };
}
