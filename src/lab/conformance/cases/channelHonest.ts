// Channels that a peer must carry: spec/channel.md, sections 1, 2, 3 and 5.

import { channelSizes } from '../../../generated/channel.ts';
import type { RequirementId } from '../../../generated/requirements.ts';
import type { Bytes } from '../../../octets.ts';
import type { Role } from '../../../role.ts';
import type { Piece } from '../case.ts';
import { typeOf } from '../channel/forger.ts';
import type { ChannelPart, Stage } from '../channel/script.ts';
import { every, noise } from '../octetEdits.ts';

/** A case of the channel in which the tester is honest. */
export interface Honest {
  readonly id: string;
  readonly title: string;
  readonly requirements: readonly RequirementId[];
  readonly script: ChannelPart['script'];
  readonly peer?: Role;
  readonly edit?: ChannelPart['edit'];
  readonly joined?: true;
  readonly long?: true;
  readonly segments?: (octets: Bytes) => readonly Piece[];
}

const octets = 30_000;
/** What the tester sends, and what the peer's application does. */
export const ours: Bytes = noise(octets);
export const theirs: Bytes = noise(2 * octets).subarray(octets);
export const third = (data: Bytes, which: 0 | 1 | 2): Bytes =>
  data.subarray((which * octets) / 3, ((which + 1) * octets) / 3);

/** Both sides end their directions, the peer's application its own first, and everything has come. */
export async function inOrder(s: Stage): Promise<void> {
  s.endTyping();
  await s.act(s.channel.close());
  await s.delivered();
  await s.heard();
  await s.peerClosed();
}

/** Data both ways. */
export async function exchange(s: Stage, mine: Bytes, others: Bytes): Promise<void> {
  s.type(others);
  await s.send(mine);
  await s.delivered();
  await s.heard();
}

export const both =
  (mine: Bytes, others: Bytes) =>
  async (s: Stage): Promise<void> => {
    await exchange(s, mine, others);
    await inOrder(s);
  };

const { mostContent } = channelSizes;

export const plainCases: readonly Honest[] = [
  {
    id: 'channel-sanity',
    title: '30,000 octets each way, and both directions closed',
    requirements: ['PQ-C-01', 'PQ-C-04', 'PQ-C-05', 'PQ-C-10', 'PQ-C-11', 'PQ-C-13', 'PQ-C-14', 'PQ-C-15', 'PQ-C-19'],
    script: async (s) => {
      for (const which of [0, 1, 2] as const) await exchange(s, third(ours, which), third(theirs, which));
      await inOrder(s);
    },
  },
  {
    id: 'channel-joined',
    title: 'the first octets of the channel come with the last message of the handshake',
    requirements: ['PQ-C-10', 'PQ-C-14'],
    joined: true,
    script: both(ours.subarray(0, 500), theirs.subarray(0, 500)),
  },
  {
    id: 'channel-one-octet-a-write',
    title: 'one octet in each write',
    requirements: ['PQ-C-11', 'PQ-C-12'],
    segments: every(1),
    script: both(ours.subarray(0, 300), theirs.subarray(0, 300)),
  },
  {
    id: 'channel-cut-anywhere',
    title: 'writes of 777 octets',
    requirements: ['PQ-C-11', 'PQ-C-13'],
    segments: every(777),
    script: both(ours, theirs),
  },
  {
    id: 'channel-commitment-apart',
    title: 'the commitment comes before the first record, and the first length before its record',
    requirements: ['PQ-C-10', 'PQ-C-12'],
    segments: (all) => [all.slice(0, 32), { pause: 40 }, all.slice(32, 34), { pause: 40 }, all.slice(34)],
    script: both(ours.subarray(0, 1_000), theirs.subarray(0, 1_000)),
  },
  {
    id: 'channel-nothing-said',
    title: 'both directions are closed, and nothing was sent in them',
    requirements: ['PQ-C-19', 'PQ-C-10'],
    script: inOrder,
  },
  {
    id: 'channel-empty-and-full',
    title: 'records of data with 0, 1, 16,383 and 16,384 octets',
    requirements: ['PQ-C-14', 'PQ-C-11', 'PQ-C-12'],
    script: async (s) => {
      for (const length of [0, 1, mostContent - 1, mostContent, 0])
        await s.put(s.forger.forge(typeOf('data'), ours.subarray(0, length)), ours.subarray(0, length));
      s.type(theirs);
      await inOrder(s);
    },
  },
  {
    id: 'channel-padding',
    title: 'data with padding: to a power of two, to a multiple, as much as a record holds',
    requirements: ['PQ-C-35', 'PQ-C-34', 'PQ-C-15', 'PQ-C-11'],
    script: async (s) => {
      await s.send(ours.subarray(0, 1_000), 'power-of-two');
      await s.send(ours.subarray(0, 16_000), { multipleOf: 512 });
      await s.put(s.forger.forge(typeOf('data'), ours.subarray(0, 1), mostContent - 1), ours.subarray(0, 1));
      await s.put(s.forger.forge(typeOf('data'), undefined, mostContent));
      await s.send(new Uint8Array(100), { multipleOf: 16 }); // data that ends with zeros is no padding
      s.type(theirs.subarray(0, 1_000));
      await inOrder(s);
    },
  },
  {
    id: 'channel-ratchet',
    title: 'ratchets: at once, two in a row, and between data',
    requirements: ['PQ-C-06', 'PQ-C-33', 'PQ-C-05'],
    script: async (s) => {
      await s.act(s.channel.ratchet());
      await s.send(third(ours, 0));
      await s.act(s.channel.ratchet());
      await s.act(s.channel.ratchet());
      await exchange(s, third(ours, 1), theirs);
      await inOrder(s);
    },
  },
  {
    id: 'channel-many-ratchets',
    title: '100 ratchets and 100 empty records, with data between',
    requirements: ['PQ-C-41', 'PQ-C-33'],
    script: async (s) => {
      for (const part of every(300)(ours)) {
        await s.act(s.channel.ratchet());
        await s.put(s.forger.forge(typeOf('data')));
        await s.send(part);
      }
      s.type(theirs);
      await inOrder(s);
    },
  },
  {
    id: 'channel-half-close',
    title: 'the tester closes its direction first; the peer goes on',
    requirements: ['PQ-C-19'],
    script: async (s) => {
      await s.send(ours);
      await s.act(s.channel.close());
      await s.delivered();
      await s.pause();
      s.type(theirs);
      await s.heard();
      s.endTyping();
      await s.peerClosed();
    },
  },
  {
    id: 'channel-half-close-peer',
    title: 'the peer closes its direction first; the tester goes on',
    requirements: ['PQ-C-19'],
    script: async (s) => {
      s.type(theirs);
      s.endTyping();
      await s.heard();
      await s.peerClosed();
      await s.pause();
      await s.act(s.channel.ratchet());
      await s.send(ours);
      await s.act(s.channel.close());
      await s.delivered();
    },
  },
];
