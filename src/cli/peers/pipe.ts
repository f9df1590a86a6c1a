// `--pipe`: standard input goes to the peer over the channel, and what comes from it to standard output.
import { Option } from 'commander';
import { UsageError } from '../../node/terminal/command.ts';
import { note, printResultsTo } from '../../node/terminal/output.ts';
import { type ChannelWords, channelOptions, channelSettingsOf } from '../../node/terminal/peer/options.ts';
import type { SecuredStream } from '../../node/transport/secured.ts';
import type { ChannelSettings } from '../../node/transport/securedOptions.ts';
import { reportChannel, reportInner } from './report.ts';

/** The options of both commands that carry data, as the parser returns them. */
export interface PipeWords extends ChannelWords {
  readonly pipe?: boolean;
}

export const pipeOptions: readonly Option[] = [
  new Option('--pipe', 'carry standard input to the peer, and its data to standard output, over a channel'),
  ...channelOptions,
];

/**
 * The settings of the channel that is piped through; undefined without `--pipe`. From then on standard output holds the
 * data of the peer only. @throws UsageError for settings of a channel that there is not
 */
export function pipeSettingsOf({ pipe = false, ...words }: PipeWords): ChannelSettings | undefined {
  if (!pipe) {
    const settings: Readonly<Record<keyof ChannelWords, string>> = {
      padding: '--padding',
      rehandshakeAfter: '--rehandshake-after',
      rehandshakeAfterOctets: '--rehandshake-after-octets',
      rehandshakeTimeout: '--rehandshake-timeout',
    };
    for (const [name, option] of Object.entries(settings))
      if (words[name as keyof ChannelWords] !== undefined) throw new UsageError(`${option} needs --pipe`);
    return undefined;
  }
  printResultsTo('stderr');
  return channelSettingsOf(words);
}

/** Reports every inner handshake of a channel, and how it ended. @returns whether both directions were closed in order */
export function reported(channel: SecuredStream, json: boolean): Promise<boolean> {
  channel.on('rehandshaken', () => reportInner(channel, json)).on('error', () => {}); // told when it has closed
  return new Promise((resolve) => {
    channel.once('close', () => {
      reportChannel(channel, json);
      resolve(channel.errored === null && channel.readableEnded && channel.writableFinished);
    });
  });
}

/** Pipes standard input and output through a channel, until that has ended or the signal comes. @returns the exit status */
export async function pipeUntil(signal: AbortSignal, channel: SecuredStream, json: boolean): Promise<number> {
  const { stdin, stdout } = process;
  const onAbort = (): void => void channel.destroy();
  if (signal.aborted) onAbort();
  signal.addEventListener('abort', onAbort);
  const ended = reported(channel, json);
  const onLost = ({ message }: Error): void => {
    note(`pquake: standard input cannot be read: ${message}`);
    channel.destroy();
  };
  stdin.on('error', onLost).pipe(channel);
  channel.pipe(stdout, { end: false });
  const inOrder = await ended;
  stdin.off('error', onLost).on('error', () => {});
  stdin.unpipe(channel).destroy();
  return inOrder ? 0 : 1;
}
