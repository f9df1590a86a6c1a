// Textual encoding of DER (RFC 7468), in its strict grammar.
import { type Decoded, decoded, undecoded } from './decoded.ts';

type Bytes = Uint8Array;

const lineLength = 64;
const boundary = /^-----(BEGIN|END) ((?:[!-,.-~]+[ -]?)*)-----$/;

const binary = (octets: Bytes): string => Array.from(octets, (octet) => String.fromCharCode(octet)).join('');

/** Octets of any length as one PEM block with this label; the text ends with a line feed. */
export function encodePem(label: string, octets: Uint8Array): string {
  const lines = btoa(binary(octets)).match(/.{1,64}/g) ?? [];
  return [`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`, ''].join('\n');
}

/** Where the reading of a text has got to. */
interface Progress {
  readonly blocks: Bytes[];
  /** Lines of base64 of the block that is open. */
  open: string[] | undefined;
}

/** Octets of base64 with exactly the padding and the final bits that an encoder writes; `undefined` otherwise. */
function fromBase64(base64: string): Bytes | undefined {
  if (base64.length === 0 || base64.length % 4 !== 0 || !/^[A-Za-z0-9+/]+={0,2}$/.test(base64)) return undefined;
  const text = atob(base64);
  return btoa(text) === base64 ? Uint8Array.from(text, (character) => character.charCodeAt(0)) : undefined;
}

/** Takes one line; answers what is wrong with it. */
function takeLine(progress: Progress, line: string, label: string): string | undefined {
  const { blocks, open } = progress;
  const [, edge, found] = boundary.exec(line) ?? [];
  if (edge === undefined) {
    if (line.startsWith('-----')) return 'expected a boundary, found a malformed one';
    // Text outside of blocks, such as `openssl x509 -text` writes, is for people (section 2).
    if (open !== undefined) open.push(line);
    return undefined;
  }
  if (found !== label) return `expected ${label}, found ${found}`;
  if (edge === 'BEGIN') {
    if (open !== undefined) return `expected the end of ${label}, found another beginning`;
    progress.open = [];
    return undefined;
  }
  if (open === undefined) return `expected the beginning of ${label}, found an end`;
  if (open.some((one, i) => (i < open.length - 1 ? one.length !== lineLength : one.length > lineLength))) {
    return `expected lines of ${lineLength} characters, found another length`;
  }
  const octets = fromBase64(open.join(''));
  if (octets === undefined) return 'expected base64, found something else';
  blocks.push(octets);
  progress.open = undefined;
  return undefined;
}

/**
 * Decodes every PEM block of a text, at least one, each with this label, in its order. Strict (RFC 7468, figure 3): lines of
 * 64 characters, canonical base64, no headers; text outside of blocks is permitted. Reasons name the line.
 */
export function decodePemAll(text: string, label: string): Decoded<readonly Uint8Array[]> {
  const progress: Progress = { blocks: [], open: undefined };
  for (const [i, line] of text.split(/\r\n|\n|\r/).entries()) {
    const reason = takeLine(progress, line, label);
    if (reason !== undefined) return undecoded(`PEM, line ${i + 1}: ${reason}`);
  }
  if (progress.open !== undefined) return undecoded(`PEM: expected the end of ${label}, found the end of the text`);
  if (progress.blocks.length === 0) return undecoded(`PEM: expected ${label}, found no block`);
  return decoded(progress.blocks);
}

/** Decodes a text with exactly one PEM block, as `decodePemAll` does. */
export function decodePem(text: string, label: string): Decoded<Uint8Array> {
  const all = decodePemAll(text, label);
  if (!all.ok) return all;
  const [octets, ...more] = all.value;
  return octets === undefined || more.length > 0
    ? undecoded(`PEM: expected one ${label}, found ${all.value.length}`)
    : decoded(octets);
}
