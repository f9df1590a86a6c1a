// The patterns of a policy: texts in which `*` stands for any characters inside one segment and `**` for any at all. They are matched in
// time in proportion to the text, by sets of positions; no regular expression is made of them.

/** A wildcard: inside of a segment, or across segments. */
export type Star = '*' | '**';

/** A pattern, read: `literals[0] stars[0] literals[1] ...`; one literal more than stars. */
export interface PatternParts {
  readonly literals: readonly string[];
  readonly stars: readonly Star[];
  /** The character that ends a segment: `.` for the `DNS:` names of peers, `/` for everything else. */
  readonly separator: '/' | '.';
}

/** A pattern that is ready to match. */
export interface Pattern {
  readonly text: string;
  /** Without wildcards: the only text that it matches. */
  readonly exact?: string;
  readonly matches: (text: string) => boolean;
}

/** What a pattern is compared with: names of peers, which have forms, or anything else. */
export type Compared = 'names' | 'texts';

/** The most wildcards of one pattern. */
export const mostStars = 16;

const dns = 'DNS:';

/** DNS names have no case: they are compared in lower case, as `--expect` does. All other names are compared as they are. */
export const comparable = (name: string): string => (name.startsWith(dns) ? dns + name.slice(4).toLowerCase() : name);

/**
 * Reads a pattern. `[*]` is the character `*` itself; no other character is special.
 * @returns the parts, or in words what is wrong
 */
export function parsePattern(given: string, compared: Compared): PatternParts | string {
  const isDns = compared === 'names' && given.startsWith(dns);
  const text = isDns ? comparable(given) : given;
  const literals: string[] = [''];
  const stars: Star[] = [];
  const append = (part: string): void => {
    literals.push((literals.pop() ?? '') + part);
  };
  for (let at = 0; at < text.length; ) {
    if (text.startsWith('[*]', at)) {
      append('*');
      at += 3;
    } else if (text.startsWith('***', at))
      return 'found three * in a row, expected * (inside of a segment) or ** (across segments)';
    else if (text[at] === '*') {
      const star = text[at + 1] === '*' ? '**' : '*';
      stars.push(star);
      literals.push('');
      at += star.length;
    } else {
      append(text[at] ?? '');
      at += 1;
    }
  }
  if (stars.length > mostStars) return `found ${stars.length} wildcards, expected at most ${mostStars}`;
  return { literals, stars, separator: isDns ? '.' : '/' };
}

/** Positions before which everything up to a wildcard matched, moved over the wildcard: `true` at each position that it may reach. */
function overStar(from: Uint8Array, text: string, star: Star, separator: string): Uint8Array {
  const reached = new Uint8Array(from.length);
  let open = false;
  for (let at = 0; at < from.length; at += 1) {
    if (star === '*' && at > 0 && text[at - 1] === separator) open = false;
    if (from[at] === 1) open = true;
    if (open) reached[at] = 1;
  }
  return reached;
}

function overLiteral(from: Uint8Array, text: string, literal: string): Uint8Array {
  if (literal === '') return from;
  const reached = new Uint8Array(from.length);
  for (let at = text.indexOf(literal); at >= 0; at = text.indexOf(literal, at + 1)) {
    if (from[at] === 1) reached[at + literal.length] = 1;
  }
  return reached;
}

function matchSeveral({ literals, stars, separator }: PatternParts, text: string): boolean {
  let reached: Uint8Array = new Uint8Array(text.length + 1);
  reached[(literals[0] ?? '').length] = 1; // the caller compared the first literal
  for (const [i, star] of stars.entries())
    reached = overLiteral(overStar(reached, text, star, separator), text, literals[i + 1] ?? '');
  return reached[text.length] === 1;
}

/** Makes the matcher of a pattern that was read. */
export function compilePattern(text: string, parts: PatternParts): Pattern {
  const { literals, stars, separator } = parts;
  const [first = '', last = ''] = [literals[0], literals.at(-1)];
  const [only] = stars;
  if (only === undefined) return { text, exact: first, matches: (name) => name === first };
  const least = literals.reduce((sum, { length }) => sum + length, 0);
  const mayMatch = (name: string): boolean => name.length >= least && name.startsWith(first) && name.endsWith(last);
  if (stars.length > 1) return { text, matches: (name) => mayMatch(name) && matchSeveral(parts, name) };
  if (only === '**') return { text, matches: mayMatch };
  return {
    text,
    matches: (name) => {
      if (!mayMatch(name)) return false;
      const at = name.indexOf(separator, first.length);
      return at < 0 || at >= name.length - last.length;
    },
  };
}

/** A list of patterns as one question: those without wildcards are looked up, the others tried one after the other. */
export interface PatternSet {
  readonly texts: readonly string[];
  /** Whether a pattern without wildcards is this text. */
  readonly isExactly: (text: string) => boolean;
  readonly matches: (text: string) => boolean;
}

/** @throws TypeError for a text that is no pattern; `parsePattern` tells before */
export function patternSet(texts: readonly string[], compared: Compared): PatternSet {
  const patterns = texts.map((text) => {
    const parts = parsePattern(text, compared);
    if (typeof parts === 'string') throw new TypeError(`${text}: ${parts}`);
    return compilePattern(text, parts);
  });
  const exact = new Set(patterns.flatMap(({ exact: one }) => (one === undefined ? [] : [one])));
  const wild = patterns.filter(({ exact: one }) => one === undefined);
  const isExactly = (text: string): boolean => exact.has(text);
  return { texts, isExactly, matches: (text) => isExactly(text) || wild.some(({ matches }) => matches(text)) };
}
