// Gates for tests: a peer, a policy as a table, a record in memory.
import type { AccessRequest, Decision, Json, Message, Principal, RecordedEvent } from '../../../src/mcp/contract.ts';
import { type Action, type Gate, type GateParts, gate } from '../../../src/mcp/gate/index.ts';

export const nurse: Principal = {
  identity: 'nurse',
  names: ['nurse', 'CN=nurse'],
  authorities: ['CN=Hospital CA'],
  notAfter: new Date('2030-01-01T00:00:00Z'),
  certificateDigest: 'ab'.repeat(32),
  channelBinding: 'cd'.repeat(48),
  authenticated: new Date('2026-01-01T00:00:00Z'),
  epoch: 0,
};

/** Permits methods about nothing, and the named things. */
export const permitting =
  (...names: readonly string[]) =>
  ({ name }: AccessRequest): Decision =>
    name === undefined || names.includes(name)
      ? { allowed: true, rule: 'test' }
      : { allowed: false, reason: 'no-rule', rule: 'the ward' };

export interface Tried {
  readonly gate: Gate;
  readonly events: RecordedEvent[];
  /** Sends text, or a message, as the peer or the server. */
  readonly peer: (what: string | Message) => Promise<Action>;
  readonly server: (what: string | Message) => Promise<Action>;
}

const take = (send: Gate['fromPeer'], what: string | Message): Promise<Action> => {
  const text = typeof what === 'string' ? what : JSON.stringify(what);
  return send(JSON.parse(text), Buffer.from(text));
};

export function tried(parts: Partial<GateParts> = {}): Tried {
  const events: RecordedEvent[] = [];
  const record = {
    append: async (event: RecordedEvent) => {
      events.push(event);
    },
  };
  const made = gate({ principal: () => nurse, record, facts: { connection: '7' }, ...parts });
  return {
    gate: made,
    events,
    peer: (what) => take(made.fromPeer, what),
    server: (what) => take(made.fromServer, what),
  };
}

export const request = (id: string | number, method: string, params?: Message): Message => ({
  jsonrpc: '2.0',
  id,
  method,
  ...(params && { params }),
});
export const result = (id: string | number, value: Message): Message => ({ jsonrpc: '2.0', id, result: value });
export const call = (id: string | number, name: string, given: Message = {}): Message =>
  request(id, 'tools/call', { name, arguments: given });

/** Tools as a server lists them. */
export const tools = (...names: readonly string[]): Json =>
  names.map((name) => ({ name, inputSchema: { type: 'object' } }));

/** The message in what a gate answers or ends with, or forwards changed. */
export function messageIn(action: Action): Message {
  if (action.do === 'forward') return JSON.parse(Buffer.from(action.octets).toString('utf8'));
  if (action.do === 'drop' || action.message === undefined) throw new Error(`no message: ${action.do}`);
  return action.message;
}

export const errorOf = (action: Action): Message => {
  const { error } = messageIn(action);
  return error as Message;
};
