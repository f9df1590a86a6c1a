// The environment of processes that are started here.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { environmentFor } from '../../src/node/files/environment.ts';
import { pquake } from '../cli/commands.ts';

const directory = mkdtempSync(join(tmpdir(), 'pquake-environment-'));
const variables = { PQUAKE_TEST_SECRET: 'secret', PQUAKE_TEST_NAMED: 'named', NODE_OPTIONS: '--no-warnings' } as const;
const before = { ...process.env };
Object.assign(process.env, variables);
afterAll(() => {
  for (const name of Object.keys(variables)) {
    if (before[name] === undefined) delete process.env[name];
    else process.env[name] = before[name];
  }
  rmSync(directory, { recursive: true });
});

it('only what every program needs, and what is named', () => {
  const from = {
    PATH: 'p',
    HOME: 'h',
    LANG: 'l',
    LC_ALL: 'c',
    TMPDIR: 't',
    TZ: 'z',
    NODE_OPTIONS: 'o',
    AWS_KEY: 'k',
    X: 'x',
  };
  const { NODE_OPTIONS: _, AWS_KEY: __, X: ___, ...plain } = from;
  expect(environmentFor([], from)).toEqual(plain);
  expect(environmentFor(['X', 'ABSENT'], from)).toEqual({ ...plain, X: 'x' });
});

it('a peer under test has no more than that', async () => {
  const [script, seen] = [join(directory, 'peer.sh'), join(directory, 'seen')];
  writeFileSync(script, `env > ${seen}; exit 1`);
  const run = async (...words: string[]): Promise<string[]> => {
    await pquake('conformance', 'responder', '--spawn', `sh ${script} {port}`, '--only', 'sanity', ...words);
    return readFileSync(seen, 'utf8').split('\n');
  };
  const bare = await run();
  expect(bare.some((line) => line.startsWith('PATH='))).toBe(true);
  expect(bare.filter((line) => /^(PQUAKE_TEST_|NODE_)/.test(line))).toEqual([]);
  expect((await run('--env', 'PQUAKE_TEST_NAMED')).filter((line) => /^(PQUAKE_TEST_|NODE_)/.test(line))).toEqual([
    'PQUAKE_TEST_NAMED=named',
  ]);
});

it('a variable that is not set, and one without a peer to start, are wrong usage', async () => {
  expect(await pquake('conformance', 'responder', '--spawn', 'x {port}', '--env', 'PQUAKE_ABSENT')).toMatchObject({
    status: 2,
    stderr: expect.stringMatching(/--env.*is invalid.*a variable of the environment/),
  });
  const words = ['--address', '127.0.0.1:1', '--pki', directory, '--env', 'PATH'];
  expect(await pquake('conformance', 'responder', ...words)).toMatchObject({ status: 2 });
});
