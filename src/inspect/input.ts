// Tells the form of a file by its content: a capture, hexadecimal digits, or the octets of a stream themselves.

import { latin1 } from '../der/der.ts';
import { keyLogTable } from '../generated/keyLog.ts';
import { limits } from '../limits.ts';
import type { Bytes } from '../octets.ts';
import { openPacket } from './packet.ts';
import { type Capture, isPcap, readPcap, unreadForm } from './pcap.ts';
import { isPcapng, readPcapng } from './pcapng.ts';
import { hexNumber, type Problem, problemAt, problemList } from './problem.ts';
import { type Connection, reassembly } from './tcp.ts';

/** A file, read. */
export type Input =
  | {
      readonly kind: 'capture';
      readonly connections: readonly Connection[];
      readonly notes: readonly string[];
      readonly problems: readonly Problem[];
    }
  | { readonly kind: 'stream'; readonly octets: Bytes; readonly problems: readonly Problem[] };

/** Reads a file of any of these forms. Never throws. */
export function readInput(file: Bytes): Input {
  if (isPcap(file)) return opened(file, readPcap(file));
  if (isPcapng(file)) return opened(file, readPcapng(file));
  const unread = unreadForm(file);
  if (unread !== undefined) return { kind: 'stream', octets: new Uint8Array(), problems: [unread] };
  if (file.length === 0) {
    return {
      kind: 'stream',
      octets: file,
      problems: [problemAt(0, 'an empty file', 'a capture, octets or hexadecimal digits')],
    };
  }
  if (!isText(file)) return { kind: 'stream', octets: file, problems: [] };
  const other = otherText(file);
  if (other === undefined) return readHex(file);
  return { kind: 'stream', octets: new Uint8Array(), problems: [problemAt(other.offset, other.found, recordings)] };
}

/** The files that can be inspected, for problems. */
export const recordings = 'a capture (pcap, pcapng), or octets of messages, also as hexadecimal digits';

/** How many characters of a text are looked at to tell what it is. */
const beginning = 4_096;

/** What a text is, when it is no recording but another file of a peer: PEM, or a key log. */
function otherText(file: Bytes): { readonly offset: number; readonly found: string } | undefined {
  const text = latin1(file.subarray(0, beginning));
  const pem = /^-----BEGIN ([A-Z0-9 ]{1,40})-----/m.exec(text);
  if (pem !== null) return { offset: pem.index, found: `PEM of the kind ${pem[1]}` };
  const labels = Object.values(keyLogTable).map(({ label }) => `${label} `);
  let offset = 0;
  for (const line of text.split('\n')) {
    if (labels.some((label) => line.startsWith(label)))
      return { offset, found: 'a key log, which goes beside a recording' };
    offset += line.length + 1;
  }
  return undefined;
}

/** Opens the packets of a file; a few numbers are kept of each that carries TCP. */
function opened(file: Bytes, packets: Capture): Input {
  const tcp = reassembly(file);
  const problems = problemList();
  const passedOver = new Map<string, number>();
  const cut = { packets: 0, longest: 0 };
  let next = packets.next();
  for (; next.done !== true; next = packets.next()) {
    const { octets, original, offset } = next.value;
    if (octets.length < original) {
      cut.packets += 1;
      cut.longest = Math.max(cut.longest, octets.length);
    }
    const one = openPacket(next.value);
    if ('segment' in one) {
      if (!tcp.take(one.segment)) problems.add(tooManyConnections(offset));
    } else if ('problem' in one) problems.add(one.problem);
    else {
      const kind =
        passedOver.size < limits.inspectionLines || passedOver.has(one.passedOver) ? one.passedOver : 'other kinds';
      passedOver.set(kind, (passedOver.get(kind) ?? 0) + 1);
    }
  }
  const notes = [...passedOver].map(([what, count]) => `${count} packets passed over: ${what}`);
  if (cut.packets > 0) {
    notes.push(
      `${cut.packets} packets were cut by the snap length of the capture (${cut.longest} octets kept at the most): record whole packets`,
    );
  }
  const ofFile = next.value === undefined ? [] : [next.value];
  return { kind: 'capture', connections: tcp.connections(), notes, problems: [...problems.all(), ...ofFile] };
}

const tooManyConnections = (offset: number): Problem =>
  problemAt(offset, 'a packet of another connection', `at most ${limits.recordedConnections} connections`);

/** Printable ASCII and white space. A stream of messages begins with an octet that is neither. */
const isText = (file: Bytes): boolean =>
  file.every((octet) => (octet >= 0x20 && octet < 0x7f) || (octet >= 0x09 && octet <= 0x0d));

const characters = { lineFeed: 0x0a, carriageReturn: 0x0d, space: 0x20, hash: 0x23, colon: 0x3a } as const;

function digitOf(octet: number): number | undefined {
  if (octet >= 0x30 && octet <= 0x39) return octet - 0x30;
  const lower = octet | 0x20;
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x61 + 10 : undefined;
}

/** Reads hexadecimal digits. White space and colons between them are passed over, and so is a line from `#` on. */
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
