// Distinguished names (RFC 5280, section 4.1.2.4) and their strings (RFC 4514).
import { toHex } from '../crypto/octets.ts';
import { type Der, expectTag, inside, malformed, objectIdentifier, octetsOf, only, sequence, tags } from './der.ts';

type Bytes = Uint8Array;

/** A distinguished name. */
export interface DistinguishedName {
  /** DER of the Name, as it stands in the certificate: names are the same when these are. */
  readonly octets: Bytes;
  /** RFC 4514, such as `CN=bob`. */
  readonly text: string;
  /** The common name, when there is exactly one. */
  readonly commonName: string | undefined;
}

interface Attribute {
  readonly type: string;
  /** RFC 4514, `type=value`. */
  readonly text: string;
  readonly value: string;
}

/** The attribute types that RFC 4514, section 3, gives short names. */
const shortNames: ReadonlyMap<string, string> = new Map([
  ['2.5.4.3', 'CN'],
  ['2.5.4.7', 'L'],
  ['2.5.4.8', 'ST'],
  ['2.5.4.10', 'O'],
  ['2.5.4.11', 'OU'],
  ['2.5.4.6', 'C'],
  ['2.5.4.9', 'STREET'],
  ['0.9.2342.19200300.100.1.25', 'DC'],
  ['0.9.2342.19200300.100.1.1', 'UID'],
]);

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const encoder = new TextEncoder();

/** Text of octets that are all within the pattern, which has at least one character (RFC 5280, appendix A). */
function text(octets: Bytes, allowed: RegExp, what: string): string {
  const decoded = octets.some((octet) => octet >= 0x80) ? utf8.decode(octets) : String.fromCharCode(...octets);
  return allowed.test(decoded) ? decoded : malformed(`${what}: empty, or a character that its type does not have`);
}

/** UTF8String, PrintableString or IA5String; the profile has no other types (RFC 5280, section 4.1.2.4, on the older ones). */
function directoryString({ tag, contents }: Der): string {
  switch (tag) {
    case tags.utf8String:
      return text(contents, /^.+$/su, 'UTF8String');
    case tags.printableString:
      return text(contents, /^[A-Za-z0-9 '()+,\-./:=?]+$/, 'PrintableString');
    case tags.ia5String:
      return text(contents, /^\p{ASCII}+$/u, 'IA5String');
    default:
      return malformed('attribute of a name: not one of the three types of strings');
  }
}

const hexPairs = (character: string): string => toHex(encoder.encode(character)).replace(/../g, '\\$&');

/** RFC 4514, section 2.4. Control and format characters too are escaped, so that no name rewrites a terminal. */
const escaped = (value: string): string => (/^[A-Za-z0-9][A-Za-z0-9.@/:-]*$/.test(value) ? value : escapeAll(value));

const escapeAll = (value: string): string =>
  value.replace(/["+,;<>\\]|^[ #]| $/g, '\\$&').replace(/[\p{C}\p{Zl}\p{Zp}]/gu, hexPairs);

function attribute(element: Der): Attribute {
  const [typeElement, valueElement, ...rest] = sequence(element, 'attribute of a name');
  const type = objectIdentifier(typeElement, 'attribute type');
  if (valueElement === undefined || rest.length > 0) return malformed('attribute of a name: not a type and a value');
  const value = directoryString(valueElement);
  const short = shortNames.get(type);
  if (short === undefined) {
    return { type, value, text: `${type}=#${toHex(octetsOf(valueElement))}` };
  }
  return { type, value, text: `${short}=${escaped(value)}` };
}

/** A SET OF attributes in DER: not empty, in ascending order of their octets (X.690, section 11.6). */
function relativeName(element: Der): readonly Attribute[] {
  const elements = inside(expectTag(element, tags.set, 'relative distinguished name'));
  if (elements.length === 0) malformed('relative distinguished name: empty');
  const keys = elements.length > 1 ? elements.map((one) => toHex(octetsOf(one))) : [];
  if (keys.some((key, i) => i > 0 && key <= (keys[i - 1] ?? ''))) {
    malformed('relative distinguished name: not in order');
  }
  return elements.map(attribute);
}

/** Reads a Name. Leaves by `malformed`. */
export function readName(element: Der | undefined, what: string): DistinguishedName {
  const relatives = sequence(element, what).map(relativeName);
  const commonNames = relatives.flat().filter(({ type }) => type === '2.5.4.3');
  return {
    octets: element === undefined ? malformed(what) : octetsOf(element),
    text: relatives
      .map((attributes) => attributes.map((one) => one.text).join('+'))
      .reverse()
      .join(','),
    commonName: commonNames.length === 1 ? commonNames[0]?.value : undefined,
  };
}

/**
 * The relative names of a Name in a form in which those that a directory takes for the same are equal (RFC 5280, section 7.1):
 * without case, without needless spaces, whatever the string type.
 */
export const comparable = (name: Bytes): readonly string[] =>
  sequence(only(name, tags.sequence, 'name'), 'name').map((relative) => {
    const attributes = relativeName(relative);
    const folded = attributes.map(({ type, value }) => [type, fold(value)].join('='));
    return JSON.stringify(folded.sort());
  });

/** RFC 4514 of a Name in DER. */
export const textOf = (name: Bytes): string => readName(only(name, tags.sequence, 'name'), 'name').text;

const fold = (value: string): string =>
  value.normalize('NFKC').toUpperCase().toLowerCase().normalize('NFKC').trim().replace(/\s+/gu, ' ');

// The issuers of all peers are a few authorities: names that were read before, by their contents.
const known = new Map<string, Omit<DistinguishedName, 'octets'>>();
const mostKnown = 64;
const longestKnown = 256;

/** Reads the Name of an issuer, which is not empty. Leaves by `malformed`. */
export function readIssuer(element: Der | undefined): DistinguishedName {
  const { contents } = expectTag(element, tags.sequence, 'issuer');
  const key = contents.length > longestKnown ? '' : String.fromCharCode(...contents);
  const found = known.get(key);
  if (found !== undefined && element !== undefined) return { ...found, octets: octetsOf(element) };
  const name = readName(element, 'issuer');
  if (name.text === '') malformed('issuer: empty');
  if (key !== '' && known.size < mostKnown) known.set(key, { text: name.text, commonName: name.commonName });
  return name;
}
