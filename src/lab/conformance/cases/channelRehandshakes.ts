// Channels with handshakes inside that a peer must carry: spec/channel.md, section 3.

import { channelSizes } from '../../../generated/channel.ts';
import { concat } from '../../../octets.ts';
import { type Edit, typeOf } from '../channel/forger.ts';
import type { Stage } from '../channel/script.ts';
import { every } from '../octetEdits.ts';
import { both, exchange, type Honest, inOrder, ours, theirs, third } from './channelHonest.ts';

const { mostContent } = channelSizes;

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

export const rehandshakeCases: readonly Honest[] = [
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
