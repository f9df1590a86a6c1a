// Where the values stand in the text of a message that is JSON, so that one of them is changed and nothing else is. Numbers keep
// their digits, and members their order.

/** A part of a text. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** A member of an object. */
export interface Member {
  readonly name: string;
  readonly value: Span;
}

const noSpace = /[^ \t\n\r]/g;
const endOfPlain = /[ \t\n\r,\]}]/g;

/** Where a character stands the next time, from a place on; without one the end. */
function next(character: RegExp, text: string, at: number): number {
  character.lastIndex = at;
  return character.exec(text)?.index ?? text.length;
}

const afterSpace = (text: string, at: number): number => next(noSpace, text, at);

/** Behind the string that begins at a place. */
function endOfString(text: string, at: number): number {
  for (let from = at + 1; ; ) {
    const quote = text.indexOf('"', from);
    let escapes = quote;
    while (text[escapes - 1] === '\\') escapes -= 1;
    if ((quote - escapes) % 2 === 0) return quote + 1;
    from = quote + 1;
  }
}

const marks = /["[\]{}]/g;

/** Behind the value that begins at a place. The text is JSON. */
function endOf(text: string, at: number): number {
  const first = text[at];
  if (first === '"') return endOfString(text, at);
  if (first !== '{' && first !== '[') return next(endOfPlain, text, at);
  let depth = 0;
  marks.lastIndex = at;
  for (;;) {
    const found = marks.exec(text);
    if (found === null) return text.length;
    const [mark] = found;
    if (mark === '"') marks.lastIndex = endOfString(text, found.index);
    else depth += mark === '{' || mark === '[' ? 1 : -1;
    if (depth === 0) return found.index + 1;
  }
}

/** The value of a text that is JSON. */
export function whole(text: string): Span {
  const start = afterSpace(text, 0);
  return { start, end: endOf(text, start) };
}

/** The members of the object that a span holds; of any other value none. */
export function membersOf(text: string, { start }: Span): readonly Member[] {
  const members: Member[] = [];
  if (text[start] !== '{') return members;
  let at = afterSpace(text, start + 1);
  while (text[at] === '"') {
    const end = endOfString(text, at);
    const valueStart = afterSpace(text, afterSpace(text, end) + 1);
    const value = { start: valueStart, end: endOf(text, valueStart) };
    members.push({ name: JSON.parse(text.slice(at, end)), value });
    at = afterSpace(text, value.end);
    if (text[at] === ',') at = afterSpace(text, at + 1);
  }
  return members;
}

/** The entries of the array that a span holds; of any other value none. */
export function entriesOf(text: string, { start }: Span): readonly Span[] {
  const entries: Span[] = [];
  if (text[start] !== '[') return entries;
  let at = afterSpace(text, start + 1);
  while (at < text.length && text[at] !== ']') {
    const entry = { start: at, end: endOf(text, at) };
    entries.push(entry);
    at = afterSpace(text, entry.end);
    if (text[at] === ',') at = afterSpace(text, at + 1);
  }
  return entries;
}

/** The value of a member of an object, by its name. */
export const memberSpan = (text: string, object: Span, name: string): Span | undefined =>
  membersOf(text, object).findLast((member) => member.name === name)?.value;

/** A value that is reached by names, one in the other. */
export const valueAt = (text: string, names: readonly string[]): Span | undefined =>
  names.reduce<Span | undefined>((span, name) => span && memberSpan(text, span, name), whole(text));

/** Replaces parts that do not overlap. */
export function replaced(text: string, changes: readonly (Span & { readonly by: string })[]): string {
  const ordered = changes.toSorted((one, other) => one.start - other.start);
  let [result, from] = ['', 0];
  for (const { start, end, by } of ordered) {
    result += text.slice(from, start) + by;
    from = end;
  }
  return result + text.slice(from);
}

/** The change that puts a member first into an object. */
export function insertion(text: string, object: Span, name: string, json: string): Span & { readonly by: string } {
  const at = object.start + 1;
  const isEmpty = text[afterSpace(text, at)] === '}';
  return { start: at, end: at, by: `${JSON.stringify(name)}:${json}${isEmpty ? '' : ','}` };
}
