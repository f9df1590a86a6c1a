// A server on standard streams whose answers come over PQuAKE: a host starts it as any other.
import type { Readable, Writable } from 'node:stream';
import type { SecuredStream } from '../../node/transport/secured.ts';
import type { SecuredResult } from '../../node/transport/tcp.ts';
import { toHex } from '../../octets.ts';
import { type Gate, gate } from '../gate/index.ts';
import { principalOn } from '../transport/principal.ts';
import { type Carriage, carry } from './carry.ts';
import type { Governance, Governed } from './governance.ts';
import { recordOf } from './governance.ts';
import type { Link } from './lines.ts';
import { noMessages } from './starter.ts';
import { wordsOf } from './words.ts';

export interface ConnectParts {
  readonly input: Readable;
  readonly output: Writable;
  /** Connects; later ones may try again behind it. */
  readonly dial: () => Promise<SecuredResult>;
  /** The connection is open until what this returns is called. */
  readonly opened: (channel: SecuredStream, end: (code: string) => void) => () => void;
  /** Octets of a message. */
  readonly longest: number;
  /** Milliseconds that the peer has to end after the host. */
  readonly grace: number;
  readonly governance: Governance;
  readonly note: (line: string) => void;
  /** Ends it: by a signal. */
  readonly signal: AbortSignal;
}

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'connection-lost';

/** A host is not limited here: it is on our side. */
const unlimited = {
  requests: Number.POSITIVE_INFINITY,
  serverRequests: Number.POSITIVE_INFINITY,
  violations: Number.POSITIVE_INFINITY,
};

/** A host, whose messages are carried: through a gate with the server as its peer, or with none. */
interface Host {
  readonly carryWith: (server?: Link, governed?: Governed) => Carriage;
  /** Until the host has closed, or a signal came. @returns the exit status */
  readonly until: (carriage: Carriage) => Promise<number>;
  /** Tells that there is no connection, and why. */
  readonly fail: (code: string, message: string) => void;
  readonly lost: () => string | undefined;
}

export type HostParts = Omit<ConnectParts, 'dial' | 'opened'>;

function hostOf(parts: HostParts): Host {
  const { input, output, longest, grace, governance, note, signal } = parts;
  const host: Link = { source: input, sink: output, cut: () => void input.destroy() };
  const onUnrecorded = (error: unknown): void => note(`pquake: not recorded: ${wordsOf(error)}`);
  let lostBy: string | undefined;
  let isHostGone = false;

  const fail = (code: string, message: string): void => {
    lostBy ??= code;
    note(`pquake: ${code}: ${message}`);
  };

  /** The gate of a host; with a connection its peer is the server. */
  function gateOf(governed: Governed | undefined): Gate {
    const nobody = (): never => {
      throw new TypeError('there is no peer');
    };
    if (governed === undefined) return gate({ principal: nobody, limits: { ...unlimited, messageOctets: longest } });
    const { principal, authenticateAgain: _, ...facts } = governed;
    const { record, unrecorded = 'deny', partsFor } = governance;
    const more = partsFor?.(governed);
    return gate({
      ...{ principal, facts, unrecorded, onUnrecorded },
      ...(record && { record }),
      ...more,
      limits: { ...unlimited, messageOctets: longest, ...more?.limits },
    });
  }

  function carryWith(server?: Link, governed?: Governed): Carriage {
    return carry({
      ...{ peer: host, server, gate: gateOf(governed), longest, grace, afterServer: 'answer' },
      lost: () => {
        if (!isHostGone && lostBy === undefined) fail('connection-closed', 'the server closed the connection');
        return `no connection to the server: ${lostBy ?? 'it is closing'}`;
      },
      onNoMessage: noMessages('pquake: ', note),
      onServerError: (error) => {
        if (!isHostGone) fail(codeOf(error), wordsOf(error));
      },
      onPeerEnd: () => {
        isHostGone = true;
      },
    });
  }

  /** Until the host has closed, or a signal came. */
  async function until(carriage: Carriage): Promise<number> {
    const onSignal = (): void => {
      isHostGone = true;
      carriage.end('interrupted');
    };
    if (signal.aborted) onSignal();
    signal.addEventListener('abort', onSignal);
    const code = await carriage.ended;
    signal.removeEventListener('abort', onSignal);
    if (code !== undefined && code !== 'interrupted' && lostBy === undefined) fail(code, 'the connection was ended');
    return lostBy === undefined ? 0 : 1;
  }

  return { carryWith, until, fail, lost: () => lostBy };
}

/**
 * Answers each request of a host with an error that says why there is no connection, until the host closes its end.
 * @returns the exit status, 1
 */
export function answerHost(parts: HostParts, code: string, message: string): Promise<number> {
  const { carryWith, until, fail } = hostOf(parts);
  fail(code, message);
  return until(carryWith());
}

/**
 * Carries the messages of a host to the peer and back until the host closes its end. Where there is no connection, each request is
 * answered with an error that says so.
 * @returns the exit status: 0 when there was a connection until the host closed, else 1
 */
export async function connectHost(parts: ConnectParts): Promise<number> {
  const { dial, opened, governance, note } = parts;
  const { carryWith, until, fail, lost } = hostOf(parts);
  const onUnrecorded = (error: unknown): void => note(`pquake: not recorded: ${wordsOf(error)}`);
  const result = await dial();
  if (!result.ok) {
    const { code, message } = result.failure;
    return await answerHost(parts, code, message);
  }
  const { channel, session, connection } = result;
  channel.on('error', () => {}); // who reads it hears of it
  const governed: Governed = {
    connection: String(connection?.number ?? 0),
    principal: principalOn({ channel, session }),
    authenticateAgain: channel.rehandshake,
  };
  const { identity } = channel.peer;
  note(`connected to ${identity}: session ${toHex(session.identifier)}`);
  const facts = { connection: governed.connection, principal: governed.principal() };
  if (!(await recordOf(governance, { event: 'authenticated', ...facts }, onUnrecorded))) {
    channel.destroy();
    return await answerHost(parts, 'record-unavailable', 'the connection could not be recorded');
  }
  const link: Link = { source: channel, sink: channel, cut: () => void channel.destroy() };
  const carriage = carryWith(link, governed);
  const close = opened(channel, (code) => {
    fail(code, 'the server is not trusted any more');
    channel.destroy();
  });
  const leave = governance.attend?.(governed);
  const status = await until(carriage);
  leave?.();
  close();
  const code = lost();
  const how = code === undefined ? {} : { code };
  await recordOf(governance, { event: 'disconnected', ...facts, ...how }, onUnrecorded);
  return status;
}
