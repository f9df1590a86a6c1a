// The forms of GeneralName that the profile compares (RFC 5280, section 4.2.1.6): URI, DNS name, directory name.

import type { Der } from '../der/der.ts';
import { constructedContext, expectTag, inside, latin1, octetsOf, only, primitiveContext, tags } from '../der/der.ts';
import { malformed } from '../der/derError.ts';
import { limits } from '../limits.ts';
import type { Bytes } from '../octets.ts';
import { readName } from './name.ts';

/** A name of one of the forms; a directory name is the DER of its Name. */
export type GeneralName =
  | { readonly form: 'uri' | 'dns'; readonly name: string }
  | { readonly form: 'directory'; readonly name: Bytes };

/** The names of a subject alternative name, by form, in their order. Texts are made on access. */
export interface AlternativeNames {
  readonly uris: readonly string[];
  readonly dnsNames: readonly string[];
  readonly directoryNames: readonly Bytes[];
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
 * wildcards. One pass over the octets, as a certificate may have hundreds of names.
 */
export function isDns(codes: ArrayLike<number>): boolean {
  const { length } = codes;
  if (length > longestDnsName) return false;
  let from = 0; // start of the label
  let previous = dot;
  for (let i = 0; i <= length; i += 1) {
    const code = i === length ? dot : (codes[i] ?? dot);
    if (code === dot) {
      if (!isAlphanumeric(previous) || i - from > longestLabel) return false;
      from = i + 1;
    } else if (!isAlphanumeric(code) && (code !== hyphen || i === from)) return false;
    previous = code;
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
      return syntax.dns(octets) ? { form: 'dns', octets } : malformed('DNS name: not one');
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

/**
 * Reads the value of a subject alternative name, which is not empty: at most `limits.alternativeNames`, of which at
 * most `limits.directoryNames` are directory names. @throws DerError, also for other forms of names
 */
export function readAlternativeNames(value: Bytes): AlternativeNames {
  const elements = inside(only(value, tags.sequence, 'subject alternative name'), limits.alternativeNames);
  if (elements.length === 0) malformed('subject alternative name: empty');
  const found: Record<GeneralName['form'], Bytes[]> = { uri: [], dns: [], directory: [] };
  for (const element of elements) {
    const name = readOctets(element, { uri: isUri, dns: isDns });
    if (name === undefined) return malformed('subject alternative name: a form that the profile does not have');
    found[name.form].push(name.octets);
    if (found.directory.length > limits.directoryNames)
      malformed(`subject alternative name: more than ${limits.directoryNames} directory names`);
  }
  let [uris, dnsNames]: (readonly string[] | undefined)[] = [];
  return {
    get uris() {
      uris ??= found.uri.map(latin1);
      return uris;
    },
    get dnsNames() {
      dnsNames ??= found.dns.map(latin1);
      return dnsNames;
    },
    directoryNames: found.directory,
  };
}
