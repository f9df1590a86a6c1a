// The answer of a server on its way to a peer: as it comes, or message by message where somebody judges it.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import type { Message } from '../contract.ts';
import { type EventBlock, eventsOf, withData } from './events.ts';
import type { Exchange } from './exchange.ts';
import { bodyOf, mediaTypeOf } from './httpBody.ts';
import { readMessage } from './splitMessages.ts';

/** Why the answer of a server does not reach the peer. */
export class BadAnswer extends Error {
  override readonly name = 'BadAnswer';
  readonly code = 'upstream-no-message';
}

/** How far the answer got. */
export interface Progress {
  /** Whether its events had ids, by which a client asks for the rest. */
  resumable: boolean;
}

export interface Judging {
  readonly exchange: Exchange;
  /** Sends a message of ours to the server. */
  readonly back: (message: Message) => void;
  /** Octets of a message. */
  readonly longest: number;
  readonly over: () => Promise<void>;
}

const textOf = (octets: Uint8Array): string => Buffer.from(octets).toString('utf8');

/** An event as the peer may see it. */
async function judgedEvent(block: EventBlock, { exchange, back }: Judging): Promise<Buffer> {
  const { data, octets } = block;
  if (data === undefined) return octets;
  const read = readMessage(Buffer.from(data));
  if (!read.ok) {
    const told = exchange.noAnswer(read.error.message);
    return withData(block, told && JSON.stringify(told));
  }
  const judgement = await exchange.answered(read);
  if (judgement.back !== undefined) back(judgement.back);
  if (judgement.octets === undefined) return withData(block, undefined);
  return judgement.octets === read.octets ? octets : withData(block, textOf(judgement.octets));
}

/** What may stand between the events of a message and its end, beside the message itself. */
const eventOverhead = 65_536;

/** Passes events on, each when it was judged. */
export function passEvents(
  answer: IncomingMessage,
  response: ServerResponse,
  judging: Judging,
  progress: Progress,
): Promise<void> {
  return pipeline(
    answer,
    async function* (source: AsyncIterable<Buffer>) {
      for await (const block of eventsOf(source, judging.longest + eventOverhead)) {
        if (block.id !== undefined) progress.resumable = true;
        yield await judgedEvent(block, judging);
      }
      await judging.over();
    },
    response,
  );
}

/** The one message of an answer, as the peer may see it; undefined when it sees none. @throws BadAnswer (as a rejection) */
export async function judgedBody(answer: IncomingMessage, judging: Judging): Promise<Uint8Array | undefined> {
  const { exchange, back, longest } = judging;
  const octets = await bodyOf(answer, longest);
  if (octets === undefined) throw new BadAnswer(`the answer of the server has more than ${longest} octets`);
  const read = readMessage(octets);
  if (!read.ok) {
    // What is no message is told as it is where it is no result: an error of HTTP, by whatever stands before the server.
    if ((answer.statusCode ?? 0) >= 400) return octets;
    throw new BadAnswer(`the answer of the server is no message: ${read.error.message}`);
  }
  const judgement = await exchange.answered(read);
  if (judgement.back !== undefined) back(judgement.back);
  return judgement.octets;
}

/** What an answer holds. @throws BadAnswer for what cannot be read */
export function kindOfAnswer(
  { headers, statusCode = 0 }: IncomingMessage,
  method: string | undefined,
): 'message' | 'events' | 'other' {
  if (headers['content-encoding'] !== undefined) throw new BadAnswer('the answer of the server has an encoding');
  const type = mediaTypeOf(headers['content-type']);
  if (type === 'text/event-stream') return 'events';
  if (type === 'application/json') return 'message';
  // What has no type is read by no client. A text that says what went wrong, or that a session ended, holds no message.
  if (statusCode === 200 && type !== '' && method !== 'DELETE')
    throw new BadAnswer(`the answer of the server is of the type ${type}`);
  return 'other';
}
