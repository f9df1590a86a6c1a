// Public keys: SubjectPublicKeyInfo (RFC 5280) in the one encoding that each algorithm has, and how they are named.
import { sha256 } from '../../crypto/sha256.ts';
import { encodeObjectIdentifier, objectIdentifier, octetsOfBitString, only, sequence, tags } from '../../der/der.ts';
import { DerError, malformed } from '../../der/derError.ts';
import { element } from '../../der/element.ts';
import { named } from '../../der/objectIdentifierNames.ts';
import { encodePem } from '../../keys/pem.ts';
import { type Bytes, toHex } from '../../octets.ts';
import type { AlgorithmName, Judged } from '../contract.ts';
import { type AlgorithmFacts, algorithmTable } from './algorithms.ts';
import { refusal, type SignatureCode } from './codes.ts';

/** A public key that was read: its algorithm, and the octets in the BIT STRING. */
export interface ReadPublicKey {
  readonly algorithm: AlgorithmName;
  readonly key: Bytes;
}

const encoder = new TextEncoder();
/** The first octet of a point with both coordinates (SEC 1, section 2.3.3). */
const uncompressed = 0x04;

/** The text of a public key: PEM in lines of 64 characters, with a line feed at the end. */
export const publicKeyText = (spki: Bytes): string => encodePem('PUBLIC KEY', spki);

/** SHA-256 of the PEM text of a public key, hexadecimal: the hint of bundles. */
export const identifierOf = (spki: Bytes): string => toHex(sha256(encoder.encode(publicKeyText(spki))));

/** The SubjectPublicKeyInfo of a key. */
export function encodePublicKey({ oid, curve }: Pick<AlgorithmFacts, 'oid' | 'curve'>, key: Bytes): Bytes {
  const identifiers = [oid, ...(curve === undefined ? [] : [curve])];
  const algorithm = identifiers.map((one) => element(tags.objectIdentifier, encodeObjectIdentifier(one)));
  const bits = element(tags.bitString, Uint8Array.of(0), key);
  return element(tags.sequence, element(tags.sequence, ...algorithm), bits);
}

function read(spki: Bytes): Judged<ReadPublicKey, SignatureCode> {
  const [algorithm, bits, ...rest] = sequence(only(spki, tags.sequence, 'public key'), 'public key');
  if (rest.length > 0) malformed('public key: trailing elements');
  const [identifier, parameters, ...more] = sequence(algorithm, 'algorithm of the public key');
  const oid = objectIdentifier(identifier, 'algorithm of the public key');
  const ofIdentifier = Object.values(algorithmTable).filter((one) => one.oid === oid);
  if (ofIdentifier.length === 0)
    return refusal(
      'key-unsupported-algorithm',
      `public key: found ${named(oid)}, expected ML-DSA, SLH-DSA, EC or Ed25519`,
    );
  if (more.length > 0) malformed('algorithm of the public key: trailing elements');
  const wantsCurve = ofIdentifier.some(({ curve }) => curve !== undefined);
  if (!wantsCurve && parameters !== undefined)
    malformed('algorithm of the public key: parameters, which must be absent');
  const curve = wantsCurve ? objectIdentifier(parameters, 'curve of the public key') : undefined;
  const facts = ofIdentifier.find((one) => one.curve === curve);
  if (facts === undefined)
    return refusal('key-unsupported-algorithm', `public key: found the curve ${curve}, expected P-256, P-384 or P-521`);
  const key = octetsOfBitString(bits, 'public key');
  if (key.length !== facts.publicKey)
    malformed(`public key: found ${key.length} octets, expected ${facts.publicKey}, as ${facts.title} has`);
  if (wantsCurve && key[0] !== uncompressed) malformed('public key: expected a point with both coordinates');
  return { ok: true, value: { algorithm: facts.name, key } };
}

/**
 * Reads a SubjectPublicKeyInfo in strict DER: ML-DSA and SLH-DSA without parameters (RFC 9881, RFC 9909), EC with a named curve and
 * an uncompressed point (RFC 5480), Ed25519 (RFC 8410). Does not check that a point is on its curve. Never throws.
 */
export function readPublicKey(spki: Bytes): Judged<ReadPublicKey, SignatureCode> {
  try {
    return read(spki);
  } catch (error) {
    if (error instanceof DerError) return refusal('key-malformed', error.message);
    throw error;
  }
}
