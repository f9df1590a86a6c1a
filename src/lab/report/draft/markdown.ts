// Text in the form that kramdown-rfc reads and that people read as Markdown: ASCII, prose of 72 columns, source blocks of 69.

/** Columns of prose. */
const proseColumns = 72;
/** Columns of a source block: the renderer indents it by three. */
export const sourceColumns = 69;

/** Words of a line; what stands in backticks is in one word, with the marks around it. */
function wordsOf(text: string): string[] {
  const words = [''];
  for (const [at, piece] of text.split(/(`[^`]*`)/).entries()) {
    for (const [index, part] of (at % 2 === 1 ? [piece] : piece.split(/\s+/)).entries()) {
      if (index > 0) words.push('');
      words.push((words.pop() ?? '') + part);
    }
  }
  return words.filter((word) => word !== '');
}

/** Words in lines of at most `columns`; a longer word has a line for itself. */
export function wrapped(text: string, columns: number, first = '', others = first): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of wordsOf(text)) {
    const indent = lines.length === 0 ? first : others;
    if (line !== '' && indent.length + line.length + 1 + word.length > columns) {
      lines.push(indent + line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, (lines.length === 0 ? first : others) + line];
}

/** Applies to what does not stand in backticks. */
export const outsideCode = (text: string, change: (plain: string) => string): string =>
  text
    .split(/(`[^`]*`)/)
    .map((piece, at) => (at % 2 === 0 ? change(piece) : piece))
    .join('');

/** Marks that kramdown takes for a table or for HTML. */
const escaped = (text: string): string =>
  outsideCode(text, (plain) => plain.replace(/\\?[|<]/g, (mark) => (mark.length === 1 ? `\\${mark}` : mark)));

/** @throws Error with the character and where it stands, for anything but printable ASCII and line ends */
export function requireAscii(text: string, where: string): string {
  const found = /[^\n\x20-\x7e]/.exec(text);
  if (found === null) return text;
  const around = text.slice(Math.max(0, found.index - 20), found.index + 20);
  const shown = `U+${(found[0].codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`;
  throw new Error(`${where} has ${shown} in ${JSON.stringify(around)}: expected ASCII`);
}

/** A paragraph. */
export const paragraph = (text: string): string => wrapped(escaped(text), proseColumns).join('\n');

/** A list of one line or more each. */
export const list = (items: readonly string[]): string =>
  items.map((item) => wrapped(escaped(item), proseColumns, '- ', '  ').join('\n')).join('\n');

/** A formula or a line of words, in lines of at most the columns of a source block; `a = b` is not torn apart. */
export const folded = (text: string, indent: string): string[] =>
  wrapped(text.replaceAll(' = ', '\0=\0'), sourceColumns, indent, `${indent}    `).map((line) =>
    line.replaceAll('\0', ' '),
  );

/** A block that is shown as it stands. @throws Error for a line that has no room */
export function source(type: 'pseudocode' | 'test-vectors' | '', lines: readonly string[]): string {
  for (const line of lines) {
    if (line.length > sourceColumns || line.startsWith('~~~'))
      throw new Error(`a source block has the line ${JSON.stringify(line)}: expected at most ${sourceColumns} columns`);
  }
  return [`~~~ ${type}`.trimEnd(), ...lines, '~~~'].join('\n');
}

/** The blocks of Markdown: fenced code whole, other text cut at empty lines. */
function blocksOf(text: string): string[] {
  const blocks: string[] = [];
  let block: string[] = [];
  let fence = '';
  const end = (): void => {
    if (block.length > 0) blocks.push(block.join('\n'));
    block = [];
  };
  for (const line of text.trim().split('\n')) {
    const mark = /^(```|~~~)/.exec(line)?.[1] ?? '';
    if (fence !== '') {
      block.push(line);
      if (mark === fence) {
        fence = '';
        end();
      }
    } else if (mark !== '') {
      end();
      fence = mark;
      block.push(line);
    } else if (line.trim() === '') end();
    else block.push(line);
  }
  end();
  return blocks;
}

/** A fenced block: lines that are too long are cut between words, behind an indent. */
function code(block: string): string {
  const lines = block.split('\n').slice(1, -1);
  const fitted = lines.flatMap((line) =>
    line.length <= sourceColumns ? [line.trimEnd()] : folded(line, /^ */.exec(line)?.[0] ?? ''),
  );
  return source('pseudocode', fitted);
}

const isItem = (line: string): boolean => /^\s*(?:[-*]|\d+\.) /.test(line);

/** A list: each item with the lines that go on with it. */
function items(block: string): string {
  const found: string[] = [];
  for (const line of block.split('\n')) {
    if (isItem(line) || found.length === 0) found.push(line);
    else found.push(`${found.pop()} ${line.trim()}`);
  }
  return found
    .map((item) => {
      const [, indent = '', mark = '', rest = ''] = /^(\s*)([-*]|\d+\.) (.*)$/.exec(item) ?? ['', '', '-', item];
      const shown = mark === '*' ? '-' : mark;
      const blank = ' '.repeat(shown.length + 1);
      return wrapped(escaped(rest), proseColumns, `${indent}${shown} `, indent + blank).join('\n');
    })
    .join('\n');
}

/** Prose: a paragraph, a list, or a list behind the paragraph that leads to it. */
function prose(block: string): string {
  const lines = block.split('\n');
  const at = lines.findIndex(isItem);
  if (at > 0) return `${paragraph(lines.slice(0, at).join(' '))}\n\n${items(lines.slice(at).join('\n'))}`;
  return at === 0 ? items(block) : paragraph(lines.join(' '));
}

/**
 * Markdown of others, in this form: headings become bold words, fenced code source blocks; a table stays as it is.
 * @param change is applied to all that is no code
 */
export function markdown(text: string, change: (prose: string) => string): string {
  const blocks = blocksOf(text).map((block) => {
    if (/^(```|~~~)/.test(block)) return code(block);
    const changed = change(block);
    if (changed.startsWith('|')) return changed;
    const [, heading, rest = ''] = /^#{1,6} (.*)\n?([\s\S]*)$/.exec(changed) ?? [];
    if (heading === undefined) return prose(changed);
    return [`**${heading}**`, ...(rest.trim() === '' ? [] : [prose(rest)])].join('\n\n');
  });
  return blocks.join('\n\n');
}
