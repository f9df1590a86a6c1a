// JSON that two readers cannot understand differently: no key twice, no half of a surrogate pair, bounded depth.
import { type Checked, passed, refused } from '../failure.ts';

/** A value of JSON. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json };

/** An object of JSON. */
export type JsonObject = { readonly [name: string]: Json };

export const isObject = (value: Json | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Why a text is not read. */
export type JsonCode = 'not-utf8' | 'not-json' | 'too-deep' | 'too-many-values' | 'repeated-key' | 'unsafe-key';

/** What a scan of a text counts: members of objects, the deepest level, and values: at least as many as stand in arrays and objects. */
interface Counts {
  readonly members: number;
  readonly depth: number;
  readonly values: number;
}

const [quote, backslash, comma, colon, openArray, closeArray, openObject, closeObject] = [
  0x22, 0x5c, 0x2c, 0x3a, 0x5b, 0x5d, 0x7b, 0x7d,
];

/** Octets of a string that are looked at one by one: for the few of most strings a search costs more. */
const short = 64;

/** The place behind the string that begins at a quote; the end of the octets or a place behind it when it does not end. */
function behindString(octets: Uint8Array, from: number): number {
  let at = from + 1;
  for (const near = Math.min(octets.length, at + short); at < near; at += octets[at] === backslash ? 2 : 1)
    if (octets[at] === quote) return at + 1;
  for (;;) {
    const end = octets.indexOf(quote, at);
    if (end < 0) return octets.length;
    let before = end - 1;
    while (before >= at && octets[before] === backslash) before -= 1;
    if ((end - before) % 2 === 1) return end + 1;
    at = end + 1;
  }
}

/** Counts without recursion. Of octets that are not JSON the counts mean nothing, and JSON.parse refuses them. */
function countsOf(octets: Uint8Array): Counts {
  let [members, depth, level, values] = [0, 0, 0, 1];
  for (let at = 0; at < octets.length; at += 1) {
    switch (octets[at]) {
      case quote:
        at = behindString(octets, at) - 1;
        break;
      case comma:
        values += 1;
        break;
      case colon:
        members += 1;
        break;
      case openObject:
      case openArray:
        level += 1;
        values += 1;
        if (level > depth) depth = level;
        break;
      case closeObject:
      case closeArray:
        level -= 1;
    }
  }
  return { members, depth, values };
}

interface Found {
  keys: number;
  unsafe: boolean;
  malformed: boolean;
}

/** Half of a pair, in a regular expression that reads pairs as one. */
const half = /\p{Surrogate}/u;

/** Counts the keys of a value; looks into texts when asked. Recursion is bounded by the depth that was counted before. */
function inspect(value: unknown, found: Found, texts: boolean): void {
  if (typeof value === 'string') {
    if (texts && half.test(value)) found.malformed = true;
    return;
  }
  if (typeof value !== 'object' || value === null) return;
  if (Array.isArray(value)) {
    for (const one of value) inspect(one, found, texts);
    return;
  }
  for (const key of Object.keys(value)) {
    found.keys += 1;
    if (key === '__proto__') found.unsafe = true;
    if (texts && half.test(key)) found.malformed = true;
    inspect((value as Record<string, unknown>)[key], found, texts);
  }
}

/** A value, and whether a text in it has half of a surrogate pair: other readers may put another character there. */
export interface ReadJson {
  readonly value: Json;
  readonly unpaired: boolean;
}

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function textOf(octets: Uint8Array): string | undefined {
  try {
    return decoder.decode(octets);
  } catch {
    return undefined;
  }
}

function parsed(text: string): { readonly value: Json } | undefined {
  try {
    return { value: JSON.parse(text) };
  } catch {
    return undefined;
  }
}

/**
 * Reads JSON (RFC 8259) strictly. A key that is repeated, also in another spelling with escapes, is found by counting: as many colons
 * stand outside of strings as the text has members, and a repeated one is not there any more when it has been read. Never throws.
 * @param deepest - levels of arrays and objects
 * @param mostValues - of arrays and objects together: small ones, such as `{}`, take many times their octets in memory
 */
export function readJson(
  octets: Uint8Array,
  deepest: number,
  mostValues = Number.POSITIVE_INFINITY,
): Checked<ReadJson, JsonCode> {
  const { members, depth, values } = countsOf(octets);
  if (values > mostValues) return refused('too-many-values', `at most ${mostValues} values are expected`);
  const text = textOf(octets);
  if (text === undefined) return refused('not-utf8');
  if (depth > deepest) return refused('too-deep', `at most ${deepest} levels are expected`);
  const read = parsed(text);
  if (read === undefined) return refused('not-json');
  const found: Found = { keys: 0, unsafe: false, malformed: false };
  inspect(read.value, found, /\\u[dD]/.test(text));
  if (found.unsafe) return refused('unsafe-key', 'a member has the name __proto__');
  if (found.keys !== members) return refused('repeated-key');
  return passed({ value: read.value, unpaired: found.malformed });
}
