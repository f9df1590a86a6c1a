// Cuts octets into lines, each with its digest. A line that is too long to be an entry is hashed, not kept.
import { createHash, type Hash } from 'node:crypto';
import { mostLine } from './entry.ts';

/** A line, or what stands behind the last one. */
export interface Line {
  /** Without its line feed; `undefined` when it is too long to be an entry. */
  readonly octets: Buffer | undefined;
  /** Octets, with the line feed. */
  readonly length: number;
  /** SHA-256, hexadecimal, with the line feed. */
  readonly digest: string;
  /** Whether a line feed ends it. */
  readonly isWhole: boolean;
}

/** Takes octets as they come, and gives lines. */
export interface LineCutter {
  readonly take: (octets: Buffer) => void;
  /** Gives what stands behind the last line feed, if anything does. */
  readonly end: () => void;
}

export function lineCutter(onLine: (line: Line) => void): LineCutter {
  let [parts, length]: [Buffer[], number] = [[], 0];
  let hash: Hash = createHash('sha256');
  const add = (part: Buffer): void => {
    hash.update(part);
    length += part.length;
    if (length <= mostLine)
      parts.push(Buffer.from(part)); // the chunk is used again
    else parts = [];
  };
  const give = (isWhole: boolean): void => {
    const octets = length > mostLine ? undefined : Buffer.concat(parts).subarray(0, isWhole ? length - 1 : length);
    const line = { octets, length, digest: hash.digest('hex'), isWhole };
    [parts, length, hash] = [[], 0, createHash('sha256')];
    onLine(line);
  };
  return {
    take: (octets) => {
      let from = 0;
      for (let at = octets.indexOf(0x0a); at >= 0; at = octets.indexOf(0x0a, from)) {
        add(octets.subarray(from, at + 1));
        give(true);
        from = at + 1;
      }
      if (from < octets.length) add(octets.subarray(from));
    },
    end: () => {
      if (length > 0) give(false);
    },
  };
}
