// Textual encoding of DER (RFC 7468), in its strict grammar. Texts may be hostile: each octet is examined a fixed
// number of times, and every regular expression here can match in one way only.

import { fromBase64, toBase64 } from '../base64.ts';
import { type Checked, passed, refused } from '../failure.ts';
import type { Bytes } from '../octets.ts';

const lineLength = 64;
const longestLabel = 64;
const dashes = '-----';
/** What some editors put before a text. OpenSSL passes over it too. */
const byteOrderMark = '\uFEFF';

/** Encodes octets of any length as one PEM block with this label. The text ends with a line feed. */
export function encodePem(label: string, octets: Uint8Array): string {
  const base64 = toBase64(octets);
  const lines = Array.from({ length: Math.ceil(base64.length / lineLength) }, (_, i) =>
    base64.slice(i * lineLength, (i + 1) * lineLength),
  );
  return [`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`, ''].join('\n');
}

/** A line of a text, with the start of it and of the next line. */
interface Line {
  readonly text: string;
  readonly start: number;
  readonly next: number;
}

const isLineEnd = (character: string | undefined): boolean => character === '\n' || character === '\r';

/** The line that starts at an index, up to a line feed, a carriage return or both. */
function lineAt(text: string, start: number, most: number): Line {
  let end = start;
  while (end < text.length && end - start < most && !isLineEnd(text[end])) end += 1;
  const next = text.startsWith('\r\n', end) ? end + 2 : isLineEnd(text[end]) ? end + 1 : end;
  return { text: text.slice(start, end), start, next };
}

/** The length of the longest boundary. Longer lines are not boundaries. */
const longestLine = `${dashes}BEGIN ${dashes}`.length + longestLabel;

/** The start of the next line that begins like a boundary; the end of the text when there is none. */
function nextDashes(text: string, from: number): number {
  for (let at = text.indexOf(dashes, from); at >= 0; ) {
    const isAfterMark = at === 1 && text.startsWith(byteOrderMark);
    if (at === 0 || isAfterMark || isLineEnd(text[at - 1])) return at;
    let behind = at; // skips a run of dashes at once
    while (text[behind] === '-') behind += 1;
    at = text.indexOf(dashes, behind);
  }
  return text.length;
}

/** An encapsulation boundary (RFC 7468, section 3); `'malformed'` for a line that only looks like one. */
type Boundary = { readonly edge: 'BEGIN' | 'END'; readonly label: string } | 'malformed' | undefined;

const isLabel = (label: string): boolean =>
  label.length <= longestLabel && /^[!-,.-~]*$/.test(label.replaceAll(/[ -]/g, '')) && !/[ -]{2}|^[ -]/.test(label);

function boundaryOf(line: string): Boundary {
  if (!line.startsWith(dashes)) return undefined;
  const edge = line.startsWith('BEGIN ', dashes.length) ? 'BEGIN' : 'END';
  const start = `${dashes}${edge} `;
  if (!line.startsWith(start) || !line.endsWith(dashes) || line.length < start.length + dashes.length) {
    return 'malformed';
  }
  const label = line.slice(start.length, -dashes.length);
  return isLabel(label) ? { edge, label } : 'malformed';
}

/**
 * Whether a line outside of blocks is explanatory text (section 2), which may be anything but a boundary. A line that
 * begins and ends like a boundary is refused when it is none: it may be a damaged one, whose block would be passed over.
 */
const isForPeople = (line: string): boolean => !/^-----(?:BEGIN|END) /.test(line) || !line.trimEnd().endsWith('-');

/** A fault of a text, and its index. */
interface Wrong {
  readonly at: number;
  readonly reason: string;
}

/** The base64 of a block whose first boundary was read, and the start of its last one. */
function bodyAt(text: string, from: number, label: string): { readonly base64: string; readonly end: number } | Wrong {
  const lines: string[] = [];
  for (let at = from; at < text.length; ) {
    const line = lineAt(text, at, longestLine + 1);
    if (line.text.startsWith(dashes)) return { base64: lines.join(''), end: at };
    const last = lines.at(-1);
    if (line.text.length > lineLength || (last !== undefined && last.length !== lineLength)) {
      return { at, reason: `expected lines of ${lineLength} characters, found another length` };
    }
    lines.push(line.text);
    at = line.next;
  }
  return { at: text.length, reason: `expected the end of ${label}, found the end of the text` };
}

/** Reads the boundary at an index. Returns the start of the next line. */
function edgeAt(text: string, at: number, label: string, edge: 'BEGIN' | 'END'): number | Wrong {
  const line = lineAt(text, at, longestLine + 1);
  const found = boundaryOf(line.text);
  if (found === 'malformed' || found === undefined) {
    return { at, reason: 'expected a boundary, found a malformed one' };
  }
  if (found.label !== label) return { at, reason: `expected ${label}, found ${found.label}` };
  if (found.edge === edge) return line.next;
  return {
    at,
    reason:
      edge === 'END'
        ? `expected the end of ${label}, found another beginning`
        : `expected the beginning of ${label}, found an end`,
  };
}

/** Reads the block at an index. Returns its octets and the start of the next line. */
function blockAt(text: string, at: number, label: string): { readonly octets: Bytes; readonly next: number } | Wrong {
  const start = edgeAt(text, at, label, 'BEGIN');
  if (typeof start !== 'number') return start;
  const body = bodyAt(text, start, label);
  if ('reason' in body) return body;
  const next = edgeAt(text, body.end, label, 'END');
  if (typeof next !== 'number') return next;
  const octets = fromBase64(body.base64);
  return octets === undefined || octets.length === 0
    ? { at: body.end, reason: 'expected base64, found something else' }
    : { octets, next };
}

/** The number of the line that starts at an index, from 1. */
function lineNumber(text: string, at: number): number {
  let [number, next] = [1, lineAt(text, 0, text.length).next];
  while (next <= at && next < text.length) {
    number += 1;
    next = lineAt(text, next, text.length).next;
  }
  return number;
}

/**
 * Decodes every PEM block of a text in order: at least one, each with this label. Strict (RFC 7468, figure 3): lines of
 * 64 characters, canonical base64, no headers. Text outside of blocks is allowed. Reasons name the line. Time is linear
 * in the length of the text.
 */
export function decodePemAll(text: string, label: string): Checked<readonly Uint8Array[], 'pem-malformed'> {
  const blocks: Bytes[] = [];
  for (let at = nextDashes(text, 0); at < text.length; at = nextDashes(text, at)) {
    const line = lineAt(text, at, text.length);
    if (isForPeople(line.text)) {
      at = line.next;
      continue;
    }
    const block = blockAt(text, at, label);
    if ('reason' in block) {
      return refused(
        'pem-malformed',
        block.at === text.length ? `PEM: ${block.reason}` : `PEM, line ${lineNumber(text, block.at)}: ${block.reason}`,
      );
    }
    blocks.push(block.octets);
    at = block.next;
  }
  if (blocks.length === 0) return refused('pem-malformed', `PEM: expected ${label}, found no block`);
  return passed(blocks);
}

/** Decodes a text with exactly one PEM block, as `decodePemAll`. */
export function decodePem(text: string, label: string): Checked<Uint8Array, 'pem-malformed'> {
  const all = decodePemAll(text, label);
  if (!all.ok) return all;
  const [octets, ...more] = all.value;
  return octets === undefined || more.length > 0
    ? refused('pem-malformed', `PEM: expected one ${label}, found ${all.value.length}`)
    : passed(octets);
}
