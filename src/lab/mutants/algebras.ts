// Mutants of the cryptographic operations: broken values of the algebra.
import type { Coins, FramedAlgebra } from '../../algebra/algebra.ts';
import { passed } from '../../failure.ts';
import type { Confirmation, InitialVector, SealedCertificate } from '../../generated/kinds.ts';
import type { Mutant, Own } from './mutant.ts';

type Broken = <O>(algebra: FramedAlgebra<O>, own: Own<O>) => Partial<FramedAlgebra<O>>;
const broken =
  (change: Broken): NonNullable<Mutant['algebra']> =>
  (algebra, own) => ({ ...algebra, ...change(algebra, own) });

const predictable = <O>(a: FramedAlgebra<O>, octets: number): Coins<O> => a.text('0'.repeat(octets)) as Coins<O>;

/** Accepts a role's own confirmation value where the peer's is awaited. */
const ownConfirmation = <O>(a: FramedAlgebra<O>): Partial<FramedAlgebra<O>> => {
  const own: O[] = [];
  return {
    mac: (input) => {
      const value = a.mac(input);
      own.push(value);
      return value;
    },
    confirm: ({ expected, received }) => {
      const peer = a.confirm({ expected, received });
      const [first] = own;
      return peer.ok || first === undefined ? peer : a.confirm({ expected: first as Confirmation<O>, received });
    },
  };
};

const cutting = (choose: readonly [number, number, number]): NonNullable<Mutant['algebra']> =>
  broken((a) => ({
    cut: (octets, lengths) => {
      const parts = a.cut(octets, lengths);
      return choose.map((index) => parts[index] as (typeof parts)[number]);
    },
  }));

export const algebraMutants: readonly Mutant[] = [
  {
    id: 'certificate-not-verified',
    requirements: ['PQ-3.2-06', 'PQ-3.2-07', 'PQ-P-17'],
    breaks: 'the subject key of any certificate is taken, whoever signed it',
    algebra: broken((_, { subjectKey }) => ({
      verifyCertificate: ({ certificate }) => passed({ certificate, encapsulationKey: subjectKey(certificate) }),
    })),
  },
  {
    id: 'certificate-in-clear',
    requirements: ['PQ-3-19', 'PQ-3.2-04'],
    breaks: 'certificates are sent as they are',
    algebra: broken(<O>() => ({
      seal: ({ certificate }) => certificate as O as SealedCertificate<O>,
      open: ({ sealedCertificate }) => passed(sealedCertificate as O as never),
    })),
  },
  {
    id: 'constant-initial-vector',
    requirements: ['PQ-P-51'],
    breaks: 'both certificates are sealed under the same initial vector',
    algebra: broken((a) => ({ initialVector: () => predictable(a, 12) as never as InitialVector<never> })),
  },
  {
    id: 'no-confirmation',
    requirements: ['PQ-3.5-04', 'PQ-P-37', 'PQ-P-39', 'PQ-3-22'],
    breaks: 'any confirmation value is accepted',
    algebra: broken(() => ({ confirm: () => passed(true) })),
  },
  {
    id: 'no-confirmation-by-initiator',
    requirements: ['PQ-3.5-04', 'PQ-P-37', 'PQ-P-39'],
    breaks: 'the initiator accepts any confirmation value',
    algebra: broken((a, { role }) => ({ confirm: role === 'initiator' ? () => passed(true) : a.confirm })),
  },
  {
    id: 'no-confirmation-by-responder',
    requirements: ['PQ-3.5-04', 'PQ-P-37', 'PQ-P-39'],
    breaks: 'the responder accepts any confirmation value',
    algebra: broken((a, { role }) => ({ confirm: role === 'responder' ? () => passed(true) : a.confirm })),
  },
  {
    id: 'own-confirmation-accepted',
    requirements: ['PQ-3.5-04'],
    breaks: 'one’s own confirmation value, reflected, is accepted',
    algebra: broken(ownConfirmation),
  },
  {
    id: 'one-confirmation-key',
    requirements: ['PQ-3.4.1-02', 'PQ-3.4.2-02', 'PQ-P-34'],
    breaks: 'k_C_r is k_C_i',
    algebra: cutting([0, 0, 2]),
  },
  {
    id: 'confirmation-keys-swapped',
    requirements: ['PQ-3.4.1-02', 'PQ-3.4.2-02', 'PQ-P-34'],
    breaks: 'k_C_i and k_C_r are exchanged, on both sides',
    survives: 'two keys of one derivation change their names only; a peer that follows the draft notices',
    algebra: cutting([1, 0, 2]),
  },
  {
    id: 'unkeyed-confirmation',
    requirements: ['PQ-3.5-01', 'PQ-3.5-02', 'PQ-3.5-03'],
    breaks: 'the confirmation values are hashes without a key',
    algebra: broken((a) => ({ mac: ({ message }) => a.hash(message) })),
  },
  {
    id: 'identity-not-checked',
    requirements: ['PQ-P-07', 'PQ-P-09'],
    breaks: 'any valid peer is accepted, whoever was expected',
    algebra: broken(() => ({ acceptPeer: () => passed(true) })),
  },
  {
    id: 'own-certificate-accepted',
    requirements: ['PQ-P-05', 'PQ-P-09'],
    breaks: 'a peer that shows one’s own certificate is accepted',
    algebra: broken((a) => ({ acceptPeer: ({ peer }) => a.acceptPeer({ own: a.empty as never, peer }) })),
  },
  {
    id: 'identity-judged-early',
    requirements: ['PQ-3-08', 'PQ-3-10', 'PQ-P-06', 'PQ-P-08'],
    breaks: 'the peer’s identity is judged when its certificate comes, before both confirmations',
    algebra: broken((a, { certificate: own }) => ({
      verifyCertificate: (input) => {
        const peer = a.verifyCertificate(input);
        if (!peer.ok) return peer;
        const accepted = a.acceptPeer({ own, peer: peer.value });
        return accepted.ok ? peer : accepted;
      },
    })),
  },
  {
    id: 'ephemeral-key-reused',
    requirements: ['PQ-4.2.1-04', 'PQ-P-28'],
    breaks: 'the initiator has one ephemeral key for every session',
    algebra: broken((a, { keptCoins }) => ({ generateKeyPair: () => a.generateKeyPair({ coins: keptCoins(64) }) })),
  },
  {
    id: 'coins-of-initiator-reused',
    requirements: ['PQ-4.2.1-04', 'PQ-P-28'],
    breaks: 'the initiator draws its coins once, and uses them in every session',
    algebra: broken((a, { role, keptCoins }) =>
      role === 'responder'
        ? {}
        : {
            generateKeyPair: () => a.generateKeyPair({ coins: keptCoins(64) }),
            initialVector: () => a.initialVector({ coins: keptCoins(12) }),
            encapsulate: ({ encapsulationKey }) => a.encapsulate({ encapsulationKey, coins: keptCoins(32) }),
          },
    ),
  },
  {
    id: 'ephemeral-coins-reused',
    requirements: ['PQ-P-28'],
    breaks: 'the responder encapsulates with the same coins in every session',
    algebra: broken((a, { role, keptCoins }) => ({
      encapsulate: ({ encapsulationKey, coins }) =>
        a.encapsulate({ encapsulationKey, coins: role === 'responder' ? keptCoins(32) : coins }),
    })),
  },
  {
    id: 'predictable-ephemeral-key',
    requirements: ['PQ-P-28'],
    breaks: 'the coins of the ephemeral key are known to everyone',
    algebra: broken((a) => ({ generateKeyPair: () => a.generateKeyPair({ coins: predictable(a, 64) }) })),
  },
  {
    id: 'predictable-coins-of-initiator',
    requirements: ['PQ-P-28'],
    breaks: 'the coins of ct_i are known to everyone',
    algebra: broken((a, { role }) => ({
      encapsulate: ({ encapsulationKey, coins }) =>
        a.encapsulate({ encapsulationKey, coins: role === 'initiator' ? predictable(a, 32) : coins }),
    })),
  },
  {
    id: 'encapsulates-to-itself',
    requirements: ['PQ-3.1-08', 'PQ-3.3.1-01'],
    breaks: '3.3.1 taken literally: the initiator encapsulates to pk_i',
    algebra: broken((a, { role, decapsulationKey }) => ({
      encapsulate: ({ encapsulationKey, coins }) =>
        a.encapsulate({
          encapsulationKey: role === 'initiator' ? decapsulationKey.encapsulationKey : encapsulationKey,
          coins,
        }),
    })),
  },
];
