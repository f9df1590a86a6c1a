// Which statements of a text assume something.
import { describe, expect, it } from 'vitest';
import type { Tool } from '../../../src/lab/prove/model.ts';
import { assumptionsOf } from '../../../src/lab/prove/statements.ts';

const one = (text: string, tool: Tool): string[] => assumptionsOf(text, tool);

describe('ProVerif', () => {
  it.each([
    'restriction x: t; event(A(x)) ==> event(B(x)).',
    'axiom x: t; event(A(x)) ==> event(B(x)).',
    'lemma x: t; event(A(x)) ==> event(B(x)).',
    'equation forall x: t; f(f(x)) = x.',
    'reduc forall x: t; g(f(x)) = x.',
    'fun g(t): t reduc forall x: t; g(f(x)) = x.',
    'fun f(t): t [private].',
    'fun f(t): t [data].',
    'fun f(t): t [typeConverter].',
    'free s: t [private].',
    'const n: t [data].',
    'set ignoreTypes = true.',
    'noselect x: t; attacker(x).',
    'select x: t; attacker(x).',
    'nounif x: t; attacker(x).',
    'not attacker(s).',
    'elimtrue x: t; attacker(x).',
    'clauses attacker(s).',
    'pred p(t).',
    'expand m(t).',
    'type t [bounded].',
    'let P() = out(c, fail-all).',
    'letfun g(x: t) = x.',
  ])('%s', (statement) => {
    expect(one(`free c: channel.\n${statement}\nprocess 0`, 'proverif')).toEqual([statement]);
  });

  it('plain declarations, processes and queries assume nothing', () => {
    const text = `free c: channel. free n: t. const k: t. type t. fun f(t): t. event A(t). table kept(t, t).
      query x: t; event(A(x)). weaksecret n. noninterf n.
      let P(x: t) = new y: t; if not(x = y) then get kept(=x, z) in out(c, f(z)) else event A(x); phase 1; 0.
      process !P(n) | (in(c, x: t); P(x))`;
    expect(one(text, 'proverif')).toEqual([]);
  });

  it('macros are listed, and what they hold', () => {
    expect(one('def m(a) { fun f(a): a. equation forall x: a; f(x) = x. }\nprocess 0', 'proverif')).toEqual([
      'def m(a) { fun f(a): a.',
      'equation forall x: a; f(x) = x.',
    ]);
  });

  it('comments and layout do not count, nested comments included', () => {
    expect(one('(* equation (* of *) forall x: t; f(x) = x. *) fun f(t): t.', 'proverif')).toEqual([]);
    expect(one('equation\n  forall x: t;\n  (* why *) f(x)\n = x.', 'proverif')).toEqual([
      'equation forall x: t; f(x) = x.',
    ]);
  });

  it('nothing hides behind a full stop without a space, inside quotes, or in a process', () => {
    expect(one('fun f(t): t.equation forall x: t; f(x) = x.', 'proverif')).toHaveLength(1);
    expect(one('query secret "(*". equation forall x: t; f(x) = x. query secret "*)".', 'proverif')).toHaveLength(1);
    expect(one('let P() = 0 equation forall x: t; f(x) = x.', 'proverif')).toHaveLength(1);
    expect(one('type t2.equation forall x: t2; f(x) = x.', 'proverif')).toHaveLength(1);
  });
});

describe('CryptoVerif', () => {
  it.each([
    'equation forall x: cert_t; valid(x) = false.',
    'collision x <-R t; forall y: t; return(x = y) <=(0)=> return(false).',
    'equiv(e) x <-R t; O() := return(f(x)) <=(1)=> x <-R t; O() := return(g(x)).',
    'expand PRF_1(k, t, u, f, P).',
    'type t [large, fixed].',
    'const n: t.',
    'letfun valid(x: t) = false.',
    'set casesInCorresp = false.',
    'fun f(t): t [autoSwapIf].',
    'letproba P = 0.5.',
  ])('%s', (statement) => {
    expect(one(`param N.\n${statement}\nprocess 0`, 'cryptoverif')).toEqual([statement]);
  });

  it('of a proof, only what CryptoVerif does not check or what changes settings', () => {
    const proof =
      'proof { crypto e s; replace at_nth 1 1 "f(.*x; {" "g(y)"; set elsefindFactsInSimplify = true; success }';
    expect(one(`param N. ${proof} process out(c, ()); 0`, 'cryptoverif')).toEqual([
      'proof { set elsefindFactsInSimplify = true }',
    ]);
    expect(one('proof { allowed_collisions default; success } process 0', 'cryptoverif')).toEqual([
      'proof { allowed_collisions default }',
    ]);
    expect(one('proof { success } equation forall x: t; f(x) = x. process 0', 'cryptoverif')).toHaveLength(1);
  });
});

it('Verifpal: the attacker, what it cannot replace, and preconditions', () => {
  const text = `attacker[active]
    // attacker[passive]
    A -> B: x, [y]
    B -> A: z
    queries[ authentication? A -> B: x[ precondition[B -> A: z] ] ]`;
  expect(one(text, 'verifpal')).toEqual(['attacker[active]', 'A -> B: x, [y]', 'precondition[B -> A: z]']);
});
