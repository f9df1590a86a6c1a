// Authorities with and without name constraints, and peers that they issued.
import { parseIntermediate } from '../../src/certificate/authority.ts';
import {
  type AuthorityLimits,
  createIntermediate,
  createTrustAnchor,
  issueCertificate,
} from '../../src/certificate/issue/issue.ts';
import { parseCertificate } from '../../src/certificate/parse.ts';
import { parseTrustAnchor, type TrustAnchor } from '../../src/certificate/trustAnchor.ts';
import { type TrustStore, trustStore } from '../../src/certificate/trustStore.ts';
import { initiator, type Outcome, responder } from '../../src/handshake/handshake.ts';
import type { HandshakeOptions } from '../../src/handshake/options.ts';
import { chooseSuite } from '../../src/node/suite.ts';
import { anchorFor, converse, credentialsFor, kemSeed, time, valueFrom } from './peers.ts';

export type Expected = HandshakeOptions['expectedPeer'];

export const suite = chooseSuite();
const validity = { notBefore: new Date('2026-01-01T00:00:00Z'), notAfter: new Date('2030-01-01T00:00:00Z') };
export const seedOf = (name: string): Uint8Array => suite.hash(new TextEncoder().encode(name)).slice(0, 32);
let serial = 0;
export const common = () => {
  serial += 1;
  return { suite, ...validity, serialNumber: Uint8Array.of(1, serial) };
};

export interface Authority {
  readonly name: string;
  readonly der: Uint8Array;
  readonly above?: Authority;
}

/** The seed goes by the name and the authority above, so that two of one name are two. */
export const keyOf = (name: string, above?: Authority): Uint8Array => seedOf(`${above?.name}/${name}`);

export function anchor(name: string, limits: AuthorityLimits = {}, key = name): Authority {
  return { name, der: createTrustAnchor({ ...common(), ...limits, name, seed: keyOf(key) }) };
}

export function under(above: Authority, name: string, limits: AuthorityLimits = {}): Authority {
  const publicKey = suite.signaturePublicKey(keyOf(name, above), suite.algorithms.signatures[0]);
  const issued = { issuer: above.der, issuerSeed: keyOf(above.name, above.above), publicKey };
  return { name, above, der: createIntermediate({ ...common(), ...limits, ...issued, name }) };
}

export interface Names {
  readonly name?: string;
  readonly organization?: string;
  readonly uris?: readonly string[];
  readonly dnsNames?: readonly string[];
}

/** Credentials that an authority issued, of a peer called bob. */
export function issued(by: Authority, names: Names = {}) {
  const { encapsulationKey } = suite.generateKemKey(kemSeed('bob'));
  const issuer = { issuer: by.der, issuerSeed: keyOf(by.name, by.above) };
  const der = issueCertificate({ ...common(), name: 'bob', ...names, ...issuer, encapsulationKey });
  return {
    certificate: valueFrom(parseCertificate(der)),
    decapsulationKey: suite.generateKemKey(kemSeed('bob')),
  };
}

export const parsed = ({ der }: Authority): TrustAnchor => valueFrom(parseTrustAnchor(suite, der));

export function trusting(anchors: readonly Authority[], intermediates: readonly Authority[] = []): TrustStore {
  return valueFrom(
    trustStore({
      trustAnchors: anchors.map(parsed),
      intermediates: intermediates.map(({ der }) => valueFrom(parseIntermediate(suite, der))),
    }),
  );
}

/** Alice, who expects somebody, meets a peer. */
export function meet(
  credentials: ReturnType<typeof issued>,
  trustAnchors: HandshakeOptions['trustAnchors'],
  expectedPeer: Expected,
  more: Partial<HandshakeOptions> = {},
) {
  const alice = initiator({
    suite,
    time,
    trustAnchors,
    expectedPeer,
    ...more,
    credentials: credentialsFor(suite, 'alice'),
  });
  const theirs = { suite, time, trustAnchors: [anchorFor(suite)], expectedPeer: 'anyone' };
  return converse(alice, responder({ ...theirs, credentials }));
}

export const codeOf = (outcome: Outcome): string =>
  outcome.status === 'failed' ? outcome.failure.code : outcome.status;
export const messageOf = (outcome: Outcome): string => (outcome.status === 'failed' ? outcome.failure.message : '');

export const ours = anchor('Our CA');
export const bothForms = { uris: ['https://bob.partner.example'], dnsNames: ['bob.partner.example'] };
