// Steps of two sides of a channel through an inner handshake.
import { deliver, keep, type Pair, pairOf, rootKey, smallInner } from '../../properties/channelSides.ts';
import type { Role } from '../../src/role.ts';
import { handOf, openByHand } from './byHand.ts';

export const codes = ({ initiator, responder }: Pair) =>
  [initiator, responder].map(({ channel }) => channel.standing().failure?.code);
export const start = (pair: Pair): void => void keep(pair.initiator, pair.initiator.channel.startHandshake());

/** A pair whose messages go in records of their own, so that the initiator has sent all before it has completed. */
export const slowPair = (): Pair => {
  const inner = (role: Role) => ({ innerHandshake: smallInner(role, { octets: 10_000 }) });
  return pairOf(inner('initiator'), inner('responder'));
};

/** Delivers one record, or the commitment and one record, of a side. */
export function step(pair: Pair, from: Role): void {
  const { pending, sent } = pair[from];
  const at = sent.length - pending.length < 32 ? 32 - (sent.length - pending.length) : 0;
  deliver(pair, from, at + 2 + (pending[at] ?? 0) * 256 + (pending[at + 1] ?? 0));
}

/** The first octets of the records of a handshake that went out: the types of small messages. */
export function openedTypes(sent: Uint8Array): number[] {
  const insides = openByHand(handOf(rootKey(), 'initiator'), sent.slice(32));
  return insides.filter((inside) => inside.at(-1) === 4).map(([type = 0]) => type);
}

export function settleOnce(pair: Pair): void {
  step(pair, 'initiator');
  if (!openedTypes(pair.initiator.sent).includes(7)) step(pair, 'responder');
}
