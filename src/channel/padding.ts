// Padding, the sender's choice (spec/channel.md, section 5).
import { match, P } from 'ts-pattern';
import { ConfigurationError } from '../configuration.ts';
import { channelSizes } from '../generated/channel.ts';
import type { Padding } from './options.ts';

/** Refuses a padding that there is not. @throws ConfigurationError */
export function checkPadding(padding: Padding): Padding {
  const multipleOf = typeof padding === 'object' ? padding.multipleOf : 1;
  const known = typeof padding === 'object' || padding === 'none' || padding === 'power-of-two';
  if (known && Number.isInteger(multipleOf) && multipleOf >= 1 && multipleOf <= channelSizes.mostContent)
    return padding;
  throw new ConfigurationError(
    `padding is none, power-of-two, or a multiple of 1 to ${channelSizes.mostContent} octets, not ${JSON.stringify(padding)}`,
  );
}

/** The octets of padding behind so much content, as far as the record has room (PQ-C-34). */
export function paddingOf(padding: Padding, content: number): number {
  const octets = content + channelSizes.type;
  const wanted = match(padding)
    .with('none', () => octets)
    .with('power-of-two', () => 2 ** Math.ceil(Math.log2(octets)))
    .with({ multipleOf: P.number }, ({ multipleOf }) => Math.ceil(octets / multipleOf) * multipleOf)
    .exhaustive();
  return Math.min(wanted, channelSizes.mostContent + channelSizes.type) - octets;
}
