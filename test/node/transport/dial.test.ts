// A connection to a name: every address is tried, within one time, and each has its reason when there is none.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type Server, connect as tcpConnect } from 'node:net';
import { networkInterfaces } from 'node:os';
import { createInterface } from 'node:readline';
import { afterEach, describe, expect, it } from 'vitest';
import { dial } from '../../../src/node/transport/dial.ts';
import { addressText } from '../../../src/node/transport/network.ts';
import { settled } from '../../waiting.ts';

const open: (() => unknown)[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((close) => close()));
});

async function listening(host: string, port = 0): Promise<{ readonly server: Server; readonly port: number }> {
  const server = createServer((socket) => open.push(() => socket.destroy())).listen({ host, port });
  open.push(() => server.close());
  await once(server, 'listening');
  return { server, port: (server.address() as { port: number }).port };
}

/** A port of 127.0.0.1 that neither takes nor refuses connections: a stopped process with a full backlog. */
async function unanswering(): Promise<{ readonly port: number; readonly child: ChildProcess }> {
  const program =
    "require('net').createServer().listen({port:0,host:'127.0.0.1',backlog:1},function(){console.log(this.address().port)})";
  const child = spawn(process.execPath, ['-e', program], { stdio: ['ignore', 'pipe', 'inherit'] });
  open.push(() => child.kill('SIGKILL'));
  const [line] = await once(createInterface({ input: child.stdout }), 'line');
  child.kill('SIGSTOP');
  const port = Number(line);
  for (let i = 0; i < 4; i += 1) {
    const socket = tcpConnect({ host: '127.0.0.1', port }).on('error', () => {});
    open.push(() => socket.destroy());
  }
  await settled();
  return { port, child };
}

/** A port that nobody listens on. */
async function closedPort(): Promise<number> {
  const { server, port } = await listening('127.0.0.1');
  await new Promise((resolve) => server.close(resolve));
  return port;
}

const resolving = (...addresses: readonly string[]) => ({ addressesOf: async () => addresses });
const to = (port: number) => ({ host: 'two.example', port });

const refusal = (host: string, port: number): string => `nothing listens at ${host}:${port} (ECONNREFUSED)`;

describe('a name with several addresses', () => {
  it('leads to the second one when the first does not answer', async () => {
    const { port } = await unanswering();
    await listening('::1', port);
    const dialled = await dial(to(port), 120_000, resolving('127.0.0.1', '::1'));
    if (!dialled.ok) throw new Error(dialled.reason);
    open.push(() => dialled.socket.destroy());
    expect(dialled.socket.remoteAddress).toBe('::1');
  });

  it('leads to the first one too when that answers late: nothing is given up before the time is over', async () => {
    const { port, child } = await unanswering();
    const dialling = dial(to(port), 120_000, resolving('127.0.0.1', '::1'));
    await new Promise((resolve) => setTimeout(resolve, 700)); // the other one has refused, and half a second is over
    child.kill('SIGCONT');
    const dialled = await dialling;
    if (!dialled.ok) throw new Error(dialled.reason);
    open.push(() => dialled.socket.destroy());
    expect(dialled.socket.remoteAddress).toBe('127.0.0.1');
  });

  it('fails when its time is over, and says what became of each', async () => {
    const { port } = await unanswering();
    const begun = performance.now();
    expect(await dial(to(port), 900, resolving('127.0.0.1', '::1'))).toEqual({
      ok: false,
      reason: `two.example:${port}: connect timeout: no connection in 900 ms (127.0.0.1: no answer; nothing listens at [::1]:${port} (ECONNREFUSED))`,
    });
    expect(performance.now() - begun).toBeGreaterThan(850);
  });

  it('fails at once when all refuse, and says so of each', async () => {
    const port = await closedPort();
    expect(await dial(to(port), 120_000, resolving('127.0.0.1', '::1', '127.0.0.2'))).toEqual({
      ok: false,
      reason: `two.example:${port}: ${['127.0.0.1', '[::1]', '127.0.0.2'].map((one) => refusal(one, port)).join('; ')}`,
    });
  });

  it('tries the families in turn', async () => {
    const port = await closedPort();
    const dialled = await dial(to(port), 120_000, resolving('127.0.0.1', '127.0.0.2', '::1'));
    expect(dialled.ok || dialled.reason.match(/(?<=listens at )\S+(?=:\d+ )/g)).toEqual([
      '127.0.0.1',
      '[::1]',
      '127.0.0.2',
    ]);
  });
});

describe('other hosts', () => {
  it('an address stands once in its reason', async () => {
    const port = await closedPort();
    const reasonOf = async (host: string) => {
      const dialled = await dial({ host, port }, 120_000);
      return dialled.ok || dialled.reason;
    };
    expect(await reasonOf('127.0.0.1')).toBe(refusal('127.0.0.1', port));
    expect(await reasonOf('::1')).toBe(refusal('[::1]', port));
  });

  it('a name that is not known, has no address, or is not answered', async () => {
    const reason = async (addressesOf: () => Promise<readonly string[]>) => {
      const dialled = await dial(to(1), 300, { addressesOf });
      return dialled.ok || dialled.reason;
    };
    const unknown = Object.assign(new Error('getaddrinfo ENOTFOUND two.example'), { code: 'ENOTFOUND' });
    expect(await reason(() => Promise.reject(unknown))).toBe('two.example:1: no host two.example is found (ENOTFOUND)');
    expect(await reason(async () => [])).toBe('two.example:1: the name has no address');
    expect(await reason(() => new Promise(() => {}))).toBe('two.example:1: connect timeout: no connection in 300 ms');
  });

  it('a signal ends the attempt, before it and during it', async () => {
    const { port } = await unanswering();
    const control = new AbortController();
    const dialling = dial({ host: '127.0.0.1', port }, 120_000, { signal: control.signal });
    await settled();
    control.abort();
    const ended = { ok: false, reason: `127.0.0.1:${port}: ended by this side` };
    expect(await dialling).toEqual(ended);
    expect(await dial({ host: '127.0.0.1', port }, 120_000, { signal: control.signal })).toEqual(ended);
  });

  it('an IPv6 address with its zone', async () => {
    const zone = Object.entries(networkInterfaces()).find(([, all]) =>
      all?.some(({ address }) => address === '::1'),
    )?.[0];
    if (zone === undefined) throw new Error('no interface has ::1');
    const { port } = await listening(`::1%${zone}`);
    const dialled = await dial({ host: `::1%${zone}`, port }, 120_000);
    if (!dialled.ok) throw new Error(dialled.reason);
    dialled.socket.destroy();
    expect(addressText({ host: `fe80::1%${zone}`, port: 1 })).toBe(`[fe80::1%${zone}]:1`);
  });
});
