// A channel as a stream: what is written to it crosses the connection of a completed handshake sealed.
import { Socket } from 'node:net';
import { Duplex } from 'node:stream';
import type { Peer } from '../../certificate/peerNames.ts';
import { openChannel } from '../../channel/channel.ts';
import type { Channel, ChannelEvent, ChannelProgress } from '../../channel/contract.ts';
import type { ChannelFailure } from '../../channel/failure.ts';
import { defaultChoice, type ReadingChoice } from '../../generated/keySchedule.ts';
import type { SuiteId } from '../../generated/suites.ts';
import type { Session } from '../../handshake/session.ts';
import { type Bytes, release } from '../../octets.ts';
import { chooseSuite } from '../suite.ts';
import { ChannelError } from './channelError.ts';
import { lingering } from './lingering.ts';
import { networkReason } from './networkErrors.ts';
import { portionsOf } from './portions.ts';
import { reauthentication } from './reauthentication.ts';
import { checkChannelSettings, type SecuredOptions, timeoutOf, waterMark } from './securedOptions.ts';
import { close } from './stream.ts';

/** The peer of a channel, as it authenticated the last time. */
export interface ChannelPeer {
  /** Its name for people. */
  readonly identity: string;
  /** Its validated certificate, and in `vouchers` the trust anchors of the paths to it with the names that they vouch for. */
  readonly certificate: Peer;
  /** The certificates of a path to it, DER: its own first, the trust anchor last. */
  readonly chain: readonly Bytes[];
  readonly suite: SuiteId;
  readonly reading: ReadingChoice;
  /** When the handshake completed, that of the connection or the last one inside. */
  readonly authenticated: Date;
  /** Names the session of that handshake, 48 octets. Public: equal on both sides. */
  readonly identifier: Bytes;
  /** Inner handshakes completed so far. */
  readonly epoch: number;
}

/**
 * The stream of a channel. Ends are independent: `end()` closes our direction, and the readable side ends when the peer has closed its own.
 * A failure destroys it with a `ChannelError`. Beside the events of a Duplex it emits `rehandshaken` with a `ChannelPeer` when an inner
 * handshake has completed, and `peerClosed` when the peer's close came, before what it sent is read.
 */
export interface SecuredStream extends Duplex, Pick<Channel, 'role' | 'export' | 'exportPair'> {
  readonly peer: ChannelPeer;
  /** Octets of the application that came from the peer, read or not. */
  readonly bytesRead: number;
  /** Octets of the application that were sealed. */
  readonly bytesWritten: number;
  /** Moves our direction on to the next key: what was sent before cannot be read with what is in memory then. */
  readonly ratchet: () => void;
  /**
   * Has both peers authenticate again, by a handshake inside; joins one that is under way. The initiator starts it, the responder asks for it.
   * @returns the peer, once it has completed here. Rejects with a TypeError when a direction has closed, and with the error of the
   *   channel when that fails, as it does with `rehandshake-timeout` when none completes in time
   */
  readonly rehandshake: () => Promise<ChannelPeer>;
}

type Done = (error?: Error | null) => void;

/** Writes octets to a stream in one go. `written` is called when it has taken them, or takes nothing any more. */
function put(stream: Duplex, output: readonly Bytes[], written?: Done): void {
  const last = output.length - 1;
  if (last < 0 || stream.destroyed) {
    written?.();
    return;
  }
  if (last > 0) stream.cork();
  output.forEach((octets, i) => {
    if (i === last && written !== undefined) stream.write(octets, written);
    else stream.write(octets);
  });
  if (last > 0) stream.uncork();
}

/**
 * Makes the stream of a channel over the connection of a completed handshake, as `connect` and `listen` do with the option `channel`. The session is used up, and
 * the connection belongs to the channel: it closes when both directions have ended, and at a failure, after which nothing more is sent.
 * Reading begins after the events that are due now, so that there is time to listen.
 * @throws ConfigurationError for settings that cannot work
 */
export function secured(
  { session, stream: socket }: { readonly session: Session; readonly stream: Duplex },
  options: SecuredOptions = {},
): SecuredStream {
  checkChannelSettings(options);
  const { suite = chooseSuite(), time = () => new Date(), rehandshakeAfter: policy = {} } = options;
  const { identifier } = session;
  const channel = openChannel({ ...options, session, suite });
  const counts = { read: 0, written: 0 };
  const factsOf = (certificate: Peer, of: Bytes, epoch: number): ChannelPeer => ({
    identity: certificate.displayName,
    certificate,
    chain: [certificate.octets, ...(certificate.vouchers[0]?.chain ?? [])],
    suite: suite.algorithms.name,
    reading: { ...defaultChoice, ...options.reading },
    authenticated: time(),
    identifier: of,
    epoch,
  });
  let peer = factsOf(session.peer, identifier, 0);
  let failure: ChannelFailure | undefined;

  const again = reauthentication<ChannelPeer>({
    channel,
    policy,
    timeout: timeoutOf(options),
    begin: () => act(channel.role === 'initiator' ? channel.startHandshake() : channel.requestHandshake()),
    late: () => act(channel.fail('rehandshake-timeout')),
  });

  /** Sends what is due, tells what came, and ends with a failure. */
  function act(progress: ChannelProgress, written?: Done): void {
    put(socket, progress.output, written);
    for (const one of progress.events) tell(one);
    if (progress.failure !== undefined) fail(progress.failure);
    else again.look();
  }

  function tell(event: ChannelEvent): void {
    switch (event.event) {
      case 'data':
        counts.read += event.data.length;
        if (!stream.destroyed && !stream.push(event.data)) hold(true);
        again.count(event.data.length);
        return;
      case 'peerClosed':
        stream.emit('peerClosed');
        stream.push(null);
        return;
      case 'handshakeRequested':
        answerRequest();
        return;
      case 'rehandshaken':
        peer = factsOf(event.peer, event.identifier, event.epoch);
        again.completed(peer);
        stream.emit('rehandshaken', peer);
        return;
      case 'ratcheted':
    }
  }

  /** A request is passed over when no inner handshake can be made now (PQ-C-27). */
  function answerRequest(): void {
    if (channel.standing().innerHandshake !== 'possible') return;
    again.ask().catch(() => {});
  }

  function fail(why: ChannelFailure): void {
    if (failure !== undefined) return;
    failure = why;
    stream.destroy(new ChannelError(why));
  }

  /** The connection is gone: as an end in the peer's direction, or in ours when the peer has closed. */
  function lost(detail?: string): void {
    const { receiving, sending } = channel.standing();
    if (receiving === 'open') act(channel.endOfInput(detail));
    else if (sending === 'open') act(channel.fail('channel-abandoned', detail ?? 'the connection closed'));
  }

  function hold(held: boolean): void {
    again.hold(held);
    if (held) socket.pause();
    else socket.resume();
  }

  // What a socket of Node gave or has taken is read by nobody else.
  const spent = socket instanceof Socket ? release : (): void => {};
  const onData = (chunk: Buffer): void => {
    act(channel.receive(chunk, performance.now()));
    spent(chunk);
  };
  const onEnd = (): void => {
    if (channel.standing().receiving === 'open') act(channel.endOfInput());
  };
  const onClose = (): void => lost();
  const onError = (error: NodeJS.ErrnoException): void => lost(networkReason(error));

  /** Seals portion by portion; each one waits until the socket has taken the one before. */
  function sendAll(portions: Generator<Buffer, undefined>, done: Done): void {
    const next = portions.next();
    if (next.value === undefined) {
      done();
      return;
    }
    const portion = next.value;
    counts.written += portion.length;
    const progress = channel.send(portion as Bytes);
    act(progress, (error) => {
      if (error) lost(networkReason(error));
      else progress.output.forEach(spent);
      if (stream.destroyed) done(stream.errored);
      else sendAll(portions, done);
    });
    again.count(portion.length);
  }

  const stream: Duplex = new Duplex({
    readableHighWaterMark: waterMark,
    writableHighWaterMark: waterMark,
    read: () => hold(false),
    write: (chunk: Buffer, _encoding, done) => sendAll(portionsOf([chunk]), done),
    writev: (chunks, done) => sendAll(portionsOf(chunks.map(({ chunk }) => chunk as Buffer)), done),
    final: (done) => act(channel.close(), (error) => done(error)),
    destroy: (error, done) => {
      const { sending, receiving } = channel.standing();
      const inOrder = error === null && sending === 'closed' && receiving === 'closed';
      again.end(error ?? undefined);
      const finish: Done = (why) => {
        socket.off('data', onData).off('end', onEnd).off('close', onClose).off('error', onError);
        socket.on('error', () => {});
        channel.wipe();
        if (failure === undefined) socket.destroy();
        else close(socket);
        done(why ?? null);
      };
      if (inOrder) lingering(socket, () => finish(failure && new ChannelError(failure)));
      else finish(error);
    },
  });

  socket.allowHalfOpen = true;
  socket.on('data', onData).on('end', onEnd).on('close', onClose).on('error', onError).pause();
  setImmediate(() => stream.read(0));
  if (socket.destroyed) setImmediate(onClose);

  return Object.defineProperties(
    Object.assign(stream, {
      role: channel.role,
      export: channel.export,
      exportPair: channel.exportPair,
      ratchet: () => act(channel.ratchet()),
      rehandshake: again.ask,
    }),
    {
      peer: { get: () => peer, enumerable: true },
      bytesRead: { get: () => counts.read, enumerable: true },
      bytesWritten: { get: () => counts.written, enumerable: true },
    },
  ) as SecuredStream;
}
