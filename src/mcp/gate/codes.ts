// The errors with which this side answers in the place of a server, and the key of what it adds to a request.
import type { Json, Message } from '../contract.ts';

/** An id of JSON-RPC. */
export type Id = string | number;

/**
 * Codes of JSON-RPC errors. Those from -32000 to -32019 are free for implementations (MCP 2026-07-28, basic); the official SDK uses
 * -32000 to -32002 for its own ends.
 */
export const errorCodes = {
  invalidRequest: -32600,
  methodNotFound: -32601,
  parse: -32700,
  internal: -32603,
  /** The request was denied. Nobody is told why but the record. */
  denied: -32010,
  /** There is no connection to the server, or no server any more. */
  unreachable: -32011,
} as const;

/** The message of a denied request. */
export const deniedMessage = 'denied';

/**
 * The key in `_meta` of a request under which a server is told who sends it. A reverse domain name, as the specification asks of
 * keys; that domain is reserved for documentation, so that nobody else has it.
 */
export const peerMetaKey = 'example.pquake/peer';

/** An error as an answer. Null stands for the id of a request whose id could not be read. */
export const errorTo = (id: Id | null, code: number, message: string, data?: Json): Message => ({
  jsonrpc: '2.0',
  id,
  error: { code, message, ...(data !== undefined && { data }) },
});

/** The answer to a line that is no message. `id`: that of the request, where one could be read. */
export const errorToUnread = ({ id, message }: { readonly id: Id | undefined; readonly message: string }): Message =>
  id === undefined ? errorTo(null, errorCodes.parse, message) : errorTo(id, errorCodes.invalidRequest, message);
