// The other interpretation of a world: every name has octets, every term can be evaluated, and sessions run on both.
import type { FramedAlgebra, VerifiedCertificate } from '../../algebra/algebra.ts';
import { bytesAlgebra, bytesSealing } from '../../algebra/bytes.ts';
import { bytesDerivation } from '../../algebra/bytesDerivation.ts';
import { bytesFraming } from '../../algebra/bytesFraming.ts';
import type { Term } from '../../algebra/terms.ts';
import type { Suite } from '../../crypto/suite.ts';
import { type Checked, passed, refused } from '../../failure.ts';
import { sizes } from '../../generated/constants.ts';
import type { Certificate, EncapsulationKey, Kind } from '../../generated/kinds.ts';
import type { MessageName } from '../../generated/messages.ts';
import { type Bytes, concat } from '../../octets.ts';
import { type ProposalId, proposed } from '../../proposals/index.ts';
import { evaluator } from './evaluate.ts';
import type { Possession } from './session.ts';

/** The making of octets: by a suite. */
export interface Octets {
  readonly suite: Suite;
  /** The proposals that the protocol has, and whether certificates are sent by reference. */
  readonly proposals?: { readonly ids: readonly ProposalId[]; readonly byReference: boolean };
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

/** What is sealed, and what stands in front of it, of a certificate of the world. */
function sealedOctets(suite: Suite, { ids = [], byReference = false }: Partial<NonNullable<Octets['proposals']>> = {}) {
  const together = proposed(ids, { suite: suite.algorithms.name });
  let measured = certificateOctets;
  const { derivation } = bytesDerivation(suite);
  const base = { ...derivation, ...bytesSealing(suite), ...bytesFraming(suite) };
  const algebra = together.algebra({ ...base, header: measure } as FramedAlgebra<Bytes>, {
    role: 'initiator',
    byReference,
  });
  function measure(input: object): Bytes {
    if ('certificate' in input) measured = (input.certificate as Bytes).length;
    return derivation.empty;
  }
  algebra.header({
    type: 'initiatorCertificate',
    certificate: new Uint8Array(certificateOctets) as Certificate<Bytes>,
  });
  return measured;
}

/** The model of X.509 that the terms have: an issuer, a name and a key. Naming the issuer stands for its signature. */
export function octetWorld({ suite, proposals }: Octets): OctetWorld {
  const kem = proposed(proposals?.ids ?? [], { suite: suite.algorithms.name }).kem(suite.algorithms.kem);
  const held = new Map<string, Bytes>();
  const hold = (certificate: Bytes): Bytes => {
    held.set(suite.hash(certificate).join(), certificate);
    return certificate;
  };
  const dataOctets = (type: MessageName): number => {
    if (type.endsWith('Encapsulation')) return kem.conveyedCiphertext ?? kem.ciphertext;
    return sizes.initialVector + sealedOctets(suite, proposals) + sizes.authenticationTag;
  };
  const nameOctets = (name: string): Bytes => {
    const length = lengthOf(name);
    if (length === labelOctets) return label(name);
    const block = suite.hash(new TextEncoder().encode(name));
    return Uint8Array.from({ length }, (_, at) => (block[at % block.length] ?? 0) ^ (at / block.length));
  };
  const octetsOf = evaluator(suite, {
    name: nameOctets,
    certificate: (identity, key, issuer) => hold(concat(label(issuer), identity, key)),
    dataOctets,
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
        algebra: {
          ...bytesAlgebra(suite, policy(expected), kem).algebra,
          ...bytesFraming(suite, (digest) => held.get(digest.join())),
        },
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
