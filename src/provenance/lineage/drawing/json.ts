// A lineage as JSON: spec/schema/model-lineage.schema.json.
import type { Lineage } from '../lineage.ts';

/** Characters that are not seen, of the basic plane; in JSON they are written as escapes and mean the same. */
const unseen = /[\p{Cc}\p{Cf}\p{Co}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\p{Noncharacter_Code_Point}]/gu;

const unit = (character: string, at: number): string => `\\u${character.charCodeAt(at).toString(16).padStart(4, '0')}`;
const escapeOf = (character: string): string =>
  character.length === 1 ? unit(character, 0) : unit(character, 0) + unit(character, 1);

/** JSON of a lineage in one line, in which every character is seen. */
export function drawJson({ ok, root, nodes, links, notes }: Lineage): string {
  const value = { format: 'pquake-model-lineage', version: 1, ok, root, nodes, links, notes };
  return `${JSON.stringify(value).replace(unseen, escapeOf)}\n`;
}
