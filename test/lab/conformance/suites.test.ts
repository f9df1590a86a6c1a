// The tester with a suite whose messages have other octets than those of the mandatory one.
import crypto from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { native } from '../../../src/crypto/native.ts';
import { dataBounds, messageNames } from '../../../src/generated/codec.ts';
import { headerOctets } from '../../../src/generated/constants.ts';
import { defaultChoice, readingOf } from '../../../src/generated/keySchedule.ts';
import { suiteTable } from '../../../src/generated/suites.ts';
import { type Engine, engine } from '../../../src/lab/conformance/engine.ts';
import { policyFor } from '../../../src/lab/conformance/material.ts';
import type { Role } from '../../../src/protocol/parameters.ts';
import { conformance, material, ownPeer } from './peers.ts';

const suite = native(crypto, suiteTable['mlkem768-mldsa65']);
const from = material(suite);

describe('a suite with ML-KEM-768', () => {
  it('two engines complete, and their messages have the octets of its KEM', () => {
    const side = (role: Role): Engine => {
      const [own, other] = role === 'initiator' ? [from.tester, from.peer] : [from.peer, from.tester];
      return engine({
        suite,
        role,
        reading: readingOf(defaultChoice),
        certificate: own.certificate,
        decapsulationKey: own.key,
        policy: policyFor(from, other.certificate),
      });
    };
    const [alice, bob] = [side('initiator'), side('responder')];
    bob.start();
    let said = alice.start();
    let to = bob;
    const lengths = new Map<number, number>();
    while (said.send.length > 0) {
      for (const octets of said.send) lengths.set(octets[1] ?? 0, octets.length);
      said = to.receive(new Uint8Array(Buffer.concat(said.send)));
      to = to === bob ? alice : bob;
    }
    expect(said.standing).toEqual({ status: 'completed' });
    expect(to.receive(new Uint8Array()).standing).toEqual({ status: 'completed' });
    for (const [index, name] of messageNames.entries()) {
      const { minimum, maximum } = dataBounds(name, suite.algorithms.kem);
      if (minimum === maximum) expect(lengths.get(index + 1)).toBe(headerOctets + minimum);
    }
    expect(lengths.get(1)).toBe(headerOctets + 1184);
  });

  it.each(['responder', 'initiator'] as const)('our own %s passes cases of every kind', async (role) => {
    const only = ['psk', 'fresh', 'late', 'reading', 'certificate-f'];
    const results = await conformance(role, from, ownPeer(from), only);
    expect(results.length).toBeGreaterThan(10);
    expect(
      results.filter(({ verdict }) => verdict !== 'passed').map(({ test, detail }) => `${test.id}: ${detail}`),
    ).toEqual([]);
  });
});
