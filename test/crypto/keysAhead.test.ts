// Ephemeral key pairs that are made ahead of time: used once, in the order in which they were made, and wiped at the end.
import { once } from 'node:events';
import { afterEach, describe, expect, it } from 'vitest';
import { keysAhead } from '../../src/crypto/keysAhead.ts';
import type { KemKey, Suite } from '../../src/crypto/suite.ts';
import { limits } from '../../src/limits.ts';
import { chooseSuite } from '../../src/node/suite.ts';
import { dialer } from '../../src/node/transport/dialer.ts';
import { listen } from '../../src/node/transport/tcp.ts';
import { toHex } from '../../src/octets.ts';
import { closeAll, who } from '../node/transport/channels.ts';
import { eventually } from '../waiting.ts';

/** A suite that keeps the keys that it made. */
function counted(suite: Suite): { readonly suite: Suite; readonly made: KemKey[] } {
  const made: KemKey[] = [];
  const generateKemKey: Suite['generateKemKey'] = (seed) => {
    const key = suite.generateKemKey(seed);
    if (seed === undefined) made.push(key);
    return key;
  };
  return { suite: { ...suite, generateKemKey }, made };
}

const isWiped = (key: KemKey, { encapsulate }: Suite): boolean => {
  const { ciphertext } = encapsulate(key.encapsulationKey) ?? { ciphertext: new Uint8Array(0) };
  try {
    key.decapsulate(ciphertext);
    return false;
  } catch (error) {
    return error instanceof TypeError && /wiped/.test(error.message);
  }
};

describe.each(['native', 'noble'] as const)('a stock of keys on %s', (name) => {
  const plain = chooseSuite(name);

  it('makes so many keys, hands each out once and in their order, and then makes them as they are asked for', () => {
    const { suite, made } = counted(plain);
    const keys = keysAhead(suite, 3);
    expect([keys.make(), keys.make(), keys.make(), keys.make()]).toEqual([true, true, false, false]);
    expect(made).toHaveLength(3);
    const taken = Array.from({ length: 5 }, () => keys.suite.generateKemKey());
    expect(taken).toEqual(made);
    expect(new Set(taken.map(({ encapsulationKey }) => toHex(encapsulationKey))).size).toBe(5);
  });

  it('a key from a seed is that of the seed', () => {
    const keys = keysAhead(plain, 1);
    keys.make();
    const seed = new Uint8Array(64).fill(5);
    expect(keys.suite.generateKemKey(seed).encapsulationKey).toEqual(plain.generateKemKey(seed).encapsulationKey);
  });

  it('at its end, keys that nobody took are wiped, keys that were taken are not, and no more are made', () => {
    const { suite, made } = counted(plain);
    const keys = keysAhead(suite, 2);
    while (keys.make());
    const taken = keys.suite.generateKemKey();
    keys.close();
    expect(made.map((key) => isWiped(key, plain))).toEqual([false, true]);
    expect(taken).toBe(made[0]);
    expect(keys.make()).toBe(false);
    expect(made).toHaveLength(2);
    expect(isWiped(keys.suite.generateKemKey(), plain)).toBe(false);
  });
});

describe('a dialer', () => {
  afterEach(closeAll);

  async function dialling(options: object) {
    const { suite, made } = counted(chooseSuite('native'));
    const listener = await listen({
      ...{ ...who('bob'), host: '127.0.0.1', port: 0, channel: true },
      onHandshake: ({ channel }) => void channel?.on('error', () => {}), // the other end is cut off
    });
    const { dial } = dialer({ ...who('alice'), ...listener.address, ...options, suite, channel: true });
    return { dial, made, suite, listener };
  }

  it('takes its ephemeral keys from its stock, fills it, and wipes it when it is aborted', async () => {
    const control = new AbortController();
    const { dial, made, listener } = await dialling({ signal: control.signal });
    await eventually(() => expect(made).toHaveLength(limits.keysAhead));
    const result = await dial();
    expect(result.ok).toBe(true);
    await eventually(() => expect(made).toHaveLength(limits.keysAhead + 1));
    if (result.ok) {
      const closed = once(result.channel, 'close');
      result.channel.destroy();
      await closed;
    }
    control.abort();
    expect(made.map((key) => isWiped(key, chooseSuite('native')))).toEqual(made.map(() => true));
    await listener.close();
  });

  it('makes none for options that it refuses', async () => {
    const { suite, made } = counted(chooseSuite('native'));
    const { signal } = new AbortController();
    const options = { ...who('alice'), host: '127.0.0.1', port: 1, trustAnchors: [], suite, signal };
    expect(() => dialer({ ...options, channel: true })).toThrow(/no trust anchor/);
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(made).toEqual([]);
  });

  it.each([
    ['without a signal, which would wipe them', {}],
    ['where its coins are hedged', { signal: new AbortController().signal, hedgedCoins: 'all' }],
  ])('makes none ahead %s', async (_, options) => {
    const { dial, made, listener } = await dialling(options);
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(made).toHaveLength(0);
    const result = await dial();
    if (result.ok) result.channel.destroy();
    await listener.close();
  });
});
