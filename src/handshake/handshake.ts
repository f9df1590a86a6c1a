// One handshake on octets: connects wire, protocol, the bytes algebra and certificates. It has no sockets and no clock.

import type { CoinsOrOwn } from '../algebra/algebra.ts';
import { type BytesAlgebra, bytesAlgebra } from '../algebra/bytes.ts';
import type { Peer } from '../certificate/peerNames.ts';
import { noble } from '../crypto/noble.ts';
import { secretCopy, wipe } from '../crypto/secret.ts';
import type { Suite } from '../crypto/suite.ts';
import { type Failure, type FailureCode, failure, type Step } from '../failure.ts';
import type { KemSizes } from '../generated/codec.ts';
import { sizes } from '../generated/constants.ts';
import type { Certificate, PreSharedSecret, SessionKey } from '../generated/kinds.ts';
import type { MessageName } from '../generated/messages.ts';
import type { Bytes } from '../octets.ts';
import { initiatorMachine, type Machine, responderMachine } from '../protocol/machine.ts';
import type { InitiatorParameters, Role } from '../protocol/parameters.ts';
import { type Acceptance, acceptance, type PresentedCertificate } from './acceptance.ts';
import { driver, type End, type Exchange, type Outgoing } from './driver.ts';
import { hedgeOn, staticKeyBehind } from './hedging.ts';
import { loggedReading } from './keyLog.ts';
import {
  checkOptions,
  chosenHedging,
  chosenProposals,
  chosenReading,
  coinOf,
  type HandshakeOptions,
  type InitiatorOptions,
  type ResponderOptions,
} from './options.ts';
import { type Session, sessionOf } from './session.ts';

export type { Outgoing, PresentedCertificate };

/** The state of a handshake, for its caller. */
export type Outcome =
  | {
      readonly status: 'awaiting';
      readonly message: MessageName;
      readonly step: Step;
      /** What the peer's certificate states, once it could be read. */
      readonly presented?: PresentedCertificate;
    }
  | { readonly status: 'completed'; readonly session: Session; readonly rest: Bytes }
  | {
      readonly status: 'failed';
      readonly failure: Failure;
      /** What the peer's certificate states, if it came and could be read. For the local log: nobody may vouch for it. */
      readonly presented?: PresentedCertificate;
      /** The error that the predicate `expectedPeer` threw, if any. */
      readonly cause?: unknown;
    };

/**
 * The result of a call: messages received from the peer, messages to send, in this order, and the state of the
 * handshake.
 */
export interface Progress extends Exchange {
  readonly outcome: Outcome;
}

/** One role of one handshake. After it completed or failed, nothing changes any more and nothing is sent. */
export interface Handshake {
  readonly role: Role;
  /** Must be called once, first. Returns message 1 of the initiator; nothing for the responder. */
  readonly start: () => Progress;
  /** Takes octets from the peer, in any segmentation. */
  readonly receive: (octets: Bytes) => Progress;
  /**
   * Reports a failure below the protocol: a timeout, the transport. Aborts a handshake that is under way or was not
   * started.
   * @throws TypeError when the predicate `expectedPeer` calls it
   */
  readonly fail: (code: FailureCode, detail?: string) => Progress;
  /**
   * The state while messages of the last result are still to be sent: as in that result, but failed after a call of
   * `fail`, even when the handshake had completed by then.
   */
  readonly standing: () => Outcome;
}

/** The initiator of one handshake (section 3). @throws ConfigurationError */
export function initiator(options: InitiatorOptions): Handshake {
  const setting = settle('initiator', options);
  const { ephemeralKey, initialVector, encapsulation } = options.coins ?? {};
  const coins = {
    ephemeralKey: coinOf('ephemeralKey', ephemeralKey, sizes.keySeed),
    initialVector: coinOf('initialVector', initialVector, sizes.initialVector),
    encapsulation: coinOf('encapsulation', encapsulation, sizes.encapsulationCoins),
  };
  setting.owned.push(...octetsOf(coins.ephemeralKey), ...octetsOf(coins.encapsulation));
  return handshake(setting, options, initiatorMachine({ ...setting.parameters, coins }));
}

/** The responder of one handshake (section 3). @throws ConfigurationError */
export function responder(options: ResponderOptions): Handshake {
  const setting = settle('responder', options);
  const { ephemeralEncapsulation, initialVector, encapsulation } = options.coins ?? {};
  const coins = {
    ephemeralEncapsulation: coinOf('ephemeralEncapsulation', ephemeralEncapsulation, sizes.encapsulationCoins),
    initialVector: coinOf('initialVector', initialVector, sizes.initialVector),
    encapsulation: coinOf('encapsulation', encapsulation, sizes.encapsulationCoins),
  };
  setting.owned.push(...octetsOf(coins.ephemeralEncapsulation), ...octetsOf(coins.encapsulation));
  return handshake(setting, options, responderMachine({ ...setting.parameters, coins }));
}

interface Setting {
  readonly suite: Suite;
  /** The octets that the messages have. */
  readonly kem: KemSizes;
  readonly bytes: BytesAlgebra<Peer>;
  readonly judge: Acceptance;
  /** Called when `k_session` is released; does nothing without a key log. */
  readonly released: (sessionKey: SessionKey<Bytes>) => void;
  /** Copies of the caller's secrets, and `k_h`: wiped at the end of the handshake. The caller owns the originals. */
  readonly owned: Bytes[];
  readonly parameters: Omit<InitiatorParameters<Bytes>, 'coins'>;
}

/** The coins of the caller, if any. */
const octetsOf = (coins: CoinsOrOwn<Bytes>): Bytes[] => (coins === 'own' ? [] : [coins]);

function settle(role: Role, options: HandshakeOptions): Setting {
  const suite = options.suite ?? noble;
  checkOptions(suite, options);
  const { credentials } = options;
  const covers = chosenHedging(options);
  const key = credentials.decapsulationKey;
  const preSharedSecret = options.preSharedSecret && secretCopy(options.preSharedSecret);
  const proposals = chosenProposals(suite, options);
  const chosen = proposals.reading(chosenReading(options.reading));
  const { reading, released } =
    options.keyLog === undefined ? { reading: chosen, released: () => {} } : loggedReading(chosen, options.keyLog);
  const judge = acceptance(suite, options);
  const kem = proposals.kem(suite.algorithms.kem);
  const bytes = bytesAlgebra(suite, judge, kem);
  const owned = preSharedSecret === undefined ? [] : [preSharedSecret];
  return {
    suite,
    kem,
    bytes,
    judge,
    released,
    owned,
    parameters: {
      algebra: proposals.algebra(bytes.algebra, role),
      reading,
      schedule: options.schedule ?? 'eager',
      certificate: credentials.certificate.octets as Certificate<Bytes>,
      decapsulationKey: staticKeyBehind(suite, covers, key),
      preSharedSecret: preSharedSecret as PreSharedSecret<Bytes> | undefined,
      hedge: hedgeOn(suite, covers, { role, key, bytes, owned }),
    },
  };
}

function handshake(
  { suite, kem, bytes, judge, released, owned }: Setting,
  { afterwards = 'keep' }: HandshakeOptions,
  machine: Machine<Bytes>,
): Handshake {
  const { algebra, retain, subjectOf } = bytes;
  const { role } = machine;
  const driven = driver({ machine, algebra, retain, kem, onEnd });
  let outcome: Outcome | undefined;
  let late: Outcome | undefined; // `fail` was called after completion

  function onEnd(end: End): void {
    outcome = outcomeOf(end);
    wipe(...owned);
  }

  function outcomeOf(end: End): Outcome {
    if (end.effect === 'abort')
      return { status: 'failed', failure: end.failure, ...judge.presented(), ...judge.thrown() };
    const rest = driven.rest();
    if (afterwards === 'refuse' && rest.length > 0) {
      return { status: 'failed', failure: failure('trailing-octets', 4, `${rest.length}`), ...judge.presented() };
    }
    released(end.sessionKey);
    const session = sessionOf(suite, role, subjectOf(end.peer), end.sessionKey); // copies the key
    return { status: 'completed', session, rest };
  }

  function refuseWhileJudging(): void {
    if (judge.isJudging()) throw new TypeError('expectedPeer: the predicate called the handshake that asks it');
  }

  function standing(): Outcome {
    refuseWhileJudging();
    if (outcome !== undefined) return outcome;
    const awaited = driven.awaits();
    if (awaited === undefined) throw new TypeError('the handshake was not started');
    return { status: 'awaiting', ...awaited, ...judge.presented() };
  }

  return {
    role,
    start: () => {
      if (outcome !== undefined) throw new TypeError('a handshake can be started once');
      const { received, send } = driven.start();
      return { received, send, outcome: standing() };
    },
    receive: (octets) => {
      standing();
      const { received, send } = driven.receive(octets);
      return { received, send, outcome: standing() };
    },
    fail: (code, detail) => {
      refuseWhileJudging();
      if (driven.awaits() !== undefined) driven.fail(code, detail);
      else if (outcome === undefined) {
        outcome = { status: 'failed', failure: failure(code, 1, detail) };
        wipe(...owned);
      } else if (outcome.status === 'completed')
        late ??= { status: 'failed', failure: failure(code, 4, detail), ...judge.presented() };
      return { received: [], send: [], outcome: standing() };
    },
    standing: () => late ?? standing(),
  };
}
