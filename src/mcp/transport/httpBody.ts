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

/** Parameters of a media type follow a semicolon. */
const isJson = (type: string | undefined): boolean =>
  type?.split(';', 1)[0]?.trim().toLowerCase() === 'application/json';

/** Reads the message in the body of a request. Rejects when the connection ends within it. @param longest octets. Default 4 MiB */
export async function messageIn(
  request: IncomingMessage,
  longest: number = longestMessage,
): Promise<Framed | BodyRefusal> {
  const { headers } = request;
  if (!isJson(headers['content-type'])) return refusal(415, -32_600, 'Content-Type is not application/json');
  if (headers['content-encoding'] !== undefined) return refusal(415, -32_600, 'Content-Encoding is not supported');
  const tooLong = refusal(413, -32_600, `A message has at most ${longest} octets`);
  if (Number(headers['content-length'] ?? 0) > longest) return tooLong;
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request) {
    length += (chunk as Buffer).length;
    if (length > longest) return tooLong;
    chunks.push(chunk as Buffer);
  }
  const read = readMessage(Buffer.concat(chunks));
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
