import fc from 'fast-check';
import { expect, it } from 'vitest';
import { concat, equalInConstantTime, fromHex, requireOctets, same, toHex } from '../src/octets.ts';
import { otherRole } from '../src/role.ts';

const octets = fc.uint8Array({ maxLength: 200 });

it('hexadecimal digits there and back, of either case', () => {
  fc.assert(
    fc.property(octets, (value) => {
      expect(toHex(value)).toBe(Buffer.from(value).toString('hex'));
      expect(fromHex(toHex(value))).toEqual(value);
      expect(fromHex(toHex(value).toUpperCase())).toEqual(value);
    }),
  );
});

it.each(['0', 'g0', '0g', ' 00', '0x00', '00\n'])('%j is no hexadecimal', (text) =>
  expect(() => fromHex(text)).toThrow(/hex/),
);

it('what is joined is a copy, in an order', () => {
  fc.assert(
    fc.property(fc.array(octets), (parts) => {
      const whole = concat(...parts);
      expect(Buffer.compare(whole, Buffer.concat(parts))).toBe(0);
      for (const part of parts) part.fill(1);
      for (const part of parts) expect(whole.buffer).not.toBe(part.buffer);
    }),
  );
});

it('both comparisons say the same: of equal octets, of a difference anywhere, of a beginning', () => {
  fc.assert(
    fc.property(octets, fc.nat(), fc.integer({ min: 1, max: 255 }), (value, place, difference) => {
      for (const equal of [same, equalInConstantTime]) {
        expect(equal(value, Uint8Array.from(value))).toBe(true);
        expect(equal(value, concat(value, Uint8Array.of(0)))).toBe(false);
        expect(equal(concat(value, Uint8Array.of(0)), value)).toBe(false);
        if (value.length === 0) continue;
        const at = place % value.length;
        expect(equal(value, value.with(at, (value[at] ?? 0) ^ difference))).toBe(false);
      }
    }),
  );
});

it('octets of another length are refused, without saying what they are', () => {
  expect(requireOctets('seed', Uint8Array.of(1, 2), 2)).toEqual(Uint8Array.of(1, 2));
  expect(() => requireOctets('seed', Uint8Array.of(171, 205), 3)).toThrow(
    new RangeError('seed: expected 3 octets, got 2'),
  );
});

it('each role has another', () =>
  expect([otherRole('initiator'), otherRole('responder')]).toEqual(['responder', 'initiator']));
