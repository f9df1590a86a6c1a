// A peer that is asked only for what it does next: the state machines of src/protocol behind one door, whatever the octets are.
import type { Message, MessageName } from '../generated/messages.ts';
import {
  type AwaitingResponderCertificate,
  initiatorAwaits,
  initiatorSecrets,
  initiatorTransition,
  startInitiator,
} from './initiator.ts';
import type { InitiatorParameters, ResponderParameters, Role } from './parameters.ts';
import { responderAwaits, responderSecrets, responderTransition, startResponder } from './responder.ts';
import type { AwaitedConfirmation, Secret } from './steps.ts';
import type { Aborted, Awaited, Completed, Effect, Event, Transition } from './transition.ts';

/** What a state holds, where it holds it. */
export type Held<O> = Partial<
  Pick<AwaitingResponderCertificate<O>, 'hidingKey' | 'ephemeralSecret'> & Omit<AwaitedConfirmation<O>, 'held'>
>;

export interface Machine<O> {
  /** What the present state holds; nothing after the end. */
  readonly holds: () => Held<O>;
  /** The secrets that the present state declares: what its leak reveals. */
  readonly secrets: () => readonly Secret<O>[];
  readonly start: () => readonly Effect<O>[];
  /** The message awaited; none when the handshake has ended. */
  readonly awaits: () => MessageName | undefined;
  readonly take: (message: Message<O>) => readonly Effect<O>[];
  /** The transport closes. */
  readonly close: () => readonly Effect<O>[];
}

type Ended = Completed | Aborted;

function drive<O, L extends { readonly state: string }>(
  started: Transition<O, L>,
  awaits: Readonly<Record<L['state'], Awaited>>,
  secrets: (state: L) => readonly Secret<O>[],
  next: (state: L, event: Event<O>) => Transition<O, L | Ended>,
): Machine<O> {
  let live: L | undefined = started.state;
  const on = (event: Event<O>): readonly Effect<O>[] => {
    if (live === undefined) return [];
    const { state, effects } = next(live, event);
    live = isLive(state) ? state : undefined;
    return effects;
  };
  const isLive = (state: L | Ended): state is L => state.state in awaits;
  return {
    holds: () => (live ?? {}) as Held<O>,
    secrets: () => (live === undefined ? [] : secrets(live)),
    start: () => started.effects,
    awaits: () => (live === undefined ? undefined : awaits[live.state as L['state']].message),
    take: (message) => on({ event: 'receive', message }),
    close: () => on({ event: 'fault', code: 'connection-closed' }),
  };
}

/** A role of the implementation; the coins of both roles are there, each takes its own. */
export const machine = <O>(role: Role, p: InitiatorParameters<O> & ResponderParameters<O>): Machine<O> =>
  role === 'initiator'
    ? drive(startInitiator(p), initiatorAwaits, initiatorSecrets, (state, event) =>
        initiatorTransition(p, state, event),
      )
    : drive(startResponder<O>(), responderAwaits, responderSecrets, (state, event) =>
        responderTransition(p, state, event),
      );
