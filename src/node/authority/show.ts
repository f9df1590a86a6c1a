// Describes a certificate, for people and programs.
import { type Intermediate, parseAuthority } from '../../certificate/authority.ts';
import {
  type ParsedCertificate,
  parseCertificate,
  parseSignerCertificate,
  type SignerCertificate,
} from '../../certificate/parse.ts';
import type { Suite } from '../../crypto/suite.ts';
import { signatureTable, suiteTable } from '../../generated/suites.ts';
import { explained } from '../../handshake/certificateFailure.ts';
import { refuseFile } from '../files/fileErrors.ts';
import { readDer } from '../files/files.ts';
import { chooseSuite } from '../suite.ts';
import { sha256, timeText } from './database.ts';
import { renewableFrom } from './renewal.ts';

/** The contents of a certificate. Times are ISO 8601 to the second, digests SHA-256 in hexadecimal digits. */
export interface ShownCertificate {
  /** A signer signs models, and takes part in no handshake. */
  readonly kind: 'peer' | 'authority' | 'signer';
  /** RFC 4514. */
  readonly subject: string;
  readonly issuer: string;
  /** Hexadecimal digits. */
  readonly serialNumber: string;
  readonly notBefore: string;
  readonly notAfter: string;
  /** Of a peer: the start of the last third of the validity period. Null for others. */
  readonly renewFrom: string | null;
  readonly uris: readonly string[];
  readonly dnsNames: readonly string[];
  readonly publicKey: { readonly algorithm: string; readonly sha256: string };
  /** Of an authority: how many intermediates may follow. Null for any number, and for others. */
  readonly pathLength: number | null;
  /** Of the whole certificate in DER. */
  readonly sha256: string;
}

const common = ({
  subject,
  issuer,
  serialNumber,
  notBefore,
  notAfter,
  octets,
}: ParsedCertificate | SignerCertificate | Intermediate) => ({
  subject: typeof subject === 'string' ? subject : subject.text,
  issuer: issuer.text,
  serialNumber,
  notBefore: timeText(notBefore),
  notAfter: timeText(notAfter),
  sha256: sha256(octets),
});

/** A suite with the algorithms of a certificate; the given one if it has them, or if no suite has. */
function suiteFor(suite: Suite, der: Uint8Array): Suite {
  const others = Object.values(suiteTable).map(({ name }) => chooseSuite(suite.name, name));
  const known = (one: Suite): boolean => parseCertificate(der, one.algorithms).ok || parseAuthority(one, der).ok;
  return [suite, ...others].find(known) ?? suite;
}

/**
 * Reads the certificate of a peer, an authority or a signer from a PEM file. Verifies no signature. @throws ConfigurationError
 */
export function showCertificate(asked: Suite, file: string): ShownCertificate {
  const der = readDer(file, 'CERTIFICATE');
  const suite = suiteFor(asked, der);
  const peer = parseCertificate(der, suite.algorithms);
  if (peer.ok) {
    const { uris, dnsNames, encapsulationKey } = peer.value;
    return {
      kind: 'peer',
      ...common(peer.value),
      uris,
      dnsNames,
      pathLength: null,
      renewFrom: timeText(renewableFrom(peer.value)),
      publicKey: { algorithm: suite.algorithms.kem.name, sha256: sha256(encapsulationKey) },
    };
  }
  const authority = parseAuthority(suite, der);
  if (authority.ok) {
    const { pathLength, names, verificationKey } = authority.value;
    return {
      kind: 'authority',
      ...common(authority.value),
      uris: names.uris,
      dnsNames: names.dnsNames,
      renewFrom: null,
      publicKey: { algorithm: verificationKey.algorithm.name, sha256: sha256(verificationKey.octets) },
      pathLength: Number.isFinite(pathLength) ? pathLength : null,
    };
  }
  const signer = parseSignerCertificate(der, Object.values(signatureTable));
  if (signer.ok) {
    const { uris, dnsNames, publicKey, keyAlgorithm } = signer.value;
    return {
      kind: 'signer',
      ...common(signer.value),
      ...{ uris, dnsNames, pathLength: null, renewFrom: null },
      publicKey: { algorithm: keyAlgorithm, sha256: sha256(publicKey) },
    };
  }
  return refuseFile(file, explained(peer.code === 'certificate-wrong-algorithm' ? authority : peer));
}
