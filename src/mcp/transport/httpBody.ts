// The body of a request: bounded, and one message that everybody reads alike.
import type { IncomingMessage } from 'node:http';
import { type Framed, longestMessage, readMessage } from './splitMessages.ts';

/** Why the body of a request is refused, as an answer of HTTP. */
export interface BodyRefusal {
  readonly ok: false;
  readonly status: 400 | 413 | 415;
  /** Of JSON-RPC 2.0. */
  readonly code: number;
  readonly message: string;
  readonly id?: string | number | null;
}

const refusal = (status: BodyRefusal['status'], code: number, message: string): BodyRefusal => ({
  ok: false,
  status,
  code,
  message,
});

/** The media type of a header, without its parameters, which follow a semicolon. */
export const mediaTypeOf = (type: string | undefined): string => type?.split(';', 1)[0]?.trim().toLowerCase() ?? '';

/** Reads a body to its end; undefined when it is longer than so many octets. */
export async function bodyOf(source: IncomingMessage, longest: number): Promise<Buffer | undefined> {
  if (Number(source.headers['content-length'] ?? 0) > longest) return undefined;
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of source) {
    length += (chunk as Buffer).length;
    if (length > longest) return undefined;
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks);
}

/**
 * A message: JSON in UTF-8. Of parameters none is read but that this is so, as a server may decode the octets by another `charset`: in UTF-7
 * they are another message, and both are JSON.
 */
const ofMessages = /^application\/json[ \t]*(;[ \t]*charset=("utf-8"|utf-8)[ \t]*)?$/i;

/** Reads the message in the body of a request. Rejects when the connection ends within it. @param longest octets. Default 4 MiB */
export async function messageIn(
  request: IncomingMessage,
  longest: number = longestMessage,
): Promise<Framed | BodyRefusal> {
  const { headers } = request;
  if (!ofMessages.test(headers['content-type'] ?? ''))
    return refusal(415, -32_600, 'Content-Type is not application/json in UTF-8');
  if (headers['content-encoding'] !== undefined) return refusal(415, -32_600, 'Content-Encoding is not supported');
  const octets = await bodyOf(request, longest);
  if (octets === undefined) return refusal(413, -32_600, `A message has at most ${longest} octets`);
  const read = readMessage(octets);
  if (read.ok) return read;
  const { code, message, id = null } = read.error;
  return {
    ok: false,
    status: 400,
    code: code === 'message-not-json' || code === 'message-not-utf8' ? -32_700 : -32_600,
    message,
    id,
  };
}
