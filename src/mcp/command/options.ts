// The options that `serve` and `connect` share.
import type { Option } from 'commander';
import { parsed } from '../../node/terminal/command.ts';
import { peerOptions } from '../../node/terminal/peer/options.ts';
import { parseCount, parseSeconds } from '../../node/terminal/words.ts';
import { defaultLimits } from '../gate/contract.ts';

/** Milliseconds. */
export const defaultGrace = 5_000;

/** As the parser returns them. Times are milliseconds. */
export interface BridgeWords {
  readonly maxMessage?: number;
  readonly grace?: number;
}

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
];
