// The certificate of a time-stamp authority (RFC 3161, section 2.3), which a policy names itself: no path leads to it.
import { readExtensionList, readTime } from '../../certificate/structure.ts';
import {
  constructedContext,
  expectTag,
  namedBits,
  objectIdentifier,
  octetsOf,
  only,
  sequence,
  tags,
} from '../../der/der.ts';
import { DerError, malformed } from '../../der/derError.ts';
import { type Bytes, concat } from '../../octets.ts';

/** What of such a certificate counts. */
export interface TimestampCertificate {
  /** SubjectPublicKeyInfo, DER. */
  readonly spki: Bytes;
  /** DER of the issuer and of the serial number, one after the other. */
  readonly issuerAndSerial: Bytes;
  readonly keyIdentifier: Bytes | undefined;
  readonly notBefore: Date;
  readonly notAfter: Date;
  /** Whether it is for time stamps and for nothing else, critically so. */
  readonly isForTimestamps: boolean;
}

const subjectKeyIdentifier = '2.5.29.14';
const extendedKeyUsage = '2.5.29.37';
const keyUsage = '2.5.29.15';
const timeStamping = '1.3.6.1.5.5.7.3.8';
/** digitalSignature and nonRepudiation. */
const signing: readonly number[] = [0, 1];

type Extensions = ReturnType<typeof readExtensionList>;

function isForTimestamps(extensions: Extensions): boolean {
  const purposes = extensions.get(extendedKeyUsage);
  if (purposes?.critical !== true) return false;
  const named = sequence(only(purposes.value, tags.sequence, 'extended key usage'), 'extended key usage');
  const isOnly = named.length === 1 && objectIdentifier(named[0], 'extended key usage') === timeStamping;
  const usage = extensions.get(keyUsage);
  const bits = usage === undefined ? signing : namedBits(only(usage.value, tags.bitString, 'key usage'), 'key usage');
  return isOnly && bits.length > 0 && bits.every((bit) => signing.includes(bit));
}

/** Reads a certificate (RFC 5280) as far as it matters here. Its own signature is not looked at. @throws DerError */
export function readTimestampCertificate(der: Bytes): TimestampCertificate {
  const what = 'certificate of a time-stamp authority';
  const [toBeSigned] = sequence(only(der, tags.sequence, what), what);
  const [, serialNumber, , issuer, validity, , key, ...rest] = sequence(toBeSigned, what);
  const [notBefore, notAfter] = sequence(validity, 'validity');
  const extensions = expectTag(rest.at(-1), constructedContext(3), 'extensions');
  const list = readExtensionList(only(extensions.contents, tags.sequence, 'extensions'));
  if (serialNumber === undefined || issuer === undefined || key === undefined) return malformed(`${what}: no key`);
  const identifier = list.get(subjectKeyIdentifier)?.value;
  return {
    spki: octetsOf(expectTag(key, tags.sequence, what)),
    issuerAndSerial: concat(octetsOf(issuer), octetsOf(serialNumber)),
    keyIdentifier: identifier && only(identifier, tags.octetString, 'subject key identifier').contents,
    notBefore: readTime(notBefore, 'not before'),
    notAfter: readTime(notAfter, 'not after'),
    isForTimestamps: isForTimestamps(list),
  };
}

/** In words, why a certificate is not that of a time-stamp authority; `undefined` for one. Never throws. */
export function timestampCertificateFault(der: Bytes): string | undefined {
  try {
    return readTimestampCertificate(der).isForTimestamps
      ? undefined
      : 'a certificate for other things; expected the extended key usage timeStamping alone, critical';
  } catch (error) {
    if (error instanceof DerError) return error.message;
    throw error;
  }
}
