// Streams that end, and peers that fall silent: section 3.6. Secrets and readings that differ: sections 3.2.1, 4.

import {
  associatedDataAlternatives,
  confirmationInputAlternatives,
  hidingKeyAlternatives,
  keyMaterialAlternatives,
  type ReadingChoice,
  readingAxes,
  transcriptAlternatives,
} from '../../../generated/keySchedule.ts';
import type { RequirementId } from '../../../generated/requirements.ts';
import type { Bytes } from '../../../octets.ts';
import type { Role } from '../../../role.ts';
import { type Case, type Piece, type Psk, type Put, refusesAt, type Turn, turns, typeFor } from '../case.ts';

const ended: readonly RequirementId[] = ['PQ-P-44', 'PQ-3-04', 'PQ-3.6-01'];
const stalled: readonly RequirementId[] = ['PQ-3-07', 'PQ-3.6-03', 'PQ-P-42'];

const half = (message: Bytes): Bytes => message.slice(0, message.length >> 1);

/** The stream ends before, inside the header of, and inside the data of a message. */
function closings(peer: Role, turn: Turn): Case[] {
  const type = typeFor(peer, turn);
  const at = (name: string, title: string, put: Put): Case => ({
    id: `m${type}-${name}`,
    title,
    requirements: ended,
    peer,
    expected: refusesAt(peer, turn),
    put: { [turn]: put },
  });
  // A connection without a word may be a look at the port: a responder may go on waiting for a handshake.
  const before =
    peer === 'responder' && turn === 1
      ? []
      : [at('closed-before', `the stream ends where message ${type} should come`, () => ['end'])];
  return [
    ...before,
    at('closed-in-header', `the stream ends in the header of message ${type}`, (message) => [
      message.slice(0, 3),
      'end',
    ]),
    at('closed-in-data', `the stream ends in the middle of message ${type}`, (message) => [half(message), 'end']),
    at('closed-at-last-octet', `the stream ends one octet before message ${type} does`, (message) => [
      message.slice(0, -1),
      'end',
    ]),
  ];
}

const trickle = (message: Bytes): Piece[] =>
  [...message].flatMap((octet): Piece[] => [Uint8Array.of(octet), { pause: 1_000 }]);

/** The tester falls silent before a message, inside its header, or inside its data; or it sends an octet each second. */
function stalls(peer: Role): Case[] {
  const at = (turn: Turn, name: string, title: string, put: Put, requirements = stalled): Case => ({
    id: `m${typeFor(peer, turn)}-${name}`,
    title,
    requirements,
    peer,
    expected: refusesAt(peer, turn),
    put: { [turn]: put },
    stall: true,
  });
  return [
    ...turns.flatMap((turn) => [
      at(turn, 'stall', `silence where message ${typeFor(peer, turn)} should come`, () => ['stop']),
      at(turn, 'stall-in-data', `silence in the middle of message ${typeFor(peer, turn)}`, (message) => [
        half(message),
        'stop',
      ]),
    ]),
    at(1, 'stall-in-header', `silence in the header of message ${typeFor(peer, 1)}`, (message) => [
      message.slice(0, 2),
      'stop',
    ]),
    ...([1, 3] as const).map((turn) =>
      at(turn, 'trickle', `an octet of message ${typeFor(peer, turn)} each second`, (m) => [...trickle(m), 'stop'], [
        ...stalled,
        'PQ-P-43',
      ]),
    ),
  ];
}

const secrets: readonly { name: string; title: string; tester: Psk; peer: 'own' | 'none' }[] = [
  { name: 'other', title: 'each side has another pre-shared secret', tester: 'other', peer: 'own' },
  { name: 'peer-only', title: 'only the peer has a pre-shared secret', tester: 'none', peer: 'own' },
  { name: 'tester-only', title: 'only the tester has a pre-shared secret', tester: 'own', peer: 'none' },
];

const pskCases = (peer: Role): Case[] =>
  secrets.map(({ name, title, ...psk }) => ({
    id: `psk-${name}`,
    title,
    requirements: ['PQ-3.2-03', 'PQ-P-23', 'PQ-P-15'],
    peer,
    psk,
    expected: refusesAt(peer, 2),
    unverifiable: 2,
  }));

const alternatives = {
  transcript: transcriptAlternatives,
  hidingKey: hidingKeyAlternatives,
  associatedData: associatedDataAlternatives,
  keyMaterial: keyMaterialAlternatives,
  confirmationInput: confirmationInputAlternatives,
} as const;

/** The message at which another reading of an axis shows, and the rule that it departs from. */
const axes: Readonly<Record<keyof ReadingChoice, { at: 2 | 4; rules: readonly RequirementId[] }>> = {
  transcript: { at: 4, rules: ['PQ-P-30', 'PQ-P-31', 'PQ-3-17'] },
  hidingKey: { at: 2, rules: ['PQ-P-25', 'PQ-3.2-02'] },
  associatedData: { at: 2, rules: ['PQ-P-52'] },
  keyMaterial: { at: 4, rules: ['PQ-P-32'] },
  confirmationInput: { at: 4, rules: ['PQ-P-36'] },
};

/** Every reading but the peer's own. */
const readingCases = (peer: Role, own: ReadingChoice): Case[] =>
  (Object.keys(axes) as (keyof ReadingChoice)[]).flatMap((axis) => {
    const { at, rules } = axes[axis];
    const others = readingAxes[axis].alternatives.filter((one) => one !== own[axis]);
    return others.map(
      (other): Case => ({
        id: `reading-${axis}-${other}`,
        title: `the tester has the reading ${axis}=${other}`,
        peer,
        requirements: ['PQ-P-14', ...rules],
        expected: refusesAt(peer, at),
        unverifiable: at,
        reading: { [axis]: (alternatives[axis] as Readonly<Record<string, unknown>>)[other] },
      }),
    );
  });

export const endingCases = (peer: Role, own: ReadingChoice): readonly Case[] => [
  ...turns.flatMap((turn) => closings(peer, turn)),
  ...pskCases(peer),
  ...readingCases(peer, own),
  ...stalls(peer),
];
