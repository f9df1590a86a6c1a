// Every field of every message wrong: sections 3.2 to 3.5, 4.2 to 4.6.

import { headerOctets, sizes } from '../../../generated/constants.ts';
import type { RequirementId } from '../../../generated/requirements.ts';
import { type Bytes, concat } from '../../../octets.ts';
import type { Role } from '../../../role.ts';
import { type Case, refusesAt, type Turn, typeFor } from '../case.ts';
import { beyondModulus, flipped, neighbouring, noise } from '../octetEdits.ts';

interface Wrong {
  readonly name: string;
  readonly title: string;
  readonly change: (message: Bytes) => Bytes;
}

/** One bit wrong at the start, in the middle and at the end of a field; negative offsets count from the end. */
const bits = (field: string, from: number, to: number): Wrong[] =>
  [
    ['start', 'first', from],
    ['middle', 'middle', Math.floor((from + to) / 2)],
    ['end', 'last', to - 1],
  ].map(([name, which, index]) => ({
    name: `${field}-${name}`,
    title: `a bit of the ${which} octet of ${field} flipped`,
    change: (message) => flipped(message, Number(index)),
  }));

const cases = (
  peer: Role,
  turn: Turn,
  wrongs: readonly Wrong[],
  more: Pick<Case, 'requirements' | 'expected'> & Partial<Case>,
): Case[] =>
  wrongs.map(({ name, title, change }) => {
    const { expected } = more;
    const atOnce = expected.outcome === 'refuses' && expected.at === turn;
    return {
      id: `m${typeFor(peer, turn)}-${name}`,
      title: `message ${typeFor(peer, turn)}: ${title}`,
      peer,
      ...more,
      put: { [turn]: (message: Bytes) => (atOnce ? [change(message), 'stop'] : [change(message)]) },
    };
  });

/** `pk_e`: with one bit changed it is a key whose other half nobody has; with a coefficient of 4095 it is no key. */
function initiatorHello(peer: Role): Case[] {
  const key =
    (change: (key: Bytes) => Bytes) =>
    (message: Bytes): Bytes =>
      concat(message.slice(0, headerOctets), change(message.slice(headerOctets)));
  const modulus: Wrong[] = (['first', 'last'] as const).map((place) => ({
    name: `modulus-${place}`,
    title: `the ${place} coefficient of pk_e not below the modulus`,
    change: key((octets) => beyondModulus(octets, place)),
  }));
  const others: Wrong[] = [
    {
      name: 'pk_e-start',
      title: 'a bit at the start of pk_e flipped',
      change: key((octets) => neighbouring(octets, 0)),
    },
    {
      name: 'pk_e-middle',
      title: 'a bit in the middle of pk_e flipped',
      change: key((octets) => neighbouring(octets, 768)),
    },
    {
      name: 'pk_e-end',
      title: 'a bit of the last octet of pk_e flipped',
      change: key((octets) => flipped(octets, -1)),
    },
  ];
  return [
    ...cases(peer, 1, modulus, { requirements: ['PQ-P-26', 'PQ-3-04'], expected: refusesAt(peer, 1) }),
    ...cases(peer, 1, others, {
      requirements: ['PQ-3-06', 'PQ-3.1-02', 'PQ-3.2-02', 'PQ-3.6-02'],
      expected: refusesAt(peer, 2),
      unverifiable: 2,
    }),
  ];
}

const anyCiphertext = (name: string): Wrong[] => {
  const filled =
    (what: Bytes) =>
    (message: Bytes): Bytes =>
      concat(message.slice(0, headerOctets), what);
  return [
    ...bits(name, headerOctets, headerOctets + sizes.ciphertext),
    { name: `${name}-zeros`, title: `${name} of zeros`, change: filled(new Uint8Array(sizes.ciphertext)) },
    { name: `${name}-ones`, title: `${name} of ones`, change: filled(new Uint8Array(sizes.ciphertext).fill(0xff)) },
    { name: `${name}-noise`, title: `${name} made without a key`, change: filled(noise(sizes.ciphertext)) },
  ];
};

const implicit: readonly RequirementId[] = [
  ...(['PQ-1.1-04', 'PQ-3-09', 'PQ-3-13', 'PQ-3.2-11', 'PQ-3.2-12', 'PQ-3-06', 'PQ-3.6-02'] as const),
];

/** `ct_e`: a change shows only when a certificate does not open. */
const responderHello = (peer: Role): Case[] =>
  cases(peer, 1, anyCiphertext('ct_e'), {
    requirements: [...implicit, 'PQ-P-20', 'PQ-3.1-03', 'PQ-3.2-01'],
    expected: refusesAt(peer, 2),
    unverifiable: 2,
    order: 'late',
  });

/** IV, encrypted certificate and tag: a message that does not open is refused at once. */
function certificate(peer: Role): Case[] {
  const data = headerOctets + sizes.initialVector;
  const symbol = peer === 'responder' ? 'e_cert_i' : 'e_cert_r';
  const requirements: readonly RequirementId[] = ['PQ-3-06', 'PQ-P-15', 'PQ-3-04', 'PQ-4.3-06', 'PQ-3.1-07'];
  return cases(
    peer,
    2,
    [
      ...bits('IV', headerOctets, data),
      ...[
        { name: `${symbol}-start`, title: `a bit of the first octet of ${symbol} flipped`, at: data },
        { name: `${symbol}-middle`, title: `a bit in the middle of ${symbol} flipped`, at: data + 3_000 },
        {
          name: `${symbol}-end`,
          title: `a bit of the last octet of ${symbol} flipped`,
          at: -sizes.authenticationTag - 1,
        },
        { name: 'tag-start', title: 'a bit of the first octet of the tag flipped', at: -sizes.authenticationTag },
        { name: 'tag-middle', title: 'a bit in the middle of the tag flipped', at: -8 },
        { name: 'tag-end', title: 'a bit of the last octet of the tag flipped', at: -1 },
      ].map(({ at, ...one }) => ({ ...one, change: (message: Bytes) => flipped(message, at) })),
      {
        name: 'sealed-noise',
        title: 'sealed under no key',
        change: (m: Bytes) => concat(m.slice(0, 4), noise(m.length - 4)),
      },
    ],
    { requirements, expected: refusesAt(peer, 2) },
  );
}

/** `ct_i`, `ct_r`: a change shows only as a wrong confirmation value, after the peer has sent its own. */
const encapsulation = (peer: Role): Case[] =>
  cases(peer, 3, anyCiphertext(peer === 'responder' ? 'ct_i' : 'ct_r'), {
    requirements: [...implicit, 'PQ-P-29', peer === 'responder' ? 'PQ-3.1-11' : 'PQ-3.1-10'],
    expected: refusesAt(peer, 4),
    unverifiable: 4,
    order: 'late',
  });

export const fieldCases = (peer: Role): readonly Case[] => [
  ...(peer === 'responder' ? initiatorHello(peer) : responderHello(peer)),
  ...certificate(peer),
  ...encapsulation(peer),
];
