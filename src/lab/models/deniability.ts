// Transcripts as a judge is shown them, for equivalences: the one of two honest peers, each with its own key, and the one of a
// simulator (src/lab/deniability), which has a key of its own and the certificate of the other. Both are runs on terms.
import type { DecapsulationKey } from '../../algebra/algebra.ts';
import { decapsulationKeyTerm, type Guard, symbolicAlgebra } from '../../algebra/symbolic.ts';
import { type Term, type Terms, termStore } from '../../algebra/terms.ts';
import { type Operation, traced } from '../../algebra/trace.ts';
import { passed } from '../../failure.ts';
import type { Certificate, EncapsulationKey } from '../../generated/kinds.ts';
import type { Message } from '../../generated/messages.ts';
import { machine } from '../../protocol/machine.ts';
import { otherRole, type Role } from '../../role.ts';
import { exchange, type Shown } from '../deniability/exchange.ts';
import { type SimulatorFault, simulate } from '../deniability/simulator.ts';
import { telling } from '../deniability/telling.ts';
import { expression } from './formulas.ts';
import { coinsOf, type Line, type Protocol, parametersOf } from './roles.ts';
import { type Names, namesFor, roleSuffix, type Symbols } from './symbols.ts';

/** The lines of a transcript that was run, and what its owner shows. */
export interface Told {
  readonly terms: Terms;
  readonly names: Names;
  readonly lines: readonly Line[];
  /** Messages in the order of their types, secrets, coins of both roles: by name. */
  readonly shown: readonly string[];
}

/** The coins of both roles, as they are named on terms. */
const coins = ['sk_e', 'r_e', 'IV_i', 'IV_r', 'r_i', 'r_r'] as const;

/** Names of which none stands for two terms: what two roles compute differently gets a prime. */
function distinctNames(): Names {
  const names = namesFor();
  const taken = new Map<string, unknown>();
  return {
    of: names.of,
    rename: names.rename,
    set: (term, name) => {
      let free = name;
      while (taken.has(free) && taken.get(free) !== term) free += "'";
      names.set(term, free);
      if (names.of(term as Term) === free) taken.set(free, term);
    },
  };
}

/** A static key that does not look into ciphertexts: what it decapsulates is written down as that. Ephemeral keys do look. */
function explicitKey(terms: Terms, secret: Term): DecapsulationKey<Term> {
  const { encapsulationKey } = decapsulationKeyTerm(terms, secret);
  const [key] = encapsulationKey.parts;
  if (key === undefined) throw new Error('an encapsulation key without a decapsulation key');
  return {
    encapsulationKey,
    decapsulate: (ciphertext) => terms.make('decapsulate', [ciphertext, key]),
    wipe: () => undefined,
  };
}

/** A term with every certified key and decapsulation computed: by it two roles see whether a confirmation value is right. */
function computed(terms: Terms, keys: ReadonlyMap<Term, Term>, term: Term): Term {
  if (term.parts.length === 0) return term;
  const parts = term.parts.map((part) => computed(terms, keys, part));
  const [first, second] = parts;
  if (term.symbol === 'certifiedKey' && first !== undefined) return keys.get(first) ?? term;
  if (term.symbol === 'decapsulate' && first?.symbol === 'ciphertext' && second !== undefined) {
    const own = terms.make('encapsulationKey', [second]);
    if (first.parts[0] === own) return terms.make('sharedSecret', first.parts);
  }
  return term.symbol === 'concat' ? terms.concat(parts) : terms.make(term.symbol, parts, term.label);
}

type Step = Exclude<Line, { line: 'guard' }> | { readonly line: 'decision'; readonly guard: Guard };

/** Lines in which what follows a guard stands below it: without it there is no transcript. */
function nested(steps: readonly Step[]): Line[] {
  const at = steps.findIndex(({ line }) => line === 'decision');
  if (at < 0) return steps as Line[];
  const decision = steps[at];
  if (decision?.line !== 'decision') return [];
  const then = nested(steps.slice(at + 1));
  return [...(steps.slice(0, at) as Line[]), { line: 'guard', guard: decision.guard, then, otherwise: [] }];
}

/** What both kinds of run need: a store, names, and an algebra that records. */
function setting(symbols: Symbols, protocol: Protocol) {
  const terms = termStore();
  const names = distinctNames();
  const steps: Step[] = [];
  const keys = new Map<Term, Term>();
  const decide = (guard: Guard): boolean => {
    if (guard.guard === 'accept') return true;
    if (guard.guard === 'certificate') names.set(guard.result, guard.certificate.label.replace('cert', 'pk'));
    steps.push({ line: 'decision', guard });
    if (guard.guard !== 'confirm') return true;
    return computed(terms, keys, guard.expected) === computed(terms, keys, guard.received);
  };
  const policy = { trusts: () => true, accept: () => passed(true as const), decide };
  const algebra = traced(symbolicAlgebra(terms, policy), (operation: Operation): void => {
    steps.push({ line: 'operation', operation });
    symbols.nameOperation(names, operation);
  });
  const credentials = (role: Role) => {
    const decapsulationKey = explicitKey(terms, terms.name(`sk_${roleSuffix[role]}`));
    const certificate = terms.variable(`cert_${roleSuffix[role]}`) as Certificate<Term>;
    keys.set(certificate, decapsulationKey.encapsulationKey);
    return { certificate, decapsulationKey };
  };
  const told = (messages: readonly Message<Term>[], secrets: Shown<Term>): Told => {
    for (const message of messages) {
      symbols.nameMessage(names, terms, message);
      steps.push({ line: 'send', message });
    }
    const sent = messages.map(({ type }) => symbols.message(type)).sort();
    const known = ['ss_e', 'ss_i', 'ss_r', 'k_hid', 'k_session'] as const;
    const values = known.map((symbol) => {
      const secret = secrets[symbol];
      if (secret === undefined || sent.length !== 8) throw new Error(`a transcript without ${symbol}, or not complete`);
      return expression(secret, names, false);
    });
    return { terms, names, lines: nested(steps), shown: [...sent, ...values, ...coins] };
  };
  return { terms, algebra, credentials, told, reading: symbols.naming(names, protocol.reading) };
}

/** A handshake of two honest peers, each with its own key, as the one in role `accuser` tells it. */
export function toldByPeers(symbols: Symbols, protocol: Protocol, psk: boolean, accuser: Role): Told {
  const { terms, algebra, credentials, told, reading } = setting(symbols, protocol);
  const secrets: Shown<Term> = {};
  const messages: Message<Term>[] = [];
  const peerOf = (role: Role) => {
    const heard = role === accuser ? telling(reading, secrets) : reading;
    return machine(role, parametersOf(terms, algebra, { ...protocol, reading: heard }, role, psk, credentials(role)));
  };
  exchange({ initiator: peerOf('initiator'), responder: peerOf('responder') }, (from, effect) => {
    if (effect.effect === 'send') messages.push(effect.message);
    if (effect.effect === 'release' && from === accuser) secrets.k_session = effect.sessionKey;
  });
  return told(messages, secrets);
}

/** The same by a simulator in role `own`: the key of the other is not there. */
export function toldBySimulator(
  symbols: Symbols,
  protocol: Protocol,
  psk: boolean,
  own: Role,
  fault: SimulatorFault = {},
): Told {
  const { terms, algebra, credentials, told, reading } = setting(symbols, protocol);
  const { certificate } = credentials(otherRole(own));
  const encapsulationKey = terms.make<EncapsulationKey<Term>>('certifiedKey', [certificate]);
  const mine = parametersOf(terms, algebra, { ...protocol, reading }, own, psk, credentials(own));
  const simulated = simulate<Term>(
    {
      ...mine,
      own,
      peer: { certificate, encapsulationKey },
      coins: { initiator: coinsOf(terms, 'initiator'), responder: coinsOf(terms, 'responder') },
    },
    fault,
  );
  return told(simulated.messages, simulated.secrets);
}
