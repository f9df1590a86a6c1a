// Messages out of octets: the same whatever the chunks are, and nothing that two readers may understand differently.
import { describe, expect, it } from 'vitest';
import { ConfigurationError } from '../../../src/configuration.ts';
import { type FramingCode, framingCodes } from '../../../src/mcp/transport/framingError.ts';
import { type MessageSplitter, readMessage, splitMessages } from '../../../src/mcp/transport/splitMessages.ts';
import fc from '../../property.ts';

type Given = { readonly octets: string } | { readonly code: FramingCode };

function allOf(splitter: MessageSplitter): readonly Given[] {
  const given: Given[] = [];
  for (let one = splitter.next(); one !== undefined; one = splitter.next())
    given.push(one.ok ? { octets: String(one.octets) } : { code: one.error.code });
  return given;
}

function givenFor(octets: Uint8Array, cuts: readonly number[], longest: number): readonly Given[] {
  const splitter = splitMessages({ longest });
  const given: Given[] = [];
  let from = 0;
  for (const cut of [...cuts.map((one) => one % (octets.length + 1)), octets.length].sort((a, b) => a - b)) {
    splitter.push(octets.subarray(from, cut));
    if (cut % 2 === 0) given.push(...allOf(splitter)); // some chunks are taken together
    from = cut;
  }
  given.push(...allOf(splitter));
  const late = splitter.end();
  return late === undefined ? given : [...given, { code: late.code }];
}

const lines = fc.array(
  fc.oneof(
    fc
      .record({ jsonrpc: fc.constant('2.0'), id: fc.nat(), method: fc.string({ unit: 'binary' }) })
      .map((one) => JSON.stringify(one)),
    fc.json(),
    fc.string(),
  ),
  { maxLength: 12 },
);

const call = (text: string) => readMessage(Buffer.from(text));
const codeOf = (text: string | Buffer): FramingCode | 'none' => {
  const read = readMessage(Buffer.from(text));
  return read.ok ? 'none' : read.error.code;
};

describe('a stream', () => {
  it('gives the same messages and refusals in any chunks', () => {
    fc.assert(
      fc.property(
        lines,
        fc.array(fc.nat()),
        fc.integer({ min: 1, max: 200 }),
        fc.boolean(),
        (some, cuts, longest, ended) => {
          const octets = new TextEncoder().encode(some.join('\n') + (ended ? '\n' : ''));
          expect(givenFor(octets, cuts, longest)).toEqual(givenFor(octets, [], longest));
        },
      ),
    );
  });

  it('costs the same in chunks of one octet, in time and memory, and keeps the octets of each message', () => {
    const text = `{"jsonrpc":"2.0","id":1,"result":{"text":"${'x'.repeat(1_000_000)}"}}`;
    const octets = Buffer.from(`${text}\n`);
    const splitter = splitMessages();
    const before = process.memoryUsage().arrayBuffers;
    for (let at = 0; at < octets.length; at += 1) splitter.push(octets.subarray(at, at + 1));
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(16_000_000);
    expect(splitter.buffered()).toBe(text.length);
    expect(allOf(splitter)).toEqual([{ octets: text }]);
    expect(splitter.buffered()).toBe(0);
  });

  it('gives long messages whatever sizes their chunks have, and keeps no more than it was given', () => {
    const text = (octets: number): string =>
      `{"jsonrpc":"2.0","method":"m","params":{"a":"${'xyz'.repeat(octets / 3)}"}}`;
    const long = [text(30_000), text(3), text(100_000)];
    const octets = new TextEncoder().encode(`${long.join('\n')}\n`);
    const size = fc.oneof(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 4_000, max: 40_000 }));
    fc.assert(
      fc.property(fc.array(size, { minLength: 1, maxLength: 20 }), (sizes) => {
        const splitter = splitMessages();
        const given: Given[] = [];
        for (let [at, turn] = [0, 0]; at < octets.length; turn += 1) {
          const end = at + (sizes[turn % sizes.length] ?? 1) + (turn > 1_000 ? 4_000 : 0);
          splitter.push(octets.subarray(at, end));
          given.push(...allOf(splitter));
          at = end;
          const taken = long.slice(0, given.length).reduce((sum, one) => sum + one.length + 1, 0);
          expect(splitter.buffered()).toBe(Math.min(end, octets.length) - taken);
        }
        expect(given).toEqual(long.map((one) => ({ octets: one })));
      }),
    );
  });

  it('gives what came before a message that is too long, says so once, and then nothing', () => {
    const splitter = splitMessages({ longest: 40 });
    const short = '{"jsonrpc":"2.0","method":"a"}';
    splitter.push(Buffer.from(`${short}\n${'x'.repeat(41)}`));
    splitter.push(Buffer.from(`\n${short}\n`));
    expect(allOf(splitter)).toEqual([{ octets: short }, { code: 'message-too-long' }]);
    expect(splitter.end()).toBeUndefined();
    expect(splitter.buffered()).toBe(0);
  });

  it('has no limit that is none', () => {
    for (const longest of [0, -1, 1.5, Number.NaN])
      expect(() => splitMessages({ longest })).toThrow(ConfigurationError);
  });
});

describe('a message', () => {
  it('has a kind, an id and its octets', () => {
    const text = '{ "jsonrpc":"2.0", "id":"a", "method":"tools/call", "params":{"n":1.0} }\r';
    expect(call(text)).toMatchObject({ ok: true, kind: 'request', id: 'a', octets: Buffer.from(text) });
    expect(call('{"jsonrpc":"2.0","method":"m"}')).toMatchObject({ kind: 'notification', id: undefined });
    expect(call('{"jsonrpc":"2.0","id":7,"result":{}}')).toMatchObject({ kind: 'result', id: 7 });
    expect(call('{"jsonrpc":"2.0","id":null,"error":{"code":1,"message":""}}')).toMatchObject({ kind: 'error' });
  });

  it.each([
    ['message-not-utf8', Buffer.from([0x22, 0xff, 0x22])],
    ['message-not-json', ''],
    ['message-not-json', 'listening on port 1'],
    ['message-not-json', '\ufeff{"jsonrpc":"2.0","method":"m"}'],
    ['message-not-json', '{"jsonrpc":"2.0","method":"unended'],
    ['message-too-deep', `{"jsonrpc":"2.0","method":"m","params":{"a":${'['.repeat(64)}${']'.repeat(64)}}}`],
    ['message-too-deep', '['.repeat(1_000_000)],
    ['message-repeated-key', '{"jsonrpc":"2.0","id":1,"method":"tools/list","method":"tools/call"}'],
    ['message-repeated-key', '{"jsonrpc":"2.0","method":"m","params":{"name":"a","n\\u0061me":"b"}}'],
    ['message-repeated-key', '{"jsonrpc":"2.0","method":"m","params":{"a":[{"b":":,{\\"","b":1}]}}'],
    ['message-unsafe-key', '{"jsonrpc":"2.0","method":"m","params":{"__proto__":{"name":"a"}}}'],
    ['message-unpaired-surrogate', '{"jsonrpc":"2.0","method":"m","params":{"name":"\\ud800"}}'],
    ['message-unpaired-surrogate', '{"jsonrpc":"2.0","method":"m","params":{"\\uDFFFa":1}}'],
    ['message-not-json-rpc', '1'],
    ['message-not-json-rpc', '[{"jsonrpc":"2.0","method":"m"}]'],
    ['message-not-json-rpc', '{"method":"m"}'],
    ['message-not-json-rpc', '{"jsonrpc":"1.0","method":"m"}'],
    ['message-not-json-rpc', '{"jsonrpc":"2.0","method":1}'],
    ['message-not-json-rpc', '{"jsonrpc":"2.0","method":"m","params":[1]}'],
    ['message-not-json-rpc', '{"jsonrpc":"2.0","id":null,"method":"m"}'],
    ['message-not-json-rpc', '{"jsonrpc":"2.0","id":9007199254740993,"method":"m"}'],
    ['message-not-json-rpc', '{"jsonrpc":"2.0","id":1,"method":"m","result":{}}'],
    ['message-not-json-rpc', '{"jsonrpc":"2.0","id":1,"result":{},"error":{"code":1,"message":""}}'],
    ['message-not-json-rpc', '{"jsonrpc":"2.0","id":1}'],
    ['message-not-json-rpc', '{"jsonrpc":"2.0","result":{}}'],
    ['message-not-json-rpc', '{"jsonrpc":"2.0","id":1,"error":{"code":"1","message":""}}'],
  ] as const)('is refused as %s: %j', (code, text) => {
    expect(codeOf(text)).toBe(code);
  });

  it('that repeats no key passes: colons, quotes and escapes in texts are no members', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string({ unit: 'binary' }), fc.jsonValue({ maxDepth: 5 })), (params) => {
        const text = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'm', params });
        fc.pre(!text.includes('__proto__'));
        expect(call(text)).toMatchObject({ ok: true });
      }),
    );
  });

  it('with long texts passes, wherever quotes and escapes are in them', () => {
    const piece = fc.constantFrom('"', '\\', ':', '{', '\\"', 'é', '"key":', 'x'.repeat(63), 'y'.repeat(200));
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 20 }), (pieces) => {
        const params = { [pieces.join('')]: 1, text: pieces.reverse().join('') };
        expect(codeOf(JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'm', params }))).toBe('none');
        const twice = `{"a":${JSON.stringify(pieces.join(''))},"a":1}`;
        expect(codeOf(`{"jsonrpc":"2.0","method":"m","params":${twice}}`)).toBe('message-repeated-key');
      }),
    );
  });

  it('that repeats a key anywhere is refused', () => {
    fc.assert(
      fc.property(fc.string(), fc.jsonValue({ maxDepth: 3 }), fc.jsonValue({ maxDepth: 3 }), (key, one, other) => {
        fc.pre(key !== '__proto__');
        const twice = `{${JSON.stringify(key)}:${JSON.stringify(one)},${JSON.stringify(key)}:${JSON.stringify(other)}}`;
        expect(codeOf(`{"jsonrpc":"2.0","method":"m","params":{"a":[${twice}]}}`)).toMatch(/repeated|unsafe/);
      }),
    );
  });

  it('with half of a pair passes when it is an answer: a server cut a text in two', () => {
    expect(codeOf('{"jsonrpc":"2.0","id":1,"result":{"text":"\\ud83d"}}')).toBe('none');
    expect(codeOf('{"jsonrpc":"2.0","id":1,"method":"m","params":{"name":"\\ud83d\\ude00"}}')).toBe('none');
  });

  it('is nowhere in the words of its refusal', () => {
    const read = call('{"jsonrpc":"2.0","secret":"hunter2"}');
    expect(read).toMatchObject({ ok: false });
    expect(JSON.stringify(read)).not.toContain('hunter2');
    expect(!read.ok && read.error.message.startsWith(framingCodes['message-not-json-rpc'])).toBe(true);
  });
});
