// "Cannot be proved" is no attack: where that is the answer expected, a trace shows the attack.
import { describe, expect, it } from 'vitest';
import { type Assembled, assemble, loadManifest, readLedger } from '../../../src/lab/prove/index.ts';

const assembled = loadManifest('models').map(assemble);
const ledger = readLedger('models');
const byId = new Map(assembled.map((one) => [one.model.id, one]));

interface Unproved {
  readonly at: string;
  readonly query: string;
  readonly of: Assembled;
}

// A twin of CryptoVerif that cannot be proved shows that an event is reached: it needs no attack.
const unproved: readonly Unproved[] = assembled.flatMap((of) =>
  of.queries
    .filter(({ expected, reachability }) => expected === 'unproved' && !reachability)
    .map(({ id }) => ({ at: `${of.model.id}/${id}`, query: id, of })),
);

/** What is wrong with the trace that a query names; undefined when it confirms the attack. */
function faultOf({ of, query }: Unproved): string | undefined {
  const named = of.model.confirmed[query];
  if (named === undefined) return 'it names no trace';
  const slash = named.indexOf('/');
  const [model, id] = [byId.get(named.slice(0, slash)), named.slice(slash + 1)];
  const asked = model?.queries.find((one) => one.id === id);
  if (model === undefined || asked === undefined) return `there is no ${named}`;
  if (asked.expected !== 'false') return `${named} is expected ${asked.expected}`;
  const entry = ledger.get(model.model.id);
  if (entry?.digest !== model.digest) return `${named} is not recorded as it stands`;
  const verdict = entry.queries.find((one) => one.id === id)?.verdict;
  return verdict === 'false' ? undefined : `${named} is recorded as ${verdict}`;
}

describe('a query that cannot be proved', () => {
  it('is one of those that are known to have an attack', () => {
    expect(unproved.length).toBeGreaterThan(0);
    expect(new Set(unproved.map(({ of }) => of.model.tool))).toEqual(new Set(['proverif']));
  });

  it.each(unproved)('$at names a trace of its attack, which is found and recorded', (one) => {
    expect(faultOf(one)).toBeUndefined();
  });

  it('is the only one that names a trace', () => {
    const known = new Set(unproved.map(({ at }) => at));
    const others = assembled.flatMap(({ model }) =>
      Object.keys(model.confirmed)
        .map((id) => `${model.id}/${id}`)
        .filter((at) => !known.has(at)),
    );
    expect(others).toEqual([]);
  });

  it('names a trace of the same primitives: theories and pre-shared secret of the model that is not proved', () => {
    const others = unproved.filter(({ of, query }) => {
      const confirming = byId.get((of.model.confirmed[query] ?? '').split('/')[0] ?? '');
      const theories = (one?: Assembled): string[] =>
        (one?.model.parts ?? []).flatMap((part) => {
          if (part.startsWith('theories/')) return [part];
          return /^generated\/(.+)\.(?:equivalence|traces)\.pvl$/.exec(part)?.[1] ?? [];
        });
      return JSON.stringify(theories(confirming)) !== JSON.stringify(theories(of));
    });
    expect(others.map(({ at }) => at)).toEqual([]);
  });
});

describe('the tester of an attack on identity hiding', () => {
  const testers = assembled.flatMap((of) =>
    of.queries.filter(({ id }) => /^attack-.*-(initiator|responder)$/.test(id)).map(({ id }) => ({ id, of })),
  );

  it.each(testers.map(({ id, of }) => ({ at: `${of.model.id}/${id}`, id, of })))(
    '$at is asked to name nobody else',
    ({ id, of }) => {
      expect(of.queries.map((query) => query.id)).toContain(`${id}-sound`);
    },
  );

  it('names another agent only where the protocol has no such oracle', () => {
    const erring = assembled.flatMap(({ model, queries }) =>
      queries
        .filter(({ id, expected }) => id.endsWith('-sound') && expected !== 'true')
        .map(({ id }) => `${model.id}/${id}`),
    );
    expect(erring).toEqual([
      'hiding-attack-initiator.judged-early/attack-by-going-on-initiator-sound',
      'hiding-attack-responder.judged-early/attack-by-going-on-responder-sound',
    ]);
  });
});
