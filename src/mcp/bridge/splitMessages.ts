// Messages out of a stream of octets: UTF-8 JSON, each ended by a newline.
import { TextDecoder } from 'node:util';
import type { Json, Message } from '../contract.ts';
import { isObject } from '../gate/json.ts';

/** A message as it came. */
export interface Framed {
  readonly ok: true;
  readonly message: Message;
  /** Without the newline: to pass on, nothing of them changed. */
  readonly octets: Buffer;
}

/** A line that is no message. After one that is too long nothing more comes. */
export interface NoMessage {
  readonly ok: false;
  readonly error: { readonly code: string; readonly message: string };
}

/** Takes octets, gives messages. */
export interface MessageSplitter {
  readonly push: (chunk: Uint8Array) => void;
  /** The next message, or line that is none; undefined when more octets are needed. */
  readonly next: () => Framed | NoMessage | undefined;
  /** What is wrong with a stream that ended now. */
  readonly end: () => NoMessage['error'] | undefined;
}

const newline = 0x0a;
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function messageIn(octets: Buffer): Framed | NoMessage {
  let value: Json;
  try {
    value = JSON.parse(utf8.decode(octets));
  } catch {
    return { ok: false, error: { code: 'message-not-json', message: 'a line is not JSON in UTF-8' } };
  }
  if (isObject(value) && value['jsonrpc'] === '2.0') return { ok: true, message: value, octets };
  return { ok: false, error: { code: 'message-not-json-rpc', message: 'a line is not an object of JSON-RPC 2.0' } };
}

/** @param longest - octets of a message, without the newline */
export function splitMessages({ longest }: { readonly longest: number }): MessageSplitter {
  let chunks: Buffer[] = []; // of one line, no newline in it
  let held = 0;
  let rest: Buffer = Buffer.alloc(0);
  let isDead = false;

  const tooLong = (): NoMessage => {
    [chunks, rest, isDead, held] = [[], Buffer.alloc(0), true, 0];
    return { ok: false, error: { code: 'message-too-long', message: `a line has more than ${longest} octets` } };
  };

  return {
    push: (chunk) => {
      if (isDead) return;
      const octets = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
      rest = rest.length === 0 ? octets : Buffer.concat([rest, octets]);
    },
    next: () => {
      const at = rest.indexOf(newline);
      const part = at < 0 ? rest : rest.subarray(0, at);
      if (held + part.length > longest) return tooLong();
      if (at < 0) {
        if (part.length > 0) chunks.push(part);
        held += part.length;
        rest = Buffer.alloc(0);
        return undefined;
      }
      const line = chunks.length === 0 ? part : Buffer.concat([...chunks, part]);
      [chunks, held, rest] = [[], 0, rest.subarray(at + 1)];
      return messageIn(line);
    },
    end: () => (held === 0 ? undefined : { code: 'message-truncated', message: 'the stream ended inside a message' }),
  };
}
