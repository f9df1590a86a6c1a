// Free terms: octets that are known only by how they were made. Two terms are equal exactly when they are the same object,
// since every term is made once in its store; the few laws that octets obey are applied when a term is made.

import { fieldsOf } from '../generated/codec.ts';
import type { Message } from '../generated/messages.ts';

/** The operation that made a term; `label` of the term says which name, text, message, length or offset. */
export type TermSymbol =
  /** Randomness, a secret, or any other octets that nobody can guess. */
  | 'name'
  /** Octets that came from outside, of which nothing is known. */
  | 'variable'
  | 'empty'
  | 'text'
  | 'octet'
  | 'concat'
  | 'hash'
  | 'mac'
  | 'extract'
  | 'expand'
  | 'slice'
  | 'message'
  | 'header'
  | 'decapsulationKey'
  | 'encapsulationKey'
  | 'ciphertext'
  | 'sharedSecret'
  | 'decapsulate'
  /** `ss_h` of a secret key, where a model does not look into the decapsulation that makes it. */
  | 'hedgingSecret'
  | 'seal'
  | 'open'
  /** A length that the terms do not tell. */
  | 'length'
  | 'pad'
  | 'unpad'
  | 'first'
  | 'rest'
  | 'certificateIn'
  | 'nonce'
  | 'record'
  | 'certificate'
  | 'certifiedKey'
  | 'subjectKey';

/** An octet string, by how it was made. */
export interface Term {
  readonly symbol: TermSymbol;
  readonly label: string;
  readonly parts: readonly Term[];
  /** Whether it holds a variable: then a guard on it can come out either way. */
  readonly undetermined: boolean;
}

/** A store of terms: the same symbol, label and parts give the same object. */
export interface Terms {
  /** The kind of the term, where it matters, is the one that the caller expects. */
  readonly make: <T extends Term = Term>(symbol: TermSymbol, parts: readonly Term[], label?: string) => T;
  readonly name: (label: string) => Term;
  readonly variable: (label: string) => Term;
  readonly empty: Term;
  /** `a || b || ...`: associative, with the empty string as its unit. */
  readonly concat: (parts: readonly Term[]) => Term;
  readonly message: (message: Message<Term>) => Term;
  /** The length of octets, in `count` octets: known of a text, else a term of its own. */
  readonly length: (of: Term, count: number) => Term;
}

/** A new store. */
export function termStore(): Terms {
  const made = new Map<string, Term>();
  const numbers = new Map<Term, number>();

  function make<T extends Term = Term>(symbol: TermSymbol, parts: readonly Term[], label = ''): T {
    const key = `${symbol}:${label}(${parts.map((part) => numbers.get(part)).join(',')})`;
    const known = made.get(key);
    if (known !== undefined) return known as T;
    const undetermined = symbol === 'variable' || parts.some((part) => part.undetermined);
    const term: Term = { symbol, label, parts, undetermined };
    made.set(key, term);
    numbers.set(term, numbers.size);
    return term as T;
  }

  const empty: Term = make('empty', []);

  function concat(parts: readonly Term[]): Term {
    const flat = parts.flatMap((part) => (part.symbol === 'concat' ? part.parts : part === empty ? [] : [part]));
    const [only] = flat;
    if (only === undefined) return empty;
    return flat.length === 1 ? only : make('concat', flat);
  }

  /** One octet. */
  const octet = (value: number): Term => make('octet', [], value.toString(16).padStart(2, '0'));

  function length(of: Term, count: number): Term {
    if (of.symbol !== 'text') return make('length', [of], String(count));
    return concat(Array.from({ length: count }, (_, at) => octet((of.label.length >>> (8 * (count - 1 - at))) & 0xff)));
  }

  return {
    make,
    name: (label) => make('name', [], label),
    variable: (label) => make('variable', [], label),
    empty,
    concat,
    message: (message) => make('message', fieldsOf<Term>(message), message.type),
    length,
  };
}
