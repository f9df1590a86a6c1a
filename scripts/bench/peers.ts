// An authority, and two peers with certificates of it, for what is measured. Names are those of the demo, so that octets are too.
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
  /** DER of the authority, and its seed: for TLS where certificates are not checked, and to issue others. */
  readonly server: { readonly certificate: Uint8Array; readonly seed: Uint8Array };
}

export function valueFrom<T>(checked: Checked<T>): T {
  if (!checked.ok) throw new Error(checked.detail ?? checked.code);
  return checked.value;
}

/** Sixteen octets, positive, as an authority gives them. */
export function serialNumber(suite: Suite): Uint8Array {
  const serial = suite.randomOctets(16);
  serial[0] = ((serial[0] ?? 0) & 0x3f) | 0x40;
  return serial;
}

export const nameOfAuthority = 'PQuAKE demo CA';
export const urisOf = (name: string): readonly string[] => [`https://${name}.example/agent`];

export function makePeers(suite: Suite, { compact = false } = {}): Peers {
  const issuerSeed = suite.generateSignatureSeed();
  const common = { suite, notBefore, notAfter };
  const own = { name: nameOfAuthority, seed: issuerSeed, serialNumber: serialNumber(suite) };
  const issuer = createTrustAnchor({ ...common, ...own });
  const issue = (name: string): Credentials => {
    const decapsulationKey = suite.generateKemKey(suite.randomOctets(64));
    const { encapsulationKey } = decapsulationKey;
    const subject = { name, uris: urisOf(name), encapsulationKey, serialNumber: serialNumber(suite), compact };
    const der = issueCertificate({ ...common, issuer, issuerSeed, ...subject });
    return { certificate: valueFrom(parseCertificate(der, suite.algorithms)), decapsulationKey };
  };
  const server = { certificate: issuer, seed: issuerSeed };
  return { anchor: valueFrom(parseTrustAnchor(suite, issuer)), alice: issue('alice'), bob: issue('bob'), server };
}
