// Issues the certificates of the profile of section 4.4. The library encodes the structures; the suite signs them.

import { AsnParser, AsnSerializer } from '@peculiar/asn1-schema';
import {
  BasicConstraints,
  Certificate,
  type Extension,
  Extensions,
  GeneralName,
  GeneralSubtree,
  GeneralSubtrees,
  id_ce_basicConstraints,
  id_ce_keyUsage,
  id_ce_nameConstraints,
  id_ce_subjectAltName,
  id_ce_subjectKeyIdentifier,
  KeyUsage,
  KeyUsageFlags,
  Name,
  NameConstraints,
  SubjectAlternativeName,
  SubjectKeyIdentifier,
  SubjectPublicKeyInfo,
  TBSCertificate,
  Validity,
  Version,
} from '@peculiar/asn1-x509';
import { isEncapsulationKey } from '../../crypto/modulus.ts';
import type { Suite } from '../../crypto/suite.ts';
import type { SignatureAlgorithm } from '../../generated/suites.ts';
import { type Bytes, requireOctets, same } from '../../octets.ts';
import { type AuthorityCertificate, parseIntermediate } from '../authority.ts';
import type { ConstrainedNames } from '../nameConstraints.ts';
import { parseCertificate } from '../parse.ts';
import { parseTrustAnchor } from '../trustAnchor.ts';
import { checkNames } from '../trustStore.ts';
import {
  algorithmIdentifier,
  authorityExtension,
  buffer,
  extension,
  type Issuer,
  issuerOf,
  keyIdentifier,
  nameOf,
  required,
  requireWithin,
  serialNumberContents,
  wholeSecond,
} from './encode.ts';

/** The contents of all kinds of certificates. */
export interface Common {
  readonly suite: Suite;
  /** Common name of the subject. */
  readonly name: string;
  /** Organization of the subject, before the common name: `CN=...,O=...` in RFC 4514. */
  readonly organization?: string | undefined;
  /** Positive, big-endian, at most 20 octets. */
  readonly serialNumber: Uint8Array;
  /** First and last second of the validity period. Fractions are dropped. */
  readonly notBefore: Date;
  readonly notAfter: Date;
}

/** Subtrees of names (RFC 5280, section 4.2.1.10). */
export interface Subtrees {
  /** Hosts of URIs: `example.org` for this host, `.example.org` for all hosts below. */
  readonly uriHosts?: readonly string[] | undefined;
  /** Domains: `example.org` contains itself and everything below it. */
  readonly dnsNames?: readonly string[] | undefined;
  /** Subjects that start with `O=...`. */
  readonly organizations?: readonly string[] | undefined;
}

/** The signature algorithm of an authority. */
export interface OfAlgorithm {
  /** Default the first algorithm of the suite. */
  readonly algorithm?: SignatureAlgorithm | undefined;
}

/** The limits that an authority sets for those below it, in its certificate. */
export interface AuthorityLimits {
  /** How many intermediates may follow in a path; no limit when absent. */
  readonly pathLength?: number | undefined;
  /** For each form of names in `permitted`, only names within it; never names within `excluded`. */
  readonly permitted?: Subtrees | undefined;
  readonly excluded?: Subtrees | undefined;
}

/** Signs a certificate (RFC 5280, section 4.1.1.3). */
export function certificate(
  { suite, name, organization, serialNumber, notBefore, notAfter }: Common,
  signer: { readonly name: Name; readonly seed: Bytes; readonly algorithm: SignatureAlgorithm },
  key: { readonly oid: string; readonly octets: Bytes },
  extensions: readonly Extension[],
): Bytes {
  const toBeSigned = new TBSCertificate({
    version: Version.v3,
    serialNumber: serialNumberContents(serialNumber),
    signature: algorithmIdentifier(signer.algorithm.oid),
    issuer: signer.name,
    validity: new Validity({ notBefore, notAfter }),
    subject: nameOf({ organization, commonName: name }),
    subjectPublicKeyInfo: new SubjectPublicKeyInfo({
      algorithm: algorithmIdentifier(key.oid),
      subjectPublicKey: buffer(key.octets),
    }),
    extensions: new Extensions([...extensions]),
  });
  const raw = AsnSerializer.serialize(toBeSigned);
  const signed = new Certificate({
    tbsCertificate: toBeSigned,
    signatureAlgorithm: algorithmIdentifier(signer.algorithm.oid),
    signatureValue: buffer(suite.sign(signer.seed, new Uint8Array(raw), signer.algorithm)),
  });
  signed.tbsCertificateRaw = raw; // the exact octets that were signed
  return new Uint8Array(AsnSerializer.serialize(signed));
}

/** Checks the validity period. UTCTime would move a year before 1950 to the next century. @throws RangeError */
export function requirePeriod(stated: Pick<Common, 'notBefore' | 'notAfter'>, asked: Common): void {
  const { notBefore, notAfter } = asked;
  const equal =
    wholeSecond(stated.notBefore) === wholeSecond(notBefore) && wholeSecond(stated.notAfter) === wholeSecond(notAfter);
  if (!equal || notBefore > notAfter) throw new RangeError('validity period: out of range');
}

/** Refuses names that the issuer's own constraints forbid. @throws RangeError */
export function requirePermitted({ nameConstraints }: AuthorityCertificate, names: ConstrainedNames): void {
  required(checkNames({ constraints: nameConstraints ? [nameConstraints] : [] }, names));
}

/** The subject of an authority, as its certificates state their issuer. */
export const issuerName = ({ subject }: AuthorityCertificate): Name => AsnParser.parse(subject.octets, Name);

function subtrees({ uriHosts = [], dnsNames = [], organizations = [] }: Subtrees = {}): GeneralSubtrees | undefined {
  const bases = [
    ...uriHosts.map((uniformResourceIdentifier) => new GeneralName({ uniformResourceIdentifier })),
    ...dnsNames.map((dNSName) => new GeneralName({ dNSName })),
    ...organizations.map((organization) => new GeneralName({ directoryName: nameOf({ organization }) })),
  ];
  return bases.length === 0 ? undefined : new GeneralSubtrees(bases.map((base) => new GeneralSubtree({ base })));
}

/** The extensions of an authority: basic constraints, key usage, name constraints and subject key identifier. */
function authorityExtensions(suite: Suite, publicKey: Bytes, limits: AuthorityLimits): readonly Extension[] {
  const { pathLength, permitted, excluded } = limits;
  if (pathLength !== undefined && !(Number.isSafeInteger(pathLength) && pathLength >= 0))
    throw new RangeError('path length: neither zero nor a positive whole number');
  const [permittedSubtrees, excludedSubtrees] = [subtrees(permitted), subtrees(excluded)];
  const constraints = new NameConstraints({
    ...(permittedSubtrees && { permittedSubtrees }),
    ...(excludedSubtrees && { excludedSubtrees }),
  });
  return [
    extension(
      id_ce_basicConstraints,
      new BasicConstraints({ cA: true, ...(pathLength !== undefined && { pathLenConstraint: pathLength }) }),
      true,
    ),
    extension(id_ce_keyUsage, new KeyUsage(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign), true),
    ...(permittedSubtrees || excludedSubtrees ? [extension(id_ce_nameConstraints, constraints, true)] : []),
    extension(id_ce_subjectKeyIdentifier, new SubjectKeyIdentifier(keyIdentifier(suite, publicKey))),
  ];
}

/**
 * Creates a self-signed certificate of an authority with an ML-DSA-87 key, about 7.4 kB in DER. Critical: basic
 * constraints (cA TRUE), key usage (keyCertSign, cRLSign) and, when asked for, name constraints; also subject key
 * identifier (RFC 5280, RFC 9881). `seed`: 32 octets.
 * @throws RangeError when a name, time, serial number, limit or length is out of range
 */
export function createTrustAnchor(
  options: Common & AuthorityLimits & OfAlgorithm & { readonly seed: Uint8Array },
): Uint8Array {
  const { suite, name, organization, seed } = options;
  const algorithm = options.algorithm ?? suite.algorithms.signatures[0];
  requireOctets(`${algorithm.name} seed`, seed, algorithm.seed);
  const octets = suite.signaturePublicKey(seed, algorithm);
  const issued = certificate(
    options,
    { name: nameOf({ organization, commonName: name }), seed, algorithm },
    { oid: algorithm.oid, octets },
    authorityExtensions(suite, octets, options),
  );
  requirePeriod(required(parseTrustAnchor(suite, issued)), options);
  return issued;
}

/**
 * Creates the certificate of an intermediate authority with an ML-DSA-87 key (2592 octets). The authority `issuer` (DER
 * of a trust anchor or an intermediate) signs it from its seed (32 octets). Extensions are as in `createTrustAnchor`,
 * and authority key identifier. The limits of the issuer are enforced; those of authorities above it are checked when a
 * trust store is built.
 * @throws RangeError when a name, time, serial number, limit or length is out of range, it would outlive the issuer, the
 *   seed is not the issuer's, or the issuer may not issue it
 */
export function createIntermediate(
  options: Common & AuthorityLimits & Issuer & OfAlgorithm & { readonly publicKey: Uint8Array },
): Uint8Array {
  const { suite, publicKey } = options;
  const algorithm = options.algorithm ?? suite.algorithms.signatures[0];
  requireOctets(`${algorithm.name} public key`, publicKey, algorithm.publicKey);
  const authority = issuerOf(suite, options);
  if (authority.pathLength === 0) throw new RangeError('the issuer permits no intermediate: its path length is 0');
  const issued = certificate(
    options,
    { name: issuerName(authority), seed: options.issuerSeed, algorithm: authority.verificationKey.algorithm },
    { oid: algorithm.oid, octets: publicKey },
    [...authorityExtensions(suite, publicKey, options), authorityExtension(suite, authority)],
  );
  const parsed = required(parseIntermediate(suite, issued));
  requirePeriod(parsed, options);
  requireWithin(authority, parsed.notAfter, options);
  requirePermitted(authority, parsed.names);
  if (!same(parsed.issuer.octets, authority.subject.octets)) throw new RangeError('a name that would change');
  return issued;
}

/** The subject alternative name; nothing without names. */
export function alternativeNames(uris: readonly string[], dnsNames: readonly string[] = []): readonly Extension[] {
  const names = [
    ...uris.map((uniformResourceIdentifier) => new GeneralName({ uniformResourceIdentifier })),
    ...dnsNames.map((dNSName) => new GeneralName({ dNSName })),
  ];
  return names.length > 0 ? [extension(id_ce_subjectAltName, new SubjectAlternativeName(names))] : [];
}

/**
 * Issues a certificate of a peer with its ML-KEM-1024 key (1568 octets), about 6.45 kB in DER. The authority `issuer`
 * (DER of a trust anchor or an intermediate) signs it with ML-DSA-87 from its seed (32 octets). Extensions: key usage,
 * critical and exactly keyEncipherment; key identifiers of subject and authority, unless it is `compact`; the URIs and DNS
 * names as subject alternative name (RFC 5280, RFC 9935, draft section 4.4).
 * @throws RangeError when a name, time, URI, serial number, key or length is out of range, it would outlive the issuer, the
 *   seed is not the issuer's, or the issuer's name constraints forbid a name
 */
export function issueCertificate(
  options: Common &
    Issuer & {
      readonly uris?: readonly string[] | undefined;
      readonly dnsNames?: readonly string[] | undefined;
      readonly encapsulationKey: Uint8Array;
      /**
       * Leaves out what this validation does not need: both key identifiers, 64 octets. RFC 5280 asks authorities for them (4.2.1.1,
       * 4.2.1.2): other software may want them, and under an authority with several keys only the signature shows which one signed.
       */
      readonly compact?: boolean | undefined;
    },
): Uint8Array {
  const { suite, name, uris = [], dnsNames = [], encapsulationKey, compact = false } = options;
  const authority = issuerOf(suite, options);
  const identifier = new SubjectKeyIdentifier(keyIdentifier(suite, encapsulationKey));
  const issued = certificate(
    options,
    { name: issuerName(authority), seed: options.issuerSeed, algorithm: authority.verificationKey.algorithm },
    { oid: suite.algorithms.kem.oid, octets: encapsulationKey },
    [
      extension(id_ce_keyUsage, new KeyUsage(KeyUsageFlags.keyEncipherment), true),
      ...(compact ? [] : [extension(id_ce_subjectKeyIdentifier, identifier), authorityExtension(suite, authority)]),
      ...alternativeNames(uris, dnsNames),
    ],
  );
  const parsed = required(parseCertificate(issued, suite.algorithms));
  requirePeriod(parsed, options);
  requireWithin(authority, parsed.notAfter, options);
  if (!isEncapsulationKey(parsed.encapsulationKey, suite.algorithms.kem))
    throw new RangeError('the encapsulation key is not one');
  requirePermitted(authority, parsed);
  const asAsked = parsed.commonName === name && parsed.uris.join(' ') === uris.join(' ');
  if (
    !asAsked ||
    parsed.dnsNames.join(' ') !== dnsNames.join(' ') ||
    !same(parsed.issuer.octets, authority.subject.octets)
  )
    throw new RangeError('no such certificate can be issued: a name or URI that would change');
  return issued;
}
