// One server for several clients: what belongs to whom, and what cannot be shared.
import { fileURLToPath } from 'node:url';
import { Client } from '@modelcontextprotocol/client';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type Multiplex, multiplex } from '../../../src/mcp/bridge/multiplex.ts';
import type { Json, Message } from '../../../src/mcp/contract.ts';
import { errorCodes } from '../../../src/mcp/gate/index.ts';
import { channelTransport } from '../../../src/mcp/transport/serveOverChannel.ts';
import { connect } from '../../../src/node/transport/tcp.ts';
import { eventually } from '../../waiting.ts';
import { type InProcess, inProcess } from './inProcess.ts';

describe('clients of one server', () => {
  const message = (text: string): Message => JSON.parse(text);
  const from = ({ fromClient }: Multiplex, client: number, text: string): Message => {
    const action = fromClient(client, message(text), Buffer.from(text));
    return action.do === 'drop' ? { dropped: true } : { ...message(action.octets.toString()), did: action.do };
  };
  const to = ({ fromServer }: Multiplex, what: Message): { client?: number; text: string } => {
    const action = fromServer(what, Buffer.from(JSON.stringify(what)));
    if (action.do === 'drop') return { text: '' };
    return { ...(action.do === 'forward' && { client: action.client }), text: action.octets.toString() };
  };
  const subscription = 'io.modelcontextprotocol/subscriptionId';

  it('have their own ids, of text and number, written as they wrote them', () => {
    const hub = multiplex();
    const ids = ['1', '"1"', '1.0', '9007199254740993'];
    const numbers = ids.map(
      (id, client) => from(hub, client, `{"jsonrpc":"2.0","id":${id},"method":"tools/list"}`)['id'],
    );
    expect(new Set(numbers).size).toBe(4);
    for (const [client, id] of ids.entries())
      expect(to(hub, { jsonrpc: '2.0', id: numbers[client] ?? null, result: {} })).toStrictEqual({
        client,
        text: `{"jsonrpc":"2.0","id":${id},"result":{}}`,
      });
    expect(to(hub, { jsonrpc: '2.0', id: numbers[0] ?? null, result: {} }).text).toBe('');
  });

  it('hear of the progress and the subscriptions that are theirs', () => {
    const hub = multiplex();
    const call = '{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"_meta":{"progressToken":"t"}}}';
    const [first, second] = [from(hub, 1, call), from(hub, 2, call)];
    expect(first['params']).toStrictEqual({ _meta: { progressToken: first['id'] } });
    const progress = (progressToken: Json | undefined): Message => ({
      jsonrpc: '2.0',
      method: 'notifications/progress',
      params: { progressToken: progressToken ?? null, progress: 1 },
    });
    expect(to(hub, progress(second['id']))).toMatchObject({
      client: 2,
      text: expect.stringContaining('"progressToken":"t"'),
    });
    expect(to(hub, progress(99)).text).toBe('');
    const { id = null } = from(hub, 1, '{"jsonrpc":"2.0","id":"s","method":"subscriptions/listen","params":{}}');
    const changed = {
      jsonrpc: '2.0',
      method: 'notifications/tools/list_changed',
      params: { _meta: { [subscription]: id } },
    };
    expect(to(hub, changed)).toMatchObject({ client: 1, text: expect.stringContaining(`"${subscription}":"s"`) });
    expect(to(hub, { jsonrpc: '2.0', method: 'notifications/tools/list_changed' }).text).toBe('');
    const ended = { jsonrpc: '2.0', id, result: { _meta: { [subscription]: id } } };
    expect(to(hub, ended).text).toBe(`{"jsonrpc":"2.0","id":"s","result":{"_meta":{"${subscription}":"s"}}}`);
  });

  it('cancel what is theirs only, and all of it when they leave', () => {
    const hub = multiplex();
    const { id = null } = from(hub, 1, '{"jsonrpc":"2.0","id":5,"method":"tools/call"}');
    const cancel = '{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":5}}';
    expect(from(hub, 2, cancel)).toStrictEqual({ dropped: true });
    expect(hub.isWaiting(1)).toBe(true);
    expect(hub.leave(1).map((octets) => message(octets.toString()))).toMatchObject([
      { method: 'notifications/cancelled', params: { requestId: id } },
    ]);
    expect(to(hub, { jsonrpc: '2.0', id, result: {} }).text).toBe('');
    const { id: next = null } = from(hub, 2, '{"jsonrpc":"2.0","id":5,"method":"tools/call"}');
    expect(from(hub, 2, cancel)).toMatchObject({ params: { requestId: next }, did: 'forward' });
  });

  it('name nothing of others: by a request in the place of a cancellation, or an id that a server reads elsewhere', () => {
    const hub = multiplex();
    const { id = null } = from(hub, 1, '{"jsonrpc":"2.0","id":5,"method":"tools/call"}');
    const as = (text: string) => from(hub, 2, text.replaceAll('ID', String(id)));
    expect(as('{"jsonrpc":"2.0","id":1,"method":"notifications/cancelled","params":{"requestId":ID}}')).toMatchObject({
      did: 'answer',
      error: { code: errorCodes.methodNotFound },
    });
    const refused = { did: 'answer', error: { code: errorCodes.invalidRequest } };
    expect(as('{"jsonrpc":"2.0","id":1,"Id":ID,"method":"tools/call"}')).toMatchObject(refused);
    expect(
      as('{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"_meta":{"progressToken":1,"ProgressToken":ID}}}'),
    ).toMatchObject(refused);
    const cancel = '{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":1,"RequestId":ID}}';
    from(hub, 2, '{"jsonrpc":"2.0","id":1,"method":"tools/call"}');
    expect(as(cancel)).toStrictEqual({ dropped: true });
    expect(hub.isWaiting(1)).toBe(true);
  });

  it('have no session: what needs one is refused, and the server asks them nothing', () => {
    const hub = multiplex();
    const initialize = from(
      hub,
      1,
      '{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-11-25"}}',
    );
    expect(initialize).toMatchObject({
      did: 'answer',
      error: { code: -32022, data: { supported: ['2026-07-28'], requested: '2025-11-25' } },
    });
    for (const method of ['resources/subscribe', 'logging/setLevel', 'tasks/list'])
      expect(from(hub, 1, `{"jsonrpc":"2.0","id":1,"method":"${method}"}`)).toMatchObject({
        did: 'answer',
        error: { code: errorCodes.methodNotFound },
      });
    expect(from(hub, 1, '{"jsonrpc":"2.0","method":"notifications/initialized"}')).toStrictEqual({ dropped: true });
    expect(to(hub, { jsonrpc: '2.0', id: 1, method: 'sampling/createMessage' }).text).toContain('-32601');
  });
});

describe('a shared server', () => {
  let here: InProcess;
  beforeAll(() => {
    here = inProcess('alice', 'bob');
  });
  afterEach(() => here.closeAll());
  afterAll(() => here.place.remove());

  it('gives clients of the official SDK one process, each its own answers and progress', async () => {
    const told: string[] = [];
    const words = [fileURLToPath(new URL('./modern.ts', import.meta.url))];
    const bridge = await here.bridgeWith({}, { shared: true, words, note: (line) => told.push(line) });
    const connected = async (n: number): Promise<Client> => {
      const versionNegotiation = { mode: { pin: '2026-07-28' } } as const;
      const client = new Client({ name: `test ${n}`, version: '1' }, { versionNegotiation });
      const result = await connect({ ...here.peerOf('alice'), ...bridge.address, expectedPeer: 'bob', channel: true });
      if (!result.ok) throw new Error(result.failure.message);
      await client.connect(channelTransport(result));
      return client;
    };
    const clients = [await connected(1), await connected(2)];
    const results = await Promise.all(
      clients.map(async (client) => {
        const steps: number[] = [];
        const onprogress = ({ progress }: { readonly progress: number }): void => void steps.push(progress);
        const done = await client.callTool({ name: 'steps' }, { onprogress });
        // A client drops the progress that it reads together with the result; it never has that of another.
        expect(steps).toStrictEqual([...new Set(steps)].toSorted());
        const { content } = await client.callTool({ name: 'process' });
        return { done: done.content, content };
      }),
    );
    expect(results[0]).toStrictEqual(results[1]);
    expect(told.filter((line) => line.includes('started process'))).toHaveLength(1);
    const old = await here.peerTo(bridge);
    expect(await old.ask(1, 'initialize', { protocolVersion: '2025-11-25' })).toMatchObject({
      error: { code: -32022 },
    });
    await Promise.all(clients.map((client) => client.close()));
    await eventually(() => expect(told.filter((line) => /^connection \d+: closed/.test(line))).toHaveLength(2));
  });
});
