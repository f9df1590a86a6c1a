// What a host and its server have under way over one connection, and what a new connection is told first. No sockets, no clock.
import { isDeepStrictEqual } from 'node:util';
import { connectionLost, type Id, isAnswer, isRequest, lineOf, type Seen, seenIn } from './lines.ts';

const keyOf = (id: Id): string => JSON.stringify(id);

/** What the host gets, what the server gets, and whether the server is another one than before. */
export interface Heard {
  readonly toHost: readonly Buffer[];
  readonly toServer: readonly Buffer[];
  readonly changed?: true;
}

const nothing: Heard = { toHost: [], toServer: [] };

/** The session of a host, which outlives connections. */
export interface HostSession {
  /** The host's line goes to the server now. @returns whether it does: an answer to a request of a lost connection has nobody to go to */
  readonly sends: (line: Buffer) => boolean;
  /** A line of the server. */
  readonly hears: (line: Buffer) => Heard;
  /** The connection is lost: what the host is told of what was under way. */
  readonly lost: () => readonly Buffer[];
  /** A new connection: what the server is told before anything of the host. */
  readonly begins: () => readonly Buffer[];
  /** Whether the host's lines have to wait, as the new connection is not yet where the old one was. */
  readonly isResuming: () => boolean;
}

/** What a server says of itself, as far as a host relies on it. */
function standing(result: unknown): unknown {
  const { protocolVersion, capabilities, serverInfo, instructions } = (result ?? {}) as Record<string, unknown>;
  return { protocolVersion, capabilities, serverInfo, instructions };
}

/** Requests that only set what a connection has, and are set again on a new one: by what they set. */
function settingOf({ method, params }: Seen): string | undefined {
  if (method === 'logging/setLevel') return method;
  return method === 'resources/subscribe' ? `${method} ${String(params?.['uri'])}` : undefined;
}

export function hostSession(): HostSession {
  /** Requests of the host that were sent, and of the server; by id. */
  const [asked, asking] = [new Map<string, Seen>(), new Map<string, Id>()];
  /** What the host set, as it said it. */
  const settings = new Map<string, Seen>();
  let initialize: { readonly request: Seen; result?: unknown } | undefined;
  let initialized: Seen | undefined;
  /** Our own requests, whose answers the host does not see. */
  const own = new Map<string, 'initialize' | 'setting'>();
  let [count, resuming] = [0, false];

  function ownRequest({ method, params }: Seen, what: 'initialize' | 'setting'): Buffer {
    count += 1;
    const id = `pquake-resume-${count}`;
    own.set(keyOf(id), what);
    return lineOf({ jsonrpc: '2.0', id, method, params });
  }

  function noteSent(one: Seen): void {
    if (isRequest(one)) asked.set(keyOf(one.id as Id), one);
    if (one.method === 'initialize') initialize = { request: one };
    if (one.method === 'notifications/initialized') initialized = one;
    const setting = settingOf(one);
    if (setting !== undefined) settings.set(setting, one);
    if (one.method === 'resources/unsubscribe')
      settings.delete(String(settingOf({ method: 'resources/subscribe', params: one.params ?? {} })));
  }

  function noteAnswer(one: Seen): void {
    const key = keyOf(one.id as Id);
    const request = asked.get(key);
    asked.delete(key);
    if (request === undefined) return;
    if (request.method === 'initialize' && initialize !== undefined) {
      if (one.result === undefined) initialize = undefined;
      else initialize.result = one.result;
    }
    const setting = settingOf(request);
    if (setting !== undefined && one.error !== undefined) settings.delete(setting);
  }

  function hearOwn(what: 'initialize' | 'setting', one: Seen): Heard {
    if (what === 'setting') return nothing;
    resuming = false;
    if (one.error !== undefined || !isDeepStrictEqual(standing(one.result), standing(initialize?.result)))
      return { toHost: [], toServer: [], changed: true };
    const after = initialized === undefined ? [] : [lineOf(initialized)];
    return {
      toHost: [],
      toServer: [...after, ...[...settings.values()].map((setting) => ownRequest(setting, 'setting'))],
    };
  }

  return {
    sends: (line) => {
      const messages = seenIn(line);
      const answers = messages.filter(isAnswer);
      const known = answers.filter(({ id }) => asking.delete(keyOf(id as Id)));
      if (messages.length > 0 && answers.length === messages.length && known.length === 0) return false;
      for (const one of messages) noteSent(one);
      return true;
    },
    hears: (line) => {
      const messages = seenIn(line);
      const [first] = messages;
      const what = first !== undefined && isAnswer(first) ? own.get(keyOf(first.id as Id)) : undefined;
      if (first !== undefined && what !== undefined) {
        own.delete(keyOf(first.id as Id));
        return hearOwn(what, first);
      }
      for (const one of messages) {
        if (isAnswer(one)) noteAnswer(one);
        else if (isRequest(one)) asking.set(keyOf(one.id as Id), one.id as Id);
      }
      return { toHost: [line], toServer: [] };
    },
    lost: () => {
      const errors = [...asked.values()]
        .filter(({ method }) => method !== 'initialize') // changes nothing, and is asked again
        .map(({ id }) => connectionLost(id as Id));
      const ended = [...asking.values()].map((requestId) =>
        lineOf({
          jsonrpc: '2.0',
          method: 'notifications/cancelled',
          params: { requestId, reason: 'connection lost' },
        }),
      );
      for (const key of [...asked.keys()]) if (asked.get(key)?.method !== 'initialize') asked.delete(key);
      asking.clear();
      own.clear();
      resuming = false;
      return [...errors, ...ended];
    },
    begins: () => {
      if (initialize === undefined) return [];
      if (initialize.result === undefined) return [lineOf(initialize.request)]; // its answer is the host's
      resuming = true;
      return [ownRequest(initialize.request, 'initialize')];
    },
    isResuming: () => resuming,
  };
}
