// Streams without a capture: one file or two, and messages that a peer refuses.

import { describe, expect, it } from 'vitest';
import { messageTable } from '../../src/generated/codec.ts';
import type { FailureCode } from '../../src/generated/failures.ts';
import { faultsOf, type Inspection, inspect } from '../../src/inspect/inspect.ts';
import { concat, toHex } from '../../src/octets.ts';
import { record, sentBy, suite } from './capture.ts';

const recorded = record();
const [i, r] = [sentBy(recorded, 'initiator'), sentBy(recorded, 'responder')];
const look = (...files: readonly Uint8Array[]): Inspection =>
  inspect(
    files.map((octets, index) => ({ name: `file${index}`, octets })),
    { suite },
  );
const typesOf = ({ handshakes }: Inspection): number[] =>
  handshakes[0]?.frames.map(({ name }) => messageTable[name].type) ?? [];
const refusalsOf = ({ handshakes }: Inspection): (readonly [number, FailureCode])[] =>
  (handshakes[0]?.frames ?? []).flatMap(({ name, refused }) =>
    refused.map(({ code }) => [messageTable[name].type, code] as const),
  );
const messageOf = (type: number): Uint8Array => {
  const found = recorded.messages.find(({ message }) => messageTable[message].type === type);
  if (found === undefined) throw new Error(`no message ${type}`);
  return Uint8Array.from(found.octets);
};
const edited = (octets: Uint8Array, at: number, ...values: readonly number[]): Uint8Array => {
  const copy = Uint8Array.from(octets);
  copy.set(values, at);
  return copy;
};

describe('one direction or both', () => {
  const hexText = (octets: Uint8Array): Buffer =>
    Buffer.from(
      `# as recorded\n${(toHex(octets).match(/.{1,32}/g) ?? []).map((line) => `${line.match(/../g)?.join(':')}\r\n`).join('')}`,
    );

  it.each([
    ['the initiator alone', [i], [1, 3, 5, 7]],
    ['the responder alone', [r], [2, 4, 6, 8]],
    ['hexadecimal digits', [hexText(i)], [1, 3, 5, 7]],
    ['both in two files', [i, r], [1, 2, 3, 4, 5, 6, 7, 8]],
    ['both in two files, the responder first', [hexText(r), i], [1, 2, 3, 4, 5, 6, 7, 8]],
    ['both in one file, one after the other', [concat(i, r)], [1, 3, 5, 7, 2, 4, 6, 8]],
    [
      'both in one file, as they were sent',
      [concat(...recorded.messages.map(({ octets }) => octets))],
      [1, 2, 4, 3, 5, 6, 8, 7],
    ],
  ])('%s', (_, files, types) => {
    const inspection = look(...files);
    expect(typesOf(inspection)).toEqual(types);
    expect(faultsOf(inspection)).toEqual([]);
    const fields = inspection.handshakes[0]?.frames.flatMap((one) => one.fields.map(({ symbol }) => symbol)) ?? [];
    expect(new Set(fields).size).toBe(types.length === 8 ? 9 : 5); // IV is in two messages
  });

  it('fields are those of the draft, at their octets', () => {
    const [frame] = look(messageOf(4)).handshakes[0]?.frames ?? [];
    expect(frame?.fields.map(({ symbol }) => symbol)).toEqual(['IV', 'e_cert_r']);
    expect(toHex(frame?.fields[0]?.octets ?? new Uint8Array())).toBe(toHex(messageOf(4).subarray(4, 16)));
    expect(toHex(frame?.fields[1]?.octets ?? new Uint8Array())).toBe(toHex(messageOf(4).subarray(16)));
  });

  it('a capture stands alone', () => {
    const capture = Buffer.from('d4c3b2a1020004000000000000000000ffff000001000000', 'hex');
    expect(faultsOf(look(i, capture))).toEqual([
      'file1: offset 0: found a capture beside another file, expected a capture alone, which has both directions',
    ]);
  });
});

describe('what a peer refuses, by the codes of the specification', () => {
  it.each<[string, Uint8Array[], (readonly [number, FailureCode])[]]>([
    ['a message too short (PQ-P-46)', [edited(messageOf(1).subarray(0, 1571), 2, 6, 31)], [[1, 'wrong-length']]],
    ['a message too long', [concat(edited(messageOf(1), 2, 6, 33), Uint8Array.of(0))], [[1, 'wrong-length']]],
    ['out of order (PQ-3-05)', [concat(messageOf(1), messageOf(5))], [[5, 'unexpected-message']]],
    ['repeated', [concat(messageOf(1), messageOf(1), messageOf(3))], [[1, 'unexpected-message']]],
    ['reflected', [i, concat(messageOf(2), messageOf(3))], [[3, 'unexpected-message']]],
    [
      'both',
      [concat(messageOf(1), edited(messageOf(7).subarray(0, 51), 3, 47))],
      [
        [7, 'unexpected-message'],
        [7, 'wrong-length'],
      ],
    ],
    [
      'an encapsulation key that fails the modulus check (PQ-P-26)',
      [edited(messageOf(1), 4, 255, 255, 255)],
      [[1, 'invalid-encapsulation-key']],
    ],
    ['two files of one role', [i, i], [1, 3, 5, 7].map((type) => [type, 'unexpected-message'] as const)],
  ])('%s', (_, files, expected) => {
    const inspection = look(...files);
    expect(refusalsOf(inspection)).toEqual(expected);
    expect(faultsOf(inspection)).toHaveLength(expected.length);
  });

  const endings: readonly [string, Uint8Array, object, number][] = [
    [
      'a version that is not 1 (PQ-P-45)',
      concat(messageOf(1), edited(messageOf(3), 0, 2)),
      { kind: 'unframed', offset: 1572, refused: { code: 'wrong-version', detail: 'version 2' } },
      1,
    ],
    [
      'a type that no message has',
      concat(messageOf(1), edited(messageOf(3), 1, 9)),
      { kind: 'unframed', refused: { code: 'unexpected-message', detail: 'type 9, which no message has' } },
      1,
    ],
    [
      'a message that is not whole',
      i.subarray(0, 2000),
      {
        kind: 'incomplete',
        offset: 1572,
        detail: expect.stringMatching(/^Certificate Exchange \(initiator\): 424 octets of \d+ of data$/),
      },
      1,
    ],
    [
      'a header that is not whole',
      i.subarray(0, 1575),
      { kind: 'incomplete', detail: 'Certificate Exchange (initiator): 3 octets of a header of 4' },
      1,
    ],
    ['one octet of a header', i.subarray(0, 1573), { kind: 'incomplete', detail: '1 octet of a header of 4' }, 1],
    ['octets behind the last message', concat(i, Buffer.from('GET /')), { kind: 'behind', offset: i.length }, 0],
    [
      'headers without end',
      new Uint8Array(40_000).map((_, at) => [1, 1, 0, 0][at % 4] ?? 0),
      { kind: 'unframed', offset: 256, refused: { code: 'unexpected-message', detail: 'more than 64 messages' } },
      65 + 63,
    ],
  ];

  it.each(endings)('%s', (_, octets, remainder, faults) => {
    const inspection = look(octets);
    expect(inspection.handshakes[0]?.endings[0]).toMatchObject({ remainder });
    expect(faultsOf(inspection).length).toBe(faults);
  });
});
