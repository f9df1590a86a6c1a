// The gate of a connection: requests under way, limits, what cannot be recorded, guards and meters, ends.
import { describe, expect, it } from 'vitest';
import type { DenyReason } from '../../../src/mcp/contract.ts';
import { errorCodes, type GateParts } from '../../../src/mcp/gate/index.ts';
import { call, errorOf, messageIn, permitting, request, result, tools, tried } from './parts.ts';

describe('ids', () => {
  it('of text and of number are different, and none stands for two requests at a time', async () => {
    const { peer, server } = tried();
    expect((await peer(request(1, 'ping'))).do).toBe('forward');
    expect((await peer(request('1', 'ping'))).do).toBe('forward');
    expect(errorOf(await peer(request(1, 'tools/list')))).toMatchObject({ code: errorCodes.invalidRequest });
    await server(result(1, {}));
    expect((await peer(request(1, 'ping'))).do).toBe('forward');
  });

  it('that nobody asked with are not answered where there is a policy', async () => {
    const { server, peer } = tried({ decide: permitting() });
    expect(await server(result(5, { tools: tools('secret') }))).toStrictEqual({ do: 'drop' });
    expect(await peer(result(5, {}))).toStrictEqual({ do: 'drop' });
  });
});

describe('requests of the server', () => {
  it('reach the peer, and its answers the server, in any number that limits permit', async () => {
    const { server, peer } = tried({ decide: permitting(), limits: { serverRequests: 1 } });
    const sampling = request('s', 'sampling/createMessage', { messages: [] });
    expect(messageIn(await server(sampling))).toStrictEqual(sampling);
    expect(errorOf(await server(request('t', 'roots/list')))).toMatchObject({ code: errorCodes.denied });
    expect((await peer(result('s', { role: 'assistant' }))).do).toBe('forward');
    expect((await server(request('t', 'roots/list'))).do).toBe('forward');
  });

  it('can be refused by their method', async () => {
    const { server } = tried({ serverMay: (method) => method === 'ping' });
    expect(errorOf(await server(request(1, 'elicitation/create')))).toMatchObject({ code: errorCodes.denied });
    expect((await server(request(2, 'ping'))).do).toBe('forward');
  });
});

describe('limits', () => {
  const reasons = (events: readonly unknown[]) =>
    events.flatMap((one) => {
      const { decision } = one as { decision?: { reason?: string } };
      return decision?.reason ?? [];
    });

  it('deny more requests at once than permitted; cancelling them makes no room at once', async () => {
    let time = 0;
    const { peer, server, events } = tried({ limits: { requests: 2 }, now: () => new Date(time) });
    await peer(request(1, 'ping'));
    await peer(request(2, 'ping'));
    expect(errorOf(await peer(request(3, 'ping')))).toMatchObject({ code: errorCodes.denied });
    await peer({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 1 } });
    expect(errorOf(await peer(request(3, 'ping')))).toMatchObject({ code: errorCodes.denied });
    expect(reasons(events)).toStrictEqual(['concurrency', 'concurrency']);
    await server(result(2, {}));
    expect((await peer(request(3, 'ping'))).do).toBe('forward');
    time = 10_001;
    expect((await peer(request(4, 'ping'))).do).toBe('forward');
  });

  it('deny a message that is too large', async () => {
    const { peer, events } = tried({ limits: { messageOctets: 100 } });
    expect(errorOf(await peer(call(1, 'pulse', { x: 'y'.repeat(100) })))).toMatchObject({ code: errorCodes.denied });
    expect(reasons(events)).toStrictEqual(['size']);
  });

  it('end a connection whose peer goes on to break the protocol', async () => {
    const { peer, gate: made } = tried({ limits: { violations: 2 } });
    await peer(request(1, 'ping'));
    expect((await peer(request(1, 'ping'))).do).toBe('answer');
    expect(made.noMessage()).toStrictEqual({ do: 'drop' });
    expect(await peer(request(1, 'ping'))).toMatchObject({ do: 'end', code: 'too-many-violations' });
  });
});

/** Why a policy, its limits or the end of the process deny; what cannot be recorded has no entry. */
const reasons: Readonly<Record<Exclude<DenyReason, 'record-unavailable'>, true>> = {
  'no-rule': true,
  forbidden: true,
  arguments: true,
  assurance: true,
  'authentication-too-old': true,
  'idle-too-long': true,
  rate: true,
  concurrency: true,
  size: true,
  'tool-changed': true,
  'certificate-expired': true,
  'certificate-revoked': true,
  'shutting-down': true,
};

it.each(Object.keys(reasons) as DenyReason[])(
  'a denial is recorded with its reason, which the peer is not told: %s',
  async (reason) => {
    const { peer, events } = tried({ decide: () => ({ allowed: false, reason, rule: 'the ward' }) });
    expect(errorOf(await peer(call(1, 'pulse')))).toStrictEqual({ code: errorCodes.denied, message: 'denied' });
    expect(events).toMatchObject([{ event: 'decided', decision: { allowed: false, reason, rule: 'the ward' } }]);
  },
);

describe('a record that cannot be written', () => {
  const full = { append: () => Promise.reject(new Error('no space')) };

  it('denies requests and withholds answers, and tells of it', async () => {
    const told: unknown[] = [];
    let isFull = true;
    const record = { append: () => (isFull ? full.append() : Promise.resolve()) };
    const { peer, server } = tried({ record, onUnrecorded: (error) => told.push(error) });
    expect(errorOf(await peer(call(1, 'pulse')))).toStrictEqual({ code: errorCodes.denied, message: 'denied' });
    isFull = false;
    await peer(call(1, 'pulse'));
    isFull = true;
    expect(errorOf(await server(result(1, { content: [] })))).toStrictEqual({
      code: errorCodes.denied,
      message: 'denied',
    });
    expect(told).toHaveLength(2);
  });

  it('lets all go on by choice', async () => {
    const { peer, server } = tried({ record: full, unrecorded: 'continue' });
    expect((await peer(call(1, 'pulse'))).do).toBe('forward');
    expect(messageIn(await server(result(1, {})))).toStrictEqual(result(1, {}));
  });
});

describe('a meter', () => {
  const counting = (busy?: 'rate' | 'concurrency') => {
    let underWay = 0;
    const meter = {
      begin: () => {
        if (busy === undefined) underWay += 1;
        return busy;
      },
      end: () => {
        underWay -= 1;
      },
    };
    return { meter, underWay: () => underWay };
  };

  it('counts what is allowed until it is answered, forgotten or lost, and nothing else', async () => {
    const { meter, underWay } = counting();
    const denying: GateParts['decide'] = ({ method }) =>
      method === 'ping' ? { allowed: true, rule: 'r' } : { allowed: false, reason: 'forbidden' };
    const { peer, server, gate } = tried({ meter, decide: denying });
    for (const id of [1, 2, 3]) await peer(request(id, 'ping'));
    await peer(request(4, 'tools/list'));
    expect(underWay()).toBe(3);
    await server(result(1, {}));
    await peer({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 2 } });
    expect(underWay()).toBe(2); // the server may still be at work on it
    gate.close();
    expect(underWay()).toBe(0);
    await peer(request(5, 'ping'));
    gate.serverLost('gone');
    expect(underWay()).toBe(0);
    await peer(request(6, 'ping'));
    expect(underWay()).toBe(0);
  });

  it.each(['rate', 'concurrency'] as const)('denies beyond its %s', async (busy) => {
    const { peer } = tried({ meter: counting(busy).meter });
    expect(errorOf(await peer(request(1, 'ping')))).toStrictEqual({ code: errorCodes.denied, message: 'denied' });
  });

  it('does not count what cannot be recorded', async () => {
    const { meter, underWay } = counting();
    const { peer } = tried({ meter, record: { append: () => Promise.reject(new Error('full')) } });
    expect(errorOf(await peer(request(1, 'ping')))).toMatchObject({ code: errorCodes.denied });
    expect(underWay()).toBe(0);
  });
});

describe('a peer that authenticated too long ago', () => {
  const stale = (reason: DenyReason) => {
    let isFresh = false;
    const decide: GateParts['decide'] = () => (isFresh ? { allowed: true, rule: 'r' } : { allowed: false, reason });
    return {
      decide,
      refresh: async () => {
        isFresh = true;
      },
    };
  };

  it.each(['authentication-too-old', 'idle-too-long'] as const)('authenticates again first: %s', async (reason) => {
    const { decide, refresh } = stale(reason);
    const { peer } = tried({ decide, authenticateAgain: refresh });
    expect((await peer(request(1, 'ping'))).do).toBe('forward');
  });

  it('is denied when it does not', async () => {
    const { decide } = stale('authentication-too-old');
    const { peer } = tried({ decide, authenticateAgain: () => Promise.reject(new Error('timeout')) });
    expect(errorOf(await peer(request(1, 'ping')))).toStrictEqual({ code: errorCodes.denied, message: 'denied' });
  });

  it('does not become active by requests that are denied', async () => {
    const asked: (Date | undefined)[] = [];
    const { peer } = tried({
      decide: ({ lastActive, name }) => {
        asked.push(lastActive);
        return name === 'pulse' ? { allowed: true, rule: 'r' } : { allowed: false, reason: 'idle-too-long' };
      },
    });
    for (const name of ['x', 'x', 'pulse', 'x']) await peer(call(name + asked.length, name));
    expect(asked.map((one) => one !== undefined)).toStrictEqual([false, false, false, true]);
  });

  it('does not for what is denied for another reason', async () => {
    const { decide, refresh } = stale('forbidden');
    const { peer } = tried({ decide, authenticateAgain: refresh });
    expect(errorOf(await peer(request(1, 'ping')))).toMatchObject({ code: errorCodes.denied });
  });
});

describe('ends', () => {
  it('deny what is new while what runs is finished', async () => {
    const { peer, server, gate: made, events } = tried();
    await peer(call(1, 'pulse'));
    made.drain();
    expect(errorOf(await peer(call(2, 'pulse')))).toMatchObject({ code: errorCodes.denied });
    expect(events.at(-1)).toMatchObject({ decision: { reason: 'shutting-down' } });
    expect(messageIn(await server(result(1, {})))).toStrictEqual(result(1, {}));
    expect(made.waiting()).toBe(0);
  });

  it('answer those who wait when the server is gone, and those who come then', async () => {
    const { peer, gate: made } = tried();
    await peer(call(1, 'pulse'));
    const error = { code: errorCodes.unreachable, message: 'the server ended' };
    expect(made.serverLost('the server ended')).toStrictEqual([{ jsonrpc: '2.0', id: 1, error }]);
    expect(errorOf(await peer(call(2, 'pulse')))).toStrictEqual(error);
    expect(await peer({ jsonrpc: '2.0', method: 'notifications/initialized' })).toStrictEqual({ do: 'drop' });
  });
});
