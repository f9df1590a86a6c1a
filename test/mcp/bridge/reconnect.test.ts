// Hosts whose server goes and comes back, and servers in several processes.
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Governance } from '../../../src/mcp/bridge/governance.ts';
import type { Message } from '../../../src/mcp/contract.ts';
import { errorCodes, type Guard, type GuardJudgement } from '../../../src/mcp/gate/index.ts';
import { nameForProcess } from '../../../src/mcp/record/names.ts';
import { verifyRecords } from '../../../src/mcp/record/verify.ts';
import { parseAddress } from '../../../src/node/terminal/words.ts';
import { eventually } from '../../waiting.ts';
import { endAll, entryFor, host, returned, serving, testServer, toolCall } from './bridge.ts';
import { type InProcess, inProcess, recording } from './inProcess.ts';

let here: InProcess;
beforeAll(() => {
  here = inProcess('alice', 'bob', 'carol');
});
afterEach(async () => {
  await here.closeAll();
  await endAll();
});
afterAll(() => here.place.remove());

const initialize: Message = {
  protocolVersion: '2025-11-25',
  capabilities: {},
  clientInfo: { name: 'h', version: '1' },
};
const processIn = (answer: Message): number => (returned(answer) as { readonly process: number }).process;

describe('a host', () => {
  it('goes on when its server comes back: its session begins again unseen, through a gate that sees all of it', async () => {
    const { events, governance } = recording();
    const asked: string[][] = [];
    const partsFor: Governance['partsFor'] = () => {
      const methods: string[] = [];
      asked.push(methods);
      return { decide: ({ method }) => ({ allowed: true, rule: String(methods.push(method)) }) };
    };
    const first = await here.bridgeWith();
    const { ask, send, lines, close, ended } = here.hostTo(first, { governance: { ...governance, partsFor } });
    await ask(1, 'initialize', initialize);
    send({ jsonrpc: '2.0', method: 'notifications/initialized' });
    await ask(2, 'tools/list');
    const before = processIn(await ask(3, 'tools/call', toolCall('whoami')));
    const lost = ask(4, 'tools/call', toolCall('never'));
    await ask(5, 'ping');
    await first.close();
    expect(await lost).toMatchObject({ error: { code: errorCodes.unreachable, message: 'connection lost' } });
    await here.bridgeWith({}, {}, first.address);
    expect(processIn(await ask(6, 'tools/call', toolCall('whoami')))).not.toBe(before);
    expect(lines().map((line) => JSON.parse(line).id)).toStrictEqual([1, 2, 3, 5, 4, 6]);
    close();
    expect(await ended).toBe(0);
    expect(asked).toStrictEqual([
      ['initialize', 'tools/list', 'tools/call', 'tools/call', 'ping'],
      ['initialize', 'tools/list', 'tools/call'],
    ]);
    const told = events.map(({ event }) => event).filter((event) => /^(auth|disc)/.test(event));
    expect(told).toStrictEqual(['authenticated', 'disconnected', 'authenticated', 'disconnected']);
  });

  it('calls no tool of a server that came back with other tools, though it does not list them again', async () => {
    const seen = new Set<string>();
    const partsFor: Governance['partsFor'] = () => {
      const judge = (): GuardJudgement =>
        seen.size < 2 ? { forward: true } : { forward: false, message: 'refused: not what was approved' };
      const answered: Guard['answered'] = (method, _params, result) => {
        if (method === 'tools/list') seen.add(JSON.stringify(result));
        return judge();
      };
      return { guard: { asked: judge, answered, notified: () => {} } };
    };
    const first = await here.bridgeWith();
    const { ask } = here.hostTo(first, { governance: { partsFor } });
    await ask(1, 'initialize', initialize);
    await ask(2, 'tools/list');
    await first.close();
    await here.bridgeWith({}, { words: [testServer, 'swapped'] }, first.address);
    expect(await ask(3, 'tools/call', toolCall('echo'))).toMatchObject({
      error: { code: errorCodes.denied, message: 'refused: not what was approved' },
    });
  });

  it('is not given to another server that took the port', async () => {
    const first = await here.bridgeWith();
    const { ask, told, close, ended } = here.hostTo(first);
    await ask(1, 'ping');
    await first.close();
    await here.bridgeWith({}, {}, { port: first.address.port, name: 'carol' });
    expect(await ask(2, 'ping')).toMatchObject({
      error: { code: errorCodes.unreachable, message: expect.stringContaining('identity-changed') },
    });
    expect(await ask(3, 'ping')).toMatchObject({ error: { code: errorCodes.unreachable } });
    expect(told).toContainEqual(expect.stringMatching(/^pquake: identity-changed: expected CN=bob, got CN=carol$/));
    close();
    expect(await ended).toBe(1);
  });

  it('waits for its first connection so long as it is told, is answered with the reason then, and served later', async () => {
    const { port } = await new Promise<{ port: number }>((resolve) => {
      const free = createServer().listen(0, '127.0.0.1', () => {
        const address = free.address() as { port: number };
        free.close(() => resolve(address));
      });
    });
    const { ask, told } = here.hostTo({ address: { host: '127.0.0.1', port } }, { answerAfter: 50 });
    expect(await ask(1, 'initialize', initialize)).toMatchObject({
      error: { message: expect.stringMatching(/^no connection to the server: connection-closed: /) },
    });
    await here.bridgeWith({}, {}, { port });
    await eventually(() => expect(told).toContainEqual(expect.stringMatching(/^connected to CN=bob/)));
    expect(await ask(2, 'initialize', initialize)).toMatchObject({ result: {} });
    expect(told.filter((line) => line.startsWith('pquake: '))).toHaveLength(1);
  });

  it('ends with its first connection, where it is not to connect again', async () => {
    const first = await here.bridgeWith();
    const { ask, close, ended } = here.hostTo(first, { again: false });
    await ask(1, 'ping');
    await first.close();
    await here.bridgeWith({}, {}, first.address);
    expect(await ask(2, 'ping')).toMatchObject({ error: { code: errorCodes.unreachable } });
    close();
    expect(await ended).toBe(1);
  });

  it('is told that a message is too long, and ended', async () => {
    const { ask, send, lines, ended } = here.hostTo(await here.bridgeWith(), { longest: 100 });
    await ask(1, 'ping');
    send(`"${'x'.repeat(100)}"`);
    expect(await ended).toBe(1);
    expect(JSON.parse(lines()[1] ?? '')).toMatchObject({ id: null, error: { code: errorCodes.parse } });
  });
});

describe('serve --processes', () => {
  it('serves from each, each with its record, starts one that is killed again, and the hosts of all go on', async () => {
    const record = join(here.place.directory, 'gateway.jsonl');
    const { address, told, stderr, child, ended } = await serving([
      ...['--processes', '2', '--record', record, ...here.place.who('bob', 'alice')],
    ]);
    const pids = await eventually(() => {
      const found = [...stderr().matchAll(/^process (\d) of this server: started as (\d+)$/gm)];
      expect(found).toHaveLength(2);
      return new Map(found.map(([, number, pid]) => [number, Number(pid)]));
    });
    const command = host(entryFor(address, here.place.who('alice', 'bob')));
    await command.ask(1, 'ping');
    const [, number = ''] = await told(/^process (\d): connection 1: CN=alice$/m);
    // Processes take turns, once both have begun to listen.
    const others = await eventually(async () => {
      const one = here.hostTo({ address: parseAddress(address) });
      opened.push(one);
      await one.ask(1, 'ping');
      for (const each of pids.keys()) expect(stderr()).toContain(`process ${each}: connection 1: `);
      return opened;
    });
    process.kill(pids.get(number) ?? 0, 'SIGKILL');
    await told(new RegExp(`^process ${number} of this server: starts again in`, 'm'));
    await command.told(/^pquake: connection-closed: .*; connecting again$/m);
    for (const one of [command, ...others]) expect(await one.ask(2, 'ping')).toMatchObject({ result: {} });
    command.close();
    expect(await command.ended).toBe(0);
    child.kill('SIGTERM');
    expect(await ended).toBe(0);
    for (const each of ['1', '2']) {
      const { ok, faults, records } = await verifyRecords([nameForProcess(record, each)]);
      expect({ ok, faults, records: records.length }).toStrictEqual({ ok: true, faults: [], records: 1 });
    }
  });
  const opened: ReturnType<InProcess['hostTo']>[] = [];
});
