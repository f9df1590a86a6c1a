// A record made by other hands: `prove --attest`, `prove --compare`; and what the record of verdicts says of provers.
import { existsSync, readFileSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type Ended, makePlace, type Place } from './prove.ts';

let place: Place = makePlace();
place.remove();
beforeEach(() => {
  place = makePlace();
});
afterEach(() => place.remove());

const prove = (...words: readonly string[]): Promise<Ended> => place.start(words).ended;
const file = (name: string): string => join(place.temporary, name);
const change = (path: string, edit: (text: string) => string): void => {
  const text = readFileSync(path, 'utf8');
  expect(edit(text)).not.toBe(text);
  writeFileSync(path, edit(text));
};
const verdictsOf = (id: string): string => join(place.models, 'verdicts', `${id}.json`);
const sha256 = expect.stringMatching(/^sha256:[0-9a-f]{64}$/);

it('--attest writes what the provers said, with digests and the machine, and leaves the record as it is', async () => {
  const { status, stderr } = await prove('--all', '--attest', file('mine.json'), '--by', 'an auditor');
  expect(status).toBe(0);
  expect(stderr).toMatch(/mine\.json: 13 verdicts on 6 models; the record is as it was$/m);
  expect(existsSync(join(place.models, 'verdicts'))).toBe(false);
  const attestation = JSON.parse(readFileSync(file('mine.json'), 'utf8'));
  expect(attestation).toMatchObject({
    form: 'pquake-attestation-1',
    run: { by: 'an auditor', at: expect.stringMatching(/Z$/), on: expect.any(String) },
    machine: { system: expect.any(String), processor: expect.any(String), memory: expect.stringMatching(/GiB$/) },
    executables: { proverif: sha256, cryptoverif: sha256, verifpal: sha256 },
  });
  expect(attestation.models).toHaveLength(6);
  const [signature] = attestation.models.filter(({ model }: { model: string }) => model === 'signature');
  expect(signature).toMatchObject({ version: '2.06', library: sha256, digest: sha256 });
  expect(attestation.models[0]).not.toHaveProperty('library');
});

it('a run that shows other verdicts than the record does not write them over it', async () => {
  await prove('--all');
  place.edit('parts/scenario.pv', (text) => `${text}\n(* fake: print leak.txt *)\n`);
  expect((await prove('--all', '--stale')).status).toBe(1);
  const record = readFileSync(verdictsOf('exchange'), 'utf8');
  place.edit('parts/scenario.pv', (text) => text.replace('print leak.txt', 'print exchange.txt'));
  await prove('--all', '--attest', file('mine.json'));
  expect(readFileSync(verdictsOf('exchange'), 'utf8')).toBe(record);
});

it('--compare: the same verdicts in the record and in an attestation', async () => {
  await prove('--all');
  await prove('--all', '--attest', file('mine.json'));
  const same = await prove('--compare', file('mine.json'), place.models);
  expect(same).toMatchObject({
    status: 0,
    stdout: '13 verdicts are the same in both; 0 differences of verdicts, texts or queries\n',
  });
  expect((await prove('--compare', file('mine.json'), file('mine.json'), '--json')).stdout).toBe('[]\n');
});

it('--compare: a verdict flipped by hand in the record is told, and the status is 1', async () => {
  await prove('--all');
  await prove('--all', '--attest', file('mine.json'));
  change(verdictsOf('exchange'), (text) =>
    text.replace('"injective",\n      "verdict": "false"', '"injective",\n      "verdict": "true"'),
  );
  const { status, stdout } = await prove('--compare', place.models, file('mine.json'));
  expect(status).toBe(1);
  expect(stdout).toBe(
    `exchange: injective: verdicts differ (${place.models}: true; ${file('mine.json')}: false)\n` +
      '12 verdicts are the same in both; 1 differences of verdicts, texts or queries\n',
  );
  expect((await prove('--compare', place.models, file('mine.json'), '--tool', 'verifpal')).status).toBe(0);
});

it('--compare: queries and models of one record only, texts, versions, libraries, programs', async () => {
  await prove('--all', '--attest', file('mine.json'));
  change(file('mine.json'), (text) => {
    const other = JSON.parse(text);
    const of = (id: string) => other.models.find(({ model }: { model: string }) => model === id);
    of('hello').queries.pop();
    of('exchange').digest = `sha256:${'0'.repeat(64)}`;
    of('signature').version = '2.07';
    of('signature').library = `sha256:${'1'.repeat(64)}`;
    other.executables.verifpal = `sha256:${'2'.repeat(64)}`;
    other.models = other.models.filter(({ model }: { model: string }) => model !== 'privacy');
    writeFileSync(file('other.json'), JSON.stringify(other));
    return `${text}\n`;
  });
  const { status, stdout } = await prove('--compare', file('mine.json'), file('other.json'), '--json');
  expect(status).toBe(1);
  expect(JSON.parse(stdout)).toMatchObject([
    { model: 'verifpal', kind: 'executable' },
    { model: 'exchange', kind: 'text' },
    { model: 'hello', query: 'from-bob', kind: 'missing', values: ['false', null] },
    { model: 'privacy', kind: 'missing', values: ['1 queries', null] },
    { model: 'signature', kind: 'version', values: ['cryptoverif 2.06', 'cryptoverif 2.07'] },
    { model: 'signature', kind: 'library' },
  ]);
  const versions = await prove('--compare', file('mine.json'), file('other.json'), '--tool', 'cryptoverif');
  expect([versions.status, versions.stdout.split('\n')[1]]).toEqual([0, expect.stringMatching(/different versions/)]);
});

it.each([
  ['one record', ['--compare', 'models'], /--compare takes two records; 1 given/],
  [
    'a record that is not there',
    ['--compare', 'models', 'none.json'],
    /none\.json is not there: expected a file of --attest/,
  ],
  ['a file of another form', ['--compare', 'models', 'package.json'], /package\.json: the key form is missing/],
  ['an attestation without a run', ['--recorded', '--attest', 'x.json'], /cannot be used with option '--recorded'/],
  ['a place for it that is not there', ['--attest', 'none/x.json'], /none\/x\.json: expected a file in a folder/],
])('usage: %s is status 2', async (_, words, message) => {
  const { status, stdout, stderr } = await prove(...words);
  expect([status, stdout]).toEqual([2, '']);
  expect(stderr).toMatch(message);
});

it('a record by another version, or with another library, is no record; --stale proves it again', async () => {
  await prove('--all');
  change(verdictsOf('hello'), (text) => text.replace('1.1.0', '1.0.9'));
  change(verdictsOf('signature'), (text) => text.replace(/"library": "sha256:.{4}/, '"library": "sha256:0000'));
  const { status, stdout } = await prove('--recorded', '--quiet');
  expect(status).toBe(1);
  expect(stdout).toMatch(/proved by verifpal 1\.0\.9; models\.yaml names 1\.1\.0$/m);
  expect(stdout).toMatch(
    /proved with another library of cryptoverif \(sha256:0000.{8} is recorded, models\.yaml names sha256:/,
  );
  const again = await prove('--all', '--stale', '--json');
  const ran = (JSON.parse(again.stdout) as { model: string; source: string }[]).filter(
    ({ source }) => source === 'run',
  );
  expect([again.status, [...new Set(ran.map(({ model }) => model))].sort()]).toEqual([0, ['hello', 'signature']]);
  expect((await prove('--recorded', '--quiet')).status).toBe(0);
});

it('a prover with another library is told of, and what it proves does not count', async () => {
  await prove('--all');
  writeFileSync(join(place.tools, 'default.cvl'), '(* MACs cannot be forged, with probability 0 *)\n');
  const { stderr } = await prove('--all', '--stale');
  expect(stderr).toMatch(/^cryptoverif: its library is not the one that models\.yaml names$/m);
  const { status, stdout } = await prove('--recorded', '--quiet');
  expect([status, stdout]).toEqual([1, expect.stringMatching(/proved with another library of cryptoverif/)]);
});

it('--recorded refuses what is not listed; --pin lists it, and takes nothing off unless told so', async () => {
  await prove('--all');
  expect((await prove('--recorded', '--quiet')).stderr).toBe('');
  place.edit('models.yaml', (text) =>
    text.replace('{ secret-message: false, same: [agreement] }', '{ secret-message: false, same: [injective] }'),
  );
  await prove('--all', '--stale');
  const refused = await prove('--recorded', '--quiet');
  expect([refused.status, refused.stderr]).toEqual([
    1,
    'refused: model exchange@mutants.plain: query agreement is pinned, and not asked any more\n' +
      'refused: model exchange@mutants.plain: query injective: not pinned yet\n',
  ]);
  const before = readFileSync(join(place.models, 'pinned.yaml'), 'utf8');
  const only = await prove('--pin');
  expect([only.status, only.stderr]).toEqual([
    1,
    expect.stringMatching(/nothing is written: the list only grows; --pin --drop/),
  ]);
  expect(readFileSync(join(place.models, 'pinned.yaml'), 'utf8')).toBe(before);
  expect((await prove('--drop')).status).toBe(0);
  expect((await prove('--recorded', '--quiet')).stderr).toBe('');
});

it('--pin lists a new assumption without a reason, and --recorded waits for the reason', async () => {
  await prove('--all');
  place.edit('parts/theory.pvl', (text) => `${text}equation forall m: bitstring, k: key; encrypt(m, k) = m.\n`);
  await prove('--all', '--stale');
  const refused = await prove('--recorded', '--quiet');
  expect(refused.status).toBe(1);
  expect(refused.stderr).toBe(
    'refused: parts/theory.pvl: assumptions.yaml does not list for this file: equation forall m: bitstring, k: key; encrypt(m, k) = m.\n',
  );
  const { status, stderr } = await prove('--pin');
  expect([status, stderr]).toEqual([0, 'assumptions.yaml: 1 entries have no reason yet: write one into each why\n']);
  expect(await prove('--recorded', '--quiet')).toMatchObject({
    status: 1,
    stderr: expect.stringMatching(/assumptions\[3\]\.why: expected the reason, in words; found ""/),
  });
  place.edit('assumptions.yaml', (text) => text.replace('why: ""', 'why: for this test it is not secret at all'));
  expect((await prove('--recorded', '--quiet')).status).toBe(0);
});

it('a folder without the lists is refused', async () => {
  await prove('--all');
  for (const name of ['pinned.yaml', 'assumptions.yaml']) unlinkSync(join(place.models, name));
  expect(await prove('--recorded', '--quiet')).toMatchObject({
    status: 1,
    stderr:
      'refused: assumptions.yaml is not there: expected what the models assume, with reasons\n' +
      'refused: pinned.yaml is not there: expected the models and queries that must be there\n',
  });
});
