// Certificates of 64 KiB that are made to take long: every place that may be long, or have many parts, is, at random from a
// seed. The same number makes the same certificate.

import { type Bytes, concat } from '../../octets.ts';
import { largestCertificate } from '../../wire/frame.ts';
import { hex, octets, tlv } from './fixtures.ts';

import {
  alternatives,
  ascii,
  attribute,
  authorityKey,
  certificate,
  type Dice,
  dice,
  directory,
  empty,
  extensionOf,
  inner,
  keyInfo,
  longNames,
  many,
  names,
  nested,
  pick,
  repeated,
  room,
  small,
  strings,
  types,
  unknown,
  usage,
  utcTimes,
  values,
} from './structuredParts.ts';

export interface Structured {
  readonly kind: string;
  readonly der: Bytes;
}

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
  const left = largestCertificate - certificate(parts).length - 20;
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
  const left = largestCertificate - bare - concat(...directories).length - 40;
  let count = directories.length;
  const alternativeNames = many(left, (i) => (count++ < 320 ? text(i) : empty));
  const extensions = [...few, extensionOf(hex('551d11'), tlv(0x30, ...directories, alternativeNames)), ...unknownOnes];
  const rest = largestCertificate - certificate({ fields, extensions }).length - 24;
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
    const left = largestCertificate - certificate({ fields }).length - 20;
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
    const all = new Uint8Array(largestCertificate);
    for (let i = 0; i < largestCertificate; i += 1) all[i] = roll(256);
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
