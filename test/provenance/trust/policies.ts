// Trust policies and signers for tests: keys by name, without cryptography.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { faultFinder } from '../../../src/json/schemaFault.ts';
import type { AlgorithmName, VerifyingKey } from '../../../src/provenance/contract.ts';
import type { RequirementDocument, SignerDocument, TrustDocument } from '../../../src/provenance/trust/document.ts';
import {
  keyHistory,
  type Revocation,
  type RevocationReason,
  type Succession,
} from '../../../src/provenance/trust/history.ts';
import type { SignaturesToJudge } from '../../../src/provenance/trust/judge.ts';
import { compileTrustPolicy, readTrustDocument, type TrustPolicy } from '../../../src/provenance/trust/policy.ts';
import type { PresentedSignature, TrustedTime } from '../../../src/provenance/trust/signatures.ts';

export const identifier = (name: string): string => createHash('sha256').update(name).digest('hex');

export const integrity = 'https://model_signing/signature/v1.0';

/** When tests judge. */
export const now = new Date('2027-06-01T12:00:00Z');

const key = (name: string, algorithm: AlgorithmName = 'ml-dsa-87'): VerifyingKey => ({
  algorithm,
  spki: new TextEncoder().encode(name),
  identifier: identifier(name),
  verify: () => false,
});

/** The judge of the schema, as the reader of files has it. */
export const policyFault = faultFinder(JSON.parse(readFileSync('spec/schema/trust-policy.schema.json', 'utf8')), {});

export const octetsOf = (document: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(document));

export interface History {
  readonly successions?: readonly (readonly [oldKey: string, newKey: string, from: string])[];
  readonly revocations?: readonly (readonly [key: string, from: string, reason?: RevocationReason])[];
}

export const successionsOf = ({ successions = [] }: History): Succession[] =>
  successions.map(([oldKey, newKey, from]) => ({
    oldKey: identifier(oldKey),
    newKey: identifier(newKey),
    from: new Date(from),
    key: key(newKey),
  }));

const revocationsOf = ({ revocations = [] }: History): Revocation[] =>
  revocations.map(([name, from, reason = 'key-compromise']) => ({
    key: identifier(name),
    from: new Date(from),
    reason,
    by: identifier(name),
  }));

/** A signer with a key of its own name, who may sign everything. */
export const signer = (id: string, more: Partial<SignerDocument> = {}): SignerDocument => ({
  id,
  keys: [{ identifier: identifier(id) }],
  maySign: [{ subjects: ['**'], predicateTypes: ['**'] }],
  ...more,
});

/** A requirement about everything, of one signature of any algorithm. */
export const requirement = (more: Partial<RequirementDocument> = {}): RequirementDocument => ({
  id: 'everything',
  subjects: ['**'],
  predicateTypes: ['**'],
  phases: [{ phase: 'classical' }],
  ...more,
});

/** A policy of which the signer `alice` has to sign everything, with other parts in the places of its own. */
export const document = (more: Partial<TrustDocument> = {}): TrustDocument => ({
  version: 1,
  signers: [signer('alice')],
  requirements: [requirement()],
  ...more,
});

/** Reads and compiles a document that has to be right. */
export function policyOf(more: Partial<TrustDocument> = {}, history: History = {}): TrustPolicy {
  const read = readTrustDocument(octetsOf(document(more)), policyFault);
  if (!read.ok) throw new Error(`${read.code}: ${read.detail}`);
  const put = keyHistory(successionsOf(history), revocationsOf(history));
  if (!put.ok) throw new Error(`${put.code}: ${put.detail}`);
  const policy = compileTrustPolicy(read.value, {
    digest: '',
    keyOf: (one) => ('identifier' in one ? one : { identifier: 'none' }),
    history: put.value,
    authorityCertificates: [],
    timestampAuthorities: [],
  });
  if (!policy.ok) throw new Error(`${policy.code}: ${policy.detail}`);
  return policy.value;
}

/** A signature by the key of a name. */
export const byKey = (
  name: string,
  algorithm: AlgorithmName = 'ml-dsa-87',
  evidence: readonly TrustedTime[] = [],
): PresentedSignature => ({
  signer: { algorithm, key: identifier(name), name: `key ${identifier(name)}` },
  evidence,
});

/** A signature by a certificate. */
export const byCertificate = (
  names: readonly string[],
  authorities: readonly string[],
  keyName = names.join(),
): PresentedSignature => ({
  signer: {
    algorithm: 'ml-dsa-87',
    key: identifier(keyName),
    name: names[0] ?? '',
    certificate: {
      names,
      authorities,
      digest: '',
      serialNumber: '01',
      notBefore: new Date(0),
      notAfter: new Date(4e12),
    },
  },
});

/** What is judged, unless a test says otherwise: the integrity of `model`, now, signed by alice. */
export const ask = (more: Partial<SignaturesToJudge> = {}): SignaturesToJudge => ({
  subject: 'model',
  predicateType: integrity,
  signers: [byKey('alice')],
  time: now,
  ...more,
});
