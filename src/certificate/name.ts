// Distinguished names (RFC 5280, section 4.1.2.4) and their strings (RFC 4514).

import { type Der, expectTag, inside, latin1, objectIdentifier, octetsOf, only, sequence, tags } from '../der/der.ts';
import { malformed } from '../der/derError.ts';
import { limits } from '../limits.ts';
import { type Bytes, toHex } from '../octets.ts';

/** A distinguished name. Texts are made on access, as most names that strangers send are never shown. */
export interface DistinguishedName {
  /** DER of the Name, as in the certificate. Names are equal when these octets are. */
  readonly octets: Bytes;
  /** RFC 4514, such as `CN=bob`. */
  readonly text: string;
  /** The common name, when there is exactly one. */
  readonly commonName: string | undefined;
}

interface Attribute {
  readonly type: string;
  /** A string whose type and characters were checked. */
  readonly value: Der;
}

/** The attribute types with short names in RFC 4514, section 3. */
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

/** The octets of a PrintableString (X.680, section 41.4). */
const printable: ReadonlySet<number> = new Set(
  new TextEncoder().encode("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789 '()+,-./:=?"),
);

const isAscii = (octets: Bytes): boolean => octets.every((octet) => octet < 0x80);

/** Whether octets are valid UTF-8. */
function isUtf8(octets: Bytes): boolean {
  try {
    utf8.decode(octets);
    return true;
  } catch {
    return false;
  }
}

const decode = (octets: Bytes): string => (isAscii(octets) ? latin1(octets) : utf8.decode(octets));

/**
 * Requires a UTF8String, PrintableString or IA5String of at least one character (appendix A). The profile has no other
 * types (RFC 5280, section 4.1.2.4, on the older ones). @throws DerError
 */
function requireString({ tag, contents }: Der): void {
  const wrong = (type: string): never => malformed(`${type}: empty, or a character that its type does not have`);
  if (tag === tags.utf8String) {
    if (contents.length === 0) wrong('UTF8String');
    if (!isAscii(contents) && !isUtf8(contents)) malformed('UTF8String: not UTF-8');
  } else if (tag === tags.printableString) {
    if (contents.length === 0 || !contents.every((octet) => printable.has(octet))) wrong('PrintableString');
  } else if (tag === tags.ia5String) {
    if (contents.length === 0 || !isAscii(contents)) wrong('IA5String');
  } else malformed('attribute of a name: not one of the three types of strings');
}

const commonNameType = '2.5.4.3';

/**
 * Escapes the UTF-8 octets of a character as in RFC 4514. ASCII needs no encoder, as there may be many control characters.
 */
const hexPairs = (character: string): string => {
  const code = character.charCodeAt(0);
  if (code < 0x80) return `\\${code.toString(16).padStart(2, '0')}`;
  return toHex(encoder.encode(character)).replace(/../g, '\\$&');
};

/**
 * Escapes a value as in RFC 4514, section 2.4, and control and format characters too, so that no name rewrites a
 * terminal.
 */
const escaped = (value: string): string => (/^[A-Za-z0-9][A-Za-z0-9.@/:-]*$/.test(value) ? value : escapeAll(value));

const escapeAll = (value: string): string =>
  value.replace(/["+,;<>\\]|^[ #]| $/g, '\\$&').replace(/[\p{C}\p{Zl}\p{Zp}]/gu, hexPairs);

function attribute(element: Der): Attribute {
  const [typeElement, valueElement, ...rest] = sequence(element, 'attribute of a name');
  const type = objectIdentifier(typeElement, 'attribute type');
  if (valueElement === undefined || rest.length > 0) return malformed('attribute of a name: not a type and a value');
  requireString(valueElement);
  return { type, value: valueElement };
}

/** `type=value` as in RFC 4514; a long value is cut. */
function attributeText({ type, value }: Attribute, most: number): string {
  const short = shortNames.get(type);
  if (short === undefined) return `${type}=#${toHex(octetsOf(value).subarray(0, most))}`;
  const text = decode(value.contents);
  return `${short}=${escaped(text.length > most ? text.slice(0, most) : text)}`;
}

/**
 * Reads a SET OF attributes in DER: not empty, in ascending order of their octets (X.690, section 11.6). @throws
 * DerError
 */
function relativeName(element: Der): readonly Attribute[] {
  const elements = inside(expectTag(element, tags.set, 'relative distinguished name'), limits.nameAttributes);
  if (elements.length === 0) malformed('relative distinguished name: empty');
  const keys = elements.length > 1 ? elements.map((one) => toHex(octetsOf(one))) : [];
  if (keys.some((key, i) => i > 0 && key <= (keys[i - 1] ?? ''))) {
    malformed('relative distinguished name: not in order');
  }
  return elements.map(attribute);
}

const read = (name: Bytes): readonly (readonly Attribute[])[] =>
  sequence(only(name, tags.sequence, 'name'), 'name', limits.nameAttributes).map(relativeName);

/** RFC 4514 of relative names, the last one first. Stops after the attribute that reaches `most` characters. */
function textOfRelatives(relatives: readonly (readonly Attribute[])[], most = Number.POSITIVE_INFINITY): string {
  let text = '';
  for (const attributes of [...relatives].reverse()) {
    for (const [i, one] of attributes.entries()) {
      if (text.length >= most) return text;
      text += `${i > 0 ? '+' : text === '' ? '' : ','}${attributeText(one, most)}`;
    }
  }
  return text;
}

/** RFC 4514 of a Name in DER. */
export const textOf = (name: Bytes): string => textOfRelatives(read(name));

/**
 * RFC 4514 of a Name in DER, for the detail of a failure: at most `limits.shownName` characters, then the length of the
 * name.
 */
export function shownName(name: Bytes): string {
  const most = limits.shownName;
  const text = textOfRelatives(read(name), most);
  if (text.length < most) return text;
  return name.length <= most && text.length === most
    ? text
    : `${text.slice(0, most)}… (a name of ${name.length} octets)`;
}

function commonNameOf(name: Bytes): string | undefined {
  const [one, ...others] = read(name)
    .flat()
    .filter(({ type }) => type === commonNameType);
  return one === undefined || others.length > 0 ? undefined : decode(one.value.contents);
}

/**
 * Reads a Name of at most `limits.nameOctets` and `limits.nameAttributes`. Every attribute is a string of its type.
 * @throws DerError
 */
export function readName(element: Der | undefined, what: string): DistinguishedName {
  const name = expectTag(element, tags.sequence, what);
  const octets = octetsOf(name);
  if (octets.length > limits.nameOctets)
    malformed(`${what}: ${octets.length} octets, not at most ${limits.nameOctets}`);
  let attributes = 0;
  for (const relative of sequence(name, what, limits.nameAttributes)) {
    attributes += relativeName(relative).length;
    if (attributes > limits.nameAttributes) malformed(`${what}: more than ${limits.nameAttributes} attributes`);
  }
  let [text, commonName]: (string | undefined)[] = [];
  let isSought = false;
  return Object.freeze({
    octets,
    get text() {
      text ??= textOf(octets);
      return text;
    },
    get commonName() {
      if (!isSought) commonName = commonNameOf(octets);
      isSought = true;
      return commonName;
    },
  });
}

/** Whether a name has no attributes. */
export const isEmptyName = ({ octets }: Pick<DistinguishedName, 'octets'>): boolean => octets[1] === 0;

/**
 * The relative names of a Name, normalized (RFC 5280, section 7.1): without case, needless spaces and string type.
 * Names that a directory considers the same become equal.
 */
export const comparable = (name: Bytes): readonly string[] =>
  read(name).map((attributes) => {
    const folded = attributes.map(({ type, value }) => [type, fold(decode(value.contents))].join('='));
    return JSON.stringify(folded.sort());
  });

const fold = (value: string): string =>
  value.normalize('NFKC').toUpperCase().toLowerCase().normalize('NFKC').trim().replace(/\s+/gu, ' ');

/** Reads the Name of an issuer, which is not empty. @throws DerError */
export function readIssuer(element: Der | undefined): DistinguishedName {
  const name = readName(element, 'issuer');
  return isEmptyName(name) ? malformed('issuer: empty') : name;
}
