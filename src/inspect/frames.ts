// From a byte stream to messages: the codec of the product, which goes on after what a peer would refuse, as far as that can be framed.

import type { FailureCode } from '../failure.ts';
import { fieldSymbols, fieldsOf, messageNames, messageTable } from '../generated/codec.ts';
import { headerOctets, protocolVersion } from '../generated/constants.ts';
import type { Message, MessageName } from '../generated/messages.ts';
import type { Bytes } from '../octets.ts';
import type { Role } from '../role.ts';
import { decode, decodeHeader } from '../wire/frame.ts';
import type { ByteStream } from './tcp.ts';

/** The reason why a peer that awaits the next message refuses this one: a code of the specification, and words for people. */
export interface Refusal {
  readonly code: FailureCode;
  readonly detail: string;
}

/** A field of a message by its symbol in the draft. */
export interface Field {
  readonly symbol: string;
  readonly octets: Bytes;
}

/** A message of a recorded stream, accepted or refused. */
export interface Frame {
  readonly sender: Role;
  readonly name: MessageName;
  /** Where its header begins in the stream. */
  readonly offset: number;
  /** Octets of the data, as the header says. */
  readonly length: number;
  /** Header and data, as they are in the stream. */
  readonly octets: Bytes;
  /** The fields; a message of a wrong length has its data as the only one. */
  readonly fields: readonly Field[];
  /** The message, unless its length is wrong. */
  readonly message: Message<Bytes> | undefined;
  readonly refused: readonly Refusal[];
  /** The arrival of the last octet: a number that grows with time, and the time of the capture in seconds since 1970. */
  readonly order: number | undefined;
  readonly time: number | undefined;
}

/** The octets behind the last message of a stream. */
export type Remainder =
  | { readonly kind: 'incomplete'; readonly offset: number; readonly octets: Bytes; readonly detail: string }
  | { readonly kind: 'unframed'; readonly offset: number; readonly octets: Bytes; readonly refused: Refusal }
  | { readonly kind: 'behind'; readonly offset: number; readonly octets: Bytes };

/** The octets at the end of a direction, and the sender. */
export interface Ending {
  readonly sender: Role;
  readonly remainder: Remainder;
}

/** The messages of one stream. */
export interface Frames {
  readonly frames: readonly Frame[];
  readonly remainder: Remainder | undefined;
  readonly notes: readonly string[];
}

/** The most messages of a stream that are shown: far more than a handshake has, so that a file makes no endless work. */
const mostFrames = 64;

const ofRole = (role: Role): MessageName[] => messageNames.filter((name) => messageTable[name].sender === role);
const order: Readonly<Record<Role, readonly MessageName[]>> = {
  initiator: ofRole('initiator'),
  responder: ofRole('responder'),
};
const nameOfType = new Map<number, MessageName>(messageNames.map((name) => [messageTable[name].type, name]));

/** The role whose message begins a stream; undefined when no message does. */
export function senderOf(stream: Bytes): Role | undefined {
  const name = nameOfType.get(stream[1] ?? 0);
  return name === undefined ? undefined : messageTable[name].sender;
}

/** Whether a stream begins as a handshake does: this version, a known type, a possible length. */
export function looksLikeMessages(stream: Bytes): boolean {
  const name = nameOfType.get(stream[1] ?? 0);
  return name !== undefined && stream.length >= headerOctets && decodeHeader(stream.subarray(0, headerOctets), name).ok;
}

/** `0 to 3`, or `3` where both are the same. */
const range = (minimum: number, maximum: number): string =>
  minimum === maximum ? `${minimum}` : `${minimum} to ${maximum}`;

function describe(code: FailureCode, header: Bytes, expected: MessageName | undefined, found: MessageName): string {
  const length = (header[2] ?? 0) * 256 + (header[3] ?? 0);
  const { minimum, maximum } = messageTable[found];
  if (code === 'wrong-length') return `${length} octets of data, not ${range(minimum, maximum)}`;
  const awaited = expected === undefined ? 'no message' : `type ${messageTable[expected].type}`;
  return `type ${header[1]}, where ${awaited} is awaited`;
}

/** The octets and the decoded fields of one message. */
function bodyOf(name: MessageName, octets: Bytes): Pick<Frame, 'octets' | 'fields' | 'message'> {
  const decoded = decode(octets, name);
  if (!decoded.ok)
    return { octets, message: undefined, fields: [{ symbol: 'data', octets: octets.subarray(headerOctets) }] };
  const message = decoded.value;
  const values = fieldsOf<Bytes>(message);
  return {
    octets,
    message,
    fields: fieldSymbols[name].map((symbol, i) => ({ symbol, octets: values[i] ?? new Uint8Array() })),
  };
}

/**
 * Cuts a stream into messages. Their types say who sent them, so a file can hold both directions one after the other; `role` is the
 * expected sender. Stops at octets that cannot be framed, and behind the last message.
 */
export function framesOf({ octets: stream, arrivalOf, notes }: ByteStream, role?: Role): Frames {
  const frames: Frame[] = [];
  const awaited: Record<Role, number> = { initiator: 0, responder: 0 };
  const end = (remainder: Remainder | undefined): Frames => ({ frames, remainder, notes });
  for (let at = 0; at < stream.length; ) {
    const rest = stream.subarray(at);
    if (finished(frames, awaited) && !(role === undefined && looksLikeMessages(rest))) {
      return end({ kind: 'behind', offset: at, octets: rest });
    }
    const framed = frames.length < mostFrames ? header(rest) : tooMany;
    if ('kind' in framed) return end({ ...framed, offset: at, octets: rest });
    const { name, length } = framed;
    const { sender } = messageTable[name];
    const expected = order[role ?? sender][awaited[role ?? sender]];
    const octets = rest.subarray(0, headerOctets + length);
    const body = bodyOf(name, octets);
    const arrival = arrivalOf(at + octets.length);
    const refused = refusals(octets, name, expected);
    frames.push({ sender, name, offset: at, length, ...body, refused, order: arrival?.order, time: arrival?.time });
    awaited[sender] = order[sender].indexOf(name) + 1;
    at += octets.length;
  }
  return end(undefined);
}

/** Whether every role that spoke has sent its last message. */
function finished(frames: readonly Frame[], awaited: Readonly<Record<Role, number>>): boolean {
  const senders = new Set(frames.map(({ sender }) => sender));
  return senders.size > 0 && [...senders].every((sender) => awaited[sender] >= order[sender].length);
}

function refusals(octets: Bytes, name: MessageName, expected: MessageName | undefined): Refusal[] {
  const head = octets.subarray(0, headerOctets);
  const decoded =
    expected === undefined ? ({ ok: false, code: 'unexpected-message' } as const) : decodeHeader(head, expected);
  const codes = decoded.ok ? [] : [decoded.code];
  const own = decodeHeader(head, name);
  if (!own.ok && !codes.includes(own.code)) codes.push(own.code);
  return codes.map((code) => ({ code, detail: describe(code, head, expected, name) }));
}

type Unframed =
  | { readonly kind: 'incomplete'; readonly detail: string }
  | { readonly kind: 'unframed'; readonly refused: Refusal };

/** The message that begins here, if it is complete. */
function header(rest: Bytes): { readonly name: MessageName; readonly length: number } | Unframed {
  const [version = 0, type, high = 0, low = 0] = rest;
  if (version !== protocolVersion) return unframed('wrong-version', `version ${version}`);
  if (type === undefined) return { kind: 'incomplete', detail: `1 octet of a header of ${headerOctets}` };
  const name = nameOfType.get(type);
  if (name === undefined) return unframed('unexpected-message', `type ${type}, which no message has`);
  const { title } = messageTable[name];
  if (rest.length < headerOctets)
    return { kind: 'incomplete', detail: `${title}: ${rest.length} octets of a header of ${headerOctets}` };
  const length = high * 256 + low;
  const there = rest.length - headerOctets;
  if (there < length) return { kind: 'incomplete', detail: `${title}: ${there} octets of ${length} of data` };
  return { name, length };
}

const unframed = (code: FailureCode, detail: string): Unframed => ({ kind: 'unframed', refused: { code, detail } });
const tooMany = unframed('unexpected-message', `more than ${mostFrames} messages`);
