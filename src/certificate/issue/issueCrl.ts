// Issues certificate revocation lists (RFC 5280, section 5).
import { AsnParser, AsnSerializer, OctetString } from '@peculiar/asn1-schema';
import {
  CertificateList,
  CRLReason,
  type CRLReasons,
  Extension,
  id_ce_cRLNumber,
  id_ce_cRLReasons,
  Name,
  RevokedCertificate,
  TBSCertList,
  Time,
  Version,
} from '@peculiar/asn1-x509';
import { Integer } from 'asn1js';
import type { Suite } from '../../crypto/suite.ts';
import { fromHex } from '../../octets.ts';
import { keyUsageBits } from '../extensions.ts';
import { parseRevocationList, type RevocationList } from '../revocationList.ts';
import {
  algorithmIdentifier,
  authorityExtension,
  buffer,
  extension,
  type Issuer,
  issuerOf,
  required,
  requireWithin,
  serialNumberContents,
  unsignedContents,
  wholeSecond,
} from './encode.ts';

/** The reasons for a revocation: the codes of RFC 5280, section 5.3.1, that a complete list may contain. */
export const revocationReasons = {
  unspecified: 0,
  keyCompromise: 1,
  cACompromise: 2,
  affiliationChanged: 3,
  superseded: 4,
  cessationOfOperation: 5,
  certificateHold: 6,
  privilegeWithdrawn: 9,
  aACompromise: 10,
} as const;

export type RevocationReason = keyof typeof revocationReasons;

/** A certificate that its issuer revokes. */
export interface RevokedEntry {
  /** Positive, big-endian, at most 20 octets. */
  readonly serialNumber: Uint8Array;
  /** The time of the revocation. Fractions of a second are dropped. */
  readonly date: Date;
  /** Default `unspecified`, which is left out of the list. */
  readonly reason?: RevocationReason | undefined;
}

const time = (date: Date): Time => new Time(new Date(1000 * wholeSecond(date)));

function revokedCertificate({ serialNumber, date, reason = 'unspecified' }: RevokedEntry): RevokedCertificate {
  const code: CRLReasons = revocationReasons[reason];
  return new RevokedCertificate({
    userCertificate: serialNumberContents(serialNumber),
    revocationDate: time(date),
    ...(code !== 0 && { crlEntryExtensions: [extension(id_ce_cRLReasons, new CRLReason(code))] }),
  });
}

function crlNumberExtension(crlNumber: bigint): Extension {
  if (crlNumber < 0n) throw new RangeError('CRL number: negative');
  const digits = crlNumber.toString(16);
  const octets = fromHex(digits.padStart(digits.length + (digits.length % 2), '0'));
  const integer = new Integer({ valueHex: buffer(unsignedContents(octets)) });
  return new Extension({ extnID: id_ce_cRLNumber, critical: false, extnValue: new OctetString(integer.toBER()) });
}

function requireAsked(parsed: RevocationList, options: ListOptions): void {
  const { thisUpdate, nextUpdate, crlNumber, revoked } = options;
  const dates = [...parsed.revoked.values()].map(({ date }) => wholeSecond(date));
  const equal =
    dates.join() === revoked.map(({ date }) => wholeSecond(date)).join() &&
    wholeSecond(parsed.thisUpdate) === wholeSecond(thisUpdate) &&
    wholeSecond(parsed.nextUpdate) === wholeSecond(nextUpdate) &&
    parsed.crlNumber === BigInt(crlNumber);
  if (!equal) throw new RangeError('revocation list: a time or number out of range');
}

interface ListOptions extends Issuer {
  readonly suite: Suite;
  /** In any order; each serial number once. */
  readonly revoked: readonly RevokedEntry[];
  /** The time from which the list holds, and the time until which the next one is published. */
  readonly thisUpdate: Date;
  readonly nextUpdate: Date;
  /** Higher than in every earlier list of this issuer; at most 20 octets. */
  readonly crlNumber: bigint | number;
}

/**
 * Issues a complete revocation list of the authority `issuer` (DER of a trust anchor or an intermediate), signed from
 * its seed (ML-DSA-87: 32 octets): v2, authority key identifier, CRL number. It has about 4.9 kB, and 40 octets for
 * each entry. It covers all certificates that this authority issued.
 * @throws RangeError when a time, number, serial number or length is out of range, it would outlive the issuer,
 *   a serial number occurs twice, the
 *   seed is not the issuer's, or its key usage lacks cRLSign
 */
export function issueCrl(options: ListOptions): Uint8Array {
  const { suite, issuerSeed, revoked, thisUpdate, nextUpdate, crlNumber } = options;
  const authority = issuerOf(suite, options);
  if (!authority.keyUsage.includes(keyUsageBits.cRLSign))
    throw new RangeError('the issuer may sign no revocation lists');
  const signature = algorithmIdentifier(authority.verificationKey.algorithm.oid);
  const toBeSigned = new TBSCertList({
    version: Version.v2,
    signature,
    issuer: AsnParser.parse(authority.subject.octets, Name),
    thisUpdate: time(thisUpdate),
    nextUpdate: time(nextUpdate),
    ...(revoked.length > 0 && { revokedCertificates: revoked.map(revokedCertificate) }),
    crlExtensions: [authorityExtension(suite, authority), crlNumberExtension(BigInt(crlNumber))],
  });
  const raw = AsnSerializer.serialize(toBeSigned);
  const list = new CertificateList({
    tbsCertList: toBeSigned,
    signatureAlgorithm: signature,
    signature: buffer(suite.sign(issuerSeed, new Uint8Array(raw), authority.verificationKey.algorithm)),
  });
  list.tbsCertListRaw = raw; // the exact octets that were signed
  const issued = new Uint8Array(AsnSerializer.serialize(list));
  const parsed = required(parseRevocationList(issued, suite.algorithms));
  requireAsked(parsed, options);
  requireWithin(authority, parsed.nextUpdate, options);
  return issued;
}
