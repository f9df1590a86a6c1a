import { describe, expect, it } from 'vitest';
import { certificateTerm, decapsulationKeyTerm } from '../../../src/algebra/symbolic.ts';
import { type Term, termStore } from '../../../src/algebra/terms.ts';
import { type Knowledge, knowledge } from '../../../src/lab/adversary/knowledge.ts';

const terms = termStore();
const name = (label: string): Term => terms.name(label);
const [key, vector, message, coins] = ['key', 'vector', 'message', 'coins'].map(name) as [Term, Term, Term, Term];
const seal = (k: Term, iv: Term, m: Term): Term => terms.make('seal', [k, iv, terms.empty, m]);
const having = (...learnt: readonly Term[]): Knowledge => {
  const known = knowledge(terms);
  known.learn(...learnt);
  return known;
};
const own = decapsulationKeyTerm(terms, name('seed')).encapsulationKey;
const secret = own.parts[0] as Term;
const ciphertext = terms.make('ciphertext', [own, coins]);
const shared = terms.make('sharedSecret', [own, coins]);

describe('knowledge: exact deduction on terms', () => {
  it('public terms are known, names are not', () => {
    expect(
      having().derives(terms.concat([terms.make('text', [], 'HID'), terms.make('header', [], 'initiatorHello')])),
    ).toBe(true);
    expect(having().derives(key)).toBe(false);
    expect(having().derives(terms.variable('x'))).toBe(false);
  });

  it('takes concatenations, messages and certificates apart, and nothing that is one-way', () => {
    const certificate = certificateTerm(terms, {
      identity: name('alice'),
      encapsulationKey: own,
      issuer: name('authority'),
    });
    expect(having(terms.concat([key, message])).derives(message)).toBe(true);
    expect(having(certificate).derives(name('alice'))).toBe(true);
    expect(having(certificate).derives(own)).toBe(true);
    expect(having(certificate).derives(name('authority'))).toBe(false);
    for (const symbol of ['hash', 'extract'] as const) {
      expect(having(terms.make(symbol, [key, message])).derives(message)).toBe(false);
    }
    expect(having(own).derives(secret)).toBe(false);
  });

  it('makes every term whose parts it has', () => {
    expect(having(key, message).derives(terms.make('mac', [key, message]))).toBe(true);
    expect(having(message).derives(terms.make('mac', [key, message]))).toBe(false);
    expect(having(terms.make('mac', [key, message])).derives(terms.make('mac', [key, message]))).toBe(true);
    const certificate = certificateTerm(terms, { identity: message, encapsulationKey: own, issuer: name('authority') });
    expect(having(message, own).derives(certificate)).toBe(false);
    expect(having(message, own, name('authority')).derives(certificate)).toBe(true);
  });

  it('opens seals under a key that it has, or comes to have', () => {
    const known = having(seal(key, vector, message));
    expect(known.derives(message)).toBe(false);
    known.learn(key);
    expect(known.derives(message)).toBe(true);
    // A key inside a seal opens the next one.
    const nested = having(seal(key, vector, coins), seal(coins, vector, message), key);
    expect(nested.derives(message)).toBe(true);
  });

  it('an initial vector used twice under one key shows one message to who knows the other', () => {
    const twice = [seal(key, vector, message), seal(key, vector, coins)];
    expect(having(...twice).derives(coins)).toBe(false);
    expect(having(...twice, message).derives(coins)).toBe(true);
    expect(having(seal(key, vector, message), seal(key, name('another'), coins), message).derives(coins)).toBe(false);
  });

  it('an initial vector used twice under one key lets anyone seal under that key, under vectors that were used with it', () => {
    const forged = seal(key, vector, name('mine'));
    const havingMine = (...learnt: readonly Term[]): Knowledge => having(name('mine'), ...learnt);
    const twice = [seal(key, vector, message), seal(key, vector, coins)];
    expect(havingMine(...twice).derives(forged)).toBe(true);
    expect(having(...twice).derives(forged)).toBe(false);
    expect(havingMine(...twice).derives(seal(key, name('another'), name('mine')))).toBe(false);
    const third = seal(key, name('another'), own);
    expect(havingMine(...twice, third).derives(seal(key, name('another'), name('mine')))).toBe(true);
    expect(havingMine(seal(key, vector, message), seal(key, vector, message)).derives(forged)).toBe(false);
    expect(havingMine(seal(key, vector, message), seal(key, name('another'), coins)).derives(forged)).toBe(false);
    expect(havingMine(seal(key, vector, message), seal(secret, vector, coins)).derives(forged)).toBe(false);
    // What it forges tells it nothing of the key, or of what was sealed.
    expect(havingMine(...twice).derives(key)).toBe(false);
    expect(havingMine(...twice).derives(message)).toBe(false);
  });

  it('has a shared secret with the coins, or with the key and the ciphertext, and not otherwise', () => {
    expect(having(ciphertext).derives(shared)).toBe(false);
    expect(having(secret).derives(shared)).toBe(false);
    expect(having(secret, ciphertext).derives(shared)).toBe(true);
    expect(having(name('seed'), ciphertext).derives(shared)).toBe(true);
    expect(having(own, coins).derives(shared)).toBe(true);
    expect(having(name('another seed'), ciphertext).derives(shared)).toBe(false);
  });

  it('has the secret of an implicit rejection with the key only', () => {
    const rejected = terms.make('decapsulate', [message, secret]);
    expect(having(message).derives(rejected)).toBe(false);
    expect(having(message, name('seed')).derives(rejected)).toBe(true);
  });
});
