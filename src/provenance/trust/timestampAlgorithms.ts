// The digests and signature schemes of time-stamp tokens, and how DER names them.
import { constructedContext, type Der, inside, objectIdentifier, sequence, unsignedInteger } from '../../der/der.ts';
import { malformed } from '../../der/derError.ts';

/** SHA-1 is read only where it names a certificate that is known anyway. */
export type DigestName = 'sha1' | 'sha256' | 'sha384' | 'sha512';

/** How a signature was made. `pure`: the scheme has its own hash inside (Ed25519, ML-DSA). */
export type TimestampScheme =
  | { readonly scheme: 'rsa' | 'ecdsa'; readonly digest: DigestName }
  | { readonly scheme: 'rsa-pss'; readonly digest: DigestName; readonly saltLength: number }
  | { readonly scheme: 'pure' };

const digests: Readonly<Record<string, DigestName>> = {
  '1.3.14.3.2.26': 'sha1',
  '2.16.840.1.101.3.4.2.1': 'sha256',
  '2.16.840.1.101.3.4.2.2': 'sha384',
  '2.16.840.1.101.3.4.2.3': 'sha512',
};

/** The object identifier of a digest. */
export const digestIdentifier = (name: DigestName): string =>
  Object.keys(digests).find((identifier) => digests[identifier] === name) ?? malformed(`${name}: not a digest`);

const schemes: Readonly<Record<string, TimestampScheme>> = {
  '1.2.840.113549.1.1.5': { scheme: 'rsa', digest: 'sha1' },
  '1.2.840.10045.4.1': { scheme: 'ecdsa', digest: 'sha1' },
  '1.2.840.113549.1.1.11': { scheme: 'rsa', digest: 'sha256' },
  '1.2.840.113549.1.1.12': { scheme: 'rsa', digest: 'sha384' },
  '1.2.840.113549.1.1.13': { scheme: 'rsa', digest: 'sha512' },
  '1.2.840.10045.4.3.2': { scheme: 'ecdsa', digest: 'sha256' },
  '1.2.840.10045.4.3.3': { scheme: 'ecdsa', digest: 'sha384' },
  '1.2.840.10045.4.3.4': { scheme: 'ecdsa', digest: 'sha512' },
  '1.3.101.112': { scheme: 'pure' },
  '2.16.840.1.101.3.4.3.17': { scheme: 'pure' },
  '2.16.840.1.101.3.4.3.18': { scheme: 'pure' },
  '2.16.840.1.101.3.4.3.19': { scheme: 'pure' },
};

const rsaEncryption = '1.2.840.113549.1.1.1';
const rsaPss = '1.2.840.113549.1.1.10';
const mgf1 = '1.2.840.113549.1.1.8';
const longestSalt = 64;

/** The identifier of an AlgorithmIdentifier whose parameters are absent or NULL. @throws DerError */
function plainIdentifier(element: Der | undefined, what: string): string {
  const [identifier, parameters, ...rest] = sequence(element, what);
  const isNull = parameters === undefined || (parameters.tag === 0x05 && parameters.contents.length === 0);
  if (!isNull || rest.length > 0) malformed(`${what}: parameters that are not expected`);
  return objectIdentifier(identifier, what);
}

/** Reads the AlgorithmIdentifier of a digest. @throws DerError */
export function readDigest(element: Der | undefined, what: string): DigestName {
  const oid = plainIdentifier(element, what);
  return digests[oid] ?? malformed(`${what}: found ${oid}, expected SHA-256, SHA-384 or SHA-512`);
}

/** RSASSA-PSS-params (RFC 4055), all of them stated, with one digest for both of its places. @throws DerError */
function readPss(parameters: Der | undefined): TimestampScheme {
  const what = 'parameters of RSASSA-PSS';
  const [hash, mask, salt, ...rest] = sequence(parameters, what);
  const tagged = (element: Der | undefined, number: number): Der | undefined =>
    element?.tag === constructedContext(number) ? inside(element, 1)[0] : malformed(`${what}: one is absent`);
  const digest = readDigest(tagged(hash, 0), what);
  const [generator, maskHash, ...more] = sequence(tagged(mask, 1), what);
  const sameDigest = objectIdentifier(generator, what) === mgf1 && readDigest(maskHash, what) === digest;
  const [saltLength = 0, ...large] = unsignedInteger(tagged(salt, 2), what);
  if (!sameDigest || rest.length > 0 || more.length > 0 || large.length > 0 || saltLength > longestSalt)
    malformed(`${what}: expected MGF1 with the same digest, a salt of at most ${longestSalt} octets, and no more`);
  return { scheme: 'rsa-pss', digest, saltLength };
}

/**
 * Reads the AlgorithmIdentifier of a signature.
 * @param digest - that of the signer, where the identifier names the kind of key alone
 * @throws DerError
 */
export function readScheme(element: Der | undefined, digest: DigestName): TimestampScheme {
  const what = 'signature algorithm of the token';
  const [identifier, parameters] = sequence(element, what);
  const oid = objectIdentifier(identifier, what);
  if (oid === rsaPss) return readPss(parameters);
  plainIdentifier(element, what);
  if (oid === rsaEncryption) return { scheme: 'rsa', digest };
  return schemes[oid] ?? malformed(`${what}: found ${oid}, expected RSA, ECDSA, Ed25519 or ML-DSA`);
}
