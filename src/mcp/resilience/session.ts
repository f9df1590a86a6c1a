// What a host and its server have under way over one connection, and what a new connection is told first. No sockets, no clock.
import { isDeepStrictEqual } from 'node:util';
import { isObject, type Json, type Message } from '../contract.ts';
import { encode, type Id } from '../gate/index.ts';
import { memberOf } from '../gate/json.ts';
import { isAnswer } from '../transport/message.ts';
import type { Framed } from '../transport/splitMessages.ts';
import { connectionLost, framed } from './lines.ts';

const isId = (id: Json | undefined): id is Id => typeof id === 'string' || typeof id === 'number';
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
  /** The connection is lost: what the host is told of what was under way, and what is sent again, as it changes nothing: `initialize`. */
  readonly lost: () => { readonly toHost: readonly Buffer[]; readonly again: readonly Framed[] };
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

/** Why a request of ours is made on a new connection. */
type Own = 'initialize' | 'list' | 'setting';

/** Requests whose result is what a host knows of a server: the first page of it. */
const isShowing = ({ method, params }: Message): boolean =>
  (method === 'tools/list' || method === 'prompts/list' || method === 'server/discover') &&
  memberOf(params, 'cursor') === undefined;

const subscriptionTo = (params: Json | undefined): string => `resources/subscribe ${String(memberOf(params, 'uri'))}`;

export function hostSession(): HostSession {
  /** Requests of the host that were sent, and of the server; by id. */
  const [asked, asking] = [new Map<string, Message>(), new Map<string, Id>()];
  /** What the host set, as it said it. */
  const settings = new Map<string, Message>();
  let initialize: { readonly request: Framed; result?: Json } | undefined;
  let initialized: Framed | undefined;
  /** What the host was shown, by the request for it. A guard on the way has to see it on each connection. */
  const shown = new Map<Json | undefined, Message>();
  /** Our own requests, whose answers the host does not see. */
  const own = new Map<string, { readonly what: Own; readonly request: Message }>();
  let count = 0;

  function ownRequest(request: Message, what: Own): Framed {
    const { method = null, params } = request;
    count += 1;
    const id = `pquake-resume-${count}`;
    own.set(keyOf(id), { what, request });
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
    if (isShowing(request) && one['result'] !== undefined) shown.set(request['method'], request);
    const setting = settingOf(request);
    if (setting !== undefined && one['error'] !== undefined) settings.delete(setting);
  }

  const showAgain = (): readonly Framed[] => [...shown.values()].map((one) => ownRequest(one, 'list'));

  /** The next page of a list. */
  function pageAfter({ method = null, params = {} }: Message, { result }: Message): Heard {
    const cursor = memberOf(result, 'nextCursor');
    if (typeof cursor !== 'string' || !isObject(params)) return nothing;
    return { toHost: [], toServer: [ownRequest({ method, params: Object.assign({}, params, { cursor }) }, 'list')] };
  }

  function hearOwn({ what, request }: { readonly what: Own; readonly request: Message }, one: Message): Heard {
    if (what === 'setting') return nothing;
    if (what === 'list') return pageAfter(request, one);
    if (one['error'] !== undefined || !isDeepStrictEqual(standing(one['result']), standing(initialize?.result)))
      return { toHost: [], toServer: [], changed: true };
    const after = initialized === undefined ? [] : [initialized];
    return {
      toHost: [],
      toServer: [...after, ...showAgain(), ...[...settings.values()].map((setting) => ownRequest(setting, 'setting'))],
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
      const ours = id !== undefined && isAnswer(line) ? own.get(keyOf(id)) : undefined;
      if (id !== undefined && ours !== undefined) {
        own.delete(keyOf(id));
        return hearOwn(ours, message);
      }
      if (id !== undefined && isAnswer(line)) noteAnswer(id, message);
      else if (id !== undefined && kind === 'request') asking.set(keyOf(id), id);
      return { toHost: [octets], toServer: [] };
    },
    lost: () => {
      const unanswered = initialize?.result === undefined ? initialize?.request : undefined;
      if (unanswered?.id !== undefined) asked.delete(keyOf(unanswered.id));
      if (unanswered !== undefined) initialize = undefined;
      const errors = [...asked.values()].flatMap(({ id }) => (isId(id) ? [connectionLost(id)] : []));
      const ended = [...asking.values()].map((requestId) =>
        encode({
          jsonrpc: '2.0',
          method: 'notifications/cancelled',
          params: { requestId, reason: 'connection lost' },
        }),
      );
      asked.clear();
      asking.clear();
      own.clear();
      return { toHost: [...errors, ...ended], again: unanswered === undefined ? [] : [unanswered] };
    },
    begins: () => {
      if (initialize === undefined) return showAgain();
      return [ownRequest(initialize.request.message, 'initialize')];
    },
    isResuming: () => [...own.values()].some(({ what }) => what !== 'setting'),
  };
}
