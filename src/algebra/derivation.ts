// The contract of the key schedule, by hand. It knows messages and nothing else, so that what is generated can be written on it.
import type { Message } from '../generated/messages.ts';

/** The operations that the key schedule is made of; every algebra has them. Lengths in octets. */
export interface Derivation<O> {
  /** The empty octet string. */
  readonly empty: O;
  /** ASCII text as octets. */
  text(ascii: string): O;
  /** One octet. */
  octet(value: number): O;
  /** Concatenation, `||`. */
  concat(...parts: readonly O[]): O;
  /** SHA-384 (FIPS 180-4) of the concatenation of the parts: 48 octets. */
  hash(...parts: readonly O[]): O;
  /** HMAC-SHA-384 (RFC 2104): 48 octets. */
  mac(input: { readonly key: O; readonly message: O }): O;
  /** HKDF-Extract with SHA-384 (RFC 5869): 48 octets. */
  extract(input: { readonly salt: O; readonly ikm: O }): O;
  /** HKDF-Expand with SHA-384 (RFC 5869): `length` octets. */
  expand(input: { readonly prk: O; readonly info: O; readonly length: number }): O;
  /** Cuts octets into consecutive parts of the given lengths, which sum up to the whole. */
  cut(octets: O, lengths: readonly number[]): readonly O[];
  /** The number of octets of a string, in `count` octets, the high one first. */
  length(octets: O, count: number): O;
  /** The length of a string in 4 octets, the string, and zeros up to a multiple of so many octets. */
  pad(octets: O, multiple: number): O;
  /** A message whole: header and data (section 4.1). */
  message(message: Message<O>): O;
  /** The data of a message, without its header. */
  data(message: Message<O>): O;
}
