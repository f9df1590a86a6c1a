// Names of the files of a model: which ones are refused, in which order they stand, and which ones mean the same file elsewhere.
import type { Judged } from '../contract.ts';

/** Why a name is refused, with what it means. */
export const nameCodes = {
  'name-empty': 'a name, or a part of it between slashes, is empty',
  'name-not-relative': 'a name is absolute, or goes through . or ..',
  'name-not-unicode': 'a name is not UTF-8, or holds half of a surrogate pair',
  'name-control-character': 'a name holds a control character, or one that turns the direction of writing',
  'name-backslash': 'a name holds a backslash, which separates folders on Windows',
  'name-reserved-character': 'a name holds one of < > : " | ? *, which Windows does not allow or reads otherwise',
  'name-reserved': 'a part of a name is a device of Windows, such as CON or COM1',
  'name-trailing-dot-or-space': 'a part of a name ends with a dot or a space, which Windows drops',
  'name-too-long': 'a name, or a part of it, is too long',
  'name-too-deep': 'a name has too many parts',
} as const;

/** See `nameCodes`. */
export type NameCode = keyof typeof nameCodes;

/**
 * `portable`: the names mean the same files on every file system. `any`: those of Windows are allowed too, as OMS has
 * them; control characters, backslashes, and names that leave the model stay refused.
 */
export type NameRule = 'portable' | 'any';

/** The most that a name has. */
export const nameBounds = {
  /** A name in octets of UTF-8. */
  octets: 4_096,
  /** A part of it between slashes, in octets of UTF-8: what file systems allow. */
  partOctets: 255,
  /** Parts. */
  depth: 128,
} as const;

const controls = /[\p{Cc}\p{Zl}\p{Zp}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;
const halves = /\p{Cs}/u;
const reservedCharacters = /[<>:"|?*]/;
const devices = /^(con|prn|aux|nul|conin\$|conout\$|(com|lpt)[0-9\u00b9\u00b2\u00b3])( *$| *\.)/i;
const ignorable = /\p{Default_Ignorable_Code_Point}/gu;
const encoder = new TextEncoder();

const isLongerThan = (text: string, most: number): boolean =>
  3 * text.length > most && encoder.encode(text).length > most;

/** Why a part of a name is refused, as a code and what is meant; `undefined` when it is not. */
function againstPart(part: string, rule: NameRule): NameCode | undefined {
  if (part === '') return 'name-empty';
  if (part === '.' || part === '..') return 'name-not-relative';
  if (halves.test(part)) return 'name-not-unicode';
  if (part.search(controls) >= 0) return 'name-control-character';
  if (part.includes('\\')) return 'name-backslash';
  if (isLongerThan(part, nameBounds.partOctets)) return 'name-too-long';
  if (rule === 'any') return undefined;
  if (reservedCharacters.test(part)) return 'name-reserved-character';
  if (devices.test(part)) return 'name-reserved';
  return part.endsWith('.') || part.endsWith(' ') ? 'name-trailing-dot-or-space' : undefined;
}

/** A name as people can read it in an error: what cannot be seen is written as an escape. */
export const shownName = (name: string): string => JSON.stringify(name).slice(1, -1).replace(controls, '?');

const refuse = (code: NameCode, name: string): Judged<never, NameCode> => {
  const shown = shownName(name);
  return { ok: false, code, detail: `${shown}: ${nameCodes[code]}`, path: shown };
};

/** Judges one part of a name, without slashes. */
export function judgePart(part: string, rule: NameRule = 'portable'): Judged<string, NameCode> {
  const code = part.includes('/') ? 'name-not-relative' : againstPart(part, rule);
  return code === undefined ? { ok: true, value: part } : refuse(code, part);
}

/** Judges the name of a file of a model: relative to it, parts separated by `/`. */
export function judgeFileName(name: string, rule: NameRule = 'portable'): Judged<string, NameCode> {
  if (name.startsWith('/')) return refuse('name-not-relative', name);
  if (isLongerThan(name, nameBounds.octets)) return refuse('name-too-long', name);
  const parts = name.split('/');
  if (parts.length > nameBounds.depth) return refuse('name-too-deep', name);
  for (const part of parts) {
    const code = againstPart(part, rule);
    if (code !== undefined) return refuse(code, name);
  }
  return { ok: true, value: name };
}

/**
 * What file systems that ignore case, or normalise Unicode, may take a part of a name for. Parts with the same value are
 * one file there. Coarser than each of these file systems.
 */
export const foldedPart = (part: string): string =>
  part.normalize('NFC').replace(ignorable, '').toUpperCase().toLowerCase().normalize('NFC');

/** Where a unit of UTF-16 stands in the order of code points: surrogates, of code points above U+FFFF, come last. */
const rank = (unit: number): number => {
  if (unit < 0xd800) return unit;
  return unit < 0xe000 ? unit + 0x2000 : unit - 0x800;
};

/** Compares names by Unicode code points, as OMS orders files. Strings of JavaScript compare by units of UTF-16. */
export function byCodePoints(one: string, other: string): number {
  const shorter = Math.min(one.length, other.length);
  for (let at = 0; at < shorter; at += 1) {
    const difference = rank(one.charCodeAt(at)) - rank(other.charCodeAt(at));
    if (difference !== 0) return difference;
  }
  return one.length - other.length;
}
