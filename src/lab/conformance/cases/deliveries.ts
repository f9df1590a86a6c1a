// The same messages, delivered otherwise. A peer that judges what one read gives as a whole, before it sends what it owes,
// shows so only when messages come together; one that judges octets as they come, only when they come one by one. One case
// of each kind of fault is enough for that: the place in the message changes nothing.

import { type Case, type Order, type Put, type Turn, togetherFrom } from '../case.ts';
import { singleAtBothEnds } from '../octetEdits.ts';

const orders = ['paired', 'straddled'] as const satisfies readonly Order[];

/** The order in which the message of a turn travels with that of the next turn. */
const orderFrom = (peer: Case['peer'], turn: number): Order | undefined =>
  orders.find((order) => togetherFrom(peer, order).includes(turn as Turn));

const inOrder = (test: Case, name: string, order: Order | undefined, how: string): Case[] =>
  order === undefined ? [] : [{ ...test, id: `${test.id}-${name}`, title: `${test.title}; ${how}`, order }];

const octetwise = (test: Case): Case => ({
  ...test,
  id: `${test.id}-octets`,
  title: `${test.title}; one octet in each write at the beginning and end of each message`,
  segments: singleAtBothEnds,
});

/** A case that messages and octets of every delivery must end alike. */
export const inEveryDelivery = (test: Case): readonly Case[] => [
  test,
  ...inOrder(test, 'early', 'eager', 'no message waits for one of the peer'),
  ...inOrder(test, 'together', orderFrom(test.peer, 3), 'the last two messages in one write'),
  ...inOrder(test, 'before-together', orderFrom(test.peer, 2), 'the two messages before the last in one write'),
  octetwise(test),
];

/** Where the fault of a case is. */
const turnOf = ({ expected, put = {} }: Case): Turn | undefined => {
  const [changed] = Object.keys(put);
  if (changed !== undefined) return Number(changed) as Turn;
  return expected.outcome === 'refuses' ? expected.at : undefined;
};

/** Puts on the wire what a case does, and no end of it: the next message follows. */
const goingOn =
  (put: Put | undefined): Put =>
  (message, seen) =>
    put === undefined ? [message] : put(message, seen).filter((piece) => piece instanceof Uint8Array);

/** The faulty message behind the right one before it, and before the right one behind it, each in one write. */
function withNeighbours(test: Case): readonly Case[] {
  const turn = turnOf(test);
  if (turn === undefined) return [];
  const followed = { ...test, put: { ...test.put, [turn]: goingOn(test.put?.[turn]) } };
  return [
    ...inOrder(test, 'joined', orderFrom(test.peer, turn - 1), 'in one write with the message before'),
    ...inOrder(followed, 'followed', orderFrom(test.peer, turn), 'the next message in the same write'),
  ];
}

/** One case of each kind of fault: a header, a field that does not open, a ciphertext, a certificate, a confirmation. */
const neighboured = /^(m[1-8]-(version-2|tag-end|ct_[eir]-start|zeros)|certificate-expired)$/;
const cutUp = /^(m[34]-(tag-end|trailing)|m[78]-last-bit|certificate-expired)$/;

/** Cases that are asked again in other deliveries. */
export const deliveryCases = (cases: readonly Case[]): readonly Case[] => [
  ...cases.filter(({ id }) => neighboured.test(id)).flatMap(withNeighbours),
  ...cases.filter(({ id }) => cutUp.test(id)).map(octetwise),
];
