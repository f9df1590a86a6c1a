// Peers that authenticate again because a policy wants it, also while they ask for nothing.
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { keepAuthenticated } from '../../../src/mcp/governing/policy.ts';
import type { Policy } from '../../../src/mcp/policy/policy.ts';
import { nurse } from '../gate/parts.ts';

beforeEach(() => void vi.useFakeTimers({ now: nurse.authenticated }));
afterEach(() => void vi.useRealTimers());

it('are asked again when that could not be begun, until the connection is over', async () => {
  const policy = { reauthenticationFor: () => ({ every: 60_000 }) } as unknown as Policy;
  let [asked, authenticated] = [0, nurse.authenticated];
  const leave = keepAuthenticated(() => policy, {
    principal: () => ({ ...nurse, authenticated }),
    authenticateAgain: async () => {
      asked += 1;
      if (asked === 1) throw new Error('no file can be read');
      authenticated = new Date();
    },
  });
  await vi.advanceTimersByTimeAsync(60_000);
  expect(asked).toBe(1);
  await vi.advanceTimersByTimeAsync(10_000);
  expect(asked).toBe(2);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(asked).toBe(3);
  leave();
  await vi.advanceTimersByTimeAsync(600_000);
  expect(asked).toBe(3);
});
