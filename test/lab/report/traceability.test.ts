// The pages that lead from requirements and claims to their evidence: no requirement is without.
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { citedIn, kindsOfEvidence } from '../../../src/lab/report/citations.ts';
import { loadSpec } from '../../../src/lab/spec/spec.ts';

type Traced = { readonly id: string } & Readonly<Record<(typeof kindsOfEvidence)[number], readonly string[]>>;

const { requirements: traced } = JSON.parse(readFileSync('spec/traceability.json', 'utf8')) as {
  requirements: readonly Traced[];
};
const stated = loadSpec().requirements;
const of = (id: string): Traced => traced.find((one) => one.id === id) as Traced;

it('every requirement of a peer or an implementer is tied to code', () => {
  expect(traced.map(({ id }) => id)).toEqual(stated.map(({ id }) => id));
  const mine = stated.filter(({ role }) => role !== 'deployer' && role !== 'components');
  expect(mine.length).toBeGreaterThan(150);
  expect(mine.filter(({ id }) => of(id).code.length === 0).map(({ id }) => id)).toEqual([]);
});

it('every requirement that can be observed is shown by a test, a vector, a case, a property or a query', () => {
  const shown = kindsOfEvidence.filter((kind) => kind !== 'code');
  const observable = stated.filter((one) => one.observable !== 'none');
  const bare = observable.filter(({ id }) => shown.every((kind) => of(id)[kind].length === 0));
  expect(bare.map(({ id }) => id)).toEqual([]);
});

it('the times to wait have tests of their own (PQ-3.6-05, PQ-P-41)', () => {
  for (const id of ['PQ-3.6-05', 'PQ-P-41']) expect(of(id).tests).toContain('test/node/transport/tcp.test.ts');
});

it('a query needs what the mutants break that it catches', () => {
  expect(of('PQ-3.5-04').queries).toContain('agreement-initiator');
  expect(of('PQ-3-19').queries).toContain('name-of-initiator-passive');
});

it('a range of ids is every id in it, also over two lines of a comment', () => {
  const ids = ['PQ-3-01', 'PQ-3-02', 'PQ-3-03', 'PQ-3-04'];
  expect(citedIn(' * keys (PQ-3-02 to\n * PQ-3-04), PQ-3-01', ids)).toEqual([
    'PQ-3-02',
    'PQ-3-03',
    'PQ-3-04',
    'PQ-3-01',
  ]);
});
