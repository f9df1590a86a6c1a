// DER of small elements that are written by hand, so that no library copies what is secret in them.
import { type Bytes, fromHex } from '../octets.ts';
import { tags } from './der.ts';

/** One element, of at most 65,535 octets. @throws RangeError for more */
export function element(tag: number, ...parts: readonly Bytes[]): Bytes {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  if (length > 0xffff) throw new RangeError(`an element of ${length} octets, not at most 65535`);
  const head =
    length < 0x80 ? [tag, length] : length < 0x100 ? [tag, 0x81, length] : [tag, 0x82, length >> 8, length & 0xff];
  const whole = new Uint8Array(head.length + length);
  whole.set(head);
  let at = head.length;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** INTEGER of a number from 0. */
export function integer(value: number): Bytes {
  const digits = value.toString(16);
  const octets = fromHex(digits.padStart(2 * Math.ceil((digits.length + 1) / 2), '0'));
  const padded = octets[0] === 0 && (octets[1] ?? 0) < 0x80 && octets.length > 1;
  return element(tags.integer, padded ? octets.subarray(1) : octets);
}
