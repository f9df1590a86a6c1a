// The parts of certificates that are made to take long: names, strings, extensions, constraints, at random from a seed.

import { inside, octetsOf, only } from '../../der/der.ts';
import { type Bytes, concat } from '../../octets.ts';
import { largestCertificate } from '../../wire/frame.ts';
import { at, authoritySeed, hex, identifiers, keyEncipherment, octets, peer, platform, tlv } from './fixtures.ts';

export type Dice = (bound: number) => number;

export function dice(seed: number): Dice {
  let state = seed >>> 0;
  return (bound) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * bound);
  };
}

export const ascii = (text: string): Bytes => new Uint8Array(Buffer.from(text, 'utf8'));
export const pick = <T>(all: readonly [T, ...T[]], roll: Dice): T => all[roll(all.length)] ?? all[0];

/** As many parts as fit into so many octets. */
export function many(size: number, part: (index: number) => Bytes): Bytes {
  const parts: Bytes[] = [];
  for (let left = size, i = 0; ; i += 1) {
    const next = part(i);
    if (next.length > left || next.length === 0) return concat(...parts);
    parts.push(next);
    left -= next.length;
  }
}

/** A text, repeated up to the longest length that is allowed. */
export function repeated(text: Bytes, size: number): Bytes {
  const all = new Uint8Array(Math.max(0, size - (size % text.length)));
  for (let i = 0; i < all.length; i += 1) all[i] = text[i % text.length] ?? 0;
  return all;
}

export const [, algorithm, signatureElement] = inside(only(peer(), 0x30, 'certificate'), 8).map(octetsOf);
export const honest = inside(only(at(peer(), [0]), 0x30, 'to be signed'), 8).map(octetsOf);
export const [version, serial, inner, issuer, validity, subject, publicKey] = honest;
export const empty = octets(0);
export const usage = keyEncipherment;
export const known = inside(only(at(peer(), [0, 7, 0]), 0x30, 'extensions'), 8).map(octetsOf);
/** The authority key identifier of the honest certificate. */
export const authorityKey = known.find((one) => Buffer.from(one).includes(hex('0603551d23'))) ?? empty;

/** An extension of any identifier (contents), not critical unless told. */
export const extensionOf = (identifier: Bytes, value: Bytes, critical = false): Bytes =>
  tlv(0x30, tlv(6, identifier), ...(critical ? [tlv(1, hex('ff'))] : []), tlv(4, value));

/** An identifier of four octets for each number; none of them is in use. */
export const unknown = (index: number): Bytes =>
  Uint8Array.of(0x2a, 0x80 | (index >> 14) | 1, 0x80 | ((index >> 7) & 0x7f), index & 0x7f);

/** Parts of a certificate that take the place of honest ones. */
export interface Parts {
  readonly fields?: Readonly<Record<number, Bytes>>;
  readonly extensions?: readonly Bytes[];
  readonly more?: readonly Bytes[];
}

export const names = { version: 0, serial: 1, algorithm: 2, issuer: 3, validity: 4, subject: 5, publicKey: 6 } as const;

/** A certificate with these parts. Its signature has the right form, and does not verify. */
export function certificate(
  { fields = {}, extensions = [usage, authorityKey], more = [] }: Parts,
  sign = false,
): Bytes {
  const parts = [version, serial, inner, issuer, validity, subject, publicKey].map(
    (part, i) => fields[i] ?? part ?? empty,
  );
  const toBeSigned = tlv(0x30, ...parts, tlv(0xa3, tlv(0x30, ...extensions)), ...more);
  const signature = sign ? tlv(3, hex('00'), platform.sign(authoritySeed, toBeSigned)) : (signatureElement ?? empty);
  return tlv(0x30, toBeSigned, algorithm ?? empty, signature);
}

export const room =
  largestCertificate - certificate({ fields: { [names.subject]: empty, [names.issuer]: empty } }).length - 64;

export const strings: readonly [readonly [number, Bytes], ...(readonly [number, Bytes])[]] = [
  [0x0c, hex('01')], // control characters
  [0x0c, hex('e280ae')], // right-to-left override
  [0x0c, hex('c285')], // C1
  [0x0c, ascii('ﷺ')], // eighteen characters when it is normalized
  [0x0c, ascii('a')],
  [0x0c, ascii('"')],
  [0x0c, ascii(' ')],
  [0x0c, hex('c3')], // not UTF-8
  [0x13, ascii('a ')],
  [0x16, hex('7f')],
  [0x1e, hex('0001')], // BMPString
];
export const types: readonly [Bytes, ...Bytes[]] = [hex('550403'), hex('55040a'), hex('2a0304')];

export const attribute = (roll: Dice, size: number): Bytes => {
  const [tag, text] = pick(strings, roll);
  return tlv(0x30, tlv(6, pick(types, roll)), tlv(tag, repeated(text, Math.max(3, size))));
};
export const small = (index: number): Bytes =>
  tlv(0x30, tlv(6, types[0]), tlv(0x13, ascii(index.toString(36).padStart(4, '0'))));

/** Names of about so many octets. */
export const longNames: readonly [(roll: Dice, size: number) => Bytes, ...((roll: Dice, size: number) => Bytes)[]] = [
  (roll, size) => tlv(0x30, tlv(0x31, attribute(roll, size - 24))),
  (_, size) =>
    tlv(
      0x30,
      many(size, (i) => tlv(0x31, small(i))),
    ),
  (_, size) => tlv(0x30, tlv(0x31, many(size, small))),
  (roll, size) =>
    tlv(
      0x30,
      many(size, () => tlv(0x31, attribute(roll, 100))),
    ),
  (_, size) =>
    tlv(
      0x30,
      many(size, () => hex('3100')),
    ),
  (_, size) => tlv(0x30, tlv(0x31, tlv(0x30, tlv(6, repeated(hex('81818101'), size - 24)), tlv(12, ascii('x'))))),
];

export const directory = (index: number): Bytes =>
  tlv(
    0xa4,
    tlv(
      0x30,
      many(400, (i) => tlv(0x31, small(100 * index + i))),
    ),
  );
export const alternatives: readonly [(index: number) => Bytes, ...((index: number) => Bytes)[]] = [
  () => tlv(0x86, ascii('a:')),
  (i) => tlv(0x86, ascii(`https://${i}.example/${'x'.repeat(100)}`)),
  (i) => tlv(0x82, ascii(`a${i}`)),
  (i) => tlv(0x82, ascii(`${`a${'-'.repeat(60)}a.`.repeat(4)}${i}`.slice(0, 253))),
  (i) => tlv(0x82, ascii(`${`a${'-'.repeat(61)}.`.repeat(3)}${i}`)),
  () => tlv(0x82, ascii('a.'.repeat(126))),
  directory,
  () => tlv(0x86, repeated(ascii('a'), 60_000)),
  () => tlv(0x86, concat(ascii('a://'), repeated(ascii(':@'), 4_000))),
  () => tlv(0x87, hex('7f000001')),
];

/** A SEQUENCE in a SEQUENCE, and so on; identifiers and lengths from the innermost one outwards. */
export function nested(size: number): Bytes {
  const heads: Bytes[] = [];
  for (let length = 0; length + 4 < size; ) {
    const head =
      length < 0x80 ? [0x30, length] : length < 0x100 ? [0x30, 0x81, length] : [0x30, 0x82, length >> 8, length & 0xff];
    heads.push(Uint8Array.from(head));
    length += head.length;
  }
  return concat(...heads.reverse());
}

export const [utcTimes, keyInfo] = [hex('170d3236303130313030303030305a'), hex('300506032a0304')];

/** Name constraints with many subtrees, permitted (0xa0) or excluded (0xa1) ones. */
export const subtrees = (tag: number, size: number, subtree: (index: number) => Bytes): Bytes =>
  extensionOf(hex('551d1e'), tlv(0x30, tlv(tag, many(size, subtree))), true);

/** Values of the extensions that are read, as long as they may be. */
export const values: readonly [(size: number, roll: Dice) => Bytes, ...((size: number, roll: Dice) => Bytes)[]] = [
  (size) => extensionOf(identifiers.keyUsage, tlv(3, hex('00'), repeated(hex('ff'), size))),
  (size) => extensionOf(hex('551d13'), tlv(0x30, tlv(1, hex('ff')), tlv(2, repeated(hex('7f'), size))), true),
  (size) =>
    extensionOf(
      hex('551d13'),
      tlv(
        0x30,
        many(size, () => hex('0500')),
      ),
      true,
    ),
  (size) => extensionOf(hex('551d23'), tlv(0x30, tlv(0x80, repeated(hex('ff'), size)))),
  (size) => extensionOf(hex('551d0e'), tlv(4, repeated(hex('ff'), size))),
  (size) => subtrees(0xa0, size, (i) => tlv(0x30, directory(i))),
  (size) => subtrees(0xa1, size, () => tlv(0x30, tlv(0x82, ascii('x')))),
  (size, roll) => {
    const alternative = pick(alternatives, roll);
    return extensionOf(hex('551d11'), tlv(0x30, many(size, alternative)));
  },
  (size) => extensionOf(hex('551d11'), nested(size)),
];
