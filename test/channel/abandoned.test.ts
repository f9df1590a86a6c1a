// What becomes of a handshake inside that ends otherwise than by its last message: it is told to end, once, and its reason is kept.
import { describe, expect, it } from 'vitest';
import {
  keep,
  type Pair,
  pairOf,
  peerNamed,
  rootKey,
  sessionFor,
  settle,
  sideOf,
  smallHandshake,
  smallInner,
  text,
} from '../../properties/channelSides.ts';
import { isSameSubject } from '../../src/channel/inner.ts';
import { failure } from '../../src/failure.ts';
import type { Handshake, Outcome } from '../../src/handshake/handshake.ts';
import { concat } from '../../src/octets.ts';
import type { Role } from '../../src/role.ts';
import { commitmentOf, handOf, sealByHand } from './byHand.ts';
import { start, step } from './steps.ts';

/** Handshakes of a role that note how they were ended by the channel. */
function watched(role: Role) {
  const ended: string[] = [];
  const innerHandshake = (accept: (peer: never) => boolean): Handshake => {
    const handshake = smallHandshake(role, accept as never);
    return {
      ...handshake,
      fail: (code, detail) => {
        ended.push(code);
        return handshake.fail(code, detail);
      },
    };
  };
  return { ended, innerHandshake };
}

describe('a handshake inside that is under way is ended, so that its secrets are wiped (PQ-C-40)', () => {
  it.each<[string, (pair: Pair) => unknown]>([
    ['its side closes (PQ-C-28)', ({ responder }) => responder.channel.close()],
    [
      'the peer has closed (PQ-C-28)',
      (pair) => {
        keep(pair.initiator, pair.initiator.channel.close());
        settle(pair);
      },
    ],
    ['the channel fails', ({ responder }) => responder.channel.fail('rehandshake-timeout')],
    ['the channel is given up', ({ responder }) => responder.channel.wipe()],
  ])('when %s', (_, act) => {
    const { ended, innerHandshake } = watched('responder');
    const pair = pairOf({}, { innerHandshake });
    start(pair);
    step(pair, 'initiator');
    expect([pair.responder.channel.standing().innerHandshake, ended]).toEqual(['under way', []]);
    act(pair);
    expect(ended).toEqual(['connection-closed']);
    pair.responder.channel.wipe();
    expect(ended).toHaveLength(1);
  });

  it('but not when it has completed', () => {
    const { ended, innerHandshake } = watched('responder');
    const pair = pairOf({}, { innerHandshake });
    start(pair);
    settle(pair);
    pair.responder.channel.wipe();
    expect(ended).toEqual([]);
  });

  it('and when it completed meanwhile, its session is wiped', () => {
    const session = sessionFor('responder');
    const outcome: Outcome = { status: 'completed', session, rest: text('') as never };
    const innerHandshake = (): Handshake => ({
      ...smallHandshake('responder', () => true),
      fail: () => ({ received: [], send: [], outcome }),
    });
    const pair = pairOf({}, { innerHandshake });
    start(pair);
    step(pair, 'initiator');
    pair.responder.channel.wipe();
    expect(() => session.sessionKey.reveal()).toThrow('wiped');
  });
});

describe('the reason of a failure', () => {
  it('is the failure of the handshake, with the error of the application behind it (PQ-C-24)', () => {
    const cause = new Error('mine');
    for (const [more, has] of [
      [{ cause }, true],
      [{}, false],
    ] as const) {
      const outcome: Outcome = { status: 'failed', failure: failure('unexpected-peer', 4), ...more };
      const innerHandshake = (): Handshake => ({
        ...smallHandshake('responder', () => true),
        receive: () => ({ received: [], send: [], outcome }),
      });
      const pair = pairOf({}, { innerHandshake });
      start(pair);
      settle(pair);
      const told = pair.responder.channel.standing().failure;
      expect(told).toMatchObject({ code: 'inner-handshake-failed', handshake: { code: 'unexpected-peer' }, ...more });
      expect(told !== undefined && 'cause' in told).toBe(has);
    }
  });

  it('is an octet behind the last message, in the same record too (PQ-C-22)', () => {
    const hand = handOf(rootKey(), 'initiator');
    const side = sideOf('responder', { innerHandshake: smallInner('responder') });
    keep(side, side.channel.receive(commitmentOf(hand)));
    const messages = [1, 3, 5, 7].map((type) => Uint8Array.of(type, 7));
    for (const message of messages.slice(0, -1))
      keep(side, side.channel.receive(sealByHand(hand, 'handshake', message)));
    const last = concat(messages.at(-1) ?? text(''), Uint8Array.of(1));
    keep(side, side.channel.receive(sealByHand(hand, 'handshake', last)));
    expect(side.channel.standing().failure?.code).toBe('unexpected-handshake');
  });
});

describe('the same subject (PQ-C-25)', () => {
  const voucher = (authority: string, ...names: readonly string[]) => ({
    trustAnchor: { octets: new TextEncoder().encode(authority) },
    names,
  });
  const bob = (...vouchers: readonly ReturnType<typeof voucher>[]) =>
    ({ subject: 'CN=bob', vouchers }) as unknown as ReturnType<typeof peerNamed>;

  it.each([
    [
      'another subject with all names of the one before',
      { ...peerNamed('bob'), subject: 'CN=eve' },
      peerNamed('bob'),
      false,
    ],
    ['one of several names', bob(voucher('ca', 'b')), bob(voucher('ca', 'a', 'b')), true],
    ['one of several paths before', bob(voucher('ca', 'b')), bob(voucher('old', 'b'), voucher('ca', 'b')), true],
    ['one of several paths now', bob(voucher('new', 'b'), voucher('ca', 'b')), bob(voucher('ca', 'b')), true],
    [
      'a name of one path and the anchor of another',
      bob(voucher('ca', 'x'), voucher('new', 'b')),
      bob(voucher('ca', 'b')),
      false,
    ],
    ['no name under the same anchor, before and now', bob(voucher('ca')), bob(voucher('ca')), true],
    ['names where there were none', bob(voucher('ca', 'b')), bob(voucher('ca')), false],
    ['no name where there were some', bob(voucher('ca')), bob(voucher('ca', 'b')), false],
    ['no path at all', bob(), bob(voucher('ca', 'b')), false],
  ])('%s', (_, peer, before, same) => {
    expect(isSameSubject(peer, before)).toBe(same);
  });
});
