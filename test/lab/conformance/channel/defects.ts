// Faults of a peer with a channel, each with the cases that must find it.
import type { Role } from '../../../../src/role.ts';

interface Found {
  readonly found: readonly string[];
  readonly only?: Role;
}
const found = (...ids: readonly string[]): Found => ({ found: ids });
const by = (only: Role, ...ids: readonly string[]): Found => ({ found: ids, only });

export const channelDefects = {
  'takes any first commitment': found('channel-commitment-start', 'channel-commitment-end', 'channel-commitment-zeros'),
  'compares the first octets of a commitment': found('channel-commitment-end', 'channel-new-commitment-end'),
  'compares the last octets of a commitment': found('channel-commitment-start', 'channel-new-commitment-start'),
  'takes its own commitment': found('channel-commitment-reflected'),
  'takes any commitment behind a switch': found(
    'channel-new-commitment-start',
    'channel-new-commitment-end',
    'channel-new-commitment-zeros',
  ),
  'waits for a record that is too short': found('channel-length-0', 'channel-length-16'),
  'waits for a record that is too long': found('channel-length-16402', 'channel-length-65535'),
  'judges a length when the record has come': found('channel-length-16', 'channel-length-16402'),
  'takes a record whose tag is wrong': found('channel-flipped-start', 'channel-flipped-end'),
  'takes records in any order': found('channel-repeated', 'channel-swapped', 'channel-left-out'),
  'takes its own records': found('channel-reflected'),
  'takes records of unknown types': found('channel-type-7', 'channel-type-255'),
  'takes a record of zeros only': found('channel-zeros', 'channel-zeros-only'),
  'takes content where there is none': found('channel-close-with-content', 'channel-ratchet-with-content'),
  'takes an empty record of an inner handshake': found('channel-handshake-empty'),
  'takes a request of the initiator': by('responder', 'channel-request-from-initiator'),
  'takes a switch without an inner handshake': found('channel-switch-unexpected'),
  'takes a switch within an inner handshake': found('channel-switch-early'),
  'takes a second switch': found('channel-switch-again'),
  'takes octets behind a close': found('channel-record-after-close', 'channel-octet-after-close'),
  'takes records under the old key behind a ratchet': found('channel-ratchet-not-made'),
  'takes records under the next key without a ratchet': found('channel-ratchet-not-told'),
  'takes records under the old key behind a switch': found('channel-old-key-after-switch'),
  'takes an inner handshake that it has not started': by('initiator', 'channel-handshake-unexpected'),
  'takes octets behind an inner handshake': found('channel-handshake-trailing'),
  'goes on when an inner handshake fails': found('channel-inner-version', 'channel-inner-confirmation'),
  'takes anybody in an inner handshake': found('channel-inner-other-peer'),
  'takes any number of empty records': found('channel-flood-of-empty-records', 'channel-flood-of-ratchets'),
  'takes any number of records under one key': found('channel-too-many-records'),
  'takes one record too few under one key': found('channel-too-many-records'),
  'seals any number of records under one key': found('channel-own-ratchet'),
  'makes its ratchet one record too late': found('channel-own-ratchet'),
  'takes the end of the connection for a close': found(
    'channel-ended-at-once',
    'channel-ended-before-close',
    'channel-ended-in-record',
    'channel-ended-after-peer-closed',
    'channel-ended-in-inner',
  ),
  'ends with 0 after a fault': found('channel-type-7', 'channel-flipped-end', 'channel-reset'),
  'keeps the connection open after a fault': found('channel-type-7', 'channel-commitment-end'),
  'sends an alert after a fault': found('channel-type-7', 'channel-switch-unexpected'),
  'sends data after a fault': found('channel-type-7', 'channel-old-key-after-switch'),
  'delivers more after a fault': found('channel-type-7', 'channel-swapped'),
  'refuses empty data': found('channel-empty-and-full'),
  'refuses a record of 16,401 octets': found('channel-empty-and-full', 'channel-padding'),
  'takes no padding': found('channel-padding', 'channel-padding-everywhere'),
  'makes no ratchet': found('channel-ratchet'),
  'goes on counting behind a ratchet': found('channel-ratchet'),
  'takes one record from one read': found('channel-one-octet-a-write', 'channel-commitment-apart'),
  'loses octets behind the handshake': found('channel-joined'),
  'loses data within an inner handshake': found('channel-inner'),
  'takes a message of an inner handshake from one record alone': found('channel-inner-cut'),
  'makes the next root of the inner handshake alone': found('channel-inner', 'channel-inner-first'),
  'keeps the first chain': found('channel-inner-again'),
  'sends no switch': found('channel-inner'),
  'refuses a request within an inner handshake': by('initiator', 'channel-request-ignored'),
  'starts again for a request within an inner handshake': by('initiator', 'channel-request-ignored'),
  'closes when the other side does': found('channel-half-close'),
  'fails when an inner handshake is abandoned': found('channel-abandoned'),
  'counts no records': found('channel-sanity'),
  'sends no commitment': found('channel-sanity'),
  'ends without a close': found('channel-sanity'),
  'ends with 1 in any case': found('channel-sanity'),
  'changes an octet that it delivers': found('channel-sanity'),
  'loses the last octets that it is given': found('channel-sanity'),
} as const satisfies Record<string, Found>;

export type ChannelDefect = keyof typeof channelDefects;
