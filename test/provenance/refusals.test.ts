// What an attacker does with signatures that are right in themselves: each is refused, on the command line, with a code of its own.
import { copyFileSync, cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { verifyModel } from '../../src/provenance/disk/verifyModel.ts';
import { readSigningKey, readVerifyingKey } from '../../src/provenance/keys/files.ts';
import { encodeBundle, inTotoPayloadType } from '../../src/provenance/signature/bundle.ts';
import { signEnvelope } from '../../src/provenance/signature/envelope.ts';
import { encodeStatement } from '../../src/provenance/statement/inToto.ts';
import { pquake } from '../cli/commands.ts';

const directory = mkdtempSync(join(tmpdir(), 'pquake-refusals-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));
const at = (name: string): string => join(directory, name);

async function model(...words: readonly string[]): Promise<Record<string, unknown>> {
  return JSON.parse((await pquake('model', ...words, '--json')).stdout);
}

/** Makes a model of one file. */
function make(name: string, content: string): string {
  mkdirSync(at(name));
  writeFileSync(join(at(name), 'weights.bin'), content);
  return at(name);
}

const publicKeys = (...names: readonly string[]) => names.flatMap((name) => ['--public-key', at(`${name}.pub`)]);
const verify = (path: string, ...words: readonly string[]) =>
  model('verify', path, '--signature', join(path, 'model.sig'), ...words);

const everything = { subjects: ['**'], predicateTypes: ['**'] };
function policy(name: string, more: object = {}): readonly string[] {
  const signers = [{ id: 'release', keys: [{ file: 'release.pub' }], maySign: [everything] }];
  const requirements = [{ id: 'all', ...everything, phases: [{ phase: 'post-quantum' }] }];
  writeFileSync(at(name), JSON.stringify({ version: 1, signers, requirements, ...more }));
  return ['--policy', at(name)];
}

let [first, second, hybrid] = ['', '', ''];
beforeAll(async () => {
  for (const [name, algorithm] of [
    ['release', 'ml-dsa-87'],
    ['next', 'ml-dsa-87'],
    ['classical', 'ecdsa-p256'],
  ] as const)
    expect(await model('key', 'generate', at(name), '--algorithm', algorithm)).toMatchObject({ ok: true });
  [first, second, hybrid] = [make('first', 'one'), make('second', 'two'), make('hybrid', 'three')];
  for (const path of [first, second])
    expect(await model('sign', path, '--key', at('release'))).toMatchObject({ ok: true });
  await model('sign', hybrid, '--key', at('release'), '--hybrid-key', at('classical'));
  await model('key', 'rotate', at('release'), at('next'), '--from', '2026-01-01', '--out', at('succession.json'));
  const revoke = ['key', 'revoke', at('release'), '--reason', 'key-compromise', '--time', '2026-01-01'];
  await model(...revoke, '--out', at('revocation.json'));
});

it('what is changed below is verified before', async () => {
  expect(await verify(first, ...publicKeys('release'))).toMatchObject({ ok: true });
  expect(await verify(hybrid, ...publicKeys('release', 'classical'))).toMatchObject({ ok: true });
  expect(await verify(first, ...policy('right.json'))).toMatchObject({ ok: true });
});

it('a stripped hybrid signature: hybrid-signature-missing', async () => {
  const stripped = at('stripped');
  cpSync(hybrid, stripped, { recursive: true });
  rmSync(join(stripped, 'model.pq.sig'));
  expect(await verify(stripped, ...publicKeys('classical'))).toMatchObject({
    ok: false,
    code: 'hybrid-signature-missing',
    path: join(stripped, 'model.pq.sig'),
  });
});

it('half of a hybrid of another model: hybrid-payload-differs', async () => {
  const mixed = at('mixed');
  cpSync(hybrid, mixed, { recursive: true });
  copyFileSync(join(first, 'model.sig'), join(mixed, 'model.pq.sig'));
  expect(await verify(mixed, ...publicKeys('classical', 'release'))).toMatchObject({
    ok: false,
    code: 'hybrid-payload-differs',
    path: join(mixed, 'model.pq.sig'),
  });
});

it('bundles exchanged between models: file-modified', async () => {
  const swapped = at('swapped');
  cpSync(second, swapped, { recursive: true });
  copyFileSync(join(first, 'model.sig'), join(swapped, 'model.sig'));
  expect(await verify(swapped, ...publicKeys('release'))).toMatchObject({
    ok: false,
    code: 'file-modified',
    path: 'weights.bin',
  });
});

it("an old version's bundle: file-modified; with the old files too: subject-unexpected", async () => {
  const path = make('versions', 'version 1');
  await model('sign', path, '--key', at('release'));
  cpSync(path, at('old'), { recursive: true });
  writeFileSync(join(path, 'weights.bin'), 'version 2');
  await model('sign', path, '--key', at('release'));
  const keys = [readVerifyingKey(at('release.pub'))];
  const now = await verifyModel(path, { signatures: [join(path, 'model.sig')], keys });
  if (!now.ok) throw new Error(now.code);
  const old = { signatures: [join(at('old'), 'model.sig')], keys };
  copyFileSync(join(at('old'), 'model.sig'), join(path, 'model.sig'));
  expect(await verify(path, ...publicKeys('release'))).toMatchObject({ code: 'file-modified', path: 'weights.bin' });
  expect(await verifyModel(at('old'), { ...old, subject: { digest: now.value.digest } })).toMatchObject({
    code: 'subject-unexpected',
  });
});

describe('a key', () => {
  it('that is not listed: signature-unknown-key, or of one key signature-key-mismatch', async () => {
    const signers = [{ id: 'release', keys: [{ file: 'next.pub' }, { file: 'classical.pub' }], maySign: [everything] }];
    expect(await verify(first, ...policy('other.json', { signers }))).toMatchObject({ code: 'signature-unknown-key' });
    expect(await verify(first, ...publicKeys('next'))).toMatchObject({ code: 'signature-key-mismatch' });
  });
  it('that a policy does not list, given beside it: unlisted-signer', async () => {
    const signers = [{ id: 'release', keys: [{ file: 'next.pub' }], maySign: [everything] }];
    const judged = await verify(first, ...policy('beside.json', { signers }), ...publicKeys('release'));
    expect(judged).toMatchObject({ code: 'unlisted-signer' });
  });
  it('that was rotated: key-rotated-time-unknown, or where no time helps key-rotated', async () => {
    const keyStatements = ['succession.json'];
    expect(await verify(first, ...policy('rotated.json', { keyStatements }))).toMatchObject({
      code: 'key-rotated-time-unknown',
    });
    const never = policy('never.json', { keyStatements, earlierSignatures: { rotated: 'never' } });
    expect(await verify(first, ...never)).toMatchObject({ code: 'key-rotated' });
  });
  it('that was revoked: key-revoked-time-unknown, or where no time helps key-revoked', async () => {
    const keyStatements = ['revocation.json'];
    expect(await verify(first, ...policy('revoked.json', { keyStatements }))).toMatchObject({
      code: 'key-revoked-time-unknown',
    });
    const never = policy('gone.json', { keyStatements, earlierSignatures: { revoked: 'never' } });
    expect(await verify(first, ...never)).toMatchObject({ code: 'key-revoked' });
  });
});

it('a statement for another subject than the signer may sign: subject-not-permitted', async () => {
  const maySign = [{ subjects: ['second'], predicateTypes: ['**'] }];
  const only = policy('second.json', { signers: [{ id: 'release', keys: [{ file: 'release.pub' }], maySign }] });
  expect(await verify(second, ...only)).toMatchObject({ ok: true });
  expect(await verify(first, ...only)).toMatchObject({ code: 'subject-not-permitted' });
});

it('a statement of another kind in the place of the signature: integrity-wrong-predicate', async () => {
  const made = at('revoked-as-model.sig');
  const subject = [{ name: 'first', digest: { sha256: '00'.repeat(32) } }];
  const payload = encodeStatement({ subject, predicateType: 'https://example.org/other', predicate: {} });
  writeFileSync(made, encodeBundle(signEnvelope(readSigningKey(at('release')), inTotoPayloadType, payload)));
  expect(await model('verify', first, '--signature', made, ...publicKeys('release'))).toMatchObject({
    code: 'integrity-wrong-predicate',
  });
});

it('a log that shows another history: log-fork', async () => {
  const log = at('log');
  await model('log', 'init', log, '--origin', 'example.com/log', '--key', at('log.key'));
  await model('log', 'key', at('witness.key'), '--name', 'witness.example/1');
  cpSync(log, at('fork'), { recursive: true });
  await model('log', 'add', log, join(first, 'model.sig'), '--key', at('log.key'));
  await model('log', 'add', at('fork'), join(second, 'model.sig'), '--key', at('log.key'));
  const witness = (path: string) => model('log', 'witness', path, '--state', at('seen'), '--key', at('witness.key'));
  expect(await witness(log)).toMatchObject({ ok: true });
  expect(await witness(at('fork'))).toMatchObject({ ok: false, code: 'log-fork' });
});
