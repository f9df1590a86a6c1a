// No key becomes zeros behind one's back: secrets are copied in and out, what was wiped answers no more, and zeros are refused.

import { afterEach, describe, expect, it } from 'vitest';
import { ConfigurationError } from '../../src/configuration.ts';
import { noble } from '../../src/crypto/noble.ts';
import type { Suite } from '../../src/crypto/suite.ts';
import { initiator, type Outcome, responder } from '../../src/handshake/handshake.ts';
import type { Session } from '../../src/handshake/session.ts';
import { decodePreSharedSecret } from '../../src/node/files/preSharedSecret.ts';
import { chooseSuite } from '../../src/node/suite.ts';
import { connect, type Listener, listen } from '../../src/node/transport/tcp.ts';
import { anchorFor, converse, credentialsFor, time } from '../handshake/peers.ts';

const suites = [...new Set([noble, chooseSuite()])].map((suite) => [suite.name, suite] as const);
const secret = (): Uint8Array => Uint8Array.from({ length: 40 }, (_, at) => 3 * at + 1);
const zeros = new Uint8Array(40);
const who = (suite: Suite, name: string) => ({
  ...{
    suite,
    time,
    credentials: credentialsFor(suite, name),
    trustAnchors: [anchorFor(suite)],
    expectedPeer: 'anyone' as const,
  },
});
const codeOf = (outcome: Outcome): string => (outcome.status === 'failed' ? outcome.failure.code : outcome.status);

function completed(outcome: Outcome): Session {
  if (outcome.status !== 'completed') throw new Error(codeOf(outcome));
  return outcome.session;
}
const isZero = (octets: Uint8Array): boolean => octets.every((octet) => octet === 0);

describe.each(suites)('on %s', (_, suite) => {
  const sessions = (): Session[] => {
    const { initiator: mine, responder: theirs } = converse(
      initiator(who(suite, 'alice')),
      responder(who(suite, 'bob')),
    );
    return [mine, theirs].map(completed);
  };

  /** A peer that takes zeros for the pre-shared secret. */
  const mallory = (): Suite => ({
    ...suite,
    extract: (salt, ikm) => suite.extract(salt.length === 40 ? zeros : salt, ikm),
  });

  it('what a session reveals is a copy, and a wiped session neither reveals nor exports', () => {
    for (const session of sessions()) {
      const [first, second] = [session.sessionKey.reveal(), session.sessionKey.reveal()];
      const before = session.export('app', zeros, 32);
      first.fill(0);
      expect(session.sessionKey.reveal()).toEqual(second);
      expect(session.export('app', zeros, 32)).toEqual(before);
      session.wipe();
      expect(isZero(second)).toBe(false);
      expect(() => session.sessionKey.reveal()).toThrow(TypeError);
      expect(() => session.export('app', zeros, 32)).toThrow(/wiped/);
      expect(() => session.exportPair('app', zeros, 32)).toThrow(/wiped/);
      session.wipe();
    }
  });

  it('concealed keys that are wiped by themselves end the exports too', () => {
    const [session] = sessions();
    session?.sessionKey.wipe();
    expect(() => session?.export('app', zeros, 32)).toThrow(/wiped/);
  });

  it('a pre-shared secret that its owner wipes is still that of the handshake', () => {
    const pair = (other: Suite): string[] => {
      const [mine, theirs] = [secret(), secret()];
      const alice = initiator({ ...who(suite, 'alice'), preSharedSecret: mine });
      const bob = responder({ ...who(other, 'bob'), preSharedSecret: theirs });
      mine.fill(0);
      theirs.fill(0);
      const done = converse(alice, bob);
      return [codeOf(done.initiator), codeOf(done.responder)];
    };
    expect(pair(suite)).toEqual(['completed', 'completed']);
    expect(pair(mallory())).toContain('decryption-failed');
  });

  it.each([
    ['zeros', 0],
    ['one octet', 0xaa],
  ])('a secret that is %s over and over is refused, by both roles', (__, octet) => {
    const preSharedSecret = new Uint8Array(64).fill(octet);
    for (const role of [initiator, responder]) {
      const make = () => role({ ...who(suite, 'alice'), preSharedSecret });
      expect(make).toThrow(ConfigurationError);
      expect(make).toThrow(/one octet over and over/);
    }
  });

  it('the copy of a pre-shared secret is wiped at the end, however it comes', () => {
    for (const flights of [2, 5]) {
      const salts: Uint8Array[] = [];
      const watched: Suite = {
        ...suite,
        extract: (salt, ikm) => {
          if (salt.length === 40) salts.push(salt);
          return suite.extract(salt, ikm);
        },
      };
      const mine = secret();
      const alice = initiator({ ...who(watched, 'alice'), preSharedSecret: mine });
      const bob = responder({ ...who(watched, 'bob'), preSharedSecret: mine });
      let left = flights;
      converse(alice, bob, ({ octets }) => {
        left -= 1;
        return left >= 0 ? [octets] : [];
      });
      if (flights < 5) expect(salts.some(isZero)).toBe(false);
      for (const one of [alice, bob]) one.fail('connection-closed');
      expect(salts.map(isZero)).toEqual([true, true]);
      expect(mine).toEqual(secret());
    }
  });

  it('a handshake that never starts can be failed, and cannot start then', () => {
    const one = initiator({ ...who(suite, 'alice'), preSharedSecret: secret() });
    expect(codeOf(one.fail('connection-closed').outcome)).toBe('connection-closed');
    expect(() => one.start()).toThrow(/once/);
    expect(one.receive(zeros)).toMatchObject({ send: [], outcome: { status: 'failed' } });
  });

  it('a wiped decapsulation key decapsulates nothing', () => {
    const { decapsulationKey } = credentialsFor(suite, 'alice');
    const ciphertext = suite.encapsulate(decapsulationKey.encapsulationKey)?.ciphertext ?? zeros;
    decapsulationKey.wipe();
    expect(() => decapsulationKey.decapsulate(ciphertext)).toThrow(/the decapsulation key was wiped/);
  });

  it('coins that are zeros are refused', () => {
    for (const coins of [
      { ephemeralKey: new Uint8Array(64) },
      { initialVector: new Uint8Array(12) },
      { encapsulation: new Uint8Array(32) },
    ])
      expect(() => initiator({ ...who(suite, 'alice'), coins })).toThrow(/coins \w+: all octets are zero/);
    for (const coins of [{ ephemeralEncapsulation: new Uint8Array(32) }, { encapsulation: new Uint8Array(32) }])
      expect(() => responder({ ...who(suite, 'bob'), coins })).toThrow(ConfigurationError);
  });

  it('coins that their owner wipes are still those of the handshake', () => {
    const run = (wiped: boolean): string => {
      const encapsulation = secret().slice(0, 32);
      const ephemeralEncapsulation = secret().slice(8);
      const said: string[] = [];
      const bob = responder({ ...who(suite, 'bob'), coins: { encapsulation, ephemeralEncapsulation } });
      const ephemeralKey = Uint8Array.from([...secret(), ...secret().slice(16)]);
      const alice = initiator({ ...who(suite, 'alice'), coins: { ephemeralKey } });
      if (wiped) for (const coins of [encapsulation, ephemeralEncapsulation, ephemeralKey]) coins.fill(0);
      converse(alice, bob, ({ message, octets }) => {
        if (/initiatorHello|responderHello|responderEnc/.test(message)) said.push(Buffer.from(octets).toString('hex'));
        return [octets];
      });
      expect(said).toHaveLength(3);
      return said.join();
    };
    expect(run(true)).toBe(run(false));
  });
});

describe('keys for two directions', () => {
  const { initiator: outcome, responder: other } = converse(
    initiator(who(chooseSuite(), 'alice')),
    responder(who(chooseSuite(), 'bob')),
  );
  const [mine, theirs] = [completed(outcome), completed(other)];
  const context = Uint8Array.of(9, 9);

  it('what one side sends under the other receives under, and no two keys have anything in common', () => {
    const [left, right] = [mine.exportPair('app', context, 32), theirs.exportPair('app', context, 32)];
    expect([left.send, left.receive]).toEqual([right.receive, right.send]);
    const longer = mine.exportPair('app', context, 64);
    const all = [
      ...[left.send, left.receive, longer.send, longer.receive, mine.export('app', context, 32)],
      ...[mine.exportPair('app', zeros, 32).send, mine.exportPair('apq', context, 32).send],
    ].map((octets) => Buffer.from(octets.subarray(0, 16)).toString('hex'));
    expect(new Set(all).size).toBe(all.length);
  });

  it('are Expand(k_session, label || 0 || SHA-384(context) || sender || length)', () => {
    const text = (ascii: string): Uint8Array => new TextEncoder().encode(ascii);
    for (const [sender, key] of [
      ['initiator', mine.exportPair('app', context, 300).send],
      ['responder', mine.exportPair('app', context, 300).receive],
    ] as const) {
      const info = [...text('app'), 0, ...noble.hash(context), ...text(sender), 1, 44];
      expect(key).toEqual(noble.expand(mine.sessionKey.reveal(), Uint8Array.from(info), 300));
    }
  });

  it('refuse labels and lengths that the exporter has not', () => {
    for (const [label, length] of [
      ['', 32],
      ['a\0b', 32],
      ['a', 0],
      ['a', 12_241],
    ] as const)
      expect(() => mine.exportPair(label, context, length)).toThrow(RangeError);
  });

  it('a shorter export is the beginning of a longer one, as its description says', () => {
    expect(mine.export('app', context, 64).subarray(0, 32)).toEqual(mine.export('app', context, 32));
  });
});

describe('the file of a pre-shared secret', () => {
  it.each(['00', 'aa', 'Ff'])('is refused when it is %s over and over', (pair) => {
    const octets = decodePreSharedSecret(Buffer.from(pair.repeat(40)));
    expect(octets).toMatchObject({ ok: false, detail: expect.stringMatching(/one octet over and over/) });
  });
});

describe('a listener', () => {
  const listeners: Listener[] = [];
  afterEach(() => {
    for (const listener of listeners.splice(0)) listener.close();
  });
  const { time: _, ...alice } = who(chooseSuite(), 'alice');
  const { time: __, ...bob } = who(chooseSuite(), 'bob');

  it('copies its secret for each handshake; once its owner wiped it, none is made, and that is told', async () => {
    const preSharedSecret = secret();
    const errors: unknown[] = [];
    const listener = await listen({
      ...{ ...bob, host: '127.0.0.1', port: 0, preSharedSecret, time: () => time },
      onHandshake: (result) => result.ok && result.stream.destroy(),
      onError: (error) => errors.push(error),
    });
    listeners.push(listener);
    const dial = async (): Promise<boolean> => {
      const result = await connect({
        ...{ ...alice, ...listener.address, preSharedSecret: secret(), time: () => time },
      });
      if (result.ok) result.stream.destroy();
      return result.ok;
    };
    expect([await dial(), await dial()]).toEqual([true, true]);
    preSharedSecret.fill(0);
    expect(await dial()).toBe(false);
    expect(errors).toEqual([expect.any(ConfigurationError)]);
    expect(() => listener.update({ preSharedSecret })).toThrow(/one octet over and over/);
  });
});
