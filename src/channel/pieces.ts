// Cuts a stream of octets into pieces of known lengths, in any segmentation, with no copy of a piece that comes whole.
import type { Bytes } from '../octets.ts';

export interface Pieces {
  /** Adds octets of the transport. Those added before must have been looked at until nothing more was there. */
  readonly push: (octets: Bytes) => void;
  /**
   * The next octets of the stream, once there are so many: good until `push`. What is there of fewer is copied, as the transport may
   * use its buffer again. Never fewer than were asked for before, unless they were dropped meanwhile.
   */
  readonly peek: (octets: number) => Bytes | undefined;
  /** Goes on behind octets that were looked at: all of them. */
  readonly drop: (octets: number) => void;
  /** Whether octets are there. */
  readonly some: () => boolean;
}

const none: Bytes = new Uint8Array(0);

export function pieces(): Pieces {
  let chunk = none;
  let at = 0; // of the chunk, what was read
  let held = none; // room for a piece that came in parts
  let filled = 0;

  function peek(octets: number): Bytes | undefined {
    if (filled >= octets) return held.subarray(0, octets);
    if (filled === 0 && chunk.length - at >= octets) return chunk.subarray(at, at + octets);
    if (filled === 0 && at === chunk.length) return undefined;
    if (held.length < octets) {
      const larger = new Uint8Array(octets);
      larger.set(held.subarray(0, filled));
      held = larger;
    }
    const end = Math.min(chunk.length, at + octets - filled);
    held.set(chunk.subarray(at, end), filled);
    filled += end - at;
    at = end;
    return filled < octets ? undefined : held.subarray(0, octets);
  }

  return {
    push: (octets) => {
      chunk = new Uint8Array(octets.buffer, octets.byteOffset, octets.length); // a Buffer cuts more slowly
      at = 0;
    },
    peek,
    drop: (octets) => {
      if (filled === 0) at += octets;
      else {
        filled = 0;
        held = none;
      }
      if (at === chunk.length) {
        chunk = none;
        at = 0;
      }
    },
    some: () => filled > 0 || at < chunk.length,
  };
}
