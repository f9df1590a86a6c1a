// Connects again and again, each time with a channel, with options that can be replaced meanwhile.
import { checkOptions } from '../../handshake/options.ts';
import { chooseSuite } from '../suite.ts';
import { generations } from './generations.ts';
import type { ChannelSettings } from './securedOptions.ts';
import { type ConnectOptions, connect, type Listener, type Renewable, type SecuredResult } from './tcp.ts';

/** What a listener is for responders. */
export interface Dialer extends Pick<Listener, 'update'> {
  readonly dial: () => Promise<SecuredResult>;
}

export type DialerOptions = ConnectOptions & { readonly channel: true | ChannelSettings };

/** @throws ConfigurationError when the options cannot work */
export function dialer(options: DialerOptions): Dialer {
  const suite = options.suite ?? chooseSuite();
  const { onWarning } = options;
  const check = (now: Renewable): void => checkOptions(suite, { ...now, time: now.time?.() ?? new Date(), onWarning });
  const current = generations<Renewable>(options);
  const open = new Set<Extract<SecuredResult, { readonly ok: true }>>();
  check(options);
  return {
    dial: async () => {
      const { value, leave } = current.enter();
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
