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
  /** Octets that the packet had; more than were captured where it was cut. */
  readonly original: number;
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
    const old =
      major === 2 && minor < version.minor ? ', an older form whose records name both lengths the other way round' : '';
    return problemAt(4, `version ${major}.${minor}${old}`, `version ${version.major}.${version.minor}`);
  }
  const linkType = view.getUint32(20, little) & 0xffff; // above are flags of the frame check sequence
  let at = fileHeader;
  while (at < file.length) {
    if (at + recordHeader > file.length) {
      return problemAt(at, `${file.length - at} octets`, 'a record header of 16 octets');
    }
    const [seconds, fractions] = [view.getUint32(at, little), view.getUint32(at + 4, little)];
    const [captured, original] = [view.getUint32(at + 8, little), view.getUint32(at + 12, little)];
    const offset = at + recordHeader;
    if (captured > file.length - offset) {
      return problemAt(at + 8, `a packet of ${captured} octets`, `at most the ${file.length - offset} that follow`);
    }
    const time = seconds + fractions / fraction;
    yield { linkType, octets: file.subarray(offset, offset + captured), offset, original, time };
    at = offset + captured;
  }
  return undefined;
}

/** Beginnings of files that hold or held captures, and are not read: their octets, and what they are. */
const unread: readonly { readonly begins: readonly number[]; readonly is: string }[] = [
  { begins: [0x1f, 0x8b], is: 'a file compressed with gzip' },
  { begins: [0x28, 0xb5, 0x2f, 0xfd], is: 'a file compressed with Zstandard' },
  { begins: [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00], is: 'a file compressed with xz' },
  { begins: [0x04, 0x22, 0x4d, 0x18], is: 'a file compressed with LZ4' },
  { begins: [0x42, 0x5a, 0x68], is: 'a file compressed with bzip2' },
  { begins: [0xa1, 0xb2, 0xcd, 0x34], is: 'a capture with magic number 0xa1b2cd34, whose records are longer' },
  { begins: [0x34, 0xcd, 0xb2, 0xa1], is: 'a capture with magic number 0xa1b2cd34, whose records are longer' },
];

/** The fault of a file of a known form that is not read; undefined for every other one. */
export function unreadForm(file: Bytes): Problem | undefined {
  const found = unread.find(({ begins }) => begins.every((octet, at) => file[at] === octet));
  return found === undefined
    ? undefined
    : problemAt(0, found.is, 'pcap 2.4 or pcapng, not compressed, octets, or hexadecimal digits');
}

/** 4 octets as they stand, for messages. */
export const fourOctets = (view: DataView, at: number): string => hexNumber(view.getUint32(at), 8);
