// What a file is, by its content: a capture, hexadecimal digits, or the octets of a stream themselves.

import { openPacket, type Segment } from './packet.ts';
import { isPcap, readPcap } from './pcap.ts';
import { isPcapng, readPcapng } from './pcapng.ts';
import { hexNumber, type Problem, problemAt } from './problem.ts';
import { type Connection, reassemble } from './tcp.ts';

type Bytes = Uint8Array;

/** A file, read. */
export type Input =
  | {
      readonly kind: 'capture';
      readonly connections: readonly Connection[];
      readonly notes: readonly string[];
      readonly problems: readonly Problem[];
    }
  | { readonly kind: 'stream'; readonly octets: Bytes; readonly problems: readonly Problem[] };

/** Reads a file of any of the forms. Never throws. */
export function readInput(file: Bytes): Input {
  if (isPcap(file)) return opened(readPcap(file));
  if (isPcapng(file)) return opened(readPcapng(file));
  if (file.length === 0) {
    return {
      kind: 'stream',
      octets: file,
      problems: [problemAt(0, 'an empty file', 'a capture, octets or hexadecimal digits')],
    };
  }
  return isText(file) ? readHex(file) : { kind: 'stream', octets: file, problems: [] };
}

function opened({ packets, problems: ofFile }: ReturnType<typeof readPcap>): Input {
  const segments: Segment[] = [];
  const problems: Problem[] = [];
  const passedOver = new Map<string, number>();
  for (const packet of packets) {
    const one = openPacket(packet);
    if ('segment' in one) segments.push(one.segment);
    else if ('problem' in one) problems.push(one.problem);
    else passedOver.set(one.passedOver, (passedOver.get(one.passedOver) ?? 0) + 1);
  }
  const notes = [...passedOver].map(([what, count]) => `${count} packets passed over: ${what}`);
  return { kind: 'capture', connections: reassemble(segments), notes, problems: [...problems, ...ofFile] };
}

/** Printable ASCII and white space; a stream of messages begins with an octet that is neither. */
const isText = (file: Bytes): boolean =>
  file.every((octet) => (octet >= 0x20 && octet < 0x7f) || (octet >= 0x09 && octet <= 0x0d));

const characters = { lineFeed: 0x0a, carriageReturn: 0x0d, space: 0x20, hash: 0x23, colon: 0x3a } as const;

function digitOf(octet: number): number | undefined {
  if (octet >= 0x30 && octet <= 0x39) return octet - 0x30;
  const lower = octet | 0x20;
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x61 + 10 : undefined;
}

/** Hexadecimal digits; white space and colons between them, and what stands behind `#` in a line, say nothing. */
function readHex(file: Bytes): Input {
  const octets = new Uint8Array(file.length >> 1);
  let [length, high, comment]: [number, number | undefined, boolean] = [0, undefined, false];
  const stop = (at: number, found: string, expected: string): Input => ({
    kind: 'stream',
    octets: octets.subarray(0, length),
    problems: [problemAt(at, found, expected)],
  });
  for (const [at, octet] of file.entries()) {
    if (octet === characters.lineFeed || octet === characters.carriageReturn) comment = false;
    else if (octet === characters.hash) comment = true;
    if (comment || octet <= characters.space || octet === characters.colon) continue;
    const digit = digitOf(octet);
    if (digit === undefined) return stop(at, `the character ${hexNumber(octet, 2)}`, 'a hexadecimal digit');
    if (high === undefined) high = digit;
    else {
      octets[length] = high * 16 + digit;
      length += 1;
      high = undefined;
    }
  }
  if (high !== undefined) return stop(file.length, 'an odd number of hexadecimal digits', 'two for each octet');
  return { kind: 'stream', octets: octets.subarray(0, length), problems: [] };
}
