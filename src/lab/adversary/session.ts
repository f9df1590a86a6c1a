// A run of one role under an adversary, on terms and, where a suite is given, on octets beside them.

import type { Coins, DecapsulationKey, FramedAlgebra } from '../../algebra/algebra.ts';
import type { Term, Terms } from '../../algebra/terms.ts';
import { type Operation, traced } from '../../algebra/trace.ts';
import type { FailureCode } from '../../failure.ts';
import { messageTable } from '../../generated/codec.ts';
import type { Reading } from '../../generated/keySchedule.ts';
import type { Certificate, EncapsulationKey, PreSharedSecret } from '../../generated/kinds.ts';
import type { Message, MessageName } from '../../generated/messages.ts';
import type { Bytes } from '../../octets.ts';
import { type Machine, machine } from '../../protocol/machine.ts';
import type { InitiatorParameters, ResponderParameters, Schedule } from '../../protocol/parameters.ts';
import { confirmationOf } from '../../protocol/steps.ts';
import type { Effect } from '../../protocol/transition.ts';
import type { Role } from '../../role.ts';

/** The parts of a broken peer beside the algebra that it breaks. */
export interface Own<O> {
  readonly role: Role;
  readonly certificate: Certificate<O>;
  readonly decapsulationKey: DecapsulationKey<O>;
  /** Makes coins of a number of octets that are drawn once and kept for every session. */
  readonly keptCoins: (octets: number) => Coins<O>;
  /** The subject key of a certificate that nobody verified. */
  readonly subjectKey: (certificate: Certificate<O>) => EncapsulationKey<O>;
}

/** The protocol that is run: that of the implementation, another reading of it, or a broken one. */
export interface Variant {
  readonly reading: Reading;
  readonly schedule: Schedule;
  /** The schedule that a broken peer keeps in place of the one that it was given. */
  readonly keeps?: ((schedule: Schedule, role: Role) => Schedule) | undefined;
  readonly broken?: (<O>(algebra: FramedAlgebra<O>, own: Own<O>) => FramedAlgebra<O>) | undefined;
}

/** Everything that a run of a role is given, in one interpretation. */
export interface Possession<O> extends Own<O> {
  readonly algebra: FramedAlgebra<O>;
  readonly preSharedSecret: PreSharedSecret<O> | undefined;
  readonly coins: (InitiatorParameters<O> & ResponderParameters<O>)['coins'];
}

/** The outcome of a session, and when it came; times count the moves of the adversary. */
export interface Session {
  readonly number: number;
  readonly role: Role;
  readonly agent: string;
  readonly expected: string | undefined;
  readonly certificate: Term;
  /** Names of the secrets that may leak: the ephemeral one, and the coins of the encapsulation to the peer. */
  readonly ephemeral: Term;
  readonly coins: Term;
  readonly machine: Machine<Term>;
  /** The messages sent and received, by type. */
  readonly view: Map<MessageName, Term>;
  peer: Term | undefined;
  sessionKey: Term | undefined;
  /** The confirmation value that the session awaits. */
  awaited: Term | undefined;
  confirmedAt: number | undefined;
  completedAt: number | undefined;
  releasedAt: number | undefined;
  failure: FailureCode | undefined;
  spokeAfterFailure: boolean;
  /** The certificate of the peer, verified, when the session sent its own; `none` if there was none yet; undefined while unsent. */
  seenWhenShown: Term | 'none' | undefined;
  /** The associated data under which the session opens a certificate, by the header of the message. */
  readonly associatedData: (header: Term) => Term;
  readonly take: (message: Message<Term>, now: number) => Step;
  readonly close: (now: number) => Step;
}

/** The results of one step. */
export interface Step {
  readonly sent: readonly Message<Term>[];
  readonly said: readonly string[];
  /** The same on octets, where they are run too, and every field that was sent there. */
  readonly onOctets: { readonly said: readonly string[]; readonly sent: readonly Message<Bytes>[] } | undefined;
}

const effectOf = (effect: Effect<unknown>): string => {
  if (effect.effect === 'send') return `send ${effect.message.type}`;
  return effect.effect === 'abort' ? `abort ${effect.failure.step} ${effect.failure.code}` : 'release';
};

const outcomeOf = (output: unknown): string =>
  typeof output === 'object' && output !== null && 'ok' in output ? ` ${output.ok}` : '';

const sentIn = <O>(effects: readonly Effect<O>[]): Message<O>[] =>
  effects.flatMap((effect) => (effect.effect === 'send' ? [effect.message] : []));

/** A role in one interpretation. Faults are put above the record of operations. */
function interpret<O>({ reading, schedule: given, keeps, broken }: Variant, has: Possession<O>, steps: string[]) {
  const schedule = keeps?.(given, has.role) ?? given;
  const record = ({ operation, output }: Operation): void => void steps.push(`${operation}${outcomeOf(output)}`);
  const recorded = traced(has.algebra, record);
  const algebra = broken?.(recorded, has) ?? recorded;
  return { algebra, machine: machine(has.role, { ...has, algebra, reading, schedule }) };
}

/** A message with other octets in its fields. */
export function mapMessage<A, B>(message: Message<A>, to: (field: A) => B): Message<B> {
  const { type, ...fields } = message;
  return {
    type,
    ...Object.fromEntries(Object.entries(fields).map(([name, field]) => [name, to(field as A)])),
  } as Message<B>;
}

/** The identity failures. They come after both confirmations: sooner they would tell an adversary who is there. */
export const isIdentityFailure = (code: FailureCode | undefined): boolean =>
  code === 'own-certificate' || code === 'unexpected-peer';

export interface SessionPlan {
  readonly number: number;
  readonly agent: string;
  readonly expected: string | undefined;
  readonly variant: Variant;
  readonly terms: Terms;
  readonly onTerms: Possession<Term>;
  readonly onOctets: Possession<Bytes> | undefined;
  readonly octetsOf: (term: Term) => Bytes;
}

/** Starts a session. @returns the session, and its first step */
export function startSession(plan: SessionPlan, now: number): { session: Session; first: Step } {
  const { variant, terms, onTerms, onOctets, octetsOf } = plan;
  const { role } = onTerms;
  const steps = { terms: [] as string[], octets: [] as string[] };
  const term = interpret(variant, onTerms, steps.terms);
  const octets = onOctets === undefined ? undefined : interpret(variant, onOctets, steps.octets);
  const own = role === 'initiator' ? onTerms.coins.ephemeralKey : onTerms.coins.ephemeralEncapsulation;

  /** The knowledge of the state that was left, or of the one that was reached. */
  function look(): void {
    const { peer, sessionKey, peerConfirmationKey, hashes } = term.machine.holds();
    session.peer = peer?.certificate ?? session.peer;
    session.sessionKey = sessionKey ?? session.sessionKey;
    if (peerConfirmationKey === undefined || hashes === undefined) return;
    const kept = steps.terms.length;
    session.awaited ??= confirmationOf(
      { algebra: term.algebra, reading: variant.reading },
      peerConfirmationKey,
      hashes,
    );
    steps.terms.length = kept;
  }

  function judge(effects: readonly Effect<Term>[], wasAwaiting: MessageName | undefined, at: number): void {
    for (const effect of effects) {
      if (effect.effect === 'release') session.releasedAt = at;
      if (effect.effect === 'abort') session.failure = effect.failure.code;
      if (effect.effect !== 'send') continue;
      if (session.failure !== undefined) session.spokeAfterFailure = true;
      session.view.set(effect.message.type, terms.message(effect.message));
      if (effect.message.type === `${role}Certificate`) session.seenWhenShown = session.peer ?? 'none';
      if (effect.message.type === `${role}Confirmation`) session.confirmedAt = at;
    }
    const last = wasAwaiting?.endsWith('Confirmation') === true && session.machine.awaits() === undefined;
    const right = session.releasedAt !== undefined || isIdentityFailure(session.failure);
    if (last && right) session.completedAt = at;
  }

  const done = (effects: readonly Effect<Term>[], ofOctets: readonly Effect<Bytes>[] | undefined): Step => ({
    sent: sentIn(effects),
    said: [...steps.terms.splice(0), ...effects.map(effectOf)],
    onOctets: ofOctets && { said: [...steps.octets.splice(0), ...ofOctets.map(effectOf)], sent: sentIn(ofOctets) },
  });

  const session: Session = {
    number: plan.number,
    role,
    agent: plan.agent,
    expected: plan.expected,
    certificate: onTerms.certificate,
    ephemeral: own as Term,
    coins: onTerms.coins.encapsulation as Term,
    machine: term.machine,
    view: new Map(),
    peer: undefined,
    sessionKey: undefined,
    awaited: undefined,
    failure: undefined,
    spokeAfterFailure: false,
    seenWhenShown: undefined,
    confirmedAt: undefined,
    completedAt: undefined,
    releasedAt: undefined,
    associatedData: (header) => variant.reading.associatedData(onTerms.algebra, { header }),
    take: (message, at) => {
      const awaiting = term.machine.awaits()?.message;
      if (awaiting === message.type) session.view.set(message.type, terms.message(message));
      const effects = term.machine.take(message);
      const ofOctets = octets?.machine.take(mapMessage(message, octetsOf));
      look();
      judge(effects, awaiting, at);
      return done(effects, ofOctets);
    },
    close: (at) => {
      const effects = term.machine.fail('connection-closed');
      judge(effects, undefined, at);
      return done(effects, octets?.machine.fail('connection-closed'));
    },
  };
  const effects = term.machine.start();
  judge(effects, undefined, now);
  return { session, first: done(effects, octets?.machine.start()) };
}

/** The six messages that the transcript covers, as a session saw them; undefined until all are there. */
export function transcriptOf({ view }: Session): readonly Term[] | undefined {
  const names = (Object.keys(messageTable) as MessageName[]).filter((name) => !name.endsWith('Confirmation'));
  const seen = names.map((name) => view.get(name));
  return seen.every((one) => one !== undefined) ? (seen as Term[]) : undefined;
}
