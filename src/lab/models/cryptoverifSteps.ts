// The processes of a CryptoVerif file as steps, one line each: what is received, drawn, computed, checked, sent, told by an event. Names
// and functions become those of the code, by one table.

/** A term of a process: `decap(ct_e, sk)`; a tuple has no head. */
interface Expression {
  readonly head: string;
  readonly parts?: readonly Expression[];
}

/** Names in the files that are others in the code. Where two sessions of a role stand in one game, each has its own names. */
const names: readonly (readonly [RegExp, string])[] = [
  [/^hash_([ir])_(I|R|TI|TR)$/, 'h_$1'],
  [/^(pk_e|ct_e)_[IR]$/, '$1'],
  [/^e$/, 'sk_e'],
  [/^c_([eir])$/, 'r_$1'],
  [/^m1$/, 'pk_e'],
  [/^m2$/, 'ct_e'],
  [/^m5$/, 'ct_i'],
  [/^m6$/, 'ct_r'],
];

/** Messages that the files have in one piece. */
const tuples: Readonly<Record<string, readonly string[]>> = { m3: ['IV_i', 'e_cert_i'], m4: ['IV_r', 'e_cert_r'] };

/** The functions of the files, and what the code calls them; a number is that of an argument, which the files order otherwise. */
const functions: Readonly<Record<string, readonly [string, ...number[]]>> = {
  pkgen: ['encapsulationKey', 0],
  kem_ct: ['ciphertext', 0, 1],
  encap_ct: ['ciphertext', 0, 1],
  kem_ss: ['sharedSecret', 0, 1],
  encap_ss: ['sharedSecret', 0, 1],
  decap: ['decapsulate', 0, 1],
  kdf_1: ['k_hid', 0, 1],
  valid: ['certificate', 0],
  pk_of: ['certifiedKey', 0],
  C_i_of: ['mac', 0, 1, 2],
  C_r_of: ['mac', 0, 1, 2],
};

/** Values that the code names, and that the files may write where they are used. */
const hoisted = ['k_hid', 'h_i', 'h_r', 'S'];

/** Splits at a separator outside brackets. */
function split(text: string, separator: string): string[] {
  const pieces = [''];
  let depth = 0;
  for (let at = 0; at < text.length; at += 1) {
    const char = text.charAt(at);
    depth += '(['.includes(char) ? 1 : ')]'.includes(char) ? -1 : 0;
    if (depth === 0 && text.startsWith(separator, at)) {
      pieces.push('');
      at += separator.length - 1;
    } else pieces[pieces.length - 1] += char;
  }
  return pieces.map((piece) => piece.trim());
}

function parse(text: string): Expression {
  const [, head = text, inside] = /^([\w']*)\((.*)\)$/.exec(text) ?? [];
  if (inside === undefined) return { head };
  return { head, parts: inside === '' ? [] : split(inside, ',').map(parse) };
}

/** A term on one line. */
const show = ({ head, parts }: Expression): string =>
  parts === undefined ? head : `${head}(${parts.map(show).join(', ')})`;

const tupleOf = (of: readonly string[]): Expression => ({ head: '', parts: of.map((head) => ({ head })) });

/** The name of a variable in the code. */
const named = (name: string): string =>
  names.reduce((text, [pattern, replacement]) => text.replace(pattern, replacement), name);

/** Seals and openings: the files have the initial vector inside the message, or beside it, and the key in another place. */
function sealed({ head, parts = [] }: Expression): Expression {
  const keyFirst = head === 'Enc' ? show(parts[0] ?? { head: '' }) === 'k_hid' : parts.length === 2;
  const [first, second, third] = parts as [Expression, Expression, Expression];
  const empty = { head: 'empty' };
  if (head === 'Enc')
    return { head: 'seal', parts: keyFirst ? [first, second, empty, third] : [second, third, empty, first] };
  const [vector, text] = keyFirst ? (second.parts ?? [second, second]) : [third, first];
  return { head: 'open', parts: [keyFirst ? first : second, vector as Expression, empty, text as Expression] };
}

/** A reader of terms, which writes a line for each named value that it finds inside one. */
function translator(write: (line: string) => void) {
  const aliases = new Map<string, Expression>(Object.entries(tuples).map(([name, of]) => [name, tupleOf(of)]));
  const values = new Map<string, string>();

  const translate = ({ head, parts }: Expression): Expression => {
    if (parts === undefined) return aliases.get(head) ?? { head: named(head) };
    const inner = parts.filter(({ head: one }) => !/^hf[12]$/.test(one)).map(translate);
    if (head === 'Enc' || head === 'Dec') return sealed({ head, parts: inner });
    if (head === 'skgen') return inner[0] as Expression;
    if (head === 'mac') return { head, parts: [inner[0] as Expression, ...(inner[1]?.parts ?? [])] };
    if (head === 'cut') return { head: 'keys', parts: inner[0]?.parts ?? [] };
    const [name = head, ...order] = functions[head] ?? [];
    const made = { head: name, parts: order.length === 0 ? inner : order.map((at) => inner[at] as Expression) };
    if (!hoisted.includes(name)) return made;
    define(name, made);
    return { head: name };
  };
  /** `name = value`, unless that was the last line about the name. */
  const define = (name: string, value: Expression): void => {
    const text = show(value);
    if (values.get(name) === text) return;
    values.set(name, text);
    write(`${name} = ${text}`);
  };
  const bind = (name: string, text: string): void => {
    const value = translate(parse(text));
    if (/^m\d$/.test(name) && value.head !== 'seal') aliases.set(name, value);
    else if (value.head === 'seal') {
      const [, vector] = value.parts ?? [];
      const [own, sealedName] = tuples[name] ?? [show(vector as Expression), name];
      define(own === show(vector as Expression) ? (sealedName ?? name) : `${name} with ${own}`, value);
    } else if (named(name) !== value.head) define(named(name), value);
  };
  return { translate, bind };
}

/** Items of a pattern or a tuple, without types, messages in one piece taken apart. */
function items(text: string): string[] {
  const inside = /^\((.*)\)$/.exec(text)?.[1];
  const pieces = inside === undefined ? [text] : inside === '' ? [] : split(inside, ',');
  return pieces.flatMap((piece) => {
    const name = (piece.split(':', 1)[0] ?? '').trim();
    return /^[\w']+$/.test(name) ? (tuples[name] ?? [named(name)]) : [name];
  });
}

const untyped = (pattern: string): string => pattern.replaceAll(/: ?[\w']+/g, '');

/** Statements, each by its beginning; the text ends where the process does. */
const statements: readonly (readonly [RegExp, string])[] = [
  [/^! ?\w+ <= \w+ /, 'replicated'],
  [/^in\(/, ';'],
  [/^out\(/, ''],
  [/^let /, ' in '],
  [/^if /, ' then '],
  [/^find /, ' then '],
  [/^event(_abort)? /, ''],
  [/^[\w']+ <-R \w+;/, 'drawn'],
  [/^(else\b|[()])/, 'mark'],
];

/** The end of a statement: after the first of some marks outside brackets. */
function endOf(text: string, marks: readonly string[]): number {
  let depth = 0;
  for (let at = 0; at < text.length; at += 1) {
    const char = text.charAt(at);
    if (depth === 0 && marks.some((mark) => text.startsWith(mark, at))) return at;
    depth += char === '(' ? 1 : char === ')' ? -1 : 0;
    if (depth < 0) return at;
  }
  return text.length;
}

function cut(body: string): string[] {
  const found: string[] = [];
  let rest = `${body.trim()} `;
  while (rest.trim() !== '') {
    const [pattern, end] = statements.find(([one]) => one.test(rest)) ?? [];
    if (pattern === undefined) throw new Error(`not a statement of a process: ${rest.slice(0, 60)}`);
    const [beginning] = pattern.exec(rest) ?? [''];
    const whole = ['replicated', 'drawn', 'mark'].includes(end ?? '');
    const marks = end === '' || end === ';' ? [';', ' else '] : [end ?? ''];
    const length = whole ? beginning.length : endOf(rest, marks);
    found.push(rest.slice(0, length).trim());
    rest = withoutLink(rest.slice(length)).trimStart();
  }
  return found;
}

/** The text behind what links two statements. */
function withoutLink(text: string): string {
  if (text.startsWith(';')) return text.slice(1);
  if (text.startsWith(' in ') && text[4] !== '(') return text.slice(4);
  return text.startsWith(' then ') ? text.slice(6) : text;
}

/** The full stop that ends a process: an empty line, or nothing, follows it. -1 when there is none. */
function endOfProcess(text: string, from: number): number {
  for (let at = text.indexOf('.', from); at >= 0; at = text.indexOf('.', at + 1)) {
    const behind = text.slice(at + 1);
    const blank = behind.slice(0, behind.length - behind.trimStart().length);
    if (blank.length === behind.length || blank.split('\n').length > 2) return at;
  }
  return -1;
}

/** The text of a process without comments, each blank one space. @throws Error when it is not there */
export function processText(plain: string, name: string): string {
  const start = plain.indexOf(`let ${name}(`);
  const equals = start < 0 ? -1 : plain.indexOf(') =', start);
  const end = equals < 0 ? -1 : endOfProcess(plain, equals);
  if (end < 0) throw new Error(`there is no process ${name}`);
  return plain
    .slice(equals + ') ='.length, end)
    .trimStart()
    .replaceAll(/\s+/g, ' ');
}

/** The steps of a process. */
export function stepsOf(body: string): string[] {
  const lines: string[] = [];
  const write = (line: string): void => {
    lines.push(line);
  };
  const { translate, bind } = translator(write);
  const term = (text: string): string => show(translate(parse(text)));
  const side = (text: string): string =>
    text
      .split(/ (=|<>) /)
      .map((one) => (/^(=|<>)$/.test(one) ? one : term(one)))
      .join(' ');

  const message = (word: string, statement: string): void => {
    const [, ...of] = split(/^\w+\((.*)\)$/.exec(statement)?.[1] ?? '', ',');
    for (const item of items(of.join(', '))) write(`${word} ${word === 'in' ? item : term(item)}`);
  };
  const definition = (statement: string): void => {
    const equals = statement.indexOf(' = ');
    const pattern = equals < 0 ? '' : statement.slice('let '.length, equals);
    const value = equals < 0 ? '' : statement.slice(equals + ' = '.length);
    const [, opened] = /^injbot\((\w+): /.exec(pattern) ?? [];
    const [, keys] = /^(?:keys|three)\((.*)\)$/.exec(pattern) ?? [];
    if (opened !== undefined) bind(opened, value);
    else if (keys !== undefined) {
      const made = term(value);
      write(`${untyped(keys)} = ${made}`);
    } else if (/\(/.test(pattern)) write(`match ${untyped(statement.slice('let '.length))}`);
    else bind(untyped(pattern), value);
  };
  const event = (word: string, statement: string): void => {
    const [, name = '', of] = /^\w+ (\w+)(?:\((.*)\))?$/.exec(statement) ?? [];
    write(`${word} ${name}${of === undefined ? '' : `(${split(of, ',').map(term).join(', ')})`}`);
  };
  for (const statement of cut(body)) {
    const [word = ''] = /^\w+|^./.exec(statement) ?? [];
    if (word === 'in' || word === 'out') message(word, statement);
    else if (/ <-R /.test(statement)) write(`draw ${named(statement.split(' ')[0] ?? '')}`);
    else if (word === 'let') definition(statement);
    else if (word === 'if') for (const one of split(statement.slice('if '.length), '&&')) write(`check ${side(one)}`);
    else if (word === 'event' || word === 'event_abort') event(word, statement);
    else if (word !== '!') write(statement);
  }
  return lines;
}
