// Private keys in PKCS#8 (RFC 5958): ML-KEM (RFC 9935, section 6), ML-DSA (RFC 9881, section 6), SLH-DSA (RFC 9909).

import { kemPrefixes, prefixed, signaturePrefixes } from '../crypto/keyForms.ts';
import { expandedKemKey, expandedSignatureKey } from '../crypto/nobleSuites.ts';
import { secretCopy, wipe } from '../crypto/secret.ts';
import type { KemKey, Suite } from '../crypto/suite.ts';
import { type Algorithm, isAlgorithm, readAlgorithm } from '../der/algorithm.ts';
import {
  constructedContext,
  type Der,
  expectTag,
  inside,
  octetsOf,
  octetsOfBitString,
  only,
  primitiveContext,
  sequence,
  tags,
  unsignedInteger,
} from '../der/der.ts';
import { malformed } from '../der/derError.ts';
import { element, integer } from '../der/element.ts';
import { otherHolder } from '../der/objectIdentifierNames.ts';
import { type Checked, passed, type Refusal, refused } from '../failure.ts';
import { sizes } from '../generated/constants.ts';
import {
  type KemAlgorithm,
  kemTable,
  mandatorySuite,
  type SignatureAlgorithm,
  signatureTable,
} from '../generated/suites.ts';
import { type Bytes, requireOctets } from '../octets.ts';
import { checked, type KeyCode } from './codes.ts';
import { draftForm, type Lengths } from './draftForms.ts';

/** An algorithm, and the octets of the two forms of its private keys. */
interface PrivateKeyKind extends Algorithm, Lengths {}

const kemKind = ({ name, oid, decapsulationKey, encapsulationKey }: KemAlgorithm): PrivateKeyKind => ({
  name,
  oid,
  seed: sizes.keySeed,
  expanded: decapsulationKey,
  publicKey: encapsulationKey,
  isUsedExpanded: true,
  rfc: 'RFC 9935',
});

const signatureKind = ({ name, oid, seed, privateKey, publicKey }: SignatureAlgorithm): PrivateKeyKind => ({
  name,
  oid,
  seed,
  expanded: privateKey,
  publicKey,
  isUsedExpanded: false,
  rfc: 'RFC 9881',
});

/** Whether the private key has a single form: SLH-DSA keys are the octets themselves (RFC 9909, section 6). */
const hasOneForm = ({ seed, expanded }: PrivateKeyKind): boolean => seed === expanded;

/** The parts of a private key from a file: seed, expanded key or both. */
interface PrivateKeyForms {
  readonly seed?: Bytes;
  readonly expanded?: Bytes;
  readonly publicKey?: Bytes;
}

/** PKCS#8 of an ML-KEM seed (64), the form that RFC 9935 recommends: 86 octets. @throws RangeError for another length */
export const encodeKemPrivateKey = (seed: Uint8Array, kem: KemAlgorithm = mandatorySuite.kem): Uint8Array =>
  prefixed(kemPrefixes(kem, sizes.keySeed).seed, requireOctets(`${kem.name} seed`, seed, sizes.keySeed));

/**
 * PKCS#8 of the secret from which a signature key signs: for ML-DSA-87 a seed (32 octets), the form that RFC 9881
 * recommends, 54 octets. @throws RangeError for another length
 */
export const encodeSignaturePrivateKey = (
  seed: Uint8Array,
  algorithm: SignatureAlgorithm = mandatorySuite.signatures[0],
): Uint8Array =>
  prefixed(signaturePrefixes(algorithm).secret, requireOctets(`${algorithm.name} seed`, seed, algorithm.seed));

function requireLength(what: string, octets: Bytes, length: number): Bytes {
  return octets.length === length ? octets : malformed(`${what}: ${octets.length} octets, not ${length}`);
}

/** `CHOICE { seed [0] OCTET STRING, expandedKey OCTET STRING, both SEQUENCE { seed, expandedKey } }` */
function readForms(contents: Bytes, kind: PrivateKeyKind): PrivateKeyForms {
  const seedOf = (octets: Bytes): Bytes => requireLength('seed', octets, kind.seed);
  const expandedOf = (octets: Bytes): Bytes => requireLength('expanded key', octets, kind.expanded);
  if (hasOneForm(kind)) return { seed: seedOf(contents) };
  const draft = draftForm(contents, kind);
  if (draft !== undefined) return malformed(`private key: ${draft}`);
  switch (contents[0]) {
    case primitiveContext(0):
      return { seed: seedOf(only(contents, primitiveContext(0), 'seed').contents) };
    case tags.octetString:
      return { expanded: expandedOf(only(contents, tags.octetString, 'expanded key').contents) };
    default: {
      const [seed, expanded, ...rest] = inside(only(contents, tags.sequence, 'private key'));
      if (rest.length > 0) malformed('private key: trailing elements');
      return {
        seed: seedOf(expectTag(seed, tags.octetString, 'seed').contents),
        expanded: expandedOf(expectTag(expanded, tags.octetString, 'expanded key').contents),
      };
    }
  }
}

/**
 * Reads OneAsymmetricKey: version, algorithm, key, `[0]` attributes, which are ignored, and from v2 `[1]` the public
 * key.
 */
function readPrivateKey(der: Bytes, kind: PrivateKeyKind): PrivateKeyForms {
  const [version, algorithm, key, ...optional] = sequence(only(der, tags.sequence, 'PKCS#8'), 'PKCS#8');
  const [number, ...more] = unsignedInteger(version, 'version');
  if (more.length > 0 || (number !== 0 && number !== 1)) malformed('version: neither v1 nor v2');
  readAlgorithm(algorithm, [kind], 'private key algorithm', otherHolder('key', [kind]));
  const forms = readForms(expectTag(key, tags.octetString, 'private key').contents, kind);
  const [next, ...rest] = optional[0]?.tag === constructedContext(0) ? optional.slice(1) : optional;
  if (next === undefined) return forms;
  if (next.tag !== primitiveContext(1) || number !== 1 || rest.length > 0) malformed('PKCS#8: trailing elements');
  return { ...forms, publicKey: octetsOfBitString({ ...next, tag: tags.bitString }, 'public key') };
}

/** Adds what shows changes of the seed: for ML-KEM the expanded key, as the public key does not depend on `z`. */
function completeForms(algorithm: Der, key: Der): Bytes {
  const kem = Object.values(kemTable).find(({ oid }) => isAlgorithm(algorithm, oid));
  const [tag] = key.contents;
  const seed = tag === primitiveContext(0) && kem ? only(key.contents, tag, 'seed').contents : undefined;
  if (kem === undefined || seed?.length !== sizes.keySeed) return Uint8Array.from(octetsOf(key));
  const expanded = expandedKemKey(seed, kem);
  const both = element(tags.sequence, element(tags.octetString, seed), element(tags.octetString, expanded));
  const whole = element(tags.octetString, both);
  wipe(expanded, both);
  return whole;
}

/**
 * Makes PKCS#8 redundant, so that a change of an octet of the key shows, as far as possible: version 2 with the public
 * key (RFC 5958, section 2), for ML-KEM both seed and expanded key (RFC 9935).
 * @throws DerError for what is not PKCS#8
 */
export function completePrivateKey(der: Uint8Array, publicKey: Uint8Array): Uint8Array {
  const [, algorithm, key, ...optional] = sequence(only(der, tags.sequence, 'PKCS#8'), 'PKCS#8');
  if (algorithm === undefined) return malformed('PKCS#8: no algorithm');
  const forms = completeForms(algorithm, expectTag(key, tags.octetString, 'private key'));
  const others = optional.filter(({ tag }) => tag !== primitiveContext(1)).map(octetsOf);
  const beside = element(primitiveContext(1), Uint8Array.of(0), publicKey);
  const whole = element(tags.sequence, integer(1), octetsOf(algorithm), forms, ...others, beside);
  wipe(forms);
  return whole;
}

/**
 * Whether two decapsulation keys behave the same: same encapsulation key, same secret of a ciphertext made with it,
 * same secret of a rejected ciphertext. For a key and itself: whether its two halves belong together.
 */
function agree(suite: Suite, one: KemKey, other: KemKey): boolean {
  const encapsulated = suite.encapsulate(one.encapsulationKey);
  if (encapsulated === undefined) return false;
  const { ciphertext, sharedSecret } = encapsulated;
  const wrong = new Uint8Array(suite.algorithms.kem.ciphertext);
  const opened = [one.decapsulate(ciphertext), other.decapsulate(ciphertext)];
  const rejected = [one.decapsulate(wrong), other.decapsulate(wrong)] as const;
  const equal =
    suite.equal(one.encapsulationKey, other.encapsulationKey) &&
    opened.every((secret) => suite.equal(secret, sharedSecret)) &&
    suite.equal(...rejected);
  wipe(sharedSecret, ...opened, ...rejected);
  return equal;
}

// A back end may check more than the hash of FIPS 203, section 7.3, and so refuse before `agree` does.
const inconsistent = 'expanded key: inconsistent in itself';

/** The key of the forms, or the reason why they do not belong to one key. */
function kemKeyOf(suite: Suite, { seed, expanded, publicKey }: PrivateKeyForms): Checked<KemKey, KeyCode> {
  const fromSeed = seed && suite.generateKemKey(seed);
  const fromExpanded = expanded && suite.importExpandedKemKey(expanded);
  const key = fromSeed ?? fromExpanded;
  const refusedBecause = (reason: string): Checked<KemKey, KeyCode> => {
    fromSeed?.wipe();
    fromExpanded?.wipe();
    return refused('key-inconsistent', reason);
  };
  if (key === undefined || (expanded && !fromExpanded)) {
    return refusedBecause(inconsistent);
  }
  if (fromExpanded && !agree(suite, key, fromExpanded)) {
    return refusedBecause(seed ? 'seed and expanded key: not of one key' : inconsistent);
  }
  if (publicKey && !suite.equal(publicKey, key.encapsulationKey))
    return refusedBecause('public key: not that of the private key');
  if (fromSeed) fromExpanded?.wipe();
  return passed(key);
}

/**
 * Decodes PKCS#8 of the KEM of the suite: seed (64 octets), expanded key (ML-KEM-1024: 3168 octets), or both, which
 * must belong to one key. Strict DER, no parameters. Copies what it needs, so the input can be wiped. Never throws;
 * reasons contain no secrets.
 */
export function decodeKemPrivateKey(suite: Suite, der: Uint8Array): Checked<KemKey, KeyCode> {
  const { kem } = suite.algorithms;
  const forms = checked(() => readPrivateKey(der, kemKind(kem)));
  return forms.ok ? kemKeyOf(suite, forms.value) : refused(forms.code, `${kem.name} private key: ${forms.detail}`);
}

/** A description of PKCS#8, without secrets. */
export interface PrivateKeyDescription {
  /** `ML-KEM-1024`, `ML-DSA-87`... */
  readonly algorithm: string;
  readonly kind: 'kem' | 'signature';
  readonly form: 'seed' | 'expanded' | 'both';
  /** Whether the file contains the public key. */
  readonly publicKey: boolean;
}

/**
 * Describes PKCS#8 of any algorithm of the suites. Does not check that its parts belong together; the decoders do.
 * Never throws.
 */
export function describePrivateKey(der: Uint8Array): Checked<PrivateKeyDescription, KeyCode> {
  const kinds = [
    ...Object.values(kemTable).map((one) => ['kem', kemKind(one)] as const),
    ...Object.values(signatureTable).map((one) => ['signature', signatureKind(one)] as const),
  ];
  const found = checked(() => {
    const [, algorithm] = sequence(only(der, tags.sequence, 'PKCS#8'), 'PKCS#8');
    const { oid } = readAlgorithm(
      algorithm,
      kinds.map(([, one]) => one),
      'private key algorithm',
    );
    const [kind, form] = kinds.find(([, one]) => one.oid === oid) ?? malformed('private key algorithm');
    return { kind, form, ...readPrivateKey(der, form) };
  });
  if (!found.ok) return refused(found.code, `private key: ${found.detail}`);
  const { kind, form: of, seed, expanded, publicKey } = found.value;
  const form = hasOneForm(of) || seed === undefined ? 'expanded' : expanded === undefined ? 'seed' : 'both';
  return passed({ algorithm: of.name, kind, form, publicKey: publicKey !== undefined });
}

/**
 * Whether decrypted octets are PKCS#8 of an algorithm of the suites with no room for other data: version 2 exactly when
 * there is a public key, and no attributes. Never throws.
 */
export function isBarePrivateKey(der: Uint8Array): boolean {
  const found = describePrivateKey(der);
  if (!found.ok) return false;
  const [version, , , attributes] = sequence(only(der, tags.sequence, 'PKCS#8'), 'PKCS#8');
  return attributes?.tag !== constructedContext(0) && version?.contents[0] === Number(found.value.publicKey);
}

/** Whether an expanded key is that of a seed. Compares in constant time, and wipes its own expansion. */
function isExpandedFrom(suite: Suite, expanded: Bytes, seed: Bytes, algorithm: SignatureAlgorithm): boolean {
  const own = expandedSignatureKey(seed, algorithm);
  const equal = suite.equal(expanded, own);
  wipe(own);
  return equal;
}

/**
 * Decodes PKCS#8 of a signature key (default: the first algorithm of the suite). Returns a copy of the secret from
 * which it signs: for ML-DSA-87 the seed (32 octets). An expanded key (4896 octets) alone is refused, as signing needs
 * the seed. With both, the expanded key must be that of the seed, and is not used. Never throws; reasons contain no
 * secrets.
 */
export function decodeSignaturePrivateKey(
  suite: Suite,
  der: Uint8Array,
  algorithm: SignatureAlgorithm = suite.algorithms.signatures[0],
): Checked<Uint8Array, KeyCode> {
  const unfit = (code: KeyCode, reason: string): Refusal<KeyCode> =>
    refused(code, `${algorithm.name} private key: ${reason}`);
  const forms = checked(() => readPrivateKey(der, signatureKind(algorithm)));
  if (!forms.ok) return unfit(forms.code, `${forms.detail}`);
  const { seed, expanded, publicKey } = forms.value;
  if (seed === undefined) return unfit('key-inconsistent', 'the expanded key without its seed, which signing needs');
  const own = suite.signaturePublicKey(seed, algorithm);
  if (expanded && !isExpandedFrom(suite, expanded, seed, algorithm))
    return unfit('key-inconsistent', 'seed and expanded key are not of one key');
  if (publicKey && !suite.equal(publicKey, own)) return unfit('key-inconsistent', 'another public key beside it');
  return passed(secretCopy(seed));
}

/** Whether a private key belongs to the subject of a certificate. Compares in constant time. */
export const isKeyOf = (suite: Suite, key: KemKey, certificate: { readonly encapsulationKey: Uint8Array }): boolean =>
  suite.equal(key.encapsulationKey, certificate.encapsulationKey);
