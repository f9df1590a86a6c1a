// Signers of manifests and models for tests, with real keys; and files of policies that list them.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type ManifestStatement, manifestPredicateType } from '../../../src/mcp/tools/signed.ts';
import { signManifest } from '../../../src/mcp/tools/signedFiles.ts';
import type { SigningKey } from '../../../src/provenance/contract.ts';
import { readSigningKey, writeKeyPair } from '../../../src/provenance/keys/files.ts';
import { integrityPredicateType } from '../../../src/provenance/statement/integrity.ts';
import { bob, manifest, tool } from './declared.ts';

/** ML-DSA-87 keys of some names in a folder: NAME.key and NAME.key.pub. */
export function keysIn(directory: string, ...names: readonly string[]): (name: string) => SigningKey {
  for (const name of names) writeKeyPair(join(directory, `${name}.key`), 'ml-dsa-87');
  const keys = new Map(names.map((name) => [name, readSigningKey(join(directory, `${name}.key`))]));
  return (name) => keys.get(name) as SigningKey;
}

export const issued = new Date('2026-06-01T12:00:00Z');
export const during = new Date('2026-06-02T12:00:00Z');
export const notAfter = new Date('2026-09-01T12:00:00Z');

/** The statement about what bob declares: the tool `a`. */
export const statementOf = (more: Partial<ManifestStatement> = {}): ManifestStatement => ({
  ...{ name: 'bob', server: bob, issued, notAfter },
  manifest: manifest([tool('a')], { prompts: [], instructions: null }),
  ...more,
});

/** Writes a signed manifest. @returns its file */
export function signedIn(
  directory: string,
  name: string,
  key: SigningKey,
  more: Partial<ManifestStatement> = {},
): string {
  const bundle = signManifest(statementOf(more), { key });
  if (!bundle.ok) throw new Error(bundle.detail);
  const file = join(directory, name);
  writeFileSync(file, bundle.value);
  return file;
}

/** Writes a trust policy: so many of these keys have to sign manifests and models. @returns its file */
export function policyIn(directory: string, name: string, keys: readonly string[], threshold = 1): string {
  const scope = { subjects: ['**'], predicateTypes: [manifestPredicateType, integrityPredicateType] };
  const file = join(directory, name);
  const signers = keys.map((id) => ({ id, keys: [{ file: `${id}.key.pub` }], maySign: [scope] }));
  const requirements = [{ id: 'all', ...scope, threshold, phases: [{ phase: 'post-quantum' }] }];
  writeFileSync(file, JSON.stringify({ version: 1, signers, requirements }));
  return file;
}
