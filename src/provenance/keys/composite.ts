// Composite ML-DSA-87 with ECDSA P-384 and SHA-512, as draft-ietf-lamps-pq-composite-sigs-19 has it: both signatures must verify.
// Experimental until the draft is an RFC: a later version may give other octets.
import { createHash, randomFillSync } from 'node:crypto';
import { publicKeyOfSeed, signWithContext, verifyWithContext } from '../../crypto/mlDsaContext.ts';
import { secretCopy, secretOctets, wipe } from '../../crypto/secret.ts';
import { constructedContext, encodeObjectIdentifier, expectTag, only, sequence, tags } from '../../der/der.ts';
import { element, integer } from '../../der/element.ts';
import { type Bytes, concat, same } from '../../octets.ts';
import { algorithmTable, suiteAlgorithms } from '../signature/algorithms.ts';
import { encodePublicKey, readPublicKey } from '../signature/publicKey.ts';
import { type ClassicalKey, classicalKey, classicalVerifier, newClassicalKey } from './classical.ts';

const facts = algorithmTable['mldsa87-ecdsa-p384-sha512'];
const curve = algorithmTable['ecdsa-p384'];
const { publicKey: mlDsaPublicKey, signature: mlDsaSignature, seed: seedOctets } = suiteAlgorithms['ml-dsa-87'];
const scalarOctets = 48;

const encoder = new TextEncoder();
const prefix = encoder.encode('CompositeAlgorithmSignatures2025');
const label = encoder.encode('COMPSIG-MLDSA87-ECDSA-P384-SHA512');

/** What both components sign: prefix, label, the length of the empty context, and the hash of the message. */
const representative = (message: Bytes): Bytes =>
  concat(prefix, label, Uint8Array.of(0), createHash('sha512').update(message).digest());

/** What verifies signatures of a composite key (2592 and 97 octets); `undefined` when its point is beside the curve. */
export function compositeVerifier(key: Bytes): ((message: Bytes, signature: Bytes) => boolean) | undefined {
  const [first, point] = [key.slice(0, mlDsaPublicKey), key.slice(mlDsaPublicKey)];
  const second = classicalVerifier('ecdsa-p384', encodePublicKey(curve, point));
  return (
    second &&
    ((message, signature) => {
      if (signature.length <= mlDsaSignature) return false;
      const whole = representative(message);
      const isFirst = verifyWithContext(first, whole, signature.subarray(0, mlDsaSignature), label);
      return second(whole, signature.subarray(mlDsaSignature)) && isFirst;
    })
  );
}

const identifierOf = (oid: string): Bytes => element(tags.objectIdentifier, encodeObjectIdentifier(oid));
const namedCurve = identifierOf(curve.curve ?? '');
/** `[0] parameters` of ECPrivateKey: what stands behind the scalar. */
const parameters = element(constructedContext(0), namedCurve);

/** ECPrivateKey (RFC 5915) with the curve and without the public key. */
const ecPrivateKey = (scalar: Bytes): Bytes =>
  element(tags.sequence, integer(1), element(tags.octetString, scalar), parameters);

/** PKCS#8 of a private key. */
const pkcs8Of = (algorithm: readonly Bytes[], ...key: readonly Bytes[]): Bytes =>
  element(tags.sequence, integer(0), element(tags.sequence, ...algorithm), element(tags.octetString, ...key));

/** A new composite key in PKCS#8: seed (32 octets) and ECPrivateKey. The caller wipes it. */
export function newCompositeKey(): Bytes {
  const seed = randomFillSync(secretOctets(seedOctets));
  const pkcs8 = newClassicalKey('ecdsa-p384');
  const [, , key] = sequence(only(pkcs8, tags.sequence, 'PKCS#8'), 'PKCS#8');
  const contents = expectTag(key, tags.octetString, 'private key').contents;
  const [, scalar] = sequence(only(contents, tags.sequence, 'EC private key'), 'EC private key');
  const second = ecPrivateKey(expectTag(scalar, tags.octetString, 'scalar').contents);
  const whole = pkcs8Of([identifierOf(facts.oid)], seed, second);
  wipe(seed, pkcs8, second);
  return whole;
}

/** The EC key of its DER, in the one encoding that the draft has. */
function secondKey(der: Bytes): ClassicalKey | undefined {
  const frame = ecPrivateKey(new Uint8Array(scalarOctets));
  const at = der.length - parameters.length;
  if (der.length !== frame.length || !same(der.subarray(at), frame.subarray(at))) return undefined;
  if (!same(der.subarray(0, at - scalarOctets), frame.subarray(0, at - scalarOctets))) return undefined;
  const pkcs8 = pkcs8Of([identifierOf(curve.oid), namedCurve], der);
  const key = classicalKey('ecdsa-p384', pkcs8);
  wipe(pkcs8);
  return key;
}

/** The composite key of the contents of PKCS#8; `undefined` for other octets. */
export function compositeKey(contents: Bytes): ClassicalKey | undefined {
  const second = secondKey(contents.subarray(seedOctets));
  if (second === undefined) return undefined;
  const point = readPublicKey(second.spki);
  if (!point.ok) return undefined;
  const seed = secretCopy(contents, 0, seedOctets);
  const spki = encodePublicKey(facts, concat(publicKeyOfSeed(seed), point.value.key));
  return {
    spki,
    sign: (message) => {
      const whole = representative(message);
      return concat(signWithContext(seed, whole, label), second.sign(whole));
    },
    wipe: () => {
      wipe(seed);
      second.wipe();
    },
  };
}
