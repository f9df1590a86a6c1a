// Faults of switches and of inner handshakes, at which a peer must give the channel up: spec/channel.md, sections 2 and 3.

import { headerOctets } from '../../../generated/constants.ts';
import type { Bytes } from '../../../octets.ts';
import type { Edit, Part } from '../channel/forger.ts';
import { typeOf } from '../channel/forger.ts';
import type { Stage } from '../channel/script.ts';
import { issue } from '../material.ts';
import { flipped, noise } from '../octetEdits.ts';
import { bad, type Fault, opening, record } from './channelFaults.ts';

/** The first part that is such a one, and what is put in its place. The script waits until that is done. `silent`: nothing follows. */
const within = (
  isIt: (part: Part, commitments: number) => boolean,
  change: (part: Part, s: Stage) => readonly Bytes[],
  silent = false,
): Pick<Fault, 'script' | 'edit' | 'busy'> => {
  const done = new WeakSet<Stage>();
  return {
    busy: true,
    edit: (s): Edit => {
      let commitments = 0;
      return (part, forger) => {
        if (part.what === 'commitment') commitments += 1;
        if (done.has(s) && silent) return [];
        if (done.has(s) || !isIt(part, commitments)) return [forger.seal(part)];
        s.faulty();
        done.add(s);
        return change(part, s);
      };
    },
    script: async (s) => {
      await opening(s);
      await s.begin();
      await s.until(() => done.has(s), 'the inner handshake did not go on');
    },
  };
};

const isSwitch = ({ what }: Part): boolean => what === 'switch';
const isNewCommitment = ({ what }: Part, commitments: number): boolean => what === 'commitment' && commitments === 2;
const isHandshake = ({ what }: Part): boolean => what === 'handshake';

/** Whether the octets, whole messages, end with a confirmation. */
function isConfirmation(part: Part): boolean {
  if (part.what !== 'handshake') return false;
  const { content } = part;
  let type = 0;
  for (let at = 0; at < content.length; ) {
    const [, found = 0, high = 0, low = 0] = content.subarray(at);
    type = found;
    at += headerOctets + high * 256 + low;
  }
  return type >= 7;
}

const sealedData = (s: Stage): Bytes => s.forger.forge(typeOf('data'), bad);

/** The content of a record with a bit flipped. */
const withFlip =
  (at: number) =>
  (part: Part, { forger }: Stage): readonly Bytes[] => [
    forger.seal('content' in part ? { ...part, content: flipped(part.content, at) } : part),
  ];

const newCommitment = (name: string, what: string, change: (octets: Bytes) => Bytes): Fault => ({
  id: `channel-new-commitment-${name}`,
  title: `the commitment behind a switch ${what}`,
  requirements: ['PQ-C-10', 'PQ-C-23', 'PQ-C-40'],
  ...within(isNewCommitment, (part, s) => [change(s.forger.seal(part)), sealedData(s)]),
});

export const innerFaults: readonly Fault[] = [
  {
    id: 'channel-switch-unexpected',
    title: 'a switch, without an inner handshake',
    requirements: ['PQ-C-18', 'PQ-C-40'],
    script: record(typeOf('switch')),
  },
  {
    id: 'channel-switch-early',
    title: 'a switch in an inner handshake that has not completed',
    requirements: ['PQ-C-18', 'PQ-C-40'],
    busy: true,
    script: async (s) => {
      await opening(s);
      s.hold();
      await s.begin();
      await s.fault(s.forger.forge(typeOf('switch')));
    },
  },
  {
    id: 'channel-switch-again',
    title: 'a second switch behind one inner handshake',
    requirements: ['PQ-C-18', 'PQ-C-40'],
    script: async (s) => {
      await opening(s);
      await s.begin();
      await s.switched();
      s.type(bad);
      await s.heard();
      await s.fault(s.forger.forge(typeOf('switch')));
    },
  },
  newCommitment('start', 'with a bit of its first octet flipped', (octets) => flipped(octets, 0)),
  newCommitment('end', 'with a bit of its last octet flipped', (octets) => flipped(octets, -1)),
  newCommitment('zeros', 'is zeros', (octets) => new Uint8Array(octets.length)),
  newCommitment('missing', 'is missing', () => new Uint8Array()),
  {
    id: 'channel-old-key-after-switch',
    title: 'a record under the old key behind a switch',
    requirements: ['PQ-C-23', 'PQ-C-07', 'PQ-C-40'],
    ...within(isNewCommitment, (part, { forger }) => [forger.seal(part), forger.forgeUnderOldKey(typeOf('data'), bad)]),
  },
  {
    id: 'channel-handshake-unexpected',
    title: 'octets of an inner handshake that the peer has not started',
    peer: 'initiator',
    requirements: ['PQ-C-22', 'PQ-C-21', 'PQ-C-40'],
    script: record(typeOf('handshake'), noise(100)),
  },
  {
    id: 'channel-handshake-trailing',
    title: 'an octet of an inner handshake behind its last message, before the switch',
    requirements: ['PQ-C-22', 'PQ-C-26', 'PQ-C-40'],
    ...within(isSwitch, (part, { forger }) => [
      forger.seal({ ...part, what: 'handshake', content: Uint8Array.of(1) } as Part),
      forger.seal(part),
    ]),
  },
  {
    id: 'channel-inner-version',
    title: 'an inner handshake whose first message of the tester has another version',
    requirements: ['PQ-C-24', 'PQ-C-40'],
    ...within(isHandshake, withFlip(0), true),
  },
  {
    id: 'channel-inner-confirmation',
    title: 'an inner handshake with a wrong confirmation',
    requirements: ['PQ-C-24', 'PQ-C-40'],
    ...within(isConfirmation, withFlip(-1), true),
  },
  {
    id: 'channel-inner-other-peer',
    title: 'an inner handshake with a certificate of another subject',
    requirements: ['PQ-C-25', 'PQ-C-24', 'PQ-C-40'],
    innerIdentity: (material) => issue(material, { name: 'somebody else' }),
    ...within(isConfirmation, (part, { forger }) => [forger.seal(part)]),
  },
  {
    id: 'channel-ended-in-inner',
    title: 'the connection ends in an inner handshake',
    requirements: ['PQ-C-20', 'PQ-C-24', 'PQ-C-40'],
    busy: true,
    script: async (s) => {
      await opening(s);
      s.hold();
      await s.begin();
      s.hangUp('end');
    },
  },
];
