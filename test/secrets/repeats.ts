// Octets that come twice among values that should have nothing in common.
import { type Bytes, toHex } from '../../src/octets.ts';

/** As many octets as the shortest value that is drawn, an initial vector. By chance they do not come twice. */
const window = 12;

/** `[]`, or a line that says that some 12 octets come twice, in one value or in two. */
export function repeated(what: string, values: readonly Bytes[]): string[] {
  const seen = new Set<string>();
  for (const [index, value] of values.entries()) {
    const digits = toHex(value);
    for (let at = 0; at + window <= value.length; at += 1) {
      const octets = digits.slice(2 * at, 2 * (at + window));
      if (seen.has(octets)) return [`${what}: 12 octets come twice, again in value ${index} at ${at}`];
      seen.add(octets);
    }
  }
  return [];
}
