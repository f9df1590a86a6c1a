// The channels of `connect` and `listen`: over the connection of a handshake, with the options of now for those inside.
import type { Socket } from 'node:net';
import type { Suite } from '../../crypto/suite.ts';
import type { Session } from '../../handshake/session.ts';
import type { Role } from '../../role.ts';
import { type Enter, innerHandshakes, type TimedOptions } from './innerHandshakes.ts';
import { type SecuredStream, secured } from './secured.ts';
import type { ChannelSettings } from './securedOptions.ts';

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
  /** To be called when options were replaced: with other credentials the peers authenticate again, where the policy says so. */
  readonly renewed: (before: TimedOptions, now: TimedOptions) => void;
}

export function channels({ role, suite, settings, enter }: ChannelsParts): Channels {
  const open = new Set<SecuredStream>();
  return {
    open: (result, outer) => {
      const { make, close } = innerHandshakes(role, suite, outer, enter);
      const { reading, time } = outer;
      settings.onSession?.(result.session);
      const channel = secured(result, { ...settings, suite, innerHandshake: make, reading, time });
      open.add(channel);
      channel.once('close', () => {
        open.delete(channel);
        close();
      });
      return channel;
    },
    renewed: (before, now) => {
      if (before.credentials === now.credentials || settings.rehandshakeAfter?.renewal === false) return;
      for (const channel of open) channel.rehandshake().catch(() => {}); // of a failure its stream tells
    },
  };
}
