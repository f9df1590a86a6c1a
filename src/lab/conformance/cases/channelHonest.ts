// Channels that a peer must carry: spec/channel.md, sections 1, 2, 3 and 5.

import { channelSizes } from '../../../generated/channel.ts';
import type { RequirementId } from '../../../generated/requirements.ts';
import { type Bytes, concat } from '../../../octets.ts';
import type { Role } from '../../../role.ts';
import type { Case, Piece } from '../case.ts';
import { type Edit, typeOf } from '../channel/forger.ts';
import type { ChannelPart, Stage } from '../channel/script.ts';
import { every, noise } from '../octetEdits.ts';

interface Honest {
  readonly id: string;
  readonly title: string;
  readonly requirements: readonly RequirementId[];
  readonly script: ChannelPart['script'];
  readonly peer?: Role;
  readonly edit?: ChannelPart['edit'];
  readonly joined?: true;
  readonly segments?: (octets: Bytes) => readonly Piece[];
}

const octets = 30_000;
/** What the tester sends, and what the peer's application does. */
export const ours: Bytes = noise(octets);
export const theirs: Bytes = noise(2 * octets).subarray(octets);
const third = (data: Bytes, which: 0 | 1 | 2): Bytes => data.subarray((which * octets) / 3, ((which + 1) * octets) / 3);

/** Both sides end their directions, the peer's application its own first, and everything has come. */
export async function inOrder(s: Stage): Promise<void> {
  s.endTyping();
  await s.act(s.channel.close());
  await s.delivered();
  await s.heard();
  await s.peerClosed();
}

/** Data both ways. */
async function exchange(s: Stage, mine: Bytes, others: Bytes): Promise<void> {
  s.type(others);
  await s.send(mine);
  await s.delivered();
  await s.heard();
}

const both =
  (mine: Bytes, others: Bytes) =>
  async (s: Stage): Promise<void> => {
    await exchange(s, mine, others);
    await inOrder(s);
  };

/** Data before, within and behind an inner handshake, which may have ratchets around it. */
async function rehandshake(s: Stage): Promise<void> {
  s.hold();
  await s.begin();
  await exchange(s, third(ours, 1), third(theirs, 1));
  await s.letGo();
  s.type(theirs);
  await s.send(ours);
  await s.switched();
  await s.send(third(ours, 2));
  s.type(third(theirs, 2));
  await s.delivered();
  await s.heard();
}

/** Records of inner handshakes in parts of so many octets, with other records between. */
const inParts =
  (length: number): ((stage: Stage) => Edit) =>
  () =>
  (part, forger) => {
    if (part.what !== 'handshake') return [forger.seal(part)];
    return every(length)(part.content).map((content) => forger.seal({ ...part, content }));
  };

const { mostContent } = channelSizes;

const honest: readonly Honest[] = [
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
    id: 'channel-padding-everywhere',
    title: 'padding in records of every type: a ratchet, an inner handshake, a switch, a close',
    requirements: ['PQ-C-35'],
    edit: () => (part, forger) => {
      if (part.what === 'commitment') return [forger.seal(part)];
      return [forger.seal({ ...part, padding: Math.min(19, mostContent - part.content.length) })];
    },
    script: async (s) => {
      await exchange(s, third(ours, 0), third(theirs, 0));
      await s.act(s.channel.ratchet());
      await rehandshake(s);
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
    id: 'channel-inner',
    title: 'an inner handshake, with data both ways before, within and behind it',
    requirements: ['PQ-C-07', 'PQ-C-02', 'PQ-C-18', 'PQ-C-23', 'PQ-C-30', 'PQ-C-25'],
    script: async (s) => {
      await exchange(s, third(ours, 0), third(theirs, 0));
      await rehandshake(s);
      await inOrder(s);
    },
  },
  {
    id: 'channel-inner-first',
    title: 'an inner handshake before any data',
    requirements: ['PQ-C-07', 'PQ-C-23'],
    script: async (s) => {
      await s.begin();
      await s.switched();
      await both(ours, theirs)(s);
    },
  },
  {
    id: 'channel-inner-again',
    title: 'three inner handshakes one after the other, with ratchets before, within and behind them',
    requirements: ['PQ-C-26', 'PQ-C-02', 'PQ-C-06', 'PQ-C-07', 'PQ-C-33'],
    script: async (s) => {
      for (const _ of [1, 2, 3]) {
        await s.act(s.channel.ratchet());
        await s.begin();
        await s.act(s.channel.ratchet());
        await s.send(third(ours, 0));
        await s.switched();
        await s.act(s.channel.ratchet());
        await exchange(s, third(ours, 1), third(theirs, 1));
      }
      await inOrder(s);
    },
  },
  {
    id: 'channel-inner-cut',
    title: 'an inner handshake in records of 100 octets, with data within it',
    requirements: ['PQ-C-30', 'PQ-C-07'],
    edit: inParts(100),
    script: async (s) => {
      await exchange(s, third(ours, 0), third(theirs, 0));
      await rehandshake(s);
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
  {
    id: 'channel-abandoned',
    title: 'the tester closes its direction in an inner handshake, before all of its messages have gone out',
    requirements: ['PQ-C-28', 'PQ-C-19'],
    script: async (s) => {
      await exchange(s, third(ours, 0), third(theirs, 0));
      s.hold();
      await s.begin();
      await s.act(s.channel.close());
      await s.pause();
      s.type(third(theirs, 1));
      await s.heard();
      s.endTyping();
      await s.peerClosed();
      await s.delivered();
    },
  },
  {
    id: 'channel-abandoned-by-peer',
    title: 'the peer closes its direction in an inner handshake; messages of the tester, data and its close follow',
    requirements: ['PQ-C-28', 'PQ-C-29'],
    script: async (s) => {
      await exchange(s, third(ours, 0), third(theirs, 0));
      s.hold();
      await s.begin();
      s.endTyping();
      await s.peerClosed('it ends its direction only when the inner handshake is over');
      await s.letGo();
      await s.send(third(ours, 1));
      await s.act(s.channel.close());
      await s.delivered();
    },
  },
  {
    id: 'channel-request-ignored',
    title: 'requests in an inner handshake, and behind the end of the peer’s direction: there is no other one',
    peer: 'initiator',
    requirements: ['PQ-C-27', 'PQ-C-21', 'PQ-C-29'],
    script: async (s) => {
      await exchange(s, third(ours, 0), third(theirs, 0));
      s.hold();
      await s.begin();
      await s.put(concat(s.forger.forge(typeOf('request')), s.forger.forge(typeOf('request'))));
      await s.pause();
      await s.letGo();
      await s.switched();
      await s.pause();
      const { innerHandshake, epoch } = s.channel.standing();
      if (innerHandshake === 'under way' || epoch > 1)
        s.fail('it starts another inner handshake for a request that came in one');
      await exchange(s, third(ours, 1), third(theirs, 1));
      s.endTyping();
      await s.peerClosed();
      await s.put(s.forger.forge(typeOf('request')));
      await s.send(third(ours, 2));
      await s.act(s.channel.close());
      await s.delivered();
    },
  },
];

/** The peer that starts inner handshakes shows these too. */
const ofInitiators: readonly RequirementId[] = ['PQ-C-21', 'PQ-C-17'];

/** Channels that a peer of a role must carry. */
export const channelHonestCases = (peer: Role): readonly Case[] =>
  honest
    .filter((one) => (one.peer ?? peer) === peer)
    .map(({ id, title, requirements, segments, script, edit, joined }) => ({
      ...{ id, title, peer },
      expected: { outcome: 'carries' },
      requirements: id === 'channel-inner' && peer === 'initiator' ? [...requirements, ...ofInitiators] : requirements,
      ...(segments && { segments }),
      channel: { script, ...(edit && { edit }), ...(joined && { joined }) },
    }));
