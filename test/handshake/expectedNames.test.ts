// Which names of a peer count, and who may vouch for them.

import { describe, expect, it } from 'vitest';
import { parseIntermediate } from '../../src/certificate/authority.ts';
import { createIntermediate, issueCertificate } from '../../src/certificate/issue/issue.ts';
import { parseCertificate } from '../../src/certificate/parse.ts';
import type { TrustAnchor } from '../../src/certificate/trustAnchor.ts';
import { trustStore } from '../../src/certificate/trustStore.ts';
import { ConfigurationError } from '../../src/configuration.ts';
import type { HandshakeOptions } from '../../src/handshake/options.ts';
import {
  type Authority,
  anchor,
  bothForms,
  codeOf,
  common,
  type Expected,
  issued,
  keyOf,
  meet,
  messageOf,
  ours,
  parsed,
  seedOf,
  suite,
  trusting,
  under,
} from './authorities.ts';
import { kemSeed, valueFrom } from './peers.ts';

describe('only names that the constraints of the path govern are compared', () => {
  const dns = anchor('DNS CA', { permitted: { dnsNames: ['partner.example'] } });
  const uri = anchor('URI CA', { permitted: { uriHosts: ['.partner.example'] } });
  const directory = anchor('Directory CA', { permitted: { organizations: ['Partner'] } });
  const all = anchor('All CA', {
    permitted: { dnsNames: ['partner.example'], uriHosts: ['.partner.example'], organizations: ['Partner'] },
  });
  const excluding = anchor('Excluding CA', { excluded: { dnsNames: ['ours.example'] } });
  const partner = under(ours, 'Partner CA', { permitted: { dnsNames: ['partner.example'] } });
  const below = under(partner, 'Below CA');
  const selfGranting = under(dns, 'Self CA', { permitted: { organizations: ['Us'] } });
  const subject = 'CN=bob,O=Partner';
  const [bobUri, bobDns] = ['URI:https://bob.partner.example', 'DNS:bob.partner.example'];
  const every = ['bob', subject, bobUri, bobDns];

  // Who issued, and which of bob's four names count then. RFC 5280, 4.2.1.10: no form of subtree is about a common name.
  const cases: readonly [string, Authority, readonly Authority[], readonly string[], string?][] = [
    ['no constraints', ours, [], every],
    ['an anchor that is limited in DNS names', dns, [], [bobDns]],
    ['an anchor that is limited in URIs', uri, [], [bobUri]],
    ['an anchor that is limited in directory names', directory, [], [subject]],
    ['an anchor that is limited in all forms', all, [], [subject, bobUri, bobDns]],
    ['an anchor that excludes only', excluding, [], []],
    ['an intermediate that is limited in DNS names', partner, [ours], [bobDns]],
    ['an authority below it that is not', below, [ours, partner], [bobDns]],
    ['an authority below that grants itself another form', selfGranting, [dns], [], 'Us'],
  ];

  it.each(cases)('%s', (_, by, above, counted, organization = 'Partner') => {
    const bob = issued(by, { ...bothForms, organization });
    const [top = by, ...between] = above;
    const trust = trusting([top], top === by ? [] : [...between, by]);
    for (const name of [...every, 'CN=bob,O=Us'].filter(
      (one) => one.includes(`O=${organization}`) || !one.includes('O='),
    )) {
      const { initiator: mine, responder: theirs, flights } = meet(bob, trust, name);
      expect([name, codeOf(mine)]).toEqual([name, counted.includes(name) ? 'completed' : 'unexpected-peer']);
      // The peer notices nothing: it is valid.
      expect([codeOf(theirs), flights]).toEqual(['completed', 5]);
    }
  });

  it('an authority limited to partner.example that issues CN=bob is not bob, and the reason says why', () => {
    const { initiator: mine } = meet(issued(partner), trusting([ours], [partner]), 'bob');
    expect(messageOf(mine)).toMatch(/expected bob, got CN=bob: its common name was not compared.* under CN=Our CA/);
  });

  it('a common name that looks like another form is none', () => {
    for (const name of ['URI:https://bob.partner.example', 'DNS:bob.partner.example', 'O=Partner']) {
      expect(codeOf(meet(issued(ours, { name }), [parsed(ours)], name).initiator)).toBe('unexpected-peer');
    }
  });

  it('DNS names are compared without case, URIs octet by octet', () => {
    const bob = issued(ours, bothForms);
    expect(codeOf(meet(bob, [parsed(ours)], 'DNS:BOB.Partner.Example').initiator)).toBe('completed');
    expect(codeOf(meet(bob, [parsed(ours)], 'URI:https://BOB.partner.example').initiator)).toBe('unexpected-peer');
  });
});

describe('more than one trust anchor', () => {
  const others = anchor('Other CA');
  const namesake = anchor('Our CA', {}, 'Our CA of somebody else');
  const both = [parsed(ours), parsed(others)];
  const [bob, impostor] = [issued(ours), issued(others)];
  const warnings: string[] = [];
  const told = (expectedPeer: Expected, trustAnchors: HandshakeOptions['trustAnchors'] = both): readonly string[] => {
    warnings.length = 0;
    meet(bob, trustAnchors, expectedPeer, { onWarning: (one) => warnings.push(one) });
    return [...warnings];
  };

  it('an issuer says which one may vouch', () => {
    for (const issuer of ['CN=Our CA', [parsed(ours)]]) {
      expect(codeOf(meet(bob, both, { name: 'bob', issuer }).initiator)).toBe('completed');
      const { initiator: mine } = meet(impostor, both, { name: 'bob', issuer });
      expect(messageOf(mine)).toMatch(/issued under CN=Other CA, not under the expected issuer/);
    }
    const each = [
      { name: 'bob', issuer: 'CN=Our CA' },
      { name: 'carol', issuer: 'CN=Other CA' },
    ];
    expect(codeOf(meet(bob, both, each).initiator)).toBe('completed');
    expect(codeOf(meet(impostor, both, each).initiator)).toBe('unexpected-peer');
    expect(codeOf(meet(issued(others, { name: 'carol' }), both, each).initiator)).toBe('completed');
  });

  it('without an issuer it is told, once, that any of them may', () => {
    expect(told('bob')).toEqual([expect.stringMatching(/bob: any of 2 trust anchors .*CN=Our CA, CN=Other CA/)]);
    expect(told(['bob', 'bob'])).toHaveLength(1);
    for (const expectedPeer of ['anyone', { name: 'bob', issuer: 'CN=Our CA' }, () => true] satisfies Expected[]) {
      expect(told(expectedPeer)).toEqual([]);
    }
    expect(told('bob', [parsed(ours), parsed(ours)])).toEqual([]);
  });

  it('anchors that cannot vouch for the form are not counted; that none can is told', () => {
    const limited = anchor('Limited CA', { permitted: { dnsNames: ['partner.example'] } });
    expect(told('bob', [parsed(ours), parsed(limited)])).toEqual([]);
    expect(told('DNS:bob.partner.example', [parsed(ours), parsed(limited)])).toHaveLength(1);
    expect(told('bob', [parsed(limited)])).toEqual([expect.stringMatching(/no trust anchor may vouch/)]);
  });

  it('a certificate that is valid under two anchors counts under either', () => {
    // The same intermediate under both anchors, as cross certificates have it.
    const publicKey = suite.signaturePublicKey(seedOf('crossed'), suite.algorithms.signatures[0]);
    const crossed = [ours, others].map(({ name, der }) =>
      createIntermediate({
        ...{ ...common(), name: 'Crossed CA', publicKey, issuer: der, issuerSeed: keyOf(name) },
        ...(name === 'Other CA' && { permitted: { dnsNames: ['partner.example'] } }),
      }),
    );
    const { encapsulationKey } = suite.generateKemKey(kemSeed('bob'));
    const [issuer = new Uint8Array()] = crossed;
    const der = issueCertificate({
      ...{ ...common(), name: 'bob', issuer, issuerSeed: seedOf('crossed'), encapsulationKey },
      ...bothForms,
    });
    const credentials = { ...bob, certificate: valueFrom(parseCertificate(der)) };
    const intermediates = crossed.map((one) => valueFrom(parseIntermediate(suite, one)));
    for (const trustAnchors of [both, both.toReversed()]) {
      const store = valueFrom(trustStore({ trustAnchors, intermediates }));
      const by = (name: string, issuer: string) => codeOf(meet(credentials, store, { name, issuer }).initiator);
      expect(by('bob', 'CN=Our CA')).toBe('completed');
      expect(by('bob', 'CN=Other CA')).toBe('unexpected-peer');
      expect(by('DNS:bob.partner.example', 'CN=Other CA')).toBe('completed');
    }
  });

  it('an issuer that is no anchor, or the name of two, is a ConfigurationError', () => {
    const make =
      (issuer: string | TrustAnchor[], anchors = both) =>
      () =>
        meet(bob, anchors, { name: 'bob', issuer });
    expect(make('CN=Nobody')).toThrow(/the issuer CN=Nobody is none of the trust anchors/);
    expect(make([])).toThrow(ConfigurationError);
    expect(make([parsed(namesake)])).toThrow(/none of the trust anchors/);
    const alike = [parsed(ours), parsed(namesake)];
    expect(make('CN=Our CA', alike)).toThrow(/2 trust anchors are called CN=Our CA/);
    expect(codeOf(meet(bob, alike, { name: 'bob', issuer: [parsed(ours)] }).initiator)).toBe('completed');
    expect(
      codeOf(
        meet(issued({ ...namesake, name: 'Our CA of somebody else' }), alike, { name: 'bob', issuer: [parsed(ours)] })
          .initiator,
      ),
    ).toBe('unexpected-peer');
  });
});

describe('roles, which certificates of the profile cannot state', () => {
  it('are told apart by the authority that issued', () => {
    const [clients, servers] = [anchor('Client CA'), anchor('Server CA')];
    const bob = issued(clients); // a client that shows its certificate as a server
    expect(codeOf(meet(bob, [parsed(servers)], 'bob').initiator)).toBe('certificate-untrusted');
    const both = [parsed(clients), parsed(servers)];
    const expected = { name: 'bob', issuer: 'CN=Server CA' };
    expect(codeOf(meet(bob, both, expected).initiator)).toBe('unexpected-peer');
    expect(codeOf(meet(issued(servers), both, expected).initiator)).toBe('completed');
  });
});
