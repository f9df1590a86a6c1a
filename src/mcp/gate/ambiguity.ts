// Messages that a policy and a server may read in two ways. The octets that were judged are those that are passed on, so both have to
// read the same in them.
import type { Json, Message } from '../contract.ts';
import { peerMetaKey } from './codes.ts';
import { isObject, memberOf } from './json.ts';

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

/** Members that decide what a message asks for; spelt otherwise some readers take them for these. */
const telling = new Set(['jsonrpc', 'id', 'method', 'params']);

const misspelt = (message: Message): boolean =>
  Object.keys(message).some((name) => !telling.has(name) && telling.has(folded(name)));

/**
 * Why a request could mean something else to a server; undefined when it cannot. A carriage return is white space of JSON, and the end of
 * a line to readers with universal newlines, such as text streams in Python: they would find a second message inside. Repeated names
 * are refused where messages are read.
 */
export function ambiguityOf(message: Message, octets: Uint8Array): string | undefined {
  const at = octets.indexOf(carriageReturn);
  if (at >= 0 && at < octets.length - 1) return 'a carriage return inside';
  if (misspelt(message) || clash(message)) return 'names that differ in capitals only';
  if (clashIn(message['params'])) return 'names of parameters that differ in capitals only';
  return undefined;
}

/** Whether a message claims to have what this side adds to requests. */
export function claimsPeer({ params }: Message): boolean {
  const meta = memberOf(params, '_meta');
  return isObject(meta) && Object.keys(meta).some((name) => folded(name) === peerMetaKey);
}
