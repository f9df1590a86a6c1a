// `pquake prove` as a person runs it, with provers that print what the real ones printed.
import { existsSync, readdirSync, readFileSync, statSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type Ended, makePlace, type Place } from './prove.ts';

let place: Place = makePlace();
place.remove();
beforeEach(() => {
  place = makePlace();
});
afterEach(() => place.remove());

const prove = (...words: readonly string[]): Promise<Ended> => place.start(words).ended;
const ledger = (): string[] =>
  existsSync(join(place.models, 'verdicts')) ? readdirSync(join(place.models, 'verdicts')) : [];
const say =
  (words: string) =>
  (text: string): string =>
    `${text}\n(* fake: ${words} *)\n`;
const row = (query: string, expected: string, verdict: string): RegExp =>
  new RegExp(`^  ${query} +${expected} +${verdict} +[0-9.]+  (run|recorded)$`, 'm');
const all = ['exchange-secrecy', 'exchange', 'exchange@mutants.plain', 'hello', 'privacy', 'signature'];

it('the full set: a table, a summary, the versions, and every verdict in the ledger', async () => {
  const { status, stdout, stderr } = await prove('--all');
  expect(stderr).toMatch(/^proverif 2\.05\ncryptoverif 2\.06\nverifpal 1\.1\.0\n/);
  expect(stderr).toMatch(/^proverif exchange: 4 of 4 as expected, [0-9.]+ s$/m);
  expect(stdout).toMatch(/^exchange \(proverif\): one message under a shared key$/m);
  expect(stdout).toMatch(row('injective', 'false', 'false'));
  expect(stdout).toMatch(/^ {6}1\. A sends one message\.\n {6}2\. The attacker sends it twice\.$/m);
  expect(stdout).toMatch(row('key-secret', 'unproved', 'unproved'));
  expect(stdout).toMatch(/^13 queries in 6 models: 13 as expected\n$/m);
  expect(status).toBe(0);
  expect(ledger().sort()).toEqual(all.map((id) => `${id}.json`).sort());
  expect(readdirSync(place.temporary)).toEqual([]);
});

it('the default set leaves the rest out', async () => {
  const { status, stdout } = await prove();
  expect([status, stdout.split('\n').at(-2)]).toEqual([0, '9 queries in 3 models: 9 as expected']);
});

it('--json prints one array of every query, and nothing else', async () => {
  const { status, stdout } = await prove('--json', '--only', 'exchange');
  const queries: unknown = JSON.parse(stdout);
  expect(status).toBe(0);
  expect(queries).toHaveLength(4);
  expect(queries).toMatchObject([
    {
      id: 'agreement',
      model: 'exchange',
      tool: 'proverif',
      expected: 'true',
      verdict: 'true',
      source: 'run',
      claims: ['C1', 'C2'],
    },
    { id: 'injective', verdict: 'false', means: 'once for each: no', attack: expect.stringMatching(/^1\. A/) },
    { id: 'reaches-end', verdict: 'false', reachability: true, seconds: expect.any(Number) },
    { id: 'secret-message', means: 'the message stays secret' },
  ]);
});

it('a verdict other than expected: status 1, and recorded all the same', async () => {
  place.edit('parts/scenario.pv', say('print leak.txt'));
  const { status, stdout } = await prove('--tool', 'proverif');
  expect(status).toBe(1);
  expect(stdout).toMatch(row('secret-message', 'true', 'false'));
  expect(stdout).toMatch(/\^ verdict false, expected true$/m);
  expect(stdout).toMatch(/^4 queries in 1 models: 3 as expected$/m);
  const again = await prove('--recorded', '--only', 'exchange', '--tool', 'proverif');
  expect(again.stdout).toMatch(/\^ verdict false, expected true$/m);
  expect(again.status).toBe(1);
});

it('a prover that fails, or tells too little: status 1, and nothing recorded', async () => {
  place.edit('parts/signature.cv', say('fail it is broken'));
  place.edit('parts/scenario.pv', say('print deleted.txt'));
  const { status, stdout } = await prove();
  expect(status).toBe(1);
  expect(stdout).toMatch(
    /verdict error, expected true: exit status 2: File "signature\.cv", line 1.* Error: it is broken/,
  );
  expect(stdout).toMatch(/verdict error, expected true: ProVerif tells 3 results, there are 4 queries/);
  expect(ledger()).toEqual(['hello.json']);
});

it('a model over its time is ended: its queries without a result are timeouts', async () => {
  place.edit('parts/scenario.pv', say('sleep'));
  place.edit('models.yaml', (text) => text.replace('seconds: 20', 'seconds: 4'));
  const { status, stdout } = await prove('--only', 'exchange');
  expect(status).toBe(1);
  // The sleeping prover had told everything and did not end; an outcome that belongs to two queries is given to neither.
  expect(stdout).toMatch(row('secret-message', 'true', 'true'));
  expect(stdout).toMatch(/verdict timeout, expected true: stopped after 4 s/);
  expect(ledger()).toEqual([]);
});

it('a budget ends what runs, and starts nothing more', async () => {
  for (const part of ['signature.cv', 'scenario.pv']) place.edit(`parts/${part}`, say('sleep'));
  const { status, stdout } = await prove('--budget', '4', '--jobs', '1');
  expect(status).toBe(1);
  expect(stdout).toMatch(/stopped: budget over/);
  expect(stdout).toMatch(/verdict timeout, expected true: not started: budget over/);
});

it('--recorded runs nothing and accepts the verdicts recorded for the present models', async () => {
  const nothing = await prove('--recorded');
  expect(nothing.stdout).toMatch(/\^ verdict error, expected true: no verdict recorded/);
  expect(nothing.status).toBe(1);
  await prove('--all');
  const words = ['--recorded'] as const;
  const good = await place.start(words, { PROVERIF: '', CRYPTOVERIF: '', VERIFPAL: '', PATH: '' }).ended;
  expect(good).toMatchObject({ status: 0, stderr: '' });
  expect(good.stdout).toMatch(/^13 queries in 6 models: 13 as expected$/m);
  expect(good.stdout).toMatch(/ recorded$/m);
  place.edit('parts/theory.pvl', (text) => `${text}(* one more line *)\n`);
  const changed = await prove('--recorded');
  expect(changed.stdout).toMatch(/\^ verdict error, expected true: model changed since \(sha256:/);
  expect(changed.status).toBe(1);
  expect((await prove('--recorded', '--tool', 'verifpal')).status).toBe(0);
});

it('--quiet shows differences only; --stale runs only what has no verdict for its text', async () => {
  await prove('--all');
  const quiet = await prove('--recorded', '--quiet');
  expect([quiet.status, quiet.stdout]).toEqual([0, '13 queries in 6 models: 13 as expected\n']);
  expect((await prove('--all', '--stale')).stdout).not.toMatch(/ run$/m);
  place.edit('parts/theory.pvl', (text) => `${text}(* one more line *)\n`);
  expect((await prove('--recorded', '--quiet')).stdout).toMatch(/model changed since/);
  const again = await prove('--all', '--stale');
  expect([again.status, / run$/m.test(again.stdout), / recorded$/m.test(again.stdout)]).toEqual([0, true, true]);
});

it('a stray fails --recorded, and a run of the full set removes it', async () => {
  await prove('--all');
  const stray = join(place.models, 'verdicts', 'gone.json');
  writeFileSync(stray, readFileSync(join(place.models, 'verdicts', 'hello.json')));
  const { status, stderr } = await prove('--recorded');
  expect([status, stderr]).toEqual([1, 'stray: verdicts/gone.json is of no model of the manifest\n']);
  expect((await prove()).status).toBe(0);
  expect(existsSync(stray)).toBe(true);
  expect((await prove('--all')).stderr).toMatch(/removed verdicts\/gone\.json/);
  expect(existsSync(stray)).toBe(false);
});

it('where a tool is not found the ledger stands in, said in one line', async () => {
  await prove('--all');
  const { status, stdout, stderr } = await place.start(['--all', '--json'], { VERIFPAL: join(place.models, 'none') })
    .ended;
  expect(status).toBe(0);
  expect(stderr).toMatch(/^verifpal is not here \(PATH, VERIFPAL\): the verdicts recorded stand in for 1 models$/m);
  expect(JSON.parse(stdout).filter(({ source }: { source: string }) => source === 'recorded')).toHaveLength(2);
  unlinkSync(join(place.models, 'verdicts', 'hello.json'));
  expect((await place.start(['--tool', 'verifpal'], { VERIFPAL: join(place.models, 'none') }).ended).status).toBe(1);
});

it('--keep leaves the assembled models and the output of the provers', async () => {
  const kept = join(place.temporary, 'kept');
  await prove('--only', 'exchange', '--keep', kept);
  expect(readdirSync(kept).sort()).toEqual(['exchange.pv', 'exchange.pv.out']);
  expect(readFileSync(join(kept, 'exchange.pv'), 'utf8')).toMatch(/^free c: channel\./);
});

it.each([
  ['nothing selected', ['--only', 'none'], /no model is selected/],
  ['an unknown tool', ['--tool', 'tamarin'], /Allowed choices are proverif, cryptoverif, verifpal/],
  ['no number of jobs', ['--jobs', '0'], /Expected a whole number/],
])('usage: %s is status 2', async (_, words, message) => {
  const { status, stdout, stderr } = await prove(...words);
  expect([status, stdout]).toEqual([2, '']);
  expect(stderr).toMatch(message);
});

it('a wrong manifest is status 2, with every problem of every model; --only leaves the others out', async () => {
  place.edit('models.yaml', (text) =>
    text.replace('parts/hello.vp', 'parts/none.vp').replace('parts/privacy.pv', 'parts/none.pv'),
  );
  const { status, stdout, stderr } = await prove('--all');
  expect([status, stdout]).toEqual([2, '']);
  expect(stderr).toMatch(
    /^pquake: model privacy: cannot read .*none\.pv\npquake: model hello: cannot read .*none\.vp\n$/,
  );
  const one = await prove('--only', 'exchange');
  expect(one.status).toBe(0);
  expect(one.stderr).toMatch(/^left out: model hello: cannot read/);
  place.edit('models.yaml', (text) => text.replace('set: default', 'set: slow'));
  expect(await prove()).toMatchObject({
    status: 2,
    stderr: expect.stringMatching(/models\[0\] \(exchange\)\.set: expected one of/),
  });
  unlinkSync(join(place.models, 'models.yaml'));
  expect(await prove()).toMatchObject({ status: 2, stderr: expect.stringMatching(/models\.yaml is not there/) });
});

it('Ctrl-C ends the provers and what they started, and leaves nothing behind', async () => {
  for (const part of ['signature.cv', 'scenario.pv']) place.edit(`parts/${part}`, say('sleep'));
  const { child, ended } = place.start(['--jobs', '2']);
  while (statSync(place.beat).size === 0) await wait(20);
  child.kill('SIGINT');
  const { status, stdout, stderr } = await ended;
  expect([status, stdout]).toEqual([130, '']);
  expect(stderr).toMatch(/interrupted: the provers are ended\n$/);
  expect(readdirSync(place.temporary)).toEqual([]);
  await wait(100);
  const size = statSync(place.beat).size;
  await wait(300);
  expect(statSync(place.beat).size).toBe(size);
  expect(ledger()).toEqual([]);
});

it('--claim tells the queries that answer a claim, and runs their models only; --only takes a claim too', async () => {
  const claimed = await prove('--all', '--claim', 'C2', '--json', '--by', 'an auditor');
  const queries = JSON.parse(claimed.stdout) as { id: string; claims: string[]; reachability?: boolean }[];
  expect(claimed.status).toBe(0);
  expect(queries.length).toBeGreaterThan(0);
  expect(queries.filter(({ claims, reachability }) => !reachability && !claims.includes('C2'))).toEqual([]);
  expect(ledger().length).toBeLessThan(all.length);
  const [first = ''] = ledger();
  expect(JSON.parse(readFileSync(join(place.models, 'verdicts', first), 'utf8'))).toMatchObject({
    run: { by: 'an auditor' },
  });
  const named = await prove('--all', '--only', 'C2', '--json');
  const models = new Set((JSON.parse(named.stdout) as { model: string }[]).map(({ model }) => model));
  expect([...models].sort()).toEqual(
    ledger()
      .map((name) => name.slice(0, -'.json'.length))
      .sort(),
  );
});

it('a claim that no query answers is refused, with those that are', async () => {
  const { status, stderr } = await prove('--recorded', '--claim', 'C99');
  expect([status, stderr]).toEqual([
    2,
    expect.stringMatching(/^pquake: no query answers the claim C99; expected one of C1, C2/m),
  ]);
});

it('an edit that does not fit any more: no prover runs on it, and the record of it is out of date', async () => {
  place.edit('models.yaml', (text) =>
    [
      text,
      'controls:',
      '  - name: broken',
      '    of: [exchange]',
      '    title: something broken',
      '    edits: [{ find: "no such text", put: "" }]',
      '    expect: { agreement: false }',
      '',
    ].join('\n'),
  );
  const { status, stderr } = await prove('--all', '--only', 'exchange@controls.broken');
  const problem = 'edits: expected the text "no such text" once in its parts, found it 0 times';
  expect([status, stderr]).toEqual([2, `pquake: model exchange@controls.broken: ${problem}\n`]);
  const recorded = await prove('--recorded', '--only', 'exchange@controls.broken');
  expect(recorded.status).toBe(1);
  expect(recorded.stdout).toContain(`model changed since (${problem})`);
});
