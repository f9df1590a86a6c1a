// Faults at which a peer must give a channel up: one case for each rule of spec/channel.md, sections 2 to 4 and 6.

import { channelSizes } from '../../../generated/channel.ts';
import type { RequirementId } from '../../../generated/requirements.ts';
import { type Bytes, concat } from '../../../octets.ts';
import type { Role } from '../../../role.ts';
import { typeOf } from '../channel/forger.ts';
import type { ChannelPart, Stage } from '../channel/script.ts';
import { flipped, noise } from '../octetEdits.ts';
import { ours, theirs } from './channelHonest.ts';

/** A case of the channel in which the tester commits a fault. */
export interface Fault {
  readonly id: string;
  readonly title: string;
  readonly requirements: readonly RequirementId[];
  readonly script: ChannelPart['script'];
  readonly peer?: Role;
  readonly edit?: ChannelPart['edit'];
  readonly innerIdentity?: ChannelPart['innerIdentity'];
  readonly long?: true;
  /** The peer may be sending when the fault comes. */
  readonly busy?: true;
}

export const before = ours.subarray(0, 100);
/** Data that comes with the fault, or behind it: nobody may ever see it. */
export const bad = noise(200).subarray(100);

/** Some data both ways, so that the channel is seen to work. */
export async function opening(s: Stage): Promise<void> {
  s.type(theirs.subarray(0, 100));
  await s.send(before);
  await s.delivered();
  await s.heard();
}

/** The fault in a channel that worked until then; sealed data follows in the same write. */
const following =
  (octets: (s: Stage) => Bytes, follows = true): ChannelPart['script'] =>
  async (s) => {
    await opening(s);
    const wrong = octets(s);
    await s.fault(follows ? concat(wrong, s.forger.forge(typeOf('data'), bad)) : wrong);
  };

/** A record with something that it may not have. */
export const record = (type: number, content?: Bytes, padding?: number): ChannelPart['script'] =>
  following((s) => s.forger.forge(type, content, padding));

/** The same, and nothing behind it: what would follow is refused in any case by one that takes it. */
const alone = (type: number, content: Bytes): ChannelPart['script'] =>
  following((s) => s.forger.forge(type, content), false);

export const data = (s: Stage, content = bad): Bytes => s.forger.forge(typeOf('data'), content);

const lengths: readonly Fault[] = [0, 16, 16_402, 65_535].map((length) => ({
  id: `channel-length-${length}`,
  title: `a length of ${length.toLocaleString('en')}, and nothing behind it`,
  requirements: ['PQ-C-12', 'PQ-C-40'],
  script: following(() => Uint8Array.of(length >>> 8, length & 0xff), false),
}));

const flips: readonly Fault[] = (
  [
    ['start', 'first octet', 2],
    ['middle', 'middle octet', 60],
    ['end', 'last octet', -1],
  ] as const
).map(([name, what, at]) => ({
  id: `channel-flipped-${name}`,
  title: `a bit of the ${what} of a sealed record flipped`,
  requirements: ['PQ-C-13', 'PQ-C-11', 'PQ-C-40'],
  script: following((s) => flipped(data(s), at)),
}));

/** The first commitment with a change. */
const commitment = (name: string, what: string, change: (octets: Bytes, s: Stage) => Bytes): Fault => ({
  id: `channel-commitment-${name}`,
  title: `a first commitment ${what}`,
  requirements: ['PQ-C-10', 'PQ-C-04', 'PQ-C-40'],
  script: async (s) => {
    s.type(theirs.subarray(0, 100));
    await s.heard();
    const first = data(s);
    const { commitment: length } = channelSizes;
    await s.fault(concat(change(first.slice(0, length), s), first.slice(length)));
  },
});

const content = (['close', 'ratchet', 'switch'] as const).map(
  (name): Fault => ({
    id: `channel-${name}-with-content`,
    title: `a ${name} with an octet of content`,
    requirements: ['PQ-C-16', 'PQ-C-40'],
    script: alone(typeOf(name), Uint8Array.of(1)),
  }),
);

export const recordFaults: readonly Fault[] = [
  commitment('start', 'with a bit of its first octet flipped', (octets) => flipped(octets, 0)),
  commitment('end', 'with a bit of its last octet flipped', (octets) => flipped(octets, -1)),
  commitment('zeros', 'of zeros', (octets) => new Uint8Array(octets.length)),
  commitment('reflected', 'that is the peer’s own', (octets, s) => s.received().slice(0, octets.length)),
  ...lengths,
  ...flips,
  {
    id: 'channel-repeated',
    title: 'a record that came before',
    requirements: ['PQ-C-13', 'PQ-C-40'],
    script: async (s) => {
      const once = data(s, before);
      await s.put(once, before);
      await s.delivered();
      await s.fault(concat(once.slice(channelSizes.commitment), data(s)));
    },
  },
  {
    id: 'channel-swapped',
    title: 'two records in the other order',
    requirements: ['PQ-C-13', 'PQ-C-40'],
    script: following((s) => {
      const [first, second] = [data(s), data(s)];
      return concat(second, first);
    }),
  },
  {
    id: 'channel-left-out',
    title: 'a record is left out',
    requirements: ['PQ-C-13', 'PQ-C-40'],
    script: following((s) => {
      data(s);
      return data(s);
    }),
  },
  {
    id: 'channel-reflected',
    title: 'the peer’s own record, sent back',
    requirements: ['PQ-C-13', 'PQ-C-01', 'PQ-C-40'],
    script: async (s) => {
      s.type(theirs.subarray(0, 100));
      await s.heard();
      await s.fault(concat(s.forger.commitment(), s.received().slice(channelSizes.commitment)));
    },
  },
  {
    id: 'channel-type-7',
    title: 'a record of type 7',
    requirements: ['PQ-C-16', 'PQ-C-40'],
    script: record(7, bad),
  },
  {
    id: 'channel-type-255',
    title: 'a record of type 255 without content',
    requirements: ['PQ-C-16', 'PQ-C-40'],
    script: record(255),
  },
  {
    id: 'channel-zeros',
    title: 'a record of one zero',
    requirements: ['PQ-C-16', 'PQ-C-15', 'PQ-C-40'],
    script: record(0),
  },
  {
    id: 'channel-zeros-only',
    title: 'a record of zeros, as many as it holds',
    requirements: ['PQ-C-16', 'PQ-C-15', 'PQ-C-40'],
    script: record(0, new Uint8Array(channelSizes.mostContent)),
  },
  ...content,
  {
    id: 'channel-request-with-content',
    title: 'a request with an octet of content',
    peer: 'initiator',
    requirements: ['PQ-C-16', 'PQ-C-40'],
    script: alone(typeOf('request'), Uint8Array.of(1)),
  },
  {
    id: 'channel-handshake-empty',
    title: 'a record of an inner handshake without content',
    requirements: ['PQ-C-16', 'PQ-C-40'],
    script: record(typeOf('handshake')),
  },
  {
    id: 'channel-request-from-initiator',
    title: 'a request, which only a responder may send',
    peer: 'responder',
    requirements: ['PQ-C-17', 'PQ-C-40'],
    script: record(typeOf('request')),
  },
  {
    id: 'channel-ratchet-not-made',
    title: 'a ratchet, and then a record under the key before it',
    requirements: ['PQ-C-33', 'PQ-C-06', 'PQ-C-40'],
    script: record(typeOf('ratchet')),
  },
  {
    id: 'channel-ratchet-not-told',
    title: 'a record under the next key, without a ratchet before it',
    requirements: ['PQ-C-33', 'PQ-C-13', 'PQ-C-40'],
    script: following((s) => {
      s.forger.parts(s.channel.ratchet());
      return data(s);
    }),
  },
  {
    id: 'channel-flood-of-empty-records',
    title: '2,000 records without data',
    requirements: ['PQ-C-41', 'PQ-C-40'],
    script: following((s) => concat(...Array.from({ length: 2_000 }, () => data(s, new Uint8Array())))),
  },
  {
    id: 'channel-flood-of-ratchets',
    title: '2,000 ratchets',
    requirements: ['PQ-C-41', 'PQ-C-40'],
    script: following((s) =>
      concat(
        ...Array.from({ length: 2_000 }, () => s.forger.parts(s.channel.ratchet()))
          .flat()
          .map(s.forger.seal),
      ),
    ),
  },
];

export const endingFaults: readonly Fault[] = [
  {
    id: 'channel-record-after-close',
    title: 'a record behind a close',
    requirements: ['PQ-C-19', 'PQ-C-40'],
    script: record(typeOf('close')),
  },
  {
    id: 'channel-octet-after-close',
    title: 'one octet behind a close, a while after it',
    requirements: ['PQ-C-19', 'PQ-C-40'],
    script: async (s) => {
      await opening(s);
      await s.act(s.channel.close());
      await s.pause();
      await s.fault(Uint8Array.of(0));
    },
  },
  {
    id: 'channel-ended-at-once',
    title: 'the connection ends before an octet of the channel came',
    requirements: ['PQ-C-20', 'PQ-C-40'],
    script: async (s) => s.hangUp('end'),
  },
  {
    id: 'channel-ended-before-close',
    title: 'the connection ends behind a whole record, without a close',
    requirements: ['PQ-C-20', 'PQ-C-40'],
    script: async (s) => {
      await opening(s);
      s.hangUp('end');
    },
  },
  {
    id: 'channel-ended-in-record',
    title: 'the connection ends in a record',
    requirements: ['PQ-C-20', 'PQ-C-40'],
    script: async (s) => {
      await opening(s);
      await s.fault(data(s).slice(0, -1));
      s.hangUp('end');
    },
  },
  {
    id: 'channel-ended-after-peer-closed',
    title: 'the connection ends without a close, when the peer has closed its direction',
    requirements: ['PQ-C-20'],
    script: async (s) => {
      await opening(s);
      s.endTyping();
      await s.peerClosed();
      s.hangUp('end');
    },
  },
  {
    id: 'channel-reset',
    title: 'the connection is reset',
    requirements: ['PQ-C-20', 'PQ-C-40'],
    script: async (s) => {
      await opening(s);
      s.hangUp('reset');
    },
  },
];
