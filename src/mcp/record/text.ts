// Texts of others in the record: short, one line, harmless to a terminal. One that is not shown exactly has its digest.
import { createHash } from 'node:crypto';
import { printable } from '../../node/terminal/output.ts';

/** Characters of a text that are shown. */
const mostShown = 256;
/** Texts of a list that are shown. */
const mostTexts = 16;

/** SHA-256, hexadecimal. A text counts as its UTF-8. */
export const sha256 = (octets: Uint8Array | string): string => createHash('sha256').update(octets).digest('hex');

const digested = / \[\d+ octets, SHA-256 [0-9a-f]{64}\]$/;

/**
 * A text as the record shows it. One that is long, has characters that are escaped, or ends as if its digest followed, is
 * followed by its octets and the digest of them: ` [N octets, SHA-256 HEX]`.
 */
export function shown(text: string): string {
  const part = printable(text.slice(0, mostShown));
  if (part === text && !digested.test(text)) return text;
  return `${part} [${Buffer.byteLength(text)} octets, SHA-256 ${sha256(text)}]`;
}

/** A list as the record shows it. Of those that are left out, their number and one digest of their JSON. */
export function shownList(texts: readonly string[]): string[] {
  if (texts.length <= mostTexts) return texts.map(shown);
  const rest = texts.slice(mostTexts - 1);
  const summary = `${rest.length} more, SHA-256 ${sha256(JSON.stringify(rest))}`;
  return [...texts.slice(0, mostTexts - 1).map(shown), summary];
}

/** A number as JSON can say it. */
export const shownNumber = (value: number): number | string => (Number.isFinite(value) ? value : String(value));
