// The options that `serve` and `connect` share.
import type { Option } from 'commander';
import { parsed } from '../../node/terminal/command.ts';
import { peerOptions } from '../../node/terminal/peer/options.ts';
import { parseCount, parseSeconds } from '../../node/terminal/words.ts';
import { defaultLimits } from '../gate/contract.ts';
import type { Patience } from '../resilience/patience.ts';

/** Milliseconds. */
export const defaultGrace = 5_000;

/** As the parser returns them. Times are milliseconds. */
export interface BridgeWords {
  readonly maxMessage?: number;
  readonly grace?: number;
  readonly idleTimeout?: number;
  readonly stallTimeout?: number;
  readonly keepAlive?: number;
}

/** Milliseconds. Who is idle is not cut unless it is asked for: a session of a host may rest for hours, and its server holds what belongs to it. */
const defaultPatience = { stalled: 60_000, keepAlive: 30_000 } as const;

/** How long a peer may be silent, or not read. */
export const patienceOf = ({ idleTimeout, stallTimeout, keepAlive }: BridgeWords): Patience => ({
  idle: idleTimeout,
  stalled: stallTimeout ?? defaultPatience.stalled,
  keepAlive: keepAlive ?? defaultPatience.keepAlive,
});

/** Standard output is that of the protocol, or of nobody: nothing of a handshake goes there. */
const aboutHandshakes = ['--json', '--session-digest'];

/** The options of peers, but for those that print results. */
export const mcpPeerOptions: readonly Option[] = peerOptions.filter(
  ({ long }) => !aboutHandshakes.includes(long ?? ''),
);

export const bridgeOptions: readonly Option[] = [
  parsed('--max-message <octets>', `of a message (default: ${defaultLimits.messageOctets})`, parseCount),
  parsed(
    '--grace <seconds>',
    `for one side to end in order after the other has (default: ${defaultGrace / 1_000})`,
    parseSeconds,
  ),
  parsed('--idle-timeout <seconds>', 'cut a peer when nothing crosses for so long (default: never)', parseSeconds),
  parsed(
    '--stall-timeout <seconds>',
    `cut a peer that takes nothing of what waits for it (default: ${defaultPatience.stalled / 1_000})`,
    parseSeconds,
  ),
  parsed(
    '--keep-alive <seconds>',
    `without an octet, until the system asks whether the peer is there (default: ${defaultPatience.keepAlive / 1_000})`,
    parseSeconds,
  ),
];
