// The moves of an adversary. Numbers of sessions and messages count from the newest, which is 0, modulo what there is to choose
// from: so every list of moves is a schedule, and a shorter one is one too.

import type { Term } from '../../algebra/terms.ts';
import { fieldsOf, messageTable } from '../../generated/codec.ts';
import type { Ciphertext, EncapsulationKey, InitialVector, SealedCertificate } from '../../generated/kinds.ts';
import type { Message, MessageName } from '../../generated/messages.ts';
import type { Secret } from '../../protocol/steps.ts';
import type { Role } from '../../role.ts';
import type { Session, Step } from './session.ts';
import { agents, sentOf, type World } from './world.ts';

/** One move of the adversary. */
export type Move =
  /** An agent starts a session. It expects one of the agents, or anyone. */
  | { readonly move: 'start'; readonly role: Role; readonly agent: number; readonly expected: number }
  /** A session gets a message that was sent before, of the type that it awaits: delivered, replayed, or reflected. */
  | { readonly move: 'deliver'; readonly to: number; readonly which: number }
  /** A session gets any message that was sent before, whatever it awaits. */
  | { readonly move: 'misdeliver'; readonly to: number; readonly which: number }
  /** A session gets the message that it awaits; each field comes from another message. */
  | { readonly move: 'splice'; readonly to: number; readonly fields: readonly [number, number] }
  /** A session gets the message that it awaits, made by the adversary from what it knows. */
  | { readonly move: 'inject'; readonly to: number; readonly which: number }
  /** The transport of a session closes. */
  | { readonly move: 'end'; readonly to: number }
  /** The authority certifies a key of the adversary's choice under a name of no honest agent. */
  | { readonly move: 'certify'; readonly key: number }
  | { readonly move: 'corrupt'; readonly agent: number }
  | { readonly move: 'leak-ephemeral'; readonly session: number }
  | { readonly move: 'leak-coins'; readonly session: number }
  /** Everything that the present state of a session holds leaks: the secrets that the state machine declares, and no more. */
  | { readonly move: 'leak-state'; readonly session: number }
  | { readonly move: 'leak-authority' }
  | { readonly move: 'leak-secret' };

/** The effect of a move: on which session, with which message, and the outcome. */
export interface Done {
  readonly move: Move;
  readonly session: Session | undefined;
  readonly given: Message<Term> | undefined;
  readonly step: Step | undefined;
}

const pick = <T>(from: readonly T[], which: number): T | undefined =>
  from.length === 0 ? undefined : from[which % from.length];

/** One of a list, counted from the newest. */
const recent = <T>(from: readonly T[], which: number): T | undefined =>
  from[from.length - 1 - (which % Math.max(1, from.length))];

const expectations = [undefined, undefined, ...agents] as const;

/** The key that a session encapsulates to: the adversary answers with a ciphertext that this key opens. */
const fresh = (w: World, what: string): Term => w.fresh(`${what} of the adversary ${w.now()}`);

const known = (w: World, symbol: Term['symbol']): Term[] =>
  [...w.knowledge.known()].filter((term) => term.symbol === symbol);

function keys(w: World): Term[] {
  const own = w.terms.make('encapsulationKey', [w.terms.make('decapsulationKey', [fresh(w, 'sk')])]);
  return [own, ...known(w, 'encapsulationKey')];
}

/** Ciphertexts for a key: one from coins of the adversary's own, then all that it ever saw. */
const ciphertexts = (w: World, key: Term): Term[] => [
  w.terms.make('ciphertext', [key, fresh(w, 'r')]),
  ...known(w, 'ciphertext'),
];

/** The initial vectors under which the adversary may seal: one of its own with the key; without it those of sealings, to forge. */
function vectors(w: World, key: Term): Term[] {
  if (w.knowledge.derives(key)) return [fresh(w, 'IV')];
  const used = known(w, 'seal').flatMap(({ parts: [of, vector] }) =>
    of === key && vector !== undefined ? [vector] : [],
  );
  return new Set(used).size < used.length ? [...new Set(used)] : [];
}

/** Certificates sealed for a session, if the adversary can seal under its hiding key; and all that were ever sealed. */
function sealed(w: World, to: Session, type: 'initiatorCertificate' | 'responderCertificate'): [Term, Term][] {
  const { hidingKey } = to.machine.holds();
  const seen = w.network.flatMap(({ message }): [Term, Term][] =>
    'sealedCertificate' in message ? [[message.initialVector, message.sealedCertificate]] : [],
  );
  const usable = hidingKey === undefined ? [] : vectors(w, hidingKey);
  if (hidingKey === undefined || usable.length === 0) return seen;
  const header = w.terms.make('header', [], type);
  const associatedData = to.associatedData(header);
  const own = keys(w)[0] as Term;
  const unsigned = agents
    .filter((agent) => w.knowledge.derives(w.terms.name(agent)))
    .map((agent) => w.unsigned(agent, own));
  const certificates = [...w.certificates(), ...unsigned];
  const made = usable.flatMap((initialVector) =>
    certificates.map((certificate): [Term, Term] => [
      initialVector,
      w.terms.make('seal', [hidingKey, initialVector, associatedData, certificate]),
    ]),
  );
  return [...made, ...seen];
}

/** The fields that the adversary can give a session that awaits a message, all of them from terms that it can derive. */
export const offers = (w: World, to: Session, type: MessageName): Message<Term>[] =>
  candidates(w, to, type).filter((message) => w.knowledge.derives(w.terms.message(message)));

function candidates(w: World, to: Session, type: MessageName): Message<Term>[] {
  switch (type) {
    case 'initiatorHello':
      return keys(w).map((key) => ({ type, ephemeralKey: key as EncapsulationKey<Term> }));
    case 'responderHello': {
      const hello = to.view.get('initiatorHello')?.parts[0] as Term;
      return ciphertexts(w, hello).map((ct) => ({ type, ephemeralCiphertext: ct as Ciphertext<Term> }));
    }
    case 'initiatorCertificate':
    case 'responderCertificate':
      return sealed(w, to, type).map(([initialVector, sealedCertificate]) => ({
        type,
        initialVector: initialVector as InitialVector<Term>,
        sealedCertificate: sealedCertificate as SealedCertificate<Term>,
      }));
    case 'initiatorEncapsulation':
    case 'responderEncapsulation': {
      const key = to.certificate.parts[1] as Term;
      return ciphertexts(w, key).map((ciphertext) => ({ type, ciphertext: ciphertext as Ciphertext<Term> }));
    }
    case 'initiatorConfirmation':
    case 'responderConfirmation': {
      const { awaited } = to;
      const right = awaited !== undefined && w.knowledge.derives(awaited) ? [awaited] : [];
      const seen = w.network.flatMap(({ message }) => ('confirmation' in message ? [message.confirmation] : []));
      return [...right, ...seen].map((confirmation) => ({ type, confirmation: confirmation as never }));
    }
  }
}

/** A message of a type whose fields are those of messages that have such fields. */
function spliced(w: World, type: MessageName, which: readonly number[]): Message<Term> | undefined {
  const like = w.network.filter(({ message }) => messageTable[message.type].maximum === messageTable[type].maximum);
  const first = recent(like, which[0] ?? 0)?.message;
  const second = recent(like, which[1] ?? 0)?.message;
  if (first === undefined || second === undefined) return undefined;
  if ('sealedCertificate' in first && 'sealedCertificate' in second) {
    return { type, initialVector: first.initialVector, sealedCertificate: second.sealedCertificate } as Message<Term>;
  }
  const [field] = fieldsOf<Term>(first);
  const name = fieldNames[type];
  return { type, [name]: field } as never;
}

const fieldNames: Readonly<Record<MessageName, string>> = {
  initiatorHello: 'ephemeralKey',
  responderHello: 'ephemeralCiphertext',
  initiatorCertificate: 'sealedCertificate',
  responderCertificate: 'sealedCertificate',
  initiatorEncapsulation: 'ciphertext',
  responderEncapsulation: 'ciphertext',
  initiatorConfirmation: 'confirmation',
  responderConfirmation: 'confirmation',
};

function messageFor(w: World, move: Move, to: Session): Message<Term> | undefined {
  const awaited = to.machine.awaits()?.message;
  if (awaited === undefined) return undefined;
  switch (move.move) {
    case 'deliver':
      return recent(sentOf(w, awaited), move.which)?.message;
    case 'misdeliver':
      return recent(w.network, move.which)?.message;
    case 'splice':
      return spliced(w, awaited, move.fields);
    case 'inject':
      return pick(offers(w, to, awaited), move.which);
    default:
      return undefined;
  }
}

/** A leaked decapsulation key is the secret that it was made from. */
const secretTerm = (secret: Secret<Term>): Term =>
  'symbol' in secret ? secret : (secret.encapsulationKey.parts[0] as Term);

function leak(w: World, move: Move): void {
  const { leaks, knowledge, terms } = w;
  const session = 'session' in move ? recent(w.sessions, move.session) : undefined;
  const once = <K>(at: Map<K, number>, key: K): void => void (at.has(key) || at.set(key, w.now()));
  if (move.move === 'corrupt') {
    const agent = agents[move.agent % agents.length] ?? agents[0];
    knowledge.learn(w.staticKey(agent));
    once(leaks.agents, agent);
  } else if (move.move === 'leak-ephemeral' && session !== undefined) {
    knowledge.learn(session.ephemeral);
    once(leaks.ephemerals, session.number);
  } else if (move.move === 'leak-coins' && session !== undefined) {
    knowledge.learn(session.coins);
    once(leaks.coins, session.number);
  } else if (move.move === 'leak-state' && session !== undefined) {
    for (const secret of session.machine.secrets()) knowledge.learn(secretTerm(secret));
    if (session.machine.secrets().length > 0) once(leaks.states, session.number);
  } else if (move.move === 'leak-authority') {
    knowledge.learn(terms.name('authority'));
    leaks.authority ??= w.now();
    for (const agent of agents) w.certify(agent, pick(keys(w), 0) as Term);
  } else if (move.move === 'leak-secret') {
    knowledge.learn(terms.name('ss_pre'));
    leaks.preSharedSecret ??= w.now();
  }
}

/** Makes a move. A move for which there is nothing to choose from does nothing. */
export function perform(w: World, move: Move): Done {
  w.tick();
  const nothing = { move, session: undefined, given: undefined, step: undefined };
  if (move.move === 'start') {
    const step = w.start(move.role, pick(agents, move.agent) ?? 'alice', pick(expectations, move.expected));
    return { ...nothing, session: w.sessions.at(-1), step };
  }
  if (move.move === 'certify') {
    w.certify(`mallory_${w.now()}`, pick(keys(w), move.key) as Term);
    return nothing;
  }
  if (!('to' in move)) {
    leak(w, move);
    return nothing;
  }
  const session = recent(w.sessions, move.to);
  if (session !== undefined && move.move === 'end') return { ...nothing, session, step: session.close(w.now()) };
  const given = session && messageFor(w, move, session);
  if (session === undefined || given === undefined) return nothing;
  if (!w.knowledge.derives(w.terms.message(given)))
    throw new Error('the adversary gave a message that it cannot derive');
  if (move.move !== 'deliver') w.interfere();
  return { move, session, given, step: w.deliver(session, given) };
}
