// Certificates of 64 KiB that are made to take long: every place that may be long, or have many parts, is, at random from a
// seed. The same number makes the same certificate.

import { inside, octetsOf, only } from '../../der/der.ts';
import { type Bytes, concat } from '../../octets.ts';
import { at, authoritySeed, hex, identifiers, keyEncipherment, octets, peer, platform, tlv } from './fixtures.ts';

type Dice = (bound: number) => number;

/** The longest certificate that a message carries: 65,535 octets without initial vector and tag. */
export const longest = 65_535 - 12 - 16;

export interface Structured {
  readonly kind: string;
  readonly der: Bytes;
}

function dice(seed: number): Dice {
  let state = seed >>> 0;
  return (bound) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * bound);
  };
}

const ascii = (text: string): Bytes => new Uint8Array(Buffer.from(text, 'utf8'));
const pick = <T>(all: readonly [T, ...T[]], roll: Dice): T => all[roll(all.length)] ?? all[0];

/** As many parts as fit into so many octets. */
function many(size: number, part: (index: number) => Bytes): Bytes {
  const parts: Bytes[] = [];
  for (let left = size, i = 0; ; i += 1) {
    const next = part(i);
    if (next.length > left || next.length === 0) return concat(...parts);
    parts.push(next);
    left -= next.length;
  }
}

/** A text, repeated up to the longest length that is allowed. */
function repeated(text: Bytes, size: number): Bytes {
  const all = new Uint8Array(Math.max(0, size - (size % text.length)));
  for (let i = 0; i < all.length; i += 1) all[i] = text[i % text.length] ?? 0;
  return all;
}

const [, algorithm, signatureElement] = inside(only(peer(), 0x30, 'certificate'), 8).map(octetsOf);
const honest = inside(only(at(peer(), [0]), 0x30, 'to be signed'), 8).map(octetsOf);
const [version, serial, inner, issuer, validity, subject, publicKey] = honest;
const empty = octets(0);
const usage = keyEncipherment;
const known = inside(only(at(peer(), [0, 7, 0]), 0x30, 'extensions'), 8).map(octetsOf);
/** The authority key identifier of the honest certificate. */
const authorityKey = known.find((one) => Buffer.from(one).includes(hex('0603551d23'))) ?? empty;

/** An extension of any identifier (contents), not critical unless told. */
const extensionOf = (identifier: Bytes, value: Bytes, critical = false): Bytes =>
  tlv(0x30, tlv(6, identifier), ...(critical ? [tlv(1, hex('ff'))] : []), tlv(4, value));

/** An identifier of four octets for each number; none of them is in use. */
const unknown = (index: number): Bytes =>
  Uint8Array.of(0x2a, 0x80 | (index >> 14) | 1, 0x80 | ((index >> 7) & 0x7f), index & 0x7f);

/** Parts of a certificate that take the place of honest ones. */
interface Parts {
  readonly fields?: Readonly<Record<number, Bytes>>;
  readonly extensions?: readonly Bytes[];
  readonly more?: readonly Bytes[];
}

const names = { version: 0, serial: 1, algorithm: 2, issuer: 3, validity: 4, subject: 5, publicKey: 6 } as const;

/** A certificate with these parts. Its signature has the right form, and does not verify. */
function certificate({ fields = {}, extensions = [usage, authorityKey], more = [] }: Parts, sign = false): Bytes {
  const parts = [version, serial, inner, issuer, validity, subject, publicKey].map(
    (part, i) => fields[i] ?? part ?? empty,
  );
  const toBeSigned = tlv(0x30, ...parts, tlv(0xa3, tlv(0x30, ...extensions)), ...more);
  const signature = sign ? tlv(3, hex('00'), platform.sign(authoritySeed, toBeSigned)) : (signatureElement ?? empty);
  return tlv(0x30, toBeSigned, algorithm ?? empty, signature);
}

const room = longest - certificate({ fields: { [names.subject]: empty, [names.issuer]: empty } }).length - 64;

const strings: readonly [readonly [number, Bytes], ...(readonly [number, Bytes])[]] = [
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
const types: readonly [Bytes, ...Bytes[]] = [hex('550403'), hex('55040a'), hex('2a0304')];

const attribute = (roll: Dice, size: number): Bytes => {
  const [tag, text] = pick(strings, roll);
  return tlv(0x30, tlv(6, pick(types, roll)), tlv(tag, repeated(text, Math.max(3, size))));
};
const small = (index: number): Bytes =>
  tlv(0x30, tlv(6, types[0]), tlv(0x13, ascii(index.toString(36).padStart(4, '0'))));

/** Names of about so many octets. */
const longNames: readonly [(roll: Dice, size: number) => Bytes, ...((roll: Dice, size: number) => Bytes)[]] = [
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

const directory = (index: number): Bytes =>
  tlv(
    0xa4,
    tlv(
      0x30,
      many(400, (i) => tlv(0x31, small(100 * index + i))),
    ),
  );
const alternatives: readonly [(index: number) => Bytes, ...((index: number) => Bytes)[]] = [
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
function nested(size: number): Bytes {
  const heads: Bytes[] = [];
  for (let length = 0; length + 4 < size; ) {
    const head =
      length < 0x80 ? [0x30, length] : length < 0x100 ? [0x30, 0x81, length] : [0x30, 0x82, length >> 8, length & 0xff];
    heads.push(Uint8Array.from(head));
    length += head.length;
  }
  return concat(...heads.reverse());
}

const [utcTimes, keyInfo] = [hex('170d3236303130313030303030305a'), hex('300506032a0304')];

/** Name constraints with many subtrees, permitted (0xa0) or excluded (0xa1) ones. */
const subtrees = (tag: number, size: number, subtree: (index: number) => Bytes): Bytes =>
  extensionOf(hex('551d1e'), tlv(0x30, tlv(tag, many(size, subtree))), true);

/** Values of the extensions that are read, as long as they may be. */
const values: readonly [(size: number, roll: Dice) => Bytes, ...((size: number, roll: Dice) => Bytes)[]] = [
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

/** A certificate that reaches every bound and passes none: names, attributes, alternative names, extensions. The rest is one value. */
function everythingAtItsBound(roll: Dice, alternativeNames: Bytes): Bytes {
  const extensions = [
    usage,
    ...(roll(2) === 0 ? [authorityKey] : []),
    extensionOf(hex('551d11'), tlv(0x30, ...Array.from({ length: 4 }, (_, i) => directory(i)), alternativeNames)),
    ...Array.from({ length: 28 }, (_, i) => extensionOf(unknown(i), hex('0500'))),
  ];
  const long = tlv(0x30, ...Array.from({ length: 32 }, () => tlv(0x31, attribute(roll, 96))));
  const parts = { fields: { [names.subject]: long }, extensions };
  const left = longest - certificate(parts).length - 20;
  const filled = left > 0 ? [...extensions, extensionOf(unknown(999), repeated(hex('00'), left))] : extensions;
  return certificate({ ...parts, extensions: filled });
}

/** Correct attributes; each differs from the one before. */
const attributesAtTheirBound = (roll: Dice): Bytes => {
  const texts = strings.slice(0, 6).map(([tag, text]) => ({ tag, text }));
  const value = (i: number): Bytes => {
    const { tag, text } = texts[(i + roll(2)) % texts.length] ?? { tag: 12, text: ascii('a') };
    return tlv(tag, repeated(text, 100));
  };
  return tlv(0x30, ...Array.from({ length: 32 }, (_, i) => tlv(0x31, tlv(0x30, tlv(6, pick(types, roll)), value(i)))));
};

/** A text without the hyphens and dots at its end, with which no DNS name ends. */
function withoutEnd(text: string): string {
  let end = text.length;
  while (end > 0 && '-.'.includes(text[end - 1] ?? '')) end -= 1;
  return text.slice(0, end);
}

/** A certificate in which only the signature is wrong, and every part is as long as it may be. */
function wellFormed(roll: Dice): Bytes {
  const size = 40 + roll(100);
  const directories = Array.from({ length: roll(5) }, (_, i) => directory(i));
  const text = (i: number): Bytes =>
    roll(2) === 0
      ? tlv(0x86, ascii(`https://${i}.example/${'x'.repeat(size)}`))
      : tlv(0x82, ascii(withoutEnd(`${`a${'-'.repeat(60)}a.`.repeat(4)}${i}`.slice(0, 30 + size))));
  const few = [usage, ...(roll(2) === 0 ? [authorityKey] : [])];
  const unknownOnes = Array.from({ length: roll(29) }, (_, i) => extensionOf(unknown(i), hex('0500')));
  const fields = {
    ...(roll(3) > 0 && { [names.subject]: attributesAtTheirBound(roll) }),
    ...(roll(3) === 0 && { [names.issuer]: attributesAtTheirBound(roll) }),
  };
  const bare = certificate({ fields, extensions: [...few, ...unknownOnes] }).length;
  const left = longest - bare - concat(...directories).length - 40;
  let count = directories.length;
  const alternativeNames = many(left, (i) => (count++ < 320 ? text(i) : empty));
  const extensions = [...few, extensionOf(hex('551d11'), tlv(0x30, ...directories, alternativeNames)), ...unknownOnes];
  const rest = longest - certificate({ fields, extensions }).length - 24;
  const filled = rest > 0 ? [...extensions, extensionOf(unknown(999), octets(rest))] : extensions;
  return certificate({ fields, extensions: filled });
}

type Kind = (roll: Dice) => Bytes;

const kinds: Readonly<Record<string, Kind>> = {
  'a long subject': (roll) => certificate({ fields: { [names.subject]: pick(longNames, roll)(roll, room) } }),
  'a long issuer': (roll) => certificate({ fields: { [names.issuer]: pick(longNames, roll)(roll, room) } }),
  'long names of both': (roll) => {
    const half = () => pick(longNames, roll)(roll, room >> 1);
    return certificate({ fields: { [names.issuer]: half(), [names.subject]: half() } });
  },
  'names at their bound': (roll) => {
    const name = () => pick(longNames, roll)(roll, 3_900 - roll(1_000));
    const fields = { [names.subject]: name(), ...(roll(2) === 0 ? { [names.issuer]: name() } : {}) };
    const left = longest - certificate({ fields }).length - 20;
    return certificate({
      fields,
      extensions: [usage, authorityKey, extensionOf(unknown(1), repeated(hex('00'), left))],
    });
  },
  'well-formed, at every bound': wellFormed,
  'well-formed, at every bound, again': wellFormed,
  'well-formed, at every bound, once more': wellFormed,
  'many extensions': (roll) => {
    const value = octets(roll(200));
    const critical = roll(4) === 0;
    return certificate({ extensions: [usage, many(room, (i) => extensionOf(unknown(i), value, critical))] });
  },
  'an extension twice': () => certificate({ extensions: [many(room, () => extensionOf(unknown(1), octets(3)))] }),
  'a long identifier': (roll) =>
    certificate({
      extensions: [extensionOf(repeated(pick([hex('81818101'), hex('01'), hex('ff')], roll), room - 40), empty)],
    }),
  'one long extension, nothing else wrong but the signature': (roll) =>
    certificate({
      fields: roll(2) === 0 ? {} : { [names.issuer]: tlv(0x30, tlv(0x31, small(roll(1_000)))) },
      extensions: [
        usage,
        ...(roll(2) === 0 ? [authorityKey] : []),
        extensionOf(unknown(7), repeated(hex('00'), room - 300)),
      ],
    }),
  'a long value': (roll) => certificate({ extensions: [usage, pick(values, roll)(room - 400, roll)] }),
  'alternative names at their bound': (roll) => {
    const alternative = pick(alternatives, roll);
    const some = Array.from({ length: 320 }, (_, i) => alternative(i));
    return everythingAtItsBound(
      roll,
      many(40_000, (i) => (i < 310 ? (some[i] ?? empty) : empty)),
    );
  },
  'deep nesting': (roll) =>
    certificate({
      fields: { [pick([0, 1, 2, 3, 4, 5, 6], roll)]: nested(Math.min(room - 3_000, 4_000 + roll(56_000))) },
    }),
  'many small elements': (roll) => {
    const field = pick([0, 2, 3, 4, 5, 6], roll);
    const small2 = pick([hex('0500'), hex('3000'), hex('020100'), utcTimes, keyInfo], roll);
    return certificate({ fields: { [field]: tlv(field === 0 ? 0xa0 : 0x30, repeated(small2, room - 3_000)) } });
  },
  'elements behind': (roll) => certificate({ more: [repeated(pick([hex('0500'), hex('8100')], roll), room - 100)] }),
  'a long number': (roll) =>
    certificate({
      fields: { [names.serial]: tlv(2, repeated(pick([hex('7f'), hex('00'), hex('01')], roll), room - 100)) },
    }),
  'a long time': () =>
    certificate({ fields: { [names.validity]: tlv(0x30, tlv(0x17, repeated(ascii('2'), room - 100)), utcTimes) } }),
  'a long key': (roll) => {
    const key = tlv(0x30, pick([keyInfo, inner ?? empty], roll), tlv(3, hex('00'), repeated(hex('5a'), room - 1_800)));
    return certificate({ fields: { [names.publicKey]: key } });
  },
  'octets of any kind': (roll) => {
    const all = new Uint8Array(longest);
    for (let i = 0; i < longest; i += 1) all[i] = roll(256);
    return all;
  },
};

const entries = Object.entries(kinds);
export const kindsOfStructured: readonly string[] = entries.map(([kind]) => kind);

/** The certificate of a number; kinds take turns. */
export function structured(number: number): Structured {
  const [kind, make] = entries[number % entries.length] ?? ['', () => empty];
  return { kind, der: make(dice(Math.imul(number + 1, 0x9e37_79b1))) };
}
