// Tasks that take turns: so many at a time, in their order, and none that keeps the others waiting for ever.
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Task, turns } from '../../../src/node/transport/turns.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** Tasks that note when they begin, and end when they are told. */
function tasksOf(names: string) {
  const begun: string[] = [];
  const ends = new Map<string, { well: () => void; badly: () => void }>();
  const tasks = new Map<string, Task>(
    [...names].map((name) => [
      name,
      () => {
        begun.push(name);
        return new Promise<void>((resolve, reject) => {
          ends.set(name, { well: resolve, badly: () => reject(new Error(name)) });
        });
      },
    ]),
  );
  const task = (name: string): Task => tasks.get(name) ?? (() => undefined);
  return { begun, task, all: [...tasks.values()], end: (name: string) => ends.get(name) };
}

describe('turns', () => {
  it('are taken in order, and no more at a time than there are', async () => {
    const { ask } = turns(2, 1_000);
    const { begun, all, end } = tasksOf('abcde');
    for (const one of all) ask(one);
    expect(begun.join('')).toBe('ab');
    end('b')?.well();
    await vi.advanceTimersByTimeAsync(0);
    expect(begun.join('')).toBe('abc');
    end('a')?.badly();
    end('c')?.well();
    await vi.advanceTimersByTimeAsync(0);
    expect(begun.join('')).toBe('abcde');
  });

  it('end when their time is over; what ends later frees no second one', async () => {
    const { ask } = turns(1, 1_000);
    const { begun, all, end } = tasksOf('abc');
    for (const one of all) ask(one);
    await vi.advanceTimersByTimeAsync(999);
    expect(begun.join('')).toBe('a');
    await vi.advanceTimersByTimeAsync(1);
    expect(begun.join('')).toBe('ab');
    end('a')?.well();
    await vi.advanceTimersByTimeAsync(1);
    expect(begun.join('')).toBe('ab');
    await vi.advanceTimersByTimeAsync(999);
    expect(begun.join('')).toBe('abc');
  });

  it('are not taken by what has nothing to do, nor by what was withdrawn', () => {
    const { ask, withdraw } = turns(1, 1_000);
    const { begun, task } = tasksOf('ab');
    ask(() => undefined);
    for (const name of ['a', 'b']) ask(task(name));
    withdraw(task('b'));
    expect(begun.join('')).toBe('a');
    expect(vi.getTimerCount()).toBe(1);
    vi.advanceTimersByTime(5_000);
    expect(begun.join('')).toBe('a');
  });

  it('are asked for once by a task that waits', async () => {
    const { ask } = turns(1, 1_000);
    const { begun, task } = tasksOf('abc');
    for (const name of ['a', 'b', 'c', 'b', 'b']) ask(task(name));
    await vi.advanceTimersByTimeAsync(10_000);
    expect(begun.join('')).toBe('abc');
  });
});
