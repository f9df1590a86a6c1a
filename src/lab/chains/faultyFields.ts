// Chains that are refused for a field or an extension of the certificate of the peer.

import { tags } from '../../der/der.ts';
import type { Bytes } from '../../octets.ts';
import { edited, elements, extensions, leaf, certificatePaths as paths } from './certificates.ts';
import type { Chain } from './chain.ts';
import { anchor, chainsOf, type Fault } from './fault.ts';
import { extension, hex, identifiers, tlv } from './fixtures.ts';

const direct = leaf(anchor);
const { seed } = anchor;

const change = (path: readonly number[], how: (element: Bytes) => Bytes): Bytes => edited(direct, seed, path, how);
const replaced = (identifier: Bytes, ...by: readonly Bytes[]): Bytes =>
  change(paths.extensions, extensions({ without: identifier, with: by }));
const added = (...by: readonly Bytes[]): Bytes => change(paths.extensions, extensions({ with: by }));
const usage = (contents: string): Bytes =>
  replaced(identifiers.keyUsage, extension(identifiers.keyUsage, hex(contents), true));

/** The certificate with one octet more in a length than DER has. */
const longLength = (der: Bytes): Bytes => Uint8Array.from([0x30, 0x83, 0, ...der.subarray(2)]);

function fields(): readonly Fault[] {
  const serial = (contents: string): Bytes => change(paths.serialNumber, () => hex(contents));
  const wrongUsage = { code: 'certificate-wrong-key-usage', requirement: 'PQ-P-59' } as const;
  const { basicConstraints, keyUsage, nameConstraints } = identifiers;
  const unknown = (critical: boolean): Bytes => extension(hex('2a0304'), hex('0500'), critical);
  const stated = tlv(
    tags.sequence,
    tlv(tags.objectIdentifier, keyUsage),
    hex('010100'),
    tlv(tags.octetString, hex('03020520')),
  );
  return [
    {
      id: 'critical-extension',
      says: 'an unknown critical extension',
      requirement: 'PQ-P-71',
      leaf: added(unknown(true)),
    },
    { id: 'extension-twice', says: 'the same unknown extension twice', leaf: added(unknown(false), unknown(false)) },
    {
      id: 'key-usage-twice',
      says: 'two key usages, the second one keyAgreement',
      leaf: added(extension(keyUsage, hex('03020308'))),
    },
    {
      id: 'name-constraints',
      says: 'name constraints in the certificate of a peer',
      leaf: added(extension(nameConstraints, hex('300fa00d300b82096f746865722e6f7267'), true)),
    },
    {
      id: 'policy-constraints',
      says: 'policy constraints, not critical',
      code: 'certificate-constraint',
      requirement: 'PQ-P-71',
      leaf: added(extension(hex('551d24'), hex('3003800100'))),
    },
    {
      id: 'authority',
      says: 'the certificate of an authority with an ML-KEM key',
      leaf: added(extension(basicConstraints, hex('30030101ff'), true)),
    },
    { ...wrongUsage, id: 'key-agreement', says: 'key usage keyAgreement', leaf: usage('03020308') },
    { ...wrongUsage, id: 'two-key-usages', says: 'keyEncipherment and digitalSignature', leaf: usage('030205a0') },
    { ...wrongUsage, id: 'no-key-usage', says: 'no key usage', leaf: replaced(keyUsage) },
    {
      ...wrongUsage,
      id: 'extended-key-usage',
      says: 'an extended key usage for servers of TLS',
      leaf: added(extension(hex('551d25'), hex('300a06082b06010505070301'))),
    },
    { id: 'key-usage-trailing-bit', says: 'key usage with a last bit that is not set', leaf: usage('0303052000') },
    { id: 'default-stated', says: 'a critical FALSE that DER omits', leaf: replaced(keyUsage, stated) },
    {
      id: 'true-not-ff',
      says: 'a critical TRUE of 0x01',
      leaf: replaced(
        keyUsage,
        tlv(tags.sequence, tlv(tags.objectIdentifier, keyUsage), hex('010101'), tlv(tags.octetString, hex('03020520'))),
      ),
    },
    {
      id: 'trailing-in-extension',
      says: 'an octet behind the value of an extension',
      leaf: replaced(keyUsage, extension(keyUsage, hex('0302052000'), true)),
    },
    {
      id: 'trailing-octet',
      says: 'an octet behind the certificate',
      requirement: 'PQ-P-55',
      leaf: Uint8Array.from([...direct, 0]),
    },
    {
      id: 'two-certificates',
      says: 'the trust anchor behind the certificate',
      requirement: 'PQ-P-55',
      leaf: Uint8Array.from([...direct, ...anchor.der]),
    },
    { id: 'long-length', says: 'a length in more octets than needed', leaf: longLength(direct) },
    { id: 'serial-zero', says: 'serial number 0', leaf: serial('020100') },
    { id: 'serial-negative', says: 'serial number -1', leaf: serial('0201ff') },
    { id: 'serial-padded', says: 'serial number 1 in two octets', leaf: serial('02020001') },
    { id: 'serial-long', says: 'a serial number of 21 octets', leaf: serial(`0215${'41'.repeat(21)}`) },
    {
      id: 'version-1',
      says: 'version 1 with extensions',
      leaf: change(
        [0],
        elements(([, ...rest]) => rest),
      ),
    },
    { id: 'version-2', says: 'version 2', leaf: change(paths.version, () => hex('a003020101')) },
    {
      id: 'unique-identifier',
      says: 'a subject unique identifier',
      leaf: change(
        [0],
        elements((parts) => [...parts.slice(0, 7), hex('82020001'), ...parts.slice(7)]),
      ),
    },
    {
      id: 'nameless',
      says: 'an empty subject beside a subject alternative name that is not critical',
      leaf: change(paths.subject, () => hex('3000')),
    },
    { id: 'empty-issuer', says: 'an empty issuer', leaf: change(paths.issuer, () => hex('3000')) },
    {
      id: 'names-out-of-order',
      says: 'a relative name whose attributes are not in ascending order',
      leaf: change(paths.subject, () => hex('3018 3116 3009 0603550403 0c026262 3009 0603550403 0c026161')),
    },
    {
      id: 'name-not-a-string',
      says: 'an INTEGER for a common name',
      leaf: change(paths.subject, () => hex('300e310c300a060355040302030102 03'.replace(' ', ''))),
    },
    {
      id: 'name-of-old-type',
      says: 'a common name as BMPString',
      leaf: change(paths.subject, () => hex('300d310b300906035504031e020062')),
    },
    {
      id: 'time-without-seconds',
      says: 'a time without seconds',
      leaf: change(paths.notAfter, () => tlv(tags.utcTime, Buffer.from('2612312359Z'))),
    },
    {
      id: 'time-with-zone',
      says: 'a time with an offset',
      leaf: change(paths.notAfter, () => tlv(tags.utcTime, Buffer.from('261231235959+0000'))),
    },
    {
      id: 'generalized-time-early',
      says: 'a year before 2050 as GeneralizedTime',
      leaf: change(paths.notAfter, () => tlv(tags.generalizedTime, Buffer.from('20261231235959Z'))),
    },
    ...alternativeNames(),
    { id: 'extensions-empty', says: 'an empty list of extensions', leaf: change(paths.extensions, () => hex('3000')) },
  ];
}

/** Chains whose subject alternative name has other contents. */
const alternativeNames = (): readonly Fault[] =>
  [
    ['alternative-name-empty', 'a subject alternative name without names', '3000'],
    ['alternative-name-of-other-form', 'a mail address in the subject alternative name', '30058103614062'],
    ['alternative-name-malformed', 'an otherName that holds no type and value', '3003800141'],
    ['alternative-name-nul', 'a NUL in a URI', '30058603610062'],
  ].map(([id = '', says = '', contents = '']) => ({
    id,
    says,
    leaf: replaced(identifiers.subjectAlternativeName, extension(identifiers.subjectAlternativeName, hex(contents))),
  }));

export function faultyFields(): readonly Chain[] {
  return chainsOf({ requirement: 'PQ-P-54', code: 'certificate-malformed' }, fields());
}
