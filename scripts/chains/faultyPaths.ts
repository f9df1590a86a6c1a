// Chains that are refused for an authority, a path, or names.
import { tags } from '../../src/certificate/der.ts';
import { at as elementAt, extension, hex, identifiers, tlv } from '../../test/certificate/fixtures.ts';
import {
  below,
  editedAuthority,
  extensions,
  type Issuing,
  leaf,
  octetsFor,
  certificatePaths as paths,
  root,
} from './certificates.ts';
import type { Chain } from './chain.ts';

type Bytes = Uint8Array;
type Fault = Omit<Chain, 'requirement' | 'anchors'> & Partial<Chain>;

const anchor = root('Root');
const one = below(anchor, 'One');

/** An intermediate with another extension in the place of one. */
const replaced = (identifier: Bytes, ...by: readonly Bytes[]): Issuing =>
  editedAuthority(one, anchor, paths.extensions, extensions({ without: identifier, with: by }));

/** A leaf under an intermediate that the library would not let issue: signed by its key in its name. */
const under = (intermediate: Issuing): Pick<Chain, 'leaf' | 'intermediates'> => ({
  leaf: leaf(one),
  intermediates: [intermediate.der],
});

const basic = (contents: string, critical = true): Bytes =>
  extension(identifiers.basicConstraints, hex(contents), critical);
const usage = (contents: string): Bytes => extension(identifiers.keyUsage, hex(contents), true);
const constraint = (contents: Bytes, critical = true): Issuing =>
  replaced(identifiers.nameConstraints, extension(identifiers.nameConstraints, contents, critical));
/** `permittedSubtrees` of one subtree: its base, and what follows. */
const permitted = (...parts: readonly Bytes[]): Bytes => tlv(tags.sequence, tlv(0xa0, tlv(tags.sequence, ...parts)));

function pathLengths(): readonly Fault[] {
  const zero = root('Zero Root', { pathLength: 0 });
  const single = root('Single Root', { pathLength: 1 });
  const first = below(single, 'First');
  const second = below(first, 'Second');
  const closed = below(anchor, 'Closed', { pathLength: 0 });
  const opened = below(anchor, 'Closed');
  const beyond = below(opened, 'Beyond');
  const unlimited = root('Zero Root');
  const child = below(unlimited, 'Child');
  return [
    {
      id: 'path-length-0-of-anchor',
      says: 'an intermediate under a trust anchor with path length 0',
      anchors: [zero.der],
      ...{ leaf: leaf(child), intermediates: [child.der] },
    },
    {
      id: 'path-length-1-of-anchor',
      says: 'two intermediates under a trust anchor with path length 1',
      anchors: [single.der],
      ...{ leaf: leaf(second), intermediates: [first.der, second.der] },
    },
    {
      id: 'path-length-0-of-intermediate',
      says: 'an intermediate under one with path length 0',
      ...{ leaf: leaf(beyond), intermediates: [closed.der, beyond.der] },
    },
  ];
}

function authorities(): readonly Fault[] {
  const stranger = root('Root', { key: 'stranger' });
  const expired = below(anchor, 'One', { notAfter: new Date('2026-03-01T00:00:00Z') });
  const future = below(anchor, 'One', { notBefore: new Date('2026-09-01T00:00:00Z') });
  const past = root('Root', { notAfter: new Date('2026-03-01T00:00:00Z') });
  const malformed = { code: 'certificate-malformed', requirement: 'PQ-P-74' } as const;
  const wrongUsage = { code: 'certificate-wrong-key-usage', requirement: 'PQ-P-74' } as const;
  const untrusted = { code: 'certificate-untrusted', requirement: 'PQ-P-17' } as const;
  const outside = { code: 'certificate-outside-validity', requirement: 'PQ-P-16' } as const;
  const { basicConstraints, keyUsage, subjectKeyIdentifier, authorityKeyIdentifier } = identifiers;
  const foreign = extension(authorityKeyIdentifier, tlv(tags.sequence, tlv(0x80, octetsFor('foreign', 20))));
  return [
    {
      ...malformed,
      id: 'intermediate-no-basic-constraints',
      says: 'an intermediate without basic constraints',
      ...under(replaced(basicConstraints)),
    },
    {
      ...malformed,
      id: 'intermediate-basic-constraints-not-critical',
      says: 'basic constraints of an intermediate that are not critical',
      ...under(replaced(basicConstraints, basic('30030101ff', false))),
    },
    {
      ...malformed,
      id: 'intermediate-end-entity',
      says: 'an intermediate that states that it is no authority',
      ...under(replaced(basicConstraints, basic('3000'))),
    },
    {
      ...malformed,
      id: 'intermediate-path-length-negative',
      says: 'a path length of -1',
      ...under(replaced(basicConstraints, basic('30060101ff0201ff'))),
    },
    {
      ...wrongUsage,
      id: 'intermediate-no-key-usage',
      says: 'an intermediate without key usage',
      ...under(replaced(keyUsage)),
    },
    {
      ...wrongUsage,
      id: 'intermediate-no-cert-sign',
      says: 'an intermediate that may sign revocation lists only',
      ...under(replaced(keyUsage, usage('03020102'))),
    },
    {
      ...wrongUsage,
      id: 'intermediate-key-encipherment',
      says: 'an intermediate with keyEncipherment beside keyCertSign',
      ...under(replaced(keyUsage, usage('03020224'))),
    },
    {
      ...malformed,
      id: 'intermediate-no-subject-key-identifier',
      says: 'an intermediate without subject key identifier',
      ...under(replaced(subjectKeyIdentifier)),
    },
    {
      ...malformed,
      id: 'intermediate-critical-extension',
      says: 'an unknown critical extension of an intermediate',
      ...under(
        editedAuthority(
          one,
          anchor,
          paths.extensions,
          extensions({ with: [extension(hex('2a0304'), hex('0500'), true)] }),
        ),
      ),
    },
    {
      ...malformed,
      id: 'intermediate-policy-mappings',
      says: 'policy mappings, critical, in an intermediate',
      ...under(
        editedAuthority(
          one,
          anchor,
          paths.extensions,
          extensions({ with: [extension(hex('551d21'), hex('300a3008060355042a06012a'), true)] }),
        ),
      ),
    },
    {
      ...untrusted,
      id: 'intermediate-foreign-signature',
      says: 'an intermediate signed by another key than that of the trust anchor',
      ...under(editedAuthority(one, stranger, paths.serialNumber, (serial) => serial)),
    },
    {
      ...untrusted,
      id: 'intermediate-altered',
      says: 'a serial number of an intermediate changed after it was signed',
      ...under({ der: one.der.with(20, (one.der[20] ?? 0) ^ 1), seed: one.seed }),
    },
    {
      ...untrusted,
      id: 'intermediate-foreign-key-identifier',
      says: 'an intermediate whose authority key identifier is not that of the trust anchor',
      ...under(replaced(authorityKeyIdentifier, foreign)),
    },
    {
      ...untrusted,
      id: 'intermediate-no-key-identifier',
      says: 'an intermediate without authority key identifier',
      ...under(replaced(authorityKeyIdentifier)),
    },
    {
      ...untrusted,
      id: 'intermediate-absent',
      says: 'the intermediate that issued it is not configured',
      leaf: leaf(one),
    },
    {
      ...untrusted,
      id: 'intermediate-self-issued',
      says: 'a self-signed certificate as intermediate',
      leaf: leaf(stranger),
      intermediates: [root('Other', {}).der],
    },
    {
      id: 'leaf-as-intermediate',
      says: 'the certificate of a peer as intermediate',
      code: 'certificate-wrong-algorithm',
      requirement: 'PQ-P-74',
      leaf: leaf(anchor, { name: 'other' }),
      intermediates: [leaf(anchor)],
    },
    {
      ...untrusted,
      id: 'namesake',
      says: 'an authority with the name of the trust anchor and another key',
      leaf: leaf(stranger),
    },
    { ...outside, id: 'intermediate-expired', says: 'an intermediate that ended in March', ...under(expired) },
    { ...outside, id: 'intermediate-not-yet', says: 'an intermediate that begins in September', ...under(future) },
    {
      ...outside,
      id: 'anchor-expired',
      says: 'a trust anchor that ended in March',
      anchors: [past.der],
      leaf: leaf(anchor),
    },
  ];
}

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

export function faultyPaths(): readonly Chain[] {
  return [...pathLengths(), ...authorities(), ...names()].map((fault) => ({
    requirement: 'PQ-P-71',
    anchors: [anchor.der],
    code: 'certificate-constraint',
    ...fault,
  }));
}
