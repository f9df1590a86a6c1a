// The responder (section 3). Each arrow is the message awaited / the message sent; [held] messages wait when the schedule
// lets the initiator speak first.
//
//   start             ->  awaitingInitiatorHello
//   1          / 2 4  ->  awaitingInitiatorCertificate
//   3     / [4]  6    ->  awaitingInitiatorEncapsulation
//   5     / [6]  8    ->  awaitingInitiatorConfirmation
//   7     / [8]       ->  completed (k_session released), or aborted for identity
//   anything else     ->  aborted, silently
import { match } from 'ts-pattern';
import type { VerifiedCertificate } from '../algebra/algebra.ts';
import type { HidingKey, SharedSecret } from '../generated/kinds.ts';
import type {
  InitiatorCertificate,
  InitiatorEncapsulation,
  InitiatorHello,
  ResponderCertificate,
  ResponderConfirmation,
  ResponderEncapsulation,
  ResponderHello,
} from '../generated/messages.ts';
import { coinFor } from './hedging.ts';
import { type ResponderParameters, speaksFirst } from './parameters.ts';
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

/** Before message 1. Holds no secrets of the handshake. */
export interface AwaitingInitiatorHello {
  readonly state: 'awaitingInitiatorHello';
}

/** Knows `k_hid`. A leak reveals `ss_e` and `k_hid`: both certificates; forward secrecy is lost. */
export interface AwaitingInitiatorCertificate<O> {
  readonly state: 'awaitingInitiatorCertificate';
  readonly ephemeralSecret: SharedSecret<O>;
  readonly hidingKey: HidingKey<O>;
  readonly initiatorHello: InitiatorHello<O>;
  readonly responderHello: ResponderHello<O>;
  readonly responderCertificate: ResponderCertificate<O>;
  readonly held: ResponderCertificate<O> | undefined;
}

/** Knows the initiator. A leak reveals `ss_r` too: whoever has it can finish as the initiator. */
export interface AwaitingInitiatorEncapsulation<O> {
  readonly state: 'awaitingInitiatorEncapsulation';
  readonly ephemeralSecret: SharedSecret<O>;
  readonly responderSecret: SharedSecret<O>;
  readonly hidingKey: HidingKey<O>;
  readonly peer: VerifiedCertificate<O>;
  readonly sent: readonly [ResponderHello<O>, ResponderCertificate<O>, ResponderEncapsulation<O>];
  readonly received: readonly [InitiatorHello<O>, InitiatorCertificate<O>];
  readonly held: ResponderEncapsulation<O> | undefined;
}

/** Derived. A leak reveals `k_session` and lets the initiator's confirmation be forged. */
export interface AwaitingInitiatorConfirmation<O> extends AwaitedConfirmation<O> {
  readonly state: 'awaitingInitiatorConfirmation';
  readonly held: ResponderConfirmation<O> | undefined;
}

/** The states in which the responder awaits a message. */
export type LiveResponder<O> =
  | AwaitingInitiatorHello
  | AwaitingInitiatorCertificate<O>
  | AwaitingInitiatorEncapsulation<O>
  | AwaitingInitiatorConfirmation<O>;

export type ResponderState<O> = LiveResponder<O> | Completed | Aborted;

type Parameters<O> = ResponderParameters<O>;
type Next<O> = Transition<O, ResponderState<O>>;

/** Starts a handshake: waits for message 1. */
export const startResponder = <O>(): Transition<O, LiveResponder<O>> => ({
  state: { state: 'awaitingInitiatorHello' },
  effects: [],
});

/** The message that each state awaits, and its step. */
export const responderAwaits = {
  awaitingInitiatorHello: { message: 'initiatorHello', step: 1 },
  awaitingInitiatorCertificate: { message: 'initiatorCertificate', step: 1 },
  awaitingInitiatorEncapsulation: { message: 'initiatorEncapsulation', step: 2 },
  awaitingInitiatorConfirmation: { message: 'initiatorConfirmation', step: 4 },
} as const satisfies Record<LiveResponder<unknown>['state'], Awaited>;

/** The secrets that a state holds: its leak reveals them, and leaving it wipes them (PQ-P-10). */
export function responderSecrets<O>(s: ResponderState<O>): readonly Secret<O>[] {
  switch (s.state) {
    case 'awaitingInitiatorHello':
      return [];
    case 'awaitingInitiatorCertificate':
      return [s.ephemeralSecret, s.hidingKey];
    case 'awaitingInitiatorEncapsulation':
      return [s.ephemeralSecret, s.responderSecret, s.hidingKey];
    case 'awaitingInitiatorConfirmation':
      return [s.peerConfirmationKey, s.sessionKey];
    case 'completed':
    case 'aborted':
      return [];
  }
}

/** The responder's transition: the message awaited moves on, anything else aborts. */
export const responderTransition = <O>(p: Parameters<O>, state: LiveResponder<O>, event: Event<O>): Next<O> =>
  match(state)
    .returnType<Next<O>>()
    .with({ state: 'awaitingInitiatorHello' }, (s) =>
      expecting(event, responderAwaits[s.state], (message) => onInitiatorHello(p, message)),
    )
    .with({ state: 'awaitingInitiatorCertificate' }, (s) =>
      expecting(event, responderAwaits[s.state], (message) => onInitiatorCertificate(p, s, message)),
    )
    .with({ state: 'awaitingInitiatorEncapsulation' }, (s) =>
      expecting(event, responderAwaits[s.state], (message) => onInitiatorEncapsulation(p, s, message)),
    )
    .with({ state: 'awaitingInitiatorConfirmation' }, (s) =>
      expecting(event, responderAwaits[s.state], (message) => conclude(p, s, message.confirmation)),
    )
    .exhaustive();

/** Step 1, Confidential link: `(ct_e, ss_e)`, `k_hid`, `e_cert_r` (section 3.2, PQ-3.1-02, PQ-3.2-05, PQ-3-20). */
function onInitiatorHello<O>(p: Parameters<O>, initiatorHello: InitiatorHello<O>): Next<O> {
  const { algebra, reading, preSharedSecret } = p;
  // 3.1: (ct_e, ss_e) = KEM.encap(pk_e)
  const encapsulationKey = initiatorHello.ephemeralKey;
  const coins = coinFor(p, 'ephemeralEncapsulation', [encapsulationKey]);
  const encapsulated = algebra.encapsulate({ encapsulationKey, coins });
  if (!encapsulated.ok) return abort(1, encapsulated.code, encapsulated.detail);
  const { ciphertext: ephemeralCiphertext, sharedSecret: ephemeralSecret } = encapsulated.value;
  const responderHello: ResponderHello<O> = { type: 'responderHello', ephemeralCiphertext };
  // 3.2.1 with ss_pre, 3.2.2 without: k_hid
  const hidingKey = reading.hidingKey(algebra, { preSharedSecret, ephemeralSecret, initiatorHello, responderHello });
  const initialVector = algebra.initialVector({ coins: coinFor(p, 'initialVector', [hidingKey]) });
  // 3.2.4: e_cert_r = Enc(k_hid, cert_r)
  const responderCertificate: ResponderCertificate<O> = {
    type: 'responderCertificate',
    ...sealCertificate(p, 'responderCertificate', hidingKey, initialVector),
  };
  const { effects, held } = speak<O, ResponderCertificate<O>>(
    speaksFirst(p.schedule, 'responder'),
    responderCertificate,
  );
  const state = 'awaitingInitiatorCertificate';
  return {
    state: { state, ephemeralSecret, hidingKey, initiatorHello, responderHello, responderCertificate, held },
    effects: [{ effect: 'send', message: responderHello }, ...effects],
  };
}

/** Step 2, Encapsulation: validates `cert_i`, then `(ct_r, ss_r)` (section 3.3, PQ-3.1-06, PQ-3.1-09). */
function onInitiatorCertificate<O>(
  p: Parameters<O>,
  s: AwaitingInitiatorCertificate<O>,
  initiatorCertificate: InitiatorCertificate<O>,
): Next<O> {
  const { ephemeralSecret, hidingKey } = s;
  // 3.3.2: (ct_r, ss_r) = KEM.encap(pk_i)
  const admitted = admitPeer(p, hidingKey, initiatorCertificate);
  if (!admitted.ok) return abort(2, admitted.code, admitted.detail);
  const { peer, sharedSecret: responderSecret } = admitted.value;
  const type = 'responderEncapsulation';
  const ciphertext = p.algebra.conveyCiphertext({ type, hidingKey, ciphertext: admitted.value.ciphertext });
  const message: ResponderEncapsulation<O> = { type, ciphertext };
  const spoken = speak<O, ResponderEncapsulation<O>>(speaksFirst(p.schedule, 'responder'), message);
  const state = 'awaitingInitiatorEncapsulation';
  const sent = [s.responderHello, s.responderCertificate, message] as const;
  const received = [s.initiatorHello, initiatorCertificate] as const;
  return {
    state: { state, ephemeralSecret, responderSecret, hidingKey, peer, sent, received, held: spoken.held },
    effects: [...unhold(s.held), ...spoken.effects],
  };
}

/** Step 3, Derivation: `ss_i`, then the keys (section 3.4, PQ-3.1-11). Step 4, Confirmation: `C_r` (section 3.5). */
function onInitiatorEncapsulation<O>(
  p: Parameters<O>,
  s: AwaitingInitiatorEncapsulation<O>,
  initiatorEncapsulation: InitiatorEncapsulation<O>,
): Next<O> {
  const { algebra, decapsulationKey } = p;
  const { ephemeralSecret, responderSecret, hidingKey, peer } = s;
  // 3.4: ss_i = KEM.decap(ct_i, sk_r)
  const ciphertext = algebra.receiveCiphertext({ ...initiatorEncapsulation, hidingKey });
  if (!ciphertext.ok) return abort(2, ciphertext.code, ciphertext.detail);
  const initiatorSecret = algebra.decapsulate({ decapsulationKey, ciphertext: ciphertext.value });
  // 3.4.2: k_C_i, k_C_r, k_session
  const derived = deriveKeys(
    p,
    { ephemeralSecret, initiatorSecret, responderSecret, hidingKey },
    { initiator: [...s.received, initiatorEncapsulation], responder: s.sent },
  );
  const { initiatorConfirmationKey, responderConfirmationKey, sessionKey, hashes } = derived;
  // 3.5.2: C_r = HMAC(k_C_r, h_i || h_r)
  const message: ResponderConfirmation<O> = {
    type: 'responderConfirmation',
    confirmation: confirmationOf(p, responderConfirmationKey, hashes),
  };
  const { effects, held } = speak<O, ResponderConfirmation<O>>(speaksFirst(p.schedule, 'responder'), message);
  const state = 'awaitingInitiatorConfirmation';
  return {
    state: { state, peerConfirmationKey: initiatorConfirmationKey, hashes, sessionKey, peer, held },
    effects: [...unhold(s.held), ...effects],
  };
}
