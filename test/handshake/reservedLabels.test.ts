// PQ-P-35, PQ-C-01 to PQ-C-03: no application exports under a label from which the channel has its keys.
import { describe, expect, it } from 'vitest';
import { rootKey, sessionFor, sideOf, text } from '../../properties/channelSides.ts';
import { openChannel } from '../../src/channel/channel.ts';
import { noble } from '../../src/crypto/noble.ts';
import { channelLabels } from '../../src/generated/channel.ts';
import type { Role } from '../../src/role.ts';

/** The labels under which a channel exports from its root, as the back end is asked for them. */
function labelsOfChannel(role: Role): string[] {
  const labels: string[] = [];
  const root = rootKey();
  const suite: typeof noble = {
    ...noble,
    expand: (prk, info, length) => {
      const [label = ''] = Buffer.from(info).toString('latin1').split('\0');
      if (Buffer.from(prk).equals(root)) labels.push(label);
      return noble.expand(prk, info, length);
    },
  };
  openChannel({ session: sessionFor(role, root), suite });
  return labels;
}

describe('labels that are kept for the channel', () => {
  it('are all those under which it exports from its root', () => {
    for (const role of ['initiator', 'responder'] as const) {
      const labels = labelsOfChannel(role);
      expect(labels).toHaveLength(4);
      for (const label of labels) expect(() => sessionFor(role).export(label, text(''), 48)).toThrow(RangeError);
    }
  });

  it.each(['', 'i2r', 'anything'])('and every other one that begins as they do, with %j behind it', (rest) => {
    const label = `${channelLabels}${rest}`;
    const { channel } = sideOf('initiator');
    for (const { export: one, exportPair: pair } of [sessionFor('initiator'), channel])
      for (const context of [text(''), text('context')]) {
        expect(() => one(label, context, 1)).toThrow(/kept for the keys of the channel/);
        expect(() => pair(label, context, 32)).toThrow(RangeError);
      }
  });

  it.each(['pquake channel v1', ' pquake channel v1 i2r', 'pquake channel v10', 'Pquake channel v1 i2r'])(
    '%j is none of them',
    (label) => {
      expect(sessionFor('initiator').export(label, text(''), 32)).toHaveLength(32);
    },
  );
});
