// Models on disk: signed, verified, and refused when anything of them is another, each with its own code.
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { signModel } from '../../../src/provenance/disk/signModel.ts';
import { openVerified, readVerified } from '../../../src/provenance/disk/useVerified.ts';
import { type VerifyModelOptions, verifyModel } from '../../../src/provenance/disk/verifyModel.ts';
import { generateKey } from '../../../src/provenance/keys/schemes.ts';
import { decodeBundle, encodeBundle, inTotoPayloadType } from '../../../src/provenance/signature/bundle.ts';
import { signEnvelope } from '../../../src/provenance/signature/envelope.ts';
import { policyOf, signer } from '../trust/policies.ts';
import { temporaryModels } from './signedModels.ts';

const models = temporaryModels();
afterAll(models.remove);

const key = generateKey('ml-dsa-87');
const classical = generateKey('ecdsa-p256');
const other = generateKey('ml-dsa-87');
const [keys, both] = [[key.publicKey], [key.publicKey, classical.publicKey]];
const content = { 'config.json': '{}', 'weights/a.bin': 'aaaa', 'weights/b.bin': 'bbbb' };

let model: string;
beforeEach(() => {
  model = models.make(content);
});

const sign = async (options: Partial<Parameters<typeof signModel>[1]> = {}): Promise<void> =>
  expect(await signModel(model, { key, ...options })).toMatchObject({ ok: true });

async function verify(options: Partial<VerifyModelOptions> = {}) {
  const judged = await verifyModel(model, { signatures: [join(model, 'model.sig')], keys, ...options });
  return judged.ok ? 'verified' : judged.code;
}

describe('a model signed by one key', () => {
  beforeEach(() => sign());

  it('is verified: who signed, which files', async () => {
    const judged = await verifyModel(model, { signatures: [join(model, 'model.sig')], keys });
    expect(judged).toMatchObject({
      ok: true,
      value: {
        name: basename(model),
        octets: 10,
        signers: [{ algorithm: 'ml-dsa-87', key: key.publicKey.identifier }],
        unverified: [],
        logged: [],
      },
    });
    expect(judged.ok && judged.value.files.map(({ name }) => name)).toEqual(Object.keys(content));
  });

  it('is verified under another name and at another place, also of its signature', async () => {
    const [moved, signature] = [models.file('moved'), models.file('moved.sig')];
    renameSync(model, moved);
    renameSync(join(moved, 'model.sig'), signature);
    expect(await verifyModel(moved, { signatures: [signature], keys })).toMatchObject({ ok: true });
  });

  it.each<[string, () => void, string]>([
    ['a bit of a file', () => writeFileSync(join(model, 'weights/a.bin'), 'aaac'), 'file-modified'],
    ['a file that is longer', () => writeFileSync(join(model, 'weights/a.bin'), 'aaaaa'), 'file-modified'],
    ['a missing file', () => rmSync(join(model, 'config.json')), 'file-missing'],
    ['a file more', () => writeFileSync(join(model, 'run.py'), ''), 'file-extra'],
    [
      'a second signature that nobody gave',
      () => copyFileSync(join(model, 'model.sig'), join(model, 'old.sig')),
      'file-extra',
    ],
    [
      'a sibling that the statement does not require',
      () => copyFileSync(join(model, 'model.sig'), join(model, 'model.pq.sig')),
      'file-extra',
    ],
    ['another name of a file', () => renameSync(join(model, 'config.json'), join(model, 'other.json')), 'file-renamed'],
    [
      "two files in each other's place",
      () => {
        renameSync(join(model, 'weights/a.bin'), join(model, 'weights/c'));
        renameSync(join(model, 'weights/b.bin'), join(model, 'weights/a.bin'));
        renameSync(join(model, 'weights/c'), join(model, 'weights/b.bin'));
      },
      'file-modified',
    ],
    ['a symbolic link', () => symlinkSync('config.json', join(model, 'link')), 'file-link'],
    ['no signature', () => writeFileSync(join(model, 'model.sig'), ''), 'bundle-malformed-json'],
  ])('%s is refused', async (_, change, code) => {
    change();
    expect(await verify()).toBe(code);
  });

  it('the .git of the model needs no signature, one further down does', async () => {
    mkdirSync(join(model, '.git'));
    writeFileSync(join(model, '.git/config'), '');
    expect(await verify()).toBe('verified');
    writeFileSync(join(model, 'weights/.gitignore'), '');
    expect(await verify()).toBe('file-extra');
  });

  it('another key is refused, and a key more that has not signed', async () => {
    expect(await verify({ keys: [other.publicKey] })).toBe('signature-key-mismatch');
    expect(await verify({ keys: both })).toBe('key-without-signature');
  });

  it('the signature of another model, or of an earlier version, is refused', async () => {
    const later = models.make({ ...content, 'weights/a.bin': 'AAAA' });
    copyFileSync(join(model, 'model.sig'), join(later, 'model.sig'));
    expect(await verifyModel(later, { signatures: [join(later, 'model.sig')], keys })).toMatchObject({
      code: 'file-modified',
      path: 'weights/a.bin',
    });
  });

  it('a statement about another model than the expected one is refused before files are read', async () => {
    expect(await verify({ subject: { name: basename(model) } })).toBe('verified');
    expect(await verify({ subject: { name: 'llama' } })).toBe('subject-unexpected');
    expect(await verify({ subject: { digest: '00'.repeat(32) } })).toBe('subject-unexpected');
  });

  it('who signed is judged before files are hashed', async () => {
    writeFileSync(join(model, 'config.json'), 'changed');
    const judge = () => ({ ok: false, code: 'nobody', detail: 'nobody may' }) as const;
    expect(await verify({ judge })).toBe('nobody');
  });

  it('without keys and authorities nothing is verified', async () => {
    await expect(verify({ keys: [] })).rejects.toThrow('keys or authorities');
  });
});

describe('what a signer leaves out', () => {
  it('is there and refused, unless the verifier permits it', async () => {
    mkdirSync(join(model, 'cache'));
    writeFileSync(join(model, 'cache/one'), 'x');
    await sign({ ignore: ['cache'] });
    expect(await verify()).toBe('file-ignored-by-signer');
    expect(await verify({ ignore: ['cache'] })).toBe('verified');
    expect(await verify({ ignore: ['cache/one'] })).toBe('verified');
    expect(await verify({ ignore: ['cac'] })).toBe('file-ignored-by-signer');
  });

  it('is nothing when nothing is there', async () => {
    await sign({ ignore: ['cache'] });
    expect(await verify()).toBe('verified');
  });
});

describe('a hybrid', () => {
  const hybrid = { key: classical };
  const [classicalFile, postQuantumFile] = ['model.sig', 'model.pq.sig'];
  const place = (name: string): string => join(model, name);
  beforeEach(() => sign({ hybrid }));

  it('is two signatures over the same octets, which require both', async () => {
    const [one, two] = [classicalFile, postQuantumFile].map((name) => decodeBundle(readFileSync(place(name))));
    expect(one?.ok && two?.ok && one.value.payload).toEqual(two?.ok && two.value.payload);
    expect(readFileSync(place(classicalFile)).length).toBeLessThan(readFileSync(place(postQuantumFile)).length);
    expect(await verify({ keys: both })).toBe('verified');
    expect(await verify({ keys: both, signatures: [place(postQuantumFile)] })).toBe('verified');
    expect(await verify({ keys: both, signatures: [place(postQuantumFile), place(classicalFile)] })).toBe('verified');
  });

  it('with one key: the other signature is told, and refused where every one is asked for', async () => {
    const judged = await verifyModel(model, { signatures: [place(classicalFile)], keys: [classical.publicKey] });
    expect(judged).toMatchObject({
      ok: true,
      value: {
        signers: [{ algorithm: 'ecdsa-p256' }],
        unverified: [{ file: place(postQuantumFile), algorithm: 'ml-dsa-87' }],
        logged: [],
      },
    });
    expect(await verify({ keys: [classical.publicKey], everySignature: true })).toBe('hybrid-signature-unverified');
  });

  it('is verified by either of its files, with the key of the other one alone', async () => {
    const judged = await verifyModel(model, { signatures: [place(classicalFile)], keys });
    expect(judged).toMatchObject({
      ok: true,
      value: {
        signers: [{ algorithm: 'ml-dsa-87' }],
        unverified: [{ file: place(classicalFile), algorithm: 'ecdsa-p256' }],
      },
    });
    expect(await verify({ signatures: [place(classicalFile)], keys: [other.publicKey] })).toBe(
      'signature-key-mismatch',
    );
  });

  it('is not verified by a sibling that belongs to no hybrid', async () => {
    const signature = readFileSync(place(classicalFile));
    rmSync(place(postQuantumFile));
    rmSync(place(classicalFile));
    await sign();
    renameSync(place(classicalFile), place(postQuantumFile));
    writeFileSync(place(classicalFile), signature);
    expect(await verify({ signatures: [place(classicalFile)], keys })).toBe('signature-key-mismatch');
  });

  it.each([
    ['stripped of its post-quantum signature', postQuantumFile, classicalFile],
    ['stripped of its classical signature', classicalFile, postQuantumFile],
  ])('%s is refused, with any key', async (_, gone, left) => {
    rmSync(place(gone));
    for (const trusted of [both, keys, [classical.publicKey]]) {
      const used = trusted.length === 2 || (trusted === keys) === (left === postQuantumFile);
      expect(await verify({ keys: trusted, signatures: [place(left)] })).toBe(
        used ? 'hybrid-signature-missing' : 'signature-key-mismatch',
      );
    }
  });

  it('with a signature of another model, or of another version, is refused', async () => {
    const first = model;
    model = models.make({ ...content, 'config.json': '{"version":2}' });
    await sign({ hybrid });
    copyFileSync(join(first, postQuantumFile), place(postQuantumFile));
    expect(await verify({ keys: both })).toBe('hybrid-payload-differs');
    expect(await verify({ keys: [classical.publicKey] })).toBe('hybrid-payload-differs');
    copyFileSync(join(first, classicalFile), place(classicalFile));
    expect(await verify({ keys: both })).toBe('file-modified');
  });

  it('with a signature by another key is refused', async () => {
    const envelope = decodeBundle(readFileSync(place(classicalFile)));
    if (!envelope.ok) throw new Error(envelope.code);
    const forged = signEnvelope(other, inTotoPayloadType, envelope.value.payload);
    writeFileSync(place(postQuantumFile), encodeBundle(forged));
    expect(await verify({ keys: both })).toBe('signature-unknown-key');
    const named = { ...forged, reference: { by: 'key', hint: key.publicKey.identifier } } as const;
    writeFileSync(place(postQuantumFile), encodeBundle(named));
    expect(await verify({ keys: both })).toBe('signature-invalid');
  });

  it('with the same signature twice is refused', async () => {
    copyFileSync(place(classicalFile), place(postQuantumFile));
    expect(await verify({ keys: both })).toBe('hybrid-signature-missing');
    expect(await verify({ keys: [classical.publicKey] })).toBe('hybrid-signature-missing');
  });

  it('whose sibling is something else is refused', async () => {
    writeFileSync(place(postQuantumFile), '{}');
    expect(await verify({ keys: [classical.publicKey] })).toBe('bundle-missing-field');
  });
});

describe('use', () => {
  beforeEach(() => sign());
  const text = (octets: Uint8Array): string => new TextDecoder().decode(octets);

  it('a verified model hands over the octets of its files, and of no others', async () => {
    const verified = await verifyModel(model, { signatures: [join(model, 'model.sig')], keys });
    if (!verified.ok) throw new Error(verified.code);
    const read = await readVerified(verified.value, 'weights/a.bin');
    expect(read.ok && text(read.value)).toBe('aaaa');
    expect(await readVerified(verified.value, 'model.sig')).toMatchObject({ code: 'file-extra' });
    writeFileSync(join(model, 'weights/a.bin'), 'aaab');
    expect(await readVerified(verified.value, 'weights/a.bin')).toMatchObject({ code: 'file-modified' });
    expect(await openVerified(verified.value, 'weights/a.bin')).toMatchObject({ code: 'file-modified' });
  });

  it('of a path the signature is verified, and that file alone is read', async () => {
    writeFileSync(join(model, 'config.json'), 'changed');
    const options = { signatures: [join(model, 'model.sig')], keys };
    const opened = await openVerified(model, 'weights/a.bin', options);
    if (!opened.ok) throw new Error(opened.code);
    expect(text(await opened.value.read(1, 2))).toBe('aa');
    await opened.value.close();
    expect(await readVerified(model, 'config.json', options)).toMatchObject({ code: 'file-modified' });
    expect(await readVerified(model, 'weights/a.bin', { ...options, keys: [other.publicKey] })).toMatchObject({
      code: 'signature-key-mismatch',
    });
  });

  it('of a model that is one file too', async () => {
    const file = join(model, 'config.json');
    await signModel(file, { key });
    const read = await readVerified(file, 'config.json', { signatures: [`${file}.sig`], keys });
    expect(read.ok && text(read.value)).toBe('{}');
  });

  it('what was verified before is not read again, unless it changed, or something else is asked', async () => {
    const directory = models.file('cache');
    mkdirSync(directory, { mode: 0o700 });
    const long = new Date(Date.now() - 60_000);
    for (const name of Object.keys(content)) utimesSync(join(model, name), long, long);
    const cached = async (more: Partial<VerifyModelOptions> = {}) => {
      const options = { signatures: [join(model, 'model.sig')], keys, cache: { directory }, ...more };
      const judged = await verifyModel(model, options);
      return judged.ok ? judged.value.cachedFiles : judged.code;
    };
    await cached();
    expect([0, 3]).toContain(await cached()); // a file whose facts changed within the last seconds is read again
    writeFileSync(join(model, 'weights/b.bin'), 'bbbc');
    expect(await cached()).toBe('file-modified');
  });
});

describe('signing', () => {
  it('replaces signatures, and nothing else', async () => {
    await sign();
    writeFileSync(join(model, 'config.json'), 'new');
    await sign();
    expect(await verify()).toBe('verified');
    await expect(signModel(model, { key, signature: join(model, 'config.json') })).rejects.toThrow(
      /config\.json: exists/,
    );
    expect(readFileSync(join(model, 'config.json'), 'utf8')).toBe('new');
  });

  it('of one half of a hybrid is refused', async () => {
    await sign({ hybrid: { key: classical } });
    await expect(sign()).rejects.toThrow(/model\.pq\.sig: the other signature of a hybrid/);
  });

  it('of a hybrid needs a post-quantum and a classical key, and a name with a sibling', async () => {
    await expect(sign({ hybrid: { key: other } })).rejects.toThrow(
      'the key of a hybrid is post-quantum, and the key beside it is classical',
    );
    await expect(sign({ key: classical, hybrid: { key } })).rejects.toThrow(
      'the key of a hybrid is post-quantum, and the key beside it is classical',
    );
    const named = { hybrid: { key: classical }, signature: join(model, 'signature.json') };
    await expect(sign(named)).rejects.toThrow('ends in .sig');
  });

  it('writes nothing when the model is refused, and all or none of two signatures', async () => {
    symlinkSync('config.json', join(model, 'link'));
    expect(await signModel(model, { key, hybrid: { key: classical } })).toMatchObject({ code: 'file-link' });
    rmSync(join(model, 'link'));
    mkdirSync(join(model, 'model.pq.sig'));
    await expect(sign({ hybrid: { key: classical } })).rejects.toThrow('model.pq.sig');
    expect(existsSync(join(model, 'model.sig'))).toBe(false);
    expect(readdirSync(model).sort()).toEqual(['config.json', 'model.pq.sig', 'weights']);
  });

  it('of a model without files is refused, and of one that is not there', async () => {
    model = models.make({ '.git/config': '' });
    expect(await signModel(model, { key })).toMatchObject({ code: 'model-empty' });
    expect(await signModel(join(model, 'none'), { key })).toMatchObject({ code: 'model-absent' });
  });

  it('of one file goes beside it, and its name counts', async () => {
    const file = join(model, 'config.json');
    expect(await signModel(file, { key })).toMatchObject({
      value: { signatures: [{ file: `${file}.sig` }], files: 1 },
    });
    const signatures = [`${file}.sig`];
    expect(await verifyModel(file, { signatures, keys })).toMatchObject({
      value: { files: [{ name: 'config.json' }] },
    });
    renameSync(file, join(model, 'other.json'));
    expect(await verifyModel(join(model, 'other.json'), { signatures, keys })).toMatchObject({ code: 'file-renamed' });
  });

  it('elsewhere: the signature is no file of the model, and readable by all', async () => {
    const signature = models.file('elsewhere.sig');
    await sign({ signature });
    expect(statSync(signature).mode & 0o777).toBe(0o644);
    expect(await verify({ signatures: [signature] })).toBe('verified');
  });
});

describe('files that nobody signed, in a folder with the name of a signature', () => {
  const put = (folder: string): void => {
    mkdirSync(join(model, folder));
    writeFileSync(join(model, folder, 'evil.py'), 'import os');
  };
  const away = (): VerifyModelOptions['signatures'] => {
    renameSync(join(model, 'model.sig'), models.file('away.sig'));
    return [models.file('away.sig')];
  };
  const policy = policyOf({ signers: [signer('alice', { keys: [{ identifier: key.publicKey.identifier }] })] });
  beforeEach(() => sign());

  it('are refused where a proof of a log would be', async () => {
    put('model.sig.tlog-proof');
    expect(await verify()).toBe('file-ignored-by-signer');
    expect(await verify({ policy })).toBe('file-ignored-by-signer');
  });

  it('are refused where the signature was, which a policy permits to leave out', async () => {
    const signatures = away();
    writeFileSync(join(model, 'model.sig'), 'another');
    expect(await verify({ policy, signatures })).toBe('verified');
    rmSync(join(model, 'model.sig'));
    put('model.sig');
    expect(await verify({ policy, signatures })).toBe('file-ignored-by-signer');
  });
});
