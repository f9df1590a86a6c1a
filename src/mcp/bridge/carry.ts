// Carries messages between a peer and a server, each through the gate.
import { setTimeout as sleep } from 'node:timers/promises';
import { type Action, encode, errorCodes, errorTo, errorToUnread, type Gate } from '../gate/index.ts';
import type { NoMessage } from '../transport/splitMessages.ts';
import { type Link, messagesOf, put } from './lines.ts';
import { codeOf } from './words.ts';

export interface CarryParts {
  readonly peer: Link;
  readonly server: Link;
  readonly gate: Gate;
  /** Octets of a message. */
  readonly longest: number;
  /** Why requests without an answer have none, when the server is gone. Undefined: whoever is behind the peer answers them. */
  readonly lost: string | undefined;
  /** Milliseconds that the other end has for its own end, once one end has closed. */
  readonly grace: number;
  /** Told of each line of the server that is no message. */
  readonly onNoMessage: (error: NoMessage['error']) => void;
  /** The stream of the server failed. */
  readonly onServerError?: (error: unknown) => void;
  /** The peer sends nothing more: the server may end. */
  readonly onPeerEnd?: () => void;
}

/** A bridge at work. */
export interface Carriage {
  /** Ends it in order: the peer reads what was written, and then the end. */
  readonly finish: (code: string) => void;
  /** Ends it at once. The first code counts. */
  readonly end: (code: string) => void;
  /** Fulfilled when both ends have closed; with the code of what ended it, when it did not end in order. */
  readonly ended: Promise<string | undefined>;
}

/** After such a line there is no place from which reading could go on. */
const isFatal = ({ code }: NoMessage['error']): boolean => code === 'message-too-long' || code === 'message-truncated';

export function carry(parts: CarryParts): Carriage {
  const { peer, server, gate, longest, grace, onNoMessage, onPeerEnd, onServerError, lost } = parts;
  let ending: string | undefined;
  let isFinishing = false;
  const over = new AbortController();

  function end(code: string): void {
    ending ??= code;
    over.abort();
    server.cut();
    peer.cut();
  }

  /** Answers, closes our direction, and leaves the peer a while to read it. */
  async function endAfter(code: string, octets?: Uint8Array): Promise<void> {
    ending ??= code;
    if (isFinishing) return;
    isFinishing = true;
    if (octets !== undefined) await put(peer.sink, octets);
    peer.sink.end();
    server.cut();
    await sleep(Math.min(grace, 1_000), undefined, { signal: over.signal }).catch(() => {});
    end(code);
  }

  async function perform(action: Action, onward: Link, back: Link): Promise<void> {
    switch (action.do) {
      case 'forward':
        await put(onward.sink, action.octets);
        return;
      case 'answer':
        await put(back.sink, encode(action.message));
        return;
      case 'end':
        await endAfter(action.code, action.message && encode(action.message));
        return;
      case 'drop':
    }
  }

  async function noMessage(error: NoMessage['error']): Promise<void> {
    const octets = encode(errorToUnread(error));
    const { do: what } = gate.noMessage();
    if (isFatal(error)) await endAfter(error.code, octets);
    else if (what === 'end') await endAfter('too-many-violations', octets);
    else await put(peer.sink, octets);
  }

  /** A line of the server that is no message. Where it was an answer, whoever asked is told that there is none. */
  async function noAnswer({ error, answerTo }: NoMessage): Promise<void> {
    onNoMessage(error);
    if (answerTo === undefined) return;
    const message = errorTo(answerTo, errorCodes.internal, `the answer of the server is refused: ${error.message}`);
    await perform(await gate.fromServer(message, encode(message)), peer, server);
  }

  async function inbound(): Promise<void> {
    for await (const one of messagesOf(peer.source, longest)) {
      if (one.ok) await perform(await gate.fromPeer(one.message, one.octets), server, peer);
      else await noMessage(one.error);
      if (ending !== undefined) return;
    }
    server.sink.end();
    onPeerEnd?.();
  }

  async function outbound({ source }: Link): Promise<void> {
    try {
      for await (const one of messagesOf(source, longest)) {
        if (one.ok) await perform(await gate.fromServer(one.message, one.octets), peer, server);
        else await noAnswer(one);
        if (ending !== undefined || (!one.ok && isFatal(one.error))) break;
      }
    } catch (error) {
      if (ending === undefined) onServerError?.(error);
    }
    await serverGone();
  }

  async function serverGone(): Promise<void> {
    const answers = gate.serverLost(lost ?? '');
    for (const message of lost === undefined ? [] : answers) await put(peer.sink, encode(message));
    server.cut();
    peer.sink.end();
  }

  /** The peer has closed: the server has a while to finish. */
  async function lateServer(inboundOver: Promise<void>): Promise<void> {
    await inboundOver;
    await sleep(grace, undefined, { signal: over.signal }).catch(() => {});
    if (!over.signal.aborted) server.cut();
  }

  /** The server has closed, and so have we: the peer has a while to do so. */
  async function latePeer(outboundOver: Promise<void>): Promise<void> {
    await outboundOver;
    await sleep(grace, undefined, { signal: over.signal }).catch(() => {});
    if (!over.signal.aborted) peer.cut();
  }

  async function run(): Promise<string | undefined> {
    const inboundOver = inbound().catch((error: unknown) => end(codeOf(error)));
    const outboundOver = outbound(server);
    const late = Promise.all([lateServer(inboundOver), latePeer(outboundOver)]);
    await Promise.all([inboundOver, outboundOver]);
    over.abort();
    await late;
    gate.close();
    return ending;
  }

  return { end, finish: (code) => void endAfter(code), ended: run() };
}
