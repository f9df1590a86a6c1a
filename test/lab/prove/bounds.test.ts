// Bounds of CryptoVerif's proofs: read, written as one text, compared, refused.
import { describe, expect, it } from 'vitest';
import { assumptionProblems, plainBound, withBound } from '../../../src/lab/prove/bounds.ts';
import type { Query } from '../../../src/lab/prove/model.ts';
import { evaluated, type Factor, readBound, refusal } from '../../../src/lab/prove/probability.ts';

describe('a bound is one text', () => {
  it.each([
    ['2 * P_H(time_11) + 2 * P_H(time_1)', '4 P_H(t)'],
    ['(N_I^2 + N_I + N_H * N_I) / |kemsec|', '(N_H N_I + N_I^2 + N_I) / |kemsec|'],
    ['N_I * P_mac(time_7, 1, 1 + N_R, 0, length(concat_C))', 'N_I P_mac(t, 1, N_R + 1, 0, length(concat_C))'],
    ['2 (4 N_I + 2 N_R) P_mac(t, 1, 1)', '8 N_I P_mac(t, 1, 1) + 4 N_R P_mac(t, 1, 1)'],
    ['P_sig(time_4, N_C, maxlength(game 8: m_1))', 'P_sig(t, N_C, maxlength(m_1))'],
    ['P_kem(time_1 + 2 * time_2, N)', 'P_kem(t, N)'],
    ['0.5 * N^2 * P_ct - N * N * P_ct / 2', '0'],
    ['P_a * n / (2 * |key_t|) + n / |key_t|', '0.5 n P_a / |key_t| + n / |key_t|'],
  ])('%s', (text, plain) => {
    const once = plainBound(text);
    expect(plainBound(once)).toBe(once);
    if (!text.startsWith('P_a')) expect(once).toBe(plain);
    else expect(readBound(once)).toEqual(readBound(plain));
  });

  it.each(['', 'N_I +', 'P_H(t', 'N_I / (N_R + 1)', 'N_I ^ 0.5', 'N_I)', 'P_H(t) # 2'])('%j is no bound', (text) => {
    expect(refusal(text)).toMatch(/^the bound .* cannot be read: /);
  });

  it('is computed', () => {
    const of = ({ kind, name }: Factor): number => (kind === 'size' ? 2 ** 8 : name === 'N' ? 2 ** 4 : 2 ** -3);
    expect(evaluated(readBound('3 * N^2 * P_ct + N / |t|'), of)).toBe(3 * 2 ** 8 * 2 ** -3 + 2 ** -4);
  });
});

describe('a bound that bounds nothing is refused', () => {
  it.each([
    ['0', 'the bound is 0: nothing that is assumed was used'],
    ['1', 'the bound has 1 in it, which is no small probability'],
    ['P_H(t) + 2', 'the bound has 2 in it, which is no small probability'],
    ['P_H(t) + 0.5', 'the bound has 0.5 in it, which is no small probability'],
    ['2 N_I + P_H(t)', 'the bound has 2 N_I in it, which is no small probability'],
    ['N_I length(concat_C)', 'the bound has N_I length(concat_C) in it, which is no small probability'],
    ['N_I |kemsec| + P_H(t)', 'the bound has N_I |kemsec| in it, which is no small probability'],
    ['1 / P_H(t)', 'the bound has 1 / P_H(t) in it, which is no small probability'],
    [undefined, 'there is no bound'],
  ])('%s', (text, because) => {
    expect(refusal(text)).toBe(because);
  });

  it.each(['P_H(t)', 'N_I^2 / |kemsec|', '5 P_ct', 'N_I P_mac(t, 1, 1) / |iv_t|'])('%s is none', (text) => {
    expect(refusal(text)).toBeUndefined();
  });
});

describe('what CryptoVerif told of a query', () => {
  const blank = { claims: [], requirements: [], means: '', expected: 'true', declaration: '' } as const;
  const query: Query = { ...blank, id: 'q', reachability: false, bound: 'P_H(t) + N / |t|' };
  const twin: Query = { ...blank, id: 'q', reachability: true };

  it('stays where the bound is the one that the block states, in whatever order', () => {
    const told = { id: 'q', verdict: 'true', bound: 'N / |t| + P_H(t)' } as const;
    expect(withBound(query, told)).toBe(told);
  });

  it.each([
    ['2 P_H(t) + N / |t|', 'the bound is 2 P_H(t) + N / |t|; the query block says P_H(t) + N / |t|'],
    ['P_H(t)', 'the bound is P_H(t); the query block says P_H(t) + N / |t|'],
    ['0', 'the bound is 0: nothing that is assumed was used'],
    [undefined, 'there is no bound'],
  ])('is an error with the bound %s', (bound, detail) => {
    expect(withBound(query, { id: 'q', verdict: 'true', ...(bound === undefined ? {} : { bound }) })).toEqual({
      id: 'q',
      verdict: 'error',
      detail,
    });
  });

  it('stays where nothing was proved, and where a twin was, which is wrong in itself', () => {
    const open = { id: 'q', verdict: 'unproved' } as const;
    const vacuous = { id: 'q', verdict: 'true', bound: '0' } as const;
    expect(withBound(query, open)).toBe(open);
    expect(withBound(twin, vacuous)).toBe(vacuous);
  });
});

describe('assumptions', () => {
  const good = `param n1. proba P_kem. proba P_H.
    equiv(kem) s <-R seed; O() := return(f(s)) <=(n1 * P_kem(time, n1))=> [manual] s <-R seed; O() := return(g(s)).
    collision forall x: t, y: t; return(H(x) = H(y)) <=(P_H(time))=> return(x = y).`;

  it('with a probability that is left open are taken, and the question mark of a lemma', () => {
    expect(assumptionProblems(good)).toEqual([]);
    expect(assumptionProblems(`${good} query_equiv(q) a <=(?)=> b`)).toEqual([]);
    expect(assumptionProblems(`${good} (* letproba, <=(1)=> in a comment *)`)).toEqual([]);
  });

  it.each([
    ['IND-CCA2 with probability 1', 'n1 * P_kem(time, n1)', '1', /<=\(1\)=>: the bound has 1 in it/],
    ['IND-CCA2 with probability 0', 'n1 * P_kem(time, n1)', '0', /<=\(0\)=>: the bound is 0/],
    ['IND-CCA2 with the number of sessions', 'n1 * P_kem(time, n1)', 'n1', /<=\(n1\)=>: the bound has n1 in it/],
    ['a collision with probability 1', 'P_H(time)', '1', /<=\(1\)=>: the bound has 1 in it/],
    ['a sum with 1 in it', 'P_H(time)', 'P_H(time) + 1', /the bound has 1 in it/],
    ['a probability with a value', 'proba P_H.', 'letproba P_H(t: time) = 1.', /^letproba gives a probability a value/],
    ['a probability of another name', 'proba P_H.', 'proba hash.', /^proba hash: expected a name that begins with P$/],
    ['a number that is named as one', 'param n1.', 'param n1, P_n.', /^param P_n: expected a name that does not begin/],
  ])('%s is refused', (_, from, to, because) => {
    const problems = assumptionProblems(good.replace(from, to));
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(because);
  });
});
