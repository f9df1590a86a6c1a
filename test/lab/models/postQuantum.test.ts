// The CryptoVerif files without random oracles: they are those with them, save what files.yaml changes, and have no oracle left.
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { processesOf, roleDeviations, runsOf } from '../../../src/lab/models/cryptoverifRoles.ts';
import { loadDeviations } from '../../../src/lab/models/deviations.ts';
import { cryptoverifText, loadChanges, withoutOracles } from '../../../src/lab/models/postQuantum.ts';
import { protocols } from '../../../src/lab/models/protocols.ts';
import type { Protocol } from '../../../src/lab/models/roles.ts';
import { symbolsOf } from '../../../src/lab/models/symbols.ts';
import { blankComments } from '../../../src/lab/prove/blocks.ts';
import { assemble, loadManifest, readLedger } from '../../../src/lab/prove/index.ts';
import { loadSpec } from '../../../src/lab/spec/spec.ts';

const symbols = symbolsOf(loadSpec());
const protocol = protocols.get('default') as Protocol;
const listed = loadDeviations();
const changes = loadChanges();
const directory = 'models/generated/cryptoverif/post-quantum';
const files = Object.keys(changes.files);
const first = 'secrecy-authentication-initiator.cv';
const generated = (file: string): string => readFileSync(`${directory}/${file}`, 'utf8');

const id = 'cryptoverif-post-quantum-';
const models = loadManifest('models').filter((model) => model.id.startsWith(id));
const bases = models.filter((model) => !model.id.includes('@')).map(assemble);
const before = new Map(
  loadManifest('models')
    .filter(({ tool }) => tool === 'cryptoverif')
    .map((model) => [model.id, model]),
);

describe('CryptoVerif files without random oracles', () => {
  it('every file of the list is a model, and the other way round', () => {
    expect(readdirSync(directory).sort()).toEqual([...files].sort());
    expect(bases.map(({ model }) => `${model.id.slice(id.length)}.cv`).sort()).toEqual([...files].sort());
  });

  it.each(files)('%s: no random oracle, and no query to one, is left', (file) => {
    const oracle = /ROM_hash|\brom\(|_oracle|\bN_H1?\b|\bhf[12] <-R|ICM_cipher/;
    expect(blankComments(generated(file))).not.toMatch(oracle);
    expect(blankComments(cryptoverifText(file))).toMatch(oracle);
    for (const bound of Object.values(changes.files[file]?.bounds ?? {})) expect(bound).not.toMatch(/\bN_H/);
  });

  it.each(files)('%s: its roles are those of the file with oracles, and are started as there', (file) => {
    const text = generated(file);
    expect(processesOf(text)).toEqual(processesOf(cryptoverifText(file)));
    for (const [name, { role, runs, deviations }] of Object.entries(listed.files[file] ?? {})) {
      const found = roleDeviations(symbols, protocol, text, name, role);
      const excused = deviations.map(({ because: _, without = [], with: instead = [], after }) => ({
        after,
        without,
        with: instead,
      }));
      expect(found, name).toEqual(excused);
      expect(runsOf(text, name), name).toEqual(runs);
    }
  });

  it.each(bases.map((one) => [one.model.id, one] as const))('%s: its queries are those with oracles', (name, one) => {
    const base = before.get(name.replace(id, 'cryptoverif-'));
    const same = base === undefined ? [] : assemble(base).queries;
    const plain = (queries: typeof same) =>
      queries.map(({ id: of, declaration, claims, expected, reachability }) => [
        of,
        declaration,
        claims,
        expected,
        reachability,
      ]);
    expect(plain(one.queries)).toEqual(plain(same));
  });

  it('claims C1 to C6 are proved, as the record says', () => {
    const ledger = readLedger('models');
    const proved = bases.flatMap(({ model, queries }) =>
      queries.filter((query) =>
        ledger.get(model.id)?.queries.some((told) => told.id === query.id && told.verdict === 'true'),
      ),
    );
    expect([...new Set(proved.flatMap(({ claims }) => claims))].sort()).toEqual(['C1', 'C2', 'C3', 'C4', 'C5', 'C6']);
    expect(proved).toHaveLength(26);
  });

  it('every query that is proved has a control of the same model in which it is not', () => {
    for (const { model, queries } of bases) {
      const failing = models
        .filter((one) => one.id.startsWith(`${model.id}@controls.`))
        .flatMap(({ expect: answers }) => Object.entries(answers).filter(([, answer]) => answer === 'unproved'))
        .map(([query]) => query);
      const proved = queries.filter(({ expected }) => expected === 'true').map((query) => query.id);
      expect(
        proved.filter((query) => !failing.includes(query)),
        model.id,
      ).toEqual([]);
    }
  });
});

describe('the list of changes', () => {
  const changed = (part: Partial<(typeof changes.files)[string]>) => ({
    ...changes,
    files: { [first]: { ...(changes.files[first] as (typeof changes.files)[string]), ...part } },
  });

  it('an edit that does not fit is told', () => {
    const edits = [{ find: 'crypto rom(kdf_3);', put: '' }];
    expect(() => withoutOracles(first, changed({ edits }), cryptoverifText)).toThrow(
      /secrecy-authentication-initiator\.cv: edits: expected the text "crypto rom\(kdf_3\);" once/,
    );
  });

  it('a query without a bound is told, and a bound without a query', () => {
    expect(() => withoutOracles(first, changed({ bounds: {} }), cryptoverifText)).toThrow(
      /query initiator-agreement: there is no bound/,
    );
    const bounds = { ...changes.files[first]?.bounds, 'initiator-completes': 'P_H(t)' };
    expect(() => withoutOracles(first, changed({ bounds }), cryptoverifText)).toThrow(
      /query initiator-completes: expected a query with a bound/,
    );
  });

  it('a file that it does not name is told', () => {
    expect(() => withoutOracles('channel-records.cv', changes, cryptoverifText)).toThrow(
      /expected an entry for channel-records\.cv/,
    );
  });
});
