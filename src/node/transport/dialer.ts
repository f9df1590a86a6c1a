// Connects again and again, each time with a channel, with options that can be replaced meanwhile.
import { keysAhead } from '../../crypto/keysAhead.ts';
import type { Suite } from '../../crypto/suite.ts';
import { isHedged } from '../../handshake/hedging.ts';
import { checkOptions, chosenHedging } from '../../handshake/options.ts';
import { chooseSuite } from '../suite.ts';
import { generations } from './generations.ts';
import type { ChannelSettings } from './securedOptions.ts';
import { type ConnectOptions, connect, type Listener, type Renewable, type SecuredResult } from './tcp.ts';

/** What a listener is for responders. */
export interface Dialer extends Pick<Listener, 'update'> {
  readonly dial: () => Promise<SecuredResult>;
}

export type DialerOptions = ConnectOptions & { readonly channel: true | ChannelSettings };

/** Milliseconds after a connection began until the stock of keys is filled again: the handshake goes first. */
const idle = 20;

/**
 * The suite with ephemeral keys that are made while nothing else is to be done; without a signal that wipes them in the end, or where
 * coins are hedged, the suite as it is.
 */
function withKeysAhead(suite: Suite, options: DialerOptions): { readonly suite: Suite; readonly refill: () => void } {
  const { signal } = options;
  if (signal === undefined || isHedged(chosenHedging(options), suite)) return { suite, refill: () => {} };
  const keys = keysAhead(suite);
  let timer: NodeJS.Timeout | undefined;
  const refill = (): void => {
    if (signal.aborted) return;
    timer ??= setTimeout(() => {
      timer = undefined;
      if (keys.make()) refill();
    }, idle).unref();
  };
  const close = (): void => {
    clearTimeout(timer);
    keys.close();
  };
  if (signal.aborted) close();
  signal.addEventListener('abort', close, { once: true });
  refill();
  return { suite: keys.suite, refill };
}

/** @throws ConfigurationError when the options cannot work */
export function dialer(options: DialerOptions): Dialer {
  const plain = options.suite ?? chooseSuite();
  const { onWarning } = options;
  const check = (now: Renewable): void => checkOptions(plain, { ...now, time: now.time?.() ?? new Date(), onWarning });
  const current = generations<Renewable>(options);
  const open = new Set<Extract<SecuredResult, { readonly ok: true }>>();
  check(options);
  const { suite, refill } = withKeysAhead(plain, options); // once the options are sound: nobody would end its timer else
  return {
    dial: async () => {
      const { value, leave } = current.enter();
      refill();
      try {
        // Warnings about the options were given when the options came.
        const result = await connect({ ...options, ...value, suite, onWarning: () => {} });
        if (!result.ok) return result;
        open.add(result);
        result.channel.once('close', () => open.delete(result));
        if (current.value() !== value) result.update(current.value());
        return result;
      } finally {
        leave();
      }
    },
    update: (changes) => {
      const next = { ...current.value(), ...changes };
      check(next);
      const retired = [current.replace(next), ...[...open].map(({ update }) => update(changes).retired)];
      return { retired: Promise.all(retired).then(() => {}) };
    },
  };
}
