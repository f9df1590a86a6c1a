// One side of a handshake whose every part can be exchanged: the state machines of the product on octets, with the algebra,
// the reading and the certificate that a case wants. The product's own entry, src/handshake, lets nobody do that.
import type { Algebra } from '../../algebra/algebra.ts';
import { bytesAlgebra, type CertificatePolicy } from '../../algebra/bytes.ts';
import type { KemKey, Suite } from '../../crypto/suite.ts';
import type { FailureCode } from '../../failure.ts';
import type { Reading } from '../../generated/keySchedule.ts';
import type { Certificate, PreSharedSecret } from '../../generated/kinds.ts';
import type { MessageName } from '../../generated/messages.ts';
import { initiatorAwaits, initiatorTransition, type LiveInitiator, startInitiator } from '../../protocol/initiator.ts';
import type { Role, Schedule } from '../../protocol/parameters.ts';
import { type LiveResponder, responderAwaits, responderTransition, startResponder } from '../../protocol/responder.ts';
import type { Effect, Event, Transition } from '../../protocol/transition.ts';
import { reader } from '../../wire/reader.ts';

type Bytes = Uint8Array;
type Live = LiveInitiator<Bytes> | LiveResponder<Bytes>;

/** Where an engine stands. */
export type Standing =
  | { readonly status: 'awaiting'; readonly message: MessageName }
  | { readonly status: 'completed' }
  | { readonly status: 'failed'; readonly code: FailureCode; readonly message: string };

/** What octets brought about: messages to send, in this order, and where it stands now. */
export interface Said {
  readonly send: readonly Bytes[];
  readonly standing: Standing;
}

/** One side of a handshake: the octets that come from the other side go in, the messages for it come out. */
export interface Engine {
  readonly start: () => Said;
  readonly receive: (octets: Bytes) => Said;
}

/** What an engine is made of. */
export interface EngineOptions {
  readonly suite: Suite;
  readonly role: Role;
  readonly reading: Reading;
  readonly schedule?: Schedule | undefined;
  /** Sent as it is, whatever it holds. */
  readonly certificate: Bytes;
  readonly decapsulationKey: KemKey;
  readonly preSharedSecret?: Bytes | undefined;
  readonly policy: CertificatePolicy;
  /** The algebra that is used in the place of the product's. */
  readonly algebra?: ((algebra: Algebra<Bytes>) => Algebra<Bytes>) | undefined;
}

interface Machine {
  readonly start: () => Transition<Bytes, Live>;
  readonly awaits: (state: Live) => MessageName;
  readonly next: (state: Live, event: Event<Bytes>) => Transition<Bytes, { readonly state: string }>;
}

function machineOf(options: EngineOptions, algebra: Algebra<Bytes>): Machine {
  const parameters = {
    algebra,
    reading: options.reading,
    schedule: options.schedule ?? 'eager',
    certificate: options.certificate as Certificate<Bytes>,
    decapsulationKey: options.decapsulationKey,
    preSharedSecret: options.preSharedSecret as PreSharedSecret<Bytes> | undefined,
    coins: { ephemeralKey: 'own', ephemeralEncapsulation: 'own', initialVector: 'own', encapsulation: 'own' },
  } as const;
  return options.role === 'initiator'
    ? {
        start: () => startInitiator(parameters),
        awaits: ({ state }) => initiatorAwaits[state as LiveInitiator<Bytes>['state']].message,
        next: (state, event) => initiatorTransition(parameters, state as LiveInitiator<Bytes>, event),
      }
    : {
        start: () => startResponder(),
        awaits: ({ state }) => responderAwaits[state as LiveResponder<Bytes>['state']].message,
        next: (state, event) => responderTransition(parameters, state as LiveResponder<Bytes>, event),
      };
}

/** An engine of these parts. */
export function engine(options: EngineOptions): Engine {
  const bytes = bytesAlgebra(options.suite, options.policy);
  const algebra = options.algebra?.(bytes.algebra) ?? bytes.algebra;
  const machine = machineOf(options, algebra);
  const inbox = reader();
  let live: Live | undefined;
  let standing: Standing | undefined;

  function perform(effect: Effect<Bytes>, send: Bytes[]): void {
    if (effect.effect === 'send') send.push(algebra.message(effect.message));
    else if (effect.effect === 'release') standing = { status: 'completed' };
    else standing = { status: 'failed', code: effect.failure.code, message: effect.failure.message };
  }

  function move({ state, effects }: Transition<Bytes, { readonly state: string }>): Bytes[] {
    const send: Bytes[] = [];
    live = state.state === 'completed' || state.state === 'aborted' ? undefined : (state as Live);
    for (const effect of effects) perform(effect, send);
    return send;
  }

  function said(send: readonly Bytes[]): Said {
    if (standing !== undefined) return { send, standing };
    if (live === undefined) throw new TypeError('the engine was not started');
    return { send, standing: { status: 'awaiting', message: machine.awaits(live) } };
  }

  function receive(octets: Bytes): Said {
    const send: Bytes[] = [];
    if (live !== undefined) inbox.push(octets);
    while (live !== undefined) {
      const taken = inbox.take(machine.awaits(live));
      if (taken === 'incomplete') break;
      if (!taken.ok) {
        send.push(...move(machine.next(live, { event: 'fault', code: taken.code })));
        break;
      }
      bytes.note(taken.value.message, taken.value.octets);
      send.push(...move(machine.next(live, { event: 'receive', message: taken.value.message })));
    }
    return said(send);
  }

  return { start: () => said(move(machine.start())), receive };
}
