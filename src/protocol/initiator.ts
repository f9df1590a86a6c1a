// The initiator (section 3). Each arrow is the message awaited / the message sent; [held] messages wait when the schedule
// lets the responder speak first.
//
//   start        / 1  ->  awaitingResponderHello
//   2            / 3  ->  awaitingResponderCertificate
//   4     / [3]  5    ->  awaitingResponderEncapsulation
//   6     / [5]  7    ->  awaitingResponderConfirmation
//   8     / [7]       ->  completed (k_session released), or aborted for identity
//   anything else     ->  aborted, silently
import { match } from 'ts-pattern';
import type { DecapsulationKey, VerifiedCertificate } from '../algebra/algebra.ts';
import type { HidingKey, SharedSecret } from '../generated/kinds.ts';
import type {
  InitiatorCertificate,
  InitiatorConfirmation,
  InitiatorEncapsulation,
  InitiatorHello,
  ResponderCertificate,
  ResponderEncapsulation,
  ResponderHello,
} from '../generated/messages.ts';
import { coinFor } from './hedging.ts';
import { type InitiatorParameters, speaksFirst } from './parameters.ts';
import {
  type AwaitedConfirmation,
  admitPeer,
  conclude,
  confirmationOf,
  deriveKeys,
  type Secret,
  sealCertificate,
} from './steps.ts';
import {
  type Aborted,
  type Awaited,
  abort,
  type Completed,
  type Event,
  expecting,
  speak,
  type Transition,
  unhold,
} from './transition.ts';

/** Sent 1. A leak reveals `sk_e`: with the recorded rest, `ss_e` and the certificates; forward secrecy is lost. */
export interface AwaitingResponderHello<O> {
  readonly state: 'awaitingResponderHello';
  readonly ephemeralKey: DecapsulationKey<O>;
  readonly initiatorHello: InitiatorHello<O>;
}

/** Knows `k_hid`. A leak reveals `ss_e` and `k_hid`: both certificates; forward secrecy is lost. */
export interface AwaitingResponderCertificate<O> {
  readonly state: 'awaitingResponderCertificate';
  readonly ephemeralSecret: SharedSecret<O>;
  readonly hidingKey: HidingKey<O>;
  readonly initiatorHello: InitiatorHello<O>;
  readonly responderHello: ResponderHello<O>;
  readonly initiatorCertificate: InitiatorCertificate<O>;
  readonly held: InitiatorCertificate<O> | undefined;
}

/** Knows the responder. A leak reveals `ss_i` too: whoever has it can finish as the responder. */
export interface AwaitingResponderEncapsulation<O> {
  readonly state: 'awaitingResponderEncapsulation';
  readonly ephemeralSecret: SharedSecret<O>;
  readonly initiatorSecret: SharedSecret<O>;
  readonly hidingKey: HidingKey<O>;
  readonly peer: VerifiedCertificate<O>;
  readonly sent: readonly [InitiatorHello<O>, InitiatorCertificate<O>, InitiatorEncapsulation<O>];
  readonly received: readonly [ResponderHello<O>, ResponderCertificate<O>];
  readonly held: InitiatorEncapsulation<O> | undefined;
}

/** Derived. A leak reveals `k_session` and lets the responder's confirmation be forged. */
export interface AwaitingResponderConfirmation<O> extends AwaitedConfirmation<O> {
  readonly state: 'awaitingResponderConfirmation';
  readonly held: InitiatorConfirmation<O> | undefined;
}

/** The states in which the initiator awaits a message. */
export type LiveInitiator<O> =
  | AwaitingResponderHello<O>
  | AwaitingResponderCertificate<O>
  | AwaitingResponderEncapsulation<O>
  | AwaitingResponderConfirmation<O>;

export type InitiatorState<O> = LiveInitiator<O> | Completed | Aborted;

type Parameters<O> = InitiatorParameters<O>;
type Next<O> = Transition<O, InitiatorState<O>>;

/** Step 1: `(sk_e, pk_e) = KEM.keygen()`, sends message 1 (section 3.1, PQ-3.1-01, PQ-4.2-01, PQ-4.2.1-04). */
export function startInitiator<O>(p: Parameters<O>): Transition<O, LiveInitiator<O>> {
  const ephemeralKey = p.algebra.generateKeyPair({ coins: coinFor(p, 'ephemeralKey') });
  const initiatorHello: InitiatorHello<O> = { type: 'initiatorHello', ephemeralKey: ephemeralKey.encapsulationKey };
  return {
    state: { state: 'awaitingResponderHello', ephemeralKey, initiatorHello },
    effects: [{ effect: 'send', message: initiatorHello }],
  };
}

/** The message that each state awaits, and its step. */
export const initiatorAwaits = {
  awaitingResponderHello: { message: 'responderHello', step: 1 },
  awaitingResponderCertificate: { message: 'responderCertificate', step: 1 },
  awaitingResponderEncapsulation: { message: 'responderEncapsulation', step: 2 },
  awaitingResponderConfirmation: { message: 'responderConfirmation', step: 4 },
} as const satisfies Record<LiveInitiator<unknown>['state'], Awaited>;

/** The secrets that a state holds: its leak reveals them, and leaving it wipes them (PQ-P-10). */
export function initiatorSecrets<O>(s: InitiatorState<O>): readonly Secret<O>[] {
  switch (s.state) {
    case 'awaitingResponderHello':
      return [s.ephemeralKey];
    case 'awaitingResponderCertificate':
      return [s.ephemeralSecret, s.hidingKey];
    case 'awaitingResponderEncapsulation':
      return [s.ephemeralSecret, s.initiatorSecret, s.hidingKey];
    case 'awaitingResponderConfirmation':
      return [s.peerConfirmationKey, s.sessionKey];
    case 'completed':
    case 'aborted':
      return [];
  }
}

/** The initiator's transition: the message awaited moves on, anything else aborts. */
export const initiatorTransition = <O>(p: Parameters<O>, state: LiveInitiator<O>, event: Event<O>): Next<O> =>
  match(state)
    .returnType<Next<O>>()
    .with({ state: 'awaitingResponderHello' }, (s) =>
      expecting(event, initiatorAwaits[s.state], (message) => onResponderHello(p, s, message)),
    )
    .with({ state: 'awaitingResponderCertificate' }, (s) =>
      expecting(event, initiatorAwaits[s.state], (message) => onResponderCertificate(p, s, message)),
    )
    .with({ state: 'awaitingResponderEncapsulation' }, (s) =>
      expecting(event, initiatorAwaits[s.state], (message) => onResponderEncapsulation(p, s, message)),
    )
    .with({ state: 'awaitingResponderConfirmation' }, (s) =>
      expecting(event, initiatorAwaits[s.state], (message) => conclude(p, s, message.confirmation)),
    )
    .exhaustive();

/**
 * Step 1, Confidential link: `ss_e`, `k_hid`, `e_cert_i` (section 3.2, PQ-3.1-03, PQ-3.2-01, PQ-3.2-05, PQ-3-20). A wrong
 * `ct_e` shows only later (PQ-P-20).
 */
function onResponderHello<O>(
  p: Parameters<O>,
  { ephemeralKey, initiatorHello }: AwaitingResponderHello<O>,
  responderHello: ResponderHello<O>,
): Next<O> {
  const { algebra, reading, preSharedSecret } = p;
  const ciphertext = responderHello.ephemeralCiphertext;
  // 3.2: ss_e = KEM.decap(ct_e, sk_e)
  const ephemeralSecret = algebra.decapsulate({ decapsulationKey: ephemeralKey, ciphertext });
  // 3.2.1 with ss_pre, 3.2.2 without: k_hid
  const hidingKey = reading.hidingKey(algebra, { preSharedSecret, ephemeralSecret, initiatorHello, responderHello });
  const initialVector = algebra.initialVector({ coins: coinFor(p, 'initialVector', [hidingKey]) });
  // 3.2.3: e_cert_i = Enc(k_hid, cert_i)
  const initiatorCertificate: InitiatorCertificate<O> = {
    type: 'initiatorCertificate',
    ...sealCertificate(p, 'initiatorCertificate', hidingKey, initialVector),
  };
  const { effects, held } = speak<O, InitiatorCertificate<O>>(
    speaksFirst(p.schedule, 'initiator'),
    initiatorCertificate,
  );
  const state = 'awaitingResponderCertificate';
  return {
    state: { state, ephemeralSecret, hidingKey, initiatorHello, responderHello, initiatorCertificate, held },
    effects,
  };
}

/** Step 2, Encapsulation: validates `cert_r`, then `(ct_i, ss_i)` (section 3.3, PQ-3.1-05, PQ-3.1-08). */
function onResponderCertificate<O>(
  p: Parameters<O>,
  s: AwaitingResponderCertificate<O>,
  responderCertificate: ResponderCertificate<O>,
): Next<O> {
  const { ephemeralSecret, hidingKey } = s;
  // 3.3.1: (ct_i, ss_i) = KEM.encap(pk_r)
  const admitted = admitPeer(p, hidingKey, responderCertificate);
  if (!admitted.ok) return abort(2, admitted.code, admitted.detail);
  const { peer, sharedSecret: initiatorSecret } = admitted.value;
  const type = 'initiatorEncapsulation';
  const ciphertext = p.algebra.conveyCiphertext({ type, hidingKey, ciphertext: admitted.value.ciphertext });
  const message: InitiatorEncapsulation<O> = { type, ciphertext };
  const spoken = speak<O, InitiatorEncapsulation<O>>(speaksFirst(p.schedule, 'initiator'), message);
  const state = 'awaitingResponderEncapsulation';
  const sent = [s.initiatorHello, s.initiatorCertificate, message] as const;
  const received = [s.responderHello, responderCertificate] as const;
  return {
    state: { state, ephemeralSecret, initiatorSecret, hidingKey, peer, sent, received, held: spoken.held },
    effects: [...unhold(s.held), ...spoken.effects],
  };
}

/** Step 3, Derivation: `ss_r`, then the keys (section 3.4, PQ-3.1-10). Step 4, Confirmation: `C_i` (section 3.5). */
function onResponderEncapsulation<O>(
  p: Parameters<O>,
  s: AwaitingResponderEncapsulation<O>,
  responderEncapsulation: ResponderEncapsulation<O>,
): Next<O> {
  const { algebra, decapsulationKey } = p;
  const { ephemeralSecret, initiatorSecret, hidingKey, peer } = s;
  // 3.4: ss_r = KEM.decap(ct_r, sk_i)
  const ciphertext = algebra.receiveCiphertext({ ...responderEncapsulation, hidingKey });
  if (!ciphertext.ok) return abort(2, ciphertext.code, ciphertext.detail);
  const responderSecret = algebra.decapsulate({ decapsulationKey, ciphertext: ciphertext.value });
  // 3.4.1: k_C_i, k_C_r, k_session
  const derived = deriveKeys(
    p,
    { ephemeralSecret, initiatorSecret, responderSecret, hidingKey },
    { initiator: s.sent, responder: [...s.received, responderEncapsulation] },
  );
  const { initiatorConfirmationKey, responderConfirmationKey, sessionKey, hashes } = derived;
  // 3.5.1: C_i = HMAC(k_C_i, h_i || h_r)
  const message: InitiatorConfirmation<O> = {
    type: 'initiatorConfirmation',
    confirmation: confirmationOf(p, initiatorConfirmationKey, hashes),
  };
  const { effects, held } = speak<O, InitiatorConfirmation<O>>(speaksFirst(p.schedule, 'initiator'), message);
  const state = 'awaitingResponderConfirmation';
  return {
    state: { state, peerConfirmationKey: responderConfirmationKey, hashes, sessionKey, peer, held },
    effects: [...unhold(s.held), ...effects],
  };
}
