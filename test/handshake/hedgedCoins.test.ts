// Coins that are hedged: a generator that is broken gives nobody the session who lacks the static key (PQ-P-61).
import { describe, expect, it } from 'vitest';
import { bytesDerivation } from '../../src/algebra/bytesDerivation.ts';
import { noble } from '../../src/crypto/noble.ts';
import type { Suite } from '../../src/crypto/suite.ts';
import { headerOctets, sizes } from '../../src/generated/constants.ts';
import { hedgingCiphertext } from '../../src/generated/keySchedule.ts';
import type { MessageName } from '../../src/generated/messages.ts';
import { initiator, responder } from '../../src/handshake/handshake.ts';
import { type HedgedCoins, staticKeyBehind } from '../../src/handshake/hedging.ts';
import { toHex } from '../../src/octets.ts';
import { anchorFor, converse, credentialsFor, time } from './peers.ts';

/** The back end with a generator that answers one octet for ever. */
const stuck: Suite = {
  ...noble,
  randomOctets: (length) => new Uint8Array(length).fill(7),
  generateKemKey: (seed) => noble.generateKemKey(seed ?? new Uint8Array(sizes.keySeed).fill(7)),
  encapsulate: (key, coins) => noble.encapsulate(key, coins ?? new Uint8Array(sizes.encapsulationCoins).fill(7)),
};

type Sides = Partial<Record<'initiator' | 'responder', Partial<Parameters<typeof initiator>[0]>>>;

/** What a handshake sent, by message, with a generator that is stuck on both sides unless said. */
function sent(sides: Sides = {}): Map<MessageName, string> {
  const common = { suite: stuck, trustAnchors: [anchorFor(noble)], time, expectedPeer: 'anyone' } as const;
  const messages = new Map<MessageName, string>();
  const ended = converse(
    initiator({ ...common, credentials: credentialsFor(noble, 'alice'), ...sides.initiator }),
    responder({ ...common, credentials: credentialsFor(noble, 'bob'), ...sides.responder }),
    ({ message, octets }) => {
      messages.set(message, toHex(octets));
      return [octets];
    },
  );
  expect([ended.initiator.status, ended.responder.status]).toEqual(['completed', 'completed']);
  return messages;
}

const carol = { credentials: credentialsFor(noble, 'carol') };
const both = (hedgedCoins: HedgedCoins): Sides => ({ initiator: { hedgedCoins }, responder: { hedgedCoins } });
const hello = (messages: Map<MessageName, string>) => messages.get('initiatorHello');

describe('with a generator that is stuck', () => {
  const byDefault = sent();

  it('is on unless it is turned off: the ephemeral key is not the one of the generator', () => {
    const known = toHex(noble.generateKemKey(new Uint8Array(sizes.keySeed).fill(7)).encapsulationKey);
    expect(hello(byDefault)?.slice(2 * headerOctets)).not.toBe(known);
    expect(hello(sent(both('none')))?.slice(2 * headerOctets)).toBe(known);
    expect(sent(both('all'))).toEqual(byDefault);
  });

  it('every coin of an initiator depends on its static key', () => {
    const other = sent({ initiator: carol });
    const own: readonly MessageName[] = ['initiatorHello', 'initiatorCertificate', 'initiatorEncapsulation'];
    for (const name of own) expect(other.get(name)).not.toBe(byDefault.get(name));
  });

  it('every coin of a responder depends on its static key', () => {
    const other = sent({ responder: carol });
    const own: readonly MessageName[] = ['responderHello', 'responderCertificate', 'responderEncapsulation'];
    expect(hello(other)).toBe(hello(byDefault));
    for (const name of own) expect(other.get(name)).not.toBe(byDefault.get(name));
  });

  it('the ciphertext that hedges is not derived in each handshake', () => {
    const lengths: number[] = [];
    const expand: Suite['expand'] = (prk, info, length) => {
      lengths.push(length);
      return noble.expand(prk, info, length);
    };
    const suite = { ...stuck, expand };
    expect(sent({ initiator: { suite }, responder: { suite } })).toEqual(byDefault);
    expect(lengths).toContain(sizes.keySeed);
    expect(lengths).not.toContain(sizes.ciphertext);
  });

  it('what is encapsulated, and the initial vector, differ in sessions with peers whose generator is not stuck', () => {
    const [one, other] = [sent({ responder: { suite: noble } }), sent({ responder: { suite: noble } })];
    expect(hello(one)).toBe(hello(other));
    const own: readonly MessageName[] = ['initiatorCertificate', 'initiatorEncapsulation'];
    for (const name of own) expect(one.get(name)).not.toBe(other.get(name));
    const vectors = [one, other].map((messages) => messages.get('initiatorCertificate')?.slice(8, 32));
    expect(vectors[0]).not.toBe(vectors[1]);
  });

  it('what is left: where the peer repeats itself too, the whole session repeats', () => {
    expect(sent()).toEqual(byDefault);
  });

  it('coins that are given stay the coins that are used', () => {
    const coins = {
      ephemeralKey: new Uint8Array(64).fill(1),
      initialVector: new Uint8Array(12).fill(2),
      encapsulation: new Uint8Array(32).fill(3),
    };
    const messages = sent({ initiator: { coins } });
    expect(hello(messages)?.slice(8)).toBe(toHex(noble.generateKemKey(coins.ephemeralKey).encapsulationKey));
    expect(messages.get('initiatorCertificate')?.slice(8, 32)).toBe(toHex(coins.initialVector));
    const made = noble.encapsulate(credentialsFor(noble, 'bob').certificate.encapsulationKey, coins.encapsulation);
    expect(messages.get('initiatorEncapsulation')?.slice(8)).toBe(toHex(made?.ciphertext ?? new Uint8Array()));
  });
});

it('a value that there is not is refused', () => {
  expect(() => sent(both('some' as HedgedCoins))).toThrow('hedged coins: expected all, where-cheap, none, got some');
});

it('a peer that sends the ciphertext of hedging gets no secret made of what coins depend on', () => {
  const { decapsulationKey } = credentialsFor(noble, 'alice');
  const own = hedgingCiphertext(bytesDerivation(noble).derivation, { length: sizes.ciphertext });
  const behind = staticKeyBehind(noble, 'all', decapsulationKey);
  expect(toHex(behind.decapsulate(own))).not.toBe(toHex(decapsulationKey.decapsulate(own)));
  const another = own.map((octet) => octet ^ 1);
  expect(toHex(behind.decapsulate(another))).toBe(toHex(decapsulationKey.decapsulate(another)));
  expect(toHex(staticKeyBehind(noble, 'none', decapsulationKey).decapsulate(own))).toBe(
    toHex(decapsulationKey.decapsulate(own)),
  );
});

it('what a key keeps for hedging is wiped with it', () => {
  const key = noble.generateKemKey(new Uint8Array(64).fill(5));
  const own = new Uint8Array(sizes.ciphertext).fill(9);
  const first = key.decapsulateKept?.(own);
  first?.fill(0);
  expect(toHex(key.decapsulateKept?.(own) ?? new Uint8Array())).toBe(toHex(key.decapsulate(own)));
  key.wipe();
  expect(() => key.decapsulateKept?.(own)).toThrow('the decapsulation key was wiped');
});
