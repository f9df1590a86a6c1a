// A guard at the gate of a connection: what it is shown, what it takes away, and what reaches nobody without it.
import { describe, expect, it } from 'vitest';
import type { Json, RecordedEvent } from '../../../src/mcp/contract.ts';
import { errorCodes, type Guard } from '../../../src/mcp/gate/index.ts';
import { call, errorOf, messageIn, request, result, tools, tried } from './parts.ts';

describe('a guard', () => {
  const guard = (parts: Partial<Guard>): Guard => ({
    asked: () => ({ forward: true }),
    answered: () => ({ forward: true }),
    notified: () => {},
    ...parts,
  });

  it('sees each page of a list with the parameters that asked for it, and what it refuses is not shown', async () => {
    const seen: unknown[] = [];
    const { peer, server } = tried({
      guard: guard({
        answered: (method, params, page) => {
          seen.push([method, params, page]);
          return params === undefined ? { forward: true } : { forward: false, message: 'pulse was changed' };
        },
      }),
    });
    await peer(request(1, 'tools/list'));
    await peer(request(2, 'tools/list', { cursor: 'two' }));
    const page = { tools: tools('pulse') };
    expect(messageIn(await server(result(1, page)))).toStrictEqual(result(1, page));
    const refused = { code: errorCodes.denied, message: 'pulse was changed' };
    expect(errorOf(await server(result(2, page)))).toStrictEqual(refused);
    expect(seen).toStrictEqual([
      ['tools/list', undefined, page],
      ['tools/list', { cursor: 'two' }, page],
    ]);
  });

  it('is not given the parameters of a call with its result, which are not kept so long', async () => {
    const seen: unknown[] = [];
    const answered: Guard['answered'] = (method, params) => {
      seen.push([method, params]);
      return { forward: true };
    };
    const { peer, server } = tried({ guard: guard({ answered }) });
    await peer(call(1, 'pulse', { secret: 'x' }));
    await server(result(1, { content: [] }));
    expect(seen).toEqual([['tools/call', undefined]]);
  });

  it('leaves of a list what it lets through', async () => {
    const kept = { tools: tools('pulse') };
    const { peer, server } = tried({ guard: guard({ answered: () => ({ forward: true, result: kept }) }) });
    await peer(request(1, 'tools/list'));
    expect(messageIn(await server(result(1, { tools: tools('pulse', 'fake') })))).toStrictEqual(result(1, kept));
  });

  it('refuses a call in words for the person on this side, and the record has its own', async () => {
    const entries: RecordedEvent[] = [];
    const { peer } = tried({
      guard: guard({ asked: () => ({ forward: false, message: 'fake is none of the approved tools' }) }),
      record: { append: async (entry) => void entries.push(entry) },
    });
    const refused = errorOf(await peer(request(1, 'tools/call', { name: 'fake' })));
    expect(refused).toStrictEqual({ code: errorCodes.denied, message: 'fake is none of the approved tools' });
    const decision = { allowed: false, reason: 'tool-changed', rule: 'pins' };
    expect(entries).toMatchObject([{ event: 'decided', decision }]);
  });

  it('that may refuse lets nothing reach the host that it has not seen and the host may take for an answer', async () => {
    const poisoned = { tools: tools('fake') };
    const seen: Json[] = [];
    const answered: Guard['answered'] = (_method, _params, given) => {
      seen.push(given);
      return { forward: true };
    };
    const { peer, server } = tried({ guard: guard({ judges: true, answered }) });
    await peer(request(1, 'tools/list'));
    // Of an id that a host takes for 1, and of a request that the host has made and that has not come here.
    for (const id of ['1', 2]) expect(await server(result(id, poisoned))).toStrictEqual({ do: 'drop' });
    const inside = `{"jsonrpc":"2.0","method":"notifications/message","params":{"a":\r${JSON.stringify(result(1, poisoned))}\r}}`;
    expect(await server(inside)).toStrictEqual({ do: 'drop' });
    const twice = { tools: tools('pulse'), Tools: tools('fake') };
    expect(errorOf(await server(result(1, twice)))).toMatchObject({ code: errorCodes.denied });
    await peer(request(3, 'tools/list'));
    const outside = { ...result(3, { tools: [] }), Result: poisoned };
    expect(errorOf(await server(outside))).toMatchObject({ code: errorCodes.denied });
    expect(seen).toEqual([]);
    await peer(request(4, 'tools/list'));
    expect(messageIn(await server(result(4, { tools: [] })))).toStrictEqual(result(4, { tools: [] }));
  });

  it('hears of notifications of the server', async () => {
    const heard: string[] = [];
    const { server } = tried({ guard: guard({ notified: (method) => heard.push(method) }) });
    await server({ jsonrpc: '2.0', method: 'notifications/tools/list_changed' });
    expect(heard).toStrictEqual(['notifications/tools/list_changed']);
  });
});
