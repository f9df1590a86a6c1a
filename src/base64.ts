// Base64 (RFC 4648, section 4) of large octets. Texts that an encoder does not write are refused.
import type { Bytes } from './octets.ts';

const digits = Uint8Array.from(
  'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/',
  (digit) => digit.codePointAt(0) ?? 0,
);
const padding = 0x3d; // =
const notDigit = 0xff;
const values = new Uint8Array(256).fill(notDigit);
for (const [value, digit] of digits.entries()) values[digit] = value;

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** The text of octets, with padding and without lines. */
export function toBase64(octets: Bytes): string {
  const text = new Uint8Array(4 * Math.ceil(octets.length / 3)).fill(padding);
  let to = 0;
  for (let from = 0; from < octets.length; from += 3, to += 4) {
    const rest = octets.length - from;
    const three = ((octets[from] ?? 0) << 16) | ((octets[from + 1] ?? 0) << 8) | (octets[from + 2] ?? 0);
    text[to] = digits[three >> 18] ?? 0;
    text[to + 1] = digits[(three >> 12) & 63] ?? 0;
    if (rest > 1) text[to + 2] = digits[(three >> 6) & 63] ?? 0;
    if (rest > 2) text[to + 3] = digits[three & 63] ?? 0;
  }
  return decoder.decode(text);
}

/** The octets of a text, exactly as an encoder writes it: with padding, the last bits zero, no lines; `undefined` for any other. */
export function fromBase64(text: string): Bytes | undefined {
  if (text.length % 4 !== 0) return undefined;
  const padded = text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0;
  const from = encoder.encode(text);
  if (from.length !== text.length) return undefined;
  const octets = new Uint8Array((text.length / 4) * 3 - padded);
  const length = text.length - padded;
  let [held, bits, at, wrong] = [0, 0, 0, 0];
  for (let i = 0; i < length; i += 1) {
    const value = values[from[i] ?? 0] ?? notDigit;
    wrong |= value; // only a wrong digit sets the highest bit
    held = ((held << 6) | value) & 0xffff;
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    octets[at] = held >> bits;
    at += 1;
  }
  return wrong < 64 && (held & ((1 << bits) - 1)) === 0 ? octets : undefined;
}
