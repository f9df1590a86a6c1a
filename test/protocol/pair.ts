// Two peers on octets with the pure transitions only: no wire, no X.509. A certificate here is a name and a key.

import { type BytesAlgebra, bytesAlgebra } from '../../src/algebra/bytes.ts';
import { noble } from '../../src/crypto/noble.ts';
import { type Checked, type FailureCode, passed, refused } from '../../src/failure.ts';
import { defaultChoice, type Reading, readingOf } from '../../src/generated/keySchedule.ts';
import type { Certificate, EncapsulationKey, PreSharedSecret } from '../../src/generated/kinds.ts';
import type { Message } from '../../src/generated/messages.ts';
import type { Bytes } from '../../src/octets.ts';
import { initiatorMachine, type Machine, responderMachine } from '../../src/protocol/machine.ts';
import type { InitiatorParameters, ResponderParameters, Schedule } from '../../src/protocol/parameters.ts';
import type { Effect, Event } from '../../src/protocol/transition.ts';

export interface PairOptions {
  readonly schedule?: Schedule;
  readonly responderSchedule?: Schedule;
  readonly reading?: Reading;
  readonly responderReading?: Reading;
  readonly preSharedSecret?: Bytes;
  readonly responderPreSharedSecret?: Bytes;
  /** The verdict of the initiator's (responder's) policy on the peer's identity. */
  readonly initiatorAccepts?: Checked<true>;
  readonly responderAccepts?: Checked<true>;
  /** Refuses every certificate with this code. */
  readonly certificateFault?: FailureCode;
  /** Both peers have the same credentials. */
  readonly same?: boolean;
}

const seeds = { alice: new Uint8Array(64).fill(1), bob: new Uint8Array(64).fill(2) };

export const credentials = (name: keyof typeof seeds) => {
  const decapsulationKey = noble.generateKemKey(seeds[name]);
  const label = new TextEncoder().encode(name.padEnd(8));
  const certificate = Uint8Array.from([...label, ...decapsulationKey.encapsulationKey]) as Certificate<Bytes>;
  return { decapsulationKey, certificate };
};

function algebraFor(accepts: Checked<true> = passed(true), fault?: FailureCode): BytesAlgebra {
  return bytesAlgebra(noble, {
    verify: (certificate) =>
      fault === undefined
        ? passed({ encapsulationKey: certificate.subarray(8) as EncapsulationKey<Bytes> })
        : refused(fault),
    accept: () => accepts,
  });
}

export interface Peer {
  readonly start: () => readonly Effect<Bytes>[];
  readonly step: (event: Event<Bytes>) => readonly Effect<Bytes>[];
  readonly state: () => string;
  /** Secrets of the present state, as they are in memory. */
  readonly secrets: () => readonly unknown[];
}

/** Both peers, with fixed coins. */
export function pair(options: PairOptions = {}): { initiator: Peer; responder: Peer } {
  const { schedule = 'eager', reading = readingOf(defaultChoice), same = false } = options;
  const coin = (value: number, octets: number) => new Uint8Array(octets).fill(value) as never;
  const i = algebraFor(options.initiatorAccepts, options.certificateFault);
  const r = algebraFor(options.responderAccepts, options.certificateFault);
  const psk = (octets?: Bytes) => octets as PreSharedSecret<Bytes> | undefined;
  const ip: InitiatorParameters<Bytes> = {
    algebra: i.algebra,
    reading,
    schedule,
    preSharedSecret: psk(options.preSharedSecret),
    ...credentials('alice'),
    coins: { ephemeralKey: coin(3, 64), initialVector: coin(4, 12), encapsulation: coin(5, 32) },
  };
  const rp: ResponderParameters<Bytes> = {
    algebra: r.algebra,
    reading: options.responderReading ?? reading,
    schedule: options.responderSchedule ?? schedule,
    preSharedSecret: psk(options.responderPreSharedSecret ?? options.preSharedSecret),
    ...credentials(same ? 'alice' : 'bob'),
    coins: { ephemeralEncapsulation: coin(6, 32), initialVector: coin(7, 12), encapsulation: coin(8, 32) },
  };
  return { initiator: peerOf(initiatorMachine(ip), i), responder: peerOf(responderMachine(rp), r) };
}

function released(effects: readonly Effect<Bytes>[]): Bytes[] {
  return effects.flatMap((effect) => (effect.effect === 'release' ? [effect.sessionKey] : []));
}

/** A machine whose secrets are wiped as the product wipes them. */
function peerOf(machine: Machine<Bytes>, { retain }: BytesAlgebra): Peer {
  const reach = (effects: readonly Effect<Bytes>[]) => {
    retain([...machine.secrets(), ...released(effects)]);
    return effects;
  };
  return {
    start: () => reach(machine.start()),
    step: (event) => {
      if (machine.awaits() === undefined) return [];
      return reach(event.event === 'receive' ? machine.take(event.message) : machine.fail(event.code, event.detail));
    },
    state: machine.state,
    secrets: machine.secrets,
  };
}

export interface Run {
  /** Messages in the order in which they were sent, as `I:type` or `R:type`, with `·` between flights. */
  readonly order: string;
  readonly messages: readonly Message<Bytes>[];
  readonly initiator: readonly Effect<Bytes>[];
  readonly responder: readonly Effect<Bytes>[];
}

/** Runs both peers in flights: each in turn gets all that the other has sent. `tamper` may replace or drop messages. */
export function run(
  { initiator, responder }: { initiator: Peer; responder: Peer },
  number: (message: Message<Bytes>) => number,
  tamper: (message: Message<Bytes>) => readonly Message<Bytes>[] = (message) => [message],
): Run {
  const effects = { I: [...initiator.start()], R: [...responder.start()] };
  const flights: string[] = [];
  const messages: Message<Bytes>[] = [];
  const sent = (list: readonly Effect<Bytes>[]) => list.flatMap((one) => (one.effect === 'send' ? [one.message] : []));
  let pending = sent(effects.I);
  let from: 'I' | 'R' = 'I';
  while (pending.length > 0) {
    flights.push(`${from}:${pending.map(number).join(',')}`);
    messages.push(...pending);
    const [to, name]: [Peer, 'I' | 'R'] = from === 'I' ? [responder, 'R'] : [initiator, 'I'];
    const answers = pending.flatMap(tamper).flatMap((message) => to.step({ event: 'receive', message }));
    effects[name].push(...answers);
    pending = sent(answers);
    from = name;
  }
  return { order: flights.join(' · '), messages, initiator: effects.I, responder: effects.R };
}
