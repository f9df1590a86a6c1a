import { Option } from 'commander';
import { materialFactsOf, wipeMaterial } from '../../node/files/material.ts';
import { type CommandDefinition, parsed, required, UsageError } from '../../node/terminal/command.ts';
import { goOnWithoutOutput, note } from '../../node/terminal/output.ts';
import { checkExpected, noteExpected } from '../../node/terminal/peer/expected.ts';
import { keepListenerFresh } from '../../node/terminal/peer/fresh.ts';
import { type IntakeWords, intakeOptions, type PeerOptions, peerOptions } from '../../node/terminal/peer/options.ts';
import { firstMaterial, intakeOf, settingsOf } from '../../node/terminal/peer/settings.ts';
import { parseAddress, parseCount } from '../../node/terminal/words.ts';
import { addressText } from '../../node/transport/network.ts';
import type { Fresh } from '../../node/transport/reload.ts';
import type { ChannelSettings } from '../../node/transport/securedOptions.ts';
import { type Address, type Listener, type ListenOptions, listen, type TcpResult } from '../../node/transport/tcp.ts';
import { hangUp, tellingOf } from './peer.ts';
import { type PipeWords, pipeOptions, pipeSettingsOf, pipeUntil } from './pipe.ts';
import { reportCutShort, reportEnded } from './report.ts';

interface ServeOptions extends PeerOptions, IntakeWords, PipeWords {
  readonly listen: Address;
  readonly once?: boolean;
  readonly workers?: number;
}

/**
 * Whether the peer closed before it sent an octet, as a check for an open port does. `--once` does not count it as a
 * handshake.
 */
const isProbe = (result: TcpResult): boolean =>
  !result.ok && result.received === 0 && result.failure.code === 'connection-closed';

/** Pipes through one channel only. @throws UsageError */
function channelOf(options: ServeOptions): ChannelSettings | undefined {
  if (options.pipe && options.once !== true)
    throw new UsageError('--pipe needs --once: standard input and output are for one peer');
  return pipeSettingsOf(options);
}

const endingSignals = ['SIGINT', 'SIGTERM'] as const;

/** The life of a server: a signal ends it or, with `once`, its first handshake. */
interface Life {
  readonly onHandshake: (result: TcpResult) => void;
  readonly onError: NonNullable<ListenOptions['onError']>;
  readonly onSignal: (signal: NodeJS.Signals) => void;
  /** Fulfilled with the exit status. */
  readonly ended: Promise<number>;
  /** Called when no handshake is under way any more. */
  readonly over: () => void;
}

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : 'unknown');

function lifeOf(options: ServeOptions, piping: () => void): Life {
  const { once = false, json = false } = options;
  let stop: (status: number) => void = () => {};
  const stopped = new Promise<number>((resolve) => {
    stop = resolve;
  });
  let signalled: NodeJS.Signals | undefined;
  const control = new AbortController(); // ends a channel that is piped through
  let isOver = false; // with `once`, one handshake was reported
  const isTold = (ok: boolean): void => {
    isOver = once;
    if (once) stop(ok ? 0 : 1);
  };
  return {
    ended: stopped,
    onHandshake: (result) => {
      if (result.ok && result.channel !== undefined && !isOver) {
        reportEnded(result, signalled, tellingOf(result, options));
        isOver = true;
        piping();
        return void pipeUntil(control.signal, result.channel, json).then(stop);
      }
      const telling = hangUp(result, options);
      if (isOver) return;
      if (once && isProbe(result)) {
        if (signalled === undefined) note('a connection closed without an octet; still waiting');
        return;
      }
      reportEnded(result, signalled, telling);
      isTold(result.ok);
    },
    onError: (error, _remote, connection) => {
      note(`a connection failed within: ${reasonOf(error)}`);
      if (connection === undefined || isOver) return;
      reportCutShort({ code: 'internal', message: reasonOf(error), connection }, json);
      isTold(false);
    },
    onSignal: (signal) => {
      signalled = signal;
      control.abort();
      stop(once ? 1 : 0);
    },
    over: () => {
      if (once && !isOver) reportEnded(undefined, signalled, { json });
    },
  };
}

/** Runs handshakes as the responder until a signal, or `--once`, ends it. */
async function runServe(options: ServeOptions): Promise<number> {
  checkExpected(options);
  const channel = channelOf(options);
  const { onHandshake, onError, onSignal, ended, over } = lifeOf(options, () => listener.close());
  const seen = materialFactsOf(options);
  const { material, access } = await firstMaterial(options);
  let fresh: Fresh | undefined;
  const beforeHandshake = (): void => fresh?.look();
  const own = {
    ...settingsOf(options, channel),
    ...intakeOf(options),
    ...options.listen,
    workers: options.workers,
    onHandshake,
    onError,
    beforeHandshake,
  };
  const listener: Listener = await listen({ ...own, ...material }).catch((error: unknown) => {
    wipeMaterial(material);
    throw error;
  });
  for (const signal of endingSignals) process.once(signal, onSignal);
  if (options.once !== true) goOnWithoutOutput();
  fresh = keepListenerFresh(listener, material, seen, access, options);
  note(`listening on ${addressText(listener.address)}`);
  noteExpected(options); // after the address, which scripts wait for
  const status = await ended;
  for (const signal of endingSignals) process.off(signal, onSignal);
  await listener.close();
  over();
  fresh.close();
  return status;
}

/** The command `serve`. */
export const serveCommand: CommandDefinition = {
  words: 'serve',
  description: 'listen as the responder',
  options: [
    ...peerOptions,
    ...intakeOptions,
    required(parsed('--listen <host:port>', 'where to listen; port 0 chooses one', parseAddress)),
    parsed('--workers <n>', 'threads that compute handshakes (default: none, the main thread does)', parseCount),
    new Option('--once', 'one handshake, then end with its status'),
    ...pipeOptions,
  ],
  examples: [
    'serve --listen 127.0.0.1:4433 --cert pki/bob.pem --key pki/bob.key --ca pki/ca.pem --expect alice --expect carol',
    'serve --listen 127.0.0.1:4433 --cert pki/bob.pem --key pki/bob.key --ca pki/ca.pem --expect anyone',
    'serve --listen 127.0.0.1:4433 --cert pki/bob.pem --key pki/bob.key --ca pki/ca.pem --expect alice --once --json',
    'serve --listen 127.0.0.1:4433 --cert pki/bob.pem --key pki/bob.key --ca pki/ca.pem --expect alice --once --pipe',
  ],
  action: runServe,
};
