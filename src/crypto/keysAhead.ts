// Ephemeral key pairs made ahead of time. Each is drawn as any other, and used once.
import { limits } from '../limits.ts';
import type { KemKey, Suite } from './suite.ts';

/** A stock of key pairs, and the suite that takes its new keys out of it. */
export interface KeysAhead {
  /** The suite that was given; `generateKemKey` without a seed answers a key of the stock while there is one. */
  readonly suite: Suite;
  /** Makes one key pair, unless the stock is full. Returns whether another one has room: to be called in idle time. */
  readonly make: () => boolean;
  /** Wipes the keys that nobody took. From then on the stock stays empty. */
  readonly close: () => void;
}

/**
 * Makes a stock of at most `most` key pairs. A handshake draws its ephemeral key where it has no coins for it: not with hedged coins.
 * Whoever reads the memory of this process meanwhile learns the keys of handshakes to come, as many as are in stock.
 */
export function keysAhead(suite: Suite, most: number = limits.keysAhead): KeysAhead {
  const stock: KemKey[] = [];
  let isOpen = true;

  return {
    suite: {
      ...suite,
      generateKemKey: (seed) => (seed === undefined ? stock.shift() : undefined) ?? suite.generateKemKey(seed),
    },
    make: () => {
      if (isOpen && stock.length < most) stock.push(suite.generateKemKey());
      return isOpen && stock.length < most;
    },
    close: () => {
      isOpen = false;
      for (const key of stock.splice(0)) key.wipe();
    },
  };
}
