// Mutated transcripts through both roles: every one ends in a typed failure or in waiting, and nothing is sent after it.

import { describe, expect, it } from 'vitest';
import { messageNames, messageTable } from '../../src/generated/codec.ts';
import { failureTable } from '../../src/generated/failures.ts';
import type { MessageName } from '../../src/generated/messages.ts';
import { initiator, type Outgoing, responder } from '../../src/handshake/handshake.ts';
import { chooseSuite } from '../../src/node/suite.ts';
import type { Schedule } from '../../src/protocol/parameters.ts';
import { otherRole } from '../../src/role.ts';
import fc from '../property.ts';
import { anchorFor, converse, credentialsFor, time } from './peers.ts';

const suite = chooseSuite('native');
const trustAnchors = [anchorFor(suite)];
const expectedPeer = 'anyone';
const [alice, bob] = [credentialsFor(suite, 'alice'), credentialsFor(suite, 'bob')];
const schedules: readonly Schedule[] = ['eager', { first: 'initiator' }, { first: 'responder' }];

/** How the octets of one message are changed; positions are fractions, as the lengths differ. */
type Mutation =
  | { readonly kind: 'flip'; readonly at: number; readonly mask: number }
  | { readonly kind: 'header'; readonly at: number; readonly value: number }
  | { readonly kind: 'truncate' | 'drop' | 'insert'; readonly at: number }
  | { readonly kind: 'extend'; readonly octets: readonly number[] }
  | { readonly kind: 'random'; readonly octets: readonly number[] }
  | { readonly kind: 'repeat' | 'omit' | 'reflect' | 'swap' | 'oversize' | 'saturate' }
  | { readonly kind: 'splice'; readonly at: number };

const at = fc.double({ min: 0, max: 0.999999, noNaN: true });
const octet = fc.integer({ min: 0, max: 255 });
const mutation: fc.Arbitrary<Mutation> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ kind: fc.constant('flip' as const), at, mask: fc.integer({ min: 1, max: 255 }) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('header' as const), at: fc.integer({ min: 0, max: 3 }), value: octet }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constantFrom('truncate' as const, 'drop' as const, 'insert' as const), at }),
  },
  fc.record({ kind: fc.constant('extend' as const), octets: fc.array(octet, { minLength: 1, maxLength: 40 }) }),
  fc.record({ kind: fc.constant('random' as const), octets: fc.array(octet, { minLength: 1, maxLength: 2000 }) }),
  fc.record({
    kind: fc.constantFrom('repeat', 'omit', 'reflect', 'swap', 'oversize', 'saturate') as fc.Arbitrary<'repeat'>,
  }),
  fc.record({ kind: fc.constant('splice' as const), at }),
);

/** Octets of an unrelated honest handshake, by message: what an attacker has recorded. */
const recorded = new Map<MessageName, Uint8Array>();
converse(
  initiator({ suite, time, trustAnchors, expectedPeer, credentials: alice }),
  responder({ suite, time, trustAnchors, expectedPeer, credentials: bob }),
  ({ message, octets }) => {
    recorded.set(message, octets);
    return [octets];
  },
);
const recordedOf = (name: MessageName): Uint8Array => recorded.get(name) ?? new Uint8Array();

function mutate(message: MessageName, octets: Uint8Array, how: Mutation): Uint8Array {
  const changed = Uint8Array.from(octets);
  const index = 'at' in how ? Math.floor(how.at * octets.length) : 0;
  const type = messageTable[message].type;
  switch (how.kind) {
    case 'flip':
      changed[index] = (changed[index] ?? 0) ^ how.mask;
      return changed;
    case 'header':
      changed[how.at] = how.value;
      return changed;
    case 'truncate':
      return changed.slice(0, index);
    case 'drop':
      return Uint8Array.from([...changed.slice(0, index), ...changed.slice(index + 1)]);
    case 'insert':
      return Uint8Array.from([...changed.slice(0, index), 0, ...changed.slice(index)]);
    case 'extend':
      return Uint8Array.from([...changed, ...how.octets]);
    case 'random':
      return Uint8Array.from(how.octets);
    case 'repeat':
      return Uint8Array.from([...changed, ...changed]);
    case 'omit':
      return new Uint8Array();
    case 'reflect': // the receiver's own message of the same step, from an earlier handshake
      return recordedOf(messageNames[(type - 1) ^ 1] ?? message);
    case 'swap': // the next message of the same sender first
      return recordedOf(messageNames[(type + 1) % 8] ?? message);
    case 'oversize':
      changed.set([255, 255], 2);
      return changed;
    case 'saturate':
      return changed.fill(0xff, 4);
    case 'splice': {
      const other = recordedOf(message);
      return Uint8Array.from([...changed.slice(0, index), ...other.slice(index)]);
    }
  }
}

const cases = 10_000;
describe('mutated transcripts (sections 3, 3.6)', () => {
  it(`${cases} mutations through both roles: a typed failure or waiting, never completion, silence afterwards`, () => {
    const seen = new Set<string>();
    const property = fc.property(
      fc.constantFrom(...messageNames),
      mutation,
      fc.constantFrom(...schedules),
      (target, how, schedule) => {
        const common = { suite, time, trustAnchors, expectedPeer, schedule, afterwards: 'refuse' } as const;
        const peers = {
          initiator: initiator({ ...common, credentials: alice }),
          responder: responder({ ...common, credentials: bob }),
        };
        let changed = false;
        const change = ({ message, octets }: Outgoing): readonly Uint8Array[] => {
          if (message !== target) return [octets];
          const mutated = mutate(message, octets, how);
          changed = Buffer.compare(mutated, octets) !== 0;
          return [mutated];
        };
        const done = converse(peers.initiator, peers.responder, change);
        fc.pre(changed);
        const receiver = otherRole(messageTable[target].sender);
        const outcome = done[receiver];
        expect(outcome.status).not.toBe('completed');
        if (outcome.status === 'awaiting') {
          // A message that was cut short is waited for, until the time is over.
          const late = peers[receiver].fail('message-timeout');
          expect(late).toMatchObject({ send: [], outcome: { status: 'failed', failure: { code: 'message-timeout' } } });
        }
        if (outcome.status === 'failed') {
          seen.add(outcome.failure.code);
          expect(failureTable).toHaveProperty(outcome.failure.code);
          expect(peers[receiver].receive(recordedOf(target)).send).toEqual([]);
        }
      },
    );
    fc.assert(property, { numRuns: cases });
    // The mutations reach every failure that the wire can bring about in a handshake with honest certificates.
    for (const code of [
      'wrong-version',
      'unexpected-message',
      'wrong-length',
      'trailing-octets',
      'invalid-encapsulation-key',
      'decryption-failed',
      'wrong-confirmation',
    ]) {
      expect([...seen]).toContain(code);
    }
  });
});
