// What judges the messages that cross a front: those of one request of HTTP and of its answer.
import type { Message } from '../contract.ts';
import type { Framed } from './splitMessages.ts';

/** What becomes of a message of a peer. */
export type ExchangeJudgement =
  /** It goes on: as it came, or as these octets. */
  | { readonly forward: true; readonly octets?: Uint8Array }
  /**
   * This answer goes back, with this status of HTTP, 200 by default; a notification that does not go on has none. `end`: nothing more
   * is taken of this connection.
   */
  | { readonly forward: false; readonly answer?: Message; readonly status?: number; readonly end?: boolean };

/** What becomes of a message of the server: these octets reach the peer, or nothing does; `back` is for the server. */
export interface AnswerJudgement {
  readonly octets?: Uint8Array;
  readonly back?: Message;
}

/** How an exchange ended. */
export interface ExchangeEnd {
  /** Whether what was not answered may be answered in another one: the server gave ids to its events. */
  readonly resumable: boolean;
  /** Whether the server knows the session no more. */
  readonly sessionOver: boolean;
}

/** One request of HTTP and its answer. */
export interface Exchange {
  readonly asked: (message: Framed) => ExchangeJudgement | Promise<ExchangeJudgement>;
  readonly answered: (message: Framed) => AnswerJudgement | Promise<AnswerJudgement>;
  /** The server sent what is no message. @returns what the peer is told in its place */
  readonly noAnswer: (why: string) => Message | undefined;
  /** Called once, before the peer sees the end of the answer. */
  readonly over: (end: ExchangeEnd) => void | Promise<void>;
}
