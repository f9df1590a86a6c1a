// A client of the Model Context Protocol that only asks what a server declares: JSON-RPC by lines over a stream, in both eras.
import type { Duplex } from 'node:stream';
import { ConfigurationError } from '../../configuration.ts';
import { reasonOf } from '../../failure.ts';
import { isObject, type Json, type JsonObject, type Message } from '../contract.ts';
import { splitMessages } from '../transport/splitMessages.ts';
import { bounds } from './bounds.ts';
import { type Manifest, manifestOf, type Part } from './manifest.ts';

/** A version of the protocol, one of each era. */
export type Era = '2026-07-28' | '2025-11-25';

/** A server answered otherwise than it must, or not at all. */
export class ServerError extends ConfigurationError {
  /** Of JSON-RPC, where the server answered with an error. */
  readonly code: number | undefined;

  constructor(message: string, code?: number) {
    super(message);
    this.code = code;
  }
}

/** Requests over a stream. */
interface Asker {
  /** @throws ServerError (as a rejection) for an error, no answer in time, or the end of the stream */
  readonly ask: (method: string, params: JsonObject) => Promise<JsonObject>;
  readonly tell: (method: string) => void;
}

interface Waiting {
  readonly resolve: (result: JsonObject) => void;
  readonly reject: (error: ServerError) => void;
}

/** Speaks JSON-RPC over a stream, which it reads from now on. @param timeout - milliseconds for each answer */
function asker(stream: Duplex, timeout: number): Asker {
  const waiting = new Map<number, Waiting>();
  const splitter = splitMessages({ longest: bounds.message });
  let ended: ServerError | undefined;

  function end(reason: string): void {
    ended ??= new ServerError(reason);
    for (const { reject } of waiting.values()) reject(ended);
    waiting.clear();
  }
  const send = (message: Message): void => void stream.write(`${JSON.stringify(message)}\n`);

  function take(message: JsonObject): void {
    const { id = null, method, result, error } = message;
    if (typeof method === 'string') {
      if (id === null) return;
      const unknown = { code: -32_601, message: 'Method not found' };
      send(method === 'ping' ? { jsonrpc: '2.0', id, result: {} } : { jsonrpc: '2.0', id, error: unknown });
      return;
    }
    const asked = typeof id === 'number' ? waiting.get(id) : undefined;
    if (asked === undefined || typeof id !== 'number') return;
    waiting.delete(id);
    if (isObject(result)) asked.resolve(result);
    else if (isObject(error)) {
      const code = typeof error['code'] === 'number' ? error['code'] : undefined;
      asked.reject(new ServerError(`the server answers with error ${code}: ${String(error['message'])}`, code));
    } else asked.reject(new ServerError('the server answers with neither a result nor an error'));
  }

  stream.on('data', (chunk: Buffer) => {
    if (ended !== undefined) return;
    splitter.push(chunk);
    for (let one = splitter.next(); one !== undefined && ended === undefined; one = splitter.next()) {
      if (one.ok) take(one.message);
      else if (one.error.code === 'message-too-long')
        end(`the server sends a message of more than ${bounds.message} octets`);
      else end(`the server sends no message: ${one.error.message}. Is it a server of the Model Context Protocol?`);
    }
  });
  stream.on('end', () => end('the server ended the connection'));
  stream.on('close', () => end('the connection closed'));
  stream.on('error', (error: Error) => end(error.message));

  let last = 0;
  return {
    tell: (method) => send({ jsonrpc: '2.0', method }),
    ask: (method, params) =>
      new Promise((resolve, reject) => {
        if (ended !== undefined) {
          reject(ended);
          return;
        }
        last += 1;
        const id = last;
        const late = (): void => {
          waiting.delete(id);
          reject(new ServerError(`the server does not answer ${method} within ${timeout / 1_000} s`));
        };
        const timer = setTimeout(late, timeout);
        const settled = (act: () => void): void => {
          clearTimeout(timer);
          act();
        };
        waiting.set(id, {
          resolve: (result) => settled(() => resolve(result)),
          reject: (error) => settled(() => reject(error)),
        });
        send({ jsonrpc: '2.0', id, method, params });
      }),
  };
}

const clientInfo = { name: 'pquake-mcp', version: '0.1.0' };

/** The members that every request of the later era has. */
const envelope: JsonObject = {
  'io.modelcontextprotocol/protocolVersion': '2026-07-28',
  'io.modelcontextprotocol/clientInfo': clientInfo,
  'io.modelcontextprotocol/clientCapabilities': {},
};

/** A server that has introduced itself. */
export interface Introduced {
  readonly era: Era;
  /** As it calls itself; nobody vouches for it. */
  readonly server: string;
  /** Every page of a list, as one array; `undefined` when the server has no such list. @throws ServerError */
  readonly list: (part: Part) => Promise<readonly Json[] | undefined>;
  readonly instructions: string | null;
}

const nameOf = (info: Json | undefined): string => {
  const { name = null, version = null } = isObject(info) ? info : {};
  return [name, version].filter((word) => typeof word === 'string').join(' ') || 'without a name';
};

function introduced({ ask }: Asker, era: Era, first: JsonObject): Introduced {
  const common: JsonObject = era === '2026-07-28' ? { _meta: envelope } : {};
  const { capabilities, instructions, _meta: meta } = first;
  const info = first['serverInfo'] ?? (isObject(meta) ? meta['io.modelcontextprotocol/serverInfo'] : undefined);
  return {
    era,
    server: nameOf(info),
    instructions: typeof instructions === 'string' ? instructions : null,
    list: async (part) => {
      if (!isObject(capabilities) || capabilities[part] === undefined) return undefined;
      const all: Json[] = [];
      let cursor: string | undefined;
      for (let page = 0; page < bounds.pages; page += 1) {
        const result = await ask(`${part}/list`, cursor === undefined ? common : { ...common, cursor });
        const { [part]: list, nextCursor } = result;
        if (!Array.isArray(list)) throw new ServerError(`the server answers ${part}/list without an array ${part}`);
        all.push(...list);
        if (all.length > bounds.declarations) break;
        if (typeof nextCursor !== 'string') return all;
        cursor = nextCursor;
      }
      throw new ServerError(`the server lists more than ${bounds.declarations} ${part}, or ${bounds.pages} pages`);
    },
  };
}

async function introduce(by: Asker, era: Era): Promise<Introduced> {
  if (era === '2026-07-28') {
    const first = await by.ask('server/discover', { _meta: envelope });
    const { supportedVersions } = first;
    if (!Array.isArray(supportedVersions) || !supportedVersions.includes(era))
      throw new ServerError(`the server does not offer version ${era}`, -32_601);
    return introduced(by, era, first);
  }
  const first = await by.ask('initialize', { protocolVersion: era, capabilities: {}, clientInfo });
  if (typeof first['protocolVersion'] !== 'string')
    throw new ServerError('the server answers initialize without a version');
  by.tell('notifications/initialized');
  return introduced(by, era, first);
}

export interface AskOptions {
  /** The era to speak; by default the later one, and the earlier one with servers that do not know it. */
  readonly era?: Era | undefined;
  /** Milliseconds for each answer; default 10,000. */
  readonly timeout?: number | undefined;
}

/**
 * Lets a server introduce itself over a stream of lines of JSON, as `stdio` frames it. The stream stays open, and is the caller's.
 * @throws ServerError (as a rejection)
 */
export async function askServer(stream: Duplex, { era, timeout = 10_000 }: AskOptions = {}): Promise<Introduced> {
  const by = asker(stream, timeout);
  if (era !== undefined) return await introduce(by, era);
  try {
    return await introduce(by, '2026-07-28');
  } catch (error) {
    if (!(error instanceof ServerError) || error.code === undefined) throw error;
    return await introduce(by, '2025-11-25');
  }
}

/** Everything that a server declares, of all pages. @throws ServerError (as a rejection), also for declarations that are none */
export async function manifestFrom(server: Introduced): Promise<Manifest> {
  const [tools, prompts] = [await server.list('tools'), await server.list('prompts')];
  const manifest = manifestOf(tools ?? [], { prompts: prompts ?? [], instructions: server.instructions });
  if (!manifest.ok) throw new ServerError(`what the server declares cannot be pinned: ${reasonOf(manifest)}`);
  return manifest.value;
}
