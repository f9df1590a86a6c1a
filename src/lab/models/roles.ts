// Runs the state machines of src/protocol on terms. A message from outside is variables, so a check on it can come out either
// way. Both ways are followed, and a role is written down as a tree of lines, whatever the prover.

import type { Coins, DecapsulationKey, FramedAlgebra } from '../../algebra/algebra.ts';
import { decapsulationKeyTerm, type Guard, symbolicAlgebra } from '../../algebra/symbolic.ts';
import { type Term, type Terms, termStore } from '../../algebra/terms.ts';
import { type Operation, traced } from '../../algebra/trace.ts';
import { passed } from '../../failure.ts';
import { hedgingKey, type Reading } from '../../generated/keySchedule.ts';
import type { Certificate, Kind } from '../../generated/kinds.ts';
import type { Message } from '../../generated/messages.ts';
import { hedging } from '../../protocol/hedging.ts';
import { type Machine, machine, type StateName } from '../../protocol/machine.ts';
import type { InitiatorParameters, ResponderParameters, Schedule } from '../../protocol/parameters.ts';
import type { Effect } from '../../protocol/transition.ts';
import type { Role } from '../../role.ts';
import type { Mutant, Own } from '../mutants/index.ts';
import { type Names, namesFor, roleSuffix, type Symbols } from './symbols.ts';

/** A protocol to make models of: that of the implementation, another reading of it, or a broken one. */
export interface Protocol {
  readonly id: string;
  readonly title: string;
  readonly reading: Reading;
  readonly schedule: Schedule;
  /** The one role whose coins are hedged, and whether its static key is in them. */
  readonly hedged?: { readonly role: Role; readonly with: 'static key' | 'nothing secret' };
  /** The operations put over those of the algebra: a fault, or a proposal. */
  readonly broken?: Mutant['algebra'];
}

/** A message is awaited, in a state that holds these secrets. */
interface Receive {
  readonly line: 'receive';
  readonly message: Message<Term>;
  readonly state: StateName;
  readonly secrets: readonly Term[];
}

/** The lines of a role, in order. */
export type Line =
  | Receive
  | { readonly line: 'operation'; readonly operation: Operation }
  | { readonly line: 'send'; readonly message: Message<Term> }
  | { readonly line: 'release'; readonly sessionKey: Term }
  | {
      readonly line: 'guard';
      readonly guard: Guard;
      readonly then: readonly Line[];
      readonly otherwise: readonly Line[];
    };

type Step = Exclude<Line, { line: 'guard' }> | { readonly line: 'decision'; readonly guard: Guard };

/** An explored role of a protocol, and the names of its terms. */
export interface ExploredRole {
  readonly role: Role;
  readonly terms: Terms;
  readonly names: Names;
  readonly lines: readonly Line[];
}

const named = <K>(terms: Terms, label: string): K => terms.name(label) as K;

/** A certificate and its key. */
interface Credentials {
  readonly certificate: Certificate<Term>;
  readonly decapsulationKey: DecapsulationKey<Term>;
}

const credentialsOf = (terms: Terms, role: Role): Credentials => ({
  certificate: named(terms, `cert_${roleSuffix[role]}`),
  decapsulationKey: decapsulationKeyTerm(terms, terms.name(`sk_${roleSuffix[role]}`)),
});

/** What hedges coins on terms. `ss_h` is a value of its own: who has the secret key has it, and no ciphertext leads to it. */
function hedgeOf(a: FramedAlgebra<Term>, terms: Terms, { hedged }: Protocol, role: Role) {
  if (hedged?.role !== role) return undefined;
  const suffix = roleSuffix[role];
  const secret = terms.make<Kind<Term, 'SharedSecret'>>('hedgingSecret', [terms.name(`sk_${suffix}`)]);
  const hedgingSecret = hedged.with === 'static key' ? secret : (a.empty as typeof secret);
  const randomness = terms.name(`randomness_${suffix}`);
  return hedging(
    a,
    role,
    () => hedgingKey(a, { hedgingSecret, randomness }),
    () => true,
  );
}

/** The coins of a role as names. */
export function coinsOf(terms: Terms, role: Role) {
  const coin = (label: string) => named<Coins<Term>>(terms, label);
  return {
    ephemeralKey: coin('sk_e'),
    ephemeralEncapsulation: coin('r_e'),
    initialVector: coin(`IV_${roleSuffix[role]}`),
    encapsulation: coin(`r_${roleSuffix[role]}`),
  };
}

/** The parameters of a role, its secrets as names. */
export function parametersOf(
  terms: Terms,
  algebra: FramedAlgebra<Term>,
  protocol: Protocol,
  role: Role,
  withSecret: boolean,
  { certificate, decapsulationKey } = credentialsOf(terms, role),
) {
  const suffix = roleSuffix[role];
  const own: Own<Term> = {
    role,
    certificate,
    decapsulationKey,
    keptCoins: (octets) => named<Coins<Term>>(terms, `kept_${octets}_${suffix}`),
    subjectKey: (of) => terms.make('subjectKey', [of]),
  };
  return {
    algebra: protocol.broken?.(algebra, own) ?? algebra,
    hedge: hedgeOf(algebra, terms, protocol, role),
    reading: protocol.reading,
    schedule: protocol.schedule,
    certificate,
    decapsulationKey,
    preSharedSecret: withSecret ? named<Kind<Term, 'PreSharedSecret'>>(terms, 'ss_pre') : undefined,
    coins: coinsOf(terms, role),
  } satisfies InitiatorParameters<Term> & ResponderParameters<Term>;
}

const stepsOf = (effects: readonly Effect<Term>[]): Step[] =>
  effects.flatMap((effect): Step[] => {
    if (effect.effect === 'send') return [{ line: 'send', message: effect.message }];
    return effect.effect === 'release' ? [{ line: 'release', sessionKey: effect.sessionKey }] : [];
  });

/** The secrets that the present state declares; of a key pair, its secret key. */
const secretsOf = (peer: Machine<Term>): Term[] =>
  peer.secrets().flatMap((secret) => ('symbol' in secret ? [secret] : secret.encapsulationKey.parts.slice(0, 1)));

/** The settings of a run; the run fills the names. */
interface Setting {
  readonly terms: Terms;
  readonly names: Names;
  readonly symbols: Symbols;
  readonly protocol: Protocol;
  readonly role: Role;
  readonly psk: boolean;
}

/** One run of a role: checks go as decided; after the decisions they succeed. */
function run({ terms, names, symbols, protocol, role, psk }: Setting, decisions: readonly boolean[]): Step[] {
  const peerSuffix = role === 'initiator' ? roleSuffix.responder : roleSuffix.initiator;
  const steps: Step[] = [];
  const left = [...decisions];
  const policy = {
    trusts: () => true,
    accept: () => passed(true as const),
    decide: (guard: Guard): boolean => {
      steps.push({ line: 'decision', guard });
      if (guard.guard === 'open')
        names.set(guard.result, isCiphertext() ? `opened_ct_${peerSuffix}` : `cert_${peerSuffix}`);
      if (guard.guard === 'unframe') {
        names.rename(guard.framed, `${guard.result.symbol === 'unpad' ? 'padded' : 'framed'}_${peerSuffix}`);
        names.set(guard.result, `cert_${peerSuffix}`);
      }
      if (guard.guard === 'certificate') names.set(guard.result, `pk_${peerSuffix}`);
      return left.shift() ?? true;
    },
  };
  const isCiphertext = (): boolean => peer.awaits()?.message.endsWith('Encapsulation') === true;
  const record = (operation: Operation): void => {
    steps.push({ line: 'operation', operation });
    symbols.nameOperation(names, operation);
  };
  const note = (effects: readonly Effect<Term>[]): void => {
    for (const step of stepsOf(effects)) {
      if (step.line === 'send') symbols.nameMessage(names, terms, step.message);
      steps.push(step);
    }
  };
  const algebra = traced(symbolicAlgebra(terms, policy), record);
  const reading = symbols.naming(names, protocol.reading);
  const parameters = parametersOf(terms, algebra, { ...protocol, reading }, role, psk);
  const peer = machine(role, { ...parameters, hedge: symbols.namingCoins(names, parameters.hedge) });
  note(peer.start());
  for (let awaited = peer.awaits(); awaited !== undefined; awaited = peer.awaits()) {
    const message = symbols.unknown(terms, awaited.message);
    symbols.nameMessage(names, terms, message);
    steps.push({ line: 'receive', message, state: peer.state(), secrets: secretsOf(peer) });
    note(peer.take(message));
  }
  return steps;
}

/** The tree of a role below some decisions. The steps up to the last decision were written before. */
function explore(runWith: (decisions: readonly boolean[]) => Step[], decisions: readonly boolean[]): Line[] {
  const steps = runWith(decisions);
  const at = steps.map((step, index) => (step.line === 'decision' ? index : -1)).filter((index) => index >= 0);
  const from = decisions.length === 0 ? 0 : (at[decisions.length - 1] ?? steps.length) + 1;
  return lines(steps.slice(from), decisions);

  function lines(rest: readonly Step[], decided: readonly boolean[]): Line[] {
    const index = rest.findIndex(({ line }) => line === 'decision');
    const before = (index < 0 ? rest : rest.slice(0, index)) as Line[];
    const decision = rest[index];
    if (decision?.line !== 'decision') return [...before];
    const then = lines(rest.slice(index + 1), [...decided, true]);
    const otherwise = explore(runWith, [...decided, false]);
    return [...before, { line: 'guard', guard: decision.guard, then, otherwise }];
  }
}

/** Whether a branch has anything in it that the peer or the application could see. */
export const isSilent = (branch: readonly Line[]): boolean =>
  branch.every(({ line }) => line === 'operation' || line === 'receive');

/** A role of a protocol, with both results of every check. */
export function exploreRole(symbols: Symbols, protocol: Protocol, role: Role, psk: boolean): ExploredRole {
  const setting: Setting = { terms: termStore(), names: namesFor(), symbols, protocol, role, psk };
  const lines = explore((decisions) => run(setting, decisions), []);
  return { role, terms: setting.terms, names: setting.names, lines };
}
