// The frame of an element in DER (X.690, sections 8.1 and 10.1): identifier, length, contents.
import type { Bytes } from '../octets.ts';
import { malformed } from './derError.ts';

/** Where the contents of an element begin and end. The element ends with them. */
export interface Place {
  start: number;
  end: number;
}

/** 4 GiB less one: more than any file that is read. */
const mostLengthOctets = 4;

/**
 * Finds the contents of the element at a place, which must end by `end`. The identifier is one octet, as no tag number of the
 * profile is above 30; the length is definite, in as few octets as possible, at most 4 of them in the long form. Writes into
 * a place of the caller, as lists have millions of elements. @throws DerError for anything else
 */
export function enter(octets: Bytes, at: number, end: number, place: Place): void {
  if (at + 2 > end) malformed('an element that is cut off in its identifier or length');
  if (((octets[at] ?? 0) & 0x1f) === 0x1f) malformed('an identifier of more than one octet');
  let length = octets[at + 1] ?? 0;
  let start = at + 2;
  if (length >= 0x80) {
    const digits = length & 0x7f;
    if (digits === 0) malformed('an indefinite length');
    if (digits > mostLengthOctets) malformed(`a length of more than ${mostLengthOctets} octets`);
    if (start + digits > end) malformed('an element that is cut off in its length');
    if (octets[start] === 0) malformed('a length in more octets than it needs');
    length = 0;
    for (const last = start + digits; start < last; start += 1) length = 0x100 * length + (octets[start] ?? 0);
    if (length < 0x80) malformed('a length in more octets than it needs');
  }
  if (start + length > end) malformed('an element that is cut off in its contents');
  place.start = start;
  place.end = start + length;
}
