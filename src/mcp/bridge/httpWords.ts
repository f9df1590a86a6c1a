// The headers that Streamable HTTP wants of a client, out of the body of a message (2026-07-28, standard request headers).
import { isObject, type Json, type Message } from '../contract.ts';
import { memberOf } from '../gate/json.ts';

/** What a header repeats of the parameters of a request. */
const nameIn: Readonly<Record<string, string>> = {
  'tools/call': 'name',
  'prompts/get': 'name',
  'resources/read': 'uri',
  'tasks/get': 'taskId',
  'tasks/update': 'taskId',
  'tasks/cancel': 'taskId',
};

const [before, after] = ['=?base64?', '?='];

/** A text as the value of a header: as it is where that is safe, else in base64. */
export function headerValue(text: string): string {
  const isPlain = /^[\t\x20-\x7e]+$/.test(text) && text === text.trim();
  const looksEncoded = text.startsWith(before) && text.endsWith(after);
  return isPlain && !looksEncoded ? text : `${before}${Buffer.from(text).toString('base64')}${after}`;
}

/** An argument that a header repeats: where it stands, and the header. */
interface Mirrored {
  readonly path: readonly string[];
  readonly header: string;
}

const token = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;

/** The arguments of a tool whose schema asks for a header: those that are reached by properties alone. */
function mirroredIn(schema: Json | undefined, path: readonly string[] = []): readonly Mirrored[] {
  const properties = memberOf(schema, 'properties');
  const own = memberOf(schema, 'x-mcp-header');
  const here = typeof own === 'string' && token.test(own) ? [{ path, header: `mcp-param-${own.toLowerCase()}` }] : [];
  const inside = isObject(properties) ? Object.entries(properties) : [];
  return [...here, ...inside.flatMap(([name, one]) => mirroredIn(one, [...path, name]))];
}

/** A tool whose calls have headers of their own. */
export interface ToolHeaders {
  /** Learns from the result of `tools/list`. */
  readonly learn: (result: Json | undefined) => void;
  /** The headers for a call. */
  readonly of: (params: Json | undefined) => Readonly<Record<string, string>>;
}

const primitive = (value: Json | undefined): string | undefined =>
  typeof value === 'string' || typeof value === 'boolean' || Number.isSafeInteger(value) ? String(value) : undefined;

export function toolHeaders(): ToolHeaders {
  const tools = new Map<string, readonly Mirrored[]>();
  return {
    learn: (result) => {
      const list = memberOf(result, 'tools');
      for (const tool of Array.isArray(list) ? list : []) {
        const name = memberOf(tool, 'name');
        const mirrored = mirroredIn(memberOf(tool, 'inputSchema'));
        if (typeof name !== 'string') continue;
        if (mirrored.length === 0) tools.delete(name);
        else tools.set(name, mirrored);
      }
    },
    of: (params) => {
      const name = memberOf(params, 'name');
      const mirrored = typeof name === 'string' ? (tools.get(name) ?? []) : [];
      const values = mirrored.flatMap(({ path, header }): [string, string][] => {
        const given = path.reduce<Json | undefined>(memberOf, memberOf(params, 'arguments'));
        const text = primitive(given);
        return text === undefined ? [] : [[header, headerValue(text)]];
      });
      return Object.fromEntries(values);
    },
  };
}

/** The headers that repeat what a message of 2026-07-28 says. */
export function standardHeaders(message: Message, version: string): Readonly<Record<string, string>> {
  const { method, params } = message;
  if (typeof method !== 'string') return { 'mcp-protocol-version': version };
  const member = Object.hasOwn(nameIn, method) ? nameIn[method] : undefined;
  const name = member === undefined ? undefined : memberOf(params, member);
  return {
    ...{ 'mcp-protocol-version': version, 'mcp-method': headerValue(method) },
    ...(typeof name === 'string' && { 'mcp-name': headerValue(name) }),
  };
}
