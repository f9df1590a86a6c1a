// Both roles of one handshake against each other, whatever the octets are, until neither has anything to say.
import type { SessionKey } from '../../generated/kinds.ts';
import type { Message } from '../../generated/messages.ts';
import type { Machine } from '../../protocol/machine.ts';
import type { Effect } from '../../protocol/transition.ts';
import { otherRole, type Role } from '../../role.ts';

/** Starts both machines, and delivers each message to the other. `hear` gets each effect when it comes, before anything is delivered. */
export function exchange<O>(
  machines: Readonly<Record<Role, Machine<O>>>,
  hear: (from: Role, effect: Effect<O>) => void,
): void {
  const underway: { readonly to: Role; readonly message: Message<O> }[] = [];
  const say = (from: Role, effects: readonly Effect<O>[]): void => {
    for (const effect of effects) {
      hear(from, effect);
      if (effect.effect === 'send') underway.push({ to: otherRole(from), message: effect.message });
    }
  };
  for (const role of ['initiator', 'responder'] as const) say(role, machines[role].start());
  for (let next = underway.shift(); next !== undefined; next = underway.shift()) {
    say(next.to, machines[next.to].take(next.message));
  }
}

/** The secrets of a handshake that its owner can show, by the symbols of the draft. */
export interface Shown<O> {
  ss_e?: O;
  k_hid?: O;
  ss_i?: O;
  ss_r?: O;
  k_session?: SessionKey<O>;
}
