import { createPublicKey } from 'node:crypto';
import { bundleFromJSON } from '@sigstore/bundle';
import { toSignedEntity, Verifier } from '@sigstore/verify';
import { describe, expect, test } from 'vitest';
import type { VerifyingKey } from '../../../src/provenance/contract.ts';
import { generateKey } from '../../../src/provenance/keys/schemes.ts';
import { encodeBundle, inTotoPayloadType } from '../../../src/provenance/signature/bundle.ts';
import { signEnvelope } from '../../../src/provenance/signature/envelope.ts';

const payload = new TextEncoder().encode('{"_type":"https://in-toto.io/Statement/v1"}');

/** The verifier of Sigstore, for one key and without logs and timestamps. */
function verifierOf(key: VerifyingKey): Verifier {
  const publicKey = createPublicKey({ key: Buffer.from(key.spki), format: 'der', type: 'spki' });
  const find = (hint: string) => {
    if (hint !== key.identifier) throw new Error(`no key ${hint}`);
    return { publicKey, validFor: () => true };
  };
  const nobody = { certificateAuthorities: [], timestampAuthorities: [], tlogs: [], ctlogs: [] };
  const options = { tlogThreshold: 0, ctlogThreshold: 0, timestampThreshold: 0 };
  return new Verifier({ ...nobody, publicKey: find }, options);
}

describe.each(['ecdsa-p256', 'ml-dsa-87', 'ml-dsa-65', 'ed25519'] as const)(
  'Sigstore reads bundles of %s',
  (algorithm) => {
    const key = generateKey(algorithm);
    const envelope = signEnvelope(key, inTotoPayloadType, payload);
    const entityOf = (one: typeof envelope) =>
      toSignedEntity(bundleFromJSON(JSON.parse(new TextDecoder().decode(encodeBundle(one)))));

    test('and verifies them under the key that they name', () => {
      expect(() => verifierOf(key.publicKey).verify(entityOf(envelope))).not.toThrow();
    });

    test('and refuses another payload, and another key', () => {
      const changed = { ...envelope, payload: payload.map((octet) => octet ^ 1) };
      expect(() => verifierOf(key.publicKey).verify(entityOf(changed))).toThrow('signature verification failed');
      expect(() => verifierOf(generateKey(algorithm).publicKey).verify(entityOf(envelope))).toThrow('no key');
    });
  },
);
