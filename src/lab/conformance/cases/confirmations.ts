// Confirmation values: section 3.5.

import type { Algebra } from '../../../algebra/algebra.ts';
import { headerOctets, sizes } from '../../../generated/constants.ts';
import type { Confirmation, ConfirmationKey } from '../../../generated/kinds.ts';
import type { RequirementId } from '../../../generated/requirements.ts';
import { type Bytes, concat } from '../../../octets.ts';
import type { Role } from '../../../role.ts';
import { type Case, refusesAt, typeFor } from '../case.ts';
import { flipped, noise } from '../octetEdits.ts';

/** The parts that a wrong confirmation value can be made of. */
interface Known {
  readonly own: ConfirmationKey<Bytes>;
  readonly peer: ConfirmationKey<Bytes>;
  readonly session: Bytes;
  /** `h_i || h_r`, or as the reading has it. */
  readonly input: Bytes;
}

/** Another value in the place of the tester's own confirmation, the first that its engine computes. */
function confirming(peer: Role, value: (algebra: Algebra<Bytes>, known: Known) => Bytes): Case['algebra'] {
  return (a) => {
    let keys: readonly Bytes[] = [];
    let computed = 0;
    return {
      ...a,
      cut: (octets, lengths) => {
        keys = a.cut(octets, lengths);
        return keys;
      },
      mac: ({ key, message }) => {
        computed += 1;
        const [initiator, responder, session] = keys as readonly ConfirmationKey<Bytes>[];
        if (computed > 1 || initiator === undefined || responder === undefined || session === undefined) {
          return a.mac({ key, message });
        }
        const [own, other] = peer === 'responder' ? [initiator, responder] : [responder, initiator];
        return value(a, { own, peer: other, session, input: message }) as Confirmation<Bytes>;
      },
    };
  };
}

const halves = (input: Bytes): Bytes => concat(input.slice(sizes.hash), input.slice(0, sizes.hash));

const values: readonly { name: string; title: string; value: (a: Algebra<Bytes>, known: Known) => Bytes }[] = [
  {
    name: 'other-key',
    title: 'under the peer’s confirmation key',
    value: (a, k) => a.mac({ key: k.peer, message: k.input }),
  },
  { name: 'session-key', title: 'under k_session', value: (a, k) => a.mac({ key: k.session, message: k.input }) },
  {
    name: 'halves-swapped',
    title: 'over the hashes the other way round',
    value: (a, k) => a.mac({ key: k.own, message: halves(k.input) }),
  },
  {
    name: 'own-hash-only',
    title: 'over the first hash only',
    value: (a, k) => a.mac({ key: k.own, message: k.input.slice(0, sizes.hash) }),
  },
  { name: 'over-nothing', title: 'over nothing', value: (a, k) => a.mac({ key: k.own, message: a.empty }) },
  { name: 'no-key', title: 'a hash, without a key', value: (a, k) => a.hash(k.input) },
  { name: 'random', title: 'no value at all', value: () => noise(sizes.hash) },
  { name: 'zeros', title: 'zeros', value: () => new Uint8Array(sizes.hash) },
  {
    name: 'first-bit',
    title: 'a bit of the first octet flipped',
    value: (a, k) => flipped(a.mac({ key: k.own, message: k.input }), 0),
  },
  {
    name: 'middle-bit',
    title: 'a bit in the middle flipped',
    value: (a, k) => flipped(a.mac({ key: k.own, message: k.input }), 24),
  },
  {
    name: 'last-bit',
    title: 'a bit of the last octet flipped',
    value: (a, k) => flipped(a.mac({ key: k.own, message: k.input }), -1),
  },
];

export function confirmationCases(peer: Role): readonly Case[] {
  const type = typeFor(peer, 4);
  const symbol = peer === 'responder' ? 'C_i' : 'C_r';
  const requirements: readonly RequirementId[] = ['PQ-3.5-04', 'PQ-P-37', 'PQ-3-04', 'PQ-3-06'];
  return [
    ...values.map(
      ({ name, title, value }): Case => ({
        id: `m${type}-${name}`,
        title: `${symbol}: ${title}`,
        requirements,
        peer,
        expected: refusesAt(peer, 4),
        algebra: confirming(peer, value) as NonNullable<Case['algebra']>,
      }),
    ),
    {
      id: `m${type}-echo`,
      title: `${symbol}: the peer’s own value, sent back`,
      requirements,
      peer,
      order: 'late',
      expected: refusesAt(peer, 4),
      needsEager: true,
      put: {
        4: (message, { received: [, , , last] }) =>
          last === undefined ? ['stop'] : [concat(message.slice(0, headerOctets), last.slice(headerOctets))],
      },
    },
    {
      id: 'certificate-without-its-key',
      title: 'a valid certificate, shown by one who has not its key',
      peer,
      requirements: ['PQ-3-22', 'PQ-3.5-04', 'PQ-3.2-08'],
      expected: refusesAt(peer, 4),
      unverifiable: 4,
      order: 'late',
      identity: ({ suite, tester: { certificate } }) => ({ certificate, key: suite.generateKemKey() }),
    },
  ];
}
