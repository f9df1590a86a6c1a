// "Cannot be proved" is no attack: where that is the answer expected, a trace shows the attack.
import { describe, expect, it } from 'vitest';
import { type Assembled, assemble, type LedgerEntry, loadManifest, readLedger } from '../../../src/lab/prove/index.ts';

type Ledger = ReadonlyMap<string, LedgerEntry>;

const assembled = loadManifest('models').map(assemble);
const recorded = readLedger('models');

interface Unproved {
  readonly at: string;
  readonly query: string;
  readonly of: Assembled;
}

/** The queries expected unproved, but for those of CryptoVerif, which has no other answer to what it does not prove. */
const unprovedOf = (models: readonly Assembled[]): readonly Unproved[] =>
  models
    .filter(({ model }) => model.tool !== 'cryptoverif')
    .flatMap((of) =>
      of.queries
        .filter(({ expected }) => expected === 'unproved')
        .map(({ id }) => ({ at: `${of.model.id}/${id}`, query: id, of })),
    );

/** What is wrong with the trace that a query names; undefined when it confirms the attack. */
function faultOf({ of, query }: Unproved, models: readonly Assembled[], ledger: Ledger): string | undefined {
  const named = of.model.confirmed[query];
  if (named === undefined) return 'it names no trace';
  const slash = named.indexOf('/');
  const [model, id] = [models.find((one) => one.model.id === named.slice(0, slash)), named.slice(slash + 1)];
  const asked = model?.queries.find((one) => one.id === id);
  if (model === undefined || asked === undefined) return `there is no ${named}`;
  if (!asked.reachability) return `${named} asks for no trace`;
  if (asked.expected !== 'false') return `${named} is expected ${asked.expected}`;
  const entry = ledger.get(model.model.id);
  if (entry?.digest !== model.digest) return `${named} is not recorded as it stands`;
  const verdict = entry.queries.find((one) => one.id === id)?.verdict;
  return verdict === 'false' ? undefined : `${named} is recorded as ${verdict}`;
}

const faultsOf = (models: readonly Assembled[], ledger: Ledger = recorded): string[] =>
  unprovedOf(models).flatMap((one) => {
    const fault = faultOf(one, models, ledger);
    return fault === undefined ? [] : [`${one.at}: ${fault}`];
  });

const unproved = unprovedOf(assembled);

describe('a query that cannot be proved', () => {
  it('is one of ProVerif: Verifpal tells an attack', () => {
    expect(unproved.length).toBeGreaterThan(0);
    expect(new Set(unproved.map(({ of }) => of.model.tool))).toEqual(new Set(['proverif']));
  });

  it.each(unproved)('$at names a trace of its attack, which is found and recorded', (one) => {
    expect(faultOf(one, assembled, recorded)).toBeUndefined();
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
      const named = (of.model.confirmed[query] ?? '').split('/')[0] ?? '';
      const confirming = assembled.find(({ model }) => model.id === named);
      const theories = (one?: Assembled): string[] =>
        (one?.model.parts ?? []).flatMap((part) => {
          if (part.startsWith('theories/')) return [part];
          return /^generated\/(.+)\.(?:equivalence|traces|traces-late)\.pvl$/.exec(part)?.[1] ?? [];
        });
      return JSON.stringify(theories(confirming)) !== JSON.stringify(theories(of));
    });
    expect(others.map(({ at }) => at)).toEqual([]);
  });

  it('is in CryptoVerif a twin, which shows that an event is reached, or a control, whose proof lacks an assumption', () => {
    const others = assembled.filter(
      ({ model, queries }) =>
        model.tool === 'cryptoverif' &&
        model.edits === undefined &&
        queries.some(({ expected, reachability }) => expected === 'unproved' && !reachability),
    );
    expect(others.map(({ model }) => model.id)).toEqual([]);
  });
});

describe('what confirms nothing is refused', () => {
  const at = 'hiding-active-initiator.known-psk/hiding-active-initiator';
  const trace = 'hiding-attack-initiator.known-psk/attack-by-certificate-initiator';

  /** The models, of which one names other traces. */
  const naming = (confirmed: Readonly<Record<string, string>>): Assembled[] =>
    assembled.map((one) =>
      one.model.id === at.split('/')[0]
        ? Object.assign({}, one, { model: Object.assign({}, one.model, { confirmed }) })
        : one,
    );

  /** The record, of which the entry of the confirming model is another. */
  function recording(change: (entry: LedgerEntry) => object): Ledger {
    const [id = ''] = trace.split('/');
    const entry = recorded.get(id);
    if (entry === undefined) throw new Error(`expected a record of ${id}`);
    return new Map([...recorded, [id, Object.assign({}, entry, change(entry))]]);
  }

  it('a model that names none', () => {
    expect(faultsOf(naming({}))).toEqual([`${at}: it names no trace`]);
  });

  it('a query that is not there', () => {
    const gone = trace.replace('certificate', 'guess');
    expect(faultsOf(naming({ 'hiding-active-initiator': gone }))).toEqual([`${at}: there is no ${gone}`]);
  });

  it('a query that asks for no trace', () => {
    const sound = `${trace}-sound`;
    expect(faultsOf(naming({ 'hiding-active-initiator': sound }))).toEqual([`${at}: ${sound} asks for no trace`]);
  });

  it('a trace that was not found, or found in another text', () => {
    const missed = recording(({ queries }) => ({
      queries: queries.map((one) => Object.assign({}, one, { verdict: 'true' })),
    }));
    expect(faultsOf(assembled, missed)).toEqual([`${at}: ${trace} is recorded as true`]);
    const other = recording(() => ({ digest: '0'.repeat(64) }));
    expect(faultsOf(assembled, other)).toEqual([`${at}: ${trace} is not recorded as it stands`]);
  });

  it('a proof that is expected not to be found, and nothing else', () => {
    const proof = 'hiding-passive-initiator.psk';
    const turned = assembled.map((one) =>
      one.model.id === proof
        ? Object.assign({}, one, {
            queries: one.queries.map((each) => Object.assign({}, each, { expected: 'unproved' })),
          })
        : one,
    );
    expect(faultsOf(turned)).toEqual([`${proof}/hiding-passive-initiator: it names no trace`]);
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
    const erring = assembled
      .filter(({ model }) => model.edits === undefined)
      .flatMap(({ model, queries }) =>
        queries
          .filter(({ id, expected }) => id.endsWith('-sound') && expected !== 'true')
          .map(({ id }) => `${model.id}/${id}`),
      );
    expect(erring).toEqual([
      'hiding-attack-initiator.implicit-rejection/attack-by-confirmation-initiator-sound',
      'hiding-attack-initiator.judged-early/attack-by-going-on-initiator-sound',
      'hiding-attack-responder.implicit-rejection/attack-by-confirmation-responder-sound',
      'hiding-attack-responder.judged-early/attack-by-going-on-responder-sound',
    ]);
  });
});
