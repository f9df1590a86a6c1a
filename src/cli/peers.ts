import { readCredentials, readPreSharedSecret, readTrustStore } from '../node/files.ts';
import { keyLogFile } from '../node/keyLog.ts';
import { close, type Observation } from '../node/stream.ts';
import { chooseSuite } from '../node/suite.ts';
import { type Address, type ConnectOptions, connect, type ListenOptions, listen, type TcpResult } from '../node/tcp.ts';
import { type PeerOptions, scheduleOf } from './arguments.ts';
import { note, report } from './output.ts';

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

/** Everything that both roles read from files and options. @throws ConfigurationError */
function common(options: PeerOptions): Omit<ConnectOptions & ListenOptions, 'host' | 'port' | 'onHandshake'> {
  const suite = chooseSuite(options.crypto);
  return {
    suite,
    credentials: readCredentials(suite, options.cert, options.key),
    trustAnchors: readTrustStore(suite, options),
    preSharedSecret: options.pskFile === undefined ? undefined : readPreSharedSecret(options.pskFile),
    expectedPeer: options.expect,
    reading: options.reading,
    schedule: scheduleOf(options.schedule, options.first),
    messageTimeout: options.messageTimeout,
    handshakeTimeout: options.handshakeTimeout,
    onMessage: options.trace ? trace : undefined,
    afterwards: 'refuse',
    keyLog: options.keylog === undefined ? undefined : openKeyLog(options.keylog),
  };
}

/** Ends a connection that carries nothing but the handshake. */
function hangUp(result: TcpResult): void {
  if (!result.ok) return;
  result.session.wipe();
  close(result.stream);
}

/** `pquake connect`: one handshake as the initiator. */
export async function runConnect(address: Address, options: PeerOptions): Promise<number> {
  const result = await connect({ ...common(options), ...address });
  hangUp(result);
  report(result, options.json === true);
  return result.ok ? 0 : 1;
}

/** Somebody looked whether the port is open: not a handshake, which `--once` would have waited for. */
const isProbe = (result: TcpResult): boolean =>
  !result.ok && result.received === 0 && result.failure.code === 'connection-closed';

/** `pquake serve`: handshakes as the responder, until it is ended, or one of them. */
export async function runServe(address: Address, options: PeerOptions & { readonly once?: boolean }): Promise<number> {
  const { once = false } = options;
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
    report(result, options.json === true);
    if (once) stop(result.ok ? 0 : 1);
  };
  const listener = await listen({ ...common(options), ...address, onHandshake });
  const { host, port } = listener.address;
  note(`listening on ${host.includes(':') ? `[${host}]` : host}:${port}`);
  const interrupt = (): void => {
    ended = true;
    stop(once ? 1 : 0);
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, interrupt);
  const status = await stopped;
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.off(signal, interrupt);
  listener.close();
  return status;
}
