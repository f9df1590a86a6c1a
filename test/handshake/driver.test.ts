// The driver of a machine on octets, seen through the library: values travel as values, and what was handed out is the caller's.
import { describe, expect, it } from 'vitest';
import type { Peer } from '../../src/certificate/peerNames.ts';
import { noble } from '../../src/crypto/noble.ts';
import { type Handshake, initiator, responder } from '../../src/handshake/handshake.ts';
import { anchorFor, converse, credentialsFor, time } from './peers.ts';

const common = { suite: noble, time, trustAnchors: [anchorFor(noble)], expectedPeer: 'anyone' } as const;
const bobs = (): Handshake => responder({ ...common, credentials: credentialsFor(noble, 'bob') });

describe('a driven handshake', () => {
  it('is over what was sent, whatever the caller does with the octets afterwards', () => {
    const alice = initiator({ ...common, credentials: credentialsFor(noble, 'alice') });
    const done = converse(alice, bobs(), ({ octets }) => {
      const arriving = Uint8Array.from(octets);
      octets.fill(0); // such as a transport that uses its buffers again
      return [arriving];
    });
    expect([done.initiator.status, done.responder.status]).toEqual(['completed', 'completed']);
  });

  it('is over what came, whatever the caller does with the octets afterwards', () => {
    const forgetful = (one: Handshake): Handshake => ({
      ...one,
      receive: (octets) => {
        const progress = one.receive(octets);
        octets.fill(0);
        return progress;
      },
    });
    const alice = initiator({ ...common, credentials: credentialsFor(noble, 'alice') });
    const done = converse(forgetful(alice), forgetful(bobs()), ({ octets }) => [Uint8Array.from(octets)]);
    expect([done.initiator.status, done.responder.status]).toEqual(['completed', 'completed']);
  });

  it('releases the very peer that the policy judged', () => {
    const judged: Peer[] = [];
    const expectedPeer = (peer: Peer): boolean => judged.push(peer) > 0;
    const alice = initiator({ ...common, expectedPeer, credentials: credentialsFor(noble, 'alice') });
    const { initiator: outcome } = converse(alice, bobs());
    if (outcome.status !== 'completed') throw new Error('not completed');
    expect(judged).toHaveLength(1);
    expect(outcome.session.peer).toBe(judged[0]);
    expect(outcome.session.peer.commonName).toBe('bob');
  });

  it('cannot be failed by the predicate that judges its peer: no session of a key that was wiped', () => {
    let refusal: unknown;
    const expectedPeer = (): boolean => {
      try {
        alice.fail('connection-closed');
      } catch (error) {
        refusal = error;
      }
      return true;
    };
    const alice: Handshake = initiator({ ...common, expectedPeer, credentials: credentialsFor(noble, 'alice') });
    const { initiator: outcome } = converse(alice, bobs());
    expect(refusal).toEqual(new TypeError('expectedPeer: the predicate called the handshake that asks it'));
    if (outcome.status !== 'completed') throw new Error('not completed');
    expect(outcome.session.sessionKey.reveal().some((octet) => octet !== 0)).toBe(true);
  });
});
