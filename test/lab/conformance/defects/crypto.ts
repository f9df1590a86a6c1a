// Peers that compute or judge wrongly.

import { createHash } from 'node:crypto';
import type { Algebra } from '../../../../src/algebra/algebra.ts';
import { bytesFraming } from '../../../../src/algebra/bytesFraming.ts';
import { passed, refused } from '../../../../src/failure.ts';
import { defaultChoice, readingAxes, readingOf } from '../../../../src/generated/keySchedule.ts';
import type { HidingKey } from '../../../../src/generated/kinds.ts';
import { mutants } from '../../../../src/lab/mutants/index.ts';
import { type Bytes, same } from '../../../../src/octets.ts';
import type { Context, Defect } from '../defect.ts';
import { peerSeed } from '../seed.ts';
import { admitting, subjectKey } from './certificates.ts';

type Change = (a: Algebra<Bytes>, context: Context) => Partial<Algebra<Bytes>>;
const change =
  (of: Change): NonNullable<Defect['algebra']> =>
  (a, context) => ({ ...a, ...of(a, context) });

/** Mutants of the properties, except those that show only when both sides are broken alike. */
const fromProperties: Readonly<Record<string, Defect['found']>> = {
  'no-transcript': ['sanity'],
  'transcript-in-S-only': ['sanity'],
  'transcript-in-MAC-only': ['sanity'],
  'no-ss_e': ['sanity'],
  'no-ss_i': ['sanity'],
  'no-ss_r': ['sanity'],
  'one-direction-hashed': ['sanity'],
  'hellos-only-hashed': ['sanity'],
  'certificates-not-hashed': ['sanity'],
  'encapsulations-not-hashed': ['sanity'],
  'psk-ignored': ['psk'],
  'hiding-key-without-ss_e': ['sanity'],
  'certificate-not-verified': ['certificate-'],
  'certificate-in-clear': ['sanity'],
  'constant-initial-vector': ['fresh-IV'],
  'no-confirmation': ['zeros', 'echo'],
  'own-confirmation-accepted': ['echo'],
  'one-confirmation-key': ['sanity'],
  'confirmation-keys-swapped': ['sanity'],
  'unkeyed-confirmation': ['sanity'],
  'own-certificate-accepted': ['own-certificate'],
  'identity-judged-early': ['own-certificate'],
};

/** Some other octets in each of five handshakes, and then the same again. */
const cyclingCoins = ({ memory, from }: Context): Bytes => {
  const kept =
    (memory.get('cycle') as Bytes[] | undefined) ?? Array.from({ length: 5 }, () => from.suite.randomOctets(12));
  const [next = new Uint8Array(12), ...others] = kept;
  memory.set('cycle', [...others, next]);
  return next;
};

const keptCoins =
  ({ memory, from }: Context) =>
  (octets: number) => {
    const name = `coins-${octets}`;
    if (!memory.has(name)) memory.set(name, from.suite.randomOctets(octets));
    return memory.get(name) as never;
  };

const mutated: readonly Defect[] = mutants.flatMap(({ id, breaks, reading, algebra }): Defect[] => {
  const found = fromProperties[id];
  if (found === undefined) return [];
  const broken: Defect['algebra'] = (a, context) => {
    const { role, identity } = context;
    const own = {
      role,
      certificate: identity.certificate,
      decapsulationKey: identity.key,
      keptCoins: keptCoins(context),
    };
    const framed = { ...a, ...bytesFraming(context.from.suite) };
    return (algebra?.(framed, { ...own, subjectKey: (one: Bytes) => subjectKey(one) ?? new Uint8Array() } as never) ??
      a) as typeof a;
  };
  return [{ id: `mutant-${id}`, breaks, found, ...(reading && { reading }), ...(algebra && { algebra: broken }) }];
});

/** The other readings of the draft, where the default one is asked for. */
const readings: readonly Defect[] = Object.entries(readingAxes).flatMap(([axis, { alternatives }]) =>
  alternatives.slice(1).map((alternative) => ({
    id: `reads-${axis}-${alternative}`,
    breaks: `has another reading: ${alternative}`,
    found: ['sanity'],
    reading: () => readingOf({ ...defaultChoice, [axis]: alternative }),
  })),
);

/** The rejection value of FIPS 203 (algorithm 18): a peer can compare with it to learn of a rejection. */
const rejection = (ciphertext: Bytes): Bytes =>
  createHash('shake256', { outputLength: 32 }).update(peerSeed.slice(32)).update(ciphertext).digest();

const comparing = (equal: (expected: Bytes, received: Bytes) => boolean): NonNullable<Defect['algebra']> =>
  change(() => ({
    confirm: ({ expected, received }) => (equal(expected, received) ? passed(true) : refused('wrong-confirmation')),
  }));

const wrongEncapsulation = { initiator: ['m6-ct'], responder: ['m5-ct'] } as const;

const own: readonly Defect[] = [
  {
    id: 'explicit-rejection',
    breaks: 'a wrong ciphertext is refused when it comes',
    found: wrongEncapsulation,
    algebra: change((a) => ({
      decapsulate: (input) => {
        const secret = a.decapsulate(input);
        if (same(secret, rejection(input.ciphertext))) throw new Error('the ciphertext is wrong');
        return secret;
      },
    })),
  },
  {
    id: 'other-rejection',
    breaks: 'a wrong ciphertext gives a secret of zeros',
    found: ['rejected-ciphertext'],
    algebra: change((a) => ({
      decapsulate: (input) => {
        const secret = a.decapsulate(input);
        return same(secret, rejection(input.ciphertext)) ? (new Uint8Array(32) as typeof secret) : secret;
      },
    })),
  },
  {
    id: 'ephemeral-key-kept',
    breaks: 'one ephemeral key for every handshake',
    roles: ['initiator'],
    found: ['fresh-pk_e'],
    algebra: change((a, context) => ({ generateKeyPair: () => a.generateKeyPair({ coins: keptCoins(context)(64) }) })),
  },
  {
    id: 'coins-kept',
    breaks: 'one set of coins for every encapsulation',
    found: ['fresh-ct'],
    algebra: change((a, context) => ({
      encapsulate: ({ encapsulationKey }) => a.encapsulate({ encapsulationKey, coins: keptCoins(context)(32) }),
    })),
  },
  {
    id: 'initial-vectors-cycle',
    breaks: 'the initial vector of the sixth handshake is that of the first',
    found: ['fresh-IV'],
    algebra: change((a, context) => ({
      initialVector: () => a.initialVector({ coins: cyclingCoins(context) as never }),
    })),
  },
  {
    id: 'encapsulates-to-itself',
    breaks: '3.3 taken literally: encapsulates to its own key',
    found: ['sanity'],
    algebra: change((a, { identity, from }) => ({
      encapsulate: ({ encapsulationKey, coins }) =>
        a.encapsulate({
          coins,
          encapsulationKey: same(encapsulationKey, from.tester.key.encapsulationKey)
            ? identity.key.encapsulationKey
            : encapsulationKey,
        }),
    })),
  },
  {
    id: 'no-modulus-check',
    breaks: 'a key that fails the modulus check is used, reduced',
    found: ['modulus'],
    algebra: change((a, { from }) => ({
      encapsulate: ({ encapsulationKey, coins }) => {
        const done = a.encapsulate({ encapsulationKey, coins });
        return done.ok ? done : a.encapsulate({ encapsulationKey: from.tester.key.encapsulationKey, coins });
      },
    })),
    admits: admitting('invalid-encapsulation-key'),
  },
  {
    id: 'first-octet-compared',
    breaks: 'of the confirmation value one octet is compared',
    found: ['-bit'],
    algebra: comparing((e, r) => e[0] === r[0]),
  },
  {
    id: 'half-compared',
    breaks: 'of the confirmation value the first half is compared',
    found: ['-bit'],
    algebra: comparing((e, r) => same(e.slice(0, 24), r.slice(0, 24))),
  },
  {
    id: 'last-octet-not-compared',
    breaks: 'the last octet of the confirmation value is not compared',
    found: ['-bit'],
    algebra: comparing((e, r) => same(e.slice(0, -1), r.slice(0, -1))),
  },
  {
    id: 'first-octet-not-compared',
    breaks: 'the first octet of the confirmation value is not compared',
    found: ['-bit'],
    algebra: comparing((e, r) => same(e.slice(1), r.slice(1))),
  },
  {
    id: 'zeros-accepted',
    breaks: 'a confirmation value of zeros is accepted',
    found: ['zeros'],
    algebra: comparing((e, r) => same(e, r) || r.every((octet) => octet === 0)),
  },
  {
    id: 'either-key',
    breaks: 'a value under either confirmation key is accepted',
    found: ['other-key'],
    algebra: change((a) => {
      let keys: readonly Bytes[] = [];
      let input: Bytes = a.empty;
      return {
        cut: (octets, lengths) => {
          keys = a.cut(octets, lengths);
          return keys;
        },
        mac: ({ key, message }) => {
          input = message;
          return a.mac({ key, message });
        },
        confirm: ({ received }) => {
          const right = keys.slice(0, 2).some((key) => same(a.mac({ key, message: input }), received));
          return right ? passed(true) : refused('wrong-confirmation');
        },
      };
    }),
  },
  {
    id: 'either-order',
    breaks: 'a value over the hashes in either order is accepted',
    found: ['halves'],
    algebra: change((a) => {
      let last: { key: Bytes; message: Bytes } | undefined;
      return {
        mac: (input) => {
          last = input;
          return a.mac(input);
        },
        confirm: ({ expected, received }) => {
          const { key, message } = last ?? { key: a.empty, message: a.empty };
          const other = a.mac({ key, message: Uint8Array.from([...message.slice(48), ...message.slice(0, 48)]) });
          return same(expected, received) || same(other, received) ? passed(true) : refused('wrong-confirmation');
        },
      };
    }),
  },
  {
    id: 'tag-not-checked',
    breaks: 'a certificate that does not open is taken for the one expected',
    found: ['tag-'],
    algebra: change((a, { from }) => ({
      open: (input) => {
        const opened = a.open(input);
        return opened.ok ? opened : passed(from.tester.certificate as never);
      },
    })),
  },
  {
    id: 'any-secret',
    breaks: 'the hiding key is tried without the secret too',
    found: ['psk'],
    algebra: change((a) => {
      const tried: HidingKey<Bytes>[] = [];
      return {
        extract: (input) => {
          const { ikm } = input;
          if (ikm.length === 35) {
            const bare = a.extract({ salt: ikm.slice(0, 32), ikm: ikm.slice(32) });
            tried.push(a.expand({ prk: bare, info: a.empty, length: 32 }) as HidingKey<Bytes>);
          }
          return a.extract(input);
        },
        open: (input) => {
          const opened = a.open(input);
          const [hidingKey] = tried;
          return opened.ok || hidingKey === undefined ? opened : a.open({ ...input, hidingKey });
        },
      };
    }),
  },
];

export const cryptoDefects: readonly Defect[] = [...own, ...mutated, ...readings];
