// What is sealed at a time, of the chunks that an application wrote.
import { channelSizes } from '../../generated/channel.ts';
import { portionOctets } from './securedOptions.ts';

/**
 * Chunks as portions of 65,536 octets; an end that fills no record goes with the portion before it, and out in one write. Chunks that fill no record are
 * joined, as one record costs less than many.
 */
export function* portionsOf(chunks: readonly Buffer[]): Generator<Buffer, undefined> {
  let small: Buffer[] = [];
  let octets = 0;
  for (const chunk of chunks) {
    const joins = chunk.length < channelSizes.mostContent && chunks.length > 1;
    if (octets > 0 && (!joins || octets + chunk.length > portionOctets)) {
      yield Buffer.concat(small, octets);
      [small, octets] = [[], 0];
    }
    if (joins) {
      small.push(chunk);
      octets += chunk.length;
      continue;
    }
    let at = 0;
    for (; chunk.length - at >= portionOctets + channelSizes.mostContent; at += portionOctets)
      yield chunk.subarray(at, at + portionOctets);
    if (at < chunk.length) yield chunk.subarray(at);
  }
  if (octets > 0) yield Buffer.concat(small, octets);
  return undefined;
}
