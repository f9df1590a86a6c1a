// Chains that are refused for an authority or a path.

import { tags } from '../../der/der.ts';
import type { Bytes } from '../../octets.ts';
import {
  below,
  editedAuthority,
  extensions,
  leaf,
  octetsFor,
  certificatePaths as paths,
  root,
} from './certificates.ts';
import type { Chain } from './chain.ts';
import { anchor, chainsOf, type Fault, one, replacedInOne, under } from './fault.ts';
import { extension, hex, identifiers, tlv } from './fixtures.ts';

const basic = (contents: string, critical = true): Bytes =>
  extension(identifiers.basicConstraints, hex(contents), critical);
const usage = (contents: string): Bytes => extension(identifiers.keyUsage, hex(contents), true);

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
      leaf: leaf(child),
      intermediates: [child.der],
    },
    {
      id: 'path-length-1-of-anchor',
      says: 'two intermediates under a trust anchor with path length 1',
      anchors: [single.der],
      leaf: leaf(second),
      intermediates: [first.der, second.der],
    },
    {
      id: 'path-length-0-of-intermediate',
      says: 'an intermediate under one with path length 0',
      leaf: leaf(beyond),
      intermediates: [closed.der, beyond.der],
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
      ...under(replacedInOne(basicConstraints)),
    },
    {
      ...malformed,
      id: 'intermediate-basic-constraints-not-critical',
      says: 'basic constraints of an intermediate that are not critical',
      ...under(replacedInOne(basicConstraints, basic('30030101ff', false))),
    },
    {
      ...malformed,
      id: 'intermediate-end-entity',
      says: 'an intermediate that states that it is no authority',
      ...under(replacedInOne(basicConstraints, basic('3000'))),
    },
    {
      ...malformed,
      id: 'intermediate-path-length-negative',
      says: 'a path length of -1',
      ...under(replacedInOne(basicConstraints, basic('30060101ff0201ff'))),
    },
    {
      ...wrongUsage,
      id: 'intermediate-no-key-usage',
      says: 'an intermediate without key usage',
      ...under(replacedInOne(keyUsage)),
    },
    {
      ...wrongUsage,
      id: 'intermediate-no-cert-sign',
      says: 'an intermediate that may sign revocation lists only',
      ...under(replacedInOne(keyUsage, usage('03020102'))),
    },
    {
      ...wrongUsage,
      id: 'intermediate-key-encipherment',
      says: 'an intermediate with keyEncipherment beside keyCertSign',
      ...under(replacedInOne(keyUsage, usage('03020224'))),
    },
    {
      ...malformed,
      id: 'intermediate-no-subject-key-identifier',
      says: 'an intermediate without subject key identifier',
      ...under(replacedInOne(subjectKeyIdentifier)),
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
      ...under(replacedInOne(authorityKeyIdentifier, foreign)),
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

export function faultyPaths(): readonly Chain[] {
  return chainsOf({ requirement: 'PQ-P-71', code: 'certificate-constraint' }, [...pathLengths(), ...authorities()]);
}
