// Rules for the models, whatever they say: on claims, mutants, twins.
import { describe, expect, it } from 'vitest';
import { loadClaims } from '../../../src/lab/models/claims.ts';
import { mutants } from '../../../src/lab/mutants/index.ts';
import { type Assembled, assemble, loadManifest, readLedger } from '../../../src/lab/prove/index.ts';

const assembled = loadManifest('models').map(assemble);
const ledger = readLedger('models');
const ofDefault = assembled.filter(({ model }) => !model.id.includes('@'));
const isRecorded = ({ model, digest }: Assembled, id: string, verdict: string): boolean => {
  const entry = ledger.get(model.id);
  return entry?.digest === digest && entry.queries.some((one) => one.id === id && one.verdict === verdict);
};

/** Queries of a tool that answer a claim for the default reading, and are proved. */
const answersTo = (claim: string, tool: string): string[] =>
  ofDefault
    .filter(({ model }) => model.tool === tool)
    .flatMap((one) =>
      one.queries
        .filter(
          ({ id, claims, reachability }) => claims.includes(claim) && !reachability && isRecorded(one, id, 'true'),
        )
        .map(({ id }) => id),
    );

describe('claims (spec/claims.yaml)', () => {
  const claims = loadClaims().map(({ id }) => id);

  it.each(claims)('%s is answered by ProVerif', (claim) => {
    expect(answersTo(claim, 'proverif')).not.toEqual([]);
  });

  it.each(['C1', 'C2', 'C3', 'C8'])('%s is answered by CryptoVerif', (claim) => {
    expect(answersTo(claim, 'cryptoverif')).not.toEqual([]);
  });

  it.each(['C1', 'C2', 'C3', 'C6'])('%s is answered by Verifpal', (claim) => {
    expect(answersTo(claim, 'verifpal')).not.toEqual([]);
  });

  it('queries name claims that exist', () => {
    const named = new Set(assembled.flatMap(({ queries }) => queries.flatMap((query) => query.claims)));
    expect([...named].filter((claim) => !claims.includes(claim))).toEqual([]);
  });
});

describe('mutants', () => {
  it.each(mutants.map(({ id }) => id))('%s is caught by a query, or its title says why not', (id) => {
    const models = assembled.filter(({ model }) => model.id.endsWith(`@mutants.${id}`));
    expect(models).not.toEqual([]);
    const caught = models.flatMap((one) => {
      const base = ofDefault.find(({ model }) => one.model.id.startsWith(`${model.id}@`));
      return one.queries.filter(({ id: query, expected }) => {
        const before = base?.queries.find((other) => other.id === query);
        return before?.expected !== expected && isRecorded(one, query, expected);
      });
    });
    const excused = models.every(({ model }) => model.title.includes('(not caught:'));
    expect(caught.length > 0).toBe(!excused);
  });
});

describe('queries', () => {
  it('every query that is expected to fail tells its attack, unless it is a twin that shows reachability', () => {
    const silent = ofDefault.flatMap(({ model, queries }) =>
      queries
        .filter(({ expected, reachability, attack }) => expected !== 'true' && !reachability && attack === undefined)
        .map(({ id }) => `${model.id}: ${id}`),
    );
    expect(silent).toEqual([]);
  });
});
