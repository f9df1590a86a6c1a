// Who the peer must be is always said, and when the application is asked.

import { describe, expect, it, vi } from 'vitest';
import type { TrustAnchor } from '../../src/certificate/trustAnchor.ts';
import { ConfigurationError } from '../../src/configuration.ts';
import { initiator, responder } from '../../src/handshake/handshake.ts';
import { otherRole } from '../../src/role.ts';
import {
  bothForms,
  codeOf,
  type Expected,
  issued,
  meet,
  messageOf,
  ours,
  parsed,
  suite,
  trusting,
  under,
} from './authorities.ts';
import { anchorFor, converse, credentialsFor, kemSeed, time } from './peers.ts';

describe('the policy is always said', () => {
  const options = (expectedPeer: unknown) => ({
    ...{ suite, time, credentials: credentialsFor(suite, 'alice'), trustAnchors: [anchorFor(suite)] },
    expectedPeer: expectedPeer as Expected,
  });

  it.each<[string, unknown, RegExp]>([
    ['nothing', undefined, /expectedPeer is missing/],
    ['null', null, /expectedPeer is missing/],
    ['an empty name', '', /it is empty/],
    ['a blank name', ' \t', /it is empty/],
    ['an empty list', [], /the list is empty/],
    ['a list with an empty name', ['bob', ''], /it is empty/],
    ['a list with nothing in it', ['bob', undefined], /a name is a string/],
    ['anyone among others', ['anyone', 'bob'], /stands alone/],
    ['anyone of an issuer', { name: 'anyone', issuer: 'CN=Test CA' }, /stands alone/],
    ['a name without its issuer', { name: 'bob', issuer: undefined }, /the issuer of bob is missing/],
    ['no URI', 'URI:', /not URI: and a URI/],
    ['a URI with a space', 'URI:https://bob .example', /not URI: and a URI/],
    ['no DNS name', 'DNS:*.example', /not DNS: and a DNS name/],
    ['a number', 7, /a name is a string/],
    ['true', true, /a name is a string/],
  ])('%s is a ConfigurationError, for both roles, at once', (_, expectedPeer, reason) => {
    for (const make of [initiator, responder]) {
      expect(() => make(options(expectedPeer))).toThrow(ConfigurationError);
      expect(() => make(options(expectedPeer))).toThrow(reason);
    }
  });

  it("'anyone' accepts everybody who is valid; a list accepts each of its names", () => {
    const bob = issued(ours, bothForms);
    const trust = [parsed(ours)];
    for (const expectedPeer of ['anyone', ['carol', 'bob'], ['DNS:bob.partner.example', 'carol']]) {
      expect(codeOf(meet(bob, trust, expectedPeer).initiator)).toBe('completed');
    }
    expect(messageOf(meet(bob, trust, ['carol', 'dave']).initiator)).toMatch(/expected carol or dave, got CN=bob/);
    expect(messageOf(meet(bob, trust, 'a b c d e f'.split(' ')).initiator)).toMatch(/a or b or c or 3 more/);
  });
});

describe('a predicate', () => {
  const partner = under(ours, 'Partner CA', { permitted: { dnsNames: ['partner.example'] } });
  const trust = trusting([ours], [partner]);

  it('sees the names that are vouched for, and by whom', () => {
    const seen = vi.fn((_: unknown) => true);
    const done = meet(issued(partner, { dnsNames: bothForms.dnsNames }), trust, (peer) => seen(peer.vouchers));
    const [[vouchers]] = seen.mock.calls as unknown as [[{ trustAnchor: TrustAnchor; names: string[] }[]]];
    expect(vouchers.map(({ trustAnchor, names }) => [trustAnchor.subject.text, names])).toEqual([
      ['CN=Our CA', ['DNS:bob.partner.example']],
    ]);
    if (done.initiator.status !== 'completed') throw new Error(codeOf(done.initiator));
    expect(done.initiator.session.peer.vouchers).toBe(vouchers);
  });

  it('is asked once, after both confirmations and before the release', () => {
    const order: string[] = [];
    const keys = { keyLog: (line: string) => order.push(line.split(' ')[0] ?? '') };
    const asking = (): boolean => order.push('asked') > 0;
    const bob = issued(ours);
    const alice = { suite, time, trustAnchors: [parsed(ours)], credentials: credentialsFor(suite, 'alice') };
    const honest = { suite, time, trustAnchors: [anchorFor(suite)], expectedPeer: 'anyone', credentials: bob };
    converse(initiator({ ...alice, ...keys, expectedPeer: asking }), responder(honest));
    expect(order.filter((one) => one === 'asked')).toHaveLength(1);
    expect(order.at(-2)).toBe('asked'); // the last line of a key log is the released key
    // A peer that is not who its certificate says fails its confirmation: nobody is asked.
    order.length = 0;
    const other = { ...bob, certificate: bob.certificate, decapsulationKey: suite.generateKemKey(kemSeed('mallory')) };
    const pretender = {
      ...other,
      decapsulationKey: { ...other.decapsulationKey, encapsulationKey: bob.decapsulationKey.encapsulationKey },
    };
    const failed = converse(
      initiator({ ...alice, expectedPeer: asking }),
      responder({ ...honest, credentials: pretender }),
    );
    expect(codeOf(failed.initiator)).toBe('wrong-confirmation');
    expect(order).toEqual([]);
  });

  it.each(['initiator', 'responder'] as const)(
    'that throws ends the handshake of the %s: nothing is released',
    (role) => {
      const boom = new Error('boom');
      const throws = (): boolean => {
        throw boom;
      };
      const released: string[] = [];
      const side = (name: string, mine: boolean) => ({
        ...{ suite, time, trustAnchors: [anchorFor(suite)], credentials: credentialsFor(suite, name) },
        expectedPeer: mine ? throws : 'anyone',
        ...(mine && { keyLog: (line: string) => released.push(line) }),
      });
      const done = converse(
        initiator(side('alice', role === 'initiator')),
        responder(side('bob', role === 'responder')),
      );
      const outcome = done[role];
      expect(outcome).toMatchObject({ status: 'failed', failure: { code: 'unexpected-peer' }, cause: boom });
      expect(released.some((line) => /session/i.test(line.split(' ')[0] ?? ''))).toBe(false);
      // To the other side it is as any refusal of a valid peer.
      expect([codeOf(done[otherRole(role)]), done.flights]).toEqual(['completed', 5]);
    },
  );

  it('that answers no, or a promise, or nothing, refuses', () => {
    const answers = (answer: unknown) => meet(issued(ours), [parsed(ours)], (() => answer) as () => boolean).initiator;
    expect(codeOf(answers(true))).toBe('completed');
    expect(messageOf(answers(false))).toMatch(/the predicate refused CN=bob/);
    for (const answer of [Promise.resolve(true), Promise.reject(new Error('late')), undefined, 1, 'yes']) {
      expect(answers(answer)).toMatchObject({ failure: { code: 'unexpected-peer' }, cause: expect.any(TypeError) });
    }
  });

  it('cannot use the handshake that asks it', () => {
    const alice = initiator({
      ...{ suite, time, trustAnchors: [parsed(ours)], credentials: credentialsFor(suite, 'alice') },
      expectedPeer: () => alice.fail('connection-closed').outcome.status === 'failed',
    });
    const honest = { suite, time, trustAnchors: [anchorFor(suite)], expectedPeer: 'anyone', credentials: issued(ours) };
    const outcome = converse(alice, responder(honest)).initiator;
    expect(outcome).toMatchObject({ failure: { code: 'unexpected-peer' }, cause: expect.any(TypeError) });
  });
});
