// Signs with ours and verifies with the official tool of OpenSSF Model Signing, and the other way round.
// Usage: npm run interop:provenance -- [path of an installed model_signing]
// Without a path it installs the tool. Where that cannot be done it says why, and ends with status 0: nothing was found wrong.
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readDers } from '../src/node/files/files.ts';
import { signModel } from '../src/provenance/disk/signModel.ts';
import { type VerifyModelOptions, verifyModel } from '../src/provenance/disk/verifyModel.ts';
import { readSignerAuthorities } from '../src/provenance/keys/authorities.ts';
import { readSigningKey, writeKeyPair } from '../src/provenance/keys/files.ts';
import { installTool, makeCertificates, type Ran, run } from './provenanceInterop/officialTool.ts';

const folder = mkdtempSync(join(tmpdir(), 'pquake-interop-'));
const at = (name: string): string => join(folder, name);
let failed = 0;

/** Tells a check. @param expected - whether the model is to be verified */
function tell(what: string, { ok, said }: Ran, expected = true): void {
  const good = ok === expected;
  if (!good) failed += 1;
  const outcome = ok ? 'verified' : `refused (${said.split('\n').at(-1)?.slice(0, 120)})`;
  console.log(`${good ? 'as expected' : 'NOT AS EXPECTED'}: ${what}: ${outcome}`);
}

/** A new copy of the model. Its names stand in another order by components than by code points. */
function copy(name: string): string {
  cpSync(at('model'), at(name), { recursive: true });
  return at(name);
}

async function ours(
  model: string,
  options: Omit<VerifyModelOptions, 'signatures'>,
  signature = 'model.sig',
): Promise<Ran> {
  const judged = await verifyModel(model, { ...options, signatures: [join(model, signature)] });
  return judged.ok ? { ok: true, said: '' } : { ok: false, said: `${judged.code}: ${judged.detail}` };
}

function makeModel(): void {
  mkdirSync(at('model/layers'), { recursive: true });
  mkdirSync(at('model/.git'));
  for (const [name, content] of [
    ['config.json', '{}'],
    ['layers/0.bin', 'first'],
    ['layers-0.bin', 'dash'],
    ['empty', ''],
    ['größe-\u{1f600}-\uffee', 'beyond ASCII'],
    ['.git/config', 'left out'],
  ] as const)
    writeFileSync(at(`model/${name}`), content);
}

async function byKey(tool: string): Promise<void> {
  for (const algorithm of ['ecdsa-p256', 'ecdsa-p384', 'ecdsa-p521'] as const) {
    writeKeyPair(at(`${algorithm}.key`), algorithm);
    const [key, file, publicKey] = [
      readSigningKey(at(`${algorithm}.key`)),
      at(`${algorithm}.key`),
      at(`${algorithm}.key.pub`),
    ];
    const verify = (model: string): Ran =>
      run(tool, ['verify', 'key', model, '--signature', join(model, 'model.sig'), '--public_key', publicKey]);
    const mine = copy(`ours ${algorithm}`);
    await signModel(mine, { key });
    tell(`${algorithm}, ours signed, the official tool verifies`, verify(mine));
    writeFileSync(join(mine, 'config.json'), '{ }');
    tell(`${algorithm}, the same with a changed file`, verify(mine), false);
    const theirs = copy(`official ${algorithm}`);
    run(tool, ['sign', 'key', theirs, '--signature', join(theirs, 'model.sig'), '--private_key', file]);
    const keys = [key.publicKey];
    tell(`${algorithm}, the official tool signed, ours verifies`, await ours(theirs, { keys }));
    writeFileSync(join(theirs, 'config.json'), '{ }');
    tell(`${algorithm}, the same with a changed file`, await ours(theirs, { keys }), false);
  }
}

async function byCertificate(tool: string): Promise<void> {
  const why = makeCertificates(folder);
  if (why !== undefined) return console.log(`not run: the certificate method: ${why}`);
  const chain = ['--certificate_chain', at('root.pem')];
  const theirs = copy('official certificate');
  const words = ['--private_key', at('signer.key'), '--signing_certificate', at('signer.pem'), ...chain];
  run(tool, ['sign', 'certificate', theirs, '--signature', join(theirs, 'model.sig'), ...words]);
  const authorities = readSignerAuthorities({ ca: [at('root.pem')] });
  const expect = ['CN=signer'];
  tell('a certificate, the official tool signed, ours verifies', await ours(theirs, { authorities, expect }));
  const mine = copy('ours certificate');
  const certificates = readDers([at('signer.pem'), at('root.pem')], 'CERTIFICATE');
  await signModel(mine, { key: readSigningKey(at('signer.key')), chain: certificates });
  const verify = ['verify', 'certificate', mine, '--signature', join(mine, 'model.sig'), ...chain];
  tell('a certificate, ours signed, the official tool verifies', run(tool, verify));
}

async function hybrids(tool: string): Promise<void> {
  writeKeyPair(at('ml-dsa-87.key'), 'ml-dsa-87');
  const [key, classical] = ['ml-dsa-87', 'ecdsa-p256'].map((name) => readSigningKey(at(`${name}.key`)));
  if (key === undefined || classical === undefined) return;
  const publicKey = ['--public_key', at('ecdsa-p256.key.pub')];
  const model = copy('hybrid');
  await signModel(model, { key, hybrid: { key: classical } });
  const verify = (signature: string, words: readonly string[] = publicKey): Ran =>
    run(tool, ['verify', 'key', model, '--signature', join(model, signature), ...words]);
  tell('a hybrid, model.pq.sig beside model.sig, the official tool verifies model.sig', verify('model.sig'));
  tell('the same, ours verifies both', await ours(model, { keys: [key.publicKey, classical.publicKey] }));
  tell(
    'the same, the official tool and model.pq.sig',
    verify('model.pq.sig', ['--public_key', at('ml-dsa-87.key.pub')]),
    false,
  );
  rmSync(join(model, 'model.pq.sig'));
  tell('the same without model.pq.sig, the official tool sees no difference', verify('model.sig'));
  tell('the same without model.pq.sig, ours', await ours(model, { keys: [classical.publicKey] }), false);
}

try {
  const [given] = process.argv.slice(2);
  const found = given === undefined ? installTool(folder) : { tool: given };
  if ('why' in found) console.log(`not run: the official tool: ${found.why}`);
  else {
    makeModel();
    await byKey(found.tool);
    await byCertificate(found.tool);
    await hybrids(found.tool);
    console.log(failed === 0 ? 'all as expected' : `${failed} not as expected`);
  }
} finally {
  rmSync(folder, { recursive: true });
}
process.exitCode = failed === 0 ? 0 : 1;
