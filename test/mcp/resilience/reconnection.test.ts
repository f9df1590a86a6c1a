// The machine of a client that connects again: what it does after what, with time and chance given.
import { describe, expect, it } from 'vitest';
import { failureTable } from '../../../src/generated/failures.ts';
import { errorCodes } from '../../../src/mcp/gate/index.ts';
import { waits } from '../../../src/mcp/resilience/backoff.ts';
import { canHeal, isSameServer } from '../../../src/mcp/resilience/healing.ts';
import { type Effect, type ReconnectionOptions, reconnection } from '../../../src/mcp/resilience/reconnection.ts';
import type { PeerIdentity } from '../../../src/mcp/transport/principal.ts';
import { type Framed, readMessage } from '../../../src/mcp/transport/splitMessages.ts';

const server: PeerIdentity = { identity: 'CN=server', names: ['server', 'CN=server'], authorities: ['CN=CA'] };
function line(message: object): Framed {
  const read = readMessage(Buffer.from(JSON.stringify({ jsonrpc: '2.0', ...message })));
  if (!read.ok) throw read.error;
  return read;
}
const call = (id: number | string) => line({ id, method: 'tools/call', params: { name: 'pay' } });
const info = { protocolVersion: '2025-11-25', capabilities: { tools: {} }, serverInfo: { name: 's', version: '1' } };

/** Effects in short: lines as values. */
const shown = (effects: readonly Effect[]): unknown[] =>
  effects.map((effect) => ('line' in effect ? { [effect.do]: JSON.parse(String(effect.line)) } : effect));
const lost = (id: number | string) => ({
  tell: { jsonrpc: '2.0', id, error: { code: errorCodes.unreachable, message: 'connection lost' } },
});
const absent = (id: number | string, why: string) => ({
  tell: { jsonrpc: '2.0', id, error: { code: errorCodes.unreachable, message: `no connection to the server: ${why}` } },
});

function begun(options: Partial<ReconnectionOptions> = {}) {
  const machine = reconnection({ random: () => 0.5, ...options });
  expect(machine.start()).toEqual([{ do: 'dial' }]);
  return machine;
}
function connected(options: Partial<ReconnectionOptions> = {}) {
  const machine = begun(options);
  expect(machine.dialled({ ok: true, identity: server }, 0)).toEqual([]);
  return machine;
}

describe('waits', () => {
  it('double up to the longest, of which a random part is taken, and begin anew after a steady connection', () => {
    const chances = [0.999, 0.5, 0, 0.5, 0.5];
    const pause = waits({ first: 100, longest: 400, steady: 1_000 }, () => chances.shift() ?? 0.5);
    expect([1, 2, 3, 4, 5].map(pause.next)).toEqual([99, 100, 0, 200, 200]);
    pause.lasted(999);
    expect(pause.next()).toBe(200);
    pause.lasted(1_000);
    expect(pause.next()).toBe(50);
  });
});

describe('after a failed attempt', () => {
  it.each(Object.keys(failureTable))('with %s it waits or gives up, as the code may heal or not', (code) => {
    const [effect] = begun().dialled({ ok: false, code, message: 'why' }, 0);
    expect(effect).toMatchObject({ do: canHeal(code) ? 'wait' : 'give up', code, message: 'why' });
  });

  it('goes on for what networks do, and gives up on a wrong or revoked identity and on its own end', () => {
    expect(['connection-closed', 'message-timeout', 'handshake-timeout'].map(canHeal)).toEqual([true, true, true]);
    const ends = ['unexpected-peer', 'certificate-revoked', 'certificate-untrusted', 'own-certificate-expired'];
    expect(ends.map(canHeal)).toEqual([false, false, false, false]);
    expect(canHeal('toString')).toBe(false);
  });

  it('dials again when the wait is over, and sends then what waited, in its order', () => {
    const machine = begun();
    expect(machine.fromHost(call(1), 0)).toEqual([]);
    expect(machine.fromHost(call(2), 0)).toEqual([]);
    expect(machine.dialled({ ok: false, code: 'connection-closed', message: 'no' }, 0)).toMatchObject([
      { do: 'wait', milliseconds: 250 },
    ]);
    expect(machine.wake()).toEqual([{ do: 'dial' }]);
    expect(shown(machine.dialled({ ok: true, identity: server }, 0))).toMatchObject([{ send: { id: 1 } }]);
    expect(shown(machine.sent())).toMatchObject([{ send: { id: 2 } }]);
    expect(machine.sent()).toEqual([]);
  });

  it('answers what waited when it gives up', () => {
    const machine = begun();
    machine.fromHost(call('a'), 0);
    expect(shown(machine.dialled({ ok: false, code: 'certificate-revoked', message: 'no' }, 0))).toEqual([
      absent('a', 'certificate-revoked: no'),
      { do: 'give up', code: 'certificate-revoked', message: 'no' },
    ]);
  });
});

describe('requests that wait for a connection', () => {
  it('are answered after the time that was chosen, each from when it came or the connection was lost', () => {
    const machine = begun({ answerAfter: 100 });
    machine.fromHost(call(1), 10);
    machine.fromHost(line({ method: 'notifications/roots/list_changed' }), 10);
    machine.dialled({ ok: false, code: 'connection-closed', message: 'refused' }, 20);
    machine.fromHost(call(2), 50);
    expect(machine.lateAt()).toBe(110);
    expect(machine.late(109)).toEqual([]);
    expect(shown(machine.late(110))).toEqual([absent(1, 'connection-closed: refused')]);
    expect(machine.lateAt()).toBe(150);
    machine.wake();
    expect(shown(machine.dialled({ ok: true, identity: server }, 140))).toMatchObject([
      { send: { method: 'notifications/roots/list_changed' } },
    ]);
    expect(machine.lateAt()).toBeUndefined();
    machine.lost('gone', 300);
    expect(machine.lateAt()).toBe(400);
  });

  it('are answered also when each connection ends at once, as where the server behind it cannot begin', () => {
    const machine = begun({ answerAfter: 100 });
    machine.fromHost(line({ id: 1, method: 'initialize', params: {} }), 0);
    for (const now of [0, 30, 60]) {
      expect(shown(machine.dialled({ ok: true, identity: server }, now))).toMatchObject([{ send: { id: 1 } }]);
      machine.sent();
      machine.fromHost(call(`at ${now}`), now);
      machine.lost('the server ended', now + 5);
      expect(machine.lateAt()).toBe(100);
      machine.wake();
    }
    machine.dialled({ ok: true, identity: server }, 98);
    machine.lost('the server ended', 103);
    expect(shown(machine.late(103))).toEqual([absent(1, 'connection-closed: the server ended')]);
  });

  it('are answered before a host that has ended is let go', () => {
    const machine = begun({ answerAfter: 100 });
    machine.fromHost(call(1), 0);
    expect(machine.hostEnded()).toEqual([]);
    expect(shown(machine.late(100))).toMatchObject([{ tell: { id: 1 } }, { do: 'end' }]);
  });
});

describe('a host that is to be answered to its end', () => {
  it('has each request answered with the reason, once there is no further attempt', () => {
    const machine = begun({ whenOver: 'answer' });
    machine.dialled({ ok: false, code: 'unexpected-peer', message: 'no' }, 0);
    expect(shown(machine.fromHost(call(1), 0))).toEqual([absent(1, 'unexpected-peer: no')]);
    expect(machine.fromHost(line({ method: 'notifications/initialized' }), 0)).toEqual([]);
    expect(machine.hostEnded()).toEqual([{ do: 'end' }]);
  });

  it('has no second attempt and no second connection, when that is chosen', () => {
    const never = { again: false, whenOver: 'answer' } as const;
    const failed = { ok: false, code: 'connection-closed', message: 'no' } as const;
    expect(begun(never).dialled(failed, 0)).toMatchObject([{ do: 'give up', code: 'connection-closed' }]);
    const machine = connected(never);
    machine.fromHost(line({ id: 0, method: 'initialize' }), 0);
    machine.fromHost(call(1), 0);
    expect(shown(machine.lost('gone', 0))).toEqual([
      absent(0, 'connection-closed: gone'),
      absent(1, 'connection-closed: gone'),
      { do: 'give up', code: 'connection-closed', message: 'gone' },
    ]);
  });
});

describe('the identity of the server', () => {
  it('is demanded again: its names, and an authority that vouched before', () => {
    expect(isSameServer({ ...server, names: [...server.names, 'URI:new'] }, server)).toBe(true);
    expect(isSameServer({ ...server, names: ['server'] }, server)).toBe(false);
    expect(isSameServer({ ...server, authorities: ['CN=Other'] }, server)).toBe(false);
    expect(isSameServer({ ...server, identity: 'CN=other' }, server)).toBe(false);
  });

  it('that is another after a loss ends it; so does one that is not the expected one at first', () => {
    const machine = connected();
    machine.lost('gone', 0);
    machine.wake();
    const other = { ...server, identity: 'CN=mallory' };
    expect(machine.dialled({ ok: true, identity: other }, 0)).toMatchObject([
      { do: 'give up', code: 'identity-changed' },
    ]);
    const [effect] = begun({ expected: server }).dialled({ ok: true, identity: other }, 0);
    expect(effect).toMatchObject({ do: 'give up', code: 'identity-changed' });
  });
});

describe('requests under way when the connection is lost', () => {
  it('are answered with an error and not repeated; those that were not sent go to the next connection', () => {
    const machine = connected();
    expect(shown(machine.fromHost(call(1), 0))).toMatchObject([{ send: { id: 1 } }]);
    machine.fromHost(call(2), 0); // the connection has not taken the first one
    expect(shown(machine.lost('gone', 0))).toEqual([
      lost(1),
      { do: 'wait', milliseconds: 250, code: 'connection-closed', message: 'gone' },
    ]);
    machine.wake();
    expect(shown(machine.dialled({ ok: true, identity: server }, 0))).toMatchObject([{ send: { id: 2 } }]);
  });

  it('that were answered before are not', () => {
    const machine = connected();
    machine.fromHost(call(1), 0);
    machine.sent();
    expect(shown(machine.fromServer(line({ id: 1, result: {} })))).toMatchObject([{ tell: { id: 1, result: {} } }]);
    expect(machine.lost('gone', 0)).toMatchObject([{ do: 'wait' }]);
  });

  it('that wait and are cancelled are never sent', () => {
    const machine = begun();
    machine.fromHost(call(1), 0);
    machine.fromHost(line({ method: 'notifications/cancelled', params: { requestId: 1 } }), 0);
    expect(machine.dialled({ ok: true, identity: server }, 0)).toEqual([]);
  });

  it('of the server are cancelled for the host, whose late answer goes nowhere', () => {
    const machine = connected();
    machine.fromServer(line({ id: 9, method: 'sampling/createMessage' }));
    expect(shown(machine.lost('gone', 0))).toMatchObject([
      { tell: { method: 'notifications/cancelled', params: { requestId: 9 } } },
      { do: 'wait' },
    ]);
    machine.wake();
    machine.dialled({ ok: true, identity: server }, 0);
    expect(machine.fromHost(line({ id: 9, result: {} }), 0)).toEqual([]);
  });
});

describe('a session that began with initialize', () => {
  const initialize = { id: 0, method: 'initialize', params: { protocolVersion: '2025-11-25' } };
  function inSession() {
    const machine = connected();
    machine.fromHost(line(initialize), 0);
    machine.sent();
    machine.fromServer(line({ id: 0, result: info }));
    machine.fromHost(line({ method: 'notifications/initialized' }), 0);
    machine.sent();
    return machine;
  }
  function reconnected(machine: ReturnType<typeof inSession>) {
    machine.lost('gone', 0);
    machine.wake();
    return shown(machine.dialled({ ok: true, identity: server }, 0)) as [{ send: { id: string } }];
  }

  it('begins again on a new connection before anything else is sent, and the host does not see it', () => {
    const machine = inSession();
    const [{ send }] = reconnected(machine);
    expect(send).toMatchObject({ method: 'initialize', params: initialize.params });
    machine.sent();
    expect(machine.fromHost(call(1), 0)).toEqual([]);
    const answer = line({ id: send.id, result: { ...info, _meta: { other: true } } });
    expect(shown(machine.fromServer(answer))).toMatchObject([{ send: { method: 'notifications/initialized' } }]);
    expect(shown(machine.sent())).toMatchObject([{ send: { id: 1 } }]);
  });

  it.each([
    ['another version of the server', { ...info, serverInfo: { name: 's', version: '2' } }],
    ['other capabilities', { ...info, capabilities: {} }],
    ['another version of the protocol', { ...info, protocolVersion: '2025-06-18' }],
  ])('is closed for %s', (_, result) => {
    const machine = inSession();
    const [{ send }] = reconnected(machine);
    expect(machine.fromServer(line({ id: send.id, result }))).toMatchObject([
      { do: 'give up', code: 'server-changed' },
    ]);
  });

  it('has the lists that the host knows shown again, all pages of them, before anything of the host is sent', () => {
    const machine = inSession();
    machine.fromHost(line({ id: 1, method: 'tools/list' }), 0);
    machine.sent();
    machine.fromServer(line({ id: 1, result: { tools: [] } }));
    const [{ send }] = reconnected(machine);
    machine.sent();
    machine.fromHost(call(2), 0);
    expect(shown(machine.fromServer(line({ id: send.id, result: info })))).toMatchObject([
      { send: { method: 'notifications/initialized' } },
    ]);
    const [list] = shown(machine.sent()) as [{ send: { id: string } }];
    expect(list).toMatchObject({ send: { method: 'tools/list' } });
    expect(machine.sent()).toEqual([]);
    const [next] = shown(machine.fromServer(line({ id: list.send.id, result: { tools: [], nextCursor: 'b' } })));
    expect(next).toMatchObject({ send: { method: 'tools/list', params: { cursor: 'b' } } });
    machine.sent();
    const { id } = (next as typeof list).send;
    expect(shown(machine.fromServer(line({ id, result: { tools: [] } })))).toMatchObject([{ send: { id: 2 } }]);
  });

  it('sets again what the host had set for the connection', () => {
    const machine = inSession();
    for (const [id, method, params] of [
      [1, 'logging/setLevel', { level: 'debug' }],
      [2, 'resources/subscribe', { uri: 'a:1' }],
      [3, 'resources/subscribe', { uri: 'a:2' }],
      [4, 'resources/unsubscribe', { uri: 'a:1' }],
    ] as const) {
      machine.fromHost(line({ id, method, params }), 0);
      machine.sent();
      machine.fromServer(line({ id, result: {} }));
    }
    const [{ send }] = reconnected(machine);
    machine.sent();
    const first = machine.fromServer(line({ id: send.id, result: info }));
    const all = shown([...first, ...machine.sent(), ...machine.sent(), ...machine.sent()]);
    expect(all).toMatchObject([
      { send: { method: 'notifications/initialized' } },
      { send: { method: 'logging/setLevel', params: { level: 'debug' } } },
      { send: { method: 'resources/subscribe', params: { uri: 'a:2' } } },
    ]);
    const { id } = (all[1] as { send: { id: string } }).send;
    expect(machine.fromServer(line({ id, result: {} }))).toEqual([]);
  });

  it('whose initialize was not answered asks again, and the host gets that answer', () => {
    const machine = connected();
    machine.fromHost(line(initialize), 0);
    machine.sent();
    expect(machine.lost('gone', 0)).toMatchObject([{ do: 'wait' }]);
    machine.wake();
    expect(shown(machine.dialled({ ok: true, identity: server }, 0))).toMatchObject([{ send: initialize }]);
    machine.sent();
    expect(shown(machine.fromServer(line({ id: 0, result: info })))).toMatchObject([{ tell: { id: 0 } }]);
  });
});

describe('a host that ends', () => {
  it('has what it said sent first, then its connection ends in order', () => {
    const machine = connected();
    machine.fromHost(call(1), 0);
    machine.fromHost(call(2), 0);
    expect(machine.hostEnded()).toEqual([]);
    expect(shown(machine.sent())).toMatchObject([{ send: { id: 2 } }]);
    expect(machine.sent()).toEqual([{ do: 'finish' }]);
    expect(shown(machine.lost('closed', 0))).toEqual([lost(1), lost(2), { do: 'end' }]);
  });

  it('needs no connection any more', () => {
    const machine = begun();
    expect(machine.hostEnded()).toEqual([{ do: 'end' }]);
  });
});
