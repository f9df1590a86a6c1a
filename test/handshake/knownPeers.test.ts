// A certificate is remembered when its sender has confirmed with its key, and not when somebody shows a copy of it.
import { expect, it } from 'vitest';
import type { TrustAnchor } from '../../src/certificate/trustAnchor.ts';
import { noble } from '../../src/crypto/noble.ts';
import { initiator, responder } from '../../src/handshake/handshake.ts';
import type { Credentials } from '../../src/handshake/options.ts';
import { anchorFor, converse, credentialsFor, time } from './peers.ts';

const [alice, bob, mallory] = ['alice', 'bob', 'mallory'].map((name) => credentialsFor(noble, name)) as [
  Credentials,
  Credentials,
  Credentials,
];

/** Handshakes with one responder, and how many signatures it verifies in each. */
function meetings() {
  const anchor = anchorFor(noble);
  let verified = 0;
  const verify: TrustAnchor['verificationKey']['verify'] = (...of) => {
    verified += 1;
    return anchor.verificationKey.verify(...of);
  };
  const trustAnchors = [{ ...anchor, verificationKey: { ...anchor.verificationKey, verify } }];
  const common = { suite: noble, time, expectedPeer: 'anyone' } as const;
  return (credentials: Credentials): readonly [status: string, verified: number] => {
    verified = 0;
    const one = initiator({ ...common, trustAnchors: [anchor], credentials });
    const other = responder({ ...common, trustAnchors, credentials: bob });
    return [converse(one, other).responder.status, verified];
  };
}

it('PQ-P-17: a peer that completed is known in the next handshake', () => {
  const meet = meetings();
  expect([meet(alice), meet(alice)]).toEqual([
    ['completed', 1],
    ['completed', 0],
  ]);
});

it('PQ-P-17: a copy of a certificate without its key makes nobody known', () => {
  const meet = meetings();
  const { encapsulationKey } = alice.decapsulationKey;
  const copy = { ...alice, decapsulationKey: { ...mallory.decapsulationKey, encapsulationKey } };
  const [first, second, third] = [meet(copy), meet(copy), meet(alice)];
  expect([first[1], second[1], third[1]]).toEqual([1, 1, 1]);
  expect([first[0] === 'completed', second[0] === 'completed', third[0]]).toEqual([false, false, 'completed']);
});
