// OpenSSF Model Signing 1.0, case by case: its test vectors by category, its section 11, and what its procedure says of models.
// The files are made here, save those of the official tool.
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { Json, JsonObject } from '../../src/json/readJson.ts';
import { signModel } from '../../src/provenance/disk/signModel.ts';
import { verifyModel } from '../../src/provenance/disk/verifyModel.ts';
import { readSignerAuthorities } from '../../src/provenance/keys/authorities.ts';
import { readVerifyingKey } from '../../src/provenance/keys/files.ts';
import { generateKey } from '../../src/provenance/keys/schemes.ts';
import { decodeBundle, encodeBundle, inTotoPayloadType } from '../../src/provenance/signature/bundle.ts';
import { signEnvelope } from '../../src/provenance/signature/envelope.ts';
import { temporaryModels } from './disk/signedModels.ts';

const models = temporaryModels();
afterAll(models.remove);
const official = (name: string): string => `test/provenance/disk/official/${name}`;
const time = new Date('2027-06-01T00:00:00Z');
const officialKeys = [readVerifyingKey(official('key.pub'))];
const authorities = readSignerAuthorities({ ca: [official('root.pem')] });

const key = generateKey('ecdsa-p256');
const model = models.make({ 'signme-1': 'one', 'signme-2': 'two' });
const signature = models.file('bundle.sig');
await signModel(model, { key, signature });
const good = JSON.parse(readFileSync(signature, 'utf8'));
const statement = JSON.parse(Buffer.from(good.dsseEnvelope.payload, 'base64').toString());

type Change = (value: JsonObject) => Json;

/** Our bundle, with another form around the same signature. */
const formed = (change: Change): string => JSON.stringify(change(good));
const material = (value: JsonObject): string => formed((bundle) => ({ ...bundle, verificationMaterial: value }));
const signatureFields = (value: JsonObject): string =>
  formed((bundle) => {
    const { signatures: _, ...envelope } = bundle['dsseEnvelope'] as JsonObject;
    return {
      ...bundle,
      dsseEnvelope: { ...envelope, signatures: [{ sig: good.dsseEnvelope.signatures[0].sig, ...value }] },
    };
  });

/** A bundle over another statement, signed by the same key. */
function over(change: Change): Uint8Array {
  const payload = new TextEncoder().encode(JSON.stringify(change(statement)));
  return encodeBundle(signEnvelope(key, inTotoPayloadType, payload));
}
const predicateWith = (more: JsonObject): Uint8Array =>
  over((one) => ({ ...one, predicate: { ...(one['predicate'] as JsonObject), ...more } }));
const serializationWith = (more: JsonObject): Uint8Array =>
  predicateWith({ serialization: { ...statement.predicate.serialization, ...more } });

async function judge(bundle: string | Uint8Array, path = model): Promise<string> {
  writeFileSync(signature, bundle);
  const judged = await verifyModel(path, { signatures: [signature], keys: [key.publicKey], workers: 1 });
  return judged.ok ? 'verified' : judged.code;
}

describe('valid bundles', () => {
  it('of the key method, as the official tool made it', async () => {
    const judged = await verifyModel(official('model'), { signatures: [official('key.sig')], keys: officialKeys });
    expect(judged).toMatchObject({ ok: true, value: { name: 'model', signers: [{ algorithm: 'ecdsa-p256' }] } });
    const names = ['config.json', 'empty.txt', 'layers-0.bin', 'layers/0.bin'];
    expect(judged.ok && judged.value.files.map(({ name }) => name)).toEqual(names);
  });

  it('of the certificate method, as the official tool made it', async () => {
    const signatures = [official('certificate.sig')];
    const expected = { signatures, authorities, time, expect: ['CN=Model signer'] };
    expect(await verifyModel(official('model'), expected)).toMatchObject({
      ok: true,
      value: { signers: [{ name: 'CN=Model signer', certificate: { authorities: ['CN=Model root'] } }] },
    });
    expect(await verifyModel(official('model'), { ...expected, expect: ['CN=Other'] })).toMatchObject({
      code: 'signer-unexpected',
    });
  });

  it('of one file, which the official tool calls `.`', async () => {
    const options = { signatures: [official('file.sig')], keys: officialKeys };
    expect(await verifyModel(official('model/config.json'), options)).toMatchObject({ ok: true });
    expect(await verifyModel(official('model/empty.txt'), options)).toMatchObject({ code: 'file-modified' });
  });

  it('that leave a path out: refused where something is there, unless it is permitted', async () => {
    const options = { signatures: [official('ignoring.sig')], keys: officialKeys };
    expect(await verifyModel(official('model'), options)).toMatchObject({ code: 'file-ignored-by-signer' });
    expect(await verifyModel(official('model'), { ...options, ignore: ['layers'] })).toMatchObject({ ok: true });
    const without = models.file('without');
    cpSync(official('model'), without, { recursive: true });
    rmSync(join(without, 'layers'), { recursive: true });
    expect(await verifyModel(without, options)).toMatchObject({ ok: true });
  });

  it('of the keyless method: known, and not judged without its logs', async () => {
    const certificate = { rawBytes: Buffer.from('certificate').toString('base64') };
    expect(await judge(material({ certificate, tlogEntries: [{ logIndex: '1' }] }))).toBe('bundle-keyless');
  });

  it('of ours', async () => {
    expect(await judge(formed((one) => one))).toBe('verified');
  });
});

describe('invalid bundles', () => {
  it.each<[string, () => string | Uint8Array, string]>([
    ['an empty file', () => '', 'bundle-malformed-json'],
    ['an empty object', () => '{}', 'bundle-missing-field'],
    ['no envelope', () => formed(({ dsseEnvelope: _, ...rest }) => rest), 'bundle-missing-field'],
    ['no verification material', () => formed(({ verificationMaterial: _, ...rest }) => rest), 'bundle-missing-field'],
    ['verification material that names nobody', () => material({ tlogEntries: [] }), 'bundle-no-key-reference'],
    [
      'the keyless method without log entries',
      () => material({ certificate: { rawBytes: 'AAAA' } }),
      'bundle-missing-log-entries',
    ],
    [
      'the keyless method with an empty list of them',
      () => material({ certificate: { rawBytes: 'AAAA' }, tlogEntries: [] }),
      'bundle-missing-log-entries',
    ],
    [
      'another predicate',
      () => over((one) => ({ ...one, predicateType: 'https://example.com/x' })),
      'integrity-wrong-predicate',
    ],
    [
      'another media type',
      () => formed((one) => ({ ...one, mediaType: 'application/json' })),
      'bundle-wrong-media-type',
    ],
    [
      'a later version',
      () => formed((one) => ({ ...one, mediaType: 'application/vnd.dev.sigstore.bundle.v0.4+json' })),
      'bundle-unsupported-version',
    ],
    ['an unknown field', () => formed((one) => ({ ...one, trust: true })), 'bundle-unknown-field'],
  ])('%s', async (_, make, code) => {
    expect(await judge(make())).toBe(code);
  });
});

describe('section 11: what differs between versions', () => {
  const pem = `-----BEGIN PUBLIC KEY-----\n${Buffer.from(key.publicKey.spki).toString('base64').replace(/.{64}/g, '$&\n')}\n-----END PUBLIC KEY-----\n`;
  it.each<[string, () => string | Uint8Array, string]>([
    ['keyid absent', () => signatureFields({}), 'verified'],
    ['keyid empty', () => signatureFields({ keyid: '' }), 'verified'],
    ['keyid null', () => signatureFields({ keyid: null }), 'verified'],
    [
      'rawBytes in the place of a hint',
      () =>
        material({
          publicKey: { rawBytes: Buffer.from(pem).toString('base64'), keyDetails: 'PKIX_ECDSA_P256_SHA_256' },
        }),
      'verified',
    ],
    ['no log entries for a key', () => material({ publicKey: { hint: key.publicKey.identifier } }), 'verified'],
    [
      'log entries for a key',
      () => material({ publicKey: { hint: key.publicKey.identifier }, tlogEntries: [{ logIndex: '1' }] }),
      'verified',
    ],
    [
      'another name of the model',
      () => over((one) => ({ ...one, subject: [{ ...statement.subject[0], name: 'model' }] })),
      'verified',
    ],
    [
      'no name of the model',
      () => over((one) => ({ ...one, subject: [{ ...statement.subject[0], name: '' }] })),
      'statement-wrong-field',
    ],
    [
      'no ignore_paths',
      () => predicateWith({ serialization: { method: 'files', hash_type: 'sha256', allow_symlinks: false } }),
      'verified',
    ],
    [
      'the predicate of version 0.2',
      () => over((one) => ({ ...one, predicateType: 'https://model_signing/Digests/v0.1' })),
      'integrity-deprecated-predicate',
    ],
    [
      'a chain where a single certificate belongs, and the other way round',
      () => material({ x509CertificateChain: { rawBytes: 'AAAA' } }),
      'bundle-missing-field',
    ],
    [
      'a key of its own, which would be trusted',
      () =>
        material({ publicKey: { rawBytes: Buffer.from(generateKey('ecdsa-p256').publicKey.spki).toString('base64') } }),
      'signature-key-mismatch',
    ],
  ])('%s', async (_, make, code) => {
    expect(await judge(make())).toBe(code);
  });
});

describe('sections 5 to 8', () => {
  it.each<[string, () => string | Uint8Array, string]>([
    [
      'shards',
      () => serializationWith({ method: 'shards', shard_size: 1_000_000_000 }),
      'integrity-unsupported-method',
    ],
    ['BLAKE2', () => serializationWith({ hash_type: 'blake2b' }), 'integrity-unsupported-hash'],
    ['BLAKE3', () => serializationWith({ hash_type: 'blake3' }), 'integrity-unsupported-hash'],
    ['allow_symlinks, where there is none', () => serializationWith({ allow_symlinks: true }), 'verified'],
    [
      'unsorted files',
      () => predicateWith({ resources: statement.predicate.resources.toReversed() }),
      'integrity-unsorted',
    ],
    ['no files', () => predicateWith({ resources: [] }), 'integrity-no-files'],
    [
      'a file more than there are',
      () =>
        predicateWith({
          resources: [...statement.predicate.resources, { name: 'z', digest: '00'.repeat(32), algorithm: 'sha256' }],
        }),
      'integrity-wrong-root',
    ],
    [
      'a wrong root digest, which OMS lets pass',
      () => over((one) => ({ ...one, subject: [{ name: 'm', digest: { sha256: '00'.repeat(32) } }] })),
      'integrity-wrong-root',
    ],
    [
      'another type of payload',
      () =>
        formed((one) => ({
          ...one,
          dsseEnvelope: { ...(one['dsseEnvelope'] as JsonObject), payloadType: 'text/plain' },
        })),
      'bundle-wrong-payload-type',
    ],
    [
      'no signature',
      () => formed((one) => ({ ...one, dsseEnvelope: { ...(one['dsseEnvelope'] as JsonObject), signatures: [] } })),
      'bundle-no-signature',
    ],
    [
      'a signature over something else',
      () => signatureFields({ sig: Buffer.from(key.sign(new Uint8Array(3))).toString('base64') }),
      'signature-invalid',
    ],
  ])('%s', async (_, make, code) => {
    expect(await judge(make())).toBe(code);
  });

  it('a bundle inside of the model is no file of it, wherever it is called so', async () => {
    const inside = join(model, 'any.name');
    const options = { signatures: [inside], keys: [key.publicKey] };
    await signModel(model, { key, signature: inside });
    const read = decodeBundle(readFileSync(inside));
    const { predicate } = JSON.parse(Buffer.from(read.ok ? read.value.payload : '').toString());
    expect(predicate.serialization.ignore_paths).toEqual(
      expect.arrayContaining(['.git', '.gitattributes', '.github', '.gitignore', 'any.name']),
    );
    expect(await verifyModel(model, options)).toMatchObject({ ok: true });
    mkdirSync(join(model, 'deeper'));
    writeFileSync(join(model, 'deeper/any.name'), '');
    expect(await verifyModel(model, options)).toMatchObject({ code: 'file-extra', path: 'deeper/any.name' });
  });
});
