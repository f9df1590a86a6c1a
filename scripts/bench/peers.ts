// An authority, and two peers with certificates of it, for what is measured.
import { createTrustAnchor, issueCertificate } from '../../src/certificate/issue/issue.ts';
import { parseCertificate } from '../../src/certificate/parse.ts';
import { parseTrustAnchor, type TrustAnchor } from '../../src/certificate/trustAnchor.ts';
import type { Suite } from '../../src/crypto/suite.ts';
import type { Checked } from '../../src/failure.ts';
import type { Credentials } from '../../src/handshake/options.ts';

export const notBefore = new Date('2026-01-01T00:00:00Z');
export const notAfter = new Date('2030-01-01T00:00:00Z');
/** A time at which the certificates are valid. */
export const time = new Date('2027-01-01T00:00:00Z');

export interface Peers {
  readonly anchor: TrustAnchor;
  readonly alice: Credentials;
  readonly bob: Credentials;
  /** DER of a certificate with an ML-DSA key, and its seed: for TLS, where it is not checked. */
  readonly server: { readonly certificate: Uint8Array; readonly seed: Uint8Array };
}

export function valueFrom<T>(checked: Checked<T>): T {
  if (!checked.ok) throw new Error(checked.detail ?? checked.code);
  return checked.value;
}

export function makePeers(suite: Suite): Peers {
  const issuerSeed = suite.randomOctets(32);
  const validity = { notBefore, notAfter };
  const serialNumber = Uint8Array.of(1);
  const issuer = createTrustAnchor({ suite, name: 'Bench CA', seed: issuerSeed, serialNumber, ...validity });
  const issue = (name: string): Credentials => {
    const decapsulationKey = suite.generateKemKey(suite.randomOctets(64));
    const { encapsulationKey } = decapsulationKey;
    const uris = [`https://${name}.example`];
    const subject = { name, uris, encapsulationKey, serialNumber };
    const der = issueCertificate({ suite, issuer, issuerSeed, ...subject, ...validity });
    return { certificate: valueFrom(parseCertificate(der)), decapsulationKey };
  };
  const server = { certificate: issuer, seed: issuerSeed };
  return { anchor: valueFrom(parseTrustAnchor(suite, issuer)), alice: issue('alice'), bob: issue('bob'), server };
}
