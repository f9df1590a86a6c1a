import { describe, expect, it } from 'vitest';
import { ConfigurationError } from '../../src/configuration.ts';
import { defaultChoice, type ReadingChoice, readingAxes } from '../../src/generated/keySchedule.ts';
import { initiator, type Outcome, responder } from '../../src/handshake/handshake.ts';
import type { HandshakeOptions } from '../../src/handshake/options.ts';
import { chooseSuite } from '../../src/node/suite.ts';
import { toHex } from '../../src/octets.ts';
import { anchorFor, converse, credentialsFor, time } from './peers.ts';

const suites = [chooseSuite('noble'), chooseSuite('native')] as const;
const pairs = suites.flatMap((left) => suites.map((right) => [left, right] as const));
const [, native] = suites;
const psk = Uint8Array.from({ length: 32 }, (_, at) => at + 11);

const options = (name: string, suite = native, more: Partial<HandshakeOptions> = {}): HandshakeOptions => ({
  ...{
    suite,
    time,
    credentials: credentialsFor(suite, name),
    trustAnchors: [anchorFor(suite)],
    expectedPeer: 'anyone',
  },
  ...more,
});
const sessionOf = (outcome: Outcome) => {
  if (outcome.status !== 'completed') throw new Error(JSON.stringify(outcome));
  return outcome.session;
};
const codeOf = (outcome: Outcome): string => (outcome.status === 'failed' ? outcome.failure.code : outcome.status);

describe.each(pairs)('a whole handshake', (left, right) => {
  it(`PQ-3.6-01: ${left.name} initiator, ${right.name} responder: the same session, with and without a secret`, () => {
    for (const preSharedSecret of [undefined, psk]) {
      const done = converse(
        initiator(options('alice', left, { preSharedSecret, expectedPeer: 'bob' })),
        responder(options('bob', right, { preSharedSecret, expectedPeer: 'CN=alice' })),
      );
      const [mine, theirs] = [sessionOf(done.initiator), sessionOf(done.responder)];
      expect(toHex(mine.identifier)).toBe(toHex(theirs.identifier));
      expect(toHex(mine.sessionKey.reveal())).toBe(toHex(theirs.sessionKey.reveal()));
      expect([mine.peer.subject, theirs.peer.subject]).toEqual(['CN=bob', 'CN=alice']);
      expect(done.flights).toBe(5);
      const octets = done.initiatorOctets + done.responderOctets;
      expect(octets).toBeGreaterThanOrEqual(19_300);
      expect(octets).toBeLessThanOrEqual(19_600);
    }
  });
});

describe('readings on the wire (PQ-P-14)', () => {
  const mixed = (Object.entries(readingAxes) as [keyof ReadingChoice, { alternatives: readonly string[] }][]).flatMap(
    ([axis, { alternatives }]) => alternatives.slice(1).map((one) => [axis, one] as const),
  );

  it.each(mixed)('%s=%s: the same on both sides completes, mixed fails without a word', (axis, alternative) => {
    const reading = { ...defaultChoice, [axis]: alternative } as ReadingChoice;
    const both = converse(
      initiator(options('alice', native, { reading })),
      responder(options('bob', native, { reading })),
    );
    expect(toHex(sessionOf(both.initiator).identifier)).toBe(toHex(sessionOf(both.responder).identifier));
    const one = converse(initiator(options('alice', native, { reading })), responder(options('bob')));
    for (const outcome of [one.initiator, one.responder]) {
      expect(['decryption-failed', 'wrong-confirmation']).toContain(codeOf(outcome));
    }
  });
});

describe('the same inputs give the same octets', () => {
  it('coins and clock given, both back ends send the same messages and derive the same session', () => {
    const coin = (value: number, octets: number) => new Uint8Array(octets).fill(value);
    const runs = suites.map((suite) => {
      const sent: string[] = [];
      const i = { ephemeralKey: coin(1, 64), initialVector: coin(2, 12), encapsulation: coin(3, 32) };
      const r = { ephemeralEncapsulation: coin(4, 32), initialVector: coin(5, 12), encapsulation: coin(6, 32) };
      const done = converse(
        initiator({ ...options('alice', suite), coins: i }),
        responder({ ...options('bob', suite), coins: r }),
        ({ octets }) => {
          sent.push(toHex(octets));
          return [octets];
        },
      );
      return [sent, toHex(sessionOf(done.initiator).identifier)];
    });
    expect(runs[0]).toEqual(runs[1]);
  });

  it('no two handshakes have the same session when the coins are the suite’s own (PQ-4.2.1-04, PQ-P-28)', () => {
    const one = () => converse(initiator(options('alice')), responder(options('bob')));
    expect(toHex(sessionOf(one().initiator).identifier)).not.toBe(toHex(sessionOf(one().initiator).identifier));
  });
});

describe('identity (PQ-P-05 to PQ-P-09)', () => {
  it.each(['bob', 'CN=bob', 'URI:https://bob.example/agent'])('%s names the peer', (expectedPeer) => {
    const done = converse(initiator(options('alice', native, { expectedPeer })), responder(options('bob')));
    expect(codeOf(done.initiator)).toBe('completed');
  });

  it.each(['carol', 'CN=carol', 'https://bob.example/agent', 'BOB'])(
    '%s does not; the peer notices nothing',
    (expectedPeer) => {
      const done = converse(initiator(options('alice', native, { expectedPeer })), responder(options('bob')));
      expect(codeOf(done.initiator)).toBe('unexpected-peer');
      expect(codeOf(done.responder)).toBe('completed');
      expect(done.flights).toBe(5);
    },
  );

  it('one’s own certificate is refused after both confirmations', () => {
    const done = converse(initiator(options('alice')), responder(options('alice')));
    expect([codeOf(done.initiator), codeOf(done.responder), done.flights]).toEqual([
      'own-certificate',
      'own-certificate',
      5,
    ]);
  });
});

describe('a session', () => {
  const session = () => sessionOf(converse(initiator(options('alice')), responder(options('bob'))).initiator);

  it('PQ-P-35: exports by label, context and length, as Expand(k_session, label || 0 || SHA-384(context), L)', () => {
    const one = session();
    const context = Uint8Array.of(1, 2);
    const info = Uint8Array.from([...new TextEncoder().encode('app'), 0, ...native.hash(context)]);
    expect(one.export('app', context, 42)).toEqual(native.expand(one.sessionKey.reveal(), info, 42));
    expect(toHex(one.export('app', context, 32))).not.toBe(toHex(one.export('apq', context, 32)));
    expect(one.export('app', context, 32)).toEqual(one.export('app', context, 32));
  });

  it('refuses labels and lengths that the exporter has not', () => {
    for (const [label, length] of [
      ['', 32],
      ['a\0b', 32],
      ['é', 32],
      ['a', 0],
      ['a', 12_241],
      ['a', 1.5],
    ] as const) {
      expect(() => session().export(label, new Uint8Array(), length)).toThrow(RangeError);
    }
    for (const length of [12_241, 0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY]) {
      const message = `export: expected a whole number of octets from 1 to 12240, got ${length}`;
      expect(() => session().export('a', new Uint8Array(), length)).toThrow(new RangeError(message));
      expect(() => session().exportPair('a', new Uint8Array(), length)).toThrow(new RangeError(message));
    }
  });

  it('PQ-P-11: shows no secret when it is printed, and none after it was wiped', () => {
    const one = session();
    const key = toHex(one.sessionKey.reveal());
    const shown = `${JSON.stringify(one)} ${one.sessionKey} ${String(one.sessionKey)}`;
    expect(shown).not.toContain(key);
    expect(shown).toContain('[secret, 48 octets]');
    one.wipe();
    expect(() => one.sessionKey.reveal()).toThrow(/wiped/);
    expect(() => one.export('app', new Uint8Array(), 32)).toThrow(/wiped/);
  });
});

describe('misuse', () => {
  it.each<[string, Partial<HandshakeOptions>, RegExp]>([
    ['a short pre-shared secret (PQ-P-21)', { preSharedSecret: new Uint8Array(31) }, /31 octets/],
    ['no trust anchor (PQ-P-19)', { trustAnchors: [] }, /trust anchor/],
    [
      'another’s key (PQ-P-60)',
      { credentials: { ...credentialsFor(native, 'bob'), certificate: credentialsFor(native, 'alice').certificate } },
      /not the one of the certificate/,
    ],
    ['an unknown reading', { reading: { transcript: 'none' as never } }, /no reading transcript=none/],
    ['no date', { time: new Date(Number.NaN) }, /date/],
  ])('%s is a ConfigurationError', (_, more, reason) => {
    expect(() => initiator(options('alice', native, more))).toThrow(ConfigurationError);
    expect(() => responder(options('alice', native, more))).toThrow(reason);
  });

  it('coins of a wrong length are a ConfigurationError', () => {
    expect(() => initiator({ ...options('alice'), coins: { initialVector: new Uint8Array(11) } })).toThrow(
      /12 octets, got 11/,
    );
  });

  it('a handshake is started once, before anything else', () => {
    const one = initiator(options('alice'));
    expect(() => one.receive(new Uint8Array(1))).toThrow(/not started/);
    one.start();
    expect(() => one.start()).toThrow(/once/);
  });

  it('octets behind the last message are the application’s, or a failure, as asked (PQ-P-50)', () => {
    const behind = (afterwards: 'keep' | 'refuse') =>
      converse(initiator(options('alice')), responder(options('bob', native, { afterwards })), ({ message, octets }) =>
        message === 'initiatorConfirmation' ? [Uint8Array.from([...octets, 7, 7])] : [octets],
      ).responder;
    const kept = behind('keep');
    expect(kept.status === 'completed' && [...kept.rest]).toEqual([7, 7]);
    expect(codeOf(behind('refuse'))).toBe('trailing-octets');
  });

  it('nothing changes once a handshake failed or completed', () => {
    const one = responder(options('bob'));
    one.start();
    const failed = one.receive(Uint8Array.of(2, 1, 6, 32));
    expect(codeOf(failed.outcome)).toBe('wrong-version');
    expect(one.receive(new Uint8Array(100))).toEqual({ received: [], send: [], outcome: failed.outcome });
    expect(one.fail('message-timeout')).toEqual({ received: [], send: [], outcome: failed.outcome });
  });
});
