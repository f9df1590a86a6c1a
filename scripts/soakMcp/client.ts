// A client of the soak: calls in sequence, and checks each answer. It reads the channel itself, so that it can leave off reading.
import type { SecuredStream } from '../../src/node/transport/secured.ts';

interface Answer {
  readonly id: number;
  readonly error?: { readonly code: number };
  readonly result?: { readonly content: readonly { readonly text: string }[] };
}

export interface SoakClient {
  readonly channel: SecuredStream;
  /** Sends a call. Resolves when its answer is the right one, rejects when it is another. */
  readonly call: (octets: number) => Promise<void>;
  /** Asks for what the policy permits to nobody. Resolves when that is denied. */
  readonly callForbidden: () => Promise<void>;
  /** Calls without an answer. */
  readonly waiting: () => number;
}

const _meta = {
  'io.modelcontextprotocol/protocolVersion': '2026-07-28',
  'io.modelcontextprotocol/clientInfo': { name: 'soak', version: '1.0.0' },
  'io.modelcontextprotocol/clientCapabilities': {},
};

interface Expected {
  readonly judge: (answer: Answer) => Error | undefined;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

export function soakClient(channel: SecuredStream, connection: number, wrong: (message: string) => void): SoakClient {
  const expected = new Map<number, Expected>();
  let [id, sequence, rest] = [0, 0, ''];
  const fault = (what: string): void => wrong(`connection ${connection}: ${what}`);

  function take(line: string): void {
    const answer: Answer = JSON.parse(line);
    const one = expected.get(answer.id);
    if (!expected.delete(answer.id) || one === undefined) {
      fault(`an answer to ${answer.id}, which waits for none`);
      return;
    }
    const error = one.judge(answer);
    if (error === undefined) one.resolve();
    else one.reject(error);
  }

  function failAll(why: string): void {
    for (const { reject } of expected.values()) reject(new Error(`connection ${connection}: ${why}`));
    expected.clear();
  }

  channel.setEncoding('utf8');
  channel
    .on('data', (text: string) => {
      const lines = (rest + text).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) take(line);
    })
    .on('error', (error) => failAll(error.message))
    .on('close', () => failAll('it was closed'));

  function ask(name: string, given: object, judge: Expected['judge']): Promise<void> {
    id += 1;
    const asked = id;
    return new Promise((resolve, reject) => {
      expected.set(asked, { judge, resolve, reject });
      const params = { name, arguments: given, _meta };
      channel.write(`${JSON.stringify({ jsonrpc: '2.0', id: asked, method: 'tools/call', params })}\n`);
    });
  }

  return {
    channel,
    call: (octets) => {
      sequence += 1;
      const due = `${connection}:${sequence}:`.padEnd(octets, 'x');
      return ask('echo', { connection, sequence, octets }, ({ result, error }) => {
        const got = result?.content[0]?.text ?? JSON.stringify(error);
        return got === due ? undefined : new Error(`expected ${due.slice(0, 40)}, got ${got.slice(0, 80)}`);
      });
    },
    callForbidden: () =>
      ask('secret', {}, ({ error }) =>
        error === undefined ? new Error('what is forbidden was not denied') : undefined,
      ),
    waiting: () => expected.size,
  };
}
