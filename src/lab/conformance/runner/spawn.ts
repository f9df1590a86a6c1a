// Peers that are started for one handshake each: a process in a group of its own, and a connection with it.

import { createServer, type Server, type Socket, connect as tcpConnect } from 'node:net';
import { ConfigurationError } from '../../../configuration.ts';
import { environmentFor } from '../../../node/files/environment.ts';
import { type Child, endChild, startChild } from '../../../node/temporary/child.ts';
import type { Case } from '../case.ts';
import type { Ended } from '../judge.ts';
import type { Patience } from './conversation.ts';
import { afterDeadline, within } from './deadline.ts';
import type { Launch, NoPeer, PeerUnderTest } from './peer.ts';
import type { Files } from './pki.ts';
import { fill, takesSecret, type Words } from './words.ts';

const tailOctets = 2_000;

/** Running processes, which end with the tester. */
const running = new Set<Child>();

/** Ends a process and everything that it started. */
function end(child: Child): void {
  running.delete(child);
  endChild(child);
}

/** Ends every peer that is still running. */
export function endAll(): void {
  for (const child of running) end(child);
}

interface Process {
  readonly child: Child;
  readonly ended: Promise<Ended>;
}

function run([command = '', ...words]: readonly string[], env: NodeJS.ProcessEnv): Process {
  const child = startChild(command, words, { env });
  running.add(child);
  let tail = '';
  child.stdout.resume();
  child.stderr.on('data', (chunk: Buffer) => {
    tail = (tail + chunk.toString('utf8')).slice(-tailOctets);
  });
  const ended = new Promise<Ended>((resolve) => {
    child.once('error', (error) => resolve({ status: error.message, tail }));
    // `exit`, not `close`: a grandchild may keep the pipes open.
    child.once('exit', (status, signal) =>
      setImmediate(() => resolve({ status: status ?? signal ?? 'unknown', tail })),
    );
  });
  return { child, ended };
}

const beforehand = ({ status, tail }: Ended, what: string): NoPeer => ({
  failed: `the peer ended with ${status} before it ${what}${tail.trim() === '' ? '' : `; it wrote: ${tail.trim()}`}`,
});

/** Below the ephemeral ports of common systems: a connection to an ephemeral port could connect to itself. */
const firstPort = 20_000;
const ports = 12_000;
let port = Math.floor(Math.random() * ports);

/** A loopback port on which nobody listens now. */
async function freePort(): Promise<number> {
  for (let attempts = 0; attempts < 200; attempts += 1) {
    port = (port + 7) % ports;
    const candidate = firstPort + port;
    const free = await new Promise<boolean>((resolve) => {
      const server = createServer();
      server.once('error', () => resolve(false));
      server.listen({ host: '127.0.0.1', port: candidate }, () => server.close(() => resolve(true)));
    });
    if (free) return candidate;
  }
  throw new ConfigurationError('no free port on 127.0.0.1');
}

const attempt = (at: number): Promise<Socket | undefined> =>
  new Promise((resolve) => {
    const socket = tcpConnect({ host: '127.0.0.1', port: at, noDelay: true, allowHalfOpen: true });
    socket.once('connect', () => resolve(socket));
    socket.once('error', () => resolve(undefined));
  });

/** Connects as soon as the peer accepts. Makes no connection but the one that is used. */
async function connectWhenListening(at: number, { ended }: Process, start: number): Promise<Socket | NoPeer> {
  const until = performance.now() + start;
  let over: Ended | undefined;
  void ended.then((how) => {
    over = how;
  });
  for (;;) {
    const socket = await attempt(at);
    if (socket !== undefined) return socket;
    if (over !== undefined) return beforehand(over, 'accepted a connection');
    if (performance.now() > until) return { failed: `the peer accepted no connection in ${start / 1000} s` };
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** Listens for the one connection of an initiator. */
async function awaitConnection(server: Server, { ended }: Process, start: number): Promise<Socket | NoPeer> {
  const connected = new Promise<Socket>((resolve) => server.once('connection', resolve));
  const died = ended.then(async (how) => {
    // Octets that it sent before its end may still be on their way to the listener.
    await new Promise<void>((resolve) => void afterDeadline(100, resolve));
    return beforehand(how, 'connected');
  });
  const late: NoPeer = { failed: `the peer did not connect in ${start / 1000} s` };
  const first = await within(Promise.race([connected, died]), start, late);
  server.close();
  return first;
}

function boundServer(): Promise<{ server: Server; at: number }> {
  return new Promise((resolve, reject) => {
    const server = createServer({ noDelay: true, allowHalfOpen: true });
    server.once('error', reject);
    server.listen({ host: '127.0.0.1', port: 0 }, () => {
      const address = server.address();
      resolve({ server, at: typeof address === 'object' && address !== null ? address.port : 0 });
    });
  });
}

/** How a peer is started. */
export interface Start {
  readonly words: Words;
  /** Environment variables for it, in addition to those that every program needs. */
  readonly variables?: readonly string[] | undefined;
}

/** Starts a process for each case. */
export function spawning({ words, variables }: Start, files: Files, patience: Patience, psk: boolean): Launch {
  const environment = environmentFor(variables);
  const command = (test: Case, at: number): string[] => {
    const secret = (test.psk?.peer ?? (psk ? 'own' : 'none')) === 'own' ? files.secret : undefined;
    const identity = test.peerCertificate === 'large' ? files.largePeer : files.peer;
    return fill(words, { port: String(at), ca: files.ca, ...identity, pskfile: secret?.file, pskhex: secret?.hex });
  };

  async function launch(test: Case): Promise<{ process: Process; socket: Socket | NoPeer }> {
    if (test.peer === 'responder') {
      const at = await freePort();
      const process = run(command(test, at), environment);
      return { process, socket: await connectWhenListening(at, process, patience.start) };
    }
    const { server, at } = await boundServer();
    const process = run(command(test, at), environment);
    return { process, socket: await awaitConnection(server, process, patience.start) };
  }

  return async (test): Promise<PeerUnderTest | NoPeer | { unsupported: string }> => {
    if (test.psk !== undefined && !takesSecret(words)) {
      return { unsupported: 'the command has no place for a pre-shared secret ({pskfile} or {pskhex})' };
    }
    const { process, socket } = await launch(test);
    const dispose = (): void => end(process.child);
    if ('failed' in socket) {
      dispose();
      return socket;
    }
    return { stream: socket, ended: process.ended, dispose };
  };
}
