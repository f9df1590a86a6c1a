// Octets that come in many small parts.
import { type Bytes, concat } from '../../../octets.ts';

/** Octets as they come: how many there are at any time, and themselves when they are asked for. */
export interface Collected {
  readonly add: (octets: Bytes) => void;
  readonly length: () => number;
  readonly octets: () => Bytes;
}

/** Parts that are put together at a time. */
const together = 1_024;

export function collected(): Collected {
  let [whole, parts, length]: [Bytes[], Bytes[], number] = [[], [], 0];
  const close = (): void => {
    whole.push(concat(...parts));
    parts = [];
  };
  return {
    add: (octets) => {
      parts.push(octets);
      length += octets.length;
      if (parts.length === together) close();
    },
    length: () => length,
    octets: () => {
      close();
      whole = [concat(...whole)];
      return whole[0] ?? new Uint8Array();
    },
  };
}

/** What an application was given, beside what came of it on the other side. */
export interface Compared {
  readonly given: (octets: Bytes) => void;
  readonly came: (octets: Bytes) => void;
  /** Whether as much came as was given. */
  readonly isWhole: () => boolean;
  readonly length: () => number;
  /** The first octet that came and is not the one that was given. */
  readonly wrongAt: () => number | undefined;
}

export function compared(): Compared {
  const awaited: Bytes[] = [];
  let [given, came]: [number, number] = [0, 0];
  let wrong: number | undefined;

  /** Compares the next octets with those that are awaited first. @returns how many were compared */
  function compare(octets: Bytes): number {
    const first = awaited[0];
    if (first === undefined) {
      wrong ??= came;
      return octets.length;
    }
    const common = Math.min(first.length, octets.length);
    const at = octets.subarray(0, common).findIndex((octet, i) => octet !== first[i]);
    if (at >= 0) wrong ??= came + at;
    if (common === first.length) awaited.shift();
    else awaited[0] = first.subarray(common);
    return common;
  }

  return {
    given: (octets) => {
      if (octets.length > 0) awaited.push(octets);
      given += octets.length;
    },
    came: (octets) => {
      for (let rest = octets; rest.length > 0; ) {
        const count = compare(rest);
        came += count;
        rest = rest.subarray(count);
      }
    },
    isWhole: () => came >= given,
    length: () => given,
    wrongAt: () => wrong,
  };
}
