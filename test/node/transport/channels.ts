// Channels over loopback: both ends by `connect` and `listen`, and over a wire that a test can cut, change and hold.
import { once } from 'node:events';
import { createServer, type Socket, connect as tcpConnect } from 'node:net';
import { chooseSuite } from '../../../src/node/suite.ts';
import type { SecuredStream } from '../../../src/node/transport/secured.ts';
import type { ChannelSettings } from '../../../src/node/transport/securedOptions.ts';
import {
  type ConnectOptions,
  connect,
  type Listener,
  type ListenOptions,
  listen,
  type SecuredResult,
} from '../../../src/node/transport/tcp.ts';
import { anchorFor, credentialsFor, time } from '../../handshake/peers.ts';

export const suite = chooseSuite();
export const who = (name: string) => ({
  ...{ suite, credentials: credentialsFor(suite, name), trustAnchors: [anchorFor(suite)], expectedPeer: 'anyone' },
  time: () => time,
});

const open: { close: () => unknown }[] = [];

/** After each test. */
export async function closeAll(): Promise<void> {
  await Promise.all(open.splice(0).map((one) => one.close()));
}

/** The sockets of a wire, whose octets both pass through `change`. */
export interface Wire {
  readonly port: number;
  /** Of the initiator, and to the responder. */
  readonly sockets: () => { readonly near: Socket; readonly far: Socket };
}

/** Octets on their way to a side, as that side gets them; none to hold them back. Asked once both have the channel. */
export type Change = (octets: Buffer, to: 'initiator' | 'responder') => Buffer | undefined;

async function wireTo(listener: Listener, change: Change): Promise<Wire> {
  let sockets: { near: Socket; far: Socket } | undefined;
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (near) => {
    const far = tcpConnect({ ...listener.address, allowHalfOpen: true, noDelay: true });
    sockets = { near, far };
    for (const [from, to, side] of [
      [near, far, 'responder'],
      [far, near, 'initiator'],
    ] as const) {
      from.on('data', (octets: Buffer) => {
        const changed = change(octets, side);
        if (changed !== undefined && !to.write(changed)) {
          from.pause();
          to.once('drain', () => from.resume());
        }
      });
      from.on('end', () => to.end()).on('error', () => {});
      from.on('close', () => to.destroy());
    }
    for (const one of [near, far]) open.push({ close: () => one.destroy() });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  open.push({ close: () => server.close() });
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    sockets: () => {
      if (sockets === undefined) throw new Error('nobody has connected');
      return sockets;
    },
  };
}

export interface Options {
  readonly initiator?: ChannelSettings & { readonly connect?: Partial<ConnectOptions> };
  readonly responder?: ChannelSettings & { readonly listen?: Partial<ListenOptions> };
  readonly change?: Change;
}

export interface Both {
  readonly initiator: SecuredStream;
  readonly responder: SecuredStream;
  readonly result: Extract<SecuredResult, { ok: true }>;
  readonly listener: Listener;
  readonly wire: Wire | undefined;
}

/** A channel between alice and bob. */
export async function channelBetween(options: Options = {}): Promise<Both> {
  const { connect: more, ...mine } = options.initiator ?? {};
  const { listen: others, ...theirs } = options.responder ?? {};
  let accepted: (channel: SecuredStream) => void = () => {};
  const responding = new Promise<SecuredStream>((resolve) => {
    accepted = resolve;
  });
  const listener = await listen({
    ...{ ...who('bob'), host: '127.0.0.1', port: 0, channel: theirs },
    onHandshake: (one) => {
      if (!one.ok || one.channel === undefined) throw new Error('no channel');
      one.channel.on('error', () => {});
      accepted(one.channel);
    },
    ...others,
  });
  open.push(listener);
  const { change } = options;
  let isUp = false;
  const wire = change && (await wireTo(listener, (octets, to) => (isUp ? change(octets, to) : octets)));
  const at = { ...listener.address, ...(wire && { port: wire.port }) };
  const result = await connect({ ...who('alice'), ...at, ...more, channel: mine });
  if (!result.ok) throw new Error(result.failure.message);
  const initiator = result.channel.on('error', () => {});
  const responder = await responding;
  isUp = true;
  for (const one of [initiator, responder]) open.push({ close: () => one.destroy() });
  return { initiator, responder, result, listener, wire };
}

/** What a stream gives until it ends. Rejects with its error. */
export async function allOf(stream: SecuredStream): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream.iterator({ destroyOnReturn: false })) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

/** The error that destroyed a stream, or undefined, when it has closed. */
export async function closeOf(stream: SecuredStream): Promise<(Error & { code?: string }) | null> {
  stream.resume();
  if (!stream.closed) await new Promise((resolve) => stream.once('close', resolve));
  return stream.errored;
}

/** Octets that show where something is lost or moved. */
export const pattern = (length: number, seed = 1): Buffer =>
  Buffer.from(Uint8Array.from({ length }, (_, i) => (i * 31 + (i >>> 8) * 17 + seed) & 0xff));
