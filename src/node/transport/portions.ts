// What is sealed at a time, of the chunks that an application wrote.
import { channelSizes } from '../../generated/channel.ts';
import { portionOctets } from './securedOptions.ts';

/** Chunks as portions of at most 65,536 octets. Chunks that fill no record are joined, as one record costs less than many. */
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
    for (let at = 0; at < chunk.length; at += portionOctets) yield chunk.subarray(at, at + portionOctets);
  }
  if (octets > 0) yield Buffer.concat(small, octets);
  return undefined;
}
