// The exposure lattice: its texts, what follows from answers, and what the check of its record refuses.
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cellText, digestOf } from '../../../src/lab/lattice/cellText.ts';
import { latticeProblems } from '../../../src/lab/lattice/check.ts';
import { controls, sourcesOf } from '../../../src/lab/lattice/controls.ts';
import { minimalBroken, type Outcome, statuses } from '../../../src/lab/lattice/deduce.ts';
import {
  allSets,
  asked,
  type Cell,
  cellName,
  cellNamed,
  everything,
  isSubset,
  type Lattice,
  latticeName,
  nameOf,
  setNamed,
  setOf,
} from '../../../src/lab/lattice/elements.ts';
import { latticeFiles } from '../../../src/lab/lattice/index.ts';
import { outcomeOf, type RanText, tracesIn } from '../../../src/lab/lattice/judge.ts';
import { versionOf } from '../../../src/lab/lattice/lattice.ts';
import { parseShard } from '../../../src/lab/lattice/latticeCommand.ts';
import { readRecord, recordFile, settledBy } from '../../../src/lab/lattice/record.ts';
import { largestWithout, nextSet } from '../../../src/lab/lattice/search.ts';
import { readSources } from '../../../src/lab/lattice/texts.ts';

const sources = readSources('models');
const named = (name: string): Cell => {
  const cell = cellNamed(name);
  if (cell === undefined) throw new Error(`no cell ${name}`);
  return cell;
};
const [secrecy] = asked as [Lattice];

describe('cells', () => {
  it('have names that read back', () => {
    const cells = asked.flatMap((lattice) => allSets.map((set) => ({ lattice, set })));
    expect(cells).toHaveLength(14 * 256);
    for (const cell of cells) expect(cellNamed(cellName(cell))).toEqual(cell);
  });

  it('give out what leaks, and nothing else', () => {
    const { text } = cellText(sources, named('secrecy.initiator.before:own-coins+psk'), 'traces');
    const given = text.match(/out\(c, (?:sk_e|r_e|r_i|r_r|sk|ss_pre)\)/g);
    expect(given).toEqual(['out(c, r_i)', 'out(c, ss_pre)']);
    const all = cellText(sources, named(`secrecy.initiator.after:${nameOf(everything)}`), 'traces').text;
    expect(all.match(/phase 1; !?(?:out|in)\(c/g)).toHaveLength(8);
    expect(cellText(sources, named('secrecy.responder.after:nothing'), 'traces').text).not.toContain('(phase 1; ');
  });

  it('have texts that differ from each other, and are the same when made again', () => {
    const some = asked.flatMap((lattice) => allSets.slice(0, 37).map((set) => ({ lattice, set })));
    const kind = ({ lattice }: Cell) => (lattice.property.startsWith('hiding') ? 'attack' : 'traces');
    const make = () => some.map((cell) => digestOf(cellText(readSources('models'), cell, kind(cell)).text));
    const digests = make();
    expect(new Set(digests).size).toBe(some.length);
    expect(make()).toEqual(digests);
  });

  it('ask of a mutant something else', () => {
    for (const control of controls) {
      const cell = named(control.cell);
      const kind = cell.lattice.property.startsWith('hiding') ? 'attack' : 'traces';
      const other = cellText(sourcesOf('models', control), cell, kind).text;
      expect(other).not.toBe(cellText(sources, cell, kind).text);
    }
  });
});

describe('what follows', () => {
  /** Answers of a prover for a world in which exactly the sets with one of some sets in them break. */
  const breaksIn = (minimal: readonly number[], set: number) => minimal.some((one) => isSubset(one, set));
  const sets = fc.integer({ min: 0, max: everything });

  it('is what would have been answered, whatever was asked', () => {
    fc.assert(
      fc.property(fc.array(sets, { maxLength: 6 }), fc.uniqueArray(sets, { maxLength: 40 }), (minimal, questions) => {
        const answer = (set: number): Outcome => (breaksIn(minimal, set) ? 'broken' : 'safe');
        const all = new Map([[latticeName(secrecy), new Map(questions.map((set) => [set, answer(set)]))]]);
        for (const [set, { is }] of statuses(all, secrecy)) expect([answer(set), 'open']).toContain(is);
      }),
      { numRuns: 60 },
    );
  });

  it('is everything once the search has nothing more to ask, with expectations right or wrong', () => {
    fc.assert(
      fc.property(fc.array(sets, { maxLength: 5 }), fc.array(sets, { maxLength: 3 }), (minimal, expected) => {
        const settled = new Map<number, Outcome>();
        const all = new Map([[latticeName(secrecy), settled]]);
        for (let set = nextSet(all, secrecy, expected); set !== undefined; set = nextSet(all, secrecy, expected)) {
          expect(settled.has(set)).toBe(false);
          settled.set(set, breaksIn(minimal, set) ? 'broken' : 'safe');
        }
        const found = statuses(all, secrecy);
        for (const set of allSets) expect(found.get(set)?.is).toBe(breaksIn(minimal, set) ? 'broken' : 'safe');
        const smallest = minimal.filter((one) => !minimal.some((other) => other !== one && isSubset(other, one)));
        expect(new Set(minimalBroken(found))).toEqual(new Set(smallest));
      }),
      { numRuns: 10 },
    );
  });

  it('asks only about the frontier where the expectation is right', () => {
    const expected = [setOf('own-coins', 'psk'), setOf('peer-static', 'psk')];
    const settled = new Map<number, Outcome>();
    const all = new Map([[latticeName(secrecy), settled]]);
    for (let set = nextSet(all, secrecy, expected); set !== undefined; set = nextSet(all, secrecy, expected)) {
      settled.set(set, breaksIn(expected, set) ? 'broken' : 'safe');
    }
    expect(new Set(settled.keys())).toEqual(new Set([...expected, ...largestWithout(expected)]));
  });

  it('is never what two answers contradict', () => {
    const answers = new Map<number, Outcome>([
      [setOf('psk'), 'broken'],
      [setOf('psk', 'authority'), 'safe'],
    ]);
    expect(() => statuses(new Map([[latticeName(secrecy), answers]]), secrecy)).toThrow('contradict');
  });

  it('carries from before to after what holds, and from after to before what breaks', () => {
    const [before, after] = asked as [Lattice, Lattice];
    const set = setOf('own-static');
    const of = (lattice: Lattice, outcome: Outcome) => new Map([[latticeName(lattice), new Map([[set, outcome]])]]);
    expect(statuses(of(before, 'safe'), after).get(set)?.is).toBe('safe');
    expect(statuses(of(after, 'broken'), before).get(set)?.is).toBe('broken');
    expect(statuses(of(before, 'broken'), after).get(set)?.is).toBe('open');
    expect(statuses(of(after, 'safe'), before).get(set)?.is).toBe('open');
  });

  it('leaves open what the prover left open', () => {
    const all = new Map([[latticeName(secrecy), new Map<number, Outcome>(allSets.map((set) => [set, 'open']))]]);
    expect(nextSet(all, secrecy)).toBeUndefined();
    expect([...statuses(all, secrecy).values()].every(({ is }) => is === 'open')).toBe(true);
  });
});

describe('an outcome', () => {
  const ran = (kind: RanText['kind'], answers: RanText['answers']): RanText => ({
    kind,
    answers,
    digest: '',
    traces: [],
    seconds: 0,
  });
  const hiding = named('hiding-active.initiator.before:nothing').lattice;

  it('counts only where the tested session completes', () => {
    expect(outcomeOf(secrecy, [ran('traces', { secrecy: 'true', completes: 'false' })])).toBe('safe');
    expect(outcomeOf(secrecy, [ran('traces', { secrecy: 'true', completes: 'true' })])).toBe('open');
    expect(outcomeOf(secrecy, [ran('traces', { secrecy: 'false', completes: 'unproved' })])).toBe('open');
  });

  it('is an attack only with a trace', () => {
    expect(outcomeOf(secrecy, [ran('traces', { secrecy: 'unproved', completes: 'false' })])).toBe('open');
    const attack = { attack: 'false', sound: 'true', completes: 'false' } as const;
    expect(outcomeOf(hiding, [ran('attack', attack)])).toBe('broken');
    expect(outcomeOf(hiding, [ran('attack', { ...attack, sound: 'false' })])).toBe('open');
    expect(outcomeOf(hiding, [ran('equivalence', { hiding: 'unproved' })])).toBe('open');
  });
});

it('a trace counts with an answer that is false, and not with an equivalence that is proved after it', () => {
  const trace = ['new a: bitstring creating a_1', 'out(c, ~M) with ~M = a_1', 'A trace has been found.'];
  const proved = ['RESULT Observational equivalence cannot be proved.', 'RESULT Observational equivalence is true.'];
  expect(tracesIn([...trace, 'RESULT not event(A) is false.', ...trace, ...proved].join('\n'))).toEqual([2]);
  expect(tracesIn('RESULT not event(A) is false.')).toEqual([]);
});

describe('the record', () => {
  const copy = mkdtempSync(join(tmpdir(), 'pquake-lattice-'));
  beforeAll(() => cpSync('models', copy, { recursive: true, filter: (path) => !path.includes('verdicts') }));
  afterAll(() => rmSync(copy, { recursive: true, force: true }));

  const version = versionOf('models');

  /** The problems with a changed file; it is as before afterwards. */
  function problems(name: string, change: (text: string) => string): string {
    const path = join(copy, name);
    const text = readFileSync(path, 'utf8');
    expect(change(text)).not.toBe(text);
    writeFileSync(path, change(text));
    const found = latticeProblems(copy, version).join('\n');
    writeFileSync(path, text);
    return found;
  }

  it('is of the texts as they are, and everything follows', () => {
    expect(latticeProblems('models', version)).toEqual([]);
  });

  it('is refused with a text that changed', () => {
    const theory = 'theories/proverif/aead.pvl';
    expect(problems(theory, (text) => `${text}\nfun another(bitstring): bitstring.\n`)).toContain('changed since');
  });

  it.each([
    ['an outcome', /"outcome":"broken"/, '"outcome":"safe"', 'its answers say broken'],
    ['a digest', /"digest":"sha256:./, '"digest":"sha256:0', 'changed since'],
    ['a version', /"version":"2.05"/, '"version":"2.04"', 'models.yaml names 2.05'],
    ['a trace', /"traces":\[\d+,\d+\]/, '"traces":[1]', 'with 1 traces'],
    ['a cell', /"cell":"[^"]+"/, '"cell":"secrecy.initiator.before:everything"', 'there is no such cell'],
    ['a form', /"seconds":/, '"minutes":', 'unknown key'],
  ])('is refused with %s that was changed', (_, found, put, expected) => {
    expect(problems('lattice/record.jsonl', (text) => text.replace(found, put))).toContain(expected);
  });

  it('is refused with cells that do not follow', () => {
    const changed = (text: string): string => text.replace(/"(secrecy.initiator.before)": "./, '"$1": "b');
    expect(problems('lattice/cells.json', changed)).toContain('secrecy.initiator.before:nothing: b is written');
    const lost = (text: string): string =>
      text
        .split('\n')
        .filter((line) => !line.includes(':nothing"'))
        .join('\n');
    expect(problems('lattice/record.jsonl', lost)).toContain('lattice/cells.json');
  });

  it('is refused with a minimal set without a reason, and with a control that is gone', () => {
    const gone = (text: string): string => text.replace('- set: own-static\n', '- set: authority\n');
    expect(problems('lattice/reasons.yaml', gone)).toContain('own-static breaks hiding-passive, and has no reason');
    const first = (text: string): string => text.slice(text.indexOf('\n') + 1);
    expect(problems('lattice/controls.jsonl', first)).toContain('not recorded');
  });

  it('has the pages that are generated from it', () => {
    const texts = latticeFiles('models');
    expect(latticeFiles('models')).toEqual(texts);
    for (const [path, text] of texts) expect(text).toBe(readFileSync(path, 'utf8'));
  });

  // What the models late-leaks, leaks, kci and hiding-* answer too.
  it.each([
    ['secrecy.initiator.before:nothing', 'safe'],
    ['secrecy.responder.before:own-static', 'safe'],
    ['secrecy.initiator.before:own-coins+psk', 'broken'],
    ['secrecy.responder.before:own-ephemeral+own-coins', 'broken'],
    ['agreement.initiator.before:own-static', 'safe'],
    ['agreement.initiator.before:own-ephemeral+own-coins', 'broken'],
    ['secrecy.initiator.after:own-static+peer-static+authority', 'safe'],
    ['secrecy.initiator.after:own-static+peer-static+own-coins+peer-coins+authority', 'safe'],
    ['secrecy.responder.after:own-ephemeral+peer-ephemeral', 'safe'],
    ['secrecy.responder.after:own-ephemeral+peer-ephemeral+own-coins+peer-coins', 'broken'],
    ['secrecy.initiator.after:own-static+peer-static+own-ephemeral+peer-ephemeral+authority', 'broken'],
    ['hiding-passive.initiator.before:nothing', 'safe'],
    ['hiding-passive.initiator.before:psk', 'safe'],
    ['hiding-passive.responder.before:own-static', 'broken'],
    ['hiding-passive.responder.after:own-static', 'broken'],
    ['hiding-passive.initiator.before:authority', 'safe'],
  ])('says of %s that it is %s', (name, expected) => {
    const cell = named(name);
    const all = settledBy(readRecord(recordFile('models')).values());
    expect(statuses(all, cell.lattice).get(cell.set)?.is).toBe(expected);
  });

  it('has no cell of a mutant', () => {
    expect([...readRecord(recordFile('models')).values()].filter(({ protocol }) => protocol !== undefined)).toEqual([]);
  });
});

it('reads shards', () => {
  expect(parseShard('2/3')).toEqual([2, 3]);
  for (const word of ['0/2', '3/2', '1', '1/0', 'a/b', '1/2/3']) expect(() => parseShard(word)).toThrow('I/N');
  expect(setNamed('psk+own-static')).toBeUndefined();
});
