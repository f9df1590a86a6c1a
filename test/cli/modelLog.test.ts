// The commands of logs, word by word as scripts use them.
import { appendFileSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { pquake } from './commands.ts';

const directory = mkdtempSync(join(tmpdir(), 'pquake-model-log-'));
const file = (name: string): string => join(directory, name);
afterAll(() => rmSync(directory, { recursive: true }));

const run = async (...words: readonly string[]): Promise<[status: number | null, result: Record<string, unknown>]> => {
  const { status, stdout } = await pquake('model', 'log', ...words, '--json');
  return [status, JSON.parse(stdout)];
};
const model = file('llama');
const bundle = join(model, 'model.sig');
const proof = `${bundle}.tlog-proof`;
const policy = ['--policy', file('policy')];
const witness = ['witness', file('log'), '--state', file('seen'), '--key', file('witness.key')];

beforeAll(async () => {
  mkdirSync(model);
  writeFileSync(join(model, 'weights'), 'weights');
  for (const words of [
    ['key', 'generate', file('release.key')],
    ['sign', model, '--key', file('release.key')],
  ])
    expect(await pquake('model', ...words)).toMatchObject({ status: 0 });
});

describe('a bundle and its log', () => {
  it('a log whose name has a scheme is not made', async () => {
    const words = ['--origin', 'https://example.com/models', '--key', file('other.key')];
    expect(await pquake('model', 'log', 'init', file('other'), ...words)).toMatchObject({ status: 2 });
  });

  it('the log is made, the bundle is added, and its proof is written beside it; the model still verifies', async () => {
    const [status, made] = await run('init', file('log'), '--origin', 'example.com/models', '--key', file('log.key'));
    expect([status, made]).toEqual([0, expect.objectContaining({ ok: true, origin: 'example.com/models' })]);
    expect(readFileSync(file('log/log.vkey'), 'utf8')).toBe(`${made['verifierKey']}\n`);
    writeFileSync(file('policy'), `log ${made['verifierKey']}\n`);
    const [, key] = await run('key', file('witness.key'), '--name', 'witness.example/1');
    appendFileSync(file('policy'), `witness W ${key['verifierKey']}\nquorum W\n`);
    const added = { ok: true, origin: 'example.com/models', size: 1, added: 1, entries: [{ bundle, index: 0, proof }] };
    expect(await run('add', file('log'), bundle, '--key', file('log.key'))).toEqual([0, added]);
    const verified = await pquake(
      'model',
      'verify',
      model,
      '--signature',
      bundle,
      '--public-key',
      file('release.key.pub'),
    );
    expect(verified).toMatchObject({ status: 0 });
  });

  it('a bundle in the place of the log is told from one', async () => {
    const { status, stderr } = await pquake('model', 'log', 'verify', bundle, ...policy);
    expect([status, stderr]).toEqual([2, expect.stringContaining('model.sig is a file: a bundle is verified with')]);
    const again = await pquake('model', 'log', 'add', file('log'), bundle, '--key', file('log.key'));
    expect(again.stdout).toContain('has 1 entry, 0 of them new');
  });

  it('without the quorum it is refused; a witness cosigns, and then it verifies in the log and by its proof', async () => {
    expect(await run('verify', bundle, '--proof', proof, ...policy)).toEqual([
      1,
      expect.objectContaining({ ok: false, code: 'log-quorum', path: proof }),
    ]);
    expect(await run(...witness)).toEqual([
      0,
      expect.objectContaining({ ok: true, size: 1, witness: 'witness.example/1', published: true }),
    ]);
    const here = {
      ok: true,
      origin: 'example.com/models',
      size: 1,
      index: 0,
      witnesses: [expect.objectContaining({ name: 'witness.example/1', algorithm: 'ml-dsa-44' })],
    };
    expect(await run('verify', file('log'), bundle, ...policy, '--out', proof)).toEqual([
      0,
      expect.objectContaining(here),
    ]);
    expect(await run('verify', bundle, '--proof', proof, ...policy)).toEqual([0, expect.objectContaining(here)]);
    expect(await run('verify', file('log'), ...policy)).toEqual([
      0,
      expect.objectContaining({ ok: true, size: 1, index: null }),
    ]);
  });

  it('a bundle that was signed again is another one', async () => {
    const other = file('other.sig');
    expect(await pquake('model', 'sign', model, '--key', file('release.key'), '--signature', other)).toMatchObject({
      status: 0,
    });
    expect(await run('verify', other, '--proof', proof, ...policy)).toEqual([
      1,
      expect.objectContaining({ code: 'log-inclusion' }),
    ]);
    expect(await run('verify', file('log'), other, ...policy)).toEqual([
      1,
      expect.objectContaining({ code: 'log-entry-absent' }),
    ]);
  });

  it('a proof of another log is not written over', async () => {
    expect(
      await run('init', file('second'), '--origin', 'example.com/second', '--key', file('second.key')),
    ).toMatchObject([0, {}]);
    const [status, told] = await run('add', file('second'), bundle, '--key', file('second.key'));
    expect([status, told]).toEqual([1, expect.objectContaining({ code: 'configuration', path: proof })]);
  });

  it('a log that forked is refused, and the evidence is named', async () => {
    cpSync(file('log'), file('fork'), { recursive: true });
    for (const name of ['log', 'fork']) {
      const signature = file(`${name}.sig`);
      await pquake('model', 'sign', model, '--key', file('release.key'), '--signature', signature);
      expect(await run('add', file(name), signature, '--key', file('log.key'))).toMatchObject([0, { size: 2 }]);
    }
    expect(await run(...witness)).toMatchObject([0, { size: 2 }]);
    const [status, told] = await run('witness', file('fork'), ...witness.slice(2));
    expect([status, told]).toEqual([1, expect.objectContaining({ ok: false, code: 'log-fork' })]);
    expect(readFileSync(String(told['path']), 'utf8')).toContain('pquake-log-evidence');
  });
});

describe('a proof in the verification of a model', () => {
  const from = (revoked: string): string => file(`revoked-${revoked.slice(0, 4)}.json`);
  const trust = (
    name: string,
    more: Record<string, unknown> = {},
    evidence: object = { evidence: ['log'] },
  ): string => {
    const maySign = [{ subjects: ['**'], predicateTypes: ['**'] }];
    writeFileSync(
      file(name),
      JSON.stringify({
        version: 1,
        signers: [{ id: 'a', keys: [{ file: 'release.key.pub' }], maySign }],
        requirements: [{ id: 'r', ...maySign[0], phases: [{ phase: 'post-quantum' }], ...evidence }],
        logPolicy: 'policy',
        ...more,
      }),
    );
    return file(name);
  };
  const verify = async (...words: readonly string[]): Promise<unknown> => {
    const told = await pquake('model', 'verify', model, '--signature', bundle, ...words, '--json');
    return [told.status, JSON.parse(told.stdout).code ?? 'ok'];
  };
  const key = ['--public-key', file('release.key.pub')];

  it('meets a requirement of a trust policy, and one of the command line', async () => {
    expect(await verify('--policy', trust('trust.json'))).toEqual([0, 'ok']);
    expect(await verify(...key, '--log-policy', file('policy'))).toEqual([0, 'ok']);
    const told = await pquake('model', 'verify', model, '--signature', bundle, ...key, '--log-policy', file('policy'));
    expect(told.stdout).toContain('is entry 0 of example.com/models, witnessed at 20');
    expect(await verify('--policy', trust('none.json', { logPolicy: undefined }))).toEqual([1, 'log-proof-missing']);
  });

  it('a signature of a revoked key counts by the time of the log where the policy says so', async () => {
    for (const time of ['2099-01-01', '2020-01-01'])
      await pquake(
        ...['model', 'key', 'revoke', file('release.key'), '--reason', 'key-compromise'],
        ...['--time', time, '--out', from(time)],
      );
    const revoked = { keyStatements: ['revoked-2099.json'] };
    const later = ['--at', '2100-01-01'];
    expect(await verify('--policy', trust('later.json', revoked), ...later)).toEqual([0, 'ok']);
    const never = { ...revoked, earlierSignatures: { revoked: 'never' } };
    expect(await verify('--policy', trust('never.json', never), ...later)).toEqual([1, 'key-revoked']);
    const unlogged = { ...revoked, logPolicy: undefined };
    expect(await verify('--policy', trust('unlogged.json', unlogged, {}), ...later)).toEqual([
      1,
      'key-revoked-time-unknown',
    ]);
    const before = { keyStatements: ['revoked-2020.json'] };
    expect(await verify('--policy', trust('before.json', before))).toEqual([1, 'key-revoked']);
  });

  it('one that is there and wrong is refused even when none is asked for, and an absent one has its own code', async () => {
    const right = readFileSync(proof);
    const wrong = right.toString().replace('\nindex 0\n', '\nindex 1\n');
    writeFileSync(proof, wrong);
    expect(await verify('--policy', trust('plain.json', {}, {}))).toEqual([1, 'log-inclusion']);
    expect(await verify(...key, '--log-policy', file('policy'))).toEqual([1, 'log-inclusion']);
    rmSync(proof);
    expect(await verify('--policy', file('plain.json'))).toEqual([0, 'ok']);
    expect(await verify('--policy', file('trust.json'))).toEqual([1, 'log-proof-missing']);
    expect(await verify(...key, '--log-policy', file('policy'))).toEqual([1, 'log-proof-missing']);
    writeFileSync(proof, right);
  });

  it('a policy of logs without a quorum vouches for no time, and is refused in a trust policy', async () => {
    const lines = readFileSync(file('policy'), 'utf8').replace('quorum W', 'quorum none');
    writeFileSync(file('policy.none'), lines);
    expect(await verify('--policy', trust('quorum.json', { logPolicy: 'policy.none' }))).toEqual([1, 'configuration']);
    expect(await verify(...key, '--log-policy', file('policy.none'))).toEqual([0, 'ok']);
  });
});

describe('wrong usage', () => {
  it.each([
    [['verify', ...policy], /missing required argument 'log'/],
    [['verify', bundle, 'more', '--proof', proof, ...policy], /--proof is verified without a log/],
    [['verify', file('log'), '--out', proof, ...policy], /--out needs a bundle/],
  ])('%j', async (words, reason) => {
    const { status, stderr } = await pquake('model', 'log', ...words);
    expect([status, stderr]).toEqual([2, expect.stringMatching(reason)]);
  });
});
