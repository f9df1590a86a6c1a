// Which alternative names of a request an authority allows: patterns that a person writes.

const hostLetters = /^[A-Za-z0-9_-]$/;
const pathLetters = /^[A-Za-z0-9._~-]$/;
const ends = '/?#:@.';

/** The bounds of the host in `scheme://host/...`; an empty range for other URIs. */
function hostOf(pattern: string): { readonly from: number; readonly to: number } {
  const from = pattern.indexOf('://') + 3;
  if (from < 3) return { from: -1, to: -1 };
  const to = [...'/?#'].map((one) => pattern.indexOf(one, from)).filter((at) => at >= 0);
  return { from, to: Math.min(pattern.length, ...to) };
}

/**
 * Why a text is not a pattern; `undefined` for a pattern. A pattern is a URI in which `*` may stand for one whole label
 * of the host or one whole segment of the path, as in `https://*.example.org` or `spiffe://example.org/node/*`.
 */
export function patternRefusal(pattern: string): string | undefined {
  if (!/^[A-Za-z][A-Za-z0-9+.-]*:/.test(pattern)) return 'it begins with the scheme of a URI, such as https:';
  const { from, to } = hostOf(pattern);
  for (let at = pattern.indexOf('*'); at >= 0; at = pattern.indexOf('*', at + 1)) {
    const [before = '', after = ''] = [pattern[at - 1], pattern[at + 1]];
    const isLabel = at >= from && at < to;
    const open = isLabel ? '/.@' : '/:';
    if (!open.includes(before) || (after !== '' && !(isLabel ? ends : '/?#:').includes(after)))
      return '* stands for a whole label of the host, or a whole segment of the path';
  }
  return undefined;
}

/** The end of the longest run of letters from an index. */
function runEnd(text: string, from: number, letters: RegExp): number {
  let at = from;
  while (at < text.length && letters.test(text[at] ?? '')) at += 1;
  return at;
}

/**
 * Whether a pattern allows a URI. Outside of `*` they are equal, character by character. In a host `*` stands for one
 * or more letters, digits, `-` and `_`; in a path also `.` and `~`, but not `.` or `..` alone, and no escape. Time is
 * linear in both lengths.
 */
export function matchesPattern(pattern: string, uri: string): boolean {
  if (patternRefusal(pattern) !== undefined) return false;
  const { from, to } = hostOf(pattern);
  let read = 0;
  for (let at = 0; at < pattern.length; at += 1) {
    if (pattern[at] !== '*') {
      if (pattern[at] !== uri[read]) return false;
      read += 1;
      continue;
    }
    // The character after `*` cannot belong to the run, so only the longest run can match.
    const end = runEnd(uri, read, at >= from && at < to ? hostLetters : pathLetters);
    const run = uri.slice(read, end);
    if (run === '' || run === '.' || run === '..') return false;
    read = end;
  }
  return read === uri.length;
}

/** The URIs that no pattern allows, and that were not confirmed one by one. */
export const notAllowed = (
  uris: readonly string[],
  patterns: readonly string[],
  confirmed: readonly string[] = [],
): readonly string[] =>
  uris.filter((uri) => !confirmed.includes(uri) && !patterns.some((pattern) => matchesPattern(pattern, uri)));
