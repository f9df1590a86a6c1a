// One server for all connections. It is started for the first one, and again for the next one after it ended.
import { Readable, Writable } from 'node:stream';
import { splitMessages } from '../transport/splitMessages.ts';
import type { ServerProcess } from './child.ts';
import type { Governed } from './governance.ts';
import { type Link, messagesOf, put } from './lines.ts';
import { multiplex } from './multiplex.ts';
import { type NoServer, noMessages, type Provided, type ProviderParts, type Starter } from './starter.ts';

/** The ends that connections have of one server. */
interface Hub {
  readonly join: () => Link;
}

const newline = Buffer.from('\n');

/** @param longest - octets of a message; a connection that leaves twice as many unread is cut */
function hubOf(server: ServerProcess, { longest, note }: Pick<ProviderParts, 'longest' | 'note'>): Hub {
  const { fromClient, fromServer, isWaiting, leave } = multiplex();
  const clients = new Map<number, Readable>();
  const closing = new Set<number>(); // they ask nothing more
  const noMessage = noMessages(`[${server.process}] `, note);
  let last = 0;
  let isOver = false;

  function give(client: number, octets: Buffer): void {
    const source = clients.get(client);
    if (source === undefined) return;
    source.push(Buffer.concat([octets, newline]));
    if (closing.has(client) && !isWaiting(client)) source.push(null);
    else if (source.readableLength > 2 * longest) source.destroy(new Error('it reads too slowly'));
  }

  async function run(): Promise<void> {
    for await (const one of messagesOf(server.output, longest)) {
      if (!one.ok) {
        noMessage(one.error);
        if (one.error.code === 'message-too-long') break;
        continue;
      }
      const action = fromServer(one.message, one.octets);
      if (action.do === 'forward') give(action.client, action.octets);
      else if (action.do === 'answer') await put(server.input, action.octets);
    }
  }

  run()
    .catch(() => {})
    .finally(() => {
      isOver = true;
      server.stop();
      for (const source of clients.values()) source.push(null);
    });

  async function send(client: number, splitter: ReturnType<typeof splitMessages>): Promise<void> {
    for (let one = splitter.next(); one !== undefined; one = splitter.next()) {
      if (!one.ok) continue; // the gate passes messages on only
      const action = fromClient(client, one.message, one.octets);
      if (action.do === 'forward') await put(server.input, action.octets);
      else if (action.do === 'answer') give(client, action.octets);
    }
  }

  return {
    join: () => {
      last += 1;
      const client = last;
      const splitter = splitMessages({ longest: 2 * longest }); // what a gate adds may make it longer
      const quit = (): void => {
        if (!clients.delete(client)) return;
        closing.delete(client);
        for (const octets of leave(client)) void put(server.input, octets);
      };
      const source = new Readable({ read: () => {}, destroy: (error, done) => done(error) });
      const sink = new Writable({
        write: (chunk: Buffer, _encoding, done) => {
          splitter.push(chunk);
          send(client, splitter).then(() => done(), done);
        },
        final: (done) => {
          closing.add(client);
          if (!isWaiting(client)) source.push(null);
          done();
        },
      });
      source.once('close', quit);
      clients.set(client, source);
      if (isOver) source.push(null);
      const cut = (): void => {
        quit();
        source.destroy();
        sink.destroy();
      };
      return { source, sink, cut };
    },
  };
}

/** @returns what gives a connection its end of the one server */
export function sharedServer(
  parts: ProviderParts,
  { start }: Pick<Starter, 'start'>,
): (connection: Governed) => Promise<Provided> {
  let current: Promise<Hub | NoServer> | undefined;

  async function begin({ principal, ...facts }: Governed): Promise<Hub | NoServer> {
    const started = await start({ ...facts, principal: principal() }, false);
    if (!started.ok) {
      current = undefined;
      return started;
    }
    started.server.exited.then(() => {
      current = undefined;
    });
    return hubOf(started.server, parts);
  }

  return async (connection) => {
    current ??= begin(connection);
    const hub = await current;
    if (!('join' in hub)) return hub;
    return { ok: true, link: hub.join(), onPeerEnd: () => {}, noMessage: () => {} };
  };
}
