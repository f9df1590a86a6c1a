// Generated from spec/ by `npm run generate`. Do not edit.

import type { RequirementId } from './requirements.ts';

/** The begin of the labels under which keys are exported from a root (spec/channel.md, section 1): no application exports under one. */
export const channelLabels = 'pquake channel v1 ';

/** Sizes of records in octets (spec/channel.md, section 2). */
export const channelSizes = {
  length: 2,
  type: 1,
  commitment: 32,
  mostContent: 16384,
  leastLength: 17,
  mostLength: 16401,
} as const;

/** Defaults of the limits of a channel (spec/channel.md, sections 2 and 6). */
export const channelLimits = {
  /** records sealed under one key, before a ratchet goes out by itself */
  recordsBeforeRatchet: 1048576,
  /** the record under one key, counted from 1, at which the receiver fails */
  recordsAtFailure: 4194304,
  /** what a peer may spend on records that carry little or nothing */
  allowance: 1048576,
  /** what of it comes back in a second, where the receiver has a clock */
  allowancePerSecond: 65536,
} as const;

/** What records cost a peer of its allowance (spec/channel.md, section 6). */
export const channelCosts = {
  /** a record without content: an empty one of data, a ratchet, a request */
  bare: 1024,
  /** a record of data or of a handshake with fewer than 16 octets of content */
  tiny: 1,
  /** the begin of an inner handshake, at the responder */
  innerHandshake: 16384,
  /** what a record of data with 16 octets or more brings back */
  earned: 1024,
  /** octets of content below which a record is tiny */
  tinyContent: 16,
} as const;

/** The direction of what a role sends (spec/channel.md, section 1). */
export const directionOf = { initiator: 'i2r', responder: 'r2i' } as const;

/** The name of a type of record. */
export type RecordName = 'data' | 'close' | 'ratchet' | 'handshake' | 'request' | 'switch';

/** A record with content. */
export type FilledName = 'data' | 'handshake';

/** A record as it was opened, or is to be sealed: its type, and its content where the type has some. */
export type ChannelRecord<O> =
  | { readonly type: 'data'; readonly content: O }
  | { readonly type: 'close' }
  | { readonly type: 'ratchet' }
  | { readonly type: 'handshake'; readonly content: O }
  | { readonly type: 'request' }
  | { readonly type: 'switch' };

/** Every type of record: its octet, who may send it, and the octets of its content. */
export const recordTable = {
  data: { type: 1, sender: 'both', minimum: 0, maximum: 16384 },
  close: { type: 2, sender: 'both', minimum: 0, maximum: 0 },
  ratchet: { type: 3, sender: 'both', minimum: 0, maximum: 0 },
  handshake: { type: 4, sender: 'both', minimum: 1, maximum: 16384 },
  request: { type: 5, sender: 'responder', minimum: 0, maximum: 0 },
  switch: { type: 6, sender: 'both', minimum: 0, maximum: 0 },
} as const satisfies Record<RecordName, { type: number; sender: string; minimum: number; maximum: number }>;

/** The type that an octet stands for. */
export function recordOfType(type: number): RecordName | undefined {
  switch (type) {
    case 1:
      return 'data';
    case 2:
      return 'close';
    case 3:
      return 'ratchet';
    case 4:
      return 'handshake';
    case 5:
      return 'request';
    case 6:
      return 'switch';
    default:
      return undefined;
  }
}

/** Whether a type has content. */
export const isFilled = (name: RecordName): name is FilledName => recordTable[name].maximum > 0;

/** The stable code of a failure of a channel (spec/channel.md, section 4). */
export type ChannelCode =
  | 'wrong-commitment'
  | 'record-length'
  | 'record-not-opened'
  | 'record-without-type'
  | 'unknown-record'
  | 'unexpected-content'
  | 'content-missing'
  | 'request-from-initiator'
  | 'unexpected-handshake'
  | 'unexpected-switch'
  | 'octets-after-close'
  | 'too-many-records'
  | 'inner-handshake-failed'
  | 'peer-floods'
  | 'truncated'
  | 'rehandshake-timeout'
  | 'channel-abandoned';

interface ChannelFailureRow {
  readonly section: string;
  readonly requirements: readonly RequirementId[];
  readonly meaning: string;
}

/** Every failure of a channel: the section of spec/channel.md, the requirements that it serves, and its meaning. */
export const channelFailureTable: Readonly<Record<ChannelCode, ChannelFailureRow>> = {
  'wrong-commitment': {
    section: '2',
    requirements: ['PQ-C-10'],
    meaning: 'the commitment is not the one of the root: the peer has another root, or octets were changed',
  },
  'record-length': {
    section: '2',
    requirements: ['PQ-C-12'],
    meaning: 'the length of a record is not one that a record can have',
  },
  'record-not-opened': {
    section: '2',
    requirements: ['PQ-C-13'],
    meaning: 'a record does not open: it was changed, lost, repeated, or moved',
  },
  'record-without-type': { section: '2', requirements: ['PQ-C-16'], meaning: 'a record holds zeros only' },
  'unknown-record': {
    section: '2',
    requirements: ['PQ-C-16'],
    meaning: 'the type of a record is none of this version',
  },
  'unexpected-content': {
    section: '2',
    requirements: ['PQ-C-16'],
    meaning: 'a record has content where its type has none',
  },
  'content-missing': {
    section: '2',
    requirements: ['PQ-C-16'],
    meaning: 'a record has no content where its type has some',
  },
  'request-from-initiator': {
    section: '2',
    requirements: ['PQ-C-17'],
    meaning: 'the initiator asks for an inner handshake, which it would start itself',
  },
  'unexpected-handshake': {
    section: '3',
    requirements: ['PQ-C-22'],
    meaning: 'octets of an inner handshake came where none can come',
  },
  'unexpected-switch': {
    section: '2',
    requirements: ['PQ-C-18'],
    meaning: 'the peer switches to a new root without an inner handshake that completed',
  },
  'octets-after-close': { section: '2', requirements: ['PQ-C-19'], meaning: 'octets follow the end of a direction' },
  'too-many-records': {
    section: '2',
    requirements: ['PQ-C-32'],
    meaning: 'the peer sealed too many records under one key',
  },
  'inner-handshake-failed': { section: '3', requirements: ['PQ-C-24'], meaning: 'the inner handshake failed' },
  'peer-floods': { section: '6', requirements: ['PQ-C-41'], meaning: 'the peer sends too much that carries nothing' },
  truncated: {
    section: '2',
    requirements: ['PQ-C-20'],
    meaning: 'the connection ended before the peer closed its direction: octets may be missing',
  },
  'rehandshake-timeout': {
    section: '3',
    requirements: ['PQ-C-27'],
    meaning: 'an inner handshake that was asked for or started did not complete in time',
  },
  'channel-abandoned': {
    section: '4',
    requirements: ['PQ-C-40'],
    meaning: 'the own side gave the channel up before both directions had ended',
  },
};
