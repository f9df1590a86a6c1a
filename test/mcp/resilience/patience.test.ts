// Peers that say nothing, do not read, or are gone: with time given, and over a channel.
import { EventEmitter, once } from 'node:events';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { ConfigurationError } from '../../../src/configuration.ts';
import { type Patience, watchPeer } from '../../../src/mcp/resilience/patience.ts';
import { channelBetween, closeAll } from '../../node/transport/channels.ts';

afterEach(closeAll);

function watched(patience: Patience) {
  const timers = new Map<() => void, number>();
  const facts = { bytesRead: 0, bytesWritten: 0, destroyed: false };
  const destroy = vi.fn((_error: Error) => {
    facts.destroyed = true;
  });
  const channel = Object.assign(new EventEmitter(), facts, { destroy });
  const socket = { writableLength: 0, setKeepAlive: vi.fn() };
  const every = (milliseconds: number, call: () => void) => {
    timers.set(call, milliseconds);
    return () => void timers.delete(call);
  };
  watchPeer({ channel: channel as never, socket, every }, patience);
  const pass = (times: number): void => {
    for (let i = 0; i < times; i += 1) for (const call of [...timers.keys()]) call();
  };
  return { channel, socket, timers, pass, destroy };
}

describe('a peer', () => {
  it('that says nothing is cut after the limit, and one that says something before is not', () => {
    const { channel, timers, pass, destroy } = watched({ idle: 1_000 });
    expect([...timers.values()]).toEqual([250]);
    pass(3);
    channel.bytesRead += 1;
    pass(4);
    expect(destroy).not.toHaveBeenCalled();
    pass(1);
    expect(destroy.mock.calls[0]?.[0]).toMatchObject({ name: 'PeerError', code: 'peer-idle' });
  });

  it('that does not read is cut; one that reads slowly, or has nothing to read, is not', () => {
    const { channel, socket, pass, destroy } = watched({ stalled: 1_000 });
    pass(10);
    socket.writableLength = 100;
    pass(4);
    channel.bytesWritten += 1;
    pass(4);
    expect(destroy).not.toHaveBeenCalled();
    pass(1);
    expect(destroy.mock.calls[0]?.[0]).toMatchObject({ code: 'peer-stalled' });
  });

  it('is asked for by the system where that is wanted; nothing is watched after the end', () => {
    const { channel, socket, timers } = watched({ idle: 1_000, stalled: 1_000, keepAlive: 60_000 });
    expect(socket.setKeepAlive).toHaveBeenCalledWith(true, 60_000);
    channel.emit('close');
    expect(timers.size).toBe(0);
  });

  it.each([{ idle: 0 }, { stalled: Number.NaN }, { keepAlive: 2 ** 31 }])('has no limit like %o', (patience) => {
    expect(() => watched(patience)).toThrow(ConfigurationError);
  });

  it('that stops reading its channel is cut, with a code, while the writer holds no more than its buffers', async () => {
    const { initiator, responder, result } = await channelBetween();
    responder.pause();
    const error = once(initiator, 'error');
    watchPeer({ channel: initiator, socket: result.stream }, { stalled: 200 });
    const chunk = Buffer.alloc(65_536);
    const fill = (): void => {
      while (!initiator.destroyed && initiator.write(chunk));
      if (!initiator.destroyed) initiator.once('drain', fill);
    };
    fill();
    expect((await error)[0]).toMatchObject({ code: 'peer-stalled' });
  });
});
