// A small PKI with fixed seeds, and whole handshakes in memory.
import { createTrustAnchor, issueCertificate } from '../../src/certificate/issue/issue.ts';
import { parseCertificate } from '../../src/certificate/parse.ts';
import { parseTrustAnchor, type TrustAnchor } from '../../src/certificate/trustAnchor.ts';
import { noble } from '../../src/crypto/noble.ts';
import type { Suite } from '../../src/crypto/suite.ts';
import type { Checked } from '../../src/failure.ts';
import type { Handshake, Outcome, Outgoing } from '../../src/handshake/handshake.ts';
import type { Credentials } from '../../src/handshake/options.ts';

export const time = new Date('2027-01-01T00:00:00Z');
export const validity = { notBefore: new Date('2026-01-01T00:00:00Z'), notAfter: new Date('2030-01-01T00:00:00Z') };

export function valueFrom<T>(checked: Checked<T>): T {
  if (!checked.ok) throw new Error(`${checked.code}: ${checked.detail}`);
  return checked.value;
}

export const issuerSeed = new Uint8Array(32).fill(17);
export const issuer = createTrustAnchor({
  ...{ suite: noble, name: 'Test CA', seed: issuerSeed, serialNumber: Uint8Array.of(1) },
  ...validity,
});

const seedOf = (name: string): Uint8Array => noble.hash(new TextEncoder().encode(name)).slice(0, 32);
const certificates = new Map<string, Uint8Array>();

function certificateOf(name: string): Uint8Array {
  const cached = certificates.get(name);
  if (cached !== undefined) return cached;
  const { encapsulationKey } = noble.generateKemKey(kemSeed(name));
  const uris = [`https://${name}.example/agent`];
  const serialNumber = Uint8Array.of(2);
  const der = issueCertificate({
    ...{ suite: noble, issuer, issuerSeed, name, uris, encapsulationKey, serialNumber },
    ...validity,
  });
  certificates.set(name, der);
  return der;
}

export const kemSeed = (name: string): Uint8Array => Uint8Array.from([...seedOf(name), ...seedOf(name)]);

export const anchorFor = (suite: Suite): TrustAnchor => valueFrom(parseTrustAnchor(suite, issuer));

export const credentialsFor = (suite: Suite, name: string): Credentials => ({
  certificate: valueFrom(parseCertificate(certificateOf(name))),
  decapsulationKey: suite.generateKemKey(kemSeed(name)),
});

export interface Finished {
  readonly initiator: Outcome;
  readonly responder: Outcome;
  /** Octets on the wire, by sender. */
  readonly initiatorOctets: number;
  readonly responderOctets: number;
  readonly flights: number;
}

/**
 * Runs two handshakes against each other until neither has anything to say. `change` sees every message and says what
 * octets arrive in its stead.
 */
export function converse(
  initiator: Handshake,
  responder: Handshake,
  change: (message: Outgoing) => readonly Uint8Array[] = ({ octets }) => [octets],
): Finished {
  let progress = initiator.start();
  const outcomes = { initiator: progress.outcome, responder: responder.start().outcome };
  const octets = { initiator: 0, responder: 0 };
  let flights = 0;
  let from: 'initiator' | 'responder' = 'initiator';
  while (progress.send.length > 0) {
    flights += 1;
    octets[from] += progress.send.reduce((sum, one) => sum + one.octets.length, 0);
    const arriving = progress.send.flatMap(change);
    const to: Handshake = from === 'initiator' ? responder : initiator;
    const send: Outgoing[] = [];
    for (const chunk of arriving) {
      const answer = to.receive(chunk);
      send.push(...answer.send);
      outcomes[to.role] = answer.outcome;
    }
    progress = { received: [], send, outcome: outcomes[to.role] };
    from = to.role;
  }
  return { ...outcomes, initiatorOctets: octets.initiator, responderOctets: octets.responder, flights };
}
