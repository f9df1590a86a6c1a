// The commands of models, word by word as scripts use them.
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { progressLine, progressText, sizeText } from '../../src/cli/model/progress.ts';
import { pquake } from './commands.ts';

const directory = mkdtempSync(join(tmpdir(), 'pquake-models-'));
const file = (name: string): string => join(directory, name);
afterAll(() => rmSync(directory, { recursive: true }));

const model = file('llama');
const done = async (...words: readonly string[]): Promise<string> => {
  const { status, stdout, stderr } = await pquake('model', ...words);
  expect([status, stderr]).toEqual([0, '']);
  return stdout;
};
const json = (text: string): unknown => {
  expect(text.trimEnd().split('\n')).toHaveLength(1);
  return JSON.parse(text);
};

beforeAll(async () => {
  mkdirSync(model);
  writeFileSync(join(model, 'config.json'), '{}');
  writeFileSync(join(model, 'weights.bin'), 'weights');
  await done('key', 'generate', file('release.key'));
  await done('key', 'generate', file('classical.key'), '--algorithm', 'ecdsa-p256');
});

describe('model key generate', () => {
  it('writes OUT, which only its owner reads, and OUT.pub, and overwrites neither', async () => {
    expect(statSync(file('release.key')).mode & 0o777).toBe(0o600);
    expect(readFileSync(file('release.key.pub'), 'utf8')).toContain('BEGIN PUBLIC KEY');
    const again = await pquake('model', 'key', 'generate', file('release.key'));
    expect([again.status, again.stderr]).toEqual([1, expect.stringContaining('release.key: exists already')]);
  });

  it('says the algorithm and the identifier, which signatures name', async () => {
    const told = json(await done('key', 'generate', file('other.key'), '--algorithm', 'ed25519', '--json'));
    expect(told).toEqual({
      ok: true,
      key: file('other.key'),
      publicKey: file('other.key.pub'),
      algorithm: 'ed25519',
      identifier: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
  });

  it('refuses an algorithm that it does not know, and does not offer experiments', async () => {
    const { status, stderr } = await pquake('model', 'key', 'generate', file('x.key'), '--algorithm', 'rsa');
    expect([status, stderr]).toEqual([2, expect.stringContaining('ml-dsa-87')]);
    expect(stderr).not.toContain('mldsa87-ecdsa');
    expect(existsSync(file('x.key'))).toBe(false);
  });
});

describe('model key show', () => {
  it('says one algorithm and identifier of a private key and of its public key', async () => {
    const privateKey = json(await done('key', 'show', file('classical.key'), '--json'));
    expect(privateKey).toEqual({
      ok: true,
      key: file('classical.key'),
      algorithm: 'ecdsa-p256',
      identifier: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    const publicKey = json(await done('key', 'show', file('classical.key.pub'), '--json'));
    expect(publicKey).toEqual(Object.assign({}, privateKey, { key: file('classical.key.pub') }));
  });

  it('refuses a file that is no key', async () => {
    const { status, stderr } = await pquake('model', 'key', 'show', join(model, 'config.json'));
    expect([status, stderr]).toEqual([1, expect.stringContaining('config.json')]);
  });
});

describe('model sign and model verify', () => {
  const verify = ['verify', model, '--signature', join(model, 'model.sig')];

  it('sign beside the model, and verify, in the words that scripts read', async () => {
    expect(await done('sign', model, '--key', file('release.key'))).toContain(
      `wrote ${join(model, 'model.sig')}: ML-DSA-87`,
    );
    const told = json(await done(...verify, '--public-key', file('release.key.pub'), '--json'));
    expect(told).toEqual({
      ok: true,
      signer: expect.stringMatching(/^key [0-9a-f]{64}$/),
      algorithm: 'ml-dsa-87',
      files: 2,
    });
    expect(await done(...verify, '--public-key', file('release.key.pub'))).toMatch(/^verified llama: 2 files, 9 B\n/);
  });

  it('a refusal has its code, its message and the file in question, and status 1', async () => {
    writeFileSync(join(model, 'weights.bin'), 'Weights');
    const words = [...verify, '--public-key', file('release.key.pub')];
    const { status, stdout, stderr } = await pquake('model', ...words, '--json');
    expect([status, json(stdout)]).toEqual([
      1,
      { ok: false, code: 'file-modified', message: expect.stringContaining('weights.bin'), path: 'weights.bin' },
    ]);
    expect(stderr).toContain('refused: file-modified: weights.bin');
    const plain = await pquake('model', ...words);
    expect([plain.status, plain.stdout]).toEqual([1, '']);
    writeFileSync(join(model, 'weights.bin'), 'weights');
  });

  it('a file that cannot be read is told in the same members', async () => {
    const words = ['verify', model, '--signature', file('none.sig'), '--public-key', file('release.key.pub')];
    const { status, stdout } = await pquake('model', ...words, '--json');
    const expected = { ok: false, code: 'configuration', message: expect.any(String), path: file('none.sig') };
    expect([status, json(stdout)]).toEqual([1, expected]);
  });

  it('nobody is trusted by default', async () => {
    const { status, stderr } = await pquake('model', ...verify);
    expect([status, stderr]).toEqual([
      2,
      expect.stringContaining('--public-key <file>, --ca <file> or --policy <file>'),
    ]);
  });

  it('only the version that is expected', async () => {
    const told = await done('sign', model, '--key', file('release.key'));
    const [, digest = ''] = /digest ([0-9a-f]{64})/.exec(told) ?? [];
    const own = ['--public-key', file('release.key.pub'), '--json'];
    expect(json(await done(...verify, ...own, '--digest', digest))).toMatchObject({ ok: true });
    const { stdout } = await pquake('model', ...verify, ...own, '--digest', '0'.repeat(64));
    expect(json(stdout)).toMatchObject({ ok: false, code: 'subject-unexpected' });
    expect((await pquake('model', ...verify, ...own, '--digest', 'F00')).status).toBe(2);
  });

  it('a hybrid: two files, verified together; one alone tells of the other', async () => {
    const keys = ['--key', file('release.key'), '--hybrid-key', file('classical.key')];
    const told = await done('sign', model, ...keys);
    expect(told).toContain(`${join(model, 'model.sig')}: ECDSA P-256\nwrote ${join(model, 'model.pq.sig')}: ML-DSA-87`);
    const [own, other] = ['release', 'classical'].map((name) => ['--public-key', file(`${name}.key.pub`)]);
    const both = json(await done(...verify, ...(own ?? []), ...(other ?? []), '--json'));
    expect(both).toMatchObject({ ok: true, algorithm: 'ecdsa-p256+ml-dsa-87', files: 2 });
    const { status, stderr } = await pquake('model', ...verify, ...(other ?? []));
    expect([status, stderr]).toEqual([0, expect.stringContaining('model.pq.sig is there, and not verified')]);
    const partly = await pquake('model', ...verify, ...(other ?? []), '--json');
    expect(json(partly.stdout)).toMatchObject({ ok: true, algorithm: 'ecdsa-p256', unverified: ['ml-dsa-87'] });
    const refused = await pquake('model', ...verify, ...(other ?? []), '--all-signatures', '--json');
    expect(json(refused.stdout)).toMatchObject({ ok: false, code: 'hybrid-signature-unverified' });
    rmSync(join(model, 'model.pq.sig'));
    const stripped = await pquake('model', ...verify, ...(other ?? []), '--json');
    expect(json(stripped.stdout)).toMatchObject({ ok: false, code: 'hybrid-signature-missing' });
  });

  it('by a policy: its keys are trusted, and it says who may sign what, and when that is not enough', async () => {
    const scope = { subjects: ['llama'], predicateTypes: ['https://model_signing/signature/v1.0'] };
    const signers = [{ id: 'release', keys: [{ file: 'classical.key.pub' }], maySign: [scope] }];
    const requirements = [{ id: 'models', ...scope, phases: 'us-eo-14412' }];
    writeFileSync(file('trust.json'), JSON.stringify({ version: 1, signers, requirements }));
    await done('sign', model, '--key', file('classical.key'));
    const words = [...verify, '--policy', file('trust.json'), '--json'];
    expect(json(await done(...words))).toMatchObject({ ok: true, algorithm: 'ecdsa-p256' });
    const later = await pquake('model', ...words, '--at', '2032-01-01');
    expect([later.status, json(later.stdout)]).toEqual([1, expect.objectContaining({ code: 'post-quantum-missing' })]);
    await done('sign', model, '--key', file('release.key'));
    const other = await pquake('model', ...words, '--public-key', file('release.key.pub'));
    expect(json(other.stdout)).toMatchObject({ ok: false, code: 'unlisted-signer' });
  });

  it('by certificate: the authority counts, and the name that is expected', async () => {
    const official = 'test/provenance/disk/official';
    const words = [
      'verify',
      `${official}/model`,
      '--signature',
      `${official}/certificate.sig`,
      '--ca',
      `${official}/root.pem`,
    ];
    const at = ['--at', '2027-01-01', '--json'];
    const told = json(await done(...words, ...at, '--expect', 'CN=Model signer'));
    expect(told).toEqual({ ok: true, signer: 'CN=Model signer', algorithm: 'ecdsa-p256', files: 4 });
    const { status, stdout } = await pquake('model', ...words, ...at, '--expect', 'CN=Other');
    expect([status, json(stdout)]).toEqual([1, expect.objectContaining({ code: 'signer-unexpected' })]);
  });
});

describe('model inventory', () => {
  it('says what is due', async () => {
    const told = await done('inventory', 'test/provenance/disk/official', '--at', '2026-12-31');
    expect(told).toContain('CN=Model signer');
    expect(told).toContain('due: a post-quantum signature until 2031-12-31, in 1826 days (us-eo-14412)');
    const listed = json(await done('inventory', directory, '--json'));
    expect(listed).toMatchObject({ ok: true, models: [{ state: 'post-quantum', missing: [], due: [] }] });
  });
});

describe('progress', () => {
  it('says how much is done, how fast, and how long it takes', () => {
    const progress = { octets: 1.5e9, allOctets: 6e9, files: 3, allFiles: 12 };
    expect(progressText(progress, 10)).toBe('hashing: 25 % of 6.0 GB, 3 of 12 files, 150 MB/s, 30 s left');
    expect(progressText({ ...progress, allOctets: 9e12 }, 10)).toMatch(/16 h 39 min left$/);
    expect(progressText({ ...progress, octets: 0, allOctets: 0 }, 0)).toBe(
      'hashing: 100 % of 0 B, 3 of 12 files, 0 B/s',
    );
    expect([0, 999, 1000, 99_950, 1e15].map(sizeText)).toEqual(['0 B', '999 B', '1.0 kB', '100 kB', '1000 TB']);
  });

  it('is written over itself on a terminal, and not at all elsewhere', () => {
    const written: string[] = [];
    const stream = (isTTY: boolean) => ({ isTTY, columns: 40, write: (text: string) => written.push(text) }) as never;
    const quiet = progressLine(stream(false));
    quiet.tell({ octets: 1, allOctets: 2, files: 1, allFiles: 2 });
    quiet.end();
    expect(written).toEqual([]);
    const line = progressLine(stream(true), 0);
    line.tell({ octets: 1, allOctets: 2, files: 1, allFiles: 2 });
    line.end();
    expect(written).toHaveLength(2);
    expect(written[0]).toMatch(/^\rhashing: 50 % of 2 B, 1 of 2 files/);
    expect(written[0]?.length).toBeLessThanOrEqual(41);
    expect(written[1]).toMatch(/^\r +\r$/);
  });
});
