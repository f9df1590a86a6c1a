// One channel on octets: the records after a handshake, in both directions, and the handshakes inside. It has no sockets and no clock.
import { noble } from '../crypto/noble.ts';
import { wipe } from '../crypto/secret.ts';
import type { Channel, ChannelEvent, ChannelProgress, ChannelStanding } from './contract.ts';
import { driveChannel } from './drive.ts';
import { type ChannelOptions, chosenLimits } from './options.ts';
import { checkPadding } from './padding.ts';

export type { Channel, ChannelEvent, ChannelProgress, ChannelStanding };

/** Opens the channel of a completed handshake. Nothing is sent until something is. @throws ConfigurationError for impossible limits or padding */
export function openChannel(options: ChannelOptions): Channel {
  const { session, suite = noble } = options;
  const padding = checkPadding(options.padding ?? 'none');
  const limits = chosenLimits(options.limits);
  const root = session.sessionKey.reveal();
  session.wipe();
  try {
    return driveChannel({ root, role: session.role, peer: session.peer, suite, padding, limits, options });
  } finally {
    wipe(root);
  }
}
