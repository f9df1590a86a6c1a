// Texts of strangers in drawings: names, URIs and reasons that somebody chose, to be read by people and by programs.

/** The most characters of one text in a drawing. */
const longest = 200;

/**
 * Characters that are not seen, or that change how others are: controls, formats (which reorder a text), halves of characters, private use,
 * separators other than a space, fillers, and what Unicode never assigns.
 */
const unseen =
  /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\p{Noncharacter_Code_Point}]|[^\P{Zs} ]|\\/gu;

const escapeOf = (character: string): string =>
  character === '\\' ? '\\\\' : `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;

/** A text in which every character is seen; the others are written as escapes, `\u{202e}`, and a backslash twice, so that no two texts look the same. */
const visible = (text: string): string => text.replace(unseen, escapeOf);

/** The same, cut where it is long. */
export function shown(text: string, most: number = longest): string {
  const characters = Array.from(visible(text.slice(0, 2 * most)));
  const isCut = text.length > 2 * most || characters.length > most;
  return isCut ? `${characters.slice(0, most).join('')}…` : characters.join('');
}

/** A signer, shortened for a drawing: of a bare key the beginning of its identifier. */
export const shortSigner = (name: string): string => (/^key [0-9a-f]{64}$/.test(name) ? `${name.slice(0, 20)}…` : name);

/** A digest, shortened for a drawing. */
export const shortDigest = (digest: string): string => {
  const [algorithm = '', value = ''] = digest.split(':', 2);
  return value.length > 16 ? `${algorithm}:${value.slice(0, 16)}…` : digest;
};
