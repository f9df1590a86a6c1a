// Messages that a policy and a server may read in two ways. The octets that were judged are those that are passed on, so both have to
// read the same in them.
import { isObject, type Json, type Message } from '../contract.ts';
import { peerMetaKey } from './codes.ts';
import { memberOf } from './json.ts';

const carriageReturn = 0x0d;

/** A name as readers in Go compare it: without capitals, and without forms of letters such as the long s and the Kelvin sign. */
const folded = (name: string): string => name.toUpperCase().toLowerCase();

/** Whether names are told apart by nothing but capitals, which readers in Go take for one name. */
function clash(value: Json | undefined): boolean {
  if (!isObject(value)) return false;
  const names = Object.keys(value);
  return new Set(names.map(folded)).size < names.length;
}

/** Parameters, and the objects in them: a policy reads the names of a reference, of what is subscribed to, of arguments. */
const clashIn = (params: Json | undefined): boolean =>
  isObject(params) && (clash(params) || Object.values(params).some(clash));

/** Members that decide what a message says; spelt otherwise some readers take them for these. */
const telling = new Set(['jsonrpc', 'id', 'method', 'params', 'result', 'error']);

const misspelt = (message: Message): boolean =>
  Object.keys(message).some((name) => !telling.has(name) && telling.has(folded(name)));

/**
 * Why a message could be another one, or several, to who gets it; undefined when it cannot. A carriage return is white space of JSON, and the
 * end of a line to readers with universal newlines, such as text streams in Python: they would find a second message inside. Repeated
 * names are refused where messages are read.
 */
function envelopeAmbiguity(message: Message, octets: Uint8Array): string | undefined {
  const at = octets.indexOf(carriageReturn);
  if (at >= 0 && at < octets.length - 1) return 'a carriage return inside';
  return misspelt(message) || clash(message) ? 'names that differ in capitals only' : undefined;
}

/** Why a message of a peer could mean something else to a server than to a policy. */
export const ambiguityOf = (message: Message, octets: Uint8Array): string | undefined =>
  envelopeAmbiguity(message, octets) ??
  (clashIn(message['params']) ? 'names of parameters that differ in capitals only' : undefined);

/** Why a message of a server could mean something else to a host than to a guard, which looks at the members of results. */
export const ambiguityToHost = (message: Message, octets: Uint8Array): string | undefined =>
  envelopeAmbiguity(message, octets) ??
  (clash(message['result']) ? 'names of a result that differ in capitals only' : undefined);

/** Whether a request has a `_meta` to which nothing can be added. */
export function hasOtherMeta({ params }: Message): boolean {
  const meta = memberOf(params, '_meta');
  return meta !== undefined && !isObject(meta);
}

/** Whether a message claims to have what this side adds to requests. */
export function claimsPeer({ params }: Message): boolean {
  const meta = memberOf(params, '_meta');
  return isObject(meta) && Object.keys(meta).some((name) => folded(name) === peerMetaKey);
}
