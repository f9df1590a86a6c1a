// Deliveries that a peer judges by headers, order and time, at every message that it awaits.

import { messageNames, messageTable } from '../../generated/codec.ts';
import { headerOctets } from '../../generated/constants.ts';
import type { MessageName } from '../../generated/messages.ts';
import type { RequirementId } from '../../generated/requirements.ts';
import { otherRole } from '../../role.ts';
import type { Arrival } from './format.ts';
import type { Planned } from './planned.ts';

type Row = readonly [name: string, about: string, ends: Planned['ends'], RequirementId[], ...arrivals: Arrival[]];

/** The messages that come before one at its receiver. */
const before = (type: number): Arrival[] =>
  Array.from({ length: (type - 1) >> 1 }, (_, index) => ({ message: 2 - (type % 2) + 2 * index }));

const two = (value: number): string => value.toString(16).padStart(4, '0');

function rows(name: MessageName): readonly Row[] {
  const { type, minimum, maximum } = messageTable[name];
  const header = (offset: number, octets: string): Arrival => ({
    message: type,
    patch: [{ offset, octets }],
    length: headerOctets,
  });
  const whole = (offset: number, octets: string): Arrival => ({ message: type, patch: [{ offset, octets }] });
  const own = type % 2 === 1 ? type + 1 : type - 1;
  const order: RequirementId[] = ['PQ-3-03', 'PQ-3-05', 'PQ-P-01'];
  const length: RequirementId[] = ['PQ-P-46', 'PQ-P-47'];
  return [
    ['version-0', 'version 0', 'wrong-version', ['PQ-4.1-02', 'PQ-P-45'], whole(0, '00')],
    ['version-2', 'version 2: the header alone', 'wrong-version', ['PQ-4.1-02', 'PQ-P-45', 'PQ-P-47'], header(0, '02')],
    ['type-0', 'type 0', 'unexpected-message', ['PQ-P-01'], whole(1, '00')],
    ['type-255', 'type 255: the header alone', 'unexpected-message', ['PQ-P-01', 'PQ-P-47'], header(1, 'ff')],
    ['own', `message ${own}, which the peer itself sends`, 'unexpected-message', ['PQ-P-01'], { message: own }],
    ...(type < 7
      ? ([['skipped', `message ${type + 2} in its place`, 'unexpected-message', order, { message: type + 2 }]] as Row[])
      : []),
    ...(type > 2
      ? ([['repeated', `message ${type - 2} once more`, 'unexpected-message', order, { message: type - 2 }]] as Row[])
      : []),
    ['length-below', `length ${minimum - 1}: the header alone`, 'wrong-length', length, header(2, two(minimum - 1))],
    ['length-0', 'length 0: the header alone', 'wrong-length', length, header(2, '0000')],
    ...(maximum === minimum
      ? ([
          [
            'length-above',
            `length ${maximum + 1}: the header alone`,
            'wrong-length',
            length,
            header(2, two(maximum + 1)),
          ],
          ['length-65535', 'length 65535: the header alone', 'wrong-length', length, header(2, 'ffff')],
        ] as Row[])
      : []),
    [
      'message-timeout',
      'the message does not come in time',
      'message-timeout',
      ['PQ-3-07', 'PQ-3.6-03', 'PQ-P-42'],
      { event: 'message-timeout' },
    ],
    [
      'handshake-timeout',
      'a part of the message comes, then the time for the whole is over',
      'handshake-timeout',
      ['PQ-3-07', 'PQ-3.6-03', 'PQ-P-43'],
      { message: type, length: 20 },
      { event: 'handshake-timeout' },
    ],
    [
      'closed',
      'the transport ends before the last octet of the message',
      'connection-closed',
      ['PQ-P-44'],
      { message: type, length: headerOctets + minimum - 1 },
      { event: 'connection-closed' },
    ],
  ];
}

/** Faults that show before any cryptography. */
export const framing: readonly Planned[] = messageNames.flatMap((awaited) =>
  rows(awaited).map(([name, about, ends, requirements, ...arrivals]) => {
    const { type, sender } = messageTable[awaited];
    return {
      name: `${awaited}/${name}`,
      about: `awaiting message ${type}: ${about}`,
      role: otherRole(sender),
      arrivals: [...before(type), ...arrivals],
      requirements,
      ends,
    };
  }),
);
