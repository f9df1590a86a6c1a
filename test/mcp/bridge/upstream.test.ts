// A server of HTTP behind PQuAKE: each message of a peer and each answer goes through a gate, whatever it travels in.
import { once } from 'node:events';
import { createServer, type RequestListener, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import type { Governance } from '../../../src/mcp/bridge/governance.ts';
import type { Bridge } from '../../../src/mcp/bridge/listening.ts';
import { serveUpstream, type UpstreamBridgeOptions } from '../../../src/mcp/bridge/upstream.ts';
import type { Json, Message, RecordedEvent } from '../../../src/mcp/contract.ts';
import { defaultLimits, errorCodes, type Guard } from '../../../src/mcp/gate/index.ts';
import { channelFetch } from '../../../src/mcp/transport/channelFetch.ts';
import { channelUrl } from '../../../src/mcp/transport/httpOverChannel.ts';
import type { SecuredStream } from '../../../src/node/transport/secured.ts';
import { connect } from '../../../src/node/transport/tcp.ts';
import { who } from '../../node/transport/channels.ts';
import { eventually } from '../../waiting.ts';

const open: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close();
});

interface Asked {
  readonly message: Message;
  readonly session: string | undefined;
}

/** A server that notes what it is asked, and answers as it is told. */
async function server(answer: (asked: Asked, response: ServerResponse) => void) {
  const asked: Asked[] = [];
  const listener: RequestListener = (request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const text = String(Buffer.concat(chunks));
      const session = request.headers['mcp-session-id'];
      const one = { message: JSON.parse(text === '' ? '{}' : text), session: session as string | undefined };
      asked.push(one);
      answer(one, response);
    });
  };
  const made = createServer(listener).listen(0, '127.0.0.1');
  await once(made, 'listening');
  open.push(
    () => made.close(),
    () => made.closeAllConnections(),
  );
  return { asked, upstream: new URL(`http://127.0.0.1:${(made.address() as AddressInfo).port}/mcp`) };
}

function recording(): { readonly events: RecordedEvent[]; readonly record: NonNullable<Governance['record']> } {
  const events: RecordedEvent[] = [];
  const append = async (event: RecordedEvent): Promise<void> => void events.push(event);
  return { events, record: { append, standing: () => {}, close: async () => {} } };
}

async function bridgeTo(upstream: URL, governance: Governance, more: Partial<UpstreamBridgeOptions> = {}) {
  const listening = { ...who('bob'), host: '127.0.0.1', port: 0, channel: true } as const;
  const bridge = await serveUpstream(listening, {
    ...{ version: '1', identityInMeta: false, longest: defaultLimits.messageOctets, grace: 1_000, limits: {} },
    ...{ note: () => {}, governance, upstream },
    ...more,
  });
  open.push(() => bridge.close());
  return bridge;
}

async function channelTo({ address }: Bridge, name = 'alice'): Promise<SecuredStream> {
  const result = await connect({ ...who(name), ...address, channel: true });
  if (!result.ok) throw new Error(result.failure.message);
  result.channel.on('error', () => {});
  open.push(() => result.channel.destroy());
  return result.channel;
}

/** A client of HTTP, each with connections of its own. */
function clientOf(bridge: Bridge) {
  const channels: SecuredStream[] = [];
  const { fetch, close } = channelFetch(async () => {
    const channel = await channelTo(bridge);
    channels.push(channel);
    return channel;
  });
  open.push(close);
  const post = (message: Message, headers: Record<string, string> = {}) =>
    fetch(channelUrl, {
      method: 'POST',
      body: JSON.stringify(message),
      headers: { 'content-type': 'application/json', accept: 'application/json, text/event-stream', ...headers },
    });
  return { fetch, post, channels };
}

const request = (id: number, method: string, params: Json = {}): Message => ({ jsonrpc: '2.0', id, method, params });
const result = (id: Json | undefined, value: Json): string =>
  `{ "jsonrpc":"2.0", "id":${JSON.stringify(id)}, "result":${JSON.stringify(value)} }`;
const asJson = (response: ServerResponse, text: string, headers = {}): void =>
  void response.writeHead(200, { 'content-type': 'application/json', ...headers }).end(text);
const asEvents = (response: ServerResponse, text: string): void =>
  void response.writeHead(200, { 'content-type': 'text/event-stream' }).end(text);

const tools = [{ name: 'pulse' }, { name: 'morphine' }, { name: 'allergies' }];
const nurse: Governance['partsFor'] = () => ({
  decide: ({ name }) =>
    name === 'morphine' ? { allowed: false, reason: 'forbidden' } : { allowed: true, rule: 'nurses' },
  mayUse: (_kind, name) => name !== 'morphine',
});

const closeOf = (channel: SecuredStream): Promise<void> =>
  new Promise((resolve) => void channel.resume().once('close', resolve));

const dataOf = (text: string): Message => JSON.parse(/^data: (.*)$/m.exec(text)?.[1] ?? 'null');

describe.each(['JSON', 'events'])('answers in %s', (kind) => {
  const tell = (response: ServerResponse, text: string): void =>
    kind === 'JSON' ? asJson(response, text) : asEvents(response, `id: 7\ndata: ${text}\n\n`);
  const read = async (response: Response): Promise<Message> => {
    const text = await response.text();
    return kind === 'JSON' ? JSON.parse(text) : dataOf(text);
  };

  it('show what the peer may use; what is denied does not reach the server; both are recorded', async () => {
    const { asked, upstream } = await server(({ message }, response) =>
      tell(response, result(message['id'], message['method'] === 'tools/list' ? { tools } : {})),
    );
    const { events, record } = recording();
    const { post } = clientOf(await bridgeTo(upstream, { record, partsFor: nurse }));
    expect(await read(await post(request(1, 'tools/list')))).toMatchObject({
      result: { tools: [{ name: 'allergies' }, { name: 'pulse' }] },
    });
    const denied = await post(request(2, 'tools/call', { name: 'morphine' }));
    expect(await denied.json()).toMatchObject({ id: 2, error: { code: errorCodes.denied } });
    await (await post(request(3, 'tools/call', { name: 'pulse' }))).text();
    expect(asked.map(({ message }) => message['id'])).toEqual([1, 3]);
    const told = events.filter(({ event }) => event === 'decided' || event === 'answered');
    expect(told).toMatchObject([
      { event: 'decided', id: 1, decision: { allowed: true } },
      { event: 'answered', id: 1 },
      { event: 'decided', id: 2, name: 'morphine', decision: { allowed: false, reason: 'forbidden' } },
      { event: 'decided', id: 3, name: 'pulse', decision: { allowed: true } },
      { event: 'answered', id: 3 },
    ]);
    expect(told[0]).toMatchObject({ connection: expect.stringMatching(/^\d+$/), principal: { identity: 'CN=alice' } });
  });

  it('that a guard refuses are withheld, and so are calls that it refuses', async () => {
    const { asked, upstream } = await server(({ message }, response) =>
      tell(response, result(message['id'], message['method'] === 'tools/list' ? { tools } : {})),
    );
    const against = { forward: false, message: 'refused: not as it is signed' } as const;
    const guard: Guard = {
      judges: true,
      asked: (method) => (method === 'tools/call' ? against : { forward: true }),
      answered: (method) => (method === 'tools/list' ? against : { forward: true }),
      notified: () => {},
    };
    const { post } = clientOf(await bridgeTo(upstream, { partsFor: () => ({ guard }) }));
    const refused = { error: { code: errorCodes.denied, message: against.message } };
    expect(await read(await post(request(1, 'tools/list')))).toEqual({ jsonrpc: '2.0', id: 1, ...refused });
    expect(await (await post(request(2, 'tools/call', { name: 'pulse' }))).json()).toMatchObject({ id: 2, ...refused });
    expect(asked.map(({ message }) => message['id'])).toEqual([1]);
  });

  it('cross octet by octet when nothing has to change', async () => {
    const told = '{ "id":1,"jsonrpc":"2.0",  "result":{"a":1.0e2, "\\u0062":[ ]} }';
    const { upstream } = await server((_asked, response) => tell(response, told));
    const { post } = clientOf(await bridgeTo(upstream, { partsFor: nurse }));
    const text = await (await post(request(1, 'tools/call', { name: 'pulse' }))).text();
    expect(text).toBe(kind === 'JSON' ? told : `id: 7\ndata: ${told}\n\n`);
  });
});

describe('a server of HTTP behind a gate', () => {
  it('hears the answer to what it asked, on whatever connection of the session it comes, and none that it did not ask', async () => {
    const { asked, upstream } = await server(({ message, session }, response) => {
      if (message['method'] === 'initialize') asJson(response, result(message['id'], {}), { 'mcp-session-id': 'one' });
      else if (message['method'] === 'tools/call' && session === 'one')
        asEvents(response, `id: 1\ndata: ${JSON.stringify(request(9, 'elicitation/create'))}\n\n`);
      else response.writeHead(202).end();
    });
    const bridge = await bridgeTo(upstream, { partsFor: nurse });
    const [first, second] = [clientOf(bridge), clientOf(bridge)];
    await (await first.post(request(0, 'initialize'))).text();
    const session = { 'mcp-session-id': 'one' };
    expect(await (await first.post(request(1, 'tools/call', { name: 'pulse' }), session)).text()).toContain(
      'elicitation',
    );
    for (const id of [9, 9, 8])
      expect((await second.post({ jsonrpc: '2.0', id, result: {} }, session)).status).toBe(202);
    expect(asked.map(({ message }) => message['id'])).toEqual([0, 1, 9]);
  });

  it.each([
    ['does not answer in JSON-RPC', (response: ServerResponse) => asJson(response, '{"a":1}'), 502],
    [
      'answers with a page',
      (response: ServerResponse) => void response.writeHead(200, { 'content-type': 'text/html' }).end('<p>'),
      502,
    ],
    ['breaks off', (response: ServerResponse) => void response.destroy(), 502],
    ['ends its events', (response: ServerResponse) => asEvents(response, 'data: {"a":1}\n\n'), 200],
  ])('that %s leaves no request behind', async (_what, answer, status) => {
    const { upstream } = await server((_asked, response) => answer(response));
    const { events, record } = recording();
    let [underWay, begun] = [0, 0];
    const begin = (): undefined => {
      underWay += 1;
      begun += 1;
    };
    const end = (): void => {
      underWay -= 1;
    };
    const meter = { begin, end };
    const { post } = clientOf(await bridgeTo(upstream, { record, partsFor: () => ({ ...nurse({} as never), meter }) }));
    const response = await post(request(1, 'tools/call', { name: 'pulse' }));
    expect(response.status).toBe(status);
    expect(await response.text()).not.toContain('"a":1');
    expect([begun, underWay]).toEqual([1, 0]);
    expect(events).toContainEqual(expect.objectContaining({ event: 'answered', id: 1, error: errorCodes.unreachable }));
  });

  it('ends the connections of a peer that is trusted no more, under requests too', async () => {
    const { asked, upstream } = await server(() => {});
    const { events, record } = recording();
    const bridge = await bridgeTo(upstream, { record });
    const client = clientOf(bridge);
    const silent = await channelTo(bridge);
    const asking = client.post(request(1, 'tools/call', { name: 'pulse' }));
    asking.catch(() => {});
    await eventually(() => expect(asked).toHaveLength(1));
    await eventually(() => expect(events.filter(({ event }) => event === 'authenticated')).toHaveLength(2));
    const closed = closeOf(silent);
    const { trustAnchors } = who('bob');
    bridge.update({ trustAnchors, expectedPeer: 'carol' });
    await expect(asking).rejects.toThrow();
    await closed;
    await eventually(() =>
      expect(events.filter(({ event }) => event === 'disconnected')).toMatchObject([
        { code: 'unexpected-peer' },
        { code: 'unexpected-peer' },
      ]),
    );
  });

  it('finishes what is under way, denies what is new, and ends connections in order before it closes', async () => {
    const answers: (() => void)[] = [];
    const { asked, upstream } = await server(({ message }, response) => {
      if (message['id'] === undefined) response.writeHead(200, { 'content-type': 'text/event-stream' }).write(':\n\n');
      else answers.push(() => asJson(response, result(message['id'], {})));
    });
    const bridge = await bridgeTo(upstream, {});
    const listening = await clientOf(bridge).fetch(channelUrl, { headers: { accept: 'text/event-stream' } });
    const channel = await channelTo(bridge);
    let told = '';
    channel.on('data', (chunk) => {
      told += chunk;
    });
    const ended = once(channel, 'end');
    const send = (id: number): void => {
      const body = JSON.stringify(request(id, 'tools/call', { name: 'pulse' }));
      const head = ['POST /mcp HTTP/1.1', 'host: localhost', 'content-type: application/json'];
      channel.write([...head, `content-length: ${body.length}`, '', body].join('\r\n'));
    };
    send(1);
    await eventually(() => expect(answers).toHaveLength(1));
    const drained = bridge.drain();
    expect(await listening.text()).toBe(':\n\n');
    send(2);
    send(3);
    answers.pop()?.();
    await ended;
    channel.end();
    const [first, second] = told.split('HTTP/1.1 200 OK').slice(1);
    expect(first).toContain('"id":1, "result"');
    expect(second).toContain(`"code":${errorCodes.denied}`);
    expect(asked.map(({ message }) => message['id'])).toEqual([undefined, 1]);
    await drained;
  });

  it('serves nobody who begins with neither HTTP nor a message', async () => {
    const { upstream } = await server(() => {});
    const { events, record } = recording();
    const channel = await channelTo(await bridgeTo(upstream, { record }));
    const closed = closeOf(channel);
    channel.write(Buffer.from([0x16, 0x03, 0x01]));
    await closed;
    await eventually(() =>
      expect(events).toContainEqual(expect.objectContaining({ event: 'disconnected', code: 'message-not-json' })),
    );
  });
});
