// Verifies time-stamp tokens (RFC 3161) over a signature: that it was there at a time, by an authority of the policy.
import { DerError } from '../../der/derError.ts';
import { type Bytes, same, toHex } from '../../octets.ts';
import { timeText } from '../../time.ts';
import type { Judged, ProvenanceRefusal } from '../contract.ts';
import { refusal, type TrustCode } from './codes.ts';
import type { TrustedTime } from './signatures.ts';
import type { DigestName, TimestampScheme } from './timestampAlgorithms.ts';
import { readTimestampCertificate, type TimestampCertificate } from './timestampCertificate.ts';
import { isAboutTime, readTimestampToken, type TimestampInfo, type TimestampToken } from './timestampToken.ts';

/** The most octets of a token. */
export const longestTimestamp = 65_536;

/** The cryptography of time stamps. */
export interface TimestampCryptography {
  readonly digest: (name: DigestName, octets: Bytes) => Bytes;
  /** Whether a signature is that of a key (SubjectPublicKeyInfo, DER); `false` also for keys that do not fit. */
  readonly verify: (spki: Bytes, scheme: TimestampScheme, message: Bytes, signature: Bytes) => boolean;
}

/** A token that was verified. */
export interface VerifiedTimestamp extends TrustedTime {
  readonly kind: 'timestamp';
  /** The latest moment that the token allows: what it states, and how far the clock may be off. */
  readonly time: Date;
  readonly stated: Date;
  readonly serialNumber: string;
  /** SHA-256 of the certificate of the authority, hexadecimal. */
  readonly authority: string;
}

interface Authority {
  readonly octets: Bytes;
  readonly certificate: TimestampCertificate;
}

/** Whether a token names this certificate, in each way in which it names one. */
function isNamed(
  { octets, certificate }: Authority,
  { signer, certificates }: TimestampToken,
  { digest }: TimestampCryptography,
): boolean {
  const isSigner =
    'issuerAndSerial' in signer
      ? same(signer.issuerAndSerial, certificate.issuerAndSerial)
      : certificate.keyIdentifier !== undefined && same(signer.keyIdentifier, certificate.keyIdentifier);
  return isSigner && certificates.every((one) => same(one.octets, digest(one.digest, octets)));
}

/** Why a token is not one about this signature, as far as it says itself; `undefined` for one that is. */
function faultOf(
  token: TimestampToken,
  signature: Bytes,
  cryptography: TimestampCryptography,
): ProvenanceRefusal<TrustCode> | undefined {
  const { info, content, digest, messageDigest, scheme } = token;
  const digests = [info.imprint.digest, digest, ...(scheme.scheme === 'pure' ? [] : [scheme.digest])];
  if (digests.includes('sha1'))
    return refusal('timestamp-weak-digest', 'found SHA-1, expected SHA-256, SHA-384 or SHA-512');
  if (!same(info.imprint.octets, cryptography.digest(info.imprint.digest, signature)))
    return refusal('timestamp-wrong-imprint', `expected ${info.imprint.digest} of the signature, found another digest`);
  if (!isAboutTime(token)) return refusal('timestamp-wrong-attributes', 'content type: expected TSTInfo');
  if (!same(messageDigest, cryptography.digest(digest, content)))
    return refusal('timestamp-wrong-attributes', 'message digest: not that of the content');
  return undefined;
}

function verify(
  token: TimestampToken,
  signature: Bytes,
  authorities: readonly Authority[],
  cryptography: TimestampCryptography,
): Judged<VerifiedTimestamp, TrustCode> {
  const { info } = token;
  const fault = faultOf(token, signature, cryptography);
  if (fault !== undefined) return fault;
  if (token.certificates.length === 0)
    return refusal('timestamp-wrong-attributes', 'expected the attribute that names the certificate of the authority');
  const authority = authorities.find((one) => isNamed(one, token, cryptography));
  if (authority === undefined)
    return refusal('timestamp-unknown-authority', `none of the ${authorities.length} certificates issued the token`);
  const { spki, notBefore, notAfter, isForTimestamps } = authority.certificate;
  if (!isForTimestamps)
    return refusal('timestamp-wrong-certificate', 'expected the extended key usage timeStamping alone, critical');
  if (!cryptography.verify(spki, token.scheme, token.covered, token.signature))
    return refusal('timestamp-bad-signature', 'not the signature of the authority over these attributes');
  if (info.time < notBefore || info.time > notAfter)
    return refusal(
      'timestamp-outside-validity',
      `the token is of ${timeText(info.time)}, the certificate from ${timeText(notBefore)} to ${timeText(notAfter)}`,
    );
  return {
    ok: true,
    value: {
      kind: 'timestamp',
      time: new Date(info.time.getTime() + info.accuracy),
      stated: info.time,
      serialNumber: info.serialNumber,
      authority: toHex(cryptography.digest('sha256', authority.octets)),
    },
  };
}

function read<T>(token: Bytes, judge: (token: TimestampToken) => Judged<T, TrustCode>): Judged<T, TrustCode> {
  if (token.length > longestTimestamp)
    return refusal('timestamp-too-large', `found ${token.length} octets, at most ${longestTimestamp} are read`);
  try {
    return judge(readTimestampToken(token));
  } catch (error) {
    if (error instanceof DerError) return refusal('timestamp-malformed', `the time-stamp token: ${error.message}`);
    throw error;
  }
}

/**
 * Verifies a token over a signature, as a bundle has it in `timestampVerificationData.rfc3161Timestamps[].signedTimestamp`: its imprint
 * is a digest of the octets of the signature. Never throws.
 * @param token - TimeStampToken, DER; a whole TimeStampResp is not read
 * @param authorities - certificates of time-stamp authorities, DER: the very ones that sign, not those above them
 */
export function verifyTimestamp(
  token: Bytes,
  signature: Bytes,
  authorities: readonly Bytes[],
  cryptography: TimestampCryptography,
): Judged<VerifiedTimestamp, TrustCode> {
  return read(token, (one) => {
    const known = authorities.map((octets) => ({ octets, certificate: readTimestampCertificate(octets) }));
    return verify(one, signature, known, cryptography);
  });
}

/**
 * Reads a token that has to be about a signature: its imprint, its digests and its attributes are judged, as `verifyTimestamp` does.
 * Who issued it is not judged. Never throws.
 * @param token - TimeStampToken, DER
 */
export function readTimestampAbout(
  token: Bytes,
  signature: Bytes,
  cryptography: TimestampCryptography,
): Judged<TimestampInfo, TrustCode> {
  return read(token, (one) => faultOf(one, signature, cryptography) ?? { ok: true, value: one.info });
}
