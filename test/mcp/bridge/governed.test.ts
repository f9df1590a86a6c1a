// A bridge with policy and record: what peers get, and what is written of it.
import { PassThrough } from 'node:stream';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Governance } from '../../../src/mcp/bridge/governance.ts';
import { put } from '../../../src/mcp/bridge/lines.ts';
import type { Json, RecordedEvent } from '../../../src/mcp/contract.ts';
import { errorCodes } from '../../../src/mcp/gate/index.ts';
import { eventually } from '../../waiting.ts';
import { testServer, toolCall } from './bridge.ts';
import { closed, type InProcess, inProcess, recording } from './inProcess.ts';

let here: InProcess;
beforeAll(() => {
  here = inProcess('alice', 'bob');
});
afterEach(() => here.closeAll());
afterAll(() => here.place.remove());

const echoOnly: Governance['partsFor'] = () => ({
  decide: ({ name }) =>
    name === undefined || name === 'echo' ? { allowed: true, rule: 'echo' } : { allowed: false, reason: 'forbidden' },
  mayUse: (_kind, name) => name === 'echo',
});

describe('a bridge', () => {
  it('denies, filters and records, from the first to the last of a connection', async () => {
    const { events, governance } = recording();
    const bridge = await here.bridgeWith({ ...governance, partsFor: echoOnly });
    const { ask, channel } = await here.peerTo(bridge);
    expect((await ask(1, 'tools/list'))['result']).toMatchObject({ tools: [{ name: 'echo' }] });
    expect(await ask(2, 'tools/call', toolCall('crash'))).toStrictEqual({
      ...{ jsonrpc: '2.0', id: 2 },
      error: { code: errorCodes.denied, message: 'denied' },
    });
    expect(await ask(3, 'tools/call', toolCall('echo', { text: 'a' }))).toMatchObject({ result: {} });
    channel.end();
    await eventually(() => expect(events.map(({ event }) => event)).toContain('exited'));
    await bridge.close();
    const principal = { identity: 'CN=alice', channelBinding: expect.stringMatching(/^[0-9a-f]{96}$/) };
    const of = { connection: expect.any(String), principal };
    const told = events.filter(({ event }) => event !== 'exited' && event !== 'disconnected');
    expect(told).toMatchObject([
      { event: 'started', version: '1' },
      { event: 'authenticated', ...of, address: expect.stringContaining('127.0.0.1') },
      { event: 'spawned', ...of, command: [process.execPath, testServer] },
      { event: 'decided', ...of, id: 1, method: 'tools/list', decision: { allowed: true } },
      { event: 'answered', ...of, id: 1 },
      { event: 'decided', ...of, name: 'crash', decision: { allowed: false, reason: 'forbidden' } },
      { event: 'decided', ...of, name: 'echo', decision: { allowed: true } },
      { event: 'answered', ...of, id: 3 },
      { event: 'stopped' },
    ]);
    expect(events.find(({ event }) => event === 'disconnected')).toMatchObject(of);
    expect(events.find(({ event }) => event === 'exited')).toMatchObject({ ...of, status: 0 });
  });

  it('passes answers as they came, half of a character too, and no request that readers take in two ways', async () => {
    const { ask, send, lines } = await here.peerTo(await here.bridgeWith());
    await ask(1, 'half');
    expect(lines()).toStrictEqual(['{"jsonrpc":"2.0","id":1,"result":{"text":"\\ud83d"}}']);
    send('{"jsonrpc":"2.0","id":2,"method":"ping","method":"tools/call"}');
    send('{"jsonrpc":"2.0","id":3,"method":"ping","params":{"text":"\\ud83d"}}');
    await ask(4, 'ping');
    expect(
      lines()
        .slice(1, 3)
        .map((line) => JSON.parse(line)),
    ).toMatchObject([
      { id: null, error: { code: errorCodes.parse } },
      { id: 3, error: { code: errorCodes.invalidRequest } },
    ]);
  });

  it('answers in the place of a server whose answer is refused', async () => {
    const { events, governance } = recording();
    const { ask } = await here.peerTo(await here.bridgeWith(governance));
    const { error } = await ask(1, 'twice');
    expect(error).toMatchObject({
      code: errorCodes.internal,
      message: expect.stringMatching(/refused: .* repeats a key/),
    });
    expect(events.find(({ event }) => event === 'answered')).toMatchObject({ id: 1, error: errorCodes.internal });
  });

  it.each([
    [new Error('no space'), ['not recorded: no space']],
    [Object.assign(new Error('full'), { code: 'record-unavailable' }), []], // the record has told that, once
  ])('starts nothing for a peer that cannot be recorded: %s', async (error, lines) => {
    const events: RecordedEvent[] = [];
    const record = {
      append: (event: RecordedEvent): Promise<void> => {
        events.push(event);
        return event.event === 'authenticated' ? Promise.reject(error) : Promise.resolve();
      },
      standing: () => {},
      close: async () => {},
    };
    const told: string[] = [];
    const bridge = await here.bridgeWith({ record }, { note: (line) => told.push(line) });
    const { channel } = await here.peerTo(bridge);
    await closed(channel);
    expect(events.map(({ event }) => event)).not.toContain('spawned');
    expect(told.filter((line) => line.startsWith('not recorded'))).toEqual(lines);
  });

  /** A record whose entry of an authentication is taken when it is let. */
  function slowRecord() {
    const events: RecordedEvent[] = [];
    let [begun, let_] = [false, (): void => {}];
    const letGo = new Promise<void>((resolve) => {
      let_ = resolve;
    });
    const record = {
      append: async (event: RecordedEvent): Promise<void> => {
        events.push(event);
        if (event.event !== 'authenticated') return;
        begun = true;
        await letGo;
      },
      standing: () => {},
      close: async () => {},
    };
    return { events, record, isBegun: () => eventually(() => expect(begun).toBe(true)), letGo: () => let_() };
  }

  it('ends a peer whose trust ends before it has a server', async () => {
    const { events, record, isBegun, letGo } = slowRecord();
    const bridge = await here.bridgeWith({ record });
    const { channel } = await here.peerTo(bridge);
    await isBegun();
    bridge.update({ trustAnchors: here.peerOf('bob').trustAnchors, expectedPeer: 'carol' });
    await closed(channel);
    letGo();
    const code = 'unexpected-peer';
    await eventually(() => expect(events).toContainEqual(expect.objectContaining({ event: 'disconnected', code })));
    expect(events.map(({ event }) => event)).not.toContain('spawned');
  });

  it('is not kept from its end by a peer that has no server yet', async () => {
    const { record, isBegun, letGo } = slowRecord();
    const bridge = await here.bridgeWith({ record });
    await here.peerTo(bridge);
    await isBegun();
    const drained = bridge.drain().then(() => bridge.close());
    await new Promise((resolve) => setImmediate(resolve));
    letGo();
    await drained;
  });

  it.each([
    ['sends what is no message, again and again', 'x', { violations: 3 }, 'too-many-violations'],
    ['sends a message without an end', `"${'x'.repeat(100_000)}`, {}, 'message-too-long'],
  ])('ends the connection of a peer that %s, and records why', async (_what, text, limits, code) => {
    const { events, governance } = recording();
    const bridge = await here.bridgeWith(governance, { limits, longest: 50_000 });
    const { channel, send } = await here.peerTo(bridge);
    for (let i = 0; i < 5; i += 1) send(text);
    await closed(channel);
    await eventually(() => expect(events).toContainEqual(expect.objectContaining({ event: 'disconnected', code })));
  });

  it('is stopped by a peer that does not read, and holds little of what waits for it', async () => {
    const bridge = await here.bridgeWith({});
    const { channel, send } = await here.peerTo(bridge);
    channel.pause().removeAllListeners('data');
    const before = process.memoryUsage().arrayBuffers;
    send({ jsonrpc: '2.0', id: 1, method: 'tools/call', params: toolCall('flood', { messages: 20_000 }) as Json });
    let [last, at] = [-1, 0];
    await eventually(() => {
      // It has stopped when nothing more comes in for a while.
      if (channel.bytesRead !== last) [last, at] = [channel.bytesRead, performance.now()];
      if (last < 1_000 || performance.now() - at < 500) throw new Error('it goes on');
    });
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(12_000_000);
    expect(channel.bytesRead).toBeLessThan(4_000_000);
    let seen = 0;
    for await (const chunk of channel.iterator({ destroyOnReturn: false })) {
      for (const octet of chunk as Buffer) if (octet === 0x0a) seen += 1;
      if (seen === 20_001) break;
    }
    expect(seen).toBe(20_001);
  });
});

describe('a peer', () => {
  it('that is silent for too long is cut, and the record says so', async () => {
    const { events, governance } = recording();
    const bridge = await here.bridgeWith(governance, { patience: { idle: 40 } });
    await closed((await here.peerTo(bridge)).channel);
    await eventually(() =>
      expect(events).toContainEqual(expect.objectContaining({ event: 'disconnected', code: 'peer-idle' })),
    );
  });

  it('that does not read is cut when the system takes nothing more for it, and its server ends', async () => {
    const { events, governance } = recording();
    const bridge = await here.bridgeWith(governance, { patience: { stalled: 200 }, grace: 100 });
    const { channel, send } = await here.peerTo(bridge);
    channel.pause().removeAllListeners('data');
    send({ jsonrpc: '2.0', id: 1, method: 'tools/call', params: toolCall('flood', { messages: 20_000 }) as Json });
    await eventually(() =>
      expect(events).toContainEqual(expect.objectContaining({ event: 'disconnected', code: 'peer-stalled' })),
    );
    await eventually(() => expect(events.map(({ event }) => event)).toContain('exited'));
  });
});

describe('lines', () => {
  it('wait until they are taken', async () => {
    const sink = new PassThrough({ highWaterMark: 10 });
    let isTaken = false;
    const written = put(sink, Buffer.alloc(100)).then(() => {
      isTaken = true;
    });
    await new Promise((resolve) => setImmediate(resolve));
    expect(isTaken).toBe(false);
    sink.resume();
    await written;
    sink.destroy();
    await put(sink, Buffer.alloc(100));
  });
});
