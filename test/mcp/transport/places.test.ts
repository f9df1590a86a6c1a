// Requests of a peer wait for places, and what ends or answers something passes them.
import { duplexPair } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { ConfigurationError } from '../../../src/configuration.ts';
import { places } from '../../../src/mcp/transport/places.ts';
import { type Framed, readMessage } from '../../../src/mcp/transport/splitMessages.ts';
import { streamTransport } from '../../../src/mcp/transport/streamTransport.ts';
import { eventually } from '../../waiting.ts';

function framed(message: object): Framed {
  const read = readMessage(Buffer.from(JSON.stringify({ jsonrpc: '2.0', ...message })));
  if (!read.ok) throw read.error;
  return read;
}
const call = (id: number | string, method = 'tools/call'): Framed => framed({ id, method });
const cancel = (requestId: number): Framed => framed({ method: 'notifications/cancelled', params: { requestId } });

const range = (first: number, last: number): string[] =>
  Array.from({ length: last - first + 1 }, (_, i) => String(first + i));

describe('places', () => {
  it('are held from delivery to release, in order; one and "1" are two ids', () => {
    const seats = places({ mostUnderWay: 2 });
    expect([call(1), call('1'), call(2), call(3)].map((one) => seats.offer(one, false))).toEqual([
      ...['deliver', 'deliver', 'waits', 'waits'],
    ]);
    expect(seats.next(false)).toBeUndefined();
    seats.release(1);
    expect(seats.next(true)).toBeUndefined();
    expect(seats.next(false)).toMatchObject({ id: 2 });
    expect(seats.offer(call(4), false)).toBe('waits'); // nobody overtakes
    expect([seats.underWay(), seats.waiting()]).toEqual([2, 2]);
  });

  it('are not given while what we wrote is not read, but answers and notifications pass', () => {
    const seats = places();
    expect(seats.offer(call(1), true)).toBe('waits');
    expect(seats.offer(call(2, 'ping'), true)).toBe('waits');
    expect(seats.offer(framed({ id: 7, result: {} }), true)).toBe('deliver');
    expect(seats.offer(framed({ method: 'notifications/progress' }), true)).toBe('deliver');
    expect(seats.next(false)).toMatchObject({ id: 1 });
  });

  it('are passed by a cancellation, which takes what waited with it', () => {
    const seats = places({ mostUnderWay: 1 });
    for (const id of [1, 2, 3]) seats.offer(call(id), false);
    expect(seats.offer(cancel(2), false)).toBe('withdrawn');
    expect(seats.offer(cancel(1), false)).toBe('deliver');
    expect(seats.offer(cancel(9), false)).toBe('deliver');
    expect(seats.next(false)).toBeUndefined(); // the cancelled one still holds its place
    seats.release(1);
    expect(seats.next(false)).toMatchObject({ id: 3 });
  });

  it('need no room for what holds none, end with the room to wait, and know an id that is used again', () => {
    const seats = places({ mostUnderWay: 1, mostWaiting: 700 });
    expect(seats.offer(call(1), false)).toBe('deliver');
    expect(seats.offer(call(2, 'subscriptions/listen'), false)).toBe('deliver');
    expect([3, 4, 5].map((id) => seats.offer(call(id), false))).toEqual(['waits', 'waits', 'full']);
    expect([1, 2, 3].map((id) => seats.offer(call(id), false))).toEqual(['repeated', 'repeated', 'repeated']);
    expect(seats.waiting()).toBe(2);
  });

  it('have limits that are numbers', () => {
    for (const mostUnderWay of [0, -1, 0.5, Number.NaN])
      expect(() => places({ mostUnderWay })).toThrow(ConfigurationError);
    expect(() => places({ mostWaiting: 0 })).toThrow(ConfigurationError);
  });
});

describe('a transport without room', () => {
  async function crowded() {
    const [near, far] = duplexPair();
    const transport = streamTransport(far, { mostUnderWay: 1, mostWaiting: 300 });
    const got: { id?: unknown; method?: string }[] = [];
    transport.onmessage = (message) => got.push(message);
    await transport.start();
    near.on('end', () => near.end());
    let sent = '';
    near.on('data', (chunk: Buffer) => {
      sent += chunk;
    });
    const say = (message: object) => near.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`);
    return {
      transport,
      got,
      say,
      answers: () =>
        sent
          .split('\n')
          .filter(Boolean)
          .map((line) => JSON.parse(line)),
    };
  }
  const answer = (id: number) => ({ jsonrpc: '2.0' as const, id, result: {} });

  it('reads no more until there is, and loses nothing', async () => {
    const { transport, got, say } = await crowded();
    for (let id = 1; id <= 40; id += 1) say({ id, method: 'm' });
    for (let id = 1; id <= 40; id += 1) {
      await eventually(() => expect(got.map((one) => one.id)).toContain(id));
      expect(got).toHaveLength(id);
      await transport.send(answer(id));
    }
    await transport.close();
  });

  it('reads on while it waits for answers of the peer, and says that it is busy', async () => {
    const { transport, got, say, answers } = await crowded();
    say({ id: 1, method: 'm' });
    await eventually(() => expect(got).toHaveLength(1));
    await transport.send({ jsonrpc: '2.0', id: 77, method: 'elicitation/create' });
    for (let id = 2; id <= 20; id += 1) say({ id, method: 'm' });
    say({ id: 77, result: {} });
    await eventually(() => expect(got).toMatchObject([{ id: 1 }, { id: 77 }]));
    await transport.send(answer(1));
    await eventually(() => expect(got[2]).toMatchObject({ id: 2 }));
    const busy = answers().filter((one) => one.error?.code === -32_010);
    expect(busy.map((one) => one.id)).toEqual(Array.from({ length: 18 }, (_, i) => i + 3));
    await transport.close();
  });

  it('gives the place of a cancelled request on after a while, when no answer comes', async () => {
    const { transport, got, say } = await crowded();
    say({ id: 1, method: 'm' });
    say({ id: 2, method: 'm' });
    say({ method: 'notifications/cancelled', params: { requestId: 1 } });
    await eventually(() => expect(got.map((one) => one.id ?? one.method)).toEqual([1, 'notifications/cancelled', 2]));
    await transport.close();
  });

  it.each([
    ['a notification in a turn of its own', ['n', 'n', 'n'], [['n'], ['n'], ['n']]],
    ['requests together', ['1', '2', '3'], [['1', '2', '3']]],
    ['results together', ['r1', 'r2'], [['r1', 'r2']]],
    ['a progress report before the result behind it', ['r1', 'n', 'r2', 'r3'], [['r1'], ['n'], ['r2', 'r3']]],
    ['a cancellation behind the request', ['1', '2', 'n', '3'], [['1', '2'], ['n'], ['3']]],
    ['no more than 16 together', range(1, 20), [range(1, 16), range(17, 20)]],
  ])('delivers %s', async (_what, sent, turns) => {
    const [near, far] = duplexPair();
    near.resume().on('end', () => near.end());
    const transport = streamTransport(far);
    const got: string[][] = [];
    let turn: string[] | undefined;
    transport.onmessage = (message) => {
      if (turn === undefined) {
        turn = [];
        got.push(turn);
        setImmediate(() => {
          turn = undefined;
        });
      }
      const id = 'id' in message ? String(message.id) : 'n';
      turn.push('result' in message ? `r${id}` : id);
    };
    await transport.start();
    const lines = sent.map((one) => {
      if (one === 'n') return { method: 'notifications/progress' };
      return one.startsWith('r') ? { id: Number(one.slice(1)), result: {} } : { id: Number(one), method: 'm' };
    });
    near.write(lines.map((line) => `${JSON.stringify({ jsonrpc: '2.0', ...line })}\n`).join(''));
    await eventually(() => expect(got.flat()).toEqual(sent));
    expect(got).toEqual(turns);
    await transport.close();
  });
});
