// Headers, order and framing: sections 3, 4.1.

import { messageTable } from '../../../generated/codec.ts';
import { headerOctets } from '../../../generated/constants.ts';
import type { RequirementId } from '../../../generated/requirements.ts';
import { type Bytes, concat } from '../../../octets.ts';
import { otherRole, type Role } from '../../../role.ts';
import { type Case, messageOf, type Put, refusesAt, sentBefore, type Turn, turns, typeFor } from '../case.ts';
import { noise } from '../octetEdits.ts';

/** Octets in the place of a message, and nothing after them. */
const instead =
  (change: (message: Bytes, received: readonly Bytes[], sent: readonly Bytes[]) => Bytes): Put =>
  (message, { received, sent }) => [change(message, received, sent), 'stop'];

const refused = (
  peer: Role,
  turn: Turn,
  name: string,
  title: string,
  requirements: readonly RequirementId[],
  change: (message: Bytes, received: readonly Bytes[], sent: readonly Bytes[]) => Bytes,
): Case => ({
  id: `m${typeFor(peer, turn)}-${name}`,
  title: `message ${typeFor(peer, turn)}: ${title}`,
  requirements,
  peer,
  expected: refusesAt(peer, turn),
  put: { [turn]: instead(change) },
});

const withLength = (message: Bytes, length: number): Bytes => message.with(2, length >> 8).with(3, length & 0xff);
const lengthOf = (message: Bytes): number => message.length - headerOctets;

/** A message of a type; the octets in it mean nothing. */
function invented(peer: Role, turn: Turn): Bytes {
  const { type, minimum, maximum } = messageTable[messageOf(otherRole(peer), turn)];
  const length = minimum === maximum ? minimum : 6_000;
  return concat(Uint8Array.of(1, type, length >> 8, length & 0xff), noise(length));
}

const versions = (peer: Role, turn: Turn): Case[] =>
  [0, 2, 255].map((version) =>
    refused(peer, turn, `version-${version}`, `version ${version}`, ['PQ-3-04', 'PQ-4.1-02', 'PQ-P-45'], (message) =>
      message.with(0, version),
    ),
  );

const ordered: readonly RequirementId[] = ['PQ-3-05', 'PQ-3-01', 'PQ-P-01', 'PQ-4.1-03'];

function types(peer: Role, turn: Turn): Case[] {
  const own = typeFor(otherRole(peer), turn);
  const known = turns.map((one) => typeFor(peer, one)).find((type) => type !== typeFor(peer, turn)) ?? 7;
  return [
    refused(peer, turn, 'type-0', 'type 0', ordered, (message) => message.with(1, 0)),
    refused(peer, turn, 'type-255', 'type 255', ordered, (message) => message.with(1, 255)),
    refused(peer, turn, 'type-own', `type ${own}, of the peer’s own message`, ordered, (message) =>
      message.with(1, own),
    ),
    refused(peer, turn, 'type-other', `type ${known}, of another step`, ordered, (message) => message.with(1, known)),
  ];
}

const lengths: readonly RequirementId[] = ['PQ-3-06', 'PQ-4.1-05', 'PQ-P-46', 'PQ-P-49'];

function fixedLengths(peer: Role, turn: Turn): Case[] {
  const octets = messageTable[messageOf(otherRole(peer), turn)].maximum;
  const swapped = ((octets & 0xff) << 8) | (octets >> 8);
  const cut = (message: Bytes): Bytes => withLength(message.slice(0, -1), lengthOf(message) - 1);
  const grown = (message: Bytes): Bytes => withLength(concat(message, Uint8Array.of(0)), lengthOf(message) + 1);
  return [
    refused(peer, turn, 'one-short', 'one octet less, and a length that says so', lengths, cut),
    refused(peer, turn, 'one-long', 'one octet more, and a length that says so', lengths, grown),
    refused(peer, turn, 'empty', 'length 0, no data', lengths, (message) =>
      withLength(message.slice(0, headerOctets), 0),
    ),
    refused(peer, turn, 'length-65535', 'length 65535, and as many octets', lengths, (message) =>
      withLength(concat(message, noise(65_535 - lengthOf(message))), 65_535),
    ),
    refused(
      peer,
      turn,
      'length-swapped',
      'the less significant octet of the length first',
      ['PQ-4.1-04', 'PQ-P-46'],
      (message) => withLength(message, swapped),
    ),
  ];
}

/** Message 3 or 4: the length is that of the certificate, so a wrong one shows when the certificate does not open. */
function certificateLengths(peer: Role): Case[] {
  const minimal: readonly RequirementId[] = ['PQ-3-06', 'PQ-P-53', 'PQ-P-46'];
  const short =
    (octets: number) =>
    (message: Bytes): Bytes =>
      withLength(message.slice(0, headerOctets + octets), octets);
  return [
    refused(peer, 2, 'empty', 'length 0, no data', minimal, short(0)),
    refused(peer, 2, 'length-12', 'an initial vector alone', minimal, short(12)),
    refused(peer, 2, 'length-28', 'initial vector and tag, no certificate', minimal, short(28)),
    refused(peer, 2, 'one-short', 'the last octet of the tag cut off', ['PQ-3-06', 'PQ-4.3-05', 'PQ-P-15'], (message) =>
      withLength(message.slice(0, -1), lengthOf(message) - 1),
    ),
    refused(peer, 2, 'one-long', 'an octet behind the tag', ['PQ-3-06', 'PQ-4.3-05', 'PQ-P-15', 'PQ-P-49'], (message) =>
      withLength(concat(message, Uint8Array.of(0)), lengthOf(message) + 1),
    ),
  ];
}

/** A header that no message can have is refused without waiting for more (PQ-P-47). */
const headersAlone = (peer: Role, turn: Turn): Case[] => {
  const alone: readonly RequirementId[] = ['PQ-P-47', 'PQ-3-04'];
  const header =
    (change: (header: Bytes) => Bytes) =>
    (message: Bytes): Bytes =>
      change(message.slice(0, headerOctets));
  return [
    refused(
      peer,
      turn,
      'header-version',
      'a header of version 2, and no data',
      alone,
      header((h) => h.with(0, 2)),
    ),
    refused(
      peer,
      turn,
      'header-type',
      'a header of type 9, and no data',
      alone,
      header((h) => h.with(1, 9)),
    ),
    turn === 2
      ? refused(
          peer,
          turn,
          'header-length',
          'a header of length 28, and no data',
          alone,
          header((h) => withLength(h, 28)),
        )
      : refused(
          peer,
          turn,
          'header-length',
          'a header of length 65535, and no data',
          alone,
          header((h) => withLength(h, 65_535)),
        ),
  ];
};

const silent: readonly RequirementId[] = ['PQ-3-11', 'PQ-P-02', 'PQ-P-03'];

/** Messages that are not the one awaited, or that come twice. */
function sequence(peer: Role, turn: Turn): Case[] {
  const type = typeFor(peer, turn);
  const later = turns.find((one) => one > turn);
  const cases: Case[] = [
    refused(peer, turn, 'noise', 'octets that are no message', ['PQ-3-04', ...silent, 'PQ-P-45'], () => noise(200)),
  ];
  if (later !== undefined) {
    cases.push(
      refused(peer, turn, 'omitted', 'left out; the one after it in its place', ordered, () => invented(peer, later)),
      refused(peer, turn, 'after-the-next', 'after the one that follows it', ordered, (message) =>
        concat(invented(peer, later), message),
      ),
      {
        id: `m${type}-twice`,
        title: `message ${type} twice`,
        requirements: [...ordered, ...silent],
        peer,
        expected: { outcome: 'refuses', at: turn, sendsAtMost: sentBefore(peer, later) },
        put: { [turn]: (message: Bytes) => [message, message, 'stop'] },
      },
      {
        id: `m${type}-trailing`,
        title: `four octets of 0 behind message ${type}`,
        peer,
        requirements: ['PQ-4.1-01', 'PQ-P-45', 'PQ-P-49'],
        expected: { outcome: 'refuses', at: turn, sendsAtMost: sentBefore(peer, later) },
        put: { [turn]: (message: Bytes) => [concat(message, new Uint8Array(4)), 'stop'] },
      },
    );
  }
  if (turn > 1) {
    cases.push(
      refused(
        peer,
        turn,
        'earlier-again',
        'the one before it again, in its place',
        ordered,
        (message, _, sent) => sent[turn - 2] ?? message,
      ),
    );
  }
  if (peer === 'initiator' || turn > 1) {
    cases.push(
      refused(
        peer,
        turn,
        'reflected',
        'the peer’s last message sent back in its place',
        ordered,
        (message, received) => received.at(-1) ?? message,
      ),
    );
  }
  return cases;
}

const roles = (peer: Role): Case[] => [
  {
    id: peer === 'responder' ? 'responder-meets-responder' : 'initiator-meets-initiator',
    title: `the tester speaks as another ${peer}: message ${typeFor(otherRole(peer), 1)} comes first`,
    requirements: ['PQ-3-05', 'PQ-P-01', ...silent],
    peer,
    expected: refusesAt(peer, 1),
    put: { 1: () => [invented(otherRole(peer), 1), 'stop'] },
  },
  {
    id: 'reflection',
    title: 'every message is sent back with its type changed, without any key',
    peer,
    reflects: true,
    order: 'late',
    unverifiable: 2,
    requirements: ['PQ-3-22', 'PQ-3.5-04', 'PQ-P-05', 'PQ-P-37'],
    expected: refusesAt(peer, 4),
    needsEager: true,
  },
  {
    id: 'octets-behind-the-last-message',
    title: 'octets behind the last message',
    peer,
    requirements: ['PQ-P-50'],
    expected: { outcome: 'either' },
    put: { 4: (message) => [concat(message, Uint8Array.of(1, 2, 3, 4))] },
  },
];

export const framingCases = (peer: Role): readonly Case[] => [
  ...turns.flatMap((turn) => [
    ...versions(peer, turn),
    ...types(peer, turn),
    ...(turn === 2 ? certificateLengths(peer) : fixedLengths(peer, turn)),
    ...headersAlone(peer, turn),
    ...sequence(peer, turn),
  ]),
  ...roles(peer),
];
