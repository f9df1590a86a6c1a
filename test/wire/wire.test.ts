import { describe, expect, it } from 'vitest';
import { messageNames, messageTable } from '../../src/generated/codec.ts';
import type { Message, MessageName } from '../../src/generated/messages.ts';
import { mandatorySuite } from '../../src/generated/suites.ts';
import type { Bytes } from '../../src/octets.ts';
import { decode, decodeHeader, encode, encodeHeader } from '../../src/wire/frame.ts';
import { reader } from '../../src/wire/reader.ts';
import fc from '../property.ts';

const name = fc.constantFrom<MessageName>(...messageNames);
/** A well-formed message of each type, as octets: random data of an admissible length. */
const whole = name.chain((type) => {
  const { minimum, maximum } = messageTable[type];
  const data = fc.uint8Array({ minLength: minimum, maxLength: Math.min(maximum, minimum + 200), size: 'max' });
  return data.map((octets) => ({ type, octets: Uint8Array.from([...encodeHeader(type, octets.length), ...octets]) }));
});

const decoded = (octets: Bytes, type: MessageName): Message<Bytes> => {
  const message = decode(octets, type);
  if (!message.ok) throw new Error(message.code);
  return message.value;
};

describe('messages (section 4.1)', () => {
  it('PQ-4.1-01, PQ-4.1-04: the header is version, type and big-endian length of the data only', () => {
    expect([...encodeHeader('responderEncapsulation', 1568)]).toEqual([1, 6, 6, 32]);
    expect([...encodeHeader('initiatorCertificate', 65535)]).toEqual([1, 3, 255, 255]);
  });

  it('PQ-P-49: decoding and encoding give back the same octets, none left over', () => {
    fc.assert(
      fc.property(whole, ({ type, octets }) => {
        expect(encode(decoded(octets, type))).toEqual(octets);
      }),
    );
  });

  it('PQ-P-46: any other length is refused: truncated, extended, or wrongly stated', () => {
    fc.assert(
      fc.property(whole, fc.integer({ min: 0, max: 70_000 }), ({ type, octets }, cut) => {
        const truncated = octets.subarray(0, cut % octets.length);
        expect(decode(truncated, type)).toMatchObject({ ok: false });
        expect(decode(Uint8Array.from([...octets, 0]), type)).toEqual({ ok: false, code: 'wrong-length' });
        const { minimum, maximum } = messageTable[type];
        if (cut > 65_535 || (cut >= minimum && cut <= maximum)) return;
        expect(decodeHeader(encodeHeader(type, cut), type)).toEqual({ ok: false, code: 'wrong-length' });
      }),
    );
  });

  it('PQ-P-45, PQ-P-01: another version and another type are refused, the version first', () => {
    fc.assert(
      fc.property(
        whole,
        fc.integer({ min: 0, max: 255 }),
        fc.integer({ min: 0, max: 255 }),
        ({ type, octets }, v, t) => {
          const changed = Uint8Array.from(octets);
          changed.set([v, t]);
          const right = v === 1 && t === messageTable[type].type;
          const code = v === 1 ? 'unexpected-message' : 'wrong-version';
          expect(decode(changed, type)).toMatchObject(right ? { ok: true } : { ok: false, code });
        },
      ),
    );
  });

  it('does not encode fields of a wrong length', () => {
    const short = { type: 'initiatorConfirmation', confirmation: new Uint8Array(47) } as unknown as Message<Bytes>;
    expect(() => encode(short)).toThrow(/48 octets? to 48|48 to 48/);
    const long = {
      type: 'responderCertificate',
      initialVector: new Uint8Array(12),
      sealedCertificate: new Uint8Array(65_524),
    } as unknown as Message<Bytes>;
    expect(() => encode(long)).toThrow(RangeError);
  });
});

describe('streams (PQ-P-48: any segmentation)', () => {
  it('messages come out whole and in order, however the stream was cut', () => {
    fc.assert(
      fc.property(
        fc.array(whole, { maxLength: 5 }),
        fc.infiniteStream(fc.integer({ min: 1, max: 3000 })),
        (list, cuts) => {
          const stream = Uint8Array.from(list.flatMap(({ octets }) => [...octets]));
          const inbox = reader(mandatorySuite.kem);
          const out: Bytes[] = [];
          let offset = 0;
          for (const { type } of list) {
            let taken = inbox.take(type);
            while (taken === 'incomplete') {
              const { value: size } = cuts.next();
              inbox.push(stream.subarray(offset, offset + size));
              offset = Math.min(offset + size, stream.length);
              taken = inbox.take(type);
            }
            expect(taken.ok).toBe(true);
            if (taken.ok) out.push(encode(taken.value.message));
          }
          expect(out).toEqual(list.map(({ octets }) => octets));
          expect(inbox.rest().length).toBe(offset - out.reduce((sum, one) => sum + one.length, 0));
        },
      ),
    );
  });

  it('one octet at a time gives the same message', () => {
    const octets = encode(
      decoded(
        Uint8Array.from([...encodeHeader('initiatorHello', 1568), ...new Uint8Array(1568).fill(7)]),
        'initiatorHello',
      ),
    );
    const inbox = reader(mandatorySuite.kem);
    octets.forEach((octet, index) => {
      expect(inbox.take('initiatorHello')).toBe('incomplete');
      inbox.push(Uint8Array.of(octet));
      if (index === 3) inbox.push(new Uint8Array(0));
    });
    expect(inbox.take('initiatorHello')).toMatchObject({ ok: true });
    expect(inbox.rest()).toHaveLength(0);
  });

  it('PQ-P-47: a wrong header is refused with its fourth octet, without waiting for data', () => {
    for (const [header, code] of [
      [[2, 1, 6, 32], 'wrong-version'],
      [[1, 2, 6, 32], 'unexpected-message'],
      [[1, 9, 6, 32], 'unexpected-message'],
      [[1, 1, 6, 33], 'wrong-length'],
      [[1, 1, 0, 0], 'wrong-length'],
    ] as const) {
      const inbox = reader(mandatorySuite.kem);
      inbox.push(Uint8Array.from(header.slice(0, 3)));
      expect(inbox.take('initiatorHello')).toBe('incomplete');
      inbox.push(Uint8Array.from(header.slice(3)));
      expect(inbox.take('initiatorHello')).toMatchObject({ ok: false, code });
    }
  });

  it('keeps no reference to its input, and gives none out', () => {
    const inbox = reader(mandatorySuite.kem);
    const given = Uint8Array.from([...encodeHeader('initiatorConfirmation', 48), ...new Uint8Array(48).fill(1), 5]);
    inbox.push(given);
    given.fill(0);
    const taken = inbox.take('initiatorConfirmation');
    expect(taken).toMatchObject({ ok: true, value: { message: { confirmation: new Uint8Array(48).fill(1) } } });
    expect([...inbox.rest()]).toEqual([5]);
  });
});
