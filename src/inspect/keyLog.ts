// Reads a key log (spec/keylog.md). What it holds is secret: no problem shows any of it.
import { keyLogTable, type LoggedSecret } from '../generated/keyLog.ts';
import { type Bytes, fromHex, same } from '../octets.ts';
import { type Problem, problemList } from './problem.ts';

/** The secrets of one handshake that were logged. */
export type Logged = Readonly<Secrets>;

type Secrets = { [S in LoggedSecret]?: Bytes };

/** The secrets of a key log, by connection id. */
export interface KeyLog {
  readonly connections: ReadonlyMap<string, Logged>;
  readonly problems: readonly Problem[];
}

const symbols = Object.keys(keyLogTable) as LoggedSecret[];
const symbolOf = new Map<string, LoggedSecret>(symbols.map((symbol) => [keyLogTable[symbol].label, symbol]));

/** The lines of a text, one at a time. */
function* linesOf(text: string): Generator<string> {
  for (let at = 0; at <= text.length; ) {
    const feed = text.indexOf('\n', at);
    const end = feed < 0 ? text.length : feed;
    yield text.slice(at, text[end - 1] === '\r' && end > at && feed >= 0 ? end - 1 : end);
    at = end + 1;
  }
}

type Line =
  | { readonly symbol: LoggedSecret; readonly connection: string; readonly secret: Bytes }
  | { readonly found: string; readonly expected: string };

/** Reads one line: a secret, a problem, or `undefined` for a line that is passed over. */
function readLine(content: string): Line | undefined {
  if (content === '' || content.startsWith('#')) return undefined;
  const [label = '', connection = '', digits = '', ...more] = content.split(' ');
  if (more.length > 0 || digits === '') {
    return { found: 'another form of line', expected: 'LABEL, connection and secret, one space between' };
  }
  const symbol = symbolOf.get(label);
  if (symbol === undefined) return undefined;
  if (!/^[0-9a-f]{64}$/.test(connection)) {
    return { found: 'another connection id', expected: '64 lower-case hexadecimal digits' };
  }
  const { octets } = keyLogTable[symbol];
  if (digits.length !== 2 * octets || !/^[0-9a-f]+$/.test(digits)) {
    const expected = `${2 * octets} lower-case hexadecimal digits`;
    return { found: `${digits.length} characters for ${label}`, expected };
  }
  return { symbol, connection, secret: fromHex(digits) };
}

/** Reads a key log. Lines with unknown labels are passed over. Never throws. */
export function readKeyLog(text: string): KeyLog {
  const connections = new Map<string, Secrets>();
  const problems = problemList();
  let number = 0;
  for (const content of linesOf(text)) {
    number += 1;
    const at = { line: number };
    const line = readLine(content);
    if (line === undefined) continue;
    if ('found' in line) {
      problems.add({ at, ...line });
      continue;
    }
    const { symbol, connection, secret } = line;
    const logged = connections.get(connection) ?? {};
    connections.set(connection, logged);
    const before = logged[symbol];
    if (before === undefined) logged[symbol] = secret;
    else if (!same(before, secret)) {
      const expected = 'one value for each connection; the first is taken';
      problems.add({ at, found: `another ${keyLogTable[symbol].label} than before`, expected });
    }
  }
  return { connections, problems: problems.all() };
}
