// The workflow that proves every model again: it cannot run here, so what it states is compared with what it is about.
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { parseYaml } from '../../../src/lab/yaml.ts';

interface Step {
  readonly uses?: string;
  readonly run?: string;
}

interface Workflow {
  readonly permissions: unknown;
  readonly jobs: {
    readonly prove: { readonly env: Readonly<Record<string, string>>; readonly steps: readonly Step[] };
  };
}

const workflow = parseYaml(readFileSync('.github/workflows/prove.yml', 'utf8')) as Workflow;
const { env, steps } = workflow.jobs.prove;
const { provers } = parseYaml(readFileSync('models/models.yaml', 'utf8')) as {
  provers: Readonly<Record<string, { version: string }>>;
};

it('installs the versions whose verdicts count', () => {
  for (const [tool, { version }] of Object.entries(provers)) expect(env[`${tool.toUpperCase()}_VERSION`]).toBe(version);
});

it('takes actions by their commit, may only read, and proves and compares all', () => {
  const used = steps.flatMap(({ uses }) => (uses === undefined ? [] : [uses]));
  expect(used.length).toBeGreaterThan(0);
  expect(used.filter((one) => !/^actions\/[a-z-]+@[0-9a-f]{40}$/.test(one))).toEqual([]);
  expect(workflow.permissions).toEqual({ contents: 'read' });
  const commands = steps.map(({ run }) => run ?? '').join('\n');
  expect(commands).toMatch(/prove -- --all .*--attest attestation\.json/);
  expect(commands).toMatch(/prove -- --compare attestation\.json models/);
});

it('names no host but those of the authors of provers', () => {
  const hosts = readFileSync('.github/workflows/prove.yml', 'utf8').match(/https?:\/\/[^\s/"]+/g) ?? [];
  expect([...new Set(hosts)]).toEqual(['https://github.com']);
});
