// An end that loses nothing, with time given.
import { EventEmitter, once } from 'node:events';
import { duplexPair } from 'node:stream';
import { describe, expect, it, vi } from 'vitest';
import { endInOrder, onEndSignals, shutdown, shuttingDown } from '../../../src/mcp/resilience/shutdown.ts';

function timers() {
  const planned: { milliseconds: number; call: () => void; taken: boolean }[] = [];
  const after = (milliseconds: number, call: () => void) => {
    const one = { milliseconds, call, taken: false };
    planned.push(one);
    return () => {
      one.taken = true;
    };
  };
  return { planned, after };
}

describe('a shutdown', () => {
  it('closes what is at rest, finishes what runs, refuses what is new, and says that nothing was abandoned', async () => {
    const { planned, after } = timers();
    const ending = shutdown(after);
    const closed: string[] = [];
    const [idle, busy] = ['idle', 'busy'].map((name) =>
      ending.join(async () => {
        closed.push(name);
      }),
    );
    expect(busy?.begins(1)).toBe(true);
    expect(busy?.begins('1')).toBe(true); // another id
    const drained = ending.drain(5_000);
    expect(closed).toEqual(['idle']);
    expect([idle?.begins(2), busy?.begins(3)]).toEqual([false, false]);
    expect(JSON.parse(String(shuttingDown(3)))).toEqual({
      ...{ jsonrpc: '2.0', id: 3 },
      error: { code: -32_000, message: 'shutting down' },
    });
    busy?.ends(1);
    busy?.ends(3); // did not begin
    expect(closed).toEqual(['idle']);
    busy?.ends('1');
    expect(closed).toEqual(['idle', 'busy']);
    expect(await drained).toEqual({ abandoned: 0 });
    expect(planned).toMatchObject([{ milliseconds: 5_000, taken: true }]);
  });

  it('closes everything at its limit, and counts what was under way', async () => {
    const { planned, after } = timers();
    const ending = shutdown(after);
    const close = vi.fn(() => Promise.reject(new Error('lost')));
    const work = ending.join(close);
    work.begins(1);
    work.begins(2);
    const drained = ending.drain(100);
    expect(close).not.toHaveBeenCalled();
    planned[0]?.call();
    expect(await drained).toEqual({ abandoned: 2 });
    expect(close).toHaveBeenCalledOnce();
  });

  it('does not wait for connections that closed by themselves, and closes those that still come', async () => {
    const ending = shutdown(timers().after);
    const work = ending.join(() => new Promise(() => {}));
    work.begins(1);
    const drained = ending.drain(100);
    const late = vi.fn(() => Promise.resolve());
    ending.join(late);
    expect(late).toHaveBeenCalledOnce();
    work.leave();
    expect(await drained).toEqual({ abandoned: 0 });
    expect(await ending.drain(100)).toEqual({ abandoned: 0 });
  });
});

describe('an end in order', () => {
  it('waits for the other end, and cuts one that does not come', async () => {
    const { planned, after } = timers();
    const [mine, theirs] = duplexPair();
    const ended = endInOrder(mine, 100, after);
    await once(theirs.resume(), 'end');
    theirs.end();
    await ended;
    expect(planned).toMatchObject([{ taken: true }]);
    const [silent] = duplexPair();
    const cut = endInOrder(silent, 100, after);
    planned[1]?.call();
    await cut;
    expect(silent.destroyed).toBe(true);
  });
});

describe('signals', () => {
  it('end at the first; a later one hurries, unless both came together', () => {
    const source = new EventEmitter();
    const [first, again] = [vi.fn(), vi.fn()];
    let now = 0;
    const takeBack = onEndSignals(source as unknown as NodeJS.Process, first, again, () => now);
    source.emit('SIGINT', 'SIGINT');
    now = 100;
    source.emit('SIGTERM', 'SIGTERM');
    expect([first.mock.calls, again.mock.calls]).toEqual([[['SIGINT']], []]);
    now = 1_000;
    source.emit('SIGINT', 'SIGINT');
    expect(again).toHaveBeenCalledOnce();
    takeBack();
    expect(source.listenerCount('SIGINT') + source.listenerCount('SIGTERM')).toBe(0);
  });
});
