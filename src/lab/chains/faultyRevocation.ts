// Chains that are refused for revocation.

import { encodeObjectIdentifier, inside, octetsOf, only, tags } from '../../der/der.ts';
import { objectIdentifiers } from '../../generated/constants.ts';
import type { Bytes } from '../../octets.ts';
import {
  edited,
  editedAuthority,
  elements,
  entry,
  extensions,
  leaf,
  list,
  listPaths,
  certificatePaths as paths,
  root,
  serialFor,
} from './certificates.ts';
import type { Chain } from './chain.ts';
import { anchor, chainsOf, type Fault, one } from './fault.ts';
import { edit, at as elementAt, extension, hex, identifiers, tlv } from './fixtures.ts';

const stranger = root('Root', { key: 'stranger' });
const direct = leaf(anchor);
const { seed } = anchor;

const algorithm = (identifier: string, ...parameters: readonly Bytes[]): Bytes =>
  tlv(tags.sequence, tlv(tags.objectIdentifier, encodeObjectIdentifier(identifier)), ...parameters);
const nullParameters = hex('0500');

function revocation(): readonly Fault[] {
  const revoked = { revoked: [entry(serialFor('peer'), 'keyCompromise')] };
  const unknown = { code: 'certificate-revocation-unknown', requirement: 'PQ-P-73' } as const;
  const broken = { ...unknown, requirement: 'PQ-P-74', leaf: direct } as const;
  const plain = list(anchor);
  const relisted = (path: readonly number[], how: (element: Bytes) => Bytes): Bytes => edited(plain, seed, path, how);
  const withExtension = (identifier: string, contents: string, critical: boolean): Bytes =>
    relisted(listPaths.extensions, extensions({ with: [extension(hex(identifier), hex(contents), critical)] }));
  const ofEntry = (identifier: string, contents: string, critical: boolean): Bytes =>
    edited(
      list(anchor, { revoked: [entry(serialFor('another'))] }),
      seed,
      [...listPaths.entries, 0],
      elements((parts) => [...parts, tlv(tags.sequence, extension(hex(identifier), hex(contents), critical))]),
    );
  const signsNoLists = editedAuthority(
    anchor,
    anchor,
    paths.extensions,
    extensions({
      without: identifiers.keyUsage,
      with: [extension(identifiers.keyUsage, hex('03020204'), true)],
    }),
  );
  const strangerList = edited(plain, stranger.seed, [0], (element) => element);
  const again = inside(only(elementAt(list(anchor, revoked), listPaths.entries), tags.sequence, 'entries')).map(
    octetsOf,
  );
  const twice = edited(list(anchor, revoked), seed, listPaths.entries, () => tlv(tags.sequence, ...again, ...again));
  const below1 = { leaf: leaf(one), intermediates: [one.der] } as const;
  const named = { code: 'certificate-revoked', requirement: 'PQ-P-72' } as const;
  return [
    { ...named, id: 'revoked', says: 'named by the list of its issuer', leaf: direct, lists: [list(anchor, revoked)] },
    {
      ...named,
      id: 'on-hold',
      says: 'on hold',
      leaf: direct,
      lists: [list(anchor, { revoked: [entry(serialFor('peer'), 'certificateHold')] })],
    },
    {
      ...named,
      id: 'revoked-by-newer-list',
      says: 'named by the newer of two fresh lists',
      leaf: direct,
      lists: [list(anchor, { ...revoked, crlNumber: 2 }), plain],
    },
    {
      ...named,
      id: 'intermediate-revoked',
      says: 'the intermediate is named by the list of the trust anchor',
      ...below1,
      lists: [list(anchor, { revoked: [entry(serialFor('One One'))] }), list(one)],
    },
    {
      ...named,
      id: 'revoked-in-stale-list',
      says: 'named by a list that has ended',
      leaf: direct,
      lists: [list(anchor, revoked)],
      at: new Date('2026-07-01T00:00:00Z'),
    },
    {
      ...unknown,
      id: 'list-stale',
      says: 'the list of its issuer has ended',
      leaf: direct,
      lists: [plain],
      at: new Date('2026-06-06T00:00:01Z'),
    },
    {
      ...unknown,
      id: 'list-not-yet',
      says: 'the list of its issuer is not in force yet',
      leaf: direct,
      lists: [plain],
      at: new Date('2026-05-29T00:00:00Z'),
    },
    {
      ...unknown,
      id: 'list-missing',
      says: 'lists are required, and there is none',
      leaf: direct,
      revocation: 'required',
    },
    {
      ...unknown,
      id: 'list-of-intermediate-missing',
      says: 'lists are required, and the intermediate has none',
      ...below1,
      lists: [plain],
      revocation: 'required',
    },
    {
      ...unknown,
      id: 'list-of-anchor-missing',
      says: 'lists are required, and the trust anchor has none',
      ...below1,
      lists: [list(one)],
      revocation: 'required',
    },
    { ...broken, id: 'list-foreign-signature', says: 'a list signed by another key', lists: [strangerList] },
    {
      ...broken,
      id: 'list-altered',
      says: 'a list whose next update was changed after it was signed',
      lists: [edit(plain, listPaths.nextUpdate, () => tlv(tags.utcTime, Buffer.from('270606000000Z')))],
    },
    { ...broken, id: 'list-of-stranger', says: 'a list of no configured authority', lists: [list(root('Stranger'))] },
    {
      ...broken,
      id: 'no-crl-sign',
      says: 'a trust anchor without cRLSign',
      anchors: [signsNoLists.der],
      lists: [plain],
    },
    {
      ...broken,
      id: 'list-critical-extension',
      says: 'a list with an unknown critical extension',
      lists: [withExtension('2a0304', '0500', true)],
    },
    { ...broken, id: 'list-delta', says: 'a delta list', lists: [withExtension('551d1b', '020101', true)] },
    {
      ...broken,
      id: 'list-delta-not-critical',
      says: 'a delta list whose indicator is not critical',
      lists: [withExtension('551d1b', '020101', false)],
    },
    { ...broken, id: 'list-indirect', says: 'an indirect list', lists: [withExtension('551d1c', '30038401ff', true)] },
    {
      ...broken,
      id: 'list-of-authorities-only',
      says: 'a list of authorities alone',
      lists: [withExtension('551d1c', '30038201ff', true)],
    },
    {
      ...broken,
      id: 'entry-of-other-issuer',
      says: 'an entry with another issuer',
      lists: [ofEntry('551d1d', '3010a40e300c310a300806035504030c0178', true)],
    },
    {
      ...broken,
      id: 'entry-critical-extension',
      says: 'an entry with an unknown critical extension',
      lists: [ofEntry('2a0304', '0500', true)],
    },
    {
      ...broken,
      id: 'entry-remove-from-list',
      says: 'an entry with the reason removeFromCRL, which delta lists alone have',
      lists: [ofEntry('551d15', '0a0108', false)],
    },
    { ...broken, id: 'entry-twice', says: 'an entry twice', lists: [twice] },
    {
      ...broken,
      id: 'entries-empty',
      says: 'an empty list of entries',
      lists: [
        edited(
          plain,
          seed,
          [0],
          elements((parts) => [...parts.slice(0, 5), hex('3000'), ...parts.slice(5)]),
        ),
      ],
    },
    {
      ...broken,
      id: 'list-no-next-update',
      says: 'a list without next update',
      lists: [
        edited(
          plain,
          seed,
          [0],
          elements((parts) => parts.filter((_, i) => i !== 4)),
        ),
      ],
    },
    {
      ...broken,
      id: 'list-no-number',
      says: 'a list without number',
      lists: [relisted(listPaths.extensions, extensions({ without: hex('551d14') }))],
    },
    {
      ...broken,
      id: 'list-no-key-identifier',
      says: 'a list without authority key identifier',
      lists: [relisted(listPaths.extensions, extensions({ without: identifiers.authorityKeyIdentifier }))],
    },
    {
      ...broken,
      id: 'list-version-1',
      says: 'a list of version 1',
      lists: [
        edited(
          plain,
          seed,
          [0],
          elements((parts) => parts.slice(1, 5)),
        ),
      ],
    },
    {
      ...broken,
      id: 'list-null-parameters',
      says: 'NULL parameters of the signature algorithm of a list',
      lists: [relisted(listPaths.innerAlgorithm, () => algorithm(objectIdentifiers.mlDsa87, nullParameters))],
    },
    { ...broken, id: 'list-trailing-octet', says: 'an octet behind a list', lists: [Uint8Array.from([...plain, 0])] },
    { ...broken, id: 'list-number-twice', says: 'two lists of one number', lists: [plain, list(anchor, revoked)] },
  ];
}

export function faultyRevocation(): readonly Chain[] {
  return chainsOf({ requirement: 'PQ-P-73', code: 'certificate-malformed' }, revocation());
}
