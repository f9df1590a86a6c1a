// Signers by a chain of X.509 certificates whose leaf has the key that signs.
import { type Intermediate, parseIntermediate } from '../../certificate/authority.ts';
import type { CertificateCode } from '../../certificate/codes.ts';
import type { Leniency } from '../../certificate/leniency.ts';
import { parseSignerCertificate } from '../../certificate/parse.ts';
import { vouchersOf } from '../../certificate/peerNames.ts';
import type { RevocationList } from '../../certificate/revocationList.ts';
import type { TrustAnchor } from '../../certificate/trustAnchor.ts';
import { type RevocationPolicy, type TrustStore, trustStore } from '../../certificate/trustStore.ts';
import { validate } from '../../certificate/validate.ts';
import { sha256 } from '../../crypto/sha256.ts';
import type { Suite } from '../../crypto/suite.ts';
import { type Checked, checkAll, passed, type Refusal } from '../../failure.ts';
import { type Bytes, same, toHex } from '../../octets.ts';
import type { Judged, ProvenanceRefusal, Signer, VerifyingKey } from '../contract.ts';
import type { SignatureCode } from './codes.ts';

/** The signer that a chain names, after a path to a trust anchor was found for it. */
export interface ChainSigner {
  readonly key: VerifyingKey;
  readonly name: string;
  readonly certificate: NonNullable<Signer['certificate']>;
}

/** Who is trusted to certify signers. */
export interface SignerAuthorities {
  /** Judges a chain, leaf first, at a time. Never throws. */
  readonly judge: (chain: readonly Bytes[], time: Date) => Judged<ChainSigner, SignatureCode>;
}

/** What authorities of signers are made of. */
export interface AuthorityContents {
  /** The algorithms of certificates, and what verifies their signatures. */
  readonly suite: Suite;
  readonly trustAnchors: readonly TrustAnchor[];
  /** Beside those that a chain brings. */
  readonly intermediates?: readonly Intermediate[] | undefined;
  readonly revocationLists?: readonly RevocationList[] | undefined;
  /** Default `if-present`. */
  readonly revocation?: RevocationPolicy | undefined;
  /** What is permitted beyond the profile; default nothing. */
  readonly lenient?: readonly Leniency[] | undefined;
  readonly verifyingKeyOf: (spki: Bytes) => Judged<VerifyingKey, SignatureCode>;
}

const pathOf = (at: number): string => `verificationMaterial.x509CertificateChain.certificates[${at}]`;

/** A refusal of a certificate as one of a signature. The KEM of handshakes has a code of its own, which no signer meets. */
function refusalOf({ code, detail }: Refusal<CertificateCode>, at: number): ProvenanceRefusal<SignatureCode> {
  const known = code === 'invalid-encapsulation-key' ? 'certificate-malformed' : code;
  return { ok: false, code: known, ...(detail !== undefined && { detail }), path: pathOf(at) };
}

/** The store with the authorities that a chain brings. One that is a trust anchor already needs no proof. */
function storeWith(contents: AuthorityContents, chain: readonly Bytes[]): Checked<TrustStore, CertificateCode> {
  const { suite, trustAnchors, intermediates = [], lenient } = contents;
  const others = chain.filter((der) => !trustAnchors.some(({ octets }) => same(octets, der)));
  const brought = checkAll(others, (der) => parseIntermediate(suite, der, lenient));
  return brought.ok ? trustStore({ ...contents, intermediates: [...intermediates, ...brought.value] }) : brought;
}

const distinct = (words: readonly string[]): readonly string[] => [...new Set(words)];

function judge(
  contents: AuthorityContents,
  base: TrustStore,
  chain: readonly Bytes[],
  time: Date,
): Judged<ChainSigner, SignatureCode> {
  const [leaf = new Uint8Array(), ...above] = chain;
  const { suite, lenient } = contents;
  const parsed = parseSignerCertificate(leaf, suite.algorithms.signatures, lenient);
  if (!parsed.ok) return refusalOf(parsed, 0);
  const store = above.length === 0 ? passed(base) : storeWith(contents, above);
  if (!store.ok) return refusalOf(store, 1);
  const valid = validate(store.value, time, parsed.value, () => true);
  if (!valid.ok) return refusalOf(valid, 0);
  const { paths, ...certificate } = valid.value;
  const key = contents.verifyingKeyOf(certificate.subjectPublicKeyInfo);
  if (!key.ok) return { ...key, path: pathOf(0) };
  const vouchers = vouchersOf(certificate, paths);
  const names = distinct(vouchers.flatMap((voucher) => voucher.names));
  const { serialNumber, notBefore, notAfter, displayName } = certificate;
  return passed({
    key: key.value,
    name: displayName,
    certificate: {
      names,
      authorities: distinct(vouchers.map(({ trustAnchor }) => trustAnchor.subject.text)),
      digest: toHex(sha256(leaf)),
      serialNumber,
      notBefore,
      notAfter,
    },
  });
}

/**
 * Authorities of signers. A chain is judged by the validator of certificates (RFC 5280, section 6): its leaf is for digitalSignature,
 * a path of intermediates leads from it to a trust anchor, all are valid at the time, no constraint forbids it, no list revokes it.
 * Codes: those of `trustStore`.
 */
export function signerAuthorities(contents: AuthorityContents): Checked<SignerAuthorities, CertificateCode> {
  const base = trustStore(contents);
  if (!base.ok) return base;
  return passed({ judge: (chain, time) => judge(contents, base.value, chain, time) });
}
