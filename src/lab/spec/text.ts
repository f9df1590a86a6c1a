// Forms of text that the generators share.
export const banner = '// Generated from spec/ by `npm run generate`. Do not edit.\n\n';
export const upper = (name: string): string => name.charAt(0).toUpperCase() + name.slice(1);
export const quoted = (names: readonly string[]): string => names.map((name) => `'${name}'`).join(' | ');
/** `1 octet`, `2 octets`. */
export const counted = (octets: number): string => `${octets} ${octets === 1 ? 'octet' : 'octets'}`;
export const literal = (value: unknown): string => JSON.stringify(value);

/** A table in Markdown. */
export const table = (head: readonly string[], rows: readonly (readonly (string | number)[])[]): string =>
  [head, head.map(() => '---'), ...rows]
    .map((row) => `| ${row.map((cell) => String(cell).replaceAll('|', '\\|')).join(' | ')} |`)
    .join('\n');

const end = '<!-- end -->';

/** Replaces the text between the markers `<!-- generated: NAME -->` and `<!-- end -->`. @throws Error for a table without markers */
export function fillTables(file: string, text: string, tables: Readonly<Record<string, string>>): string {
  const placed = new Set<string>();
  const pieces = text.split(end);
  const last = pieces.pop() ?? '';
  const filled = pieces.map((piece) => {
    const found = /<!-- generated: (\w+) -->\n/.exec(piece);
    if (found === null) return piece + end;
    const [, name = ''] = found;
    const body = tables[name];
    if (body === undefined) throw new Error(`${file} asks for the table ${name}, which does not exist`);
    placed.add(name);
    return `${piece.slice(0, found.index)}<!-- generated: ${name} -->\n${body}\n${end}`;
  });
  const missing = Object.keys(tables).filter((name) => !placed.has(name));
  if (missing.length > 0) throw new Error(`${file} has no place for the tables ${missing.join(', ')}`);
  return filled.join('') + last;
}
