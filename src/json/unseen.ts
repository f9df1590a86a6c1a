/** Controls, formats (which reorder a text), halves of characters, private use, separators of lines. */
const unseen = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}]/u;
const unseenInText = /[^\P{Cc}\n\t]|[\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}]/u;

/**
 * Whether a text has a character that nobody sees, so that it means something else than it seems to.
 * @param field - the member that holds it: in `description` and `$comment` there may be lines and tabulators
 */
export const hasUnseen = (text: string, field?: string | number): boolean =>
  (field === 'description' || field === '$comment' ? unseenInText : unseen).test(text);
