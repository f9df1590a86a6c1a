import { once } from 'node:events';
import { Server, connect as tcpConnect } from 'node:net';
import { createInterface } from 'node:readline';
import { duplexPair } from 'node:stream';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { ConfigurationError } from '../../../src/configuration.ts';
import { type Handshake, initiator, responder } from '../../../src/handshake/handshake.ts';
import { chooseSuite } from '../../../src/node/suite.ts';
import { endChild, startChild } from '../../../src/node/temporary/child.ts';
import { handshakeOver } from '../../../src/node/transport/stream.ts';
import { connect, type Listener, type ListenOptions, listen, type TcpResult } from '../../../src/node/transport/tcp.ts';
import { anchorFor, credentialsFor, time } from '../../handshake/peers.ts';
import { eventually, settled } from '../../waiting.ts';

const suite = chooseSuite();
const who = (name: string) => ({
  ...{ suite, credentials: credentialsFor(suite, name), trustAnchors: [anchorFor(suite)], expectedPeer: 'anyone' },
  time: () => time,
});
const boom = new Error('boom');
const throwBoom = (): never => {
  throw boom;
};

const open: { close: () => unknown }[] = [];
afterEach(() => {
  for (const one of open.splice(0)) one.close();
});

interface Served {
  readonly listener: Listener;
  readonly results: TcpResult[];
  readonly errors: unknown[];
}

async function serve(options: Partial<ListenOptions> = {}): Promise<Served> {
  const [results, errors]: [TcpResult[], unknown[]] = [[], []];
  const listener = await listen({
    ...{ ...who('bob'), host: '127.0.0.1', port: 0 },
    onHandshake: (result) => {
      results.push(result);
      if (result.ok) result.stream.destroy();
    },
    onError: (error) => errors.push(error),
    ...options,
  });
  open.push(listener);
  return { listener, results, errors };
}

async function dial({ listener }: Served, name = 'alice'): Promise<TcpResult> {
  const result = await connect({ ...who(name), ...listener.address });
  if (result.ok) result.stream.destroy();
  return result;
}

const timersOf = (): number => process.getActiveResourcesInfo().filter((one) => one === 'Timeout').length;

describe('what a callback throws stays with its connection', () => {
  it('onMessage of a listener: the peer sees the connection close, the next handshake completes', async () => {
    let failing = true;
    const served = await serve({ onMessage: () => (failing ? throwBoom() : undefined) });
    expect(await dial(served)).toMatchObject({ ok: false, failure: { code: 'connection-closed' }, received: 0 });
    failing = false;
    expect(await dial(served)).toMatchObject({ ok: true });
    expect(served.errors).toEqual([boom]);
    await eventually(() => expect(served.results.map(({ ok }) => ok)).toEqual([true]));
  });

  it.each([
    ['throws', throwBoom],
    ['rejects', async () => throwBoom()],
  ])('onHandshake %s: the socket is destroyed, the session wiped, the listener goes on', async (_, fail) => {
    let result: TcpResult | undefined;
    const served = await serve({
      onHandshake: (one) => {
        result ??= one;
        return one === result ? fail() : undefined;
      },
    });
    await dial(served);
    await eventually(() => expect(served.errors).toEqual([boom]));
    if (!result?.ok) throw new Error('the first handshake did not complete');
    expect(result.stream.destroyed).toBe(true);
    const { session } = result;
    expect(() => session.export('app', new Uint8Array(), 32)).toThrow(/wiped/);
    expect(await dial(served)).toMatchObject({ ok: true });
  });

  it('time of a listener, once it listens', async () => {
    let calls = 0;
    const served = await serve({
      time: () => {
        calls += 1;
        return calls === 2 ? throwBoom() : time;
      },
    });
    expect(await dial(served)).toMatchObject({ ok: false });
    expect(await dial(served)).toMatchObject({ ok: true });
    expect(served.errors).toEqual([boom]);
  });

  it('onError itself, and no onError at all: a warning without what the error carries besides its message', async () => {
    const warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
    try {
      for (const onError of [throwBoom, undefined]) {
        const served = await serve({ onMessage: throwBoom, onError });
        await dial(served);
        await eventually(() => expect(warn).toHaveBeenCalled());
        expect(warn.mock.calls).toEqual([[expect.stringMatching(/PQuAKE: a callback.*Error: boom$/)]]);
        warn.mockClear();
      }
    } finally {
      warn.mockRestore();
    }
  });

  it('onMessage of connect rejects with what it threw; time rejects before there is a socket', async () => {
    const served = await serve();
    const to = { ...who('alice'), ...served.listener.address };
    await expect(connect({ ...to, onMessage: throwBoom })).rejects.toBe(boom);
    await eventually(() => expect(served.results).toMatchObject([{ ok: false }]));
    await expect(connect({ ...to, time: throwBoom })).rejects.toBe(boom);
    expect(served.results).toHaveLength(1);
  });

  it('an observer that throws at the last message: the session that it would have been is wiped', async () => {
    const [near, far] = duplexPair();
    const real = responder({ ...who('bob'), time });
    let session: { export: (label: string, context: Uint8Array, length: number) => Uint8Array } | undefined;
    const spied: Handshake = {
      ...real,
      receive: (octets) => {
        const progress = real.receive(octets);
        if (progress.outcome.status === 'completed') session = progress.outcome.session;
        return progress;
      },
    };
    const theirs = handshakeOver(far, initiator({ ...who('alice'), time }));
    const onMessage = ({ message }: { message: string }) =>
      message === 'initiatorConfirmation' ? throwBoom() : undefined;
    await expect(handshakeOver(near, spied, { onMessage })).rejects.toBe(boom);
    expect(() => session?.export('app', new Uint8Array(), 32)).toThrow(/wiped/);
    expect(near.destroyed).toBe(true);
    await theirs;
  });

  it('a handshake that throws within: no timer and no listener is left, nothing more is sent', async () => {
    const before = timersOf();
    const real = initiator({ ...who('alice'), time });
    for (const part of ['start', 'receive', 'fail'] as const) {
      const [near, far] = duplexPair();
      const heard: Buffer[] = [];
      far.on('data', (chunk: Buffer) => heard.push(chunk));
      const started = { received: [], send: [], outcome: awaiting };
      const idle = { ...real, start: () => started, standing: () => awaiting };
      const ended = handshakeOver(near, { ...idle, [part]: throwBoom });
      if (part === 'receive') far.write('octets');
      if (part === 'fail') far.end();
      await expect(ended).rejects.toBe(boom);
      expect(near.destroyed).toBe(true);
      expect(near.listenerCount('data')).toBe(0);
      expect(heard).toEqual([]);
    }
    expect(timersOf()).toBeLessThanOrEqual(before);
  });
});

/** The server that listens next. */
function subscribed(): { server: () => Server | undefined } {
  let server: Server | undefined;
  const listening = vi.spyOn(Server.prototype, 'listen').mockImplementationOnce(function (this: Server, ...args) {
    server = this;
    listening.mockRestore();
    return this.listen(args[0], args[1]);
  });
  return { server: () => server };
}

const awaiting = { status: 'awaiting', message: 'responderHello', step: 1 } as const;

describe('sockets', () => {
  it.each([-1, 65_536, 1.5, Number.NaN])('port %s is a ConfigurationError of both', async (port) => {
    await expect(connect({ ...who('alice'), host: '127.0.0.1', port })).rejects.toThrow(ConfigurationError);
    await expect(serve({ port })).rejects.toThrow(/0 to 65535/);
  });

  it('port 0 can be listened on, not connected to', async () => {
    await expect(connect({ ...who('alice'), host: '127.0.0.1', port: 0 })).rejects.toThrow(/1 to 65535, not 0/);
  });

  it('an error of the listening socket is told, and ends neither the process nor the listener', async () => {
    // `listen` hands out no server: it is found among those that node:net made.
    const channel = subscribed();
    const served = await serve();
    channel.server()?.emit('error', boom);
    expect(served.errors).toEqual([boom]);
    expect(await dial(served)).toMatchObject({ ok: true });
  });

  it('a stream that was closed before fails at once', async () => {
    const [near] = duplexPair();
    near.destroy();
    await once(near, 'close');
    const ended = handshakeOver(near, responder({ ...who('bob'), time }));
    expect(await ended).toMatchObject({ ok: false, failure: { code: 'connection-closed', step: 1 } });
  });

  it('IPv6 loopback', async () => {
    const served = await serve({ host: '::1' });
    expect(served.listener.address.host).toBe('::1');
    expect(await dial(served)).toMatchObject({ ok: true });
  });

  it('PQ-P-40: a connection that does not come about is a connect timeout, and says so', async () => {
    // A stopped process with a full backlog: the system answers no further connection.
    const program =
      "require('net').createServer().listen({port:0,host:'127.0.0.1',backlog:1},function(){console.log(this.address().port)})";
    const child = startChild(process.execPath, ['-e', program]);
    open.push({ close: () => endChild(child) });
    const [line] = await once(createInterface({ input: child.stdout }), 'line');
    child.kill('SIGSTOP');
    const port = Number(line);
    for (let i = 0; i < 4; i += 1) {
      const socket = tcpConnect({ host: '127.0.0.1', port }).on('error', () => {});
      open.push({ close: () => socket.destroy() });
    }
    await settled();
    const before = timersOf();
    for (const timeouts of [{ messageTimeout: 200 }, { handshakeTimeout: 200 }]) {
      const result = await connect({ ...who('alice'), host: '127.0.0.1', port, ...timeouts });
      expect(result).toMatchObject({
        ok: false,
        failure: {
          code: 'connection-closed',
          message: expect.stringMatching(/connect timeout: no connection in 200 ms/),
        },
      });
    }
    expect(timersOf()).toBeLessThanOrEqual(before);
  });

  it("afterwards 'refuse': octets with the last message are refused, later ones change nothing (PQ-P-50)", async () => {
    for (const [late, ok] of [
      [false, false],
      [true, true],
    ] as const) {
      let ended: (result: TcpResult) => void = () => {};
      const result = new Promise<TcpResult>((resolve) => {
        ended = resolve;
      });
      const served = await serve({ afterwards: 'refuse', onHandshake: ended });
      const mine = initiator({ ...who('alice'), time });
      const socket = tcpConnect(served.listener.address).on('error', () => {});
      open.push({ close: () => socket.destroy() });
      const send = (flight: readonly { octets: Uint8Array }[], more: string) =>
        socket.write(Buffer.concat([...flight.map(({ octets }) => octets), Buffer.from(more)]));
      send(mine.start().send, '');
      socket.on('data', (chunk: Buffer) => {
        const { send: flight, outcome } = mine.receive(chunk);
        if (flight.length > 0) send(flight, outcome.status === 'completed' && !late ? 'more' : '');
      });
      const first = await result;
      expect(first).toMatchObject(ok ? { ok } : { ok, failure: { code: 'trailing-octets' } });
      if (first.ok) {
        socket.write('more');
        await once(first.stream, 'readable');
        first.stream.destroy();
      }
      expect(served.errors).toEqual([]);
    }
  });
});

describe('update of a listener', () => {
  it('renews the credentials for connections that come after it; one under way goes on with what it had', async () => {
    // Its silence is no fault on a busy machine.
    const served = await serve({ firstOctetTimeout: 120_000 });
    let name = 'bob';
    const peerOf = (result: TcpResult) => (result.ok ? result.session.peer.commonName : result.failure.code);
    // Connected, and silent so far.
    const socket = tcpConnect(served.listener.address);
    await once(socket, 'connect');
    await settled();
    name = 'carol';
    const { retired } = served.listener.update({ credentials: credentialsFor(suite, name) });
    let isRetired = false;
    retired.then(() => {
      isRetired = true;
    });
    expect(peerOf(await dial(served))).toBe('carol');
    expect(isRetired).toBe(false);
    const old = await handshakeOver(socket, initiator({ ...who('alice'), time }));
    expect(old.ok && old.session.peer.commonName).toBe('bob');
    socket.destroy();
    await retired;
  });

  it('what cannot work replaces nothing', async () => {
    const served = await serve();
    expect(() => served.listener.update({ trustAnchors: [] })).toThrow(ConfigurationError);
    expect(() => served.listener.update({ preSharedSecret: new Uint8Array(8) })).toThrow(/8 octets/);
    expect(await dial(served)).toMatchObject({ ok: true });
  });

  it('without handshakes under way the former options are retired at once, and in order', async () => {
    const served = await serve();
    await served.listener.update({ expectedPeer: 'alice' }).retired;
    const order: number[] = [];
    const socket = tcpConnect(served.listener.address);
    await once(socket, 'connect');
    await settled();
    const first = served.listener.update({ expectedPeer: 'bob' }).retired.then(() => order.push(1));
    const second = served.listener.update({ expectedPeer: 'alice' }).retired.then(() => order.push(2));
    await settled();
    expect(order).toEqual([]);
    socket.destroy();
    await Promise.all([first, second]);
    expect(order).toEqual([1, 2]);
  });
});
