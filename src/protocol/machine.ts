// The machine of a role: start, transition, message awaited and secrets of a role are joined here and nowhere else, whatever
// the octets are. The product, the tester, the adversary, the models, the vectors and the tests all run a role through it.
import type { FailureCode } from '../failure.ts';
import type { Message } from '../generated/messages.ts';
import {
  type AwaitingResponderCertificate,
  type InitiatorState,
  initiatorAwaits,
  initiatorSecrets,
  initiatorTransition,
  startInitiator,
} from './initiator.ts';
import type { InitiatorParameters, ResponderParameters, Role } from './parameters.ts';
import {
  type ResponderState,
  responderAwaits,
  responderSecrets,
  responderTransition,
  startResponder,
} from './responder.ts';
import type { AwaitedConfirmation, Secret } from './steps.ts';
import type { Aborted, Awaited, Completed, Effect, Event, Transition } from './transition.ts';

/** The values that the adversary looks at, in the states that hold them. */
export type Held<O> = Partial<
  Pick<AwaitingResponderCertificate<O>, 'hidingKey' | 'ephemeralSecret'> & Omit<AwaitedConfirmation<O>, 'held'>
>;

/** The name of a state of either role, or that the role was not started. */
export type StateName = InitiatorState<unknown>['state'] | ResponderState<unknown>['state'] | 'unstarted';

/** One role in one handshake. After its end it asks for nothing more. */
export interface Machine<O> {
  readonly role: Role;
  /** Starts the role. To be called once, first. @throws TypeError when it was started already */
  readonly start: () => readonly Effect<O>[];
  /** The message awaited, and its step; undefined before the start and after the end. */
  readonly awaits: () => Awaited | undefined;
  /** A message came. */
  readonly take: (message: Message<O>) => readonly Effect<O>[];
  /** Something failed below the protocol: framing, time, the transport. */
  readonly fail: (code: FailureCode, detail?: string) => readonly Effect<O>[];
  readonly state: () => StateName;
  /** The values of the present state. */
  readonly holds: () => Held<O>;
  /** The secrets that the present state declares: its leak reveals them, and leaving it wipes them. */
  readonly secrets: () => readonly Secret<O>[];
}

type Ended = Completed | Aborted;

/** A role with its parameters filled in; `L` are the states in which it awaits a message. */
interface RoleParts<O, L extends { readonly state: StateName }> {
  readonly role: Role;
  readonly start: () => Transition<O, L>;
  readonly awaits: Readonly<Record<L['state'], Awaited>>;
  readonly next: (state: L, event: Event<O>) => Transition<O, L | Ended>;
  readonly secrets: (state: L | Ended) => readonly Secret<O>[];
}

/** The states in which a role awaits a message, those of the initiator first. */
export const waitingStates = [...Object.keys(initiatorAwaits), ...Object.keys(responderAwaits)] as readonly StateName[];

function drive<O, L extends { readonly state: StateName }>(parts: RoleParts<O, L>): Machine<O> {
  let now: L | Ended | undefined;

  const isLive = (state: L | Ended | undefined): state is L => state !== undefined && state.state in parts.awaits;

  function reach({ state, effects }: Transition<O, L | Ended>): readonly Effect<O>[] {
    now = state;
    return effects;
  }

  const on = (event: Event<O>): readonly Effect<O>[] => (isLive(now) ? reach(parts.next(now, event)) : []);

  return {
    role: parts.role,
    start: () => {
      if (now !== undefined) throw new TypeError('a handshake can be started once');
      return reach(parts.start());
    },
    awaits: () => (isLive(now) ? parts.awaits[now.state as L['state']] : undefined),
    take: (message) => on({ event: 'receive', message }),
    fail: (code, detail) => on({ event: 'fault', code, ...(detail && { detail }) }),
    state: () => now?.state ?? 'unstarted',
    holds: () => (isLive(now) ? now : {}) as Held<O>,
    secrets: () => (now === undefined ? [] : parts.secrets(now)),
  };
}

/** The initiator of one handshake (section 3). */
export const initiatorMachine = <O>(p: InitiatorParameters<O>): Machine<O> =>
  drive({
    role: 'initiator',
    start: () => startInitiator(p),
    awaits: initiatorAwaits,
    next: (state, event) => initiatorTransition(p, state, event),
    secrets: initiatorSecrets,
  });

/** The responder of one handshake (section 3). */
export const responderMachine = <O>(p: ResponderParameters<O>): Machine<O> =>
  drive({
    role: 'responder',
    start: () => startResponder<O>(),
    awaits: responderAwaits,
    next: (state, event) => responderTransition(p, state, event),
    secrets: responderSecrets,
  });

/** Either role. The coins of both roles are given, and each takes its own. */
export const machine = <O>(role: Role, p: InitiatorParameters<O> & ResponderParameters<O>): Machine<O> =>
  role === 'initiator' ? initiatorMachine(p) : responderMachine(p);
