// Chains that are refused for names that an authority does not permit.

import { tags } from '../../der/der.ts';
import type { Bytes } from '../../octets.ts';
import {
  below,
  edited,
  editedAuthority,
  extensions,
  type Issuing,
  leaf,
  certificatePaths as paths,
  root,
} from './certificates.ts';
import type { Chain } from './chain.ts';
import { anchor, chainsOf, type Fault, one, replacedInOne, under } from './fault.ts';
import { at as elementAt, extension, hex, identifiers, tlv } from './fixtures.ts';

const constraint = (contents: Bytes, critical = true): Issuing =>
  replacedInOne(identifiers.nameConstraints, extension(identifiers.nameConstraints, contents, critical));
/** `permittedSubtrees` of one subtree: its base, and what follows. */
const permitted = (...parts: readonly Bytes[]): Bytes => tlv(tags.sequence, tlv(0xa0, tlv(tags.sequence, ...parts)));

function names(): readonly Fault[] {
  const hosts = (options: Parameters<typeof below>[2]): Issuing => below(anchor, 'One', options);
  const issued = (options: Parameters<typeof leaf>[1]) => leaf(one, options);
  const organization = 'Example';
  const shouting = { uriHosts: ['.EXAMPLE.org'] };
  const limited = root('Limited Root', { permitted: { uriHosts: ['other.example'] } });
  const unlimited = root('Limited Root');
  const organized = root('Organized Root', { organization, permitted: { organizations: [organization] } });
  const unorganized = root('Organized Root', { organization });
  const stray = below(unorganized, 'Stray', { organization: 'Other' });
  const first = below(anchor, 'First', { permitted: { dnsNames: ['a.example'] } });
  const second = below(first, 'Second', { permitted: { dnsNames: ['b.example', 'a.example'] } });
  const lower = { organization: 'EXAMPLE  ' };
  const directory = tlv(0xa4, elementAt(below(anchor, 'x', { organization: 'Other' }).der, paths.subject));
  const unknownForm = permitted(tlv(0x81, Buffer.from('example.org')));
  const constrained = (
    intermediate: Issuing,
    options: Parameters<typeof leaf>[1],
  ): Pick<Chain, 'leaf' | 'intermediates'> => ({
    leaf: issued(options),
    intermediates: [intermediate.der],
  });
  const withDirectory = (): Bytes => {
    const san = extension(identifiers.subjectAlternativeName, tlv(tags.sequence, directory));
    const plain = leaf(one, { organization });
    return editedAuthority(
      { der: plain, seed: one.seed },
      one,
      paths.extensions,
      extensions({ without: identifiers.subjectAlternativeName, with: [san] }),
    ).der;
  };
  const withAlternativeNames = (...alternatives: readonly Bytes[]): Bytes =>
    edited(
      leaf(anchor),
      anchor.seed,
      paths.extensions,
      extensions({
        without: identifiers.subjectAlternativeName,
        with: [extension(identifiers.subjectAlternativeName, tlv(tags.sequence, ...alternatives))],
      }),
    );
  const malformed = { code: 'certificate-malformed', requirement: 'PQ-P-74' } as const;
  return [
    {
      id: 'uri-not-permitted',
      says: 'a URI outside of the permitted hosts',
      ...constrained(hosts({ permitted: { uriHosts: ['.example.com'] } }), {}),
    },
    {
      id: 'uri-domain-itself',
      says: 'a host that is the permitted domain itself, where only hosts below it are',
      ...constrained(hosts({ permitted: { uriHosts: ['.peer.example.org'] } }), {}),
    },
    {
      id: 'uri-excluded',
      says: 'a URI in an excluded domain, in other case',
      ...constrained(hosts({ excluded: shouting }), {}),
    },
    {
      id: 'uri-without-host',
      says: 'a URI without a host, where URIs are constrained',
      ...constrained(hosts({ permitted: { uriHosts: ['.example.org'] } }), { uris: ['urn:uuid:1'] }),
    },
    {
      id: 'uri-address',
      says: 'a URI with an address for a host, where URIs are excluded',
      ...constrained(hosts({ excluded: { uriHosts: ['.example.org'] } }), { uris: ['https://192.0.2.1/'] }),
    },
    {
      id: 'uri-user-as-host',
      says: 'the permitted host as the user of another one',
      ...constrained(hosts({ permitted: { uriHosts: ['.example.org'] } }), {
        uris: ['https://a.example.org@evil.example/'],
      }),
    },
    {
      id: 'dns-not-permitted',
      says: 'a DNS name that ends like the permitted one, inside a label',
      ...constrained(hosts({ permitted: { dnsNames: ['example.org'] } }), { dnsNames: ['notexample.org'] }),
    },
    {
      id: 'dns-excluded',
      says: 'one of two DNS names below an excluded one',
      ...constrained(hosts({ excluded: { dnsNames: ['bad.example.org'] } }), {
        dnsNames: ['good.example.org', 'very.bad.example.org'],
      }),
    },
    ...['192.0.2.1', 'peer.example.42', 'peer.0x2a', '7'].map(
      (name): Fault => ({
        id: `dns-number-${name.split('.').length}-${name.split('.').at(-1)}`,
        says: `a DNS name whose last label is a number: ${name}`,
        code: 'certificate-malformed',
        requirement: 'PQ-P-54',
        leaf: withAlternativeNames(tlv(0x82, Buffer.from(name))),
      }),
    ),
    {
      id: 'directory-not-permitted',
      says: 'a subject outside of the permitted organization',
      ...constrained(hosts({ permitted: { organizations: [organization] } }), { organization: 'Other' }),
    },
    {
      id: 'directory-excluded',
      says: 'a subject in an excluded organization',
      ...constrained(hosts({ excluded: { organizations: [organization] } }), { organization }),
    },
    {
      id: 'directory-excluded-in-other-spelling',
      says: 'a subject in an excluded organization in other case and with spaces',
      ...constrained(hosts({ excluded: { organizations: [organization] } }), lower),
    },
    {
      id: 'directory-alternative-name',
      says: 'a directory name in the subject alternative name outside of what is permitted',
      leaf: withDirectory(),
      intermediates: [hosts({ permitted: { organizations: [organization] } }).der],
    },
    {
      id: 'anchor-constrains',
      says: 'name constraints of the trust anchor',
      anchors: [limited.der],
      leaf: leaf(unlimited),
    },
    {
      id: 'intermediate-constrained',
      says: 'the subject of an intermediate outside of what the trust anchor permits',
      anchors: [organized.der],
      leaf: leaf(stray, { organization }),
      intermediates: [stray.der],
    },
    {
      id: 'constraints-intersect',
      says: 'permitted by the second intermediate, not by the first one',
      leaf: leaf(second, { dnsNames: ['b.example'] }),
      intermediates: [first.der, second.der],
    },
    {
      id: 'constraint-of-unknown-form',
      says: 'a critical constraint on mail addresses, which the profile does not compare',
      ...under(constraint(unknownForm)),
    },
    {
      id: 'constraint-minimum',
      says: 'a subtree with minimum 1',
      ...malformed,
      ...under(constraint(permitted(tlv(0x82, Buffer.from('example.org')), hex('800101')))),
    },
    {
      id: 'constraint-maximum',
      says: 'a subtree with a maximum',
      ...malformed,
      ...under(constraint(permitted(tlv(0x82, Buffer.from('example.org')), hex('810105')))),
    },
    {
      id: 'constraint-empty',
      says: 'name constraints without a subtree',
      ...malformed,
      ...under(constraint(hex('3000'))),
    },
    {
      id: 'constraint-not-critical',
      says: 'name constraints that are not critical',
      ...malformed,
      ...under(constraint(permitted(tlv(0x82, Buffer.from('example.org'))), false)),
    },
  ];
}

export function faultyNames(): readonly Chain[] {
  return chainsOf({ requirement: 'PQ-P-71', code: 'certificate-constraint' }, names());
}
