// What a side of a channel refuses: a vector for every rule of its peer's direction.
import type { ChannelCode } from '../../generated/channel.ts';
import type { RequirementId } from '../../generated/requirements.ts';
import { type Bytes, concat, toHex } from '../../octets.ts';
import { otherRole, type Role } from '../../role.ts';
import type { Hand } from './channelHand.ts';
import type { ChannelCase } from './format.ts';
import { coins, vector } from './vectorOctets.ts';

interface Refused {
  readonly code: ChannelCode;
  readonly about: string;
  readonly requirements: readonly RequirementId[];
  readonly octets: (hand: Hand, own: Hand) => readonly Bytes[];
  readonly to?: Role;
  readonly limits?: { readonly recordsAtFailure?: number; readonly allowance?: number };
  /** The transport ends behind the octets. */
  readonly ends?: true;
  /** No record comes before. */
  readonly bare?: true;
  /** Delivered besides what came before. */
  readonly also?: Bytes;
}

const words = new TextEncoder().encode('before');
const x = new TextEncoder().encode('x');
const flipped = (octets: Bytes, at: number): Bytes => octets.map((octet, i) => (i === at ? octet ^ 1 : octet));
const zeros = (octets: number): Bytes => new Uint8Array(octets);

const refused: Readonly<Record<string, Refused>> = {
  commitment: {
    ...{ code: 'wrong-commitment', about: 'the commitment has another octet', requirements: ['PQ-C-10'], bare: true },
    octets: (hand) => [flipped(hand.commitment, 31), hand.seal({ type: 'data', content: x })],
  },
  'reflected-stream': {
    ...{
      code: 'wrong-commitment',
      about: 'the stream of the side itself',
      requirements: ['PQ-C-01', 'PQ-C-10'],
      bare: true,
    },
    octets: (_, own) => [own.commitment, own.seal({ type: 'data', content: x })],
  },
  'length-16': {
    ...{ code: 'record-length', about: 'a length of 16', requirements: ['PQ-C-12'] },
    octets: () => [Uint8Array.of(0, 16)],
  },
  'length-16402': {
    ...{ code: 'record-length', about: 'a length of 16,402: its two octets alone', requirements: ['PQ-C-12'] },
    octets: () => [Uint8Array.of(0x40, 0x12)],
  },
  flipped: {
    ...{ code: 'record-not-opened', about: 'a record with another octet', requirements: ['PQ-C-13'] },
    octets: (hand) => [flipped(hand.seal({ type: 'data', content: x }), 3)],
  },
  'other-length': {
    ...{ code: 'record-not-opened', about: 'a length that is one too large', requirements: ['PQ-C-11', 'PQ-C-13'] },
    octets: (hand) => [flipped(hand.seal({ type: 'data', content: Uint8Array.of(1, 2) }), 1), zeros(1)],
  },
  dropped: {
    ...{ code: 'record-not-opened', about: 'a record is missing', requirements: ['PQ-C-13'] },
    octets: (hand) => {
      hand.skip();
      return [hand.seal({ type: 'data', content: x })];
    },
  },
  repeated: {
    ...{ code: 'record-not-opened', about: 'a record comes twice', requirements: ['PQ-C-13'] },
    also: x,
    octets: (hand) => {
      const octets = hand.seal({ type: 'data', content: x });
      return [octets, octets];
    },
  },
  'reflected-record': {
    ...{ code: 'record-not-opened', about: 'a record of the side itself', requirements: ['PQ-C-01', 'PQ-C-13'] },
    octets: (_, own) => {
      own.skip();
      return [own.seal({ type: 'data', content: x })];
    },
  },
  'old-key': {
    ...{
      code: 'record-not-opened',
      about: 'behind a ratchet a record under the secret before',
      requirements: ['PQ-C-33'],
    },
    octets: (hand) => [hand.inside('ratchet'), hand.inside('data', x)],
  },
  'zeros-only': {
    ...{ code: 'record-without-type', about: 'a record of zeros', requirements: ['PQ-C-15', 'PQ-C-16'] },
    octets: (hand) => [hand.inside(0, zeros(8))],
  },
  'unknown-type': {
    ...{ code: 'unknown-record', about: 'a record of type 7', requirements: ['PQ-C-16'] },
    octets: (hand) => [hand.inside(7, x)],
  },
  'close-with-content': {
    ...{ code: 'unexpected-content', about: 'close with content', requirements: ['PQ-C-16'] },
    octets: (hand) => [hand.inside('close', x)],
  },
  'ratchet-with-content': {
    ...{ code: 'unexpected-content', about: 'ratchet with a zero as its content', requirements: ['PQ-C-16'] },
    octets: (hand) => [hand.inside('ratchet', zeros(1))],
  },
  'request-with-content': {
    ...{ code: 'unexpected-content', about: 'request with content', requirements: ['PQ-C-16'], to: 'initiator' },
    octets: (hand) => [hand.inside('request', x)],
  },
  'switch-with-content': {
    ...{ code: 'unexpected-content', about: 'switch with content', requirements: ['PQ-C-16'] },
    octets: (hand) => [hand.inside('switch', x)],
  },
  'handshake-without-content': {
    ...{ code: 'content-missing', about: 'octets of a handshake, none of them', requirements: ['PQ-C-16'] },
    octets: (hand) => [hand.inside('handshake', zeros(0), 5)],
  },
  'request-of-initiator': {
    ...{
      code: 'request-from-initiator',
      about: 'the initiator asks for an inner handshake',
      requirements: ['PQ-C-17'],
    },
    octets: (hand) => [hand.seal({ type: 'request' })],
  },
  'handshake-not-started': {
    ...{
      code: 'unexpected-handshake',
      about: 'octets of a handshake that the initiator did not start',
      to: 'initiator',
    },
    requirements: ['PQ-C-21', 'PQ-C-22'],
    octets: (hand) => [hand.seal({ type: 'handshake', content: x })],
  },
  'handshake-malformed': {
    ...{
      code: 'inner-handshake-failed',
      about: 'octets of a handshake that are no first message',
      requirements: ['PQ-C-24'],
    },
    octets: (hand) => [hand.seal({ type: 'handshake', content: Uint8Array.of(1, 3, 0, 0) })],
  },
  'switch-too-early': {
    ...{ code: 'unexpected-switch', about: 'switch without an inner handshake', requirements: ['PQ-C-18'] },
    octets: (hand) => [hand.seal({ type: 'switch' })],
  },
  'behind-close': {
    ...{ code: 'octets-after-close', about: 'an octet behind close', requirements: ['PQ-C-19'] },
    octets: (hand) => [hand.seal({ type: 'close' }), zeros(1)],
  },
  'too-many': {
    ...{ code: 'too-many-records', about: 'the length of the third record, where it is one too many' },
    also: x,
    ...{ requirements: ['PQ-C-32'], limits: { recordsAtFailure: 3 } },
    octets: (hand) => [hand.seal({ type: 'data', content: x }), Uint8Array.of(0, 18)],
  },
  'flood-of-empty-records': {
    ...{ code: 'peer-floods', about: 'more empty records than the allowance has room for', requirements: ['PQ-C-41'] },
    limits: { allowance: 3_000 },
    octets: (hand) => Array.from({ length: 3 }, () => hand.seal({ type: 'data', content: zeros(0) }, 100)),
  },
  'flood-of-ratchets': {
    ...{ code: 'peer-floods', about: 'more ratchets than the allowance has room for', requirements: ['PQ-C-41'] },
    limits: { allowance: 3_000 },
    octets: (hand) => Array.from({ length: 3 }, () => hand.seal({ type: 'ratchet' })),
  },
  truncated: {
    ...{ code: 'truncated', about: 'the connection ends without close', requirements: ['PQ-C-20'], ends: true },
    also: x,
    octets: (hand) => [hand.seal({ type: 'data', content: x })],
  },
  'truncated-within': {
    ...{ code: 'truncated', about: 'the connection ends within close', requirements: ['PQ-C-20'], ends: true },
    octets: (hand) => [hand.seal({ type: 'close' }).subarray(0, 18)],
  },
};

/** The vectors; by hand are the directions under a root. */
export const refusals = (handOf: (root: Bytes, sender: Role) => Hand): readonly ChannelCase[] =>
  Object.entries(refused).map(([name, { code, about, requirements, octets, to = 'responder', ...more }]) => {
    const id = `channel/refused/${name}`;
    const root = coins(id, 'root', 48);
    const [hand, own] = [handOf(root, otherRole(to)), handOf(root, to)];
    const before = more.bare ? [] : [hand.commitment, hand.seal({ type: 'data', content: words })];
    const stream = concat(...before, ...octets(hand, own));
    return {
      ...vector(id, about, 'PQ-C-40', ...requirements),
      layer: 'refused',
      role: to,
      root: toHex(root),
      ...(more.limits === undefined ? {} : { limits: more.limits }),
      ends: more.ends === true,
      octets: toHex(stream),
      delivered: more.bare ? '' : toHex(concat(words, more.also ?? zeros(0))),
      code,
    };
  });
