// Recordings made in memory: handshakes as octets, as TCP segments, and as capture files of every supported kind.

import { messageTable } from '../../src/generated/codec.ts';
import type { MessageName } from '../../src/generated/messages.ts';
import { initiator, responder } from '../../src/handshake/handshake.ts';
import type { HandshakeOptions } from '../../src/handshake/options.ts';
import { chooseSuite } from '../../src/node/suite.ts';
import { concat } from '../../src/octets.ts';
import { otherRole } from '../../src/role.ts';
import { anchorFor, converse, credentialsFor, time } from '../handshake/peers.ts';

export const suite = chooseSuite();

/** A handshake in memory: its messages in the order of the wire, and the key log of each side. */
export interface Recorded {
  readonly messages: readonly { readonly message: MessageName; readonly octets: Uint8Array }[];
  readonly initiatorLog: readonly string[];
  readonly responderLog: readonly string[];
  readonly sessionKey: Uint8Array | undefined;
}

export function record(more: Partial<HandshakeOptions> = {}, change?: Parameters<typeof converse>[2]): Recorded {
  const common = { suite, time, expectedPeer: 'anyone', trustAnchors: [anchorFor(suite)], ...more };
  const messages: { message: MessageName; octets: Uint8Array }[] = [];
  const [initiatorLog, responderLog]: [string[], string[]] = [[], []];
  const done = converse(
    initiator({ ...common, credentials: credentialsFor(suite, 'alice'), keyLog: (line) => initiatorLog.push(line) }),
    responder({ ...common, credentials: credentialsFor(suite, 'bob'), keyLog: (line) => responderLog.push(line) }),
    (sent) => {
      const arriving = change?.(sent) ?? [sent.octets];
      messages.push(...arriving.map((octets) => ({ message: sent.message, octets })));
      return arriving;
    },
  );
  const session = done.initiator.status === 'completed' ? done.initiator.session : undefined;
  return { messages, initiatorLog, responderLog, sessionKey: session?.sessionKey.reveal() };
}

export const sentBy = ({ messages }: Pick<Recorded, 'messages'>, role: 'initiator' | 'responder'): Uint8Array =>
  concat(...messages.filter(({ message }) => messageTable[message].sender === role).map(({ octets }) => octets));

/** A TCP segment to capture. */
export interface Sent {
  readonly from: 'initiator' | 'responder';
  readonly sequence: number;
  readonly flags: number;
  readonly data: Uint8Array;
  readonly acknowledgement?: number;
}

const [fin, syn, ack] = [1, 2, 16];

export interface Numbers {
  readonly initiator: number;
  readonly responder: number;
}

/** The segments of a connection: SYNs, every message cut into at most `size` octets, FINs. */
export function segmentsOf(
  messages: Recorded['messages'],
  { size = 1448, numbers = { initiator: 1_000, responder: 4_294_960_000 } }: { size?: number; numbers?: Numbers } = {},
): Sent[] {
  const next = { initiator: numbers.initiator + 1, responder: numbers.responder + 1 };
  const segments: Sent[] = [
    { from: 'initiator', sequence: numbers.initiator, flags: syn, data: new Uint8Array() },
    {
      from: 'responder',
      sequence: numbers.responder,
      flags: syn | ack,
      data: new Uint8Array(),
      acknowledgement: next.initiator,
    },
  ];
  for (const { message, octets } of messages) {
    const from = messageTable[message].sender;
    for (let at = 0; at < octets.length; at += size) {
      const data = octets.subarray(at, at + size);
      segments.push({ from, sequence: next[from] >>> 0, flags: ack, data, acknowledgement: next[otherRole(from)] });
      next[from] += data.length;
    }
  }
  for (const from of ['initiator', 'responder'] as const) {
    const acknowledgement = next[otherRole(from)];
    segments.push({ from, sequence: next[from] >>> 0, flags: fin | ack, data: new Uint8Array(), acknowledgement });
  }
  return segments;
}

export interface Ends {
  readonly initiatorPort?: number;
  readonly responderPort?: number;
}

function tcp(
  { from, sequence, flags, data, acknowledgement = 1 }: Sent,
  { initiatorPort = 50_000, responderPort = 4433 }: Ends,
): Buffer {
  const header = Buffer.alloc(20);
  const [source, target] = from === 'initiator' ? [initiatorPort, responderPort] : [responderPort, initiatorPort];
  header.writeUInt16BE(source, 0);
  header.writeUInt16BE(target, 2);
  header.writeUInt32BE(sequence >>> 0, 4);
  header.writeUInt32BE(acknowledgement >>> 0, 8);
  header.writeUInt8(5 << 4, 12);
  header.writeUInt8(flags, 13);
  header.writeUInt16BE(65_535, 14);
  return Buffer.concat([header, data]);
}

/** An IP packet with the segment: documentation addresses (RFC 5737, RFC 3849). */
export function ip(version: 4 | 6, sent: Sent, ends: Ends = {}): Buffer {
  const payload = tcp(sent, ends);
  const toResponder = sent.from === 'initiator';
  if (version === 4) {
    const header = Buffer.alloc(20);
    header.writeUInt8(0x45, 0);
    header.writeUInt16BE(20 + payload.length, 2);
    header.writeUInt8(64, 8);
    header.writeUInt8(6, 9);
    const [one, other] = [Buffer.of(192, 0, 2, 1), Buffer.of(192, 0, 2, 2)];
    (toResponder ? one : other).copy(header, 12);
    (toResponder ? other : one).copy(header, 16);
    return Buffer.concat([header, payload]);
  }
  const header = Buffer.alloc(40);
  header.writeUInt8(0x60, 0);
  header.writeUInt16BE(payload.length, 4);
  header.writeUInt8(6, 6);
  header.writeUInt8(64, 7);
  const address = (last: number): Buffer => Buffer.from(`20010db8${'00'.repeat(11)}0${last}`, 'hex');
  address(toResponder ? 1 : 2).copy(header, 8);
  address(toResponder ? 2 : 1).copy(header, 24);
  return Buffer.concat([header, payload]);
}

const etherType = (version: 4 | 6): string => (version === 4 ? '0800' : '86dd');
const hex = (digits: string): Buffer => Buffer.from(digits, 'hex');
const mac = '020000000001020000000002';

/** The supported link layers: link type, and the octets before the IP packet. */
export const links: Readonly<Record<string, { type: number; header: (version: 4 | 6) => Buffer }>> = {
  ethernet: { type: 1, header: (version) => hex(`${mac}${etherType(version)}`) },
  vlan: { type: 1, header: (version) => hex(`${mac}88a800018100000a${etherType(version)}`) },
  'cooked, VLAN': { type: 113, header: (version) => hex(`00000304000600000000000000008100000a${etherType(version)}`) },
  'cooked, version 2, VLAN': {
    type: 276,
    header: (version) => hex(`8100000000000001030400060000000000000000000a${etherType(version)}`),
  },
  raw: { type: 101, header: () => Buffer.alloc(0) },
  null: { type: 0, header: (version) => hex(version === 4 ? '02000000' : '1e000000') },
  loop: { type: 108, header: (version) => hex(version === 4 ? '00000002' : '0000001e') },
  cooked: { type: 113, header: (version) => hex(`0000030400060000000000000000${etherType(version)}`) },
  'cooked, version 2': {
    type: 276,
    header: (version) => hex(`${etherType(version)}000000000001030400060000000000000000`),
  },
};

export interface Captured {
  readonly octets: Uint8Array;
  /** Octets that the packet had, when it was cut. */
  readonly original?: number;
  /** Milliseconds since 2027. */
  readonly at?: number;
}

/** Frames of segments over a link. */
export const frames = (segments: readonly Sent[], link = 'ethernet', version: 4 | 6 = 4, ends: Ends = {}): Captured[] =>
  segments.map((one, index) => ({
    octets: Buffer.concat([links[link]?.header(version) ?? Buffer.alloc(0), ip(version, one, ends)]),
    at: index * 2,
  }));

const start = 1_798_761_600; // 2027-01-01

/** A classic capture. */
export function pcap(packets: readonly Captured[], { linkType = 1, little = true, nano = false } = {}): Buffer {
  const number = (value: number): Buffer => {
    const buffer = Buffer.alloc(4);
    if (little) buffer.writeUInt32LE(value);
    else buffer.writeUInt32BE(value);
    return buffer;
  };
  const version = little ? hex('02000400') : hex('00020004');
  const head = Buffer.concat([
    number(nano ? 0xa1b23c4d : 0xa1b2c3d4),
    version,
    number(0),
    number(0),
    number(262_144),
    number(linkType),
  ]);
  const records = packets.flatMap(({ octets, at = 0, original = octets.length }) => [
    number(start + Math.floor(at / 1000)),
    number((at % 1000) * (nano ? 1e6 : 1e3)),
    ...[number(octets.length), number(original), Buffer.from(octets)],
  ]);
  return Buffer.concat([head, ...records]);
}

/** A capture of the next generation, with an unknown block and interface options. */
export function pcapng(packets: readonly Captured[], { linkType = 1, little = true, simple = false } = {}): Buffer {
  const u16 = (value: number): Buffer => {
    const buffer = Buffer.alloc(2);
    if (little) buffer.writeUInt16LE(value);
    else buffer.writeUInt16BE(value);
    return buffer;
  };
  const u32 = (value: number): Buffer => {
    const buffer = Buffer.alloc(4);
    if (little) buffer.writeUInt32LE(value);
    else buffer.writeUInt32BE(value);
    return buffer;
  };
  const block = (type: number, ...body: readonly Buffer[]): Buffer => {
    const content = Buffer.concat(body);
    const padded = Buffer.concat([content, Buffer.alloc((4 - (content.length % 4)) % 4)]);
    const length = u32(padded.length + 12);
    return Buffer.concat([u32(type), length, padded, length]);
  };
  const resolution = Buffer.concat([u16(9), u16(1), hex('09000000'), u16(0), u16(0)]); // nanoseconds
  const head = [
    block(0x0a0d0d0a, u32(0x1a2b3c4d), u16(1), u16(0), hex('ffffffffffffffff')),
    block(1, u16(linkType), u16(0), u32(0), resolution),
    block(5, u32(0), u32(0), u32(0)),
  ];
  const bodies = packets.map(({ octets, at = 0, original = octets.length }) => {
    const stamp = BigInt(start) * 1_000_000_000n + BigInt(Math.round(at * 1e6));
    const [high, low] = [Number(stamp >> 32n), Number(stamp & 0xffffffffn)];
    return simple
      ? block(3, u32(octets.length), Buffer.from(octets))
      : block(6, u32(0), u32(high), u32(low), u32(octets.length), u32(original), Buffer.from(octets));
  });
  return Buffer.concat([...head, ...bodies]);
}
