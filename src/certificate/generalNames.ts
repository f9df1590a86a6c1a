// The forms of GeneralName that the profile compares (RFC 5280, section 4.2.1.6): URI, DNS name, directory name.

import type { Der } from '../der/der.ts';
import { constructedContext, expectTag, inside, latin1, octetsOf, only, primitiveContext, tags } from '../der/der.ts';
import { malformed } from '../der/derError.ts';
import { limits } from '../limits.ts';
import type { Bytes } from '../octets.ts';
import type { Allowance } from './leniency.ts';
import { readName, textOf } from './name.ts';

/** A name of one of the forms; a directory name is the DER of its Name. */
export type GeneralName =
  | { readonly form: 'uri' | 'dns'; readonly name: string }
  | { readonly form: 'directory'; readonly name: Bytes };

/** The names of a subject alternative name, by form, in their order. Texts are made on access. */
export interface AlternativeNames {
  readonly uris: readonly string[];
  readonly dnsNames: readonly string[];
  readonly directoryNames: readonly Bytes[];
  /** The first of these names, as an expected name is written: `URI:...`, `DNS:...`, `DIR:CN=...`. */
  readonly first: string | undefined;
  /** Whether there is none of these names. */
  readonly isEmpty: boolean;
}

/** Context tags of the forms. */
const formTags = { dns: primitiveContext(2), directory: constructedContext(4), uri: primitiveContext(6) } as const;

const longestDnsName = 253;
const longestLabel = 63;

const isAlphanumeric = (code: number): boolean =>
  (code >= 0x61 && code <= 0x7a) || (code >= 0x30 && code <= 0x39) || (code >= 0x41 && code <= 0x5a);
const [dot, hyphen] = [0x2e, 0x2d];

/**
 * Whether characters are a DNS name in the preferred syntax (RFC 1034, section 3.5; RFC 1123, section 2.1), without
 * wildcards, and whose last label is no number. One pass over the octets, as a certificate may have hundreds of names.
 */
export function isDns(codes: ArrayLike<number>): boolean {
  const { length } = codes;
  if (length > longestDnsName) return false;
  let from = 0; // start of the label
  let label = from; // start of the last whole one
  let previous = dot;
  for (let i = 0; i <= length; i += 1) {
    const code = i === length ? dot : (codes[i] ?? dot);
    if (code === dot) {
      if (!isAlphanumeric(previous) || i - from > longestLabel) return false;
      label = from;
      from = i + 1;
    } else if (!isAlphanumeric(code) && (code !== hyphen || i === from)) return false;
    previous = code;
  }
  return !isNumber(codes, label, length);
}

/** Whether a label is a number, decimal or hexadecimal: a reader may take a name that ends in one for an IPv4 address. */
function isNumber(codes: ArrayLike<number>, start: number, end: number): boolean {
  const hexadecimal = end - start >= 2 && codes[start] === 0x30 && ((codes[start + 1] ?? 0) | 0x20) === 0x78;
  for (let i = hexadecimal ? start + 2 : start; i < end; i += 1) {
    const code = codes[i] ?? 0;
    const isDigit = code >= 0x30 && code <= 0x39;
    if (!isDigit && !(hexadecimal && (code | 0x20) >= 0x61 && (code | 0x20) <= 0x66)) return false;
  }
  return true;
}

/** Whether a text is a DNS name, as for `isDns`. */
export const isDnsName = (text: string): boolean =>
  text.length <= longestDnsName && isDns(Array.from(text, (character) => character.charCodeAt(0)));

/** A URI has neither spaces nor control characters (RFC 3986). */
function isUri(octets: Bytes): boolean {
  for (let i = 0; i < octets.length; i += 1) {
    const octet = octets[i] ?? 0;
    if (octet <= 0x20 || octet >= 0x7f) return false;
  }
  return octets.length > 0;
}

/** Decides which octets are a name of a form. */
interface Syntax {
  readonly uri: (octets: Bytes) => boolean;
  readonly dns: (octets: Bytes) => boolean;
}

/** Reads `[4] Name`, which is EXPLICIT, as Name is a CHOICE. Returns the DER of the Name. */
function readDirectoryName(element: Der): Bytes {
  const name = only(element.contents, tags.sequence, 'directory name');
  readName(name, 'directory name');
  return octetsOf(name);
}

/**
 * The octets of a name: its characters, or the DER of a directory name; `undefined` for a form outside of the profile.
 */
function readOctets(element: Der, syntax: Syntax): { form: GeneralName['form']; octets: Bytes } | undefined {
  const most = limits.alternativeNameOctets;
  if (element.contents.length > most) malformed(`general name: ${element.contents.length} octets, not at most ${most}`);
  if (element.tag < 0x80 || element.tag >= 0xc0 || (element.tag & 0x1f) > 8) malformed('general name: not a name');
  switch (element.tag & 0x1f) {
    case 2: {
      const { contents: octets } = expectTag(element, formTags.dns, 'DNS name');
      return syntax.dns(octets)
        ? { form: 'dns', octets }
        : malformed('DNS name: not one, or its last label is a number');
    }
    case 4:
      return { form: 'directory', octets: readDirectoryName(expectTag(element, formTags.directory, 'directory name')) };
    case 6: {
      const { contents: octets } = expectTag(element, formTags.uri, 'URI');
      return syntax.uri(octets) ? { form: 'uri', octets } : malformed('URI: a character that no URI has, or none');
    }
    default:
      return undefined;
  }
}

/** Reads a name of a form of the profile; `undefined` for another form. @throws DerError */
export function readGeneralName(element: Der, syntax: Syntax): GeneralName | undefined {
  const read = readOctets(element, syntax);
  if (read === undefined) return undefined;
  const { form, octets } = read;
  return form === 'directory' ? { form, name: octets } : { form, name: latin1(octets) };
}

/** The forms of GeneralName, by tag number (RFC 5280, section 4.2.1.6). */
const formNames = [
  'otherName',
  'rfc822Name',
  'dNSName',
  'x400Address',
  'directoryName',
  'ediPartyName',
  'uniformResourceIdentifier',
  'iPAddress',
  'registeredID',
] as const;

/** Requires names of any form, not read further. @throws DerError */
export function requireGeneralNames(contents: Bytes): void {
  const names = inside({ contents }, limits.alternativeNames);
  if (names.length === 0 || names.some(({ tag }) => tag < 0x80 || tag >= 0xc0 || (tag & 0x1f) > 8))
    malformed('general names: not names, or none');
}

/** Lets an IP address (4 or 16 octets) or a mail address through, when that is permitted. @throws DerError */
function requireLenient({ tag, contents }: Der, { permits }: Allowance): void {
  const form = formNames[tag & 0x1f];
  const isAddress = tag === primitiveContext(7) && (contents.length === 4 || contents.length === 16);
  const isMail = tag === primitiveContext(1) && /^[!-?A-~]+@[!-?A-~]+$/.test(latin1(contents));
  if ((tag === primitiveContext(7) && !isAddress) || (tag === primitiveContext(1) && !isMail))
    malformed(`subject alternative name: not an ${form}`);
  if (!((isAddress || isMail) && permits('addressesAndMailNames')))
    malformed(`subject alternative name: an ${form}, a form that the profile does not have`);
}

const prefixes = { uri: 'URI', dns: 'DNS', directory: 'DIR' } as const;

/** Writes a name as an expected name is written. */
const expectable = (form: GeneralName['form'], octets: Bytes): string =>
  `${prefixes[form]}:${form === 'directory' ? textOf(octets) : latin1(octets)}`;

/**
 * Reads the value of a subject alternative name, which is not empty: at most `limits.alternativeNames`, of which at
 * most `limits.directoryNames` are directory names. @throws DerError, also for other forms of names that are not permitted
 */
export function readAlternativeNames(value: Bytes, allowed: Allowance): AlternativeNames {
  const elements = inside(only(value, tags.sequence, 'subject alternative name'), limits.alternativeNames);
  if (elements.length === 0) malformed('subject alternative name: empty');
  const found: Record<GeneralName['form'], Bytes[]> = { uri: [], dns: [], directory: [] };
  let first: ReturnType<typeof readOctets>;
  for (const element of elements) {
    const name = readOctets(element, { uri: isUri, dns: isDns });
    if (name === undefined) {
      requireLenient(element, allowed);
      continue;
    }
    if (name.form === 'directory' && name.octets[1] === 0)
      malformed('subject alternative name: an empty directory name');
    first ??= name;
    found[name.form].push(name.octets);
    if (found.directory.length > limits.directoryNames)
      malformed(`subject alternative name: more than ${limits.directoryNames} directory names`);
  }
  let [uris, dnsNames]: (readonly string[] | undefined)[] = [];
  return {
    get uris() {
      uris ??= Object.freeze(found.uri.map(latin1));
      return uris;
    },
    get dnsNames() {
      dnsNames ??= Object.freeze(found.dns.map(latin1));
      return dnsNames;
    },
    directoryNames: Object.freeze(found.directory),
    isEmpty: first === undefined,
    get first() {
      return first && expectable(first.form, first.octets);
    },
  };
}
