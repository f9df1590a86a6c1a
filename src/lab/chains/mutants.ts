// Certificates that are changed in their structure, at random from a seed: the same number makes the same mutant.

import { inside, octetsOf, only } from '../../der/der.ts';
import type { Bytes } from '../../octets.ts';
import { at, authoritySeed, edit, extension, hex, octets, paths, peer, platform, tlv } from './fixtures.ts';

/** Numbers below a bound, the same ones for the same seed (a 32-bit mix after Steele and Vigna's SplitMix). */
export type Dice = (bound: number) => number;

function dice(seed: number): Dice {
  let state = seed >>> 0;
  return (bound) => {
    state = (state + 0x9e3779b9) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 16), 0x21f0aaad);
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
    return ((mixed ^ (mixed >>> 15)) >>> 0) % bound;
  };
}

/** An element as a tree. It is constructed, or has octets; an OCTET STRING that holds DER counts as constructed. */
interface Tree {
  tag: number;
  parts: Tree[] | undefined;
  contents: Bytes;
  /** How many octets its length has beyond those that DER needs. */
  longer: number;
}

const isConstructed = (tag: number): boolean => (tag & 0x20) !== 0;

function wrapped(contents: Bytes): Tree[] | undefined {
  try {
    return [tree(only(contents, contents[0] ?? 0, 'wrapped').from)];
  } catch {
    return undefined;
  }
}

function tree(der: Bytes): Tree {
  const element = only(der, der[0] ?? 0, 'tree');
  const { tag, contents } = element;
  const parts = isConstructed(tag)
    ? inside(element).map((part) => tree(octetsOf(part)))
    : tag === 0x04
      ? wrapped(contents)
      : undefined;
  return { tag, parts, contents, longer: 0 };
}

function lengthOctets(length: number, longer: number): readonly number[] {
  if (length < 0x80 && longer === 0) return [length];
  const digits = [length & 0xff];
  for (let rest = length >> 8; rest > 0; rest >>= 8) digits.unshift(rest & 0xff);
  const padded = [...Array.from({ length: length < 0x80 ? longer - 1 : longer }, () => 0), ...digits];
  return [0x80 | padded.length, ...padded];
}

/** Every element, with the one that it is in. */
function elements(root: Tree, around?: Tree): { element: Tree; around: Tree | undefined }[] {
  return [{ element: root, around }, ...(root.parts ?? []).flatMap((part) => elements(part, root))];
}

const copy = (element: Tree): Tree => ({ ...element, parts: element.parts?.map(copy) });

/** Elements of other kinds of certificates, and elements that readers of DER stumble over. */
const strangers: readonly Bytes[] = [
  hex('0500'),
  hex('0101ff'),
  hex('020100'),
  hex('0201ff'),
  hex('3000'),
  hex('1f8101 00'),
  hex('040100'),
  hex('30800000'),
  extension(hex('2a0304'), hex('0500'), true),
  extension(hex('2a0304'), hex('0500')),
  extension(hex('551d13'), hex('30030101ff'), true),
  extension(hex('551d1e'), hex('300aa00830068204612e6262'), true),
  extension(hex('551d25'), hex('300a06082b06010505070301')),
  extension(hex('551d24'), hex('3003800100'), true),
  extension(hex('551d0f'), hex('03020186'), true),
  tlv(0x17, Buffer.from('991231235959Z')),
  tlv(0x18, Buffer.from('20260101000000Z')),
  tlv(0x06, hex('608648016503040313')),
  tlv(0x0c, Buffer.from('\u202ename\u0000')),
];

const boundaries: readonly Bytes[] = [hex('00'), hex('ff'), hex('7f'), hex('80'), hex('0080'), hex('ffff'), hex('')];

type Change = (root: Tree, roll: Dice) => void;

function pick<T>(from: readonly T[], roll: Dice): T {
  const found = from[roll(from.length)];
  if (found === undefined) throw new RangeError('nothing to pick from');
  return found;
}

const primitive = (root: Tree, roll: Dice): Tree =>
  pick(
    elements(root).filter(({ element }) => element.parts === undefined),
    roll,
  ).element;
const inner = (root: Tree, roll: Dice): { element: Tree; parts: Tree[] } => {
  const { element, around } = pick(elements(root).slice(1), roll);
  return { element, parts: around?.parts ?? [] };
};
const stranger = (roll: Dice): Tree => ({ tag: 0, parts: undefined, contents: pick(strangers, roll), longer: -1 });

const changes: readonly Change[] = [
  (root, roll) => {
    const element = primitive(root, roll);
    if (element.contents.length === 0) return;
    const index = roll(Math.min(element.contents.length, 64));
    element.contents = element.contents.with(index, (element.contents[index] ?? 0) ^ (1 << roll(8)));
  },
  (root, roll) => {
    const element = primitive(root, roll);
    element.contents = pick(boundaries, roll);
  },
  (root, roll) => {
    const element = primitive(root, roll);
    element.contents =
      roll(2) === 0
        ? element.contents.subarray(roll(2), -1)
        : Buffer.concat([element.contents, octets(1 + roll(3), roll(256))]);
  },
  (root, roll) => {
    const { element } = pick(elements(root), roll);
    element.tag =
      roll(2) === 0 ? element.tag ^ (1 << roll(8)) : pick([0x02, 0x03, 0x04, 0x0c, 0x13, 0x17, 0x18, 0x30, 0x31], roll);
  },
  (root, roll) => {
    const { element, parts } = inner(root, roll);
    parts.splice(parts.indexOf(element), 1);
  },
  (root, roll) => {
    const { element, parts } = inner(root, roll);
    parts.splice(roll(parts.length + 1), 0, copy(element));
  },
  (root, roll) => {
    const { parts } = inner(root, roll);
    const [one, other] = [roll(parts.length), roll(parts.length)];
    const [first, second] = [parts[one], parts[other]];
    if (first && second) [parts[one], parts[other]] = [second, first];
  },
  (root, roll) => {
    const { element, parts } = inner(root, roll);
    parts[parts.indexOf(element)] = copy(pick(elements(root).slice(1), roll).element);
  },
  (root, roll) => {
    const { parts } = inner(root, roll);
    parts.splice(roll(parts.length + 1), 0, stranger(roll));
  },
  (root, roll) => {
    pick(elements(root), roll).element.longer = 1 + roll(4);
  },
];

/** The octets of a tree; foreign elements in it stay as they are. */
function octetsOfTree(root: Tree): Bytes {
  const flat = (element: Tree): Buffer => {
    if (element.longer < 0) return Buffer.from(element.contents);
    const body = element.parts === undefined ? element.contents : Buffer.concat(element.parts.map(flat));
    return Buffer.concat([Uint8Array.from([element.tag, ...lengthOctets(body.length, element.longer)]), body]);
  };
  return new Uint8Array(flat(root));
}

const originals: readonly Bytes[] = [
  peer(),
  peer(platform, { uris: [], organization: 'Example' }),
  peer(platform, { uris: ['https://a.example/x', 'urn:x:y'], dnsNames: ['a.example'] }),
  peer(platform, { notAfter: new Date('2051-01-01T00:00:00Z'), serialNumber: Uint8Array.of(1) }),
];
const trees = originals.map(tree);

/** A mutant: its origin, its octets, and whether it was signed anew after the change. */
export interface Mutant {
  readonly original: Bytes;
  readonly der: Bytes;
  readonly signedAnew: boolean;
}

/** One mutant in so many is signed anew: then only the change can be the reason of a refusal. */
const signedAnewOf = 16;

/** The mutant of a number: one to three changes; sometimes octets are cut off or added at the end too. */
export function mutant(number: number): Mutant {
  const roll = dice(Math.imul(number, 2654435761));
  const which = roll(originals.length);
  const original = originals[which] ?? octets(0);
  const root = copy(trees[which] ?? tree(original));
  const signedAnew = number % signedAnewOf === 0;
  const toBeSigned = root.parts?.[0];
  const changed = signedAnew && toBeSigned ? toBeSigned : root;
  for (let left = 1 + (roll(4) === 0 ? roll(3) : 0); left > 0; left -= 1) pick(changes, roll)(changed, roll);
  const der = octetsOfTree(root);
  if (signedAnew) return { original, der: resigned(der), signedAnew };
  const cut = roll(16);
  if (cut === 0) return { original, der: der.subarray(0, roll(der.length)), signedAnew };
  return { original, der: cut === 1 ? Uint8Array.from([...der, ...octets(1 + roll(4))]) : der, signedAnew };
}

/** Signs a mutant again; one that no longer has three elements stays as it is. */
function resigned(der: Bytes): Bytes {
  try {
    const toBeSigned = at(der, [0]);
    return edit(der, paths.signature, () => tlv(0x03, Uint8Array.of(0), platform.sign(authoritySeed, toBeSigned)));
  } catch {
    return der;
  }
}
