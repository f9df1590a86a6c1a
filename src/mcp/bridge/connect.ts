// A server on standard streams whose answers come over PQuAKE, over one connection after the other: a host starts it as any other.
import { duplexPair, type Readable, type Writable } from 'node:stream';
import { ConfigurationError } from '../../configuration.ts';
import type { SecuredResult } from '../../node/transport/tcp.ts';
import { toHex } from '../../octets.ts';
import { encode, errorToUnread } from '../gate/index.ts';
import type { Backoff } from '../resilience/backoff.ts';
import type { Absence } from '../resilience/lines.ts';
import { type Dialled, ReconnectingError, type ReconnectingEvent, reconnecting } from '../resilience/reconnecting.ts';
import { FramingError } from '../transport/framingError.ts';
import { identityOf, principalOn } from '../transport/principal.ts';
import { carry } from './carry.ts';
import { type Governance, type Governed, gateOf, recordOf } from './governance.ts';
import { type Link, put } from './lines.ts';
import { noMessages } from './starter.ts';
import { toldUnrecorded, wordsOf } from './words.ts';

export interface ConnectParts {
  readonly input: Readable;
  readonly output: Writable;
  /** Connects. A rejection with a ConfigurationError is a failure too. */
  readonly dial: () => Promise<SecuredResult>;
  /** The connection is open until what this returns is called. */
  readonly opened: (connection: OpenConnection, end: (code: string) => void) => () => void;
  /** Whether it connects again. */
  readonly again: boolean;
  readonly backoff?: Backoff;
  /** Milliseconds that a request waits for a connection. */
  readonly answerAfter: number;
  /** Octets of a message. */
  readonly longest: number;
  /** Milliseconds that the peer has to end after the host. */
  readonly grace: number;
  readonly governance: Governance;
  readonly note: (line: string) => void;
  /** Ends it: by a signal. */
  readonly signal: AbortSignal;
}

/** What a host is carried with, before there is anything to connect with. */
export type HostParts = Omit<ConnectParts, 'dial' | 'opened'>;

/** A connection to a server. */
export type OpenConnection = Extract<SecuredResult, { readonly ok: true }>;

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'connection-lost';

/** A host is not limited here: it is on our side. */
const unlimited = {
  requests: Number.POSITIVE_INFINITY,
  serverRequests: Number.POSITIVE_INFINITY,
  violations: Number.POSITIVE_INFINITY,
};

/** Connections of a host, each through a gate of its own. */
interface Connections {
  readonly open: () => Promise<Dialled>;
  /** Ends the one that is open, if one is. */
  readonly end: (code: string) => void;
  /** When the last one has ended, and that is recorded. */
  readonly over: () => Promise<void>;
}

function connectionsOf(parts: ConnectParts): Connections {
  const { dial, opened, longest, grace, governance, note } = parts;
  const onUnrecorded = toldUnrecorded((line) => note(`pquake: ${line}`));
  let end: (code: string) => void = () => {};
  let over = Promise.resolve();

  const limits = { ...unlimited, messageOctets: longest };
  async function dialled(): Promise<OpenConnection | Absence> {
    try {
      const result = await dial();
      return result.ok ? result : result.failure;
    } catch (error) {
      if (!(error instanceof ConfigurationError)) throw error;
      return { code: 'configuration', message: error.message };
    }
  }

  /** Carries messages between the host and a connection, until either has ended. @returns the host's end */
  function carried(connection: OpenConnection, governed: Governed) {
    const { channel } = connection;
    const facts = { connection: governed.connection, principal: governed.principal() };
    const [near, far] = duplexPair();
    far.on('error', () => {});
    let why: string | undefined;
    const fail = (code: string, message: string): void => {
      why ??= code;
      note(`pquake: ${code}: ${message}`);
    };
    const link: Link = { source: channel, sink: channel, cut: () => void channel.destroy() };
    const carriage = carry({
      peer: { source: far, sink: far, cut: () => void far.destroy() },
      ...{
        server: link,
        gate: gateOf(governance, governed, { onUnrecorded, limits }),
        longest,
        grace,
        lost: undefined,
      },
      onNoMessage: noMessages('pquake: ', note),
      onServerError: (error) => {
        if (!near.destroyed) fail(codeOf(error), wordsOf(error));
      },
    });
    const closed = opened(connection, (code) => {
      fail(code, 'the server is not trusted any more');
      channel.destroy();
    });
    const leave = governance.attend?.(governed);
    near.once('close', () => carriage.end('closed'));
    end = carriage.end;
    over = carriage.ended.then(async () => {
      near.destroy();
      leave?.();
      closed();
      const how = why === undefined ? {} : { code: why };
      await recordOf(governance, { event: 'disconnected', ...facts, ...how }, onUnrecorded);
    });
    return near;
  }

  return {
    over: () => over,
    end: (code) => end(code),
    open: async () => {
      await over;
      const result = await dialled();
      if ('code' in result) return { ok: false, code: result.code, message: result.message };
      const { channel, session, connection } = result;
      channel.on('error', () => {}); // who reads it hears of it
      const principal = principalOn({ channel, session });
      const { rehandshake: authenticateAgain } = channel;
      const governed: Governed = { connection: String(connection?.number ?? 0), principal, authenticateAgain };
      const identity = identityOf(channel.peer);
      note(`connected to ${identity.identity}: session ${toHex(session.identifier)}`);
      const authenticated = {
        event: 'authenticated',
        connection: governed.connection,
        principal: principal(),
      } as const;
      if (await recordOf(governance, authenticated, onUnrecorded))
        return { ok: true, stream: carried(result, governed), identity };
      channel.destroy();
      return { ok: false, code: 'record-unavailable', message: 'the connection could not be recorded' };
    },
  };
}

/** Tells of connections and their loss; of attempts, only when another reason is found. */
function teller(note: (line: string) => void) {
  let [isConnected, told] = [false, ''];
  const onEvent = (event: ReconnectingEvent): void => {
    isConnected = event.event === 'connected' || (event.event === 'no message' && isConnected);
    if (event.event === 'connected') told = '';
    if (event.event !== 'waiting' && event.event !== 'given up') return;
    const { code, message } = event;
    const line = `pquake: ${code}: ${message}${event.event === 'waiting' ? '; connecting again' : ''}`;
    if (line !== told) note(line);
    told = line;
  };
  return { onEvent, isConnected: () => isConnected };
}

/**
 * Carries the messages of a host to the peer and back until the host closes its end. Where there is no connection, requests wait a while for
 * one; then each is answered with an error that says so.
 * @returns the exit status: 0 when there was a connection when the host closed, else 1
 */
export async function connectHost(parts: ConnectParts): Promise<number> {
  const { input, output, again, backoff, answerAfter, longest, note, signal } = parts;
  const connections = connectionsOf(parts);
  const { onEvent, isConnected } = teller(note);
  const stream = reconnecting({
    ...{ dial: connections.open, again, whenOver: 'answer', backoff, answerAfter, longest, onEvent },
  });
  const onSignal = (): void => {
    connections.end('interrupted');
    stream.destroy();
  };
  if (signal.aborted) onSignal();
  signal.addEventListener('abort', onSignal);
  let failure: unknown;
  stream.once('error', (error) => {
    failure = error;
  });
  input.pipe(stream).pipe(output, { end: false });
  await new Promise<void>((resolve) => stream.once('close', () => resolve()));
  signal.removeEventListener('abort', onSignal);
  const status = isConnected() && failure === undefined ? 0 : 1;
  input.destroy();
  await connections.over();
  if (failure === undefined) return status;
  if (!(failure instanceof ReconnectingError)) throw failure;
  const { code, message } = failure;
  note(`pquake: ${code}: ${message}`);
  if (code === 'message-too-long') await put(output, encode(errorToUnread(new FramingError(code))));
  return status;
}

/**
 * Answers each request of a host with an error that says why there is no connection, until the host closes its end.
 * @returns the exit status, 1
 */
export const answerHost = (parts: HostParts, error: ConfigurationError): Promise<number> =>
  connectHost({ ...parts, dial: () => Promise.reject(error), opened: () => () => {} });
