// Several clients with one server, in the era without sessions (2026-07-28): each request says all that it needs, so that only ids and
// tokens have to be kept apart. What belongs to a session of the era before cannot be shared, and is refused.
import type { Message } from '../contract.ts';
import { ambiguityOf } from '../gate/ambiguity.ts';
import { encode, errorCodes, errorTo, type Id } from '../gate/index.ts';
import { idIn, memberOf } from '../gate/json.ts';
import { replaced, type Span, valueAt } from '../gate/text.ts';

/** The revision whose servers can be shared. */
export const sharedRevision = '2026-07-28';

/** `UnsupportedProtocolVersion` of 2026-07-28. */
const unsupportedVersion = -32022;
const subscriptionKey = 'io.modelcontextprotocol/subscriptionId';

/** Methods that leave something behind in a session, which a shared server would have in common for all. */
const ofSessions: ReadonlySet<string> = new Set([
  'initialize',
  'notifications/initialized',
  'notifications/roots/list_changed',
  'logging/setLevel',
  'ping',
  'resources/subscribe',
  'resources/unsubscribe',
  'tasks/get',
  'tasks/result',
  'tasks/list',
  'tasks/cancel',
]);

/** A request under way: whose, and what its client calls it. */
interface Pending {
  readonly client: number;
  readonly key: string;
  /** Its id and its progress token, as the client wrote them. */
  readonly id: string;
  readonly token: string | undefined;
}

const keyOf = (client: number, id: Id): string => `${client} ${typeof id} ${id}`;

export type FromClient =
  | { readonly do: 'forward'; readonly octets: Buffer }
  | { readonly do: 'answer'; readonly octets: Buffer }
  | { readonly do: 'drop' };

export type FromServer =
  | { readonly do: 'forward'; readonly client: number; readonly octets: Buffer }
  | { readonly do: 'answer'; readonly octets: Buffer }
  | { readonly do: 'drop' };

export interface Multiplex {
  readonly fromClient: (client: number, message: Message, octets: Buffer) => FromClient;
  readonly fromServer: (message: Message, octets: Buffer) => FromServer;
  /** Whether a client waits for an answer. */
  readonly isWaiting: (client: number) => boolean;
  /** Forgets a client. @returns what the server has to be told: that nobody waits for its requests any more */
  readonly leave: (client: number) => readonly Buffer[];
}

const refusedByShared = (id: Id, method: string, params: Message['params'] | undefined): Buffer => {
  const requested = memberOf(params, 'protocolVersion') ?? null;
  if (method === 'initialize')
    return encode(
      errorTo(id, unsupportedVersion, `this server is shared, which needs protocol version ${sharedRevision}`, {
        supported: [sharedRevision],
        requested,
      }),
    );
  return encode(errorTo(id, errorCodes.methodNotFound, `${method} needs a session, and this server is shared`));
};

const refusedAs = (id: Id, ambiguity: string): FromClient => {
  const message = `the request is refused: it can be read in two ways: ${ambiguity}`;
  return { do: 'answer', octets: encode(errorTo(id, errorCodes.invalidRequest, message)) };
};

const cancellation = (requestId: number): Buffer =>
  encode({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId, reason: 'the client left' } });

/** Makes the one side on which all clients look like one. */
export function multiplex(): Multiplex {
  const pending = new Map<number, Pending>();
  const numbers = new Map<string, number>(); // by key
  let last = 0;

  const partOf = (text: string, span: Span | undefined): string | undefined => span && text.slice(span.start, span.end);

  /** Replaces values where they are. */
  function edited(octets: Buffer, edits: readonly (readonly [path: readonly string[], by: string])[]): Buffer {
    const text = octets.toString('utf8');
    const changes = edits.flatMap(([path, by]) => {
      const span = valueAt(text, path);
      return span === undefined ? [] : [{ ...span, by }];
    });
    return Buffer.from(replaced(text, changes));
  }

  function forget(number: number): void {
    const found = pending.get(number);
    if (found === undefined) return;
    pending.delete(number);
    numbers.delete(found.key);
  }

  function request(client: number, id: Id, octets: Buffer): FromClient {
    const text = octets.toString('utf8');
    const token = partOf(text, valueAt(text, ['params', '_meta', 'progressToken']));
    last += 1;
    const key = keyOf(client, id);
    pending.set(last, { client, key, id: partOf(text, valueAt(text, ['id'])) ?? 'null', token });
    numbers.set(key, last);
    const number = String(last);
    return {
      do: 'forward',
      octets: edited(octets, [
        [['id'], number],
        [['params', '_meta', 'progressToken'], number],
      ]),
    };
  }

  function cancelled(client: number, { params }: Message, octets: Buffer): FromClient {
    const id = idIn(memberOf(params, 'requestId'));
    const number = id === undefined ? undefined : numbers.get(keyOf(client, id));
    if (number === undefined) return { do: 'drop' };
    forget(number); // a late answer is for nobody
    return { do: 'forward', octets: edited(octets, [[['params', 'requestId'], String(number)]]) };
  }

  /** The request that a message of the server belongs to, by the number that stands in it. */
  const pendingOf = (number: unknown): Pending | undefined =>
    typeof number === 'number' ? pending.get(number) : undefined;

  function answered(message: Message, octets: Buffer): FromServer {
    const { id, result } = message;
    const found = pendingOf(id);
    if (found === undefined || typeof id !== 'number') return { do: 'drop' };
    forget(id);
    const isSubscription = memberOf(memberOf(result, '_meta'), subscriptionKey) === id;
    const subscription = isSubscription ? ([[['result', '_meta', subscriptionKey], found.id]] as const) : [];
    return { do: 'forward', client: found.client, octets: edited(octets, [[['id'], found.id], ...subscription]) };
  }

  function notified({ method, params }: Message, octets: Buffer): FromServer {
    const subscribed = pendingOf(memberOf(memberOf(params, '_meta'), subscriptionKey));
    if (subscribed !== undefined) {
      const edits = [[['params', '_meta', subscriptionKey], subscribed.id]] as const;
      return { do: 'forward', client: subscribed.client, octets: edited(octets, edits) };
    }
    const tracked = method === 'notifications/progress' ? pendingOf(memberOf(params, 'progressToken')) : undefined;
    if (tracked?.token === undefined) return { do: 'drop' }; // nobody can tell whose it is
    const edits = [[['params', 'progressToken'], tracked.token]] as const;
    return { do: 'forward', client: tracked.client, octets: edited(octets, edits) };
  }

  return {
    fromClient: (client, message, octets) => {
      const { method, params } = message;
      const id = idIn(message['id']);
      if (typeof method !== 'string') return { do: 'drop' }; // the server asks nothing
      // Of an id or token that a server reads elsewhere, the answer would be another client's.
      const ambiguity = ambiguityOf(message, octets);
      if (ambiguity !== undefined) return id === undefined ? { do: 'drop' } : refusedAs(id, ambiguity);
      if (ofSessions.has(method))
        return id === undefined ? { do: 'drop' } : { do: 'answer', octets: refusedByShared(id, method, params) };
      // A server that does not look at the id would cancel the request of another client.
      if (id !== undefined && method.startsWith('notifications/'))
        return { do: 'answer', octets: encode(errorTo(id, errorCodes.methodNotFound, 'Method not found')) };
      if (id !== undefined) return request(client, id, octets);
      if (method === 'notifications/cancelled') return cancelled(client, message, octets);
      return { do: 'forward', octets };
    },
    fromServer: (message, octets) => {
      const id = idIn(message['id']);
      if (typeof message['method'] !== 'string') return answered(message, octets);
      if (id === undefined) return notified(message, octets);
      return {
        do: 'answer',
        octets: encode(errorTo(id, errorCodes.methodNotFound, `a shared server of ${sharedRevision} asks nothing`)),
      };
    },
    isWaiting: (client) => [...pending.values()].some((one) => one.client === client),
    leave: (client) => {
      const own = [...pending].filter(([, { client: whose }]) => whose === client);
      for (const [number] of own) forget(number);
      return own.map(([number]) => cancellation(number));
    },
  };
}
