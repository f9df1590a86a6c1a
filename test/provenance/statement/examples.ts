// Statements of each kind, as tests start from them.
import type { JsonObject } from '../../../src/json/readJson.ts';
import type { Judged, Statement, Subject } from '../../../src/provenance/contract.ts';
import type { Evaluation } from '../../../src/provenance/statement/evaluation.ts';
import type { Dependency, Origin } from '../../../src/provenance/statement/origin.ts';
import type { Summary } from '../../../src/provenance/statement/summary.ts';

/** A digest of one repeated digit. */
export const digestOf = (digit: string): string => digit.repeat(64);

export const subject: Subject = { name: 'llama', digest: { sha256: digestOf('a') } };

export const parent = (name: string, sha256: string, role: Dependency['role'] = 'previous-version'): Dependency => ({
  role,
  name,
  digest: { sha256 },
});

export const origin: Origin = {
  parameters: { epochs: 3, rate: 0.001 },
  environment: { accelerators: 8 },
  dependencies: [
    parent('llama-base', digestOf('b'), 'base-model'),
    { role: 'data-set', name: 'corpus', uri: 'https://example.com/corpus', digest: { sha256: digestOf('c') } },
    { role: 'training-code', uri: 'git+https://example.com/train', digest: { gitCommit: 'd'.repeat(40) } },
    { role: 'other', name: 'tokenizer', annotations: { note: 'as in the base' } },
  ],
  builder: { id: 'https://example.com/trainer', version: { trainer: '1.2' } },
  invocation: 'run 7',
  started: new Date('2026-02-01T00:00:00Z'),
  finished: new Date('2026-02-02T00:00:00Z'),
  byproducts: [{ name: 'log', digest: { sha256: digestOf('e') } }],
};

export const evaluation: Evaluation = {
  result: 'WARNED',
  configuration: [{ name: 'mmlu', digest: { sha256: digestOf('f') } }],
  url: 'https://example.com/runs/7',
  passed: ['mmlu'],
  warned: ['toxicity'],
  failed: [],
  metrics: [{ name: 'accuracy', value: 0.81, test: 'mmlu' }],
};

export const summary: Summary = {
  verifier: { id: 'https://example.com/verifier', version: undefined },
  time: new Date('2026-03-01T00:00:00Z'),
  resource: 'https://example.com/llama',
  policy: { uri: 'https://example.com/policy', digest: { sha256: digestOf('1') } },
  inputs: [{ uri: 'https://example.com/llama/model.sig', digest: { sha256: digestOf('2') } }],
  result: 'PASSED',
  levels: ['PQUAKE_MODEL_VERIFIED', 'SLSA_BUILD_LEVEL_1'],
  dependencyLevels: { SLSA_BUILD_LEVEL_1: 2 },
  slsaVersion: '1.0',
};

export const modelCard: JsonObject = {
  modelParameters: { task: 'text-generation', architectureFamily: 'transformer', datasets: [{ ref: 'corpus' }] },
  considerations: { useCases: ['summaries of texts'], technicalLimitations: ['English only'] },
};

/** The value that was let through. @throws Error that says why it was not */
export function accepted<T>(judged: Judged<T, string>): T {
  if (judged.ok) return judged.value;
  throw new Error(`${judged.code}: ${judged.detail}`);
}

/** A copy in which the member at a path is another; `undefined` removes it. */
export function changed(value: JsonObject, path: readonly (string | number)[], other: unknown): JsonObject {
  const copy = structuredClone(value) as Record<string, unknown>;
  const inner = path
    .slice(0, -1)
    .reduce<Record<string, unknown>>((at, name) => at[name] as Record<string, unknown>, copy);
  const last = path.at(-1) ?? '';
  if (other === undefined) delete inner[last];
  else inner[last] = other;
  return copy as JsonObject;
}

/** The statement with another predicate. */
export const withPredicate = (statement: Statement, predicate: unknown): Statement => ({
  ...statement,
  predicate: predicate as JsonObject,
});
