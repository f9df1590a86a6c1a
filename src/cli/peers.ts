import { ConfigurationError } from '../configuration.ts';
import { keyLogFile } from '../node/files/keyLog.ts';
import type { KeyAccess } from '../node/files/keys.ts';
import { keyMaterialFiles, type Material, materialFiles, readMaterial, wipeMaterial } from '../node/files/material.ts';
import { watchFiles } from '../node/files/watch.ts';
import { note, report, reportInterrupted } from '../node/terminal/output.ts';
import { policyOf, suiteOf } from '../node/terminal/suite.ts';
import { type PeerOptions, type ServeOptions, scheduleOf } from '../node/terminal/words.ts';
import { describeOverload, type IntakeOptions } from '../node/transport/intake.ts';
import { digestOf, sparing } from '../node/transport/reload.ts';
import { close, type Observation } from '../node/transport/stream.ts';
import {
  type Address,
  type ConnectOptions,
  connect,
  type Listener,
  listen,
  type TcpResult,
} from '../node/transport/tcp.ts';
import { noteExpected } from './expected.ts';
import { accessOf, withPassphrases } from './passphrase.ts';

/** A message as `--trace` writes it: one line of JSON on standard error. */
export interface TraceLine extends Observation {
  /** Milliseconds of the system's monotonic clock since the epoch. */
  readonly at: number;
}

function trace(observation: Observation): void {
  const line: TraceLine = { at: performance.timeOrigin + performance.now(), ...observation };
  note(JSON.stringify(line));
}

/** The key log asked for: never without a warning. */
function openKeyLog(file: string): (line: string) => void {
  const log = keyLogFile(file, (reason) => note(`pquake: key log: ${reason}`));
  note(
    `WARNING: the secrets of every handshake are appended to ${file}: whoever has it and a recording breaks every secrecy`,
  );
  note('WARNING: claim, of identities and session keys, then and later. For debugging with throw-away keys only.');
  return log;
}

/** What both roles take from the command line alone. */
const settings = (options: PeerOptions): Omit<ConnectOptions, keyof Address | keyof Material> => ({
  suite: suiteOf(options),
  reading: options.reading,
  schedule: scheduleOf(options.schedule, options.first),
  messageTimeout: options.messageTimeout,
  handshakeTimeout: options.handshakeTimeout,
  onMessage: options.trace ? trace : undefined,
  afterwards: 'refuse',
  ...policyOf(options),
  keyLog: options.keylog === undefined ? undefined : openKeyLog(options.keylog),
});

/** What the files held, and how encrypted keys in them were opened. */
interface Opened {
  readonly material: Material;
  readonly access: KeyAccess;
}

/** Reads the files; asks for the passphrase of an encrypted key at a terminal, unless it is in a file. */
const firstMaterial = (options: PeerOptions): Promise<Opened> =>
  withPassphrases(options, (access) => ({
    material: readMaterial(suiteOf(options), options, access),
    access,
  }));

/** Ends a connection that carries nothing but the handshake. */
function hangUp(result: TcpResult): void {
  if (!result.ok) return;
  result.session.wipe();
  close(result.stream);
}

/** `pquake connect`: one handshake as the initiator. */
export async function runConnect(address: Address, options: PeerOptions): Promise<number> {
  noteExpected(options);
  const { material } = await firstMaterial(options);
  try {
    const result = await connect({ ...settings(options), ...material, ...address });
    hangUp(result);
    report(result, options.json === true);
    return result.ok ? 0 : 1;
  } finally {
    wipeMaterial(material);
  }
}

/** Somebody looked whether the port is open: not a handshake, which `--once` would have waited for. */
const isProbe = (result: TcpResult): boolean =>
  !result.ok && result.received === 0 && result.failure.code === 'connection-closed';

const namesOf = ({ credentials: { certificate } }: Material): string =>
  `${certificate.subject}, valid until ${certificate.notAfter.toISOString()}`;

/**
 * Reads the files again whenever they changed, and on SIGHUP, as often as `sparing` has it. What cannot be used is told on
 * standard error and changes nothing; what is replaced is wiped when the last handshake with it ended.
 */
function keepFresh(
  listener: Listener,
  { material: first, access }: Opened,
  options: PeerOptions,
): { readonly close: () => void } {
  let current = first;
  const attempt = (): void => {
    let next: Material | undefined;
    try {
      // The file of the passphrase may have changed with the key; what was typed cannot.
      const opened = options.passphraseFile === undefined ? access : { ...accessOf(options), warn: access.warn };
      next = readMaterial(suiteOf(options), options, opened);
      const { retired } = listener.update(next);
      const former = current;
      retired.then(() => wipeMaterial(former));
      current = next;
      note(`reloaded: ${namesOf(next)}`);
    } catch (error) {
      if (next !== undefined) wipeMaterial(next);
      throw error;
    }
  };
  const refused = (error: unknown): void => {
    const reason = error instanceof ConfigurationError ? error.message : 'an internal error';
    note(`not reloaded, what was read before stays in force: ${reason}`);
  };
  const { reload, close: stop } = sparing({
    ...{ attempt, refused, digest: () => digestOf(keyMaterialFiles(options)) },
    postponed: (wait) => note(`the last key was refused: the files are read in ${Math.ceil(wait / 1000)} s`),
  });
  const watched = watchFiles(materialFiles(options), reload, (reason) =>
    note(`not watched, SIGHUP reloads: ${reason}`),
  );
  process.on('SIGHUP', reload);
  return {
    close: () => {
      process.off('SIGHUP', reload);
      stop();
      watched.close();
      wipeMaterial(current);
    },
  };
}

const endingSignals = ['SIGINT', 'SIGTERM'] as const;

/** How much a responder takes on, as the command line says. */
const intakeOf = (options: ServeOptions): IntakeOptions & { readonly firstOctetTimeout: number | undefined } => ({
  maximumHandshakes: options.maxHandshakes,
  maximumHandshakesPerAddress: options.maxHandshakesPerAddress,
  maximumConnections: options.maxConnections,
  handshakesPerSecond: options.maxRate,
  firstOctetTimeout: options.firstOctetTimeout,
  onOverload: (overload) => note(describeOverload(overload)),
});

/** `pquake serve`: handshakes as the responder, until it is ended, or one of them. */
export async function runServe(address: Address, options: ServeOptions): Promise<number> {
  const { once = false, json = false } = options;
  let stop: (status: number) => void = () => {};
  const stopped = new Promise<number>((resolve) => {
    stop = resolve;
  });
  let ended = false;
  const onHandshake = (result: TcpResult): void => {
    hangUp(result);
    if (ended) return;
    if (once && isProbe(result)) {
      note('a connection closed without an octet; still waiting');
      return;
    }
    ended = once;
    report(result, json);
    if (once) stop(result.ok ? 0 : 1);
  };
  const onError = (error: unknown): void =>
    note(`a connection failed within: ${error instanceof Error ? error.message : 'unknown'}`);
  noteExpected(options);
  const opened = await firstMaterial(options);
  const { material } = opened;
  const own = { ...settings(options), ...intakeOf(options), ...address, onHandshake, onError };
  const listener = await listen({ ...own, ...material }).catch((error: unknown) => {
    wipeMaterial(material);
    throw error;
  });
  const interrupt = (signal: NodeJS.Signals): void => {
    if (once && !ended) reportInterrupted(signal, json);
    ended = true;
    stop(once ? 1 : 0);
  };
  for (const signal of endingSignals) process.once(signal, interrupt);
  const fresh = keepFresh(listener, opened, options);
  const { host, port } = listener.address;
  note(`listening on ${host.includes(':') ? `[${host}]` : host}:${port}`);
  const status = await stopped;
  for (const signal of endingSignals) process.off(signal, interrupt);
  listener.close();
  fresh.close();
  return status;
}
