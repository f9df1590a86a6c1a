// Edits of the CryptoVerif files that prove everything and say nothing: each was given to CryptoVerif 2.06, its results are the fixtures, and
// each is stopped here.
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { assumptionProblems, plainBound } from '../../../src/lab/prove/bounds.ts';
import { type Assembled, assemble, loadManifest, readLedger } from '../../../src/lab/prove/index.ts';
import { recorded } from '../../../src/lab/prove/ledger.ts';
import type { Told } from '../../../src/lab/prove/model.ts';
import { readCryptoverif } from '../../../src/lab/prove/readCryptoverif.ts';

const assembled = loadManifest('models')
  .filter(({ tool }) => tool === 'cryptoverif')
  .map(assemble);
const ledger = readLedger('models');
const modelOf = (name: string): Assembled => {
  const found = assembled.find(({ model }) => model.id === `cryptoverif-${name}`);
  if (found === undefined) throw new Error(`no model ${name}`);
  return found;
};

/** The results that CryptoVerif printed for an edited text. */
function read(model: Assembled, fixture: string): Told[] {
  const output = readFileSync(`test/lab/models/fixtures/cryptoverif/${fixture}.txt`, 'utf8');
  return readCryptoverif(model.queries, { status: 0, stdout: output, output, seconds: 1 });
}
const verdictOf = (told: readonly Told[], id: string): string | undefined => told.find((one) => one.id === id)?.verdict;
/** The ids of queries with another answer than the expected one. */
const different = ({ queries }: Assembled, told: readonly Told[]): string[] =>
  queries.filter(({ id, expected }) => verdictOf(told, id) !== expected).map(({ id }) => id);

describe('every CryptoVerif model', () => {
  const withProofs = assembled.filter(({ queries }) => queries.some(({ expected }) => expected === 'true'));

  it.each(withProofs.map((one) => [one.model.id, one] as const))('%s has a twin of the same parts', (_, one) => {
    // A lemma between two games has no process: its twin is a model of its own, on the same theory.
    const lemma = one.queries.some(({ declaration }) => declaration.startsWith('query_equiv'));
    const twins = lemma ? modelOf('identity-hiding-sealing.completes') : one;
    const reached = twins.queries.filter(({ reachability }) => reachability);
    expect(reached.length).toBeGreaterThan(0);
    for (const { expected, declaration } of reached) {
      expect(expected).toBe('unproved');
      expect(declaration).toMatch(/event\([\s\S]*\) ==> false\b/);
    }
    if (lemma) expect(twins.model.parts[0]).toBe(one.model.parts[0]);
  });

  it.each(withProofs.map((one) => [one.model.id, one] as const))(
    '%s states its bounds, and they are recorded',
    (_, one) => {
      for (const { id, expected, bound } of one.queries) {
        const entry = ledger.get(one.model.id)?.queries.find((told) => told.id === id);
        if (expected === 'true') expect(entry?.bound, id).toBe(plainBound(bound ?? 'none stated'));
        else expect([bound, entry?.bound], id).toEqual([undefined, undefined]);
      }
    },
  );
});

const first = modelOf('secrecy-authentication-initiator');
const edited = (from: string, to: string, { text } = first): string => {
  expect(text.split(from)).toHaveLength(2);
  return text.replace(from, () => to);
};

describe('a model in which nobody completes', () => {
  it.each([
    [
      'no certificate is valid: equation forall x: cert_t; valid(x) = false',
      'no-certificate-valid',
      ['initiator-completes', 'responder-confirms'],
    ],
    ['valid are only certificates that nobody can make', 'certificates-that-nobody-makes', ['initiator-completes']],
    ['the responder never sends its confirmation', 'responder-never-confirms', ['initiator-completes']],
    ['a find before the end never holds', 'find-that-never-holds', ['initiator-completes']],
  ])('%s: the twin is proved, which differs from what is expected', (_, fixture, twins) => {
    const told = read(first, fixture);
    for (const twin of twins) expect(verdictOf(told, twin)).toBe('true');
    expect(different(first, told)).toEqual(expect.arrayContaining(twins));
  });

  it('and its proofs have other bounds than those stated', () => {
    for (const fixture of ['no-certificate-valid', 'certificates-that-nobody-makes', 'find-that-never-holds']) {
      expect(verdictOf(read(first, fixture), 'initiator-agreement'), fixture).toBe('error');
    }
  });

  // In the two files with signatures the steps of the proof do not apply any more when no certificate is signed: CryptoVerif ends with an error.
  it.each([
    'secrecy-authentication-responder',
    'secrecy-authentication-both-roles',
    'forward-secrecy-initiator',
    'forward-secrecy-responder',
    'identity-hiding-initiator',
    'identity-hiding-responder',
    'identity-hiding-passive',
    'identity-hiding-sealing.completes',
  ])('%s, edited so that nobody completes: every twin is proved', (name) => {
    const model = modelOf(name);
    const twins = model.queries.filter(({ reachability }) => reachability).map(({ id }) => id);
    const told = read(model, `nobody-completes.${name}`);
    expect(twins.map((twin) => verdictOf(told, twin))).toEqual(twins.map(() => 'true'));
    expect(different(model, told)).toEqual(model.queries.map(({ id }) => id));
  });
});

const kem = /<=\((n3 \* P_kem\(.*\))\)=>/.exec(first.text)?.[1] ?? '';

describe('an assumption that costs nothing, or everything', () => {
  const secure = ['initiator-agreement', 'initiator-fresh-key', 'initiator-key-secrecy'];
  it.each([
    ['IND-CCA2 with probability 1', kem, '1', 'kem-with-probability-1', secure],
    ['IND-CCA2 with the number of sessions as its probability', kem, 'n3 * n1', 'kem-with-number-of-sessions', secure],
    [
      'a probability that is the constant function 1',
      'proba P_kem.',
      "letproba P_kem(t: time, n: number, n': number) = 1.",
      'kem-with-constant-function',
      secure,
    ],
    [
      'collisions of the hash with probability 1',
      'P_H(time)',
      '1',
      'hash-with-probability-1',
      [...secure, 'initiator-agreement-on-certificates'],
    ],
    [
      'collisions of the hash with probability 0',
      'P_H(time)',
      '0',
      'hash-with-probability-0',
      [...secure, 'initiator-agreement-on-certificates'],
    ],
  ])('%s is refused before it is proved, and its proofs are none', (_, from, to, fixture, queries) => {
    expect(assumptionProblems(first.text)).toEqual([]);
    expect(assumptionProblems(edited(from, to))).toHaveLength(1);
    expect(different(first, read(first, fixture)).sort()).toEqual([...queries].sort());
  });
});

it('a model with a refused assumption is not put together, so that it is neither proved nor recalled', () => {
  const directory = mkdtempSync(join(tmpdir(), 'pquake-test-gate-'));
  try {
    cpSync('models/cryptoverif', join(directory, 'cryptoverif'), { recursive: true });
    writeFileSync(join(directory, ...(first.model.parts[0] ?? '').split('/')), edited(kem, '1'));
    const moved = { ...first.model, directory };
    expect(() => assemble(moved)).toThrow(
      'model cryptoverif-secrecy-authentication-initiator: an assumption <=(1)=>: the bound has 1 in it, which is no small probability',
    );
  } finally {
    rmSync(directory, { recursive: true });
  }
});

describe('a record', () => {
  const entry = ledger.get(first.model.id);
  const withBound = (bound: string | undefined): string[] => {
    if (entry === undefined) throw new Error('no verdicts are recorded');
    const queries = entry.queries.map((told) => {
      if (told.id !== 'initiator-agreement') return told;
      return { id: told.id, verdict: told.verdict, ...(bound === undefined ? {} : { bound }) };
    });
    return different(first, recorded(first, { ...entry, queries }).told);
  };

  it('is as expected', () => {
    expect(different(first, recorded(first, entry).told)).toEqual([]);
  });

  it.each([undefined, '0', '1', 'P_H(t)', '5 P_H(t) + 1'])('with the bound %s of a proof differs', (bound) => {
    expect(withBound(bound)).toEqual(['initiator-agreement']);
  });
});
