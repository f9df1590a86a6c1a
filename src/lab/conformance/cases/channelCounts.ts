// How many records may come under one key (spec/channel.md, section 2). The cases take minutes.

import { channelCosts, channelLimits } from '../../../generated/channel.ts';
import { concat } from '../../../octets.ts';
import type { Stage } from '../channel/script.ts';
import { before, data, type Fault, opening } from './channelFaults.ts';
import { both, type Honest, ours, theirs, third } from './channelHonest.ts';

const inWords = (count: number): string => count.toLocaleString('en');

/** As little as costs the sender nothing of its allowance. */
const piece = before.subarray(0, channelCosts.tinyContent);

/** So many records are put on the wire in one write. */
const batch = 1_024;

export const countCases: readonly Honest[] = [
  {
    id: 'channel-own-ratchet',
    title: `data for the peer to send until it makes a ratchet by itself, behind ${inWords(channelLimits.recordsBeforeRatchet)} records at the latest`,
    requirements: ['PQ-C-31', 'PQ-C-33'],
    long: true,
    script: async (s) => {
      const { recordsBeforeRatchet: most } = s.limits;
      for (let records = 0; s.ratchets() === 0; records += 1) {
        if (records > most) s.fail(`it sealed more than ${most} records under one key, and made no ratchet`);
        s.type(piece);
        await s.heard(); // so that the next piece is in a record of its own
      }
      await both(third(ours, 0), third(theirs, 0))(s);
    },
  },
];

/** Fills the present key: data until the record that is next is the one at which a receiver fails. */
async function fillKey(s: Stage): Promise<void> {
  for (let left = s.limits.recordsAtFailure - 1 - s.forger.sealed(); left > 0; left -= batch) {
    const pieces = Array.from({ length: Math.min(batch, left) }, () => piece);
    await s.put(concat(...pieces.map((one) => data(s, one))), concat(...pieces));
    await s.delivered();
  }
}

export const countFaults: readonly Fault[] = [
  {
    id: 'channel-too-many-records',
    title: `record ${inWords(channelLimits.recordsAtFailure)} under one key and a record behind it, when all before it were right`,
    requirements: ['PQ-C-32', 'PQ-C-40'],
    long: true,
    script: async (s) => {
      await opening(s);
      await fillKey(s);
      await s.fault(concat(data(s), data(s)));
    },
  },
];
