// The vectors of the proposals as a consumer runs them: from the file, through the public library, with either back end.
import * as crypto from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseCertificate } from '../../src/certificate/parse.ts';
import { parseTrustAnchor } from '../../src/certificate/trustAnchor.ts';
import { native } from '../../src/crypto/native.ts';
import { noble } from '../../src/crypto/noble.ts';
import type { Suite } from '../../src/crypto/suite.ts';
import { initiator, responder } from '../../src/handshake/handshake.ts';
import { proposedProtocol } from '../../src/handshake/proposed.ts';
import type { ProposedHandshake } from '../../src/lab/vectors/proposals.ts';
import { fromHex, toHex } from '../../src/octets.ts';
import { converse, valueFrom } from '../handshake/peers.ts';

const read = (file: string) => JSON.parse(readFileSync(`spec/vectors/${file}.json`, 'utf8'));
const { cases } = read('proposals/proposals') as { cases: ProposedHandshake[] };
const identities = (read('v1/identities') as { cases: { id: string; seed: string; certificate: string }[] }).cases;

function identity(id: string) {
  const found = identities.find((one) => one.id === id);
  if (found === undefined) throw new Error(`there is no ${id}`);
  return found;
}

const octetsOf = (coins: Readonly<Record<string, string>>) =>
  Object.fromEntries(Object.entries(coins).map(([name, octets]) => [name, fromHex(octets)]));

function optionsOf(one: ProposedHandshake, suite: Suite, role: 'initiator' | 'responder') {
  const { seed, certificate } = identity(one[role].identity);
  const peer = identity(one[role === 'initiator' ? 'responder' : 'initiator'].identity);
  return {
    suite,
    time: new Date(one.clock),
    trustAnchors: one.trustAnchors.map((id) => valueFrom(parseTrustAnchor(suite, fromHex(identity(id).certificate)))),
    credentials: {
      certificate: valueFrom(parseCertificate(fromHex(certificate))),
      decapsulationKey: suite.generateKemKey(fromHex(seed)),
    },
    expectedPeer: 'anyone' as const,
    preSharedSecret: one.ss_pre === undefined ? undefined : fromHex(one.ss_pre),
    proposals: proposedProtocol({
      ids: one.proposals,
      heldCertificates: one.held ? { ofPeers: [fromHex(peer.certificate)], own: true } : undefined,
    }),
    coins: octetsOf(one[role].coins),
  };
}

const suites: readonly Suite[] = [noble, native(crypto)];

describe.each(suites)('the vectors of proposals, on $name', (suite) => {
  it.each(cases)('$id', (one) => {
    const sent: string[] = [];
    const ends = converse(
      initiator(optionsOf(one, suite, 'initiator')),
      responder(optionsOf(one, suite, 'responder')),
      ({ octets }) => {
        sent.push(toHex(octets));
        return [octets];
      },
    );
    expect(sent.toSorted((left, right) => Number(left.slice(2, 4)) - Number(right.slice(2, 4)))).toEqual(
      one.messages.map(({ octets }) => octets),
    );
    for (const end of [ends.initiator, ends.responder]) {
      expect(end.status).toBe('completed');
      if (end.status === 'completed') expect(toHex(end.session.identifier)).toBe(one.values.sessionIdentifier);
    }
  });
});
