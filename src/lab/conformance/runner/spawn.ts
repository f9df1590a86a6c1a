// Peers that are started for one handshake each: a process in a group of its own, and a connection with it.

import { createServer, type Server, type Socket, connect as tcpConnect } from 'node:net';
import { ConfigurationError } from '../../../configuration.ts';
import { environmentFor } from '../../../node/files/environment.ts';
import { type Child, endChild, startChild } from '../../../node/temporary/child.ts';
import type { Case } from '../case.ts';
import type { Ended } from '../judge.ts';
import { expectedName } from '../material.ts';
import type { Trust } from '../trust.ts';
import type { Patience } from './conversation.ts';
import { afterDeadline, within } from './deadline.ts';
import type { Launch, NoPeer, PeerUnderTest, Unsupported } from './peer.ts';
import type { Files } from './pki.ts';
import { fill, takes, type Words } from './words.ts';

const tailOctets = 2_000;

/** Running processes, which end with the tester. */
const running = new Set<Child>();

/** Ends a process and everything that it started. */
export function end(child: Child): void {
  running.delete(child);
  endChild(child);
}

/** Ends every peer that is still running. */
export function endAll(): void {
  for (const child of running) end(child);
}

/** A process that was started, and how it ended. */
export interface Process {
  readonly child: Child;
  readonly ended: Promise<Ended>;
  /** The end of what it wrote until now, to standard output and error. */
  readonly wrote: () => string;
}

/** Starts a process in a group of its own. With `input` it can be written to, and its output is not for people. */
export function run([command = '', ...words]: readonly string[], env: NodeJS.ProcessEnv, input = false): Process {
  const child = startChild(command, words, { env, input });
  running.add(child);
  let tail = '';
  let wrote = '';
  for (const stream of input ? [child.stderr] : [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => {
      wrote = (wrote + chunk.toString('utf8')).slice(-tailOctets);
    });
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
  return { child, ended, wrote: () => wrote };
}

const beforehand = ({ status, tail }: Ended, what: string): NoPeer => ({
  failed: `the peer ended with ${status} before it ${what}${tail.trim() === '' ? '' : `; it wrote: ${tail.trim()}`}`,
  ended: { status, tail },
});

/** Below the ephemeral ports of common systems: a connection to an ephemeral port could connect to itself. */
const firstPort = 20_000;
const ports = 12_000;
let port = Math.floor(Math.random() * ports);

/** A loopback port on which nobody listens now. */
export async function freePort(): Promise<number> {
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
export async function connectWhenListening(at: number, { ended }: Process, start: number): Promise<Socket | NoPeer> {
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

export type FilesFor = (trust?: Trust) => Files;

/** The words that start the peer of a case. */
export function commandFor({ words }: Start, filesFor: FilesFor): (test: Case, port: number) => string[] {
  return (test, port) => {
    const { psk, peerCertificate, trust } = test;
    const { ca, secret, peer, largePeer, intermediates, crl } = filesFor(trust);
    const [pskfile, pskhex] = psk?.peer === 'own' ? [secret.file, secret.hex] : [];
    const identity = peerCertificate === 'large' ? largePeer : peer;
    return fill(words, {
      port: String(port),
      expect: expectedName(test),
      ca,
      ...identity,
      pskfile,
      pskhex,
      intermediates,
      crl,
    });
  };
}

/** Why a command has no place for what the case gives to the peer; undefined when it has. */
export function beyondCommand({ words }: Start, filesFor: FilesFor, test: Case): Unsupported | undefined {
  const without = (what: string): Unsupported => ({ unsupported: `the command has no place for ${what}` });
  const { intermediates, crl } = filesFor(test.trust);
  if (test.psk !== undefined && !takes(words, 'pskfile', 'pskhex'))
    return without('a pre-shared secret ({pskfile} or {pskhex})');
  if (test.needsExpected && !takes(words, 'expect')) return without('the name that it is to expect ({expect})');
  if (intermediates !== undefined && !takes(words, 'intermediates')) return without('authorities ({intermediates})');
  if (crl !== undefined && !takes(words, 'crl')) return without('a revocation list ({crl})');
  return undefined;
}

/** Starts a process for each case. */
export function spawning(start: Start, filesFor: FilesFor, patience: Patience): Launch {
  const environment = environmentFor(start.variables);
  const command = commandFor(start, filesFor);

  async function launch(test: Case): Promise<{ process: Process; socket: Socket | NoPeer }> {
    if (test.peer === 'responder') {
      const at = await freePort();
      const process = run(command(test, at), environment, test.channel !== undefined);
      return { process, socket: await connectWhenListening(at, process, patience.start) };
    }
    const { server, at } = await boundServer();
    const process = run(command(test, at), environment, test.channel !== undefined);
    return { process, socket: await awaitConnection(server, process, patience.start) };
  }

  return async (test): Promise<PeerUnderTest | NoPeer | Unsupported> => {
    const beyond = beyondCommand(start, filesFor, test);
    if (beyond !== undefined) return beyond;
    const { process, socket } = await launch(test);
    const dispose = (): void => end(process.child);
    if ('failed' in socket) {
      dispose();
      return { ...socket, wrote: process.wrote() };
    }
    const { stdin: input, stdout } = process.child;
    const application = input === null ? {} : { application: { input, output: stdout } };
    return { stream: socket, ended: process.ended, dispose, wrote: process.wrote, ...application };
  };
}
