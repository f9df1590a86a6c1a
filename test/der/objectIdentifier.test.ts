import { ObjectIdentifier } from 'asn1js';
import { expect, it } from 'vitest';
import { encodeObjectIdentifier, objectIdentifier, only, tags } from '../../src/der/der.ts';
import { element } from '../../src/der/element.ts';
import fc from '../property.ts';

const arc = fc.integer({ min: 0, max: 2 ** 28 - 1 });
const roots = fc.oneof(
  fc.tuple(fc.constantFrom(0, 1), fc.integer({ min: 0, max: 39 })),
  fc.tuple(fc.constant(2), fc.integer({ min: 0, max: 1_000 })),
);

it('X.690, section 8.19: object identifiers are encoded as another library does it, and read back', () => {
  fc.assert(
    fc.property(roots, fc.array(arc, { maxLength: 12 }), (root, rest) => {
      const identifier = [...root, ...rest].join('.');
      const contents = encodeObjectIdentifier(identifier);
      const whole = element(tags.objectIdentifier, contents);
      expect(whole).toEqual(new Uint8Array(new ObjectIdentifier({ value: identifier }).toBER()));
      expect(objectIdentifier(only(whole, tags.objectIdentifier, 'it'), 'it')).toBe(identifier);
    }),
  );
});

it.each(['', '1', '3.1', '1.40', '1.2.-3', '1.2.x', '1..2', '1.2.01', `1.2.${2 ** 28}`, 'Infinity.1', '1.2.3 '])(
  'refuses to encode %j, which is no object identifier',
  (text) => expect(() => encodeObjectIdentifier(text)).toThrow(/./),
);
