import { expect, it } from 'vitest';
import { noble } from '../../../src/crypto/noble.ts';
import { beyondModulus, flipped, neighbouring } from '../../../src/lab/conformance/octetEdits.ts';

it('a neighbouring key is another one that passes the modulus check (PQ-P-26), one beyond the modulus does not', () => {
  for (let round = 0; round < 20; round += 1) {
    const key = noble.generateKemKey().encapsulationKey;
    for (const index of [0, 768]) {
      const other = neighbouring(key, index);
      expect(other).not.toEqual(key);
      expect(noble.encapsulate(other)).toBeDefined();
    }
    expect(noble.encapsulate(flipped(key, -1))).toBeDefined();
    for (const place of ['first', 'last'] as const)
      expect(noble.encapsulate(beyondModulus(key, place))).toBeUndefined();
  }
});
