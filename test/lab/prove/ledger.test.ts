import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { assemble, type LedgerEntry, loadManifest, readLedger } from '../../../src/lab/prove/index.ts';
import { entryOf, recorded, runNow, strays, writeEntry } from '../../../src/lab/prove/ledger.ts';
import type { Assembled, Told } from '../../../src/lab/prove/model.ts';

let directory = '';
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'pquake-ledger-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const [model] = loadManifest('test/lab/prove/fixtures/models');
if (model === undefined) throw new Error('no fixture model');
const assembled: Assembled = assemble(model);
const told: Told[] = assembled.queries.map(({ id, expected }) => ({ id, verdict: expected }));
const outcome = { assembled, source: 'run', seconds: 1.26, told } as const;
const run = { by: 'an auditor', at: '2026-11-28T12:00:00Z', on: 'linux x64, 2 cores' };
const entry = entryOf(outcome, { version: '2.05' }, run) as LedgerEntry;
const file = (): string => join(directory, 'verdicts', 'exchange.json');

it('an entry is written whole, in a form that stays the same, and read again', () => {
  writeEntry(directory, entry);
  expect(readdirSync(join(directory, 'verdicts'))).toEqual(['exchange.json']);
  expect(readFileSync(file(), 'utf8')).toBe(`${JSON.stringify(entry, null, 2)}\n`);
  expect(entry).toMatchObject({
    model: 'exchange',
    tool: 'proverif',
    version: '2.05',
    run,
    seconds: 1.3,
    digest: assembled.digest,
  });
  expect(readLedger(directory)).toEqual(new Map([['exchange', entry]]));
});

it('an entry that says the same, whoever ran the prover and however long, is not written again', () => {
  writeEntry(directory, entry);
  const before = statSync(file()).ino;
  writeEntry(directory, { ...entry, seconds: 7, run: { ...run, at: '2026-11-29T12:00:00Z' } }, entry);
  expect(statSync(file()).ino).toBe(before);
  writeEntry(directory, { ...entry, version: '2.06' }, entry);
  expect(readLedger(directory).get('exchange')?.version).toBe('2.06');
});

it('a record says who ran the prover, when in UTC, and on what machine', () => {
  expect(runNow('an auditor')).toEqual({
    by: 'an auditor',
    at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
    on: expect.stringMatching(/^\w+ \w+, \d+ cores$/),
  });
  expect(runNow().by).not.toBe('');
});

it('a write that fails leaves the entry that was there, and nothing beside', () => {
  mkdirSync(join(file(), 'in the way'), { recursive: true });
  expect(() => writeEntry(directory, entry)).toThrow();
  expect(readdirSync(join(directory, 'verdicts'))).toEqual(['exchange.json']);
});

it('only complete runs make an entry', () => {
  for (const verdict of ['timeout', 'error'] as const) {
    expect(
      entryOf({ ...outcome, told: [...told.slice(1), { id: 'agreement', verdict }] }, { version: '2.05' }, run),
    ).toBeUndefined();
  }
});

it('a recorded verdict counts only for exactly the same text', () => {
  expect(recorded(assembled, entry)).toMatchObject({ source: 'recorded', seconds: 1.3, told });
  expect(recorded(assembled, undefined).told[0]).toMatchObject({ verdict: 'error', detail: 'no verdict recorded' });
  const changed = recorded({ ...assembled, digest: `sha256:${'0'.repeat(64)}` }, entry).told;
  expect(changed[3]).toMatchObject({
    verdict: 'error',
    detail: expect.stringMatching(/^model changed since \(sha256:/),
  });
  const fewer = recorded(assembled, { ...entry, queries: entry.queries.slice(1) }).told;
  expect(fewer[0]).toMatchObject({ verdict: 'error', detail: 'no verdict recorded' });
});

it('strays are entries of no model', () => {
  expect(
    strays(
      new Map([
        ['exchange', entry],
        ['gone', entry],
      ]),
      ['exchange'],
    ),
  ).toEqual(['gone']);
});

it('a file of another form is told with its name', () => {
  writeEntry(directory, entry);
  writeFileSync(join(directory, 'verdicts', 'bad.json'), '{');
  expect(() => readLedger(directory)).toThrow(/bad\.json: expected JSON/);
  writeFileSync(join(directory, 'verdicts', 'bad.json'), JSON.stringify({ ...entry, digest: 'x' }));
  expect(() => readLedger(directory)).toThrow(
    /bad\.json: digest: expected sha256: and 64 hexadecimal digits; found "x"/,
  );
});
