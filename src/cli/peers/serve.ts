import { Option } from 'commander';
import { ConfigurationError } from '../../configuration.ts';
import type { KeyAccess } from '../../node/files/keys.ts';
import {
  keyMaterialFiles,
  type Material,
  materialFiles,
  readMaterial,
  wipeMaterial,
} from '../../node/files/material.ts';
import { type CommandDefinition, parsed, required } from '../../node/terminal/command.ts';
import { note, report, reportInterrupted } from '../../node/terminal/output.ts';
import { suiteOf } from '../../node/terminal/suite.ts';
import { parseAddress } from '../../node/terminal/words.ts';
import { describeOverload, type IntakeOptions } from '../../node/transport/intake.ts';
import { type Fresh, keepFresh } from '../../node/transport/reload.ts';
import { type Address, type Listener, listen, type TcpResult } from '../../node/transport/tcp.ts';
import { accessOf } from '../passphrase.ts';
import { checkExpected, noteExpected } from './expected.ts';
import { type IntakeWords, intakeOptions, type PeerOptions, peerOptions } from './options.ts';
import { firstMaterial, hangUp, settingsOf } from './peer.ts';

interface ServeOptions extends PeerOptions, IntakeWords {
  readonly listen: Address;
  readonly once?: boolean;
}

/**
 * Whether the peer closed before it sent an octet, as a check for an open port does. `--once` does not count it as a
 * handshake.
 */
const isProbe = (result: TcpResult): boolean =>
  !result.ok && result.received === 0 && result.failure.code === 'connection-closed';

const namesOf = ({ credentials: { certificate } }: Material): string =>
  `${certificate.subject}, valid until ${certificate.notAfter.toISOString()}`;

/** Reads the files of the options again when they change, and reports it on standard error. */
function keepListenerFresh(listener: Listener, first: Material, access: KeyAccess, options: PeerOptions): Fresh {
  // The file of the passphrase may have changed with the key; a passphrase that was typed cannot.
  const accessNow = (): KeyAccess =>
    options.passphraseFile === undefined ? access : { ...accessOf(options), warn: access.warn };
  return keepFresh({
    first,
    files: materialFiles(options),
    keyFiles: keyMaterialFiles(options),
    read: () => readMaterial(suiteOf(options), options, accessNow()),
    replace: listener.update,
    wipe: wipeMaterial,
    reloaded: (material) => note(`reloaded: ${namesOf(material)}`),
    refused: (error) => {
      const reason = error instanceof ConfigurationError ? error.message : 'an internal error';
      note(`not reloaded, what was read before stays in force: ${reason}`);
    },
    postponed: (wait) => note(`the last key was refused: the files are read in ${Math.ceil(wait / 1000)} s`),
    unwatched: (reason) => note(`not watched, SIGHUP reloads: ${reason}`),
  });
}

const endingSignals = ['SIGINT', 'SIGTERM'] as const;

/** The limits of the command line on what a responder accepts. */
const intakeOf = (options: IntakeWords): IntakeOptions & { readonly firstOctetTimeout: number | undefined } => ({
  maximumHandshakes: options.maxHandshakes,
  maximumHandshakesPerAddress: options.maxHandshakesPerAddress,
  maximumConnections: options.maxConnections,
  handshakesPerSecond: options.maxRate,
  firstOctetTimeout: options.firstOctetTimeout,
  onOverload: (overload) => note(describeOverload(overload)),
});

/** The life of a server: a signal ends it or, with `once`, its first handshake. */
interface Life {
  readonly onHandshake: (result: TcpResult) => void;
  readonly onSignal: (signal: NodeJS.Signals) => void;
  /** Fulfilled with the exit status. */
  readonly ended: Promise<number>;
}

function lifeOf({ once = false, json = false }: ServeOptions): Life {
  let stop: (status: number) => void = () => {};
  const stopped = new Promise<number>((resolve) => {
    stop = resolve;
  });
  let isOver = false;
  return {
    ended: stopped,
    onHandshake: (result) => {
      hangUp(result);
      if (isOver) return;
      if (once && isProbe(result)) {
        note('a connection closed without an octet; still waiting');
        return;
      }
      isOver = once;
      report(result, json);
      if (once) stop(result.ok ? 0 : 1);
    },
    onSignal: (signal) => {
      if (once && !isOver) reportInterrupted(signal, json);
      isOver = true;
      stop(once ? 1 : 0);
    },
  };
}

const onError = (error: unknown): void =>
  note(`a connection failed within: ${error instanceof Error ? error.message : 'unknown'}`);

/** Runs handshakes as the responder until a signal, or `--once`, ends it. */
async function runServe(options: ServeOptions): Promise<number> {
  checkExpected(options);
  const { onHandshake, onSignal, ended } = lifeOf(options);
  const { material, access } = await firstMaterial(options);
  const own = { ...settingsOf(options), ...intakeOf(options), ...options.listen, onHandshake, onError };
  const listener = await listen({ ...own, ...material }).catch((error: unknown) => {
    wipeMaterial(material);
    throw error;
  });
  for (const signal of endingSignals) process.once(signal, onSignal);
  const fresh = keepListenerFresh(listener, material, access, options);
  const { host, port } = listener.address;
  note(`listening on ${host.includes(':') ? `[${host}]` : host}:${port}`);
  noteExpected(options); // after the address, which scripts wait for
  const status = await ended;
  for (const signal of endingSignals) process.off(signal, onSignal);
  listener.close();
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
    new Option('--once', 'one handshake, then end with its status'),
  ],
  examples: [
    'serve --listen 127.0.0.1:4433 --cert pki/bob.pem --key pki/bob.key --ca pki/ca.pem --expect alice --expect carol',
    'serve --listen 127.0.0.1:4433 --cert pki/bob.pem --key pki/bob.key --ca pki/ca.pem --expect anyone',
    'serve --listen 127.0.0.1:4433 --cert pki/bob.pem --key pki/bob.key --ca pki/ca.pem --expect alice --once --json',
  ],
  action: runServe,
};
