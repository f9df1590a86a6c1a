// Private keys of signers in PKCS#8 (RFC 5958): which algorithm they are of, and the parts that matter.
import {
  constructedContext,
  type Der,
  expectTag,
  objectIdentifier,
  octetsOf,
  octetsOfBitString,
  only,
  primitiveContext,
  sequence,
  tags,
  unsignedInteger,
} from '../../der/der.ts';
import { DerError, malformed } from '../../der/derError.ts';
import { element, integer } from '../../der/element.ts';
import { named } from '../../der/objectIdentifierNames.ts';
import type { Bytes } from '../../octets.ts';
import type { Judged } from '../contract.ts';
import { type AlgorithmFacts, algorithmTable } from '../signature/algorithms.ts';
import { refusal, type SignatureCode } from '../signature/codes.ts';

/** PKCS#8 that was read. The octets are views. */
export interface PrivateKeyInfo {
  readonly facts: AlgorithmFacts;
  /** The AlgorithmIdentifier, DER. */
  readonly algorithm: Bytes;
  /** The contents of the OCTET STRING. */
  readonly key: Bytes;
  /** The public key beside it, from version 2. */
  readonly publicKey?: Bytes;
  /** Whether there is no room for other data: version 2 exactly when there is a public key, and no attributes. */
  readonly isBare: boolean;
}

function factsOf(algorithm: Der | undefined): AlgorithmFacts | string {
  const [identifier, parameters, ...rest] = sequence(algorithm, 'private key algorithm');
  if (rest.length > 0) malformed('private key algorithm: trailing elements');
  const oid = objectIdentifier(identifier, 'private key algorithm');
  const found = Object.values(algorithmTable).filter((one) => one.oid === oid);
  if (found.length === 0) return named(oid);
  if (!found.some(({ curve }) => curve !== undefined)) {
    if (parameters !== undefined) malformed('private key algorithm: parameters, which must be absent');
    return found[0] ?? named(oid);
  }
  const curve = objectIdentifier(parameters, 'curve of the private key');
  return found.find((one) => one.curve === curve) ?? `the curve ${curve}`;
}

function read(der: Bytes): Judged<PrivateKeyInfo, SignatureCode> {
  const [version, algorithm, key, ...optional] = sequence(only(der, tags.sequence, 'PKCS#8'), 'PKCS#8');
  const [number, ...more] = unsignedInteger(version, 'version');
  if (more.length > 0 || (number !== 0 && number !== 1)) malformed('version: neither v1 nor v2');
  const facts = factsOf(algorithm);
  if (typeof facts === 'string' || algorithm === undefined)
    return refusal('key-unsupported-algorithm', `private key: found ${facts}, expected ML-DSA, SLH-DSA, EC or Ed25519`);
  const { contents } = expectTag(key, tags.octetString, 'private key');
  const hasAttributes = optional[0]?.tag === constructedContext(0);
  const [beside, ...rest] = hasAttributes ? optional.slice(1) : optional;
  if (rest.length > 0 || (beside !== undefined && (beside.tag !== primitiveContext(1) || number !== 1)))
    malformed('PKCS#8: trailing elements');
  const isBare = !hasAttributes && number === Number(beside !== undefined);
  const info = { facts, algorithm: octetsOf(algorithm), key: contents, isBare };
  if (beside === undefined) return { ok: true, value: info };
  const publicKey = octetsOfBitString({ ...beside, tag: tags.bitString }, 'public key');
  return { ok: true, value: { ...info, publicKey } };
}

/** Reads the frame of PKCS#8; what stands in the key itself is judged by whoever uses it. Never throws. */
export function readPrivateKeyInfo(der: Bytes): Judged<PrivateKeyInfo, SignatureCode> {
  try {
    return read(der);
  } catch (error) {
    if (error instanceof DerError) return refusal('key-malformed', error.message);
    throw error;
  }
}

/** PKCS#8 of version 1, which every reader knows. The caller wipes it. */
export const bareOf = ({ algorithm, key }: PrivateKeyInfo): Bytes =>
  element(tags.sequence, integer(0), algorithm, element(tags.octetString, key));
