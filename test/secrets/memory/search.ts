// Searches the memory of a process (Linux: /proc/PID/maps and /proc/PID/mem) for secrets. The searcher holds them; the searched one should not.

import { closeSync, openSync, readFileSync, readSync } from 'node:fs';
import type { Bytes } from '../../../src/octets.ts';

export interface Needle {
  readonly what: string;
  readonly octets: Bytes;
}

export interface Found {
  readonly what: string;
  /** Where: `[heap]`, `[stack]`, or nothing for other memory of its own. */
  readonly region: string;
  readonly address: string;
}

interface Region {
  readonly start: number;
  readonly end: number;
  readonly name: string;
}

/** Octets of a part that is searched for: a copy that was overwritten in part is found by the rest. */
const part = 16;
const shortest = 12;
const chunk = 1 << 22;

/** Memory that a process may write: where else could it have left something. */
function regionsOf(pid: number): Region[] {
  return readFileSync(`/proc/${pid}/maps`, 'utf8')
    .split('\n')
    .flatMap((line) => {
      const [, start = '', end = '', flags = '', name = ''] =
        /^([0-9a-f]+)-([0-9a-f]+) (\S+) \S+ \S+ \S+ *(.*)$/.exec(line) ?? [];
      if (!flags.startsWith('rw') || name === '[vvar]') return [];
      return [{ start: Number.parseInt(start, 16), end: Number.parseInt(end, 16), name }];
    });
}

/** Whether the memory of a child can be read here. */
export function canSearch(pid: number): boolean {
  try {
    closeSync(openSync(`/proc/${pid}/mem`, 'r'));
    return readFileSync(`/proc/${pid}/maps`, 'utf8') !== '';
  } catch {
    return false;
  }
}

interface Part {
  readonly what: string;
  readonly octets: Bytes;
}

interface Index {
  readonly parts: Map<number, Part[]>;
  /** A bit for each value of the first three octets that some part has. */
  readonly likely: Uint8Array;
}

function indexOf(needles: readonly Needle[]): Index {
  const parts = new Map<number, Part[]>();
  const likely = new Uint8Array(1 << 21);
  for (const { what, octets } of needles) {
    const length = Math.min(part, octets.length); // an initial vector has 12 octets
    for (let at = 0; at + length <= octets.length; at += length) {
      const piece = octets.subarray(at, at + length);
      const head = (piece[0] ?? 0) | ((piece[1] ?? 0) << 8) | ((piece[2] ?? 0) << 16);
      parts.set(head, [...(parts.get(head) ?? []), { what, octets: piece }]);
      likely[head >> 3] = (likely[head >> 3] ?? 0) | (1 << (head & 7));
    }
  }
  return { parts, likely };
}

function searchChunk(octets: Bytes, { parts, likely }: Index, tell: (what: string, at: number) => void): void {
  let head = ((octets[0] ?? 0) << 8) | ((octets[1] ?? 0) << 16);
  for (let at = 0; at + shortest <= octets.length; at += 1) {
    head = (head >>> 8) | ((octets[at + 2] ?? 0) << 16);
    if (((likely[head >> 3] ?? 0) & (1 << (head & 7))) === 0) continue;
    for (const piece of parts.get(head) ?? [])
      if (piece.octets.every((octet, n) => octets[at + n] === octet)) tell(piece.what, at);
  }
}

/** Every place at which 16 octets of a needle stand, from a multiple of 16 on. */
export function search(pid: number, needles: readonly Needle[]): Found[] {
  const index = indexOf(needles);
  const found: Found[] = [];
  const memory = openSync(`/proc/${pid}/mem`, 'r');
  const buffer = new Uint8Array(chunk);
  for (const { start, end, name } of regionsOf(pid)) {
    for (let from = start; from < end; from += chunk - part + 1) {
      let length = 0;
      try {
        length = readSync(memory, buffer, 0, Math.min(chunk, end - from), from);
      } catch {
        break; // a page that cannot be read, as of a device
      }
      searchChunk(buffer.subarray(0, length), index, (what, at) =>
        found.push({ what, region: name, address: (from + at).toString(16) }),
      );
    }
  }
  closeSync(memory);
  return found;
}
