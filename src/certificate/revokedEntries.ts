// The entries of a revocation list. There may be millions, so no objects are made of them: an index over their DER
// finds them.

import { only, tags } from '../der/der.ts';
import { malformed } from '../der/derError.ts';
import { enter, type Place } from '../der/tlv.ts';
import { limits } from '../limits.ts';
import { type Bytes, fromHex, toHex } from '../octets.ts';
import { longestSerialNumber, readExtensionList, timeAt } from './structure.ts';

/** An entry of a list: the time of the revocation, and the reason code of section 5.3.1, 0 when absent. */
export interface Revoked {
  readonly date: Date;
  readonly reason: number;
}

const reasonCode = '2.5.29.21';
const certificateIssuer = '2.5.29.29';

/** The codes of CRLReason, without 7, which is unused, and 8, which only delta lists have. */
const reasons: ReadonlySet<number> = new Set([0, 1, 2, 3, 4, 5, 6, 9, 10]);

/** The extensions of an entry with only a reason, up to the reason itself, which is the last octet. */
const reasonAlone = Uint8Array.of(0x30, 12, 0x30, 10, tags.objectIdentifier, 3, 0x55, 0x1d, 0x15, 4, 3, 0x0a, 1);

/**
 * Finds the contents of an element, which must have this tag and end at or before `end`. As strict as `only`. @throws
 * DerError
 */
function enterTag(octets: Bytes, at: number, end: number, tag: number, place: Place): void {
  if (octets[at] !== tag) malformed('entries: another type than an entry has there');
  enter(octets, at, end, place);
}

function readReason(extensions: Bytes): number {
  const found = readExtensionList(only(extensions, tags.sequence, 'entry extensions'));
  if (found.has(certificateIssuer)) malformed('an entry of an indirect list');
  for (const [name, { critical }] of found) if (critical) malformed(`entry extension ${name}: critical`);
  const value = found.get(reasonCode)?.value;
  if (value === undefined) return 0;
  const [code = -1, ...rest] = only(value, tags.enumerated, 'reason').contents;
  return rest.length === 0 && reasons.has(code) ? code : malformed('reason: not one of a complete list');
}

function isReasonAlone(octets: Bytes, at: number, end: number): boolean {
  if (end - at !== reasonAlone.length + 1) return false;
  for (let i = 0; i < reasonAlone.length; i += 1) if (octets[at + i] !== reasonAlone[i]) return false;
  return reasons.has(octets[end - 1] ?? -1);
}

/** The reason of an entry with these extensions. Nearly all have one form, which needs no parser. */
const reasonAt = (octets: Bytes, at: number, end: number): number =>
  isReasonAlone(octets, at, end) ? (octets[end - 1] ?? 0) : readReason(octets.subarray(at, end));

/**
 * Requires a serial number as contents of an INTEGER: positive, in as few octets as possible, at most 20. @throws
 * DerError
 */
function requireSerialNumber(octets: Bytes, { start, end }: Place): void {
  const [head, second] = [octets[start] ?? 0, octets[start + 1] ?? 0];
  if (start === end || head >= 0x80) malformed('serial number: negative or empty');
  if (head === 0 && end - start > 1 && second < 0x80) malformed('serial number: more octets than needed');
  if (end - start > longestSerialNumber) malformed(`serial number: more than ${longestSerialNumber} octets`);
  if (head === 0 && end - start === 1) malformed('serial number: zero');
}

/** Makes a reader of the entry at a place. It sets the place of the serial number, and returns date and reason. */
function entryReader(octets: Bytes) {
  const entry: Place = { start: 0, end: 0 };
  const serial: Place = { start: 0, end: 0 };
  const time: Place = { start: 0, end: 0 };
  const read = (at: number): { readonly milliseconds: number; readonly reason: number } => {
    enterTag(octets, at, octets.length, tags.sequence, entry);
    enterTag(octets, entry.start, entry.end, tags.integer, serial);
    requireSerialNumber(octets, serial);
    const tag = octets[serial.end] === tags.utcTime ? tags.utcTime : tags.generalizedTime;
    enterTag(octets, serial.end, entry.end, tag, time);
    const milliseconds = timeAt(octets, tag, time.start, time.end, 'revocation date');
    return { milliseconds, reason: time.end === entry.end ? 0 : reasonAt(octets, time.end, entry.end) };
  };
  return { read, entry, serial };
}

/** Hashes a serial number to 31 bits (FNV-1a). Collisions only make a list slower. */
function mixed(octets: Bytes, start: number, end: number): number {
  let hash = 0x811c9dc5;
  for (let at = start; at < end; at += 1) hash = Math.imul(hash ^ (octets[at] ?? 0), 0x01000193);
  return (hash ^ (hash >>> 15)) >>> 1;
}

/** Compares the octets of two places: less than 0, 0 or more than 0. */
function compared(left: Bytes, one: Place, right: Bytes, other: Place): number {
  const length = one.end - one.start;
  let difference = length - (other.end - other.start);
  for (let i = 0; difference === 0 && i < length; i += 1)
    difference = (left[one.start + i] ?? 0) - (right[other.start + i] ?? 0);
  return difference;
}

/** An entry number has 22 bits below the 31 bits of the hash. A double holds these 53 bits exactly. */
const numbers = 2 ** 22;

function countOf(octets: Bytes): number {
  const place: Place = { start: 0, end: 0 };
  let count = 0;
  for (let at = 0; at < octets.length; at = place.end) {
    enterTag(octets, at, octets.length, tags.sequence, place);
    count += 1;
  }
  return count;
}

/**
 * The places of the entries, in their order; and the numbers of the entries, sorted by the hash of the serial number.
 */
interface Index {
  readonly places: Uint32Array;
  readonly sorted: Float64Array;
}

function indexOf(octets: Bytes): Index {
  const count = countOf(octets);
  if (count > limits.revokedEntries) malformed(`entries: more than ${limits.revokedEntries}`);
  const [places, sorted] = [new Uint32Array(count), new Float64Array(count)];
  const { read, entry, serial } = entryReader(octets);
  for (let i = 0, at = 0; i < count; i += 1, at = entry.end) {
    read(at);
    places[i] = at;
    sorted[i] = numbers * mixed(octets, serial.start, serial.end) + i;
  }
  return { places, sorted: sorted.sort() };
}

/** The place of the serial number of an entry that was checked before. */
function serialAt(octets: Bytes, at: number): Place {
  const place: Place = { start: 0, end: 0 };
  enterTag(octets, at, octets.length, tags.sequence, place);
  enterTag(octets, place.start, place.end, tags.integer, place);
  return place;
}

/** Whether a serial number occurs twice. Compares only serial numbers with the same hash. */
function hasTwice(octets: Bytes, { places, sorted }: Index): boolean {
  const mixedOf = (i: number): number => Math.floor((sorted[i] ?? -1) / numbers);
  for (let from = 0, to = 1; from < sorted.length; from = to) {
    for (to = from + 1; to < sorted.length && mixedOf(to) === mixedOf(from); ) to += 1;
    if (to - from === 1) continue;
    const alike = Array.from(sorted.subarray(from, to), (one) => serialAt(octets, places[one % numbers] ?? 0));
    alike.sort((one, other) => compared(octets, one, octets, other));
    if (alike.some((one, i) => i > 0 && compared(octets, one, octets, alike[i - 1] ?? one) === 0)) return true;
  }
  return false;
}

/** The index of the first sorted number that is not below a bound. */
function firstFrom(sorted: Float64Array, bound: number): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sorted[middle] ?? 0) < bound) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The place of the entry with a serial number, or `undefined`. */
function placeOf(octets: Bytes, { places, sorted }: Index, serialNumber: string): number | undefined {
  if (!/^(?:[0-9a-f]{2}){1,20}$/.test(serialNumber)) return undefined;
  const wanted = fromHex(serialNumber);
  const place: Place = { start: 0, end: wanted.length };
  const bits = mixed(wanted, 0, wanted.length);
  for (let i = firstFrom(sorted, numbers * bits); i < sorted.length; i += 1) {
    const number = sorted[i] ?? 0;
    if (Math.floor(number / numbers) !== bits) return undefined;
    const at = places[number % numbers] ?? 0;
    if (compared(wanted, place, octets, serialAt(octets, at)) === 0) return at;
  }
  return undefined;
}

/**
 * Reads the entries in the contents of a `SEQUENCE OF`, by serial number in hexadecimal digits, in the order of the
 * list. Every entry is checked. An index of 12 octets for each is kept with the octets, which must not change any more.
 * @throws DerError
 */
export function readRevokedEntries(octets: Bytes): ReadonlyMap<string, Revoked> {
  const index = indexOf(octets);
  if (octets.length === 0 || hasTwice(octets, index)) malformed('entries: none, or one of them twice');
  const { read, serial } = entryReader(octets);
  const valueAt = (at: number): Revoked => {
    const { milliseconds, reason } = read(at);
    return { date: new Date(milliseconds), reason };
  };
  function* entries(): Generator<[string, Revoked], undefined, unknown> {
    for (const at of index.places) {
      const value = valueAt(at);
      yield [toHex(octets.subarray(serial.start, serial.end)), value];
    }
  }
  function* keys(): Generator<string, undefined, unknown> {
    for (const [key] of entries()) yield key;
  }
  function* values(): Generator<Revoked, undefined, unknown> {
    for (const at of index.places) yield valueAt(at);
  }
  const revoked: ReadonlyMap<string, Revoked> = {
    size: index.places.length,
    has: (serialNumber) => placeOf(octets, index, serialNumber) !== undefined,
    get: (serialNumber) => {
      const at = placeOf(octets, index, serialNumber);
      return at === undefined ? undefined : valueAt(at);
    },
    forEach: (call) => {
      for (const [key, value] of entries()) call(value, key, revoked);
    },
    entries,
    keys,
    values,
    [Symbol.iterator]: entries,
  };
  return revoked;
}
