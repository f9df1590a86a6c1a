import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { splitBlocks } from '../../../src/lab/prove/blocks.ts';
import type { Query, Tool } from '../../../src/lab/prove/model.ts';
import { readCryptoverif } from '../../../src/lab/prove/readCryptoverif.ts';
import { readProverif, resultLines } from '../../../src/lab/prove/readProverif.ts';
import { readVerifpal } from '../../../src/lab/prove/readVerifpal.ts';
import type { Ended } from '../../../src/lab/prove/runTool.ts';

const fixture = (path: string): string => readFileSync(`test/lab/prove/fixtures/${path}`, 'utf8');
const ended = (output: string, more: Partial<Ended> = {}): Ended => ({
  status: 0,
  stdout: output,
  output,
  seconds: 1,
  ...more,
});

const blank = { claims: [], requirements: [], means: '', expected: 'true', reachability: false } as const;
const query = (declaration: string, index: number): Query => ({ ...blank, id: `q${index + 1}`, declaration });
/** The declarations of a file, one a line. */
const declared = (text: string): Query[] => (text.match(/^(query|noninterf|weaksecret)\b.*$/gm) ?? []).map(query);
const inBlocks = (path: string, tool: Tool): Query[] =>
  splitBlocks(fixture(path), tool, path).blocks.map(({ query }) => query);
const exchange = [
  ...inBlocks('models/queries/agreement.pv', 'proverif'),
  ...inBlocks('models/queries/secrecy.pv', 'proverif'),
];
const verdicts = (told: readonly { verdict: string }[]): string => told.map(({ verdict }) => verdict).join(' ');

describe('ProVerif', () => {
  const read = (name: string, queries: readonly Query[], text = ''): string =>
    verdicts(readProverif(queries, ended(fixture(`outputs/${name}.txt`)), text));

  it('verdicts of correspondences, injective ones, reachability and secrecy', () => {
    expect(read('exchange', exchange)).toBe('true false false true');
    expect(read('leak', exchange)).toBe('true false false false');
  });

  it('verdicts go to their queries where ProVerif tells them in another order, and lemmas and axioms to none', () => {
    // weaksecret, attacker(t), injective, event(C), noninterf, secret, real_or_random, public_vars, nested, C-A, attacker(s)
    const told = read('orders', declared(fixture('orders.pv')));
    expect(told).toBe('true false false false true true true true false false true');
  });

  it('results inside a proof by induction, even ones and encoded ones are not counted', () => {
    expect(read('induction', declared(fixture('induction.pv')))).toBe('false true false false true false false true');
    expect(resultLines(fixture('outputs/induction.txt'))).toHaveLength(8);
  });

  it('equivalences: of a biprocess, of two processes', () => {
    const equivalence = [query('', 0)];
    expect(read('privacy', equivalence)).toBe('true');
    expect(read('two-processes', equivalence)).toBe('unproved');
  });

  it('a lemma that fails leaves its queries unproved, and says so', () => {
    const told = readProverif(declared(fixture('failed-lemma.pv')), ended(fixture('outputs/failed-lemma.txt')), '');
    expect(verdicts(told)).toBe('unproved unproved');
    expect(told[0]?.detail).toMatch(/^Lemma .* ERRORS because/);
  });

  it.each([
    ['a deleted query', 'deleted', 3],
    ['a query too few', 'exchange@mutants.plain', 2],
    ['no query', 'no-query', 0],
  ])('%s: every query is an error', (_, name, count) => {
    const told = readProverif(exchange, ended(fixture(`outputs/${name}.txt`)), '');
    expect(verdicts(told)).toBe('error error error error');
    expect(told[0]?.detail).toBe(`ProVerif tells ${count} results, there are 4 queries`);
  });

  it('results of other queries: every query is an error', () => {
    const others = exchange.map((one, index) =>
      index === 3 ? query('query attacker(message) public_vars x.', 3) : one,
    );
    const told = readProverif(others, ended(fixture('outputs/exchange.txt')), '');
    expect(told[3]).toMatchObject({ verdict: 'error', detail: expect.stringMatching(/other than q4: not attacker/) });
  });

  it('a summary that the RESULT lines contradict is an error', () => {
    const lie = fixture('outputs/leak.txt').replace(
      'Query not attacker(message[]) is false.',
      'Query not attacker(message[]) is true.',
    );
    const told = readProverif(exchange, ended(lie), '');
    expect(verdicts(told)).toBe('error error error error');
    expect(told[0]?.detail).toMatch(/the summary says true/);
  });

  it('a syntax error is an error with its message', () => {
    const told = readProverif(exchange, ended(fixture('outputs/syntax-error.txt'), { status: 2 }), '');
    expect(told[0]).toEqual({
      id: 'agreement',
      verdict: 'error',
      detail: 'exit status 2: File "syntax-error.pv", line 2, characters 16-17: Error: identifier zz not defined.',
    });
  });

  it('a run that was stopped keeps its results', () => {
    const [half = ''] = fixture('outputs/exchange.txt').split('RESULT inj-event');
    const asked = [
      query('query attacker(message).', 0),
      query('query m: bitstring; event(sent(m)) ==> event(received(m)).', 1),
    ];
    expect(verdicts(readProverif(asked, ended(half, { status: null, stopped: 'late' }), ''))).toBe('timeout true');
    expect(verdicts(readProverif(asked, ended(half, { status: null, stopped: 'late' }), 'lemma'))).toBe(
      'timeout timeout',
    );
    expect(verdicts(readProverif(exchange, ended(half, { status: null, stopped: 'late' }), ''))).toBe(
      'timeout timeout timeout timeout',
    );
  });
});

describe('CryptoVerif', () => {
  const read = (name: string, queries: readonly Query[]) =>
    readCryptoverif(queries, ended(fixture(`outputs/${name}.txt`)));

  it('verdicts go to their queries by what they are about, with the bound', () => {
    const told = read('signature', inBlocks('models/parts/signature.cv', 'cryptoverif'));
    expect(verdicts(told)).toBe('true unproved true');
    expect(told[0]?.detail).toMatch(/^probability 2 \* Penc\(/);
    expect(told[2]?.detail).toMatch(/^probability Pmac\(/);
  });

  it('secrecy of one variable and of another, in one session and in all', () => {
    const queries = ['secret k3', 'secret k2', 'secret k3 [cv_onesession]', 'secret k2 [onesession]'].map(
      (one, index) => query(`query ${one}.`, index),
    );
    expect(verdicts(read('secrecies', queries))).toBe('unproved true true true');
  });

  it('all queries proved, but not all with a bound: probability 0, and a number that no assumption bounds, are refused', () => {
    const events = [
      'secret kA_secret',
      'x:G; inj-event(endA(x)) ==> inj-event(beginB(x)) || event(evBcorrupted) public_vars kA_secret',
      'x:G; inj-event(endB(x)) ==> inj-event(endA(x)) || event(evAcorrupted) public_vars kA_secret',
      "k:D, k':D; event(endB(k)) && event(endA(k')) ==> (k = k') public_vars kA_secret",
    ].map((one, index) => query(`query ${one}.`, index));
    const told = read('correspondences', events);
    expect(verdicts(told)).toBe('error true true error');
    expect(told[0]?.detail).toMatch(/^the bound has .*pCDH\(t\).* in it, which is no small probability$/);
    expect(told[2]?.bound).toBe('NA^2 NB^2 PCollKey2 + 2 NA^2 PCollKey1 + Psign(t, NA) + Psigncoll');
    expect(told[3]?.detail).toBe('the bound is 0: nothing that is assumed was used');
  });

  it('queries not proved are told in one line, with quantifiers in it', () => {
    const line =
      'RESULT Could not prove secrecy of k; forall x: t; event(A(x)) ==> exists y: t; event(B(x, y)); event(C) ==> event(A).\n';
    const queries = ['secret k', 'event(C) ==> event(A)', 'x: t, y: t; event(A(x)) ==> event(B(x, y))'].map(
      (one, index) => query(`query ${one}.`, index),
    );
    expect(verdicts(readCryptoverif(queries, ended(line)))).toBe('unproved unproved unproved');
  });

  const events = (...lines: readonly string[]): Query[] => lines.map((line, index) => query(`query ${line}.`, index));

  it('queries about the same events are told apart by their arguments', () => {
    const output = [
      'RESULT Proved forall x: t; event(A(x)) ==> (event(B(x)) || event(C)) with public variables k up to probability P',
      'RESULT Could not prove forall y, x: t; event(A(x)) ==> (event(B(y)) || event(C)) with public variables k in game 3.',
    ].join('\n');
    const [same, other] = [
      'x: t; event(A(x)) ==> event(B(x)) || event(C) public_vars k',
      'x: t, y: t; event(A(x)) ==>\n  event(B(y)) || event(C) public_vars k',
    ];
    expect(verdicts(readCryptoverif(events(same, other), ended(output)))).toBe('true unproved');
    expect(verdicts(readCryptoverif(events(other, same), ended(output)))).toBe('unproved true');
  });

  it('queries that cannot be told apart are errors where their verdicts differ', () => {
    const output =
      'RESULT Proved event(A(x)) ==> event(B(z_1))\nRESULT Could not prove event(A(x)) ==> event(B(z_2)).\n';
    const told = readCryptoverif(events('event(A(x)) ==> event(B(f))', 'event(A(x)) ==> event(B(y))'), ended(output));
    expect(told[0]).toMatchObject({ verdict: 'error', detail: expect.stringMatching(/q1, q2/) });
  });

  it('commands that CryptoVerif did not check prove nothing', () => {
    const output = 'RESULT Using unchecked commands, shown secrecy of k up to probability p\nAll queries proved.\n';
    expect(verdicts(readCryptoverif([query('query secret k.', 0)], ended(output)))).toBe('unproved');
  });

  it('a wrong count, an error and a timeout', () => {
    const two = [query('query secret k2.', 0), query('query secret k3.', 1)];
    expect(read('secrecies', two)[0]).toMatchObject({
      verdict: 'error',
      detail: expect.stringMatching(/4 results, there are 2/),
    });
    const failed = readCryptoverif(two, ended(fixture('outputs/cryptoverif-error.txt'), { status: 2 }));
    expect(failed[0]).toMatchObject({
      verdict: 'error',
      detail: expect.stringMatching(/line 31, character 1: Error: Syntax error/),
    });
    expect(verdicts(readCryptoverif(two, ended('RESULT Proved secrecy of k2\nRESULT Proved secrecy of k3\n')))).toBe(
      'error error',
    );
    expect(verdicts(readCryptoverif(two, ended('', { stopped: 'late' })))).toBe('timeout timeout');
  });
});

describe('Verifpal', () => {
  const text = fixture('models/parts/hello.vp');
  const queries = inBlocks('models/parts/hello.vp', 'verifpal');
  const output = fixture('outputs/hello.txt');
  const detailOf = (printed: string): string | undefined => readVerifpal(queries, ended(printed), text)[0]?.detail;

  it('an attack is false, with the conclusion', () => {
    const told = readVerifpal(queries, ended(output), text);
    expect(verdicts(told)).toBe('true false');
    expect(told[1]?.detail).toMatch(/^e1 .* sent by Attacker/);
  });

  it('errors: of the model, of the count, of the place, of the form', () => {
    expect(detailOf(fixture('outputs/verifpal-error.txt'))).toMatch(/^parse error: expected/);
    expect(readVerifpal(queries.slice(1), ended(output), text)[0]?.detail).toMatch(/2 results, there are 1/);
    expect(detailOf(output.replaceAll('"line":', '"line":9'))).toMatch(/tells 0 results of it/);
    expect(detailOf('{"models":[]}')).toMatch(/another form/);
    expect(detailOf('Verifpal')).toMatch(/no JSON/);
    expect(detailOf('')).toMatch(/exit status 0/);
    expect(verdicts(readVerifpal(queries, ended('', { stopped: 'late' }), text))).toBe('timeout timeout');
  });
});
