// The stream over a channel: what people know of a Duplex holds, and nothing is lost unseen.
import { once } from 'node:events';
import { pipeline } from 'node:stream/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { ConfigurationError } from '../../../src/configuration.ts';
import { limits } from '../../../src/limits.ts';
import { ChannelError } from '../../../src/node/transport/channelError.ts';
import { connect } from '../../../src/node/transport/tcp.ts';
import { anchorFor } from '../../handshake/peers.ts';
import { eventually } from '../../waiting.ts';
import { allOf, channelBetween, closeAll, closeOf, pattern, who } from './channels.ts';

afterEach(closeAll);

describe('data', () => {
  it('crosses in both directions, of any size, nothing of it lost, cut anywhere by the wire', async () => {
    let turn = 0;
    const { initiator, responder, wire } = await channelBetween({
      change: (octets, to) => {
        turn += 1;
        const at = (turn * 7_919) % octets.length;
        (to === 'initiator' ? wire?.sockets().near : wire?.sockets().far)?.write(octets.subarray(0, at));
        return octets.subarray(at);
      },
    });
    const [mine, theirs] = [pattern(300_001), pattern(70_000, 5)];
    const heard = Promise.all([allOf(initiator), allOf(responder)]);
    for (let at = 0, size = 1; at < mine.length; at += size, size = 1 + ((size * 7) % 40_000))
      initiator.write(mine.subarray(at, at + size));
    initiator.end();
    responder.end(theirs);
    const [byInitiator, byResponder] = await heard;
    expect(byResponder.equals(mine)).toBe(true);
    expect(byInitiator.equals(theirs)).toBe(true);
    expect([initiator.bytesWritten, responder.bytesRead]).toEqual([mine.length, mine.length]);
    expect([responder.bytesWritten, initiator.bytesRead]).toEqual([theirs.length, theirs.length]);
    expect(await Promise.all([closeOf(initiator), closeOf(responder)])).toEqual([null, null]);
  });

  it('comes as it is sent, without an end', async () => {
    const { initiator, responder } = await channelBetween();
    for (const word of ['one', 'two', 'three']) {
      initiator.write(word);
      expect(String((await once(responder, 'data'))[0])).toBe(word);
      responder.write(word.toUpperCase());
      expect(String((await once(initiator, 'data'))[0])).toBe(word.toUpperCase());
    }
  });

  it('that was corked crosses in one record', async () => {
    let records = 0;
    const { initiator, responder } = await channelBetween({
      change: (octets, to) => {
        if (to === 'responder') records = octets.length;
        return octets;
      },
    });
    initiator.cork();
    for (let i = 0; i < 100; i += 1) initiator.write(Buffer.of(i));
    initiator.uncork();
    await eventually(() => expect(responder.readableLength).toBe(100));
    expect(responder.read()).toEqual(Buffer.from(Array.from({ length: 100 }, (_, i) => i)));
    expect(records).toBe(32 + 2 + 100 + 1 + 16); // commitment, length, content, type, tag
  });

  it('is padded as the settings say', async () => {
    let octets = 0;
    const { initiator, responder } = await channelBetween({
      initiator: { padding: { multipleOf: 1_000 } },
      change: (some, to) => {
        if (to === 'responder') octets = some.length;
        return some;
      },
    });
    initiator.write('a secret length');
    expect(String((await once(responder, 'data'))[0])).toBe('a secret length');
    expect(octets).toBe(32 + 2 + 1_000 + 16);
  });
});

describe('a reader that stalls', () => {
  it('stops the writer; what both sides hold stays within the stated bound', async () => {
    const { initiator, responder, result } = await channelBetween({ change: (octets) => octets });
    const chunk = pattern(16_384);
    let sent = 0;
    const isStopped = async (): Promise<boolean> => {
      for (let turn = 0; turn < 100; turn += 1) {
        if (!initiator.writableNeedDrain) return false;
        await new Promise((resolve) => setTimeout(resolve, 2));
      }
      return true;
    };
    while (!(await isStopped())) {
      initiator.write(chunk);
      sent += chunk.length;
      expect(sent).toBeLessThan(64 * 1_048_576);
    }
    const socket = result.stream;
    expect(initiator.writableLength + socket.writableLength).toBeLessThan(limits.channelBuffers / 2);
    expect(responder.readableLength).toBeLessThan(limits.channelBuffers / 2);
    const whole = allOf(responder);
    initiator.end();
    expect((await whole).length).toBe(sent);
  });

  it('has the other direction go on', async () => {
    const { initiator, responder } = await channelBetween();
    initiator.write(pattern(2_000_000));
    responder.write('still here');
    expect(String((await once(initiator, 'data'))[0])).toBe('still here');
  });
});

describe('the end of a direction', () => {
  it.each(['initiator', 'responder'] as const)('of the %s leaves the other one open', async (first) => {
    const both = await channelBetween();
    const [closing, going] =
      first === 'initiator' ? [both.initiator, both.responder] : [both.responder, both.initiator];
    const closed = once(going, 'peerClosed');
    closing.end('last words');
    await closed;
    expect(String(await allOf(going))).toBe('last words');
    going.write('not yet');
    expect(String((await once(closing, 'data'))[0])).toBe('not yet');
    const rest = allOf(closing);
    going.end('now');
    expect(String(await rest)).toBe('now');
    expect(await Promise.all([closeOf(closing), closeOf(going)])).toEqual([null, null]);
    expect(both.result.stream.destroyed).toBe(true);
  });

  it('may come with the end of the transport in that direction: the other one goes on', async () => {
    const { initiator, responder, wire } = await channelBetween({ change: (octets) => octets });
    initiator.end('a question');
    await once(responder, 'peerClosed');
    wire?.sockets().far.end();
    expect(String(await allOf(responder))).toBe('a question');
    const answer = pattern(500_000);
    responder.end(answer);
    expect((await allOf(initiator)).equals(answer)).toBe(true);
    expect(await closeOf(initiator)).toBe(null);
  });

  it('an empty stream ends in order too', async () => {
    const { initiator, responder } = await channelBetween();
    initiator.end();
    responder.end();
    expect(await Promise.all([closeOf(initiator), closeOf(responder)])).toEqual([null, null]);
  });

  it('pipeline of Node works on it', async () => {
    const { initiator, responder } = await channelBetween();
    pipeline(responder, responder).catch(() => {});
    const sent = pattern(100_000);
    initiator.end(sent);
    expect((await allOf(initiator)).equals(sent)).toBe(true);
  });

  it.each([
    ['before its own', false],
    ['after its own', true],
  ])('octets behind the close of the peer are an error, %s', async (_, ended) => {
    const { initiator, responder, wire } = await channelBetween({ change: (octets) => octets });
    responder.resume();
    if (ended) responder.end();
    initiator.pause().end();
    await once(responder, 'end');
    wire?.sockets().far.write(Buffer.of(0));
    expect(await closeOf(responder)).toMatchObject({ code: 'octets-after-close' });
  });
});

describe('a connection that ends early', () => {
  it.each([
    ['it ends', 'end'],
    ['it is cut', 'destroy'],
  ] as const)('%s before the close of the peer: truncated, and what was delivered stands', async (_, how) => {
    const { initiator, responder, wire } = await channelBetween({ change: (octets) => octets });
    initiator.write('a part');
    expect(String((await once(responder, 'data'))[0])).toBe('a part');
    wire?.sockets().far[how]();
    const error = await closeOf(responder);
    expect(error).toBeInstanceOf(ChannelError);
    expect(error).toMatchObject({ code: 'truncated', failure: { requirements: ['PQ-C-20'] } });
  });

  it('one that is destroyed here has no error of its own, and is truncated there', async () => {
    const { initiator, responder } = await channelBetween();
    initiator.destroy();
    expect(await closeOf(initiator)).toBe(null);
    expect(await closeOf(responder)).toMatchObject({ code: 'truncated' });
    expect(() => initiator.export('a label', new Uint8Array(), 32)).toThrow(TypeError);
  });

  it('one that breaks after the close of the peer has not taken what we sent', async () => {
    const { initiator, responder, wire } = await channelBetween({ change: (octets) => octets });
    initiator.end();
    await once(responder, 'peerClosed');
    wire?.sockets().far.resetAndDestroy();
    expect(await closeOf(responder)).toMatchObject({ code: 'channel-abandoned' });
  });
});

describe('a changed octet', () => {
  it.each([
    ['of the commitment', 0, 'wrong-commitment'],
    ['of a length', 32, 'record-length'],
    ['of a record', 40, 'record-not-opened'],
  ])('%s: nothing is delivered, nothing more is sent, the connection closes', async (_, at, code) => {
    let [crossed, back] = [0, 0];
    const { initiator, responder } = await channelBetween({
      change: (octets, to) => {
        if (to === 'initiator') {
          back += octets.length;
          return octets;
        }
        const index = at - crossed;
        crossed += octets.length;
        if (index < 0 || index >= octets.length) return octets;
        const changed = Buffer.from(octets);
        changed[index] = (changed[index] ?? 0) ^ 0x80;
        return changed;
      },
    });
    const heard: Buffer[] = [];
    responder.on('data', (chunk: Buffer) => heard.push(chunk));
    initiator.write('never seen');
    expect(await closeOf(responder)).toMatchObject({ name: 'ChannelError', code });
    expect(await closeOf(initiator)).toMatchObject({ code: 'truncated' });
    expect([heard.length, back]).toEqual([0, 0]);
  });
});

describe('what is told of the peer', () => {
  it('who it is, its certificate, suite, reading, and when it authenticated; exports are equal', async () => {
    const { initiator, responder, result } = await channelBetween();
    expect(initiator.peer).toMatchObject({
      ...{ identity: 'CN=bob', suite: suiteName(), reading: { hidingKey: expect.any(String) }, epoch: 0 },
      authenticated: who('alice').time(),
      certificate: { subject: 'CN=bob', vouchers: [{ names: expect.arrayContaining(['bob']) }] },
    });
    const anchor = anchorFor(who('alice').suite).octets;
    expect(initiator.peer.chain).toEqual([initiator.peer.certificate.octets, anchor]);
    expect(responder.peer.identity).toBe('CN=alice');
    expect(initiator.peer.identifier).toEqual(result.session.identifier);
    expect([initiator.role, responder.role]).toEqual(['initiator', 'responder']);
    const none = new Uint8Array();
    expect(initiator.export('a label', none, 32)).toEqual(responder.export('a label', none, 32));
    expect(initiator.exportPair('a label', none, 32).send).toEqual(responder.exportPair('a label', none, 32).receive);
    expect(() => result.session.export('a label', none, 32)).toThrow(TypeError);
  });
});

const suiteName = () => who('alice').suite.algorithms.name;

describe('options', () => {
  it.each([
    [{ padding: { multipleOf: 0 } }, /padding/],
    [{ rehandshakeTimeout: 0 }, /rehandshakeTimeout: expected 1 to/],
    [{ rehandshakeAfter: { octets: -1 } }, /rehandshakeAfter octets/],
    [{ limits: { allowance: 0.5 } }, /allowance/],
  ])('%j cannot work, and nothing is sent', async (channel, reason) => {
    const tried = connect({ ...who('alice'), host: '127.0.0.1', port: 1, channel });
    await expect(tried).rejects.toThrow(ConfigurationError);
    await expect(tried).rejects.toThrow(reason);
  });

  it('a handshake that lets nothing follow has no channel', async () => {
    const tried = connect({ ...who('alice'), host: '127.0.0.1', port: 1, channel: true, afterwards: 'refuse' });
    await expect(tried).rejects.toThrow(/afterwards/);
  });
});
