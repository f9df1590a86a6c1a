// The stream of a host over one connection after the other.
import { once } from 'node:events';
import { type Duplex, duplexPair } from 'node:stream';
import { afterEach, describe, expect, it } from 'vitest';
import { type Dialled, type ReconnectingOptions, reconnecting } from '../../../src/mcp/resilience/reconnecting.ts';
import { identityOf } from '../../../src/mcp/transport/principal.ts';
import { connect, listen } from '../../../src/node/transport/tcp.ts';
import { who } from '../../node/transport/channels.ts';
import { eventually } from '../../waiting.ts';

const open: (() => unknown)[] = [];
afterEach(() => Promise.all(open.splice(0).map((close) => close())));

const identity = { identity: 'CN=server', names: ['server'], authorities: ['CN=CA'] };

/** A server in this process, whose connections a test holds; timers run when they are told to. */
function servers(options: Partial<ReconnectingOptions> = {}) {
  const connections: Duplex[] = [];
  const timers: (() => void)[] = [];
  const names = ['server'];
  const dial = (): Promise<Dialled> => {
    const [mine, theirs] = duplexPair();
    connections.push(theirs.on('error', () => {}));
    return Promise.resolve({ ok: true, stream: mine, identity: { ...identity, names: [...names] } });
  };
  const clock = {
    milliseconds: () => 0,
    after: (_: number, call: () => void) => {
      timers.push(call);
      return () => {};
    },
  };
  const host = reconnecting({ dial, clock, random: () => 0.5, ...options });
  open.push(() => host.on('error', () => {}).destroy());
  return { host, connections, timers, names };
}

const lines = (stream: Duplex): string[] => {
  const got: string[] = [];
  stream.on('data', (chunk) => got.push(...String(chunk).split('\n').filter(Boolean)));
  return got;
};
const request = (id: number) => `{"jsonrpc":"2.0","id":${id},"method":"tools/call"}`;

describe('reconnecting', () => {
  it('carries lines as they are, in any segmentation, and goes on over the next connection', async () => {
    const { host, connections, timers } = servers();
    const got = lines(host);
    await eventually(() => expect(connections).toHaveLength(1));
    const first = lines(connections[0] as Duplex);
    host.write('{"jsonrpc": "2.0",  "id":1,');
    host.write(`"method":"x"}\n${request(2)}\n`);
    await eventually(() => expect(first).toEqual(['{"jsonrpc": "2.0",  "id":1,"method":"x"}', request(2)]));
    connections[0]?.write('{"jsonrpc":"2.0","id":1,"result":{}}\n');
    await eventually(() => expect(got).toHaveLength(1));
    connections[0]?.destroy();
    await eventually(() => expect(got[1]).toContain('connection lost'));
    host.write(`${request(3)}\n`);
    timers.shift()?.();
    await eventually(() => expect(connections).toHaveLength(2));
    const second = lines(connections[1] as Duplex);
    await eventually(() => expect(second).toEqual([request(3)]));
    host.end();
    await once(connections[1] as Duplex, 'end');
    connections[1]?.end();
    await once(host, 'end');
    expect(got[2]).toContain('"id":3');
  });

  it('does not read more of the host than it may hold', async () => {
    const { host } = servers({ dial: () => new Promise(() => {}) });
    const text = `{"jsonrpc":"2.0","method":"${'x'.repeat(65_536)}"}\n`;
    let taken = 0;
    for (let i = 0; i < 10; i += 1)
      host.write(text, () => {
        taken += 1;
      });
    await new Promise((resolve) => setImmediate(resolve));
    expect(taken).toBe(3); // the fourth is over 256 KiB, and waits with its octets
  });

  it('tells the host what was lost before it ends with the code', async () => {
    const { host, connections, timers, names } = servers();
    const got = lines(host);
    const ended = once(host, 'error');
    host.write(`${request(1)}\n`);
    await eventually(() => expect(connections).toHaveLength(1));
    connections[0]?.resume().destroy();
    await eventually(() => expect(timers).toHaveLength(1));
    host.write(`${request(2)}\n`);
    names[0] = 'other';
    timers.shift()?.();
    expect((await ended)[0]).toMatchObject({ name: 'ReconnectingError', code: 'identity-changed' });
    expect(got.map((one) => JSON.parse(one).id)).toEqual([1, 2]);
  });

  it.each(['host', 'server'])('ends at a message of the %s that is too long', async (whose) => {
    const { host, connections } = servers({ longest: 100 });
    const ended = once(host, 'error');
    await eventually(() => expect(connections).toHaveLength(1));
    (whose === 'host' ? host : connections[0])?.write('x'.repeat(101));
    expect((await ended)[0]).toMatchObject({ code: 'message-too-long' });
  });

  it('works over channels: the server stops and comes back on its port, and is known by its certificate', async () => {
    const serve = (port: number, name = 'bob') =>
      listen({
        ...{ ...who(name), host: '127.0.0.1', port, channel: true },
        onHandshake: (result) => {
          if (!result.ok || result.channel === undefined) return;
          const { channel } = result;
          channel
            .on('error', () => {})
            .on('data', (chunk) => {
              for (const one of String(chunk).split('\n').filter(Boolean)) {
                const { id } = JSON.parse(one);
                channel.write(`{"jsonrpc":"2.0","id":${id},"result":{"by":"${name}"}}\n`);
              }
            });
          open.push(() => channel.destroy());
          cut = () => channel.destroy();
        },
      });
    let cut = (): void => {};
    const first = await serve(0);
    const { port } = first.address;
    let losses = 0;
    const host = reconnecting({
      onEvent: ({ event }) => {
        if (event === 'waiting') losses += 1;
      },
      backoff: { first: 20, longest: 50 },
      dial: async () => {
        const result = await connect({ ...who('alice'), host: '127.0.0.1', port, channel: true });
        if (!result.ok) return { ok: false, code: result.failure.code, message: result.failure.message };
        return { ok: true, stream: result.channel, identity: identityOf(result.channel.peer) };
      },
    });
    open.push(() => host.on('error', () => {}).destroy());
    const got = lines(host);
    host.write(`${request(1)}\n`);
    await eventually(() => expect(got).toHaveLength(1));
    await first.close();
    cut();
    await eventually(() => expect(losses).toBeGreaterThan(0));
    const second = await serve(port);
    host.write(`${request(2)}\n`);
    await eventually(() => expect(got).toHaveLength(2));
    expect(got.map((one) => JSON.parse(one).result?.by)).toEqual(['bob', 'bob']);
    const ended = once(host, 'error');
    await second.close();
    cut();
    const third = await serve(port, 'carol');
    open.push(third.close);
    expect((await ended)[0]).toMatchObject({ code: 'identity-changed' });
  });
});
