// The channels of `connect` and `listen`: over the connection of a handshake, with the options of now for those inside.
import type { Socket } from 'node:net';
import type { Suite } from '../../crypto/suite.ts';
import type { Session } from '../../handshake/session.ts';
import { limits } from '../../limits.ts';
import type { Role } from '../../role.ts';
import { type Enter, innerHandshakes, type TimedOptions } from './innerHandshakes.ts';
import { type SecuredStream, secured } from './secured.ts';
import type { ChannelSettings } from './securedOptions.ts';
import { type Task, turns } from './turns.ts';

/** What the channels of one side have in common. */
export interface ChannelsParts {
  readonly role: Role;
  readonly suite: Suite;
  readonly settings: ChannelSettings;
  /** The options that an inner handshake takes. */
  readonly enter: Enter;
}

export interface Channels {
  /** Opens the channel of a completed handshake that had these options. */
  readonly open: (result: { readonly session: Session; readonly stream: Socket }, outer: TimedOptions) => SecuredStream;
  /**
   * To be called when options were replaced: with other credentials the peers authenticate again, where the policy says so. The channels of
   * the process take turns.
   */
  readonly renewed: (before: TimedOptions, now: TimedOptions) => void;
}

/** Of all channels of the process, as one thread computes for all of them. */
const renewals = turns(limits.renewals, limits.renewalTurn);

export function channels({ role, suite, settings, enter }: ChannelsParts): Channels {
  const open = new Set<Task>();
  let current: TimedOptions['credentials'] | undefined; // none before the first renewal
  return {
    open: (result, outer) => {
      const { make, credentials, close } = innerHandshakes(role, suite, outer, enter);
      const { reading, time } = outer;
      settings.onSession?.(result.session);
      const channel = secured(result, { ...settings, suite, innerHandshake: make, reading, time });
      let proven = outer.credentials;
      channel.on('rehandshaken', () => {
        proven = credentials();
      });
      /** Again, when the handshake that was joined had begun before the last renewal. */
      const renew: Task = () => {
        if (channel.destroyed || proven === current) return undefined;
        return channel.rehandshake().then(() => {
          if (proven !== current) renewals.ask(renew);
        });
      };
      open.add(renew);
      channel.once('close', () => {
        open.delete(renew);
        renewals.withdraw(renew);
        close();
      });
      if (current !== undefined) renewals.ask(renew);
      return channel;
    },
    renewed: (before, now) => {
      if (before.credentials === now.credentials || settings.rehandshakeAfter?.renewal === false) return;
      current = now.credentials;
      for (const renew of open) renewals.ask(renew); // of a failure its stream tells
    },
  };
}
