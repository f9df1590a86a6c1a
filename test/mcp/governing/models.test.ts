// Models of a server: verified before it starts, and looked at while it runs.
import { appendFileSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { ModelError, type Models, type ModelsOptions, verifiedModels } from '../../../src/mcp/governing/models.ts';
import { requireVerified, verifiedText } from '../../../src/mcp/governing/verified.ts';
import type { SigningKey } from '../../../src/provenance/contract.ts';
import { signModel } from '../../../src/provenance/disk/signModel.ts';
import { readSigningKey, writeKeyPair } from '../../../src/provenance/keys/files.ts';
import { eventually } from '../../waiting.ts';
import { during, keysIn, policyIn, signedIn } from '../tools/signing.ts';

const directory = mkdtempSync(join(tmpdir(), 'pquake-models-'));
const file = (name: string): string => join(directory, name);
let keyOf: (name: string) => SigningKey;
const open: Models[] = [];
beforeAll(() => {
  keyOf = keysIn(directory, 'one', 'two', 'mallory');
});
afterEach(() => {
  for (const one of open.splice(0)) one.close();
});
afterAll(() => rmSync(directory, { recursive: true }));

let last = 0;
/** A model of two files, signed. */
async function model(key = keyOf('one')): Promise<string> {
  last += 1;
  const path = file(`model-${last}`);
  mkdirSync(path);
  writeFileSync(join(path, 'weights'), 'w'.repeat(1_000));
  writeFileSync(join(path, 'config.json'), '{}');
  const signed = await signModel(path, { key, workers: 1 });
  expect(signed.ok).toBe(true);
  return path;
}

const byOne = () => ({ keys: [file('one.key.pub')] });

async function begin(path: string, more: Partial<ModelsOptions> = {}): Promise<Models> {
  const models = await verifiedModels({ models: [{ path }], signers: byOne(), workers: 1, ...more });
  open.push(models);
  return models;
}

const codeOf = (beginning: Promise<unknown>): Promise<string> =>
  beginning.then(
    () => 'verified',
    (error: unknown) => (error instanceof ModelError ? error.code : String(error)),
  );

it('a model of a trusted signer is verified, with its digest and who signed', async () => {
  const models = await begin(await model());
  expect(models.verified()).toMatchObject([
    { digest: expect.stringMatching(/^[0-9a-f]{64}$/), signers: [{ key: keyOf('one').publicKey.identifier }] },
  ]);
  expect(await models.look()).toBeUndefined();
});

it.each<[string, (path: string) => void, string]>([
  ['a changed file', (path) => appendFileSync(join(path, 'weights'), 'x'), 'file-modified'],
  ['a file more', (path) => writeFileSync(join(path, 'more'), 'x'), 'file-extra'],
  ['a file less', (path) => rmSync(join(path, 'config.json')), 'file-missing'],
  ['no signature', (path) => rmSync(join(path, 'model.sig')), 'configuration'],
  ['a signature that is none', (path) => writeFileSync(join(path, 'model.sig'), '{}'), 'bundle-missing-field'],
])('with %s nothing begins', async (_, spoil, code) => {
  const path = await model();
  spoil(path);
  expect(await codeOf(begin(path))).toBe(code);
});

it('only who the keys or the policy list may sign', async () => {
  const stranger = await model(keyOf('mallory'));
  expect(await codeOf(begin(stranger))).toBe('signature-key-mismatch');
  const policy = policyIn(directory, 'trust.json', ['one', 'two']);
  expect(await codeOf(begin(stranger, { signers: { policy } }))).toBe('signature-unknown-key');
  expect(await codeOf(begin(await model(), { signers: { policy } }))).toBe('verified');
  expect(await codeOf(begin(await model(keyOf('two')), { signers: { policy } }))).toBe('verified');
  const both = policyIn(directory, 'both.json', ['one', 'two'], 2);
  expect(await codeOf(begin(await model(), { signers: { policy: both } }))).toBe('too-few-signers');
});

it('a hybrid needs both of its signatures, and both keys in the policy; by a key alone the other signature is told', async () => {
  writeKeyPair(file('classical.key'), 'ecdsa-p256');
  const path = await model();
  rmSync(join(path, 'model.sig'));
  const hybrid = { key: readSigningKey(file('classical.key')) };
  expect((await signModel(path, { key: keyOf('one'), hybrid, workers: 1 })).ok).toBe(true);
  const byClassical = { keys: [file('classical.key.pub')] };
  const verified = await requireVerified({ models: { models: [{ path }], signers: byClassical, workers: 1 } });
  const told: string[] = [];
  verified.onEvent((event) => told.push(verifiedText(event)));
  verified.close();
  expect(told).toEqual([expect.stringMatching(/ecdsa-p256; no key for its signature by ml-dsa-87 is trusted$/)]);
  const policy = policyIn(directory, 'hybrid.json', ['one']);
  expect(await codeOf(begin(path, { signers: { policy } }))).toBe('required-algorithm-missing');
  const document = JSON.parse(readFileSync(policy, 'utf8'));
  document.signers[0].keys.push({ file: 'classical.key.pub' });
  writeFileSync(policy, JSON.stringify(document));
  expect(await codeOf(begin(path, { signers: { policy } }))).toBe('verified');
  rmSync(join(path, 'model.pq.sig'));
  expect(await codeOf(begin(path, { signers: { policy } }))).toBe('hybrid-signature-missing');
});

it('a model that changes is told, once, and again when it verifies', async () => {
  const path = await model();
  const models = await begin(path, { every: 20 });
  const told: string[] = [];
  models.onChange((state) => told.push(state.ok ? 'verified' : state.code));
  const weights = readFileSync(join(path, 'weights'));
  writeFileSync(join(path, 'weights'), 'x'.repeat(1_000));
  await eventually(() => expect(told).toEqual(['file-modified']));
  expect(await models.look()).toMatchObject({ code: 'file-modified', path });
  writeFileSync(join(path, 'next'), weights);
  renameSync(join(path, 'next'), join(path, 'weights'));
  await eventually(() => expect(told).toEqual(['file-modified', 'verified']));
  expect(await models.look()).toBeUndefined();
});

it('all that has to verify is required at once, and told', async () => {
  const path = await model();
  const manifest = { files: [signedIn(directory, 'bob.manifest', keyOf('one'))], signers: byOne() };
  const models = { models: [{ path }], signers: byOne(), workers: 1 };
  const verified = await requireVerified({
    models,
    manifest: { ...manifest, server: { names: ['bob'] } },
    now: () => during,
  });
  const told: string[] = [];
  verified.onEvent((event) => told.push(verifiedText(event).replace(/[0-9a-f]{64}/g, 'HEX')));
  const [, name] = path.split('/model-');
  expect(told).toEqual([
    `verified model model-${name}, SHA-256 HEX, signed by key HEX, ml-dsa-87`,
    'verified manifest bob, SHA-256 HEX, signed by key HEX, ml-dsa-87',
  ]);
  expect(await verified.look()).toBeUndefined();
  signedIn(directory, 'bob.manifest', keyOf('mallory'));
  expect(await verified.look()).toMatchObject({ code: 'signature-key-mismatch' });
  verified.close();
  await expect(requireVerified({ manifest, now: () => during })).rejects.toThrow('signature-key-mismatch');
  signedIn(directory, 'bob.manifest', keyOf('one'));
  const other = { ...manifest, server: { names: ['carol'] } };
  await expect(requireVerified({ manifest: other, now: () => during })).rejects.toThrow('manifest-other-server');
  const nothing = await requireVerified({});
  expect(nothing.guardFor({ names: ['bob'] }).answered('tools/list', {}, { tools: [] })).toEqual({ forward: true });
});
