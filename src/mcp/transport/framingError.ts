// Why a stream of messages is refused.

/** Each code, and what was found. Those that end a connection leave no place from which reading could go on safely. */
export const framingCodes = {
  'message-too-long': 'a message is longer than the limit',
  'message-truncated': 'the stream ended inside a message',
  'message-not-utf8': 'a message is not UTF-8',
  'message-not-json': 'a line is not JSON',
  'message-too-deep': 'a message is nested deeper than the limit',
  'message-repeated-key': 'an object of a message repeats a key',
  'message-unsafe-key': 'an object of a message has the key __proto__',
  'message-unpaired-surrogate': 'a text of a message has half of a surrogate pair',
  'message-not-json-rpc': 'a message is not an object of JSON-RPC 2.0',
} as const;

/** Stable code of a refused message. */
export type FramingCode = keyof typeof framingCodes;

/** A message was refused. Holds nothing of the message but its length, and the id of a request that can be answered. */
export class FramingError extends Error {
  override readonly name = 'FramingError';
  readonly code: FramingCode;
  /** Of the request that was refused, where one could be read. */
  readonly id: string | number | undefined;

  constructor(code: FramingCode, detail?: string, id?: string | number) {
    super(detail === undefined ? framingCodes[code] : `${framingCodes[code]}: ${detail}`);
    this.code = code;
    this.id = id;
  }
}
