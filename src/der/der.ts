// DER (X.690): elements, and the types that certificates and keys have. Every reader leaves by a `DerError`.
import { limits } from '../limits.ts';
import type { Bytes } from '../octets.ts';
import { malformed } from './derError.ts';
import { enter, type Place } from './tlv.ts';

/** Identifier octets of the types that the profile has (X.690, section 8.1.2). */
export const tags = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  objectIdentifier: 0x06,
  enumerated: 0x0a,
  utf8String: 0x0c,
  printableString: 0x13,
  ia5String: 0x16,
  utcTime: 0x17,
  generalizedTime: 0x18,
  sequence: 0x30,
  set: 0x31,
} as const;

/** The identifier octet of `[number] IMPLICIT`, primitive. */
export const primitiveContext = (number: number): number => 0x80 | number;

/** The identifier octet of `[number]` around other elements. */
export const constructedContext = (number: number): number => 0xa0 | number;

/** One element. Its contents are a view into the input, never a copy. */
export interface Der {
  /** The identifier octet. */
  readonly tag: number;
  readonly contents: Bytes;
  /** The octets in which the element stands, and where in them it begins and ends. */
  readonly from: Bytes;
  readonly start: number;
  readonly end: number;
}

/** Identifier, length and contents: a view into the input, as a signature is over exactly what was received. */
export const octetsOf = ({ from, start, end }: Der): Bytes => from.subarray(start, end);

/** The element that begins at a place. */
function elementAt(from: Bytes, start: number): Der {
  const place: Place = { start: 0, end: 0 };
  enter(from, start, from.length, place);
  return {
    tag: from[start] ?? 0,
    contents: from.subarray(place.start, place.end),
    from,
    start,
    end: place.end,
  };
}

/** The only element that the octets hold, which must have this tag. */
export function only(octets: Bytes, tag: number, what: string): Der {
  const element = elementAt(octets, 0);
  if (element.end < octets.length) malformed(`${what}: trailing octets`);
  return expectTag(element, tag, what);
}

/** The element, when there is one with this tag. */
export function expectTag(element: Der | undefined, tag: number, what: string): Der {
  if (element === undefined) return malformed(`${what}: absent`);
  return element.tag === tag ? element : malformed(`${what}: another type`);
}

/** The elements inside a constructed one, as many as may be there: of one with more, the others are not read. */
export function inside({ contents }: Pick<Der, 'contents'>, most: number = limits.elements): readonly Der[] {
  const elements: Der[] = [];
  for (let at = 0; at < contents.length; ) {
    if (elements.length === most) malformed(`more than ${most} elements in one`);
    const element = elementAt(contents, at);
    elements.push(element);
    at = element.end;
  }
  return elements;
}

/** The elements of a SEQUENCE, as many as may be there. */
export const sequence = (element: Der | undefined, what: string, most?: number): readonly Der[] =>
  inside(expectTag(element, tags.sequence, what), most);

/** Arcs are below this (RFC 5280, appendix B). */
const arcLimit = 2 ** 28;

/** The contents of an OBJECT IDENTIFIER in dotted decimals (X.690, section 8.19). */
function dotted(contents: Bytes, what: string): string {
  const arcs: number[] = [];
  let arc = 0;
  let previous = 0;
  for (const octet of contents) {
    if (previous < 0x80 && octet === 0x80) malformed(`${what}: padded`);
    arc = 0x80 * arc + (octet & 0x7f);
    if (arc >= arcLimit) malformed(`${what}: an arc of 2^28 or more`);
    if (octet < 0x80) {
      arcs.push(arc);
      arc = 0;
    }
    previous = octet;
  }
  const [both, ...rest] = arcs;
  if (both === undefined || previous >= 0x80) return malformed(`${what}: empty or cut off`);
  const root = Math.min(2, Math.floor(both / 40));
  return [root, both - 40 * root, ...rest].join('.');
}

// Certificates name few identifiers, and mostly the same ones: those that were read before, by their contents.
const known = new Map<string, string>();
const mostKnown = 64;
const longestKnown = 16;

/** OBJECT IDENTIFIER in dotted decimals. */
export function objectIdentifier(element: Der | undefined, what: string): string {
  const { contents } = expectTag(element, tags.objectIdentifier, what);
  if (contents.length > limits.objectIdentifier) malformed(`${what}: more than ${limits.objectIdentifier} octets`);
  if (contents.length > longestKnown) return dotted(contents, what);
  const key = latin1(contents);
  const found = known.get(key);
  if (found !== undefined) return found;
  const identifier = dotted(contents, what);
  if (known.size < mostKnown) known.set(key, identifier);
  return identifier;
}

/** The octets of an arc: seven bits each, the high ones first, a bit above them in all but the last. */
const arcOctets = (arc: number): number[] => [
  ...(arc < 0x80 ? [] : arcOctets(Math.floor(arc / 0x80)).map((octet) => octet | 0x80)),
  arc & 0x7f,
];

/** The contents of an OBJECT IDENTIFIER in dotted decimals (X.690, section 8.19), of arcs below 2^28. @throws RangeError for other texts */
export function encodeObjectIdentifier(identifier: string): Bytes {
  const arcs = identifier.split('.').map(Number);
  const [root = 0, second = 0, ...rest] = arcs;
  const isWhole = arcs.every((arc) => arc >= 0 && arc < arcLimit);
  const contents = Uint8Array.from(isWhole ? [40 * root + second, ...rest].flatMap(arcOctets) : []);
  if (!isWhole || dotted(contents, identifier) !== identifier)
    throw new RangeError(`${identifier} is no object identifier`);
  return contents;
}

/** BOOLEAN: one octet, 0x00 or 0xff. */
export function boolean(element: Der | undefined, what: string): boolean {
  const { contents } = expectTag(element, tags.boolean, what);
  const [octet] = contents;
  if (contents.length !== 1 || (octet !== 0x00 && octet !== 0xff)) malformed(`${what}: not a BOOLEAN`);
  return octet === 0xff;
}

/** INTEGER that is not negative, in as few octets as possible. */
export function unsignedInteger(element: Der | undefined, what: string): Bytes {
  const { contents } = expectTag(element, tags.integer, what);
  const [head, second] = contents;
  if (head === undefined || head >= 0x80) return malformed(`${what}: negative or empty`);
  if (head === 0 && second !== undefined && second < 0x80) malformed(`${what}: more octets than needed`);
  return contents;
}

/** BIT STRING of whole octets. */
export function octetsOfBitString(element: Der | undefined, what: string): Bytes {
  const { contents } = expectTag(element, tags.bitString, what);
  if (contents[0] !== 0) malformed(`${what}: unused bits`);
  return contents.subarray(1);
}

const mostNamedBits = 32; // RFC 5280 names at most nine

/** BIT STRING of named bits: their numbers. DER ends it with a bit that is set (X.690, section 11.2.2). */
export function namedBits(element: Der, what: string): readonly number[] {
  const { contents } = expectTag(element, tags.bitString, what);
  const unused = contents[0] ?? 0xff;
  if (unused > 7) malformed(`${what}: more than 7 unused bits`); // X.690, section 8.6.2.2
  if (8 * (contents.length - 1) > mostNamedBits) malformed(`${what}: more than ${mostNamedBits} bits`);
  const bits: number[] = [];
  for (let bit = 0; bit < 8 * (contents.length - 1); bit += 1) {
    if (((contents[1 + (bit >> 3)] ?? 0) & (0x80 >> (bit & 7))) !== 0) bits.push(bit);
  }
  if ((bits.at(-1) ?? -1) !== 8 * (contents.length - 1) - unused - 1) malformed(`${what}: not a list of named bits`);
  return bits;
}

/** A character for each octet: text in ASCII, or a key of a `Map`. Of at most some thousand octets, as each is an argument. */
export const latin1 = (octets: Bytes): string => Reflect.apply(String.fromCharCode, undefined, octets);
