// Classic capture files, as in draft-ietf-opsawg-pcap. Bounded: what a length says is believed only as far as the file goes.
import type { Bytes } from '../octets.ts';
import { hexNumber, type Problem, problemAt } from './problem.ts';

/** One captured packet. */
export interface Packet {
  /** Link type (draft-ietf-opsawg-pcaplinktype). */
  readonly linkType: number;
  /** The octets that were captured of the packet. */
  readonly octets: Bytes;
  /** Where these octets begin in the file. */
  readonly offset: number;
  /** Seconds since 1970, if the file says so. */
  readonly time: number | undefined;
}

/**
 * The packets of a capture one after the other, so that only one is held at a time. At the end comes the first fault that stopped
 * the reading, if there is one.
 */
export type Capture = Generator<Packet, Problem | undefined>;

const fileHeader = 24;
const recordHeader = 16;
const version = { major: 2, minor: 4 } as const;

/** The magic numbers as a reader of big-endian numbers sees them: byte order of the file, and fractions of a second. */
const magics: ReadonlyMap<number, { readonly little: boolean; readonly fraction: number }> = new Map([
  [0xa1b2c3d4, { little: false, fraction: 1e6 }],
  [0xd4c3b2a1, { little: true, fraction: 1e6 }],
  [0xa1b23c4d, { little: false, fraction: 1e9 }],
  [0x4d3cb2a1, { little: true, fraction: 1e9 }],
]);

export const viewOf = (octets: Bytes): DataView => new DataView(octets.buffer, octets.byteOffset, octets.byteLength);

/** Whether a file begins as a classic capture does. */
export const isPcap = (file: Bytes): boolean => file.length >= 4 && magics.has(viewOf(file).getUint32(0));

/** Reads a classic capture. Never throws. */
export function* readPcap(file: Bytes): Capture {
  if (file.length < fileHeader) return problemAt(file.length, 'the end', `a file header of ${fileHeader} octets`);
  const view = viewOf(file);
  const { little = false, fraction = 1 } = magics.get(view.getUint32(0)) ?? {};
  const [major, minor] = [view.getUint16(4, little), view.getUint16(6, little)];
  if (major !== version.major || minor !== version.minor) {
    return problemAt(4, `version ${major}.${minor}`, `version ${version.major}.${version.minor}`);
  }
  const linkType = view.getUint32(20, little) & 0xffff; // above are flags of the frame check sequence
  let at = fileHeader;
  while (at < file.length) {
    if (at + recordHeader > file.length) {
      return problemAt(at, `${file.length - at} octets`, 'a record header of 16 octets');
    }
    const [seconds, fractions] = [view.getUint32(at, little), view.getUint32(at + 4, little)];
    const captured = view.getUint32(at + 8, little);
    const offset = at + recordHeader;
    if (captured > file.length - offset) {
      return problemAt(at + 8, `a packet of ${captured} octets`, `at most the ${file.length - offset} that follow`);
    }
    const time = seconds + fractions / fraction;
    yield { linkType, octets: file.subarray(offset, offset + captured), offset, time };
    at = offset + captured;
  }
  return undefined;
}

/** 4 octets as they stand, for messages. */
export const fourOctets = (view: DataView, at: number): string => hexNumber(view.getUint32(at), 8);
