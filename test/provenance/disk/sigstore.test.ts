// A whole hybrid of ours, read and verified by the libraries of Sigstore.
import { createPublicKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { bundleFromJSON } from '@sigstore/bundle';
import { toSignedEntity, Verifier } from '@sigstore/verify';
import { afterAll, describe, expect, it } from 'vitest';
import { signModel } from '../../../src/provenance/disk/signModel.ts';
import { generateKey } from '../../../src/provenance/keys/schemes.ts';
import { temporaryModels } from './signedModels.ts';

const models = temporaryModels();
afterAll(models.remove);
const [key, classical] = [generateKey('ml-dsa-87'), generateKey('ecdsa-p256')];
const model = models.make({ 'config.json': '{}', 'weights.bin': 'weights' });
await signModel(model, { key, hybrid: { key: classical } });

describe.each([
  ['model.sig', classical],
  ['model.pq.sig', key],
] as const)('%s', (name, { publicKey }) => {
  const bundle = bundleFromJSON(JSON.parse(readFileSync(join(model, name), 'utf8')));
  const find = (hint: string) => {
    expect(hint).toBe(publicKey.identifier);
    const found = createPublicKey({ key: Buffer.from(publicKey.spki), format: 'der', type: 'spki' });
    return { publicKey: found, validFor: () => true };
  };
  const nobody = { certificateAuthorities: [], timestampAuthorities: [], tlogs: [], ctlogs: [], publicKey: find };
  const verifier = new Verifier(nobody, { tlogThreshold: 0, ctlogThreshold: 0, timestampThreshold: 0 });

  it('is a bundle whose signature verifies over the statement', () => {
    expect(() => verifier.verify(toSignedEntity(bundle))).not.toThrow();
    const { content } = bundle;
    if (content.$case !== 'dsseEnvelope') throw new Error(content.$case);
    expect(JSON.parse(content.dsseEnvelope.payload.toString()).predicateType).toBe(
      'https://model_signing/signature/v1.0',
    );
    content.dsseEnvelope.payload[0] = 0x20;
    expect(() => verifier.verify(toSignedEntity(bundle))).toThrow();
  });
});
