// Capture files of the next generation, as in draft-ietf-opsawg-pcapng: sections of blocks. Blocks of types that say nothing of packets
// are passed over by their length, as section 3.1 of that draft asks.

import { limits } from '../limits.ts';
import type { Bytes } from '../octets.ts';
import { type Capture, fourOctets, type Packet, viewOf } from './pcap.ts';
import { type Problem, problemAt } from './problem.ts';

const blocks = { section: 0x0a0d0d0a, interface: 1, packet: 2, simple: 3, enhanced: 6 } as const;
const byteOrder = { big: 0x1a2b3c4d, little: 0x4d3c2b1a } as const;
const smallestBlock = 12;
const optionTypes = { end: 0, resolution: 9, timeOffset: 14 } as const;

interface Interface {
  readonly linkType: number;
  /** The most octets kept of a packet; 0 for no limit. */
  readonly snapLength: number;
  /** Units of a time stamp in a second. */
  readonly units: number;
  /** Seconds to add to time stamps. */
  readonly timeOffset: number;
}

/** Whether a file begins as a capture of the next generation does. */
export const isPcapng = (file: Bytes): boolean => file.length >= 4 && viewOf(file).getUint32(0) === blocks.section;

/** Ends the reading at the first fault. */
class Unreadable extends Error {
  readonly problem: Problem;
  constructor(problem: Problem) {
    super();
    this.problem = problem;
  }
}

function refuse(offset: number, found: string, expected: string): never {
  throw new Unreadable(problemAt(offset, found, expected));
}

/** A block: where its body begins and ends. */
interface Block {
  readonly type: number;
  readonly start: number;
  readonly end: number;
  /** Where the next block begins. */
  readonly next: number;
}

function endianness(view: DataView, at: number): boolean {
  const magic = view.getUint32(at + 8);
  if (magic === byteOrder.little) return true;
  if (magic === byteOrder.big) return false;
  return refuse(at + 8, fourOctets(view, at + 8), 'a byte-order magic, 0x1a2b3c4d in either order');
}

function blockAt(view: DataView, at: number, little: boolean): Block {
  const left = view.byteLength - at;
  const type = view.getUint32(at, little);
  const length = view.getUint32(at + 4, little);
  if (length < smallestBlock || length % 4 !== 0) {
    refuse(at + 4, `a block of ${length} octets`, `a multiple of 4, at least ${smallestBlock}`);
  }
  if (length > left) refuse(at + 4, `a block of ${length} octets`, `at most the ${left} that are left`);
  const next = at + length;
  const again = view.getUint32(next - 4, little);
  if (again !== length) refuse(next - 4, `length ${again}`, `that of the block's beginning, ${length}`);
  return { type, start: at + 8, end: next - 4, next };
}

function needBody({ start, end }: Block, octets: number, what: string): void {
  if (end - start < octets) refuse(start, `${end - start} octets`, `${what} of at least ${octets}`);
}

/** Time options of an interface: if_tsresol and if_tsoffset. */
function timing(view: DataView, from: number, end: number, little: boolean): { units: number; timeOffset: number } {
  let [units, timeOffset, at] = [1e6, 0, from];
  while (at < end) {
    if (end - at < 4) refuse(at, `${end - at} octets`, 'an option header of 4');
    const [type, length] = [view.getUint16(at, little), view.getUint16(at + 2, little)];
    if (type === optionTypes.end) break;
    const padded = Math.ceil(length / 4) * 4;
    if (padded > end - at - 4)
      refuse(at + 2, `an option of ${length} octets`, `at most the ${end - at - 4} that are left`);
    if (type === optionTypes.resolution && length === 1) {
      const value = view.getUint8(at + 4);
      units = (value & 0x80) === 0 ? 10 ** value : 2 ** (value & 0x7f);
    } else if (type === optionTypes.timeOffset && length === 8) {
      timeOffset = Number(view.getBigInt64(at + 4, little));
    }
    at += 4 + padded;
  }
  return { units, timeOffset };
}

function readSection(view: DataView, block: Block, little: boolean): void {
  needBody(block, 16, 'a section header');
  const [major, minor] = [view.getUint16(block.start + 4, little), view.getUint16(block.start + 6, little)];
  if (major !== 1) refuse(block.start + 4, `version ${major}.${minor}`, 'version 1');
}

function readInterface(view: DataView, block: Block, little: boolean): Interface {
  needBody(block, 8, 'an interface description');
  const linkType = view.getUint16(block.start, little);
  const snapLength = view.getUint32(block.start + 4, little);
  return { linkType, snapLength, ...timing(view, block.start + 8, block.end, little) };
}

function describe(interfaces: Interface[], view: DataView, block: Block, little: boolean): void {
  const most = limits.recordedInterfaces;
  if (interfaces.length === most) refuse(block.start, 'another interface', `at most ${most} in a section`);
  interfaces.push(readInterface(view, block, little));
}

/** Reads an enhanced or an obsolete packet block: they differ in how the interface is named. */
function readPacket(
  view: DataView,
  file: Bytes,
  block: Block,
  little: boolean,
  interfaces: readonly Interface[],
): Packet {
  needBody(block, 20, 'a packet');
  const { start } = block;
  const number = block.type === blocks.packet ? view.getUint16(start, little) : view.getUint32(start, little);
  const found = interfaces[number];
  if (found === undefined) return refuse(start, `interface ${number}`, `one of the ${interfaces.length} described`);
  const stamp = view.getUint32(start + 4, little) * 2 ** 32 + view.getUint32(start + 8, little);
  const [captured, original] = [view.getUint32(start + 12, little), view.getUint32(start + 16, little)];
  const offset = start + 20;
  if (captured > block.end - offset) {
    refuse(start + 12, `a packet of ${captured} octets`, `at most the ${block.end - offset} of its block`);
  }
  const time = stamp / found.units + found.timeOffset;
  return { linkType: found.linkType, octets: file.subarray(offset, offset + captured), offset, original, time };
}

function readSimplePacket(view: DataView, file: Bytes, block: Block, little: boolean, of?: Interface): Packet {
  needBody(block, 4, 'a simple packet');
  if (of === undefined) return refuse(block.start, 'a simple packet', 'an interface description before it');
  const original = view.getUint32(block.start, little);
  const limit = of.snapLength === 0 ? original : Math.min(original, of.snapLength);
  const offset = block.start + 4;
  if (limit > block.end - offset) {
    refuse(block.start, `a packet of ${limit} octets`, `at most the ${block.end - offset} of its block`);
  }
  return { linkType: of.linkType, octets: file.subarray(offset, offset + limit), offset, original, time: undefined };
}

function* readBlocks(file: Bytes): Generator<Packet, undefined> {
  const view = viewOf(file);
  let interfaces: Interface[] = [];
  let little = false;
  for (let at = 0; at < file.length; ) {
    if (file.length - at < smallestBlock)
      refuse(at, `${file.length - at} octets`, `a block of at least ${smallestBlock}`);
    const beginsSection = view.getUint32(at) === blocks.section;
    if (beginsSection) little = endianness(view, at);
    const block = blockAt(view, at, little);
    if (beginsSection) {
      readSection(view, block, little);
      interfaces = [];
    } else if (block.type === blocks.interface) describe(interfaces, view, block, little);
    else if (block.type === blocks.simple) yield readSimplePacket(view, file, block, little, interfaces[0]);
    else if (block.type === blocks.enhanced || block.type === blocks.packet) {
      yield readPacket(view, file, block, little, interfaces);
    }
    at = block.next;
  }
  return undefined;
}

/** Reads a capture of the next generation. Never throws. */
export function* readPcapng(file: Bytes): Capture {
  try {
    return yield* readBlocks(file);
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error;
    return error.problem;
  }
}
