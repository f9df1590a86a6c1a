// A server of Streamable HTTP, behind PQuAKE: peers speak HTTP inside their channels, or lines as to a server on standard streams.
import type { Duplex } from 'node:stream';
import type { SecuredStream } from '../../node/transport/secured.ts';
import { type UpstreamOptions, upstreamFront, usualAnswerTimeout } from '../transport/upstream.ts';
import type { HeaderOptions } from '../transport/upstreamHeaders.ts';
import { mostSessions, sessionHeader } from '../transport/upstreamSessions.ts';
import { carry } from './carry.ts';
import { type Conversation, conversations } from './conversations.ts';
import { httpLink } from './httpLink.ts';
import {
  type Admitted,
  type Bridge,
  type ListenFor,
  type Listening,
  type ListeningOptions,
  listenFor,
  type Served,
  type Service,
} from './listening.ts';
import { linkOf } from './serve.ts';
import { noMessages } from './starter.ts';
import { codeOf, wordsOf } from './words.ts';

export interface UpstreamBridgeOptions extends ListeningOptions, Pick<HeaderOptions, 'alsoForward'> {
  /** The server: `http:`, a host, a path. */
  readonly upstream: URL;
}

/** What a peer begins with: a request line of HTTP, or a message on a line. Undefined: neither, or nothing. */
async function beginningOf(channel: SecuredStream): Promise<'http' | 'lines' | undefined> {
  const first = await new Promise<Buffer | null>((resolve) => {
    const look = (): void => {
      const chunk = channel.read() as Buffer | null;
      if (chunk === null && !channel.readableEnded && !channel.destroyed) return;
      for (const event of events) channel.off(event, look);
      resolve(chunk);
    };
    const events = ['readable', 'end', 'close'] as const;
    for (const event of events) channel.on(event, look);
  });
  if (first === null) return undefined;
  channel.unshift(first);
  const octet = String.fromCharCode(first[0] ?? 0);
  if (/[{\s]/.test(octet)) return 'lines';
  return /[A-Za-z]/.test(octet) ? 'http' : undefined;
}

/** Milliseconds that a peer has to read the answer with which its connection ends. */
const farewell = 1_000;

function upstreamOf(options: UpstreamBridgeOptions, { gateFor }: Listening): Service {
  const { upstream, longest, grace, note, alsoForward } = options;
  const spoken = new Map<Duplex, Conversation>();
  const talks = conversations({ most: mostSessions, patience: usualAnswerTimeout, note });
  const onError = (error: unknown): void => note(`the server: ${codeOf(error)}: ${wordsOf(error)}`);
  const front: UpstreamOptions = { upstream, longest, alsoForward, onError };
  const http = upstreamFront({
    ...front,
    exchange: ({ socket, headers }) => {
      const conversation = spoken.get(socket);
      if (conversation === undefined) throw new TypeError('a request of no connection');
      const session = headers[sessionHeader];
      return conversation.exchange(typeof session === 'string' ? session : undefined);
    },
  });

  function speakHttp({ channel, identifier, governed }: Admitted): Served {
    let ending: string | undefined;
    const end = (code: string): void => {
      ending ??= code;
      channel.destroy();
    };
    const conversation = talks.begin(
      (shared) => gateFor(governed, shared),
      (code) => {
        ending ??= code;
        setTimeout(() => end(code), farewell).unref();
      },
    );
    spoken.set(channel, conversation);
    const ended = new Promise<string | undefined>((resolve) => {
      channel.once('error', (error) => {
        ending ??= codeOf(error);
      });
      channel.once('close', () => {
        spoken.delete(channel);
        conversation.close();
        resolve(ending);
      });
    });
    http.serve({ channel, session: { identifier } });
    let isFinishing = false;
    const finish = (code: string): void => {
      if (isFinishing) return;
      isFinishing = true;
      http.finish(channel);
      setTimeout(() => end(code), grace).unref(); // for the other side to end
    };
    return { end, finish, ended, drain: conversation.drain, waiting: conversation.waiting };
  }

  function speakLines({ channel, governed }: Admitted): Served {
    const gate = gateFor(governed);
    const { principal } = governed;
    const server = httpLink({
      ...{ upstream, longest, answerTimeout: usualAnswerTimeout, alsoForward, principal, onError },
    });
    const { end, finish, ended } = carry({
      ...{ peer: linkOf(channel), server, gate, longest, grace, lost: 'the session with the server ended' },
      onNoMessage: noMessages('the server: ', note),
    });
    return { end, finish, ended, drain: gate.drain, waiting: gate.waiting };
  }

  /** Serves a peer from the first octet on; until then it may be cut as later. */
  async function serve(admitted: Admitted): Promise<Served> {
    const { channel } = admitted;
    let served: Served | undefined;
    let [ending, isDraining] = [undefined as string | undefined, false];

    async function run(): Promise<string | undefined> {
      const beginning = await beginningOf(channel);
      if (ending !== undefined) return ending;
      if (beginning === undefined) {
        channel.destroy();
        return channel.readableEnded ? undefined : 'message-not-json';
      }
      served = beginning === 'http' ? speakHttp(admitted) : speakLines(admitted);
      if (isDraining) served.drain();
      return await served.ended;
    }

    const end = (code: string): void => {
      ending ??= code;
      if (served === undefined) channel.destroy();
      else served.end(code);
    };
    return {
      end,
      finish: (code) => (served === undefined ? end(code) : served.finish(code)),
      drain: () => {
        isDraining = true;
        served?.drain();
      },
      waiting: () => served?.waiting() ?? 0,
      ended: run(),
    };
  }

  return {
    serve,
    close: async () => {
      await http.close();
      talks.close();
    },
  };
}

/**
 * Puts a server of Streamable HTTP behind PQuAKE.
 * @throws ConfigurationError (as a rejection) when the options cannot work or the address cannot be bound
 */
export const serveUpstream = (listening: ListenFor, options: UpstreamBridgeOptions): Promise<Bridge> =>
  listenFor(listening, options, (given) => upstreamOf(options, given));
