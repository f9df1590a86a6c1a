import { match } from 'ts-pattern';
import type { VerifiedCertificate } from '../algebra/algebra.ts';
import { type Failure, type FailureCode, failure, type Step } from '../failure.ts';
import type { SessionKey } from '../generated/kinds.ts';
import type { Message, MessageName } from '../generated/messages.ts';

/** An event at a peer: a message came, or something below the protocol went wrong (framing, time, transport). */
export type Event<O> =
  | { readonly event: 'receive'; readonly message: Message<O> }
  | { readonly event: 'fault'; readonly code: FailureCode; readonly detail?: string };

/** An effect that a transition asks for, in order. There is no effect that tells the peer of a failure. */
export type Effect<O> =
  | { readonly effect: 'send'; readonly message: Message<O> }
  | { readonly effect: 'release'; readonly sessionKey: SessionKey<O>; readonly peer: VerifiedCertificate<O> }
  | { readonly effect: 'abort'; readonly failure: Failure };

/** The message that a state awaits, and the step that it belongs to. */
export interface Awaited {
  readonly message: MessageName;
  readonly step: Step;
}

/** Both confirmations are done and the session key was released. */
export interface Completed {
  readonly state: 'completed';
}

/** The handshake failed. Nothing is sent from here. */
export interface Aborted {
  readonly state: 'aborted';
}

/** The next state, and the effects in their order. */
export interface Transition<O, S> {
  readonly state: S;
  readonly effects: readonly Effect<O>[];
}

/** Aborts: forgets everything, sends nothing, whatever the reason (PQ-3-04, PQ-3-11, PQ-P-02, PQ-P-03). */
export const abort = <O>(step: Step, code: FailureCode, detail?: string): Transition<O, Aborted> => ({
  state: { state: 'aborted' },
  effects: [{ effect: 'abort', failure: failure(code, step, detail) }],
});

/** A message of a type. */
type MessageOf<O, N extends MessageName> = Extract<Message<O>, { readonly type: N }>;

const isOf = <O, N extends MessageName>(message: Message<O>, type: N): message is MessageOf<O, N> =>
  message.type === type;

/** Goes on with the message awaited; aborts for any other one (PQ-3-05, PQ-P-01), and for a fault. */
export const expecting = <O, N extends MessageName, S>(
  event: Event<O>,
  awaited: { readonly message: N; readonly step: Step },
  next: (message: MessageOf<O, N>) => Transition<O, S>,
): Transition<O, S | Aborted> =>
  match(event)
    .returnType<Transition<O, S | Aborted>>()
    .with({ event: 'fault' }, ({ code, detail }) => abort(awaited.step, code, detail))
    .with({ event: 'receive' }, ({ message }) =>
      isOf(message, awaited.message)
        ? next(message)
        : abort(awaited.step, 'unexpected-message', `got ${message.type}, awaited ${awaited.message}`),
    )
    .exhaustive();

/** A message that is ready: sent now, or held until the peer's message of the same step has come. */
export interface Spoken<O, M extends Message<O>> {
  readonly effects: readonly Effect<O>[];
  readonly held: M | undefined;
}

/** Sends a message when it is one's turn, else holds it. */
export const speak = <O, M extends Message<O>>(first: boolean, message: M): Spoken<O, M> =>
  first ? { effects: [{ effect: 'send', message }], held: undefined } : { effects: [], held: message };

/** Sends the message that was held, if one was. */
export const unhold = <O>(held: Message<O> | undefined): readonly Effect<O>[] =>
  held === undefined ? [] : [{ effect: 'send', message: held }];
