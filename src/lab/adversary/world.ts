// A world of agents and sessions in the hands of an adversary. Everything that happens is a move of the adversary; a schedule is
// a list of moves, and the same schedule gives the same world again.

import { certificateTerm, decapsulationKeyTerm, symbolicAlgebra } from '../../algebra/symbolic.ts';
import { type Term, type Terms, termStore } from '../../algebra/terms.ts';
import { type Checked, passed, refused } from '../../failure.ts';
import { fieldsOf, messageTable } from '../../generated/codec.ts';
import type { Certificate, EncapsulationKey, PreSharedSecret } from '../../generated/kinds.ts';
import type { Message, MessageName } from '../../generated/messages.ts';
import { same } from '../../octets.ts';
import type { Role } from '../../role.ts';
import { type Knowledge, knowledge } from './knowledge.ts';
import { type Octets, octetWorld } from './onOctets.ts';
import { type Possession, type Session, type Step, startSession, type Variant } from './session.ts';

/** The honest agents. */
export const agents = ['alice', 'bob'] as const;
export const authority = 'authority';
/** The signer of everything that the authority does not sign: the adversary. */
const nobody = 'nobody';

/** The settings of a world. */
export interface Setting {
  readonly variant: Variant;
  /** No pre-shared secret; one that the adversary has; one that it does not have, unless it leaks. */
  readonly preSharedSecret: 'none' | 'known' | 'secret';
  /** The agents whose certificates the adversary knows from the start. */
  readonly listed: readonly string[];
  /** Runs octets beside the terms, on this suite. */
  readonly octets?: Octets | undefined;
}

/** A message that was sent by a session. */
export interface Sent {
  readonly by: number;
  readonly message: Message<Term>;
}

/** The time of each leak; times count moves. */
export interface Leaks {
  readonly agents: Map<string, number>;
  readonly ephemerals: Map<number, number>;
  readonly coins: Map<number, number>;
  readonly states: Map<number, number>;
  authority: number | undefined;
  preSharedSecret: number | undefined;
}

export interface World {
  readonly setting: Setting;
  readonly terms: Terms;
  readonly knowledge: Knowledge;
  readonly sessions: Session[];
  readonly network: Sent[];
  readonly leaks: Leaks;
  /** Certificates that the adversary has, or can make. */
  readonly certificates: () => readonly Term[];
  /** Whether the adversary has given a session a message that the other side did not send for it. */
  readonly interfered: () => boolean;
  readonly interfere: () => void;
  readonly now: () => number;
  readonly tick: () => number;
  readonly start: (role: Role, agent: string, expected: string | undefined) => Step;
  readonly deliver: (to: Session, message: Message<Term>) => Step;
  readonly staticKey: (agent: string) => Term;
  /** The differences between octets and terms in a step; empty when there are none, or octets are not run. */
  readonly compare: (step: Step | undefined) => string | undefined;
  /** A certificate over any key, under a name that no honest agent has. */
  readonly certify: (name: string, key: Term) => Term;
  /** A term of the shape of an agent's certificate, over any key, with nobody's signature. */
  readonly unsigned: (agent: string, key: Term) => Term;
  readonly fresh: (label: string) => Term;
}

const suffix: Readonly<Record<Role, string>> = { initiator: 'i', responder: 'r' };

const policyOf = (terms: Terms, expected: string | undefined) => ({
  trusts: (issuer: Term) => issuer === terms.name(authority),
  accept: (certificate: Term): Checked<true> =>
    expected === undefined || certificate.parts[0] === terms.name(expected) ? passed(true) : refused('unexpected-peer'),
  decide: () => false,
});

/** The messages of a type, in the order in which they were sent. */
export const sentOf = (world: World, type: MessageName): readonly Sent[] =>
  world.network.filter(({ message }) => message.type === type);

/** The number of a message, 1 to 8. */
export const numberOf = (type: MessageName): number => messageTable[type].type;

/** A new world. It has no session yet; the adversary knows the protocol, and the certificates of the agents that are listed. */
export function world(setting: Setting): World {
  const terms = termStore();
  const known = knowledge(terms);
  const sessions: Session[] = [];
  const network: Sent[] = [];
  const shown: Term[] = [];
  const issuer = terms.name(authority);
  let time = 0;
  let interfered = false;
  const secret = terms.name('ss_pre') as PreSharedSecret<Term>;
  const octets = setting.octets === undefined ? undefined : octetWorld(setting.octets);
  const keyOf = (agent: string) => decapsulationKeyTerm(terms, terms.name(`sk of ${agent}`));
  const certificateOf = (agent: string): Certificate<Term> =>
    certificateTerm(terms, { identity: terms.name(agent), encapsulationKey: keyOf(agent).encapsulationKey, issuer });

  for (const agent of setting.listed) show(certificateOf(agent));
  if (setting.preSharedSecret === 'known') known.learn(secret);
  known.learn(terms.name(nobody));

  function show(certificate: Term): Term {
    if (!shown.includes(certificate)) shown.push(certificate);
    known.learn(certificate);
    return certificate;
  }

  const sign = (name: string, key: Term, by: Term): Term =>
    certificateTerm(terms, {
      identity: terms.name(name),
      encapsulationKey: key as EncapsulationKey<Term>,
      issuer: by,
    });

  function possession(role: Role, agent: string, expected: string | undefined): Possession<Term> {
    const run = `${sessions.length + 1}`;
    const name = <K>(label: string) => terms.name(label) as K;
    return {
      role,
      algebra: symbolicAlgebra(terms, policyOf(terms, expected)),
      certificate: certificateOf(agent),
      decapsulationKey: keyOf(agent),
      preSharedSecret: setting.preSharedSecret === 'none' ? undefined : secret,
      coins: {
        ephemeralKey: name(`sk_e.${run}`),
        ephemeralEncapsulation: name(`r_e.${run}`),
        initialVector: name(`IV_${suffix[role]}.${run}`),
        encapsulation: name(`r_${suffix[role]}.${run}`),
      },
      keptCoins: (octets) => name(`kept ${octets} of ${agent}`),
      subjectKey: (certificate) => certificate.parts[1] as EncapsulationKey<Term>,
    };
  }

  function send(by: Session, step: Step): Step {
    for (const message of step.sent) {
      network.push({ by: by.number, message });
      known.learn(terms.message(message));
    }
    return step;
  }

  function compare(step: Step | undefined): string | undefined {
    const other = step?.onOctets;
    if (step === undefined || other === undefined || octets === undefined) return undefined;
    if (step.said.join() !== other.said.join()) return `terms ${step.said.join(' ')}; octets ${other.said.join(' ')}`;
    const wrong = step.sent.flatMap((message, index) => {
      const fields = fieldsOf<Uint8Array>(other.sent[index] as Message<Uint8Array>);
      return fieldsOf<Term>(message).filter(
        (field, at) => !same(octets.octetsOf(field), fields[at] ?? new Uint8Array()),
      );
    });
    return wrong.length === 0 ? undefined : 'octets were sent that are not those of the terms';
  }

  return {
    setting,
    terms,
    knowledge: known,
    sessions,
    network,
    compare,
    leaks: {
      agents: new Map(),
      ephemerals: new Map(),
      coins: new Map(),
      states: new Map(),
      authority: undefined,
      preSharedSecret: undefined,
    },
    certificates: () => shown,
    interfered: () => interfered,
    interfere: () => {
      interfered = true;
    },
    now: () => time,
    tick: () => {
      time += 1;
      return time;
    },
    start: (role, agent, expected) => {
      const number = sessions.length;
      const onTerms = possession(role, agent, expected);
      const plan = { number, agent, expected, variant: setting.variant, terms, onTerms };
      const { session, first } = startSession(
        {
          ...plan,
          onOctets: octets?.possession(onTerms, expected),
          octetsOf: octets?.octetsOf ?? (() => new Uint8Array()),
        },
        time,
      );
      sessions.push(session);
      return send(session, first);
    },
    deliver: (to, message) => send(to, to.take(message, time)),
    staticKey: (agent) => terms.name(`sk of ${agent}`),
    certify: (name, key) => show(sign(name, key, issuer)),
    unsigned: (agent, key) => sign(agent, key, terms.name(nobody)),
    fresh: (label) => {
      const term = terms.name(label);
      known.learn(term);
      return term;
    },
  };
}
