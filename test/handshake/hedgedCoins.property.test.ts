// Hedged handshakes complete, whoever hedges; and coins that are given stay the coins that are used (PQ-P-61).
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { noble } from '../../src/crypto/noble.ts';
import { sizes } from '../../src/generated/constants.ts';
import type { MessageName } from '../../src/generated/messages.ts';
import { initiator, responder } from '../../src/handshake/handshake.ts';
import { hedgedCoins } from '../../src/handshake/hedging.ts';
import { toHex } from '../../src/octets.ts';
import { anchorFor, converse, credentialsFor, time } from './peers.ts';

const octets = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
const encapsulation = octets(sizes.encapsulationCoins);
const vector = octets(sizes.initialVector);
const way = fc.constantFrom(...hedgedCoins);
const free = { requiredKeys: [] };

const cases = fc.record({
  mine: fc.record({ ephemeralKey: octets(sizes.keySeed), initialVector: vector }, free),
  theirs: fc.record({ initialVector: vector, encapsulation }, free),
  ways: fc.tuple(way, way),
});

const common = { suite: noble, trustAnchors: [anchorFor(noble)], time, expectedPeer: 'anyone' } as const;
const [alice, bob] = [credentialsFor(noble, 'alice'), credentialsFor(noble, 'bob')];

it('both roles, hedged or not, any coin given or not', () => {
  fc.assert(
    fc.property(cases, ({ mine, theirs, ways: [ofInitiator, ofResponder] }) => {
      const messages = new Map<MessageName, string>();
      const ended = converse(
        initiator({ ...common, credentials: alice, hedgedCoins: ofInitiator, coins: mine }),
        responder({ ...common, credentials: bob, hedgedCoins: ofResponder, coins: theirs }),
        ({ message, octets: sent }) => {
          messages.set(message, toHex(sent).slice(8));
          return [sent];
        },
      );
      expect([ended.initiator.status, ended.responder.status]).toEqual(['completed', 'completed']);
      if (mine.ephemeralKey !== undefined) {
        const { encapsulationKey } = noble.generateKemKey(mine.ephemeralKey);
        expect(messages.get('initiatorHello')).toBe(toHex(encapsulationKey));
      }
      for (const [name, iv] of [
        ['initiatorCertificate', mine.initialVector],
        ['responderCertificate', theirs.initialVector],
      ] as const)
        if (iv !== undefined) expect(messages.get(name)?.startsWith(toHex(iv))).toBe(true);
      if (theirs.encapsulation !== undefined) {
        const made = noble.encapsulate(alice.certificate.encapsulationKey, theirs.encapsulation);
        expect(messages.get('responderEncapsulation')).toBe(toHex(made?.ciphertext ?? new Uint8Array()));
      }
    }),
    { numRuns: 12 },
  );
});
