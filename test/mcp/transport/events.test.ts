// Server-sent events: where each ends, whatever the chunks are, and what of them changes.
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type EventBlock, EventTooLong, eventsOf, withData } from '../../../src/mcp/transport/events.ts';

async function* chunked(octets: Buffer, sizes: readonly number[]): AsyncGenerator<Buffer> {
  for (let [from, i] = [0, 0]; from < octets.length; i += 1) {
    const size = sizes[i % sizes.length] ?? octets.length;
    yield octets.subarray(from, from + size);
    from += size;
  }
}

async function blocksOf(text: string, sizes: readonly number[] = [1_000_000], longest = 1_000): Promise<EventBlock[]> {
  const blocks: EventBlock[] = [];
  for await (const block of eventsOf(chunked(Buffer.from(text), sizes), longest)) blocks.push(block);
  return blocks;
}

const stream = [
  ': a comment\n\n',
  'id: 1\nretry: 500\ndata: \n\n',
  'event: message\r\ndata: {"a":\r\ndata:"ü"}\r\nid:2\r\n\r\n',
  'data: one\rdata: two\r\r',
  'event: ping\ndata: not for us\n\n',
];

it('events are split by empty lines, in all spellings of the end of a line, whatever the chunks are', async () => {
  const sizes = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 8 });
  await fc.assert(
    fc.asyncProperty(sizes, async (given) => {
      const blocks = await blocksOf(`${stream.join('')}data: cut off`, given);
      expect(blocks.map(({ octets }) => String(octets))).toEqual(stream);
      expect(blocks.map(({ data }) => data)).toEqual([undefined, undefined, '{"a":\n"ü"}', 'one\ntwo', undefined]);
      expect(blocks.map(({ id }) => id)).toEqual([undefined, '1', '2', undefined, undefined]);
      expect(blocks[1]?.retry).toBe(500);
    }),
  );
});

it('an event that is too long ends the reading, also when it has no end', async () => {
  await expect(blocksOf(`data: ${'x'.repeat(2_000)}`, [100])).rejects.toThrow(EventTooLong);
});

it('other data leaves the rest of an event as it was; without data only its id counts', async () => {
  const [, , block] = await blocksOf(stream.join(''));
  if (block === undefined) throw new Error('no event');
  expect(String(withData(block, '{}'))).toBe('event: message\nid:2\ndata: {}\n\n');
  expect(String(withData(block, 'a\nb'))).toBe('event: message\nid:2\ndata: a\ndata: b\n\n');
  expect(String(withData(block, undefined))).toBe('event: message\nid:2\n\n');
});
