import { expect, it } from 'vitest';
import { type Budget, search } from './channelSearch.ts';

const once = { send: 1, ratchet: 1, close: 1, handshake: 1 };

it.each<[string, Budget, number]>([
  ['closes, ratchets, requests and a handshake', { initiator: { ...once, send: 0 }, responder: once }, 4],
  [
    'two inner handshakes, with closes and data',
    {
      initiator: { send: 1, ratchet: 0, close: 1, handshake: 2 },
      responder: { send: 1, ratchet: 0, close: 1, handshake: 1 },
    },
    1_000,
  ],
])(
  'every interleaving of %s: nothing fails, is lost or hangs, and both sides agree on the epoch (PQ-C-23, PQ-C-26 to PQ-C-29)',
  (_, budget, recordsBeforeRatchet) => {
    const found = search(budget, { recordsBeforeRatchet, recordsAtFailure: 1_000 });
    expect(found.wrong.slice(0, 3)).toEqual([]);
    expect(found.worlds).toBeGreaterThan(1_000);
    expect(found.epochs).toBe(budget.initiator.handshake);
    expect(found.abandoned).toBeGreaterThan(10);
  },
);
