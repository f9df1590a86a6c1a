import { once } from 'node:events';
import { createServer, type Socket, connect as tcpConnect } from 'node:net';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { ConfigurationError } from '../../../src/configuration.ts';
import { initiator, responder } from '../../../src/handshake/handshake.ts';
import { chooseSuite } from '../../../src/node/suite.ts';
import { type AdmissionBounds, admission, type Place } from '../../../src/node/transport/admission.ts';
import { fairQueue } from '../../../src/node/transport/fairQueue.ts';
import type { Overload } from '../../../src/node/transport/intake.ts';
import { isLoopback, networkOf } from '../../../src/node/transport/network.ts';
import { handshakeOver } from '../../../src/node/transport/stream.ts';
import { connect, type Listener, type ListenOptions, listen, type TcpResult } from '../../../src/node/transport/tcp.ts';
import { anchorFor, credentialsFor, time } from '../../handshake/peers.ts';
import { eventually, settled, withStoppedTimers } from '../../waiting.ts';

const bounds: AdmissionBounds = {
  maximumHandshakes: 4,
  maximumHandshakesPerAddress: 2,
  maximumConnections: Number.POSITIVE_INFINITY,
  handshakesPerSecond: 100,
  trackedAddresses: 8,
  patience: 0,
};

/** A listener's counts, with a clock that goes on by a millisecond for each newcomer, and each newcomer's name. */
function door(changes: Partial<AdmissionBounds> = {}) {
  const counts = admission<string>({ ...bounds, ...changes });
  const places = new Map<string, Place<string>>();
  let now = 10_000;
  return {
    ...counts,
    /** `in`, `in for NAME`, or why not. */
    comes: (name: string, address: string): string => {
      now += 1;
      const decision = counts.arrive(name, address, now);
      if (!decision.admitted) return decision.reason;
      places.set(name, decision.place);
      return decision.evicted === undefined ? 'in' : `in for ${decision.evicted.holder}`;
    },
    place: (name: string): Place<string> => {
      const place = places.get(name);
      if (place === undefined) throw new Error(`${name} is not in`);
      return place;
    },
    at: () => now,
    later: (milliseconds: number) => {
      now += milliseconds;
    },
  };
}

describe('admission', () => {
  it('at the bound of an address, its own longest silent makes room, and nobody else', () => {
    const { comes, place } = door();
    expect(['a1', 'a2'].map((name) => comes(name, '192.0.2.1'))).toEqual(['in', 'in']);
    expect(comes('b1', '192.0.2.2')).toBe('in');
    expect(comes('a3', '192.0.2.1')).toBe('in for a1');
    place('a2').silentSince += 100; // a message came
    expect(comes('a4', '192.0.2.1')).toBe('in for a3');
    expect(place('b1').left).toBe(false);
  });

  it('at the bound of all, the longest silent of the address that holds the most makes room', () => {
    const { comes, counts } = door({ maximumHandshakesPerAddress: 4 });
    comes('honest', '192.0.2.9'); // the longest silent of all
    for (const name of ['a1', 'a2', 'a3']) expect(comes(name, '192.0.2.1')).toBe('in');
    expect(comes('b1', '192.0.2.2')).toBe('in for a1');
    expect(comes('b2', '192.0.2.2')).toBe('in for a2');
    expect(counts().handshakes).toBe(4);
  });

  it('a thousand silent addresses displace each other; whoever goes on keeps its place', () => {
    const { comes, place, at } = door();
    comes('honest', '192.0.2.9');
    for (let i = 0; i < 1_000; i += 1) {
      expect(comes(`x${i}`, `198.51.${i >> 8}.${i & 255}`)).toMatch(i < 3 ? /^in$/ : /^in for x/);
      place('honest').silentSince = at();
    }
    expect(place('honest').left).toBe(false);
  });

  it('nobody is displaced whose octets wait for this process, but for a line that is longer by more than one', () => {
    const { comes, place, leave } = door({ maximumHandshakesPerAddress: 3 });
    for (const name of ['a1', 'a2', 'a3']) comes(name, '192.0.2.1');
    comes('b1', '192.0.2.2');
    for (const name of ['a1', 'a2', 'a3', 'b1']) place(name).working = true;
    expect(comes('a4', '192.0.2.1')).toBe('refused');
    expect(comes('c1', '192.0.2.3')).toBe('in for a3');
    place('c1').working = true;
    expect(comes('c2', '192.0.2.3')).toBe('refused');
    leave(place('a1'), false);
    expect(comes('c2', '192.0.2.3')).toBe('in');
  });

  it('established sessions do not count against handshakes, only against connections, until they close', () => {
    const open = door({ maximumConnections: 5 });
    for (const name of ['a', 'b', 'c', 'd']) {
      open.comes(name, `192.0.2.${name.charCodeAt(0)}`);
      open.leave(open.place(name), true);
    }
    expect(open.counts()).toMatchObject({ handshakes: 0, sessions: 4 });
    expect(open.comes('e', '192.0.2.1')).toBe('in');
    expect(open.comes('f', '192.0.2.2')).toBe('in for e');
    open.leave(open.place('f'), true);
    expect(open.comes('g', '192.0.2.3')).toBe('refused');
    open.closed();
    expect(open.comes('h', '192.0.2.3')).toBe('in');
  });

  it('nobody is displaced who sent a message, and was silent for less than the patience, unless for an address with fewer', () => {
    const { comes, later, place } = door({ patience: 500, maximumHandshakesPerAddress: 3 });
    const sends = (name: string): void => void Object.assign(place(name), { further: true });
    for (const name of ['a1', 'a2', 'a3']) {
      expect(comes(name, '192.0.2.1')).toBe('in');
      sends(name);
    }
    expect(comes('a4', '192.0.2.1')).toBe('refused'); // at the bound of the address
    expect(comes('b1', '192.0.2.2')).toBe('in');
    expect(comes('c1', '192.0.2.3')).toBe('in for a1'); // at the bound of all
    expect(comes('c2', '192.0.2.3')).toBe('refused'); // it would have as many as the heaviest
    later(100);
    expect(comes('c2', '192.0.2.3')).toBe('refused');
    later(400);
    expect(comes('c2', '192.0.2.3')).toBe('in for a2');
    sends('c2');
    expect(comes('c3', '192.0.2.3')).toBe('in for c1'); // it never sent anything
  });

  it.each<[string, (i: number) => string]>([
    ['one address', () => '127.0.0.1'],
    ['thousands of addresses', (i) => `2001:db8:${(i % 8_192).toString(16)}::1`],
  ])('a thousand connections a second that send nothing, of %s, shut nobody out', (_, address) => {
    const { comes } = door({ patience: 500, maximumHandshakes: 256, maximumHandshakesPerAddress: 256 });
    const answers = Array.from({ length: 4_000 }, (_one, i) => comes(`x${i}`, address(i)));
    expect(answers.filter((answer) => !answer.startsWith('in'))).toEqual([]);
  });

  it('a place that was left or given away is not left again', () => {
    const { comes, place, leave, counts } = door({ maximumHandshakes: 1 });
    comes('a', '192.0.2.1');
    expect(comes('b', '192.0.2.2')).toBe('in for a');
    leave(place('a'), true);
    leave(place('b'), true);
    leave(place('b'), true);
    expect(counts()).toMatchObject({ handshakes: 0, sessions: 1 });
  });

  it('an address that comes too often is turned away until its second is over; others and loopback are not', () => {
    const { comes, later } = door({ handshakesPerSecond: 3 });
    const many = (address: string) => ['a', 'b', 'c', 'd', 'e'].map((name) => comes(name, address).slice(0, 2));
    expect(many('192.0.2.1')).toEqual(['in', 'in', 'in', 'li', 'li']);
    expect(comes('x', '192.0.2.2')).toMatch(/^in/);
    expect(many('127.0.0.1')).toEqual(['in', 'in', 'in', 'in', 'in']);
    later(400);
    expect(many('192.0.2.1')).toEqual(['in', 'li', 'li', 'li', 'li']);
    later(10_000);
    expect(many('192.0.2.1')).toEqual(['in', 'in', 'in', 'li', 'li']);
  });

  it('remembers no more addresses than it may', () => {
    const { comes, counts, later } = door();
    for (let i = 0; i < 1_000; i += 1) comes(`x${i}`, `198.51.${i >> 8}.${i & 255}`);
    expect(counts().addresses).toBeLessThanOrEqual(8 + 4 + 1);
    later(2_000);
    comes('last', '192.0.2.1');
    expect(counts().addresses).toBeLessThanOrEqual(5);
  });
});

describe('addresses', () => {
  it.each([
    ['192.0.2.1', '192.0.2.1'],
    ['::ffff:192.0.2.1', '192.0.2.1'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:db8:1:2::', '2001:db8:1:2::/64'],
    ['2001:DB8::6', '2001:db8:0:0::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
    ['::192.0.2.1', '0:0:0:0::/64'],
    ['1::192.0.2.1', '1:0:0:0::/64'],
    ['', ''],
  ])('%s is counted under %s', (address, network) => {
    expect(networkOf(address)).toBe(network);
  });

  it('loopback is told apart', () => {
    expect(['127.0.0.1', '127.8.0.1', '::1', '::ffff:127.0.0.1'].map(isLoopback)).not.toContain(false);
    expect(['192.0.2.1', '::', '1270::1', '::ffff:1.2.7.0', ''].map(isLoopback)).not.toContain(true);
  });
});

describe('the queue', () => {
  const served = (...added: readonly (readonly [key: string, name: string, further: boolean])[]): string => {
    const queue = fairQueue();
    const done: string[] = [];
    for (const [key, name, further] of added) queue.add(key, () => done.push(name), further);
    for (let work = queue.next(); work !== undefined; work = queue.next()) work();
    return done.join(' ');
  };
  const many = (further: boolean) => ['a1', 'a2', 'a3', 'a4'].map((name) => ['a', name, further] as const);

  it('serves addresses in turn, the work of one in order', () => {
    expect(served(...many(false), ['b', 'b1', false], ['b', 'b2', false])).toBe('a1 b1 a2 b2 a3 a4');
  });

  it('serves whoever comes rarely before those that have something waiting, and once in a round', () => {
    const queue = fairQueue();
    const done: string[] = [];
    const add = (name: string) => queue.add(name.slice(0, 1), () => done.push(name), false);
    const work = (times: number) => {
      for (let i = 0; i < times; i += 1) queue.next()?.();
    };
    for (const name of ['a1', 'a2', 'a3', 'b1', 'b2', 'b3', 'c1', 'c2', 'c3']) add(name);
    work(3);
    add('r1');
    work(1);
    add('r2'); // not rare again before all others were served
    work(10);
    add('r3');
    work(1);
    expect(done.join(' ')).toBe('a1 b1 c1 r1 a2 b2 c2 r2 a3 b3 c3 r3');
  });

  it.each([true, false])(
    'gives half to handshakes that are further, and half to first messages (flood: %s)',
    (flood) => {
      expect(served(...many(flood), ['b', 'b1', !flood])).toMatch(/^(a1 )?b1( a\d){3,4}$/);
    },
  );
});

const suite = chooseSuite();
const who = (name: string) => ({
  ...{ suite, credentials: credentialsFor(suite, name), trustAnchors: [anchorFor(suite)] },
  expectedPeer: 'anyone' as const,
  time: () => time,
});

const open: { close: () => unknown }[] = [];
afterEach(() => {
  for (const one of open.splice(0)) one.close();
});

interface Served {
  readonly listener: Listener;
  readonly results: TcpResult[];
  readonly overloads: Overload[];
}

/** A listener whose sessions stay open. */
async function serve(options: Partial<Omit<ListenOptions, 'expectedPeer'>> = {}): Promise<Served> {
  const [results, overloads]: [TcpResult[], Overload[]] = [[], []];
  const listener = await listen({
    ...{ ...who('bob'), host: '127.0.0.1', port: 0 },
    onHandshake: (result) => {
      results.push(result);
      if (result.ok) open.push({ close: () => result.stream.destroy() });
    },
    onOverload: (overload) => overloads.push(overload),
    ...options,
  });
  open.push(listener);
  return { listener, results, overloads };
}

interface Raw {
  readonly socket: Socket;
  readonly heard: () => number;
  readonly closed: Promise<unknown>;
}

/** A connection of a loopback address, which has written what is given. */
async function raw({ listener }: Served, address: string, octets = new Uint8Array(0)): Promise<Raw> {
  const socket = tcpConnect({ ...listener.address, localAddress: address }).on('error', () => {});
  open.push({ close: () => socket.destroy() });
  let heard = 0;
  socket.on('data', (chunk: Buffer) => {
    heard += chunk.length;
  });
  const closed = new Promise((resolve) => socket.once('close', resolve));
  await once(socket, 'connect');
  if (octets.length > 0) socket.write(octets);
  return { socket, heard: () => heard, closed };
}

async function dial({ listener }: Served): Promise<TcpResult> {
  const result = await connect({ ...who('alice'), ...listener.address });
  if (result.ok) open.push({ close: () => result.stream.destroy() });
  return result;
}

const messageOne = () => new Uint8Array(initiator({ ...who('alice'), time }).start().send[0]?.octets ?? []);

describe('a listener', () => {
  it.each<[string, () => Uint8Array<ArrayBuffer>]>([
    ['silent', () => new Uint8Array(0)],
    ['half of message 1', () => messageOne().subarray(0, 700)],
    ['message 1, then silent', messageOne],
  ])('full of connections that are %s: an honest handshake completes', async (_, octets) => {
    const [patience, longer] = [100, { firstOctetTimeout: 60_000, messageTimeout: 60_000 }];
    const served = await serve({ maximumHandshakes: 4, patience, ...longer });
    for (let i = 0; i < 4; i += 1) await raw(served, `127.0.0.${2 + i}`, octets());
    await new Promise((resolve) => setTimeout(resolve, 2 * patience));
    expect(await dial(served)).toMatchObject({ ok: true });
  });

  it('full of peers that have just come: a newcomer is refused at once, hears nothing and is counted; those complete', async () => {
    const served = await serve({ maximumHandshakes: 2, patience: 60_000 });
    const slow = [2, 3].map((i) => tcpConnect({ ...served.listener.address, localAddress: `127.0.0.${i}` }));
    for (const socket of slow) {
      open.push({ close: () => socket.destroy() });
      await once(socket, 'connect');
    }
    await settled();
    const late = await raw(served, '127.0.0.4', messageOne());
    await late.closed;
    expect(late.heard()).toBe(0);
    const handshakes = slow.map((socket) => handshakeOver(socket, initiator({ ...who('alice'), time })));
    for (const result of await Promise.all(handshakes)) expect(result).toMatchObject({ ok: true });
    served.listener.close();
    await eventually(() => expect(served.overloads[0]).toMatchObject({ refused: 1, evicted: 0 }));
  });

  it('sessions that stay open take no place of a handshake', async () => {
    const served = await serve({ maximumHandshakes: 2 });
    for (let i = 0; i < 5; i += 1) expect(await dial(served)).toMatchObject({ ok: true });
    expect(served.overloads).toEqual([]);
  });

  it('sessions count against maximumConnections until they close; a newcomer is closed without an octet, untold as a handshake', async () => {
    const served = await serve({ maximumConnections: 1 });
    const session = await dial(served);
    if (!session.ok) throw new Error(session.failure.message);
    const late = await raw(served, '127.0.0.1', messageOne());
    await late.closed;
    expect(late.heard()).toBe(0);
    expect(session.stream.destroyed).toBe(false);
    session.stream.destroy();
    await eventually(async () => expect(await dial(served)).toMatchObject({ ok: true }));
    await eventually(() => expect(served.results.map(({ ok }) => ok)).toEqual([true, true]));
    served.listener.close();
    expect(served.overloads[0]?.refused).toBeGreaterThan(0);
  });

  it('the silent that made room is no handshake; one that had sent octets is told; both hear nothing', async () => {
    const served = await serve({ maximumHandshakes: 1, patience: 0 });
    const silent = await raw(served, '127.0.0.2');
    const started = await raw(served, '127.0.0.3', Uint8Array.of(1, 1));
    await silent.closed;
    await settled(); // its octets are read
    expect(await dial(served)).toMatchObject({ ok: true });
    await started.closed;
    await eventually(() => expect(served.results).toHaveLength(2));
    expect([silent.heard(), started.heard()]).toEqual([0, 0]);
    expect(served.results).toMatchObject([
      { ok: false, received: 2, failure: { code: 'connection-closed', message: expect.stringMatching(/silent/) } },
      { ok: true },
    ]);
    served.listener.close();
    expect(served.overloads).toMatchObject([{ refused: 0, evicted: 2, limited: 0, handshakes: 0, sessions: 1 }]);
  });

  it('tells of overload once for many, and what onOverload throws ends nothing', async () => {
    const errors: unknown[] = [];
    const boom = new Error('boom');
    const served = await serve({
      maximumHandshakes: 1,
      onOverload: () => {
        throw boom;
      },
      onError: (error) => errors.push(error),
    });
    for (let i = 0; i < 20; i += 1) await raw(served, '127.0.0.2');
    await eventually(() => expect(errors).toEqual([boom]));
    expect(await dial(served)).toMatchObject({ ok: true });
  });

  it('without onOverload it is a warning of the process', async () => {
    const warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
    try {
      const served = await serve({ maximumHandshakes: 1, patience: 0, onOverload: undefined });
      await raw(served, '127.0.0.2');
      await dial(served);
      served.listener.close();
      expect(warn.mock.calls).toEqual([[expect.stringMatching(/PQuAKE: overload: .* 1 silent/)]]);
    } finally {
      warn.mockRestore();
    }
  });

  it('the first octet has a time of its own; the rest of the message has that of the message', async () => {
    await withStoppedTimers(async () => {
      const served = await serve({ firstOctetTimeout: 100, messageTimeout: 600 });
      const silent = await raw(served, '127.0.0.2');
      const slow = await raw(served, '127.0.0.3', Uint8Array.of(1));
      await settled();
      vi.advanceTimersByTime(100);
      await silent.closed;
      expect(slow.socket.destroyed).toBe(false);
      expect(served.results).toMatchObject([
        { ok: false, failure: { code: 'message-timeout', message: expect.stringMatching(/no octet in 100 ms/) } },
      ]);
      vi.advanceTimersByTime(499);
      await settled();
      expect(served.results).toHaveLength(1);
      vi.advanceTimersByTime(1);
      await slow.closed;
      expect(served.results[1]).toMatchObject({
        failure: { message: expect.stringMatching(/initiatorHello, 600 ms/) },
      });
      expect(silent.heard() + slow.heard()).toBe(0);
    });
  });

  it('messages in one-octet segments, each of which waits for its turn, lose and reorder nothing', async () => {
    const served = await serve();
    const socket = tcpConnect({ ...served.listener.address, noDelay: true });
    await once(socket, 'connect');
    const write = socket.write.bind(socket);
    socket.write = ((octets: Uint8Array) => {
      for (const octet of octets) write(new Uint8Array([octet]));
      return true;
    }) as never;
    const mine = await handshakeOver(socket, initiator({ ...who('alice'), time }));
    write('after it');
    await eventually(() => expect(served.results).toMatchObject([{ ok: true }]));
    const [theirs] = served.results;
    if (!mine.ok || !theirs?.ok) throw new Error('it did not complete');
    expect(theirs.session.identifier).toEqual(mine.session.identifier);
    let heard = '';
    theirs.stream.resume().on('data', (chunk) => {
      heard += chunk;
    });
    await eventually(() => expect(heard).toBe('after it'));
    socket.destroy();
  });

  it.each([0, -1, 1.5, Number.NaN])('a bound of %s is a ConfigurationError', async (bound) => {
    for (const name of ['maximumHandshakes', 'maximumHandshakesPerAddress', 'maximumConnections'] as const) {
      await expect(serve({ [name]: bound })).rejects.toThrow(ConfigurationError);
      await expect(serve({ [name]: bound })).rejects.toThrow(new RegExp(`${name} is a whole number`));
    }
    await expect(serve({ handshakesPerSecond: bound })).rejects.toThrow(ConfigurationError);
    await expect(serve({ patience: -1 })).rejects.toThrow(/^patience is a number of milliseconds from 0, not -1$/);
    await expect(serve({ firstOctetTimeout: 0 })).rejects.toThrow(/timeout/);
  });
});

it.each(['end', 'resetAndDestroy'] as const)(
  'a message that waits for its turn counts though its peer has gone (%s)',
  async (go) => {
    let theirs: Promise<{ ok: boolean }> | undefined;
    const server = createServer((socket) => {
      theirs = handshakeOver(socket, responder({ ...who('bob'), time }), { turn: (work) => setTimeout(work, 60) });
    }).listen(0, '127.0.0.1');
    open.push(server);
    await once(server, 'listening');
    const { port } = server.address() as { port: number };
    await withStoppedTimers(async () => {
      let mine: TcpResult | undefined;
      const connecting = connect({ ...who('alice'), host: '127.0.0.1', port }).then((result) => {
        mine = result;
      });
      for (let turns = 0; turns < 100 && mine === undefined; turns += 1) {
        vi.advanceTimersByTime(60);
        await settled();
      }
      await connecting;
      if (!mine?.ok) throw new Error(mine?.failure.message);
      await settled(); // message 7 is there, and waits
      mine.stream[go]();
      await settled();
      vi.advanceTimersByTime(60);
      expect(await theirs).toMatchObject({ ok: true });
    });
  },
);
