// Edits of octets that the cases make.
import { sizes } from '../../generated/constants.ts';
import type { Bytes } from '../../octets.ts';

/** A copy with the lowest bit of one octet flipped; an index below 0 counts from the end. */
export function flipped(octets: Bytes, index: number): Bytes {
  const at = index < 0 ? octets.length + index : index;
  return octets.with(at, (octets[at] ?? 0) ^ 1);
}

/** Cuts octets into parts of at most so many octets. */
export const every =
  (length: number) =>
  (octets: Bytes): Bytes[] =>
    Array.from({ length: Math.ceil(octets.length / length) }, (_, i) => octets.slice(i * length, (i + 1) * length));

/** Cuts octets into single ones at the beginning and the end; those between, where no peer judges anything, stay one part. */
export function singleAtBothEnds(octets: Bytes): Bytes[] {
  const [beginning, end] = [8, 64];
  if (octets.length <= beginning + end) return every(1)(octets);
  const single = every(1);
  return [...single(octets.slice(0, beginning)), octets.slice(beginning, -end), ...single(octets.slice(-end))];
}

/** Octets that nothing was derived from. Every call gives the same ones: the cases are reproducible. */
export function noise(length: number): Bytes {
  let state = 0x2545f491;
  return Uint8Array.from({ length }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state >>> 24;
  });
}

/**
 * An encapsulation key with a coefficient at or behind the octet made smaller by one. It is another key, and passes the modulus
 * check as the first one did.
 */
export function neighbouring(key: Bytes, index: number): Bytes {
  let at = index - (index % 3); // two coefficients in three octets; the first octet begins with the lowest bit of one
  while (((key[at] ?? 1) & 1) === 0) at += 3;
  return flipped(key, at);
}

/** An encapsulation key whose first or last coefficient is not below the modulus (FIPS 203, section 7.2). */
export function beyondModulus(key: Bytes, place: 'first' | 'last'): Bytes {
  const coefficients = sizes.encapsulationKey - 32; // 12 bits each; then rho
  const copy = Uint8Array.from(key);
  copy.fill(0xff, ...(place === 'first' ? [0, 2] : [coefficients - 2, coefficients]));
  return copy;
}
