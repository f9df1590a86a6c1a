// PQ-P-21, PQ-P-23: a pre-shared secret is the key of an HMAC, and peers agree on it as that.
import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { bytesDerivation } from '../../src/algebra/bytesDerivation.ts';
import { ConfigurationError } from '../../src/configuration.ts';
import { defaultChoice, readingOf } from '../../src/generated/keySchedule.ts';
import type { PreSharedSecret, SharedSecret } from '../../src/generated/kinds.ts';
import { initiator, type Outcome, responder } from '../../src/handshake/handshake.ts';
import type { HandshakeOptions } from '../../src/handshake/options.ts';
import { decodePreSharedSecret } from '../../src/node/files/preSharedSecret.ts';
import { chooseSuite } from '../../src/node/suite.ts';
import { type Bytes, toHex } from '../../src/octets.ts';
import { anchorFor, converse, credentialsFor, time } from './peers.ts';

const suites = [chooseSuite('noble'), chooseSuite('native')] as const;
const [, native] = suites;
const counted = (octets: number): Bytes => Uint8Array.from({ length: octets }, (_, at) => (at % 255) + 1);
const padded = (secret: Bytes, octets: number): Bytes => {
  const longer = new Uint8Array(octets);
  longer.set(secret);
  return longer;
};
const options = (name: string, preSharedSecret: Bytes): HandshakeOptions => ({
  suite: native,
  time,
  credentials: credentialsFor(native, name),
  trustAnchors: [anchorFor(native)],
  expectedPeer: 'anyone',
  preSharedSecret,
});
const sessionOf = (outcome: Outcome) => {
  if (outcome.status !== 'completed') throw new Error(JSON.stringify(outcome));
  return outcome.session;
};

describe('what peers agree on', () => {
  const p = counted(32);

  it.each([33, 48, 128])('p and p filled up with zeros to %s octets: both complete, with the same keys', (octets) => {
    for (const [mine, theirs] of [
      [p, padded(p, octets)],
      [padded(p, octets), p],
    ] as const) {
      const done = converse(initiator(options('alice', mine)), responder(options('bob', theirs)));
      const [left, right] = [sessionOf(done.initiator), sessionOf(done.responder)];
      expect(toHex(left.sessionKey.reveal())).toBe(toHex(right.sessionKey.reveal()));
      expect(left.identifier).toEqual(right.identifier);
    }
  });

  it('p and p with another octet at the end: neither completes', () => {
    const other = padded(p, 33);
    other[32] = 1;
    const done = converse(initiator(options('alice', p)), responder(options('bob', other)));
    expect([done.initiator.status, done.responder.status]).toEqual(['failed', 'failed']);
  });

  it.each(suites)('a longer secret and its SHA-384 would be one secret: $name', (suite) => {
    const long = counted(200);
    const hashed = new Uint8Array(createHash('sha384').update(long).digest());
    const derive = (secret: Bytes): string => {
      const hello = { type: 'initiatorHello', ephemeralKey: new Uint8Array(1568) } as never;
      const { derivation } = bytesDerivation(suite);
      const ephemeralSecret = counted(32) as SharedSecret<Bytes>;
      const preSharedSecret = secret as PreSharedSecret<Bytes>;
      const input = { preSharedSecret, ephemeralSecret, initiatorHello: hello, responderHello: hello };
      return toHex(readingOf(defaultChoice).hidingKey(derivation, input));
    };
    expect(derive(long)).toBe(derive(hashed));
    expect(derive(counted(128))).not.toBe(derive(new Uint8Array(createHash('sha384').update(counted(128)).digest())));
  });
});

describe('how long it is', () => {
  it.each([0, 1, 31, 129, 200, 4096])(
    '%s octets are refused by both roles, saying what was found and expected',
    (octets) => {
      const reason = `expected 32 to 128 octets (64 to 256 hexadecimal digits), found ${octets} octets`;
      for (const role of [initiator, responder]) {
        const make = () => role(options('alice', counted(octets)));
        expect(make).toThrow(ConfigurationError);
        expect(make).toThrow(reason);
      }
    },
  );

  it.each([32, 128])('%s octets are taken, and peers with them complete', (octets) => {
    const secret = counted(octets);
    const done = converse(initiator(options('alice', secret)), responder(options('bob', secret)));
    expect(sessionOf(done.initiator).identifier).toEqual(sessionOf(done.responder).identifier);
  });

  it.each([31, 129, 200])('a file of %s octets is refused with the same reason', (octets) => {
    const text = new TextEncoder().encode(`${toHex(counted(octets))}\n`);
    const detail = `expected 32 to 128 octets (64 to 256 hexadecimal digits), found ${octets} octets`;
    expect(decodePreSharedSecret(text)).toMatchObject({ ok: false, code: 'secret-malformed', detail });
  });

  it('a file of 128 octets is taken', () => {
    const text = new TextEncoder().encode(toHex(counted(128)));
    expect(decodePreSharedSecret(text)).toMatchObject({ ok: true, value: counted(128) });
  });
});
