// What a host and its server have under way over one connection, and what a new connection is told first. No sockets, no clock.
import { isDeepStrictEqual } from 'node:util';
import type { Json, Message } from '../contract.ts';
import { encode, type Id } from '../gate/index.ts';
import { memberOf } from '../gate/json.ts';
import type { Framed } from '../transport/splitMessages.ts';
import { connectionLost, framed, isAnswer } from './lines.ts';

const keyOf = (id: Id): string => JSON.stringify(id);

/** What the host gets, what the server gets, and whether the server is another one than before. */
export interface Heard {
  readonly toHost: readonly Buffer[];
  readonly toServer: readonly Framed[];
  readonly changed?: true;
}

const nothing: Heard = { toHost: [], toServer: [] };

/** The session of a host, which outlives connections. */
export interface HostSession {
  /** The host's line goes to the server now. @returns whether it does: an answer to a request of a lost connection has nobody to go to */
  readonly sends: (line: Framed) => boolean;
  /** A line of the server. */
  readonly hears: (line: Framed) => Heard;
  /** The connection is lost: what the host is told of what was under way. */
  readonly lost: () => readonly Buffer[];
  /** A new connection: what the server is told before anything of the host. */
  readonly begins: () => readonly Framed[];
  /** Whether the host's lines have to wait, as the new connection is not yet where the old one was. */
  readonly isResuming: () => boolean;
}

/** What a server says of itself, as far as a host relies on it. */
const standing = (result: Json | undefined): readonly (Json | undefined)[] =>
  ['protocolVersion', 'capabilities', 'serverInfo', 'instructions'].map((name) => memberOf(result, name));

/** Requests that only set what a connection has, and are set again on a new one: by what they set. */
function settingOf({ method, params }: Message): string | undefined {
  if (method === 'logging/setLevel') return method;
  return method === 'resources/subscribe' ? subscriptionTo(params) : undefined;
}

const subscriptionTo = (params: Json | undefined): string => `resources/subscribe ${String(memberOf(params, 'uri'))}`;

export function hostSession(): HostSession {
  /** Requests of the host that were sent, and of the server; by id. */
  const [asked, asking] = [new Map<string, Message>(), new Map<string, Id>()];
  /** What the host set, as it said it. */
  const settings = new Map<string, Message>();
  let initialize: { readonly request: Framed; result?: Json } | undefined;
  let initialized: Framed | undefined;
  /** Our own requests, whose answers the host does not see. */
  const own = new Map<string, 'initialize' | 'setting'>();
  let [count, resuming] = [0, false];

  function ownRequest({ method = null, params }: Message, what: 'initialize' | 'setting'): Framed {
    count += 1;
    const id = `pquake-resume-${count}`;
    own.set(keyOf(id), what);
    return framed({ jsonrpc: '2.0', id, method, ...(params !== undefined && { params }) });
  }

  function noteSent(line: Framed): void {
    const { message, kind, id } = line;
    const { method, params } = message;
    if (kind === 'request' && id !== undefined) asked.set(keyOf(id), message);
    if (method === 'initialize') initialize = { request: line };
    if (method === 'notifications/initialized') initialized = line;
    const setting = settingOf(message);
    if (setting !== undefined) settings.set(setting, message);
    if (method === 'resources/unsubscribe') settings.delete(subscriptionTo(params));
  }

  function noteAnswer(id: Id, one: Message): void {
    const key = keyOf(id);
    const request = asked.get(key);
    asked.delete(key);
    if (request === undefined) return;
    if (request['method'] === 'initialize' && initialize !== undefined) {
      const { result } = one;
      if (result === undefined) initialize = undefined;
      else initialize.result = result;
    }
    const setting = settingOf(request);
    if (setting !== undefined && one['error'] !== undefined) settings.delete(setting);
  }

  function hearOwn(what: 'initialize' | 'setting', one: Message): Heard {
    if (what === 'setting') return nothing;
    resuming = false;
    if (one['error'] !== undefined || !isDeepStrictEqual(standing(one['result']), standing(initialize?.result)))
      return { toHost: [], toServer: [], changed: true };
    const after = initialized === undefined ? [] : [initialized];
    return {
      toHost: [],
      toServer: [...after, ...[...settings.values()].map((setting) => ownRequest(setting, 'setting'))],
    };
  }

  return {
    sends: (line) => {
      if (isAnswer(line)) return line.id !== undefined && asking.delete(keyOf(line.id));
      noteSent(line);
      return true;
    },
    hears: (line) => {
      const { message, kind, id, octets } = line;
      const what = id !== undefined && isAnswer(line) ? own.get(keyOf(id)) : undefined;
      if (id !== undefined && what !== undefined) {
        own.delete(keyOf(id));
        return hearOwn(what, message);
      }
      if (id !== undefined && isAnswer(line)) noteAnswer(id, message);
      else if (id !== undefined && kind === 'request') asking.set(keyOf(id), id);
      return { toHost: [octets], toServer: [] };
    },
    lost: () => {
      const errors = [...asked.values()]
        .filter(({ method }) => method !== 'initialize') // changes nothing, and is asked again
        .map(({ id }) => connectionLost(id as Id));
      const ended = [...asking.values()].map((requestId) =>
        encode({
          jsonrpc: '2.0',
          method: 'notifications/cancelled',
          params: { requestId, reason: 'connection lost' },
        }),
      );
      for (const key of [...asked.keys()]) if (asked.get(key)?.['method'] !== 'initialize') asked.delete(key);
      asking.clear();
      own.clear();
      resuming = false;
      return [...errors, ...ended];
    },
    begins: () => {
      if (initialize === undefined) return [];
      if (initialize.result === undefined) return [initialize.request]; // its answer is the host's
      resuming = true;
      return [ownRequest(initialize.request.message, 'initialize')];
    },
    isResuming: () => resuming,
  };
}
