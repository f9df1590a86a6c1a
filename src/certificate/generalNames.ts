// The forms of GeneralName that the profile compares (RFC 5280, section 4.2.1.6): URI, DNS name, directory name.

import { limits } from '../limits.ts';
import type { Der } from './der.ts';
import {
  constructedContext,
  expectTag,
  inside,
  latin1,
  malformed,
  octetsOf,
  only,
  primitiveContext,
  tags,
} from './der.ts';
import { readName } from './name.ts';

type Bytes = Uint8Array;

/** A name of one of the forms; a directory name as DER of its Name. */
export type GeneralName =
  | { readonly form: 'uri' | 'dns'; readonly name: string }
  | { readonly form: 'directory'; readonly name: Bytes };

/** The names of a subject alternative name, by form, in their order. */
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
 * Whether a text is a DNS name in the preferred syntax (RFC 1034, section 3.5; RFC 1123, section 2.1), no wildcard. In one
 * pass: certificates may have hundreds of them.
 */
export function isDnsName(text: string): boolean {
  if (text.length > longestDnsName) return false;
  let from = 0; // of the label
  let previous = dot;
  for (let i = 0; i <= text.length; i += 1) {
    const code = i === text.length ? dot : text.charCodeAt(i);
    const isEnd = code === dot;
    if (isEnd ? !isAlphanumeric(previous) || i - from > longestLabel : !isAlphanumeric(code) && code !== hyphen)
      return false;
    if (code === hyphen && i === from) return false;
    if (isEnd) from = i + 1;
    previous = code;
  }
  return true;
}

/** The contents of `[4] Name`, which is EXPLICIT, as Name is a CHOICE. */
function readDirectoryName(element: Der): Bytes {
  const name = only(element.contents, tags.sequence, 'directory name');
  readName(name, 'directory name');
  return octetsOf(name);
}

/**
 * Reads the name of a form that the profile has, as `text` lets its text through; `undefined` for another form. Leaves by
 * `malformed`.
 */
export function readGeneralName(
  element: Der,
  text: { readonly uri: (uri: string) => boolean; readonly dns: (name: string) => boolean },
): GeneralName | undefined {
  const most = limits.alternativeNameOctets;
  if (element.contents.length > most) malformed(`general name: ${element.contents.length} octets, not at most ${most}`);
  if (element.tag < 0x80 || element.tag >= 0xc0 || (element.tag & 0x1f) > 8) malformed('general name: not a name');
  switch (element.tag & 0x1f) {
    case 2: {
      const name = latin1(expectTag(element, formTags.dns, 'DNS name').contents);
      return text.dns(name) ? { form: 'dns', name } : malformed('DNS name: not one');
    }
    case 4:
      return { form: 'directory', name: readDirectoryName(expectTag(element, formTags.directory, 'directory name')) };
    case 6: {
      const name = latin1(expectTag(element, formTags.uri, 'URI').contents);
      return text.uri(name) ? { form: 'uri', name } : malformed('URI: a character that no URI has, or none');
    }
    default:
      return undefined;
  }
}

/** A URI has neither spaces nor control characters (RFC 3986). */
const plainText = { uri: (uri: string) => /^[!-~]+$/.test(uri), dns: isDnsName };

/** Reads the value of a subject alternative name, which is not empty. Leaves by `malformed`, for other forms of names too. */
export function readAlternativeNames(value: Bytes): AlternativeNames {
  const elements = inside(only(value, tags.sequence, 'subject alternative name'), limits.alternativeNames);
  if (elements.length === 0) malformed('subject alternative name: empty');
  const uris: string[] = [];
  const dnsNames: string[] = [];
  const directoryNames: Bytes[] = [];
  const directories = elements.filter(({ tag }) => tag === formTags.directory).length;
  if (directories > limits.directoryNames)
    malformed(`subject alternative name: ${directories} directory names, not at most ${limits.directoryNames}`);
  for (const element of elements) {
    const name = readGeneralName(element, plainText);
    if (name === undefined) return malformed('subject alternative name: a form that the profile does not have');
    if (name.form === 'directory') directoryNames.push(name.name);
    else (name.form === 'uri' ? uris : dnsNames).push(name.name);
  }
  return { uris, dnsNames, directoryNames };
}
