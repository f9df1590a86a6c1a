// Whether two samples of octet strings look alike: one test for each field, of octet frequencies.
import { fieldSymbols, fieldsOf } from '../../generated/codec.ts';
import type { Bytes } from '../../octets.ts';
import type { Exhibit } from './onOctets.ts';

/** How often each octet came in each field, by the name of the field. */
export type Frequencies = ReadonlyMap<string, readonly number[]>;

const secrets = ['ss_e', 'k_hid', 'ss_i', 'ss_r', 'k_session'] as const;

/** The fields of a handshake that is shown, by name: those of its messages, and its secrets. `IV` is that of a sender. */
export function fieldsShown(shown: Exhibit): [string, Bytes][] {
  const ofMessages = shown.messages.flatMap((message) =>
    fieldsOf(message).map((octets, at): [string, Bytes] => {
      const symbol = fieldSymbols[message.type][at] ?? '';
      return [symbol === 'IV' ? `IV of ${message.type}` : symbol, octets];
    }),
  );
  const ofSecrets = secrets.flatMap((symbol): [string, Bytes][] => {
    const octets = shown.secrets[symbol];
    return octets === undefined ? [] : [[symbol, octets]];
  });
  return [...ofMessages, ...ofSecrets];
}

/** Counts the octets of these handshakes into frequencies, which are changed. */
export function count(into: Map<string, number[]>, shown: Exhibit): void {
  for (const [name, octets] of fieldsShown(shown)) {
    const counts = into.get(name) ?? new Array<number>(256).fill(0);
    into.set(name, counts);
    for (const octet of octets) counts[octet] = (counts[octet] ?? 0) + 1;
  }
}

/**
 * The one-sided threshold in standard deviations: a field of two samples of one distribution is above it once in 17 million times
 * (1 - Phi(5.3) = 5.8e-8).
 */
const deviations = 5.3;

/** The chi-square value of so many degrees of freedom at the threshold (Wilson and Hilferty, 1931). */
const thresholdOf = (freedom: number): number =>
  freedom * (1 - 2 / (9 * freedom) + deviations * Math.sqrt(2 / (9 * freedom))) ** 3;

/** The fields in which two samples differ in their octet frequencies (two-sample chi-square), or which only one of them has. */
export function differing(one: Frequencies, another: Frequencies): string[] {
  const names = [...new Set([...one.keys(), ...another.keys()])];
  return names.filter((name) => {
    const [left, right] = [one.get(name), another.get(name)];
    if (left === undefined || right === undefined) return true;
    const [leftSum, rightSum] = [left, right].map((counts) => counts.reduce((sum, times) => sum + times, 0));
    const ratio = Math.sqrt((rightSum ?? 0) / (leftSum ?? 1));
    let [value, categories] = [0, 0];
    left.forEach((times, octet) => {
      const others = right[octet] ?? 0;
      if (times + others === 0) return;
      categories += 1;
      value += (ratio * times - others / ratio) ** 2 / (times + others);
    });
    return categories > 1 ? value > thresholdOf(categories - 1) : false;
  });
}
