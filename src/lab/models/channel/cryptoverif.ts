// The formulas of a channel in the notation of the CryptoVerif files about it, which are written by hand: Expand with at most 48 octets
// is hkdf, of which shorter values are the first octets.
import { formulasOf, spelled } from './formulas.ts';
import type { ChannelProtocol } from './mutants.ts';
import { runChannel } from './run.ts';

const notation: readonly (readonly [RegExp, string])[] = [
  [/^expand_48\((\w+), concat4\(.*\)\)$/, 'hkdf($1, info(d))'],
  [/^expand_48\((.*)\)$/, 'hkdf($1)'],
  [/^expand_12\((.*)\)$/, 'cut_12(hkdf($1))'],
  [/^expand_32\((\w+, text_key)\)$/, 'cut_32(hkdf($1))'],
  [/^expand_32\((.*)\)$/, 'octets_32(hkdf($1))'],
];

/** The formulas that a CryptoVerif file about the channel may state, by name. */
export function channelFormulas(protocol: ChannelProtocol): ReadonlyMap<string, readonly string[]> {
  const run = runChannel(protocol, { epoch: 1, generation: 1, sequence: 1 });
  const stated = formulasOf(run.terms, run.algebra).map(({ name, body }): [string, readonly string[]] => {
    const text = notation.reduce((before, [pattern, put]) => before.replace(pattern, put), spelled(body));
    return [name.replace(/_of$/, '').replace(/_(i2r|r2i)$/, '_d'), [text]];
  });
  return new Map(stated);
}
