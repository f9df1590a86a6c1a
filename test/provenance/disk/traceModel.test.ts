// Three versions of a model on disk: attested with ML-DSA-87, traced, and what of their statements is refused.
import { copyFileSync, cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../src/json/readJson.ts';
import type { SigningKey } from '../../../src/provenance/contract.ts';
import { attestModel } from '../../../src/provenance/disk/attestModel.ts';
import { expectedNames, type StatementTrust } from '../../../src/provenance/disk/givenStatements.ts';
import { statementsFolder } from '../../../src/provenance/disk/modelIdentity.ts';
import { signModel } from '../../../src/provenance/disk/signModel.ts';
import { traceModel } from '../../../src/provenance/disk/traceModel.ts';
import { verifyModel } from '../../../src/provenance/disk/verifyModel.ts';
import { readSigningKey, writeKeyPair } from '../../../src/provenance/keys/files.ts';
import { generateKey } from '../../../src/provenance/keys/schemes.ts';
import type { Lineage } from '../../../src/provenance/lineage/lineage.ts';
import { decodeBundle, encodeBundle } from '../../../src/provenance/signature/bundle.ts';
import type { PredicateKind } from '../../../src/provenance/statement/predicateTypes.ts';
import { pquake } from '../../cli/commands.ts';
import { failuresOf } from '../lineage/examples.ts';
import { accepted, digestOf, modelCard } from '../statement/examples.ts';
import { temporaryModels } from './signedModels.ts';

const models = temporaryModels();
const [maker, stranger] = [generateKey('ml-dsa-87'), generateKey('ml-dsa-87')];
const trust: StatementTrust = { keys: [maker.publicKey], time: new Date('2026-06-01T00:00:00Z') };

type Inputs = readonly JsonObject[];
const originOf = (inputs: Inputs, month: number): JsonObject => ({
  builder: 'https://example.com/trainer',
  parameters: { epochs: month },
  inputs,
  started: `2026-0${month}-01T00:00:00Z`,
  finished: `2026-0${month}-02T00:00:00Z`,
});

const attest = async (
  path: string,
  kind: PredicateKind,
  predicate: JsonObject,
  key: SigningKey = maker,
  out?: string,
) => accepted(await attestModel(path, { kind, predicate, key, out, force: true, workers: 1 }));

interface Versions {
  readonly paths: readonly [string, string, string];
  readonly digests: readonly string[];
}

const pathsIn = (folder: string): Versions['paths'] => [
  models.file(join(folder, 'v1')),
  models.file(join(folder, 'v2')),
  models.file(join(folder, 'v3')),
];

/** The three versions again, in a folder of their own. */
function copied(folder: string): Versions {
  cpSync(models.file('good'), models.file(folder), { recursive: true });
  return { paths: pathsIn(folder), digests: good.digests };
}

/** Three versions in a folder of their own: the first two signed, all attested. */
async function threeVersions(folder: string): Promise<Versions> {
  const paths = pathsIn(folder);
  const digests: string[] = [];
  for (const [at, path] of paths.entries()) {
    mkdirSync(path, { recursive: true });
    writeFileSync(join(path, 'weights'), `weights ${folder} ${at}`);
    writeFileSync(join(path, 'config.json'), '{}');
    if (at < 2) accepted(await signModel(path, { key: maker, workers: 1 }));
    const parents = digests
      .slice(-1)
      .map((sha256) => ({ role: 'previous-version', name: `v${at}`, digest: { sha256 } }));
    const corpus = { role: 'data-set', name: 'corpus', digest: { sha256: digestOf('c') } };
    const { subject } = await attest(path, 'origin', originOf([...parents, corpus], at + 1));
    digests.push(subject.digest['sha256'] ?? '');
  }
  return { paths, digests };
}

const traced = async (
  path: string,
  more: Partial<StatementTrust> = {},
  statements: readonly string[] = [],
): Promise<Lineage> => accepted(await traceModel(path, { trust: { ...trust, ...more }, statements, workers: 1 }));

const statementOf = (path: string, kind = 'origin'): string =>
  join(statementsFolder(path), `${basename(path)}.${kind}.sig`);

let good: Versions;
beforeAll(async () => {
  good = await threeVersions('good');
});
afterAll(models.remove);

describe('three versions', () => {
  it('every link holds, down to the first', async () => {
    const lineage = await traced(good.paths[2]);
    expect([lineage.ok, failuresOf(lineage), lineage.notes]).toEqual([true, [], []]);
    expect(lineage.nodes.filter(({ kind }) => kind === 'model').map(({ name, digest }) => [name, digest])).toEqual([
      ['v3', `sha256:${good.digests[2]}`],
      ['v2', `sha256:${good.digests[1]}`],
      ['v1', `sha256:${good.digests[0]}`],
    ]);
  });

  it('statements are no files of the model: it verifies as before', async () => {
    const [v1] = good.paths;
    const signatures = [join(v1, 'model.sig')];
    expect(await verifyModel(v1, { signatures, keys: [maker.publicKey] })).toMatchObject({ ok: true });
    expect(readdirSync(v1).sort()).toEqual(['config.json', 'model.sig', 'weights']);
  });

  it('cards and evaluations are found too', async () => {
    const { paths } = copied('stated');
    await attest(paths[2], 'card', { modelCard });
    await attest(paths[1], 'evaluation', { result: 'PASSED', configuration: [], passedTests: ['mmlu'] });
    const lineage = await traced(paths[2]);
    expect(lineage.ok).toBe(true);
    expect(lineage.links.map(({ kind }) => kind)).toEqual(expect.arrayContaining(['card', 'evaluation']));
  });

  it('ancestors elsewhere are found where the statements are named', async () => {
    const { paths } = copied('apart');
    const elsewhere = models.file('elsewhere');
    mkdirSync(elsewhere);
    for (const path of paths.slice(0, 2)) {
      copyFileSync(statementOf(path), join(elsewhere, `${basename(path)}.sig`));
      rmSync(statementsFolder(path), { recursive: true });
    }
    expect(failuresOf(await traced(paths[2]))).toEqual(['v3 -> v2: parent-missing']);
    expect(failuresOf(await traced(paths[2], {}, [elsewhere]))).toEqual([]);
    await expect(traced(paths[2], {}, [models.file('nowhere')])).rejects.toThrow(/nowhere: there is no such file/);
  });
});

describe('a statement that is changed, swapped or signed by somebody else', () => {
  it('is about another model than the one it lies beside', async () => {
    const { paths } = copied('swapped');
    copyFileSync(statementOf(paths[1]), statementOf(paths[2]));
    expect(failuresOf(await traced(paths[2]))).toEqual([
      'v3 -> origin: origin-missing',
      expect.stringMatching(/v3.origin.sig: other-subject$/),
    ]);
  });

  it('is signed by a key that is not trusted', async () => {
    const { paths, digests } = copied('stranger');
    const parents = [{ role: 'previous-version', name: 'v1', digest: { sha256: digests[0] ?? '' } }];
    await attest(paths[1], 'origin', originOf(parents, 2), stranger);
    rmSync(join(paths[1], 'model.sig'));
    expect(failuresOf(await traced(paths[2]))).toEqual([
      'v3 -> v2: parent-refused',
      expect.stringMatching(/v2.origin.sig: signer-refused$/),
    ]);
    expect(failuresOf(await traced(paths[2], { keys: [maker.publicKey, stranger.publicKey] }))).toEqual([]);
  });

  it('has other octets than were signed', async () => {
    const { paths } = copied('changed');
    const file = statementOf(paths[2]);
    const envelope = accepted(decodeBundle(readFileSync(file)));
    const payload = Uint8Array.from(
      Buffer.from(Buffer.from(envelope.payload).toString().replace('"epochs":3', '"epochs":4')),
    );
    writeFileSync(file, encodeBundle({ ...envelope, payload }));
    expect(failuresOf(await traced(paths[2]))).toEqual([
      expect.stringMatching(/v3.origin.sig: unsigned$/),
      'v3 -> origin: origin-missing',
    ]);
  });

  it('is refused by a judge, such as a policy', async () => {
    const judge: StatementTrust['judge'] = (_, { predicateType }) =>
      predicateType.includes('slsa.dev') ? { ok: false, code: 'not-for-this-signer' } : { ok: true, value: undefined };
    expect(failuresOf(await traced(good.paths[2], { judge }))).toContain('v3 -> origin: origin-missing');
  });

  it('two signers over the same octets are judged together', async () => {
    const { paths } = copied('together');
    const judge: StatementTrust['judge'] = (signers, { predicateType }) =>
      signers.length < 2 && predicateType.includes('slsa.dev')
        ? { ok: false, code: 'too-few' }
        : { ok: true, value: 0 };
    const keys = [maker.publicKey, stranger.publicKey];
    expect(failuresOf(await traced(paths[0], { judge, keys }))).toContain('v1 -> origin: origin-missing');
    const out = join(statementsFolder(paths[0]), 'second.sig');
    await attest(
      paths[0],
      'origin',
      originOf([{ role: 'data-set', name: 'corpus', digest: { sha256: digestOf('c') } }], 1),
      stranger,
      out,
    );
    expect(failuresOf(await traced(paths[0], { judge, keys }))).toEqual([]);
  });

  it('names of certificates are expected of certificates', () => {
    const certificate = {
      names: ['CN=a'],
      authorities: [],
      digest: '',
      serialNumber: '1',
      notBefore: trust.time,
      notAfter: trust.time,
    };
    const signer = { algorithm: 'ml-dsa-87' as const, key: '', name: 'CN=a' };
    const statement = { subject: [], predicateType: '', predicate: {} };
    expect(expectedNames(['CN=a'])([{ ...signer, certificate }], statement)).toMatchObject({ ok: true });
    expect(expectedNames(['CN=b'])([{ ...signer, certificate }], statement)).toMatchObject({
      code: 'signer-unexpected',
    });
    expect(expectedNames(['CN=b'])([signer], statement)).toMatchObject({ ok: true });
  });

  it('is no statement', async () => {
    const { paths } = copied('broken');
    const folder = statementsFolder(paths[2]);
    for (const [name, content] of Object.entries({
      'a.sig': '',
      'b.sig': '{',
      'c.sig': '['.repeat(99_999),
      'd.sig': '{"a":1,"a":2}',
    }))
      writeFileSync(join(folder, name), content);
    mkdirSync(join(folder, 'e.sig'));
    writeFileSync(join(folder, 'readme.txt'), 'not looked at');
    const found = failuresOf(await traced(paths[2]));
    expect(found).toHaveLength(4);
    for (const one of found) expect(one).toMatch(/[abcd]\.sig: statement-refused$/);
  });
});

describe('attesting', () => {
  it.each([
    ['an origin without a builder', 'origin', { parameters: {}, inputs: [] }, 'missing-field'],
    ['a card that is none', 'card', { modelCard: { mood: 1 } }, 'not-cyclonedx'],
    ['a summary of nothing', 'summary', {}, 'missing-field'],
  ] as const)('%s is refused, and nothing is written', async (_, kind, predicate, code) => {
    const path = models.make({ weights: 'w' });
    expect(await attestModel(path, { kind, predicate, key: maker })).toMatchObject({ ok: false, code });
    expect(existsSync(statementsFolder(path))).toBe(false);
  });

  it('a model that is not the one that was signed is refused', async () => {
    const path = models.make({ weights: 'w' });
    accepted(await signModel(path, { key: maker, workers: 1 }));
    writeFileSync(join(path, 'weights'), 'other');
    const predicate = originOf([], 1);
    expect(await attestModel(path, { kind: 'origin', predicate, key: maker })).toMatchObject({
      code: 'file-modified',
      path: 'weights',
    });
  });

  it('is about the digest that the signature states, with what was left out', async () => {
    const path = models.make({ weights: 'w', 'cache/x': 'x' });
    const signed = accepted(await signModel(path, { key: maker, ignore: ['cache'] }));
    const { subject } = await attest(path, 'origin', originOf([], 1));
    expect(subject.digest['sha256']).toBe(signed.digest);
  });

  it('a model of one file', async () => {
    const path = join(models.make({ 'one.gguf': 'w' }), 'one.gguf');
    accepted(await signModel(path, { key: maker, workers: 1 }));
    await attest(path, 'origin', originOf([], 1));
    expect(existsSync(`${path}.provenance/one.gguf.origin.sig`)).toBe(true);
    expect(await traced(path)).toMatchObject({ ok: true });
  });

  it('does not replace a statement that is there', async () => {
    const path = models.make({ weights: 'w' });
    await attest(path, 'origin', originOf([], 1));
    const again = attestModel(path, { kind: 'origin', predicate: originOf([], 2), key: maker });
    await expect(again).rejects.toThrow(/exists already/);
  });
});

describe('commands', () => {
  it('attest and trace: status, JSON and files', async () => {
    const path = models.make({ weights: 'w' });
    const key = models.file('cli.key');
    writeKeyPair(key, 'ml-dsa-87');
    const predicate = models.file('origin.json');
    writeFileSync(predicate, JSON.stringify(originOf([], 1)));
    const words = ['model', 'attest', path, '--type', 'origin', '--predicate', predicate, '--key', key];
    const attested = await pquake(...words, '--json');
    expect(attested).toMatchObject({ status: 0 });
    expect(JSON.parse(attested.stdout)).toMatchObject({ ok: true, type: 'origin', algorithm: 'ml-dsa-87' });
    const trace = ['model', 'trace', path, '--public-key', `${key}.pub`];
    expect(await pquake(...trace)).toMatchObject({ status: 0, stdout: expect.stringContaining('every link holds') });
    const out = models.file('lineage.svg');
    expect(await pquake(...trace, '--format', 'svg', '--out', out)).toMatchObject({ status: 0, stdout: '' });
    expect(readFileSync(out, 'utf8')).toMatch(/^<svg /);
    const other = await pquake('model', 'trace', good.paths[2], '--public-key', `${key}.pub`, '--format', 'json');
    expect(other.status).toBe(1);
    expect(JSON.parse(other.stdout)).toMatchObject({ ok: false, format: 'pquake-model-lineage' });
    expect(await pquake('model', 'trace', path)).toMatchObject({ status: 2 });
    readSigningKey(key).wipe();
  });

  it('trace by a policy: a hybrid needs both of its signatures, and leaves out only what the policy permits', async () => {
    const files = ['both', 'classical'].map((name) => models.file(name));
    for (const [at, algorithm] of (['ml-dsa-87', 'ecdsa-p256'] as const).entries())
      writeKeyPair(files[at] ?? '', algorithm);
    const [key, classical] = files.map((file) => readSigningKey(file));
    const signers = [
      {
        id: 'a',
        keys: [{ file: 'both.pub' }, { file: 'classical.pub' }],
        maySign: [{ subjects: ['**'], predicateTypes: ['**'] }],
      },
    ];
    const requirements = [{ id: 'a', subjects: ['**'], predicateTypes: ['**'], phases: 'us-eo-14412' }];
    const policy = models.file('hybrid.json');
    writeFileSync(policy, JSON.stringify({ version: 1, signers, requirements }));
    const traced = async (path: string) => (await pquake('model', 'trace', path, '--policy', policy)).stdout;
    const hybrid = { key: key ?? maker, hybrid: { key: classical ?? maker } };
    const whole = models.make({ weights: 'w' });
    accepted(await signModel(whole, hybrid));
    await attest(whole, 'origin', originOf([], 1), key);
    expect(await traced(whole)).toMatch(/every link holds/);
    rmSync(join(whole, 'model.sig'));
    expect(await traced(whole)).toMatch(/required-algorithm-missing/);
    const partial = models.make({ weights: 'w', 'cache/x': 'x' });
    accepted(await signModel(partial, { ...hybrid, ignore: ['cache'] }));
    await attest(partial, 'origin', originOf([], 1), key);
    expect(await traced(partial)).toMatch(/ignored-path-not-allowed/);
  });

  it('trace by a policy: who may sign which statements', async () => {
    const path = models.make({ weights: 'w' });
    const key = models.file('policy.key');
    writeKeyPair(key, 'ml-dsa-87');
    const [signing, policy] = [readSigningKey(key), models.file('trust.json')];
    await attest(path, 'origin', originOf([], 1), signing);
    signing.wipe();
    for (const [types, status] of [
      [['**'], 0],
      [['https://cyclonedx.org/**'], 1],
    ] as const) {
      const signers = [
        { id: 'a', keys: [{ file: 'policy.key.pub' }], maySign: [{ subjects: ['**'], predicateTypes: types }] },
      ];
      const requirements = [{ id: 'a', subjects: ['**'], predicateTypes: ['**'], phases: 'us-eo-14412' }];
      writeFileSync(policy, JSON.stringify({ version: 1, signers, requirements }));
      const end = await pquake('model', 'trace', path, '--policy', policy);
      expect([end.status, end.stdout]).toEqual([
        status,
        expect.stringMatching(status === 0 ? /every link holds/ : /FAILS/),
      ]);
    }
  });

  it.each([
    [
      'a key twice',
      '{"builder":"https://a.example","builder":"https://b.example"}',
      /not JSON as it is read here: repeated-key/,
    ],
    ['a deep one', `{"a":${'['.repeat(9_999)}${']'.repeat(9_999)}}`, /at most 31 levels are expected/],
    ['a list', '[]', /expected an object of JSON/],
    ['octets of no format', Buffer.of(0xff, 0xfe), /not-utf8/],
  ])('a predicate that is wrong: %s', async (_, content, reason) => {
    const path = models.make({ weights: 'w' });
    const predicate = models.file('wrong.json');
    writeFileSync(predicate, content);
    const key = models.file('wrong.key');
    if (!existsSync(key)) writeKeyPair(key, 'ml-dsa-87');
    const words = ['--type', 'origin', '--predicate', predicate, '--key', key];
    const end = await pquake('model', 'attest', path, ...words);
    expect([end.status, end.stderr]).toEqual([1, expect.stringMatching(reason)]);
    expect(end.stderr).toContain('wrong.json');
    expect(existsSync(statementsFolder(path))).toBe(false);
  });
});
