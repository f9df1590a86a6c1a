// Bridges, peers and hosts in this process. Only servers are processes.
import { PassThrough } from 'node:stream';
import { type ConnectParts, connectHost } from '../../../src/mcp/bridge/connect.ts';
import type { Governance } from '../../../src/mcp/bridge/governance.ts';
import { type Bridge, type BridgeOptions, serveBridge } from '../../../src/mcp/bridge/serve.ts';
import type { Message, RecordedEvent } from '../../../src/mcp/contract.ts';
import { defaultLimits } from '../../../src/mcp/gate/index.ts';
import { readCredentials, readTrustAnchors } from '../../../src/node/files/files.ts';
import type { SecuredStream } from '../../../src/node/transport/secured.ts';
import { type Address, connect } from '../../../src/node/transport/tcp.ts';
import { eventually } from '../../waiting.ts';
import { type Place, placeFor, suite, testServer } from './bridge.ts';

/** Asks over lines of text. */
export interface Asker {
  readonly send: (message: Message | string) => void;
  readonly ask: (id: number, method: string, params?: Message) => Promise<Message>;
  /** Lines that came so far. */
  readonly lines: () => readonly string[];
}

export interface Peer extends Asker {
  readonly channel: SecuredStream;
}

export interface InProcessHost extends Asker {
  readonly close: () => void;
  readonly told: readonly string[];
  /** The exit status. */
  readonly ended: Promise<number>;
}

function askerOver(write: (text: string) => void) {
  let text = '';
  const lines = (): readonly string[] => text.split('\n').slice(0, -1);
  const send: Asker['send'] = (message) =>
    write(`${typeof message === 'string' ? message : JSON.stringify(message)}\n`);
  const ask: Asker['ask'] = (id, method, params = {}) => {
    send({ jsonrpc: '2.0', id, method, params });
    return eventually(() => {
      const found = lines()
        .map((line): Message => JSON.parse(line))
        .find((message) => message['id'] === id);
      if (found === undefined) throw new Error(`no answer to ${id}`);
      return found;
    });
  };
  const hear = (chunk: unknown): void => {
    text += String(chunk);
  };
  return { asker: { send, ask, lines }, hear };
}

export interface InProcess {
  readonly place: Place;
  readonly peerOf: (name: string) => Pick<Parameters<typeof connect>[0], 'suite' | 'trustAnchors' | 'credentials'>;
  readonly bridgeWith: (
    governance?: Governance,
    more?: Partial<BridgeOptions>,
    listening?: { readonly port?: number; readonly name?: string },
  ) => Promise<Bridge>;
  readonly peerTo: (bridge: { readonly address: Address }, name?: string) => Promise<Peer>;
  /** A host whose bridge, `connect`, is in this process too. */
  readonly hostTo: (
    bridge: { readonly address: Address },
    more?: Partial<ConnectParts>,
    name?: string,
  ) => InProcessHost;
  /** After each test. */
  readonly closeAll: () => Promise<void>;
}

/** @param names of peers, `alice` and `bob` among them */
export function inProcess(...names: readonly string[]): InProcess {
  const place = placeFor(...names);
  const open: { close: () => unknown }[] = [];

  function peerOf(name: string) {
    const file = (end: string): string => `${place.directory}/${name}.${end}`;
    const trustAnchors = readTrustAnchors(suite, [`${place.directory}/ca.pem`]);
    return { suite, trustAnchors, credentials: readCredentials(suite, file('pem'), file('key')) };
  }

  const dialWith =
    ({ address }: { readonly address: Address }, name = 'alice', expectedPeer = 'bob') =>
    () =>
      connect({ ...peerOf(name), ...address, expectedPeer, channel: true });

  return {
    place,
    peerOf,
    bridgeWith: async (governance = {}, more = {}, { port = 0, name = 'bob' } = {}) => {
      const listening = { ...peerOf(name), host: '127.0.0.1', port, expectedPeer: 'anyone', channel: true } as const;
      const bridge = await serveBridge(listening, {
        ...{ command: process.execPath, words: [testServer], version: '1', variables: [], shared: false, limits: {} },
        ...{ identityInMeta: false, longest: defaultLimits.messageOctets, grace: 1_000, note: () => {}, governance },
        places: { servers: 4, startsPerSecond: 100 },
        ...more,
      });
      open.push(bridge);
      return bridge;
    },
    peerTo: async (bridge, name) => {
      const result = await dialWith(bridge, name)();
      if (!result.ok) throw new Error(result.failure.message);
      const { channel } = result;
      open.push({ close: () => channel.destroy() });
      const { asker, hear } = askerOver((text) => void channel.write(text));
      channel.on('error', () => {}).on('data', hear);
      return { channel, ...asker };
    },
    hostTo: (bridge, more = {}, name = 'alice') => {
      const [input, output, control] = [new PassThrough(), new PassThrough(), new AbortController()];
      const told: string[] = [];
      const ended = connectHost({
        ...{ input, output, again: true, answerAfter: 60_000, longest: defaultLimits.messageOctets, grace: 1_000 },
        ...{ governance: {}, signal: control.signal, opened: () => () => {}, backoff: { first: 20, longest: 50 } },
        dial: dialWith(bridge, name, 'anyone'),
        note: (line) => told.push(line),
        ...more,
      });
      open.push({
        close: () => {
          control.abort();
          return ended;
        },
      });
      const { asker, hear } = askerOver((text) => void input.write(text));
      output.on('data', hear);
      return { ...asker, told, ended, close: () => input.end() };
    },
    closeAll: async () => {
      for (const one of open.splice(0).reverse()) await one.close();
    },
  };
}

export function recording(): { readonly events: RecordedEvent[]; readonly governance: Governance } {
  const events: RecordedEvent[] = [];
  const record = {
    append: async (event: RecordedEvent) => {
      events.push(event);
    },
    standing: () => {},
    close: async () => {},
  };
  return { events, governance: { record } };
}

/** Until the other side has closed a channel, in whatever way. */
export const closed = (channel: SecuredStream): Promise<void> =>
  new Promise((resolve) => {
    if (channel.closed) resolve();
    for (const event of ['end', 'close']) channel.once(event, () => resolve());
  });
