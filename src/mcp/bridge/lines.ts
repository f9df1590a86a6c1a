// Lines out of a stream and into one, no faster than the other end takes them.
import type { Readable, Writable } from 'node:stream';
import { type Framed, type NoMessage, splitMessages } from '../transport/splitMessages.ts';

/** One end of a bridge. */
export interface Link {
  readonly source: Readable;
  readonly sink: Writable;
  /** Ends it in both directions, whatever is under way. */
  readonly cut: () => void;
}

/** The messages of a stream until it ends. Throws the error of the stream. */
export async function* messagesOf(source: Readable, longest: number): AsyncGenerator<Framed | NoMessage> {
  const splitter = splitMessages({ longest });
  // The other direction of a stream with two goes on.
  for await (const chunk of source.iterator({ destroyOnReturn: false })) {
    splitter.push(chunk as Buffer);
    for (let one = splitter.next(); one !== undefined; one = splitter.next()) yield one;
  }
  const error = splitter.end();
  if (error !== undefined) yield { ok: false, error };
}

const newline = Buffer.from('\n');

/** Until a stream takes more, or nothing any more. */
const drained = (sink: Writable): Promise<void> =>
  new Promise((resolve) => {
    const done = (): void => {
      for (const event of events) sink.off(event, done);
      resolve();
    };
    const events = ['drain', 'close', 'error', 'finish'] as const;
    for (const event of events) sink.on(event, done);
  });

/** Writes a line. Fulfilled when the stream takes more; what it takes no more is lost. */
export async function put(sink: Writable, octets: Uint8Array): Promise<void> {
  if (sink.destroyed || sink.writableEnded) return;
  sink.cork();
  sink.write(octets);
  sink.write(newline);
  sink.uncork();
  if (sink.writableNeedDrain && !sink.destroyed) await drained(sink);
}
