// PQ-C-08, PQ-C-09, PQ-C-40: what spec/secrets.md says of the secrets of a channel, watched.
import { describe, expect, it } from 'vitest';
import {
  keep,
  type Pair,
  rootKey,
  type Side,
  sessionFor,
  settle,
  smallInner,
  text,
} from '../../properties/channelSides.ts';
import { type Channel, openChannel } from '../../src/channel/channel.ts';
import type { InnerHandshake } from '../../src/channel/options.ts';
import { noble } from '../../src/crypto/noble.ts';
import type { Session } from '../../src/handshake/session.ts';
import { chooseSuite } from '../../src/node/suite.ts';
import type { Role } from '../../src/role.ts';
import { handOf } from '../channel/byHand.ts';
import { type Recorded, recording, shownIn, unwiped } from './recording.ts';

/** What a channel derives, by how many octets it has. */
const kinds: Readonly<Record<number, string>> = { 48: 'secret', 32: 'key', 12: 'iv' };
const alive = (secrets: readonly Recorded[]): Record<string, number> => {
  const counts: Record<string, number> = {};
  for (const { octets } of secrets.filter((one) => one.octets.some((octet) => octet !== 0))) {
    const kind = kinds[octets.length] ?? 'other';
    counts[kind] = (counts[kind] ?? 0) + 1;
  }
  return counts;
};

describe.each([noble, chooseSuite()].map((suite) => [suite.name, suite] as const))('a channel on %s', (_, plain) => {
  function sideWith(role: Role) {
    const recorder = recording(plain);
    const session = sessionFor(role, rootKey(), plain);
    const channel: Channel = openChannel({ session, suite: recorder.suite, innerHandshake: smallInner(role) });
    const side: Side = { channel, events: [], pending: new Uint8Array(0), sent: new Uint8Array(0) };
    const derived = () => recorder.secrets.filter(({ what }) => /^channel: |extracted/.test(what));
    return { session, side, derived };
  }

  function pair() {
    const [i, r] = [sideWith('initiator'), sideWith('responder')];
    const both: Pair = { initiator: i.side, responder: r.side };
    return { i, r, both };
  }

  /** Secrets of both directions, chain and exporter; keys and commitments; initial vectors. */
  const whole = { secret: 4, key: 4, iv: 2 };

  it('uses the session up, and holds what it derived from it', () => {
    const { session, derived } = sideWith('initiator');
    expect(() => session.sessionKey.reveal()).toThrow('wiped');
    expect(() => session.export('x', text(''), 32)).toThrow('wiped');
    expect(alive(derived())).toEqual(whole);
  });

  it('wipes the copies of k_session that it was given, of the session outside and of those inside', () => {
    const given: Uint8Array[] = [];
    const sessions: Session[] = [];
    const watched = (session: Session): Session => {
      const { reveal } = session.sessionKey;
      const revealed = (): Uint8Array => {
        const octets = reveal();
        given.push(octets);
        return octets;
      };
      sessions.push(session);
      return { ...session, sessionKey: { ...session.sessionKey, reveal: revealed } };
    };
    const innerOf = (role: Role) => (accept: Parameters<InnerHandshake>[0]) => {
      const handshake = smallInner(role)(accept);
      const receive: typeof handshake.receive = (octets) => {
        const progress = handshake.receive(octets);
        const { outcome } = progress;
        if (outcome.status !== 'completed') return progress;
        return { ...progress, outcome: { ...outcome, session: watched(outcome.session) } };
      };
      return { ...handshake, receive };
    };
    const sideOf = (role: Role): Side => ({
      channel: openChannel({ session: watched(sessionFor(role, rootKey(), plain)), innerHandshake: innerOf(role) }),
      ...{ events: [], pending: new Uint8Array(0), sent: new Uint8Array(0) },
    });
    const both: Pair = { initiator: sideOf('initiator'), responder: sideOf('responder') };
    keep(both.initiator, both.initiator.channel.startHandshake());
    settle(both);
    expect(given).toHaveLength(4);
    for (const octets of given) expect(octets).toEqual(new Uint8Array(48));
    for (const session of sessions) expect(() => session.sessionKey.reveal()).toThrow('wiped');
  });

  it('wipes secret, key and initial vector of a direction when the next are derived, on both sides', () => {
    const { i, r, both } = pair();
    keep(both.initiator, both.initiator.channel.send(text('x')));
    settle(both);
    const before = { i: [...i.derived()], r: [...r.derived()] };
    keep(both.initiator, both.initiator.channel.ratchet());
    settle(both);
    for (const side of [i, r]) {
      const now = alive(side.derived());
      expect(now['secret']).toBe(4);
      expect(now['iv']).toBe(2);
    }
    const direction = handOf(rootKey(), 'initiator').secret;
    for (const { copy, octets } of [...before.i, ...before.r])
      if (Buffer.from(copy).equals(direction)) expect(octets.every((octet) => octet === 0)).toBe(true);
  });

  it('wipes everything of a root, and the root, when both directions have switched', () => {
    const { i, r, both } = pair();
    keep(both.initiator, both.initiator.channel.send(text('x')));
    settle(both);
    const before = [...i.derived(), ...r.derived()];
    keep(both.initiator, both.initiator.channel.startHandshake());
    settle(both);
    expect(both.initiator.channel.standing().epoch).toBe(1);
    expect(unwiped(before)).toEqual([]);
    for (const side of [i, r]) {
      expect(alive(side.derived())).toMatchObject({ secret: 4, iv: 2 });
      expect(unwiped(side.derived().filter(({ what }) => what === 'extracted key'))).toEqual([]);
    }
  });

  it.each<[string, (pair: Pair) => void]>([
    [
      'fails',
      ({ initiator, responder }) => [initiator, responder].map(({ channel }) => channel.receive(new Uint8Array(32))),
    ],
    [
      'fails during an inner handshake',
      (both) => {
        keep(both.initiator, both.initiator.channel.startHandshake());
        for (const { channel } of [both.initiator, both.responder]) channel.fail('rehandshake-timeout');
      },
    ],
    ['is given up', (both) => [both.initiator, both.responder].map(({ channel }) => channel.wipe())],
  ])('that %s holds nothing', (_what, act) => {
    const { i, r, both } = pair();
    act(both);
    for (const side of [i, r]) {
      expect(unwiped(side.derived())).toEqual([]);
      expect(() => side.side.channel.export('x', text(''), 32)).toThrow('wiped');
    }
  });

  it('that ended holds what it exports from, until it is wiped', () => {
    const { i, both } = pair();
    for (const side of [both.initiator, both.responder]) keep(side, side.channel.close());
    settle(both);
    const held = [...i.derived()];
    expect(alive(held)).toEqual({ secret: 2 });
    expect(both.initiator.channel.export('x', text(''), 32)).toHaveLength(32);
    both.initiator.channel.wipe();
    expect(unwiped(held)).toEqual([]);
    expect(both.initiator.channel.standing().failure).toBeUndefined();
  });

  it('shows no secret when it is printed, nor in a failure', () => {
    const { i, both } = pair();
    const { channel } = both.initiator;
    channel.receive(new Uint8Array(32));
    const shown = `${JSON.stringify(channel)} ${JSON.stringify(channel.standing())} ${String(channel)}`;
    expect(shownIn(shown, i.derived())).toEqual([]);
  });
});
