// Two interpretations side by side: each peer runs on octets and on terms, and is given the same messages in both. What goes
// over the network, whole or in fields, is kept as pairs (octets, term) for an attacker to use.
import type { Algebra, Coins, DecapsulationKey } from '../src/algebra/algebra.ts';
import { bytesAlgebra } from '../src/algebra/bytes.ts';
import { certificateTerm, decapsulationKeyTerm, symbolicAlgebra } from '../src/algebra/symbolic.ts';
import { type Term, type Terms, termStore } from '../src/algebra/terms.ts';
import { type Operation, traced } from '../src/algebra/trace.ts';
import { type Machine, machine } from '../src/analysis/machine.ts';
import type { Suite } from '../src/crypto/suite.ts';
import { type Checked, passed, refused } from '../src/failure.ts';
import { fieldsOf } from '../src/generated/codec.ts';
import type { Reading } from '../src/generated/keySchedule.ts';
import type { Certificate, EncapsulationKey, PreSharedSecret } from '../src/generated/kinds.ts';
import type { Message, MessageName } from '../src/generated/messages.ts';
import type { InitiatorParameters, ResponderParameters, Role, Schedule } from '../src/protocol/parameters.ts';
import type { Effect } from '../src/protocol/transition.ts';
import type { Mutant } from './mutants/index.ts';

type Bytes = Uint8Array;

/** The same value in both interpretations. */
export interface Twin {
  readonly octets: Bytes;
  readonly term: Term;
}

/** What one step of a peer did, in both interpretations. */
export interface Did {
  readonly octets: readonly string[];
  readonly terms: readonly string[];
  readonly sent: readonly { readonly type: MessageName; readonly fields: readonly Twin[] }[];
}

export interface TwinPeer {
  readonly role: Role;
  readonly awaits: () => MessageName | undefined;
  readonly start: () => Did;
  readonly take: (type: MessageName, fields: readonly Twin[]) => Did;
}

/** How a peer of the world is set up. */
export interface PeerPlan {
  readonly role: Role;
  /** Its own name; two peers with one name have the same certificate and key. */
  readonly name: string;
  /** The authority that signed its certificate: the trusted one is `authority`. */
  readonly issuer: string;
  readonly expected: string | undefined;
  readonly preSharedSecret: string | undefined;
  readonly schedule: Schedule;
  /** What is broken in it. */
  readonly broken?: Mutant['algebra'];
  readonly brokenReading?: Mutant['reading'];
}

export interface World {
  readonly peer: (plan: PeerPlan) => TwinPeer;
  /** Octets of a length that nobody made before, and a fresh name. */
  readonly garbage: (octets: number) => Twin;
}

const authority = 'authority';
const labelOctets = 16;
const label = (text: string): Bytes => {
  const octets = new Uint8Array(labelOctets);
  octets.set(new TextEncoder().encode(text).subarray(0, labelOctets));
  return octets;
};
const startsWith = (octets: Bytes, prefix: Bytes): boolean => prefix.every((octet, at) => octets[at] === octet);

/** A certificate on octets is an issuer, a name and a key: the model of X.509 that the terms have. */
const certificateOctets = (issuer: string, name: string, key: Bytes): Certificate<Bytes> =>
  Uint8Array.from([...label(issuer), ...label(name), ...key]) as Certificate<Bytes>;

const octetsPolicy = (expected: string | undefined) => ({
  verify: (certificate: Bytes): Checked<{ encapsulationKey: EncapsulationKey<Bytes> }> => {
    if (certificate.length !== 2 * labelOctets + 1568) return refused('certificate-malformed');
    if (!startsWith(certificate, label(authority))) return refused('certificate-untrusted');
    return passed({ encapsulationKey: certificate.slice(2 * labelOctets) as EncapsulationKey<Bytes> });
  },
  accept: (certificate: Bytes): Checked<true> =>
    expected === undefined || startsWith(certificate.subarray(labelOctets), label(expected))
      ? passed(true)
      : refused('unexpected-peer'),
});

const termsPolicy = (terms: Terms, expected: string | undefined) => ({
  trusts: (issuer: Term) => issuer === terms.name(authority),
  accept: (certificate: Term): Checked<true> =>
    expected === undefined || certificate.parts[0] === terms.name(expected) ? passed(true) : refused('unexpected-peer'),
  decide: () => false,
});

const effectOf = (effect: Effect<unknown>): string => {
  if (effect.effect === 'send') return `send ${effect.message.type}`;
  return effect.effect === 'abort' ? `abort ${effect.failure.step} ${effect.failure.code}` : 'release';
};

const outcome = (output: unknown): string =>
  typeof output === 'object' && output !== null && 'ok' in output ? ` ${output.ok}` : '';

function messageOf<O>(type: MessageName, fields: readonly O[]): Message<O> {
  const [first, second] = fields;
  const named: Record<MessageName, Record<string, O | undefined>> = {
    initiatorHello: { ephemeralKey: first },
    responderHello: { ephemeralCiphertext: first },
    initiatorCertificate: { initialVector: first, sealedCertificate: second },
    responderCertificate: { initialVector: first, sealedCertificate: second },
    initiatorEncapsulation: { ciphertext: first },
    responderEncapsulation: { ciphertext: first },
    initiatorConfirmation: { confirmation: first },
    responderConfirmation: { confirmation: first },
  };
  return { type, ...named[type] } as Message<O>;
}

/** Two machines that must do the same. */
function twinMachines(
  role: Role,
  octets: Machine<Bytes>,
  term: Machine<Term>,
  steps: { octets: string[]; terms: string[] },
): TwinPeer {
  const did = (ofOctets: readonly Effect<Bytes>[], ofTerms: readonly Effect<Term>[]): Did => {
    const sent = ofOctets.flatMap((effect, at) => {
      const twin = ofTerms[at];
      if (effect.effect !== 'send' || twin?.effect !== 'send') return [];
      const terms = fieldsOf<Term>(twin.message);
      const fields = fieldsOf<Bytes>(effect.message).map((field, index) => ({
        octets: field.slice(),
        term: terms[index] as Term,
      }));
      return [{ type: effect.message.type, fields }];
    });
    const result = {
      octets: [...steps.octets.splice(0), ...ofOctets.map(effectOf)],
      terms: [...steps.terms.splice(0), ...ofTerms.map(effectOf)],
      sent,
    };
    return result;
  };
  return {
    role,
    awaits: octets.awaits,
    start: () => did(octets.start(), term.start()),
    take: (type, fields) =>
      did(
        octets.take(
          messageOf(
            type,
            fields.map((field) => field.octets),
          ),
        ),
        term.take(
          messageOf(
            type,
            fields.map((field) => field.term),
          ),
        ),
      ),
  };
}

/** What a peer has, in one interpretation. */
interface Possession<O> {
  readonly algebra: Algebra<O>;
  readonly certificate: Certificate<O>;
  readonly decapsulationKey: DecapsulationKey<O>;
  readonly preSharedSecret: PreSharedSecret<O> | undefined;
  readonly coins: (InitiatorParameters<O> & ResponderParameters<O>)['coins'];
  readonly keptCoins: Coins<O>;
  readonly subjectKey: (certificate: Certificate<O>) => EncapsulationKey<O>;
}

/** One interpretation of a peer; what is broken is broken above the record of operations. */
function interpret<O>(plan: PeerPlan, reading: Reading, steps: string[], has: Possession<O>): Machine<O> {
  const record = ({ operation, output }: Operation): void => void steps.push(`${operation}${outcome(output)}`);
  const recorded = traced(has.algebra, record);
  const algebra = plan.broken?.(recorded, { role: plan.role, ...has }) ?? recorded;
  const changed = plan.brokenReading?.(reading) ?? reading;
  return machine(plan.role, { ...has, algebra, reading: changed, schedule: plan.schedule });
}

/** A world with one store of terms; every value in it is drawn from `octetsOf`, which must give each label its own octets. */
export function world(suite: Suite, reading: Reading, octetsOf: (label: string, octets: number) => Bytes): World {
  const terms = termStore();
  let drawn = 0;

  function possessions(plan: PeerPlan): { octets: Possession<Bytes>; terms: Possession<Term> } {
    const { name, issuer, expected, preSharedSecret } = plan;
    const run = `${drawn}`;
    const coin = (of: string, octets: number) => ({
      octets: octetsOf(of, octets) as never,
      term: terms.name(of) as never,
    });
    const ephemeralKey = coin(`sk_e ${run}`, 64);
    const ephemeralEncapsulation = coin(`r_e ${run}`, 32);
    const initialVector = coin(`IV ${run}`, 12);
    const encapsulation = coin(`r ${run}`, 32);
    const kept = coin(`kept ${name}`, plan.role === 'initiator' ? 64 : 32);
    const secret = preSharedSecret === undefined ? undefined : coin(preSharedSecret, 32);
    const coins = <K extends 'octets' | 'term'>(of: K) => ({
      ...{ ephemeralKey: ephemeralKey[of], ephemeralEncapsulation: ephemeralEncapsulation[of] },
      ...{ initialVector: initialVector[of], encapsulation: encapsulation[of] },
    });
    const key = suite.generateKemKey(octetsOf(`sk ${name}`, 64));
    const keyTerm = decapsulationKeyTerm(terms, terms.name(`sk ${name}`));
    const signed = {
      identity: terms.name(name),
      issuer: terms.name(issuer),
      encapsulationKey: keyTerm.encapsulationKey,
    };
    return {
      octets: {
        algebra: bytesAlgebra(suite, octetsPolicy(expected)).algebra,
        certificate: certificateOctets(issuer, name, key.encapsulationKey),
        ...{ decapsulationKey: key, preSharedSecret: secret?.octets, coins: coins('octets'), keptCoins: kept.octets },
        subjectKey: (certificate) => certificate.slice(2 * labelOctets) as EncapsulationKey<Bytes>,
      },
      terms: {
        algebra: symbolicAlgebra(terms, termsPolicy(terms, expected)),
        certificate: certificateTerm(terms, signed),
        ...{ decapsulationKey: keyTerm, preSharedSecret: secret?.term, coins: coins('term'), keptCoins: kept.term },
        subjectKey: (certificate) => certificate.parts[1] as EncapsulationKey<Term>,
      },
    };
  }

  function peer(plan: PeerPlan): TwinPeer {
    drawn += 1;
    const has = possessions(plan);
    const steps = { octets: [] as string[], terms: [] as string[] };
    const octets = interpret(plan, reading, steps.octets, has.octets);
    const term = interpret(plan, reading, steps.terms, has.terms);
    return twinMachines(plan.role, octets, term, steps);
  }

  const garbage = (octets: number): Twin => {
    drawn += 1;
    return { octets: octetsOf(`garbage ${drawn}`, octets), term: terms.name(`garbage ${drawn}`) };
  };
  return { peer, garbage };
}
