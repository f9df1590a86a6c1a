// Ends that lose nothing, with time given.
import { EventEmitter, once } from 'node:events';
import { duplexPair } from 'node:stream';
import { describe, expect, it, vi } from 'vitest';
import { endInOrder, onEndSignals } from '../../../src/mcp/resilience/shutdown.ts';

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
