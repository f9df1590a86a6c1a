// Messages as octets: one good one of every type, and what its receiver refuses.

import { fieldsOf, messageNames, messageTable } from '../../generated/codec.ts';
import { headerOctets } from '../../generated/constants.ts';
import type { MessageName } from '../../generated/messages.ts';
import type { RequirementId } from '../../generated/requirements.ts';
import { concat, fromHex, toHex } from '../../octets.ts';
import { decode, encode, encodeHeader } from '../../wire/frame.ts';
import type { Change, Codec, FileOf } from './format.ts';
import { changed, coins, vector } from './vectorOctets.ts';

/** The requirements that a good message of each type shows. */
const shown: Readonly<Record<MessageName, readonly RequirementId[]>> = {
  initiatorHello: ['PQ-4.2.1-01', 'PQ-4.2.1-02', 'PQ-4.2.1-03'],
  responderHello: ['PQ-4.2.2-01', 'PQ-4.2.2-02', 'PQ-4.2.2-03'],
  initiatorCertificate: ['PQ-4.3-01', 'PQ-4.3-03', 'PQ-4.3-04', 'PQ-4.3-05'],
  responderCertificate: ['PQ-4.3-02', 'PQ-4.3-03', 'PQ-4.3-04', 'PQ-4.3-05'],
  initiatorEncapsulation: ['PQ-4.5-01', 'PQ-4.5-03', 'PQ-4.5-04'],
  responderEncapsulation: ['PQ-4.5-02', 'PQ-4.5-03', 'PQ-4.5-04'],
  initiatorConfirmation: ['PQ-4.6-01', 'PQ-4.6-03', 'PQ-4.6-04'],
  responderConfirmation: ['PQ-4.6-02', 'PQ-4.6-03', 'PQ-4.6-04'],
};

function accepted(name: MessageName, id: string, about: string, data: Uint8Array, more: RequirementId[] = []): Codec {
  const octets = concat(encodeHeader(name, data.length), data);
  const decoded = decode(octets, name);
  if (!decoded.ok) throw new Error(`${id}: ${decoded.code}`);
  if (toHex(encode(decoded.value)) !== toHex(octets)) throw new Error(`${id}: not encoded alike`);
  const { type: _, ...named } = decoded.value;
  const fields = Object.fromEntries(Object.entries(named).map(([field, one]) => [field, toHex(one)]));
  if (fieldsOf(decoded.value).map(toHex).join('') !== toHex(data))
    throw new Error(`${id}: fields do not use up the data`);
  const requirements: readonly RequirementId[] = ['PQ-4.1-01', 'PQ-4.1-02', 'PQ-4.1-04', 'PQ-4.1-07', 'PQ-P-49'];
  return {
    ...vector(id, about, ...requirements, ...shown[name], ...more),
    awaited: name,
    result: 'accepted',
    octets: toHex(octets),
    fields,
  };
}

function refusals(name: MessageName, good: Codec): readonly Codec[] {
  if (good.result !== 'accepted') throw new TypeError('not a good message');
  const octets = fromHex(good.octets);
  const { type, minimum, maximum } = messageTable[name];
  const at = (offset: number, ...values: readonly number[]): Change => ({
    patch: [{ offset, octets: toHex(Uint8Array.from(values)) }],
  });
  const lengthOf = (value: number): Change => at(2, value >> 8, value & 0xff);
  const wrongLength = (
    ['PQ-4.2.1-03', 'PQ-4.2.2-03', 'PQ-P-53', 'PQ-P-53', 'PQ-4.5-04', 'PQ-4.5-04', 'PQ-4.6-04', 'PQ-4.6-04'] as const
  )[type - 1];
  const length: readonly RequirementId[] = ['PQ-P-46', ...(wrongLength === undefined ? [] : [wrongLength])];
  const other = ((type + 1) % 8) + 1;
  const rows: readonly (readonly [string, string, readonly RequirementId[], Change])[] = [
    ['version-0', 'version 0', ['PQ-P-45', 'PQ-4.1-02'], at(0, 0)],
    ['version-2', 'version 2', ['PQ-P-45', 'PQ-4.1-02'], at(0, 2)],
    ['type-0', 'type 0', ['PQ-P-01'], at(1, 0)],
    ['type-9', 'type 9', ['PQ-P-01'], at(1, 9)],
    [`type-${other}`, `type ${other}, which is not the one awaited`, ['PQ-P-01', 'PQ-3-05'], at(1, other)],
    [
      'length-below',
      `length ${minimum - 1}, and as much data`,
      length,
      { ...lengthOf(minimum - 1), length: headerOctets + minimum - 1 },
    ],
    ['length-0', 'length 0, and no data', length, { ...lengthOf(0), length: headerOctets }],
    ['cut', 'the last octet is missing', ['PQ-P-46'], { length: octets.length - 1 }],
    ['behind', 'an octet behind the data', ['PQ-P-49'], { append: '00' }],
    ['header-cut', 'three octets of header', ['PQ-P-46'], { length: 3 }],
    ['nothing', 'no octets', ['PQ-P-46'], { length: 0 }],
    [
      'length-little-endian',
      'the octets of the length the other way round',
      ['PQ-4.1-04', 'PQ-P-46'],
      at(2, octets[3] ?? 0, octets[2] ?? 0),
    ],
    ['length-of-all', 'a length that counts the header too', ['PQ-4.1-05', 'PQ-P-46'], lengthOf(octets.length)],
    ...(maximum === minimum
      ? ([
          [
            'length-above',
            `length ${maximum + 1}, and as much data`,
            length,
            { ...lengthOf(maximum + 1), append: '00' },
          ],
        ] as const)
      : []),
  ];
  return rows.map(([word, about, requirements, change]) => {
    const decoded = decode(changed(octets, change), name);
    if (decoded.ok) throw new Error(`${good.id}/${word}: accepted`);
    return {
      ...vector(`${good.id}/${word}`, about, ...requirements),
      awaited: name,
      result: 'refused',
      of: good.id,
      code: decoded.code,
      ...change,
    };
  });
}

const typical = 200; // octets of a sealed certificate here; the codec does not look into it
const cases = messageNames.flatMap((name): readonly Codec[] => {
  const { minimum, maximum, title } = messageTable[name];
  const id = `codec/${name}`;
  const fixed = minimum === maximum;
  const good = accepted(name, id, title, coins(id, 'data', fixed ? minimum : typical));
  if (fixed) return [good, ...refusals(name, good)];
  return [
    good,
    accepted(name, `${id}/shortest`, 'a certificate of one octet', coins(id, 'data', minimum), ['PQ-P-53']),
    ...(name === 'initiatorCertificate'
      ? [accepted(name, `${id}/longest`, 'as long as a message can be', new Uint8Array(maximum), ['PQ-4.1-06'])]
      : []),
    ...refusals(name, good),
  ];
});

export const codec: FileOf<'codec'> = { kind: 'codec', cases };
