// Chains that are accepted.
import { tags } from '../../der/der.ts';
import {
  below,
  edited,
  entry,
  extensions,
  leaf,
  list,
  notAfter,
  notBefore,
  octetsFor,
  certificatePaths as paths,
  root,
  serialFor,
} from './certificates.ts';
import type { Chain } from './chain.ts';
import { anchor, one } from './fault.ts';
import { extension, hex, identifiers, tlv } from './fixtures.ts';

const two = below(one, 'Two');
const three = below(two, 'Three');
const measured = root('Measured Root', { pathLength: 2 });
const measuredOne = below(measured, 'Measured One', { pathLength: 1 });
const measuredTwo = below(measuredOne, 'Measured Two', { pathLength: 0 });
const plain = [anchor.der];
const direct = leaf(anchor);

export function goodChains(): readonly Chain[] {
  const hosts = below(anchor, 'Hosts', { permitted: { uriHosts: ['.example.org', 'exact.example'] } });
  const domains = below(anchor, 'Domains', {
    permitted: { dnsNames: ['example.org'] },
    excluded: { dnsNames: ['bad.example.org'] },
  });
  const organized = below(anchor, 'Organized', {
    organization: 'Example',
    permitted: { organizations: ['Example'] },
    excluded: { organizations: ['Other'] },
  });
  const narrow = root('Narrow Root', { excluded: { uriHosts: ['.example.org'] } });
  const wide = root('Wide Root');
  const crossed = below(wide, 'Crossed');
  const crossedNarrow = below(narrow, 'Crossed');
  const namesake = root('Root', { key: 'namesake' });
  const late = new Date('2051-06-01T00:00:00Z');
  const path = { requirement: 'PQ-P-18', anchors: plain } as const;
  return [
    { ...path, id: 'direct', says: 'the trust anchor issued it', leaf: direct },
    { ...path, id: 'one-intermediate', says: 'under one intermediate', leaf: leaf(one), intermediates: [one.der] },
    {
      ...path,
      id: 'three-intermediates',
      says: 'under three intermediates without path lengths, given in any order',
      leaf: leaf(three),
      intermediates: [three.der, one.der, two.der],
    },
    {
      id: 'path-length-exact',
      says: 'path lengths 2, 1 and 0, used up exactly',
      requirement: 'PQ-P-71',
      anchors: [measured.der],
      leaf: leaf(measuredTwo),
      intermediates: [measuredOne.der, measuredTwo.der],
    },
    {
      ...path,
      id: 'uri-permitted',
      says: 'URIs below a permitted domain and on a permitted host, in any case, with user and port',
      requirement: 'PQ-P-71',
      leaf: leaf(hosts, { uris: ['https://a.b.EXAMPLE.org:8443/x', 'spiffe://agent@exact.example/y'] }),
      intermediates: [hosts.der],
    },
    {
      ...path,
      id: 'dns-permitted',
      says: 'DNS names below a permitted domain and beside an excluded one',
      requirement: 'PQ-P-71',
      leaf: leaf(domains, { dnsNames: ['example.org', 'a.Example.org', 'notbad.example.org'] }),
      intermediates: [domains.der],
    },
    {
      ...path,
      id: 'directory-permitted',
      says: 'the subject begins with a permitted name, and with no excluded one',
      requirement: 'PQ-P-71',
      leaf: leaf(organized, { organization: 'Example' }),
      intermediates: [organized.der],
    },
    {
      id: 'two-paths',
      says: 'an intermediate certified twice: the names are excluded on one path, not on the other',
      requirement: 'PQ-P-71',
      anchors: [narrow.der, wide.der],
      leaf: leaf(crossed),
      intermediates: [crossedNarrow.der, crossed.der],
    },
    {
      ...path,
      id: 'two-anchors-of-one-name',
      says: 'of two trust anchors with the same name the second one signed',
      requirement: 'PQ-P-17',
      anchors: [namesake.der, anchor.der],
      leaf: direct,
    },
    {
      ...path,
      id: 'first-second',
      says: 'the first second of its validity',
      requirement: 'PQ-P-16',
      leaf: direct,
      at: notBefore,
    },
    {
      ...path,
      id: 'last-second',
      says: 'the last second of its validity',
      requirement: 'PQ-P-16',
      leaf: direct,
      at: notAfter,
    },
    {
      id: 'generalized-time',
      says: 'valid until 2051, which GeneralizedTime states',
      requirement: 'PQ-P-54',
      anchors: [root('Late Root', { notAfter: late }).der],
      leaf: leaf(root('Late Root', { notAfter: late }), { notAfter: late }),
      at: new Date('2050-12-31T00:00:00Z'),
    },
    {
      ...path,
      id: 'unknown-extension',
      says: 'an unknown extension that is not critical',
      requirement: 'PQ-P-54',
      leaf: edited(
        direct,
        anchor.seed,
        paths.extensions,
        extensions({ with: [extension(hex('2a0304'), hex('0500'))] }),
      ),
    },
    {
      ...path,
      id: 'no-key-identifier',
      says: 'no authority key identifier, in the leaf and in the intermediate',
      requirement: 'PQ-P-17',
      leaf: edited(leaf(one), one.seed, paths.extensions, extensions({ without: identifiers.authorityKeyIdentifier })),
      intermediates: [
        edited(one.der, anchor.seed, paths.extensions, extensions({ without: identifiers.authorityKeyIdentifier })),
      ],
    },
    {
      ...path,
      id: 'end-entity-stated',
      says: 'basic constraints that state an end entity',
      requirement: 'PQ-P-54',
      leaf: edited(
        direct,
        anchor.seed,
        paths.extensions,
        extensions({ with: [extension(identifiers.basicConstraints, hex('3000'), true)] }),
      ),
    },
    {
      ...path,
      id: 'longest-serial-number',
      says: 'a serial number of 20 octets',
      requirement: 'PQ-P-54',
      leaf: leaf(anchor, { serialNumber: octetsFor('serial', 20).with(0, 0x7f) }),
    },
    {
      ...path,
      id: 'empty-subject',
      says: 'an empty subject beside a critical subject alternative name',
      requirement: 'PQ-P-54',
      leaf: edited(
        edited(direct, anchor.seed, paths.subject, () => tlv(tags.sequence)),
        anchor.seed,
        paths.extensions,
        extensions({
          without: identifiers.subjectAlternativeName,
          with: [extension(identifiers.subjectAlternativeName, hex('30058603613a62'), true)],
        }),
      ),
    },
    {
      ...path,
      id: 'not-revoked',
      says: 'fresh lists of both issuers that name other certificates',
      requirement: 'PQ-P-73',
      leaf: leaf(one),
      intermediates: [one.der],
      lists: [list(anchor, { revoked: [entry(serialFor('another'))] }), list(one)],
      revocation: 'required',
    },
    {
      ...path,
      id: 'hold-lifted',
      says: 'on hold in an older list, not named by the newer one',
      requirement: 'PQ-P-72',
      leaf: direct,
      lists: [
        list(anchor, { revoked: [entry(serialFor('peer'), 'certificateHold')] }),
        list(anchor, { crlNumber: 2, thisUpdate: new Date('2026-05-31T00:00:00Z') }),
      ],
      revocation: 'required',
    },
  ];
}
