// A renewed certificate: all channels authenticate again, so many at a time, and none is left with the former one.
import { once } from 'node:events';
import { afterEach, describe, expect, it } from 'vitest';
import { limits } from '../../../src/limits.ts';
import { dialer } from '../../../src/node/transport/dialer.ts';
import type { SecuredStream } from '../../../src/node/transport/secured.ts';
import { listen } from '../../../src/node/transport/tcp.ts';
import { credentialsFor } from '../../handshake/peers.ts';
import { eventually, settled, withStoppedTimers } from '../../waiting.ts';
import { channelBetween, closeAll, suite, who } from './channels.ts';

afterEach(closeAll);

const renewed = (name: string) => ({ credentials: { ...credentialsFor(suite, name) } });

/** Counts the inner handshakes that are under way of channels, as their side asks for them. */
function counting() {
  const counts = { begun: 0, underWay: 0, most: 0 };
  const watch = (channel: SecuredStream): void => {
    const { rehandshake } = channel;
    Object.assign(channel, {
      rehandshake: () => {
        counts.begun += 1;
        counts.underWay += 1;
        counts.most = Math.max(counts.most, counts.underWay);
        return rehandshake().finally(() => {
          counts.underWay -= 1;
        });
      },
    });
  };
  return { counts, watch };
}

describe('of a side with many channels', () => {
  it.each(['listener', 'dialer'] as const)(
    'all have their peers authenticate again, a bounded number at a time: a %s',
    { timeout: 60_000 },
    async (side) => {
      const number = 3 * limits.renewals;
      const accepted: SecuredStream[] = [];
      const listener = await listen({
        ...{ ...who('bob'), host: '127.0.0.1', port: 0, channel: true, handshakesPerAddress: number },
        onHandshake: ({ channel }) => {
          if (channel !== undefined) accepted.push(channel.on('error', () => {}) as SecuredStream);
        },
      });
      const { dial, update } = dialer({ ...who('alice'), ...listener.address, channel: true });
      const results = await Promise.all(Array.from({ length: number }, dial));
      const dialled = results.map((result) => {
        if (!result.ok) throw new Error(result.failure.message);
        return result.channel.on('error', () => {}) as SecuredStream;
      });
      await eventually(() => expect(accepted).toHaveLength(number));
      const { counts, watch } = counting();
      for (const channel of side === 'listener' ? accepted : dialled) watch(channel);
      const all = [...accepted, ...dialled];
      // Without a clock: on a machine that is busy enough, a turn ends by its limit.
      await withStoppedTimers(async () => {
        const done = all.map((channel) => once(channel, 'rehandshaken'));
        if (side === 'listener') listener.update(renewed('bob'));
        else update(renewed('alice'));
        expect(counts.begun).toBe(limits.renewals); // at once; nothing else waits for more than these
        await Promise.all(done);
        await settled();
      });
      expect([counts.begun, counts.most, counts.underWay]).toEqual([number, limits.renewals, 0]);
      expect(all.filter(({ errored }) => errored !== null)).toEqual([]);
      for (const channel of all) channel.destroy();
      await listener.close();
    },
  );

  it('those whose peers do not answer do not hold up the others', { timeout: 60_000 }, async () => {
    const stuck = await Promise.all(
      Array.from({ length: limits.renewals }, () =>
        channelBetween({ change: (octets, to) => (to === 'initiator' ? undefined : octets) }),
      ),
    );
    const { initiator, listener } = await channelBetween();
    for (const one of stuck) one.listener.update(renewed('bob'));
    const again = once(initiator, 'rehandshaken');
    listener.update(renewed('bob'));
    expect((await again)[0]).toMatchObject({ epoch: 1 });
    expect(stuck.map(({ responder }) => responder.errored)).toEqual(stuck.map(() => null)); // their own limit is longer
  });
});

describe('during a handshake that began with the former certificate', () => {
  /** A listener that renews its certificate while it judges a peer, once, and in which handshake: the first is the one outside. */
  function renewingAt(handshake: number) {
    let [judged, renew] = [0, (): void => {}];
    const expectedPeer = (): boolean => {
      judged += 1;
      if (judged === handshake) renew();
      return true;
    };
    return {
      expectedPeer,
      when: (act: () => void): void => {
        renew = act;
      },
    };
  }

  it('inside, another one follows', async () => {
    const { expectedPeer, when } = renewingAt(2);
    const { initiator, responder, listener } = await channelBetween({ responder: { listen: { expectedPeer } } });
    when(() => listener.update(renewed('bob')));
    await initiator.rehandshake();
    await eventually(() => expect([initiator.peer.epoch, responder.peer.epoch]).toEqual([2, 2]));
  });

  it('outside, one follows as soon as the channel is open', async () => {
    const { expectedPeer, when } = renewingAt(1);
    let channel: SecuredStream | undefined;
    const listener = await listen({
      ...{ ...who('bob'), host: '127.0.0.1', port: 0, channel: true, expectedPeer },
      onHandshake: (result) => {
        channel = result.channel?.on('error', () => {}) as SecuredStream;
      },
    });
    when(() => listener.update(renewed('bob')));
    const { dial } = dialer({ ...who('alice'), ...listener.address, channel: true });
    const result = await dial();
    if (!result.ok) throw new Error(result.failure.message);
    await eventually(() => expect(result.channel.peer.epoch).toBe(1));
    expect(channel?.peer.epoch).toBe(1);
    result.channel.destroy();
    await listener.close();
  });
});
