// Text of a server as a person sees it before approving it: nothing in it can hide, move or reorder anything.

/**
 * What does not show as itself: controls, formats (bidi among them), surrogates, private use, unassigned; what renderers leave out; spaces
 * other than the space, and the blank of Braille.
 */
const hidden = /[\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u2800]|[^\P{Zs} ]/gu;

const escapeOf = (character: string): string => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;

/** One line of text, in which what does not show as itself is written `\u{...}`, and a backslash twice: no two texts look the same for it. */
export const shown = (text: string): string => text.replaceAll('\\', '\\\\').replace(hidden, escapeOf);

/** A value of JSON on one line, in which what does not show as itself is written as JSON escapes. */
export const shownJson = (value: unknown): string =>
  JSON.stringify(value).replace(hidden, (character) =>
    Array.from(
      { length: character.length },
      (_, i) => `\\u${character.charCodeAt(i).toString(16).padStart(4, '0')}`,
    ).join(''),
  );
