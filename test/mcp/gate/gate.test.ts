// The gate: what a policy and a record make of each message, in both eras.
import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { AccessRequest, Decision, Message } from '../../../src/mcp/contract.ts';
import { errorCodes, gate, peerMetaKey } from '../../../src/mcp/gate/index.ts';
import fc from '../../property.ts';
import { call, errorOf, messageIn, nurse, permitting, request, result, tools, tried } from './parts.ts';

describe('without policy and options', () => {
  const key = fc.string().filter((name) => name !== '__proto__');
  const json = fc.letrec((tie) => ({
    value: fc.oneof({ maxDepth: 4 }, fc.string(), fc.integer(), fc.boolean(), fc.constant(null), tie('object')),
    object: fc.dictionary(key, tie('value'), { maxKeys: 4 }),
  })).object as fc.Arbitrary<Message>;
  const id = fc.oneof(fc.string(), fc.integer());
  const method = fc.oneof(fc.constantFrom('initialize', 'tools/call', 'tools/list', 'server/discover'), fc.string());
  const message = fc.oneof(
    fc.record({ jsonrpc: fc.constant('2.0'), id, method, params: json }),
    fc.record({ jsonrpc: fc.constant('2.0'), method, params: json }),
    fc.record({ jsonrpc: fc.constant('2.0'), id, result: json }),
    fc.record({ jsonrpc: fc.constant('2.0'), id, error: json }),
  ) as unknown as fc.Arbitrary<Message>;

  it('passes the octets of any message on in both directions, and no copy of them', () =>
    fc.assert(
      fc.asyncProperty(
        message,
        fc.constantFrom('fromPeer', 'fromServer'),
        fc.nat(2),
        async (one, direction, indent) => {
          const made = gate({ principal: () => nurse });
          const octets = Buffer.from(JSON.stringify(one, null, indent));
          const action = await made[direction as 'fromPeer'](one, octets);
          expect(action).toStrictEqual({ do: 'forward', octets });
          if (action.do === 'forward') expect(action.octets).toBe(octets);
        },
      ),
    ));

  it('passes lists on as the server ordered them, with its hints for caches', async () => {
    const { peer, server } = tried();
    await peer(request(1, 'tools/list'));
    const listed = result(1, { tools: tools('b', 'a'), ttlMs: 5, cacheScope: 'public' });
    expect(messageIn(await server(listed))).toStrictEqual(listed);
  });

  it('records every request and its answer', async () => {
    const { peer, server, events } = tried();
    await peer(call(1, 'pulse', { patient: 'x', dose: 1.5 }));
    await server({ jsonrpc: '2.0', id: 1, error: { code: -32602, message: 'no' } });
    const argumentsDigest = createHash('sha256').update('{"dose":1.5,"patient":"x"}').digest('hex');
    expect(events).toMatchObject([
      { event: 'decided', connection: '7', principal: nurse, id: 1, method: 'tools/call', name: 'pulse' },
      { event: 'answered', connection: '7', id: 1, error: -32602 },
    ]);
    expect(events[0]).toMatchObject({ argumentsDigest, decision: { allowed: true, rule: 'no policy' } });
    expect(JSON.stringify(events)).not.toContain('patient');
  });
});

describe('a policy', () => {
  it('passes what it allows, octet by octet, and asks with what the body says', async () => {
    const asked: AccessRequest[] = [];
    const times = [new Date(1_000), new Date(2_000)];
    const { peer } = tried({
      now: () => times[Math.min(asked.length, 1)] as Date,
      decide: (one) => {
        asked.push(one);
        return { allowed: true, rule: 'r' };
      },
    });
    const text = ' {"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"pulse","arguments":{"n":1.0}}}';
    expect(await peer(text)).toStrictEqual({ do: 'forward', octets: Buffer.from(text) });
    await peer(request(2, 'resources/read', { uri: 'file:///chart' }));
    expect(asked).toStrictEqual([
      { principal: nurse, method: 'tools/call', kind: 'tool', name: 'pulse', arguments: { n: 1 }, time: times[0] },
      {
        ...{ principal: nurse, method: 'resources/read', kind: 'resource', name: 'file:///chart' },
        time: times[1],
        lastActive: times[1],
      },
    ]);
  });

  it('denies with an error that says so and no more, and the record says why', async () => {
    const { peer, events } = tried({ decide: permitting('pulse') });
    const action = await peer(call('a', 'morphine'));
    expect(messageIn(action)).toStrictEqual({
      ...{ jsonrpc: '2.0', id: 'a' },
      error: { code: errorCodes.denied, message: 'denied' },
    });
    expect(errorCodes.denied).toBeGreaterThanOrEqual(-32019);
    expect(errorCodes.denied).toBeLessThanOrEqual(-32000);
    expect(events).toMatchObject([
      { id: 'a', name: 'morphine', decision: { allowed: false, reason: 'no-rule', rule: 'the ward' } },
    ]);
  });

  it.each([
    ['prompts/get', { name: 'x' }, 'prompt', 'x'],
    ['resources/read', { uri: 'u:x' }, 'resource', 'u:x'],
    ['resources/subscribe', { uri: 'u:x' }, 'resource', 'u:x'],
    ['resources/unsubscribe', { uri: 'u:x' }, 'resource', 'u:x'],
    [
      'completion/complete',
      { ref: { type: 'ref/prompt', name: 'x' }, argument: { name: 'n', value: 'v' } },
      'prompt',
      'x',
    ],
    ['completion/complete', { ref: { type: 'ref/resource', uri: 'u:{x}' }, argument: {} }, 'resource', 'u:{x}'],
    ['subscriptions/listen', { notifications: { resourceSubscriptions: ['u:x'] } }, 'resource', 'u:x'],
  ])('decides %s on what it is about', async (method, params, kind, name) => {
    const asked: AccessRequest[] = [];
    const decide = (one: AccessRequest): Decision => {
      asked.push(one);
      return permitting()(one);
    };
    const { peer } = tried({ decide });
    expect(errorOf(await peer(request(1, method, params as Message)))).toMatchObject({ code: errorCodes.denied });
    expect(asked.at(-1)).toMatchObject({ method, kind, name });
  });

  it('asks about methods of both eras that are about nothing', async () => {
    const { peer } = tried({ decide: permitting() });
    const methods = ['initialize', 'ping', 'logging/setLevel', 'server/discover', 'tools/list', 'tasks/get'];
    for (const [id, method] of methods.entries()) expect((await peer(request(id, method))).do).toBe('forward');
    for (const method of ['notifications/initialized', 'notifications/roots/list_changed'])
      expect((await peer({ jsonrpc: '2.0', method })).do).toBe('forward');
  });

  it('does not wait for subscriptions, which last as long as their connection', async () => {
    const { gate: one, peer } = tried({});
    await peer(request(1, 'subscriptions/listen', { notifications: {} }));
    expect(one.waiting()).toBe(0);
    await peer(request(2, 'ping'));
    expect(one.waiting()).toBe(1);
  });

  it('denies methods that nobody knows, and parameters that do not say what they are about', async () => {
    const { peer, events } = tried({ decide: () => ({ allowed: true, rule: 'all' }) });
    for (const [id, method] of ['tools/calls', 'Tools/call', 'admin/all', 'constructor'].entries())
      expect(errorOf(await peer(request(id, method, { name: 'x' })))).toMatchObject({
        code: errorCodes.methodNotFound,
      });
    expect(errorOf(await peer(request(10, 'tools/call', { Name: 'x' })))).toMatchObject({ code: errorCodes.denied });
    expect(errorOf(await peer(request(11, 'subscriptions/listen')))).toMatchObject({ code: errorCodes.denied });
    const _meta = { 'io.modelcontextprotocol/protocolVersion': '2026-07-28' };
    const removed = await peer(request(12, 'resources/subscribe', { uri: 'a:b', _meta }));
    expect(errorOf(removed)).toMatchObject({ code: errorCodes.methodNotFound });
    expect(await peer({ jsonrpc: '2.0', method: 'notifications/unheard' })).toStrictEqual({ do: 'drop' });
    expect(events.every((one) => one.event === 'decided' && !one.decision.allowed)).toBe(true);
  });

  it.each([
    [
      'a second message behind a carriage return',
      '{"jsonrpc":"2.0","id":1,"method":"ping","params":{"a":\r{"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":"morphine"}}\r}}',
    ],
    ['a second method in capitals', '{"jsonrpc":"2.0","id":1,"method":"ping","Method":"tools/call"}'],
    [
      'a second name in capitals',
      '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"pulse","NAME":"morphine"}}',
    ],
    ['parameters in capitals', '{"jsonrpc":"2.0","id":1,"method":"ping","PARAMS":{}}'],
    [
      'parameters with a long s, which readers in Go take for an s',
      '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"pulse"},"paramſ":{"name":"morphine"}}',
    ],
    [
      'an argument a second time in capitals',
      '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"pulse","arguments":{"of":"me","OF":"all"}}}',
    ],
    [
      'what is completed a second time in capitals',
      '{"jsonrpc":"2.0","id":1,"method":"completion/complete","params":{"ref":{"type":"ref/prompt","name":"pulse","Name":"morphine"}}}',
    ],
  ])('refuses a request with %s', async (_what, text) => {
    const { peer } = tried({ decide: permitting('pulse') });
    expect(errorOf(await peer(text))).toMatchObject({ code: errorCodes.invalidRequest });
    const ungoverned = tried();
    expect(await ungoverned.peer(text)).toStrictEqual({ do: 'forward', octets: Buffer.from(text) });
  });

  it('permits a carriage return at the end of a line', async () => {
    const { peer } = tried({ decide: permitting() });
    const text = '{"jsonrpc":"2.0","id":1,"method":"ping"}\r';
    expect(await peer(text)).toStrictEqual({ do: 'forward', octets: Buffer.from(text) });
  });

  it.each(['certificate-expired', 'certificate-revoked'] as const)('ends the connection for %s', async (reason) => {
    const { peer } = tried({ decide: (): Decision => ({ allowed: false, reason }) });
    const action = await peer(call(1, 'pulse'));
    expect(action).toMatchObject({ do: 'end', code: reason });
    expect(errorOf(action)).toMatchObject({ message: 'denied' });
  });

  it('may say more on the side of who asks', async () => {
    const { peer } = tried({
      decide: () => ({ allowed: false, reason: 'tool-changed' }),
      explain: ({ reason }) => `not sent: ${reason}`,
    });
    expect(errorOf(await peer(call(1, 'pulse')))).toMatchObject({ message: 'not sent: tool-changed' });
  });
});

describe('lists', () => {
  const shown = new Set(['a', 'c', 'u:a']);
  const parts = { decide: permitting(), mayUse: (_kind: string, name: string) => shown.has(name) };

  it('show what the peer may use, sorted by name, each page by itself', async () => {
    const { peer, server } = tried(parts);
    await peer(request(1, 'tools/list'));
    await peer(request(2, 'tools/list', { cursor: 'p2' }));
    const text =
      '{"jsonrpc":"2.0","id":1,"result":{"tools":[{"name":"c","max": 9007199254740993.0},{"name":"b"},{"title":"x"},{"name":"a"}],"nextCursor":"p2"}}';
    const action = await server(text);
    expect(action.do === 'forward' && Buffer.from(action.octets).toString()).toBe(
      '{"jsonrpc":"2.0","id":1,"result":{"tools":[{"name":"a"},{"name":"c","max": 9007199254740993.0}],"nextCursor":"p2"}}',
    );
    const last = result(2, { tools: tools('z') });
    expect(messageIn(await server(last))).toStrictEqual(result(2, { tools: [] }));
  });

  it.each([
    ['prompts/list', 'prompts', 'name', 'a', 'b'],
    ['resources/list', 'resources', 'uri', 'u:a', 'u:b'],
    ['resources/templates/list', 'resourceTemplates', 'uriTemplate', 'u:a', 'u:b'],
  ])('of %s are filtered too', async (method, member, key, may, mayNot) => {
    const { peer, server } = tried(parts);
    await peer(request('x', method));
    const listed = result('x', { [member]: [{ [key]: mayNot }, { [key]: may }] });
    expect(messageIn(await server(listed))).toStrictEqual(result('x', { [member]: [{ [key]: may }] }));
  });

  it('that need no change stay the octets that came', async () => {
    const { peer, server } = tried(parts);
    await peer(request(1, 'tools/list'));
    const text = '{"id":1, "jsonrpc":"2.0","result":{"tools":[{"name":"a"}],"cacheScope":"private","ttlMs":1}}';
    expect(await server(text)).toStrictEqual({ do: 'forward', octets: Buffer.from(text) });
  });

  it.each([
    ['{"ttlMs":5,"cacheScope":"public","contents":[]}', '{"ttlMs":5,"cacheScope":"private","contents":[]}'],
    ['{"ttlMs":5,"contents":[]}', '{"cacheScope":"private","ttlMs":5,"contents":[]}'],
    ['{"contents":[]}', '{"contents":[]}'],
    ['{"resultType":"input_required","requestState":"s"}', '{"resultType":"input_required","requestState":"s"}'],
  ])('and other results with hints are private to caches: %s', async (given, expected) => {
    const { peer, server } = tried({ ...parts, decide: () => ({ allowed: true, rule: 'r' }) });
    await peer(request(1, 'resources/read', { uri: 'u:a' }));
    const action = await server(`{"jsonrpc":"2.0","id":1,"result":${given}}`);
    expect(action.do === 'forward' && Buffer.from(action.octets).toString()).toBe(
      `{"jsonrpc":"2.0","id":1,"result":${expected}}`,
    );
  });

  it('that come late, after a cancellation, are not taken for another answer', async () => {
    const { peer, server } = tried(parts);
    await peer(request(1, 'tools/list'));
    await peer({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 1 } });
    expect(errorOf(await peer(request(1, 'ping')))).toMatchObject({ code: errorCodes.invalidRequest });
    expect(await server(result(1, { tools: tools('secret') }))).toStrictEqual({ do: 'drop' });
    expect((await peer(request(1, 'ping'))).do).toBe('forward');
  });
});

describe('who the peer is', () => {
  it.each([
    ['{"jsonrpc":"2.0","id":1,"method":"ping"}', []],
    ['{"jsonrpc":"2.0","id":1,"method":"ping","params":{ }}', []],
    ['{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"x","arguments":{"_meta":{"n":1e400}}}}', []],
    ['{"jsonrpc":"2.0","id":1,"method":"ping","params":{"_meta":{"progressToken":1.0}}}', ['progressToken']],
  ])('is added to `_meta` of a request when asked: %s', async (text, others) => {
    const { peer } = tried({ identityInMeta: true });
    const action = await peer(text);
    const { params } = messageIn(action);
    const { _meta: meta } = params as { readonly _meta: Message };
    expect(meta[peerMetaKey]).toMatchObject({ identity: 'nurse', certificateDigest: nurse.certificateDigest });
    expect(Object.keys(meta)).toStrictEqual([peerMetaKey, ...others]);
    const forwarded = action.do === 'forward' ? Buffer.from(action.octets).toString() : '';
    if (text.includes('1e400')) expect(forwarded).toContain('"arguments":{"_meta":{"n":1e400}}');
    if (text.includes('1.0')) expect(forwarded).toContain('"progressToken":1.0');
  });

  it('is not claimed by the peer, whether it is added or not, in whatever capitals', async () => {
    for (const identityInMeta of [true, false])
      for (const key of [peerMetaKey, peerMetaKey.toUpperCase()]) {
        const { peer } = tried({ identityInMeta });
        const params = { _meta: { [key]: { identity: 'doctor' } } };
        expect(errorOf(await peer(request(1, 'ping', params)))).toMatchObject({ code: errorCodes.invalidRequest });
        const method = 'notifications/progress';
        expect(await peer({ jsonrpc: '2.0', method, params })).toStrictEqual({ do: 'drop' });
      }
  });

  it.each(['null', '5', '"a"', '[]'])(
    'is in no request whose _meta is %s, as nothing can be added to that',
    async (meta) => {
      const { peer } = tried({ identityInMeta: true });
      const text = `{"jsonrpc":"2.0","id":1,"method":"ping","params":{"_meta":${meta}}}`;
      expect(errorOf(await peer(text))).toMatchObject({ code: errorCodes.invalidRequest });
      expect(await tried().peer(text)).toStrictEqual({ do: 'forward', octets: Buffer.from(text) });
    },
  );

  it('is named by a key as the protocol wants them: a reverse domain that is not reserved, and a name', () => {
    expect(peerMetaKey).toMatch(/^[a-z][a-z0-9-]*(\.[a-z][a-z0-9-]*)+\/[a-zA-Z0-9]+$/);
    expect(peerMetaKey.split('.')[1]).not.toMatch(/^(mcp|modelcontextprotocol)(\/|$)/);
  });
});

it('octets are changed only where they have to be, whatever stands in strings', async () => {
  const { peer, server } = tried({ decide: permitting(), mayUse: (_kind, name) => name !== 'b' });
  await peer(request(1, 'tools/list'));
  const odd = JSON.stringify({ name: 'a', description: 'quote " brace } ] \\ "tools":[' });
  const text = `{"result" : { "x":"tools\\"", "tools" :[ {"name":"b"} , ${odd} ] , "y":[[{"z":"]"}]] } ,"id":1,"jsonrpc":"2.0"}`;
  const action = await server(text);
  expect(action.do === 'forward' && Buffer.from(action.octets).toString()).toBe(
    text.replace('[ {"name":"b"} , ', '[').replace(`${odd} ]`, `${odd}]`),
  );
});
