// The draft's names for terms. A value is named by where the state machines use it: as a field of a message, as an argument or
// result of a function of the reading, as a part of a derived key.

import type { Term, Terms } from '../../algebra/terms.ts';
import type { Operation } from '../../algebra/trace.ts';
import type { Reading } from '../../generated/keySchedule.ts';
import type { Message, MessageName } from '../../generated/messages.ts';
import type { Hedge } from '../../protocol/hedging.ts';
import type { Role } from '../../role.ts';
import type { Spec } from '../spec/spec.ts';

export const roleSuffix = { initiator: 'i', responder: 'r' } as const satisfies Record<Role, string>;

/** Terms by name. The first name of a term stays. Constants, and terms with a label of their own, get none. */
export interface Names {
  readonly of: (term: Term) => string | undefined;
  readonly set: (term: unknown, name: string) => void;
  /** Another name for a term that has one. */
  readonly rename: (term: unknown, name: string) => void;
}

export function namesFor(): Names {
  const names = new Map<unknown, string>();
  const labelled = (term: unknown): boolean =>
    ['empty', 'text', 'header', 'name', 'variable'].includes((term as Term).symbol);
  return {
    of: (term) => names.get(term),
    set: (term, name) => {
      if (!labelled(term) && !names.has(term)) names.set(term, name);
    },
    rename: (term, name) => {
      if (names.has(term)) names.set(term, name);
    },
  };
}

/** The names that the specification gives to messages, fields and keys. */
export interface Symbols {
  /** `m1` to `m8`. */
  readonly message: (name: MessageName) => string;
  /** The symbols of a message's fields, in order. */
  readonly fields: (name: MessageName) => readonly string[];
  readonly section: (name: MessageName) => string;
  /** A message of variables. */
  readonly unknown: (terms: Terms, name: MessageName) => Message<Term>;
  /** Names the fields of a message, and the message. */
  readonly nameMessage: (names: Names, terms: Terms, message: Message<Term>) => void;
  /** Names the keys that one derivation is cut into. */
  readonly nameOperation: (names: Names, operation: Operation) => void;
  /** The same reading; it names the terms that go through it. */
  readonly naming: (names: Names, reading: Reading) => Reading;
  /** The same hedge; it names a coin after the randomness that it is made of. */
  readonly namingCoins: (names: Names, hedge: Hedge<Term> | undefined) => Hedge<Term> | undefined;
}

/** The names of the specification. */
export function symbolsOf(spec: Spec): Symbols {
  const find = (name: MessageName) => {
    const message = spec.messages.find((one) => one.name === name);
    if (message === undefined) throw new Error(`no message ${name} in the specification`);
    return message;
  };
  const message = (name: MessageName) => `m${find(name).type}`;
  // `IV` is the one symbol that two messages share.
  const fields = (name: MessageName) =>
    find(name).fields.map(({ symbol }) => (symbol === 'IV' ? `IV_${roleSuffix[find(name).sender]}` : symbol));
  const unknown = (terms: Terms, name: MessageName): Message<Term> => {
    const symbols = fields(name);
    const values = find(name).fields.map((field, index) => [field.name, terms.variable(symbols[index] ?? field.name)]);
    return { type: name, ...Object.fromEntries(values) };
  };
  const nameMessage = (names: Names, terms: Terms, of: Message<Term>): void => {
    const symbols = fields(of.type);
    const term = terms.message(of);
    term.parts.forEach((part, index) => {
      names.set(part, symbols[index] ?? '');
    });
    names.set(term, message(of.type));
  };
  return {
    message,
    fields,
    section: (name) => find(name).section,
    unknown,
    nameMessage,
    nameOperation: (names, operation) => nameKeys(spec, names, operation),
    naming: (names, reading) => naming(spec, names, reading),
    namingCoins: (names, hedge) =>
      hedge &&
      ((use) => {
        const coins = hedge(use);
        if (use.coins !== 'own') names.set(coins, `hedged_${use.coins.label}`);
        return coins;
      }),
  };
}

function nameKeys(spec: Spec, names: Names, { operation, input, output }: Operation): void {
  if (operation !== 'cut') return;
  const cut = spec.derivations.find(({ name }) => name === 'sessionKeys')?.cut ?? [];
  names.set(input[0], 'okm');
  cut.forEach(({ symbol }, index) => {
    names.set((output as readonly Term[])[index], symbol);
  });
}

function naming(spec: Spec, names: Names, reading: Reading): Reading {
  const entries = Object.entries(reading).map(([axis, ask]) => {
    const { parameters = [], symbols = [] } = spec.readings.find((one) => one.axis === axis) ?? {};
    const wrapped = (a: unknown, input: Readonly<Record<string, unknown>>): unknown => {
      const result = (ask as (a: unknown, input: unknown) => unknown)(a, input);
      for (const { name, symbol, message } of parameters) {
        if (message !== true && input[name] !== undefined) names.set(input[name], symbol);
      }
      const [first = '', second] = symbols;
      const ofResponder = (input['first'] as Message<Term> | undefined)?.type === 'responderHello';
      const symbol = ofResponder && second !== undefined ? second : first;
      if (/^\w+$/.test(symbol)) names.set(result, symbol);
      return result;
    };
    return [axis, wrapped];
  });
  return Object.fromEntries(entries) as unknown as Reading;
}
