// A clock for peers and a runner that share one process: it goes on only when none of them has anything left to do. A
// deadline therefore passes for a peer that fails to act, never for one that a busy machine holds up.
import { vi } from 'vitest';

let users = 0;
let going = false;

/** Until no callback waits for its turn. Streams within one process need no others. */
async function idle(): Promise<void> {
  for (let rounds = 0; rounds < 3; rounds += 1) {
    await new Promise<void>((resolve) => setImmediate(resolve));
    if (process.getActiveResourcesInfo().includes('Immediate')) rounds = -1;
  }
}

async function goOn(): Promise<void> {
  if (going) return;
  going = true;
  while (users > 0) {
    await idle();
    if (users > 0) vi.advanceTimersToNextTimer();
  }
  going = false;
}

/** Runs something whose timers are virtual; several may run at a time, on the same clock. */
export async function inVirtualTime<T>(work: () => Promise<T>): Promise<T> {
  users += 1;
  if (!vi.isFakeTimers()) vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  void goOn();
  try {
    return await work();
  } finally {
    users -= 1;
    if (users === 0) vi.useRealTimers();
  }
}
