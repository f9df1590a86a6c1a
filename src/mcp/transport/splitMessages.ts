// Messages out of a stream of octets: UTF-8 JSON, each ended by a newline, as the protocol frames them on standard streams.
import { ConfigurationError } from '../../configuration.ts';
import type { Message } from '../contract.ts';
import { type FramingCode, FramingError } from './framingError.ts';
import { readMessageJson } from './jsonText.ts';
import { checkMessage, type Id, idOf, kindOf, type MessageKind } from './message.ts';

/** A message as it came. */
export interface Framed {
  readonly ok: true;
  readonly message: Message;
  readonly kind: MessageKind;
  /** Of a request or an answer. */
  readonly id: Id | undefined;
  /** The octets of the peer without the newline: to pass on, nothing of them changed. */
  readonly octets: Buffer;
}

/** A line that is no message. After one that is too long nothing more comes. */
export interface NoMessage {
  readonly ok: false;
  readonly error: FramingError;
  /** Of an answer that was refused: its request has no other. */
  readonly answerTo?: Id | undefined;
}

/** Takes octets, gives messages. */
export interface MessageSplitter {
  /** Takes octets of the stream, which nobody changes until their message was given. They are not kept longer. */
  readonly push: (chunk: Uint8Array) => void;
  /** Gives the next message, or line that is none; undefined when more octets are needed. */
  readonly next: () => Framed | NoMessage | undefined;
  /** Whether `next` has something to give. */
  readonly ready: () => boolean;
  /** The stream has ended: undefined, or what is wrong when it ended inside a message. */
  readonly end: () => FramingError | undefined;
  /** Octets that were taken and not yet given. */
  readonly buffered: () => number;
}

export interface SplitOptions {
  /** Octets of a message, without the newline. Default 4 MiB. */
  readonly longest?: number | undefined;
}

/** The limit of a message, in octets, where none is chosen. */
export const longestMessage = 4_194_304;

const newline = 0x0a;

/** The id of an answer in octets that are no message: as most readers find it. */
function answeredIn(octets: Buffer): Id | undefined {
  try {
    const value: unknown = JSON.parse(octets.toString('utf8'));
    const isAnswer = typeof value === 'object' && value !== null && ('result' in value || 'error' in value);
    return isAnswer ? idOf(value as Message) : undefined;
  } catch {
    return undefined;
  }
}

/** Reads the octets of one line. */
export function readMessage(octets: Buffer): Framed | NoMessage {
  const refused = (code: FramingCode, detail: string | undefined): NoMessage => ({
    ok: false,
    error: new FramingError(code, detail),
    answerTo: answeredIn(octets),
  });
  const read = readMessageJson(octets);
  if (!read.ok) return refused(read.code, read.detail);
  const checked = checkMessage(read.value.value);
  if (!checked.ok) return refused(checked.code, checked.detail);
  const message = checked.value;
  const [kind, id] = [kindOf(message), idOf(message)];
  // What asks is judged by what it says, so that it must say the same to everyone. A text that a server cut in two is an answer like others.
  if (read.value.unpaired && (kind === 'request' || kind === 'notification'))
    return { ok: false, error: new FramingError('message-unpaired-surrogate', undefined, id) };
  return { ok: true, message, kind, id, octets };
}

/** Octets from which a part of a line is kept as it came; smaller ones are copied together, so that none holds more memory than it has octets. */
const keptAsIs = 4_096;

/** What has come of a line whose end has not. Small parts are gathered in room that doubles: many of them cost no more than one large. */
function lineBegun(): {
  readonly add: (part: Buffer) => void;
  readonly take: () => Buffer;
  readonly size: () => number;
} {
  let parts: Buffer[] = [];
  let [room, used, size] = [Buffer.alloc(0), 0, 0];

  function keepRoom(): void {
    if (used > 0) parts.push(room.subarray(0, used));
    [room, used] = [Buffer.alloc(0), 0];
  }

  return {
    add: (part) => {
      size += part.length;
      if (part.length >= keptAsIs) {
        keepRoom();
        parts.push(part);
        return;
      }
      if (used + part.length > room.length) {
        const larger = Buffer.allocUnsafeSlow(Math.max(2 * room.length, used + part.length, 256));
        room.copy(larger, 0, 0, used);
        room = larger;
      }
      part.copy(room, used);
      used += part.length;
    },
    take: () => {
      keepRoom();
      const [first = room] = parts;
      const line = parts.length > 1 ? Buffer.concat(parts, size) : first;
      [parts, size] = [[], 0];
      return line;
    },
    size: () => size,
  };
}

/**
 * Splits a stream into messages. The cost is linear in the octets, whatever the chunks are. Give it chunks as they come, and take what
 * `next` gives until there is nothing more before the next chunk.
 * @throws ConfigurationError for a limit that is not a positive whole number
 */
export function splitMessages({ longest = longestMessage }: SplitOptions = {}): MessageSplitter {
  if (!Number.isSafeInteger(longest) || longest < 1)
    throw new ConfigurationError(`the limit of a message: expected a whole number of octets from 1, got ${longest}`);
  const begun = lineBegun();
  let lines: Buffer[] = [];
  let given = 0;
  let complete = 0; // octets in lines that were not given
  let tooLong: 'no' | 'found' | 'told' = 'no';

  function line(part: Buffer): void {
    if (begun.size() === 0) lines.push(part);
    else {
      begun.add(part);
      lines.push(begun.take());
    }
    complete += lines[lines.length - 1]?.length ?? 0;
  }

  return {
    push: (chunk) => {
      if (tooLong !== 'no') return;
      const octets = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
      for (let from = 0; from < octets.length; ) {
        const at = octets.indexOf(newline, from);
        const part = octets.subarray(from, at < 0 ? octets.length : at);
        if (begun.size() + part.length > longest) {
          begun.take();
          tooLong = 'found';
          return;
        }
        if (at >= 0) line(part);
        else begun.add(part);
        from += part.length + 1;
      }
    },
    next: () => {
      const octets = lines[given];
      if (octets !== undefined) {
        given += 1;
        complete -= octets.length;
        if (given === lines.length) [lines, given] = [[], 0];
        return readMessage(octets);
      }
      if (tooLong !== 'found') return undefined;
      tooLong = 'told';
      return { ok: false, error: new FramingError('message-too-long', `at most ${longest} octets are expected`) };
    },
    ready: () => given < lines.length || tooLong === 'found',
    end: () => {
      if (tooLong !== 'no' || begun.size() === 0) return undefined;
      return new FramingError('message-truncated', `${begun.size()} octets stand behind the last newline`);
    },
    buffered: () => complete + begun.size(),
  };
}
