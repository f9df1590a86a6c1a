// One handshake on octets: joins wire, protocol, the bytes algebra and certificates. No sockets, no clock.
import type { CoinsOrOwn } from '../algebra/algebra.ts';
import { type BytesAlgebra, bytesAlgebra } from '../algebra/bytes.ts';
import { noble } from '../crypto/noble.ts';
import { secretCopy, wipe } from '../crypto/secret.ts';
import type { Suite } from '../crypto/suite.ts';
import { type Failure, type FailureCode, failure, type Step } from '../failure.ts';
import { sizes } from '../generated/constants.ts';
import type { Certificate, PreSharedSecret, SessionKey } from '../generated/kinds.ts';
import type { MessageName } from '../generated/messages.ts';
import {
  type InitiatorState,
  initiatorAwaits,
  initiatorSecrets,
  initiatorTransition,
  type LiveInitiator,
  startInitiator,
} from '../protocol/initiator.ts';
import type { Role } from '../protocol/parameters.ts';
import {
  type LiveResponder,
  type ResponderState,
  responderAwaits,
  responderSecrets,
  responderTransition,
  startResponder,
} from '../protocol/responder.ts';
import type { Secret } from '../protocol/steps.ts';
import type { Aborted, Awaited, Completed, Effect, Event, Transition } from '../protocol/transition.ts';
import { reader } from '../wire/reader.ts';
import { type Acceptance, acceptance } from './acceptance.ts';
import { loggedReading } from './keyLog.ts';
import {
  checkOptions,
  chosenReading,
  coinOf,
  type HandshakeOptions,
  type InitiatorOptions,
  type ResponderOptions,
} from './options.ts';
import { type Session, sessionOf } from './session.ts';

type Bytes = Uint8Array;

/** A message to send: its octets go on the wire as they are. */
export interface Outgoing {
  readonly message: MessageName;
  readonly octets: Bytes;
}

/** Where a handshake stands. */
export type Outcome =
  | { readonly status: 'awaiting'; readonly message: MessageName; readonly step: Step }
  | { readonly status: 'completed'; readonly session: Session; readonly rest: Bytes }
  | {
      readonly status: 'failed';
      readonly failure: Failure;
      /** Only when the predicate `expectedPeer` threw: what it threw. */
      readonly cause?: unknown;
    };

/** What a call brought about: messages taken from the peer, messages to send, in this order, and where it stands now. */
export interface Progress {
  readonly received: readonly { readonly message: MessageName; readonly octets: number }[];
  readonly send: readonly Outgoing[];
  readonly outcome: Outcome;
}

/** One handshake of one role. Once it completed or failed, nothing changes any more and nothing is sent. */
export interface Handshake {
  readonly role: Role;
  /** To be called once, first: the initiator's message 1; nothing for the responder. */
  readonly start: () => Progress;
  /** Octets that came from the peer, in any segmentation. */
  readonly receive: (octets: Bytes) => Progress;
  /** Something failed below the protocol: a timeout, the transport. Aborts a handshake that is under way, or was not started. */
  readonly fail: (code: FailureCode, detail?: string) => Progress;
  /**
   * Where it stands for whoever has yet to send what a call answered: as the last call said, but failed once `fail` was
   * called, even if the handshake had completed by then.
   */
  readonly standing: () => Outcome;
}

/** A role's state machine, with its parameters filled in. */
interface Machine<L> {
  readonly role: Role;
  readonly start: () => Transition<Bytes, L>;
  readonly transition: (state: L, event: Event<Bytes>) => Transition<Bytes, L | Completed | Aborted>;
  readonly awaits: (state: L) => Awaited;
  readonly secrets: (state: L | Completed | Aborted) => readonly Secret<Bytes>[];
}

/** The initiator of one handshake (section 3). @throws ConfigurationError */
export function initiator(options: InitiatorOptions): Handshake {
  const setting = settle(options);
  const { ephemeralKey, initialVector, encapsulation } = options.coins ?? {};
  const coins = {
    ephemeralKey: coinOf('ephemeralKey', ephemeralKey, sizes.keySeed),
    initialVector: coinOf('initialVector', initialVector, sizes.initialVector),
    encapsulation: coinOf('encapsulation', encapsulation, sizes.encapsulationCoins),
  };
  setting.owned.push(...octetsOf(coins.ephemeralKey), ...octetsOf(coins.encapsulation));
  const parameters = { ...setting.parameters, coins };
  return drive<LiveInitiator<Bytes>>(setting, options, {
    role: 'initiator',
    start: () => startInitiator(parameters),
    transition: (state, event) => initiatorTransition(parameters, state, event),
    awaits: ({ state }) => initiatorAwaits[state],
    secrets: (state: InitiatorState<Bytes>) => initiatorSecrets(state),
  });
}

/** The responder of one handshake (section 3). @throws ConfigurationError */
export function responder(options: ResponderOptions): Handshake {
  const setting = settle(options);
  const { ephemeralEncapsulation, initialVector, encapsulation } = options.coins ?? {};
  const coins = {
    ephemeralEncapsulation: coinOf('ephemeralEncapsulation', ephemeralEncapsulation, sizes.encapsulationCoins),
    initialVector: coinOf('initialVector', initialVector, sizes.initialVector),
    encapsulation: coinOf('encapsulation', encapsulation, sizes.encapsulationCoins),
  };
  setting.owned.push(...octetsOf(coins.ephemeralEncapsulation), ...octetsOf(coins.encapsulation));
  const parameters = { ...setting.parameters, coins };
  return drive<LiveResponder<Bytes>>(setting, options, {
    role: 'responder',
    start: () => startResponder(),
    transition: (state, event) => responderTransition(parameters, state, event),
    awaits: ({ state }) => responderAwaits[state],
    secrets: (state: ResponderState<Bytes>) => responderSecrets(state),
  });
}

interface Setting {
  readonly suite: Suite;
  readonly bytes: BytesAlgebra;
  readonly judge: Acceptance;
  /** Told when `k_session` is released; does nothing without a key log. */
  readonly released: (sessionKey: SessionKey<Bytes>) => void;
  /** Copies of secrets that were given, wiped at the end of the handshake: what their owner does to them is its own affair. */
  readonly owned: Bytes[];
  readonly parameters: Omit<Parameters<typeof startInitiator<Bytes>>[0], 'coins'>;
}

/** Coins that were given. */
const octetsOf = (coins: CoinsOrOwn<Bytes>): Bytes[] => (coins === 'own' ? [] : [coins]);

function settle(options: HandshakeOptions): Setting {
  const suite = options.suite ?? noble;
  checkOptions(suite, options);
  const { credentials } = options;
  const preSharedSecret = options.preSharedSecret && secretCopy(options.preSharedSecret);
  const chosen = chosenReading(options.reading);
  const { reading, released } =
    options.keyLog === undefined ? { reading: chosen, released: () => {} } : loggedReading(chosen, options.keyLog);
  const judge = acceptance(suite, options);
  const bytes = bytesAlgebra(suite, judge);
  return {
    suite,
    bytes,
    judge,
    released,
    owned: preSharedSecret === undefined ? [] : [preSharedSecret],
    parameters: {
      algebra: bytes.algebra,
      reading,
      schedule: options.schedule ?? 'eager',
      certificate: credentials.certificate.octets as Certificate<Bytes>,
      decapsulationKey: credentials.decapsulationKey,
      preSharedSecret: preSharedSecret as PreSharedSecret<Bytes> | undefined,
    },
  };
}

function drive<L extends { readonly state: string }>(
  { suite, bytes, judge, released: tellReleased, owned }: Setting,
  { afterwards = 'keep' }: HandshakeOptions,
  machine: Machine<L>,
): Handshake {
  const inbox = reader(suite.algorithms.kem);
  let live: L | undefined;
  let outcome: Outcome | undefined;
  let late: Outcome | undefined; // `fail` after it completed

  /** Performs the effects of a transition, moves to its state, and wipes what that state does not hold. */
  function move({ state, effects }: Transition<Bytes, L | Completed | Aborted>): Outgoing[] {
    const send: Outgoing[] = [];
    for (const effect of effects) perform(effect, send);
    live = state.state === 'completed' || state.state === 'aborted' ? undefined : (state as L);
    bytes.retain(machine.secrets(state));
    if (live === undefined) wipe(...owned);
    return send;
  }

  function perform(effect: Effect<Bytes>, send: Outgoing[]): void {
    switch (effect.effect) {
      case 'send':
        send.push({ message: effect.message.type, octets: bytes.algebra.message(effect.message) });
        return;
      case 'abort':
        outcome = { status: 'failed', failure: effect.failure, ...judge.thrown() };
        return;
      case 'release': {
        const rest = inbox.rest();
        if (afterwards === 'refuse' && rest.length > 0) {
          outcome = { status: 'failed', failure: failure('trailing-octets', 4, `${rest.length}`) };
          return;
        }
        tellReleased(effect.sessionKey);
        outcome = {
          status: 'completed',
          session: sessionOf(suite, machine.role, judge.peer(), effect.sessionKey), // which copies the key
          rest,
        };
      }
    }
  }

  function standing(): Outcome {
    if (judge.isJudging()) throw new TypeError('expectedPeer: the predicate called the handshake that asks it');
    if (outcome !== undefined) return outcome;
    if (live === undefined) throw new TypeError('the handshake was not started');
    return { status: 'awaiting', ...machine.awaits(live) };
  }

  function consume(): Omit<Progress, 'outcome'> {
    const send: Outgoing[] = [];
    const received: { message: MessageName; octets: number }[] = [];
    while (live !== undefined) {
      const taken = inbox.take(machine.awaits(live).message);
      if (taken === 'incomplete') break;
      if (!taken.ok) {
        send.push(...move(machine.transition(live, { event: 'fault', code: taken.code })));
        break;
      }
      const { message, octets } = taken.value;
      bytes.note(message, octets);
      received.push({ message: message.type, octets: octets.length });
      send.push(...move(machine.transition(live, { event: 'receive', message })));
    }
    return { received, send };
  }

  return {
    role: machine.role,
    start: () => {
      if (live !== undefined || outcome !== undefined) throw new TypeError('a handshake can be started once');
      const send = move(machine.start());
      return { received: [], send, outcome: standing() };
    },
    receive: (octets) => {
      standing();
      if (live !== undefined) inbox.push(octets);
      return { ...consume(), outcome: standing() };
    },
    fail: (code, detail) => {
      if (live === undefined && outcome === undefined) {
        outcome = { status: 'failed', failure: failure(code, 1, detail) };
        wipe(...owned);
      } else if (outcome?.status === 'completed') late ??= { status: 'failed', failure: failure(code, 4, detail) };
      if (live !== undefined) move(machine.transition(live, { event: 'fault', code, ...(detail && { detail }) }));
      return { received: [], send: [], outcome: standing() };
    },
    standing: () => late ?? standing(),
  };
}
