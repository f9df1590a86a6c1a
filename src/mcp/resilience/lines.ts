// Messages as they stand in a stream: one line of JSON each, whose octets are not changed.

const newline = 0x0a;

/** Cuts octets into lines, without their ends. `undefined` when a line has more than `longest` octets: nothing can be read after it. */
export function lineCutter(longest: number): (chunk: Buffer) => readonly Buffer[] | undefined {
  let [parts, held]: [Buffer[], number] = [[], 0];
  return (chunk) => {
    const lines: Buffer[] = [];
    let from = 0;
    for (let at = chunk.indexOf(newline); at >= 0; at = chunk.indexOf(newline, from)) {
      if (held + at - from > longest) return undefined;
      const line = chunk.subarray(from, at);
      lines.push(parts.length === 0 ? line : Buffer.concat([...parts, line]));
      [parts, held, from] = [[], 0, at + 1];
    }
    if (from < chunk.length) {
      parts.push(chunk.subarray(from));
      held += chunk.length - from;
    }
    return held > longest ? undefined : lines.filter(({ length }) => length > 0);
  };
}

/** An `id` of JSON-RPC. */
export type Id = string | number;

/** What is looked at in a message. Everything else is carried as it is. */
export interface Seen {
  readonly id?: Id;
  readonly method?: string;
  readonly params?: Readonly<Record<string, unknown>>;
  readonly result?: unknown;
  readonly error?: unknown;
}

/** The messages of a line: one, those of a batch, or none when it is not JSON. */
export function seenIn(line: Buffer): readonly Seen[] {
  let value: unknown;
  try {
    value = JSON.parse(line.toString('utf8'));
  } catch {
    return [];
  }
  const all = Array.isArray(value) ? value : [value];
  return all.filter((one): one is Seen => typeof one === 'object' && one !== null);
}

export const isRequest = ({ id, method }: Seen): boolean => id !== undefined && method !== undefined;
export const isAnswer = ({ id, method }: Seen): boolean => id !== undefined && id !== null && method === undefined;

export const lineOf = (message: unknown): Buffer => Buffer.from(JSON.stringify(message));

/** The error of a request that was under way when the connection was lost: whether it took effect is not known. */
export const connectionLost = (id: Id): Buffer =>
  lineOf({ jsonrpc: '2.0', id, error: { code: -32_000, message: 'connection lost' } });
