// From a captured packet to a TCP segment: link layer, IPv4 (RFC 791) or IPv6 (RFC 8200), TCP (RFC 9293). Checksums are not verified:
// captures of one's own machine have wrong ones, which its network card would have filled in.
import { type Bytes, toHex } from '../octets.ts';
import { type Packet, viewOf } from './pcap.ts';
import { type Problem, problemAt } from './problem.ts';

/** One end of a connection, such as `192.0.2.1:4433` or `[2001:db8::1]:4433`. */
export type Endpoint = string;

/** A TCP segment. */
export interface Segment {
  readonly from: Endpoint;
  readonly to: Endpoint;
  readonly sequence: number;
  /** The next sequence number awaited of the other end; it counts where the flag `ack` is set. */
  readonly acknowledgement: number;
  readonly flags: { readonly syn: boolean; readonly ack: boolean; readonly fin: boolean; readonly rst: boolean };
  readonly data: Bytes;
  /** Where the data begin in the file. */
  readonly offset: number;
  readonly time: number | undefined;
}

/** The kinds of packets: a segment, one that carries no TCP (`reason` says what it carries), or one that cannot be read. */
export type Opened = { readonly segment: Segment } | { readonly passedOver: string } | { readonly problem: Problem };

/** The rest of a packet, and where it begins in the file. */
interface Part {
  readonly octets: Bytes;
  readonly offset: number;
}

const etherTypes = { ipv4: 0x0800, ipv6: 0x86dd, vlan: [0x8100, 0x88a8, 0x9100] } as const;
const tcp = 6;
/** Extension headers of IPv6 that may stand before TCP: hop-by-hop, routing, destination options. */
const extensionHeaders: readonly number[] = [0, 43, 60];
const fragmentHeader = 44;
/** The authentication header (RFC 4302) of IPv4 and IPv6: it leaves what it protects readable. */
const authenticationHeader = 51;

const tooShort = ({ octets, offset }: Part, what: string, needed: number): Opened => ({
  problem: problemAt(offset, `${octets.length} octets`, `${what} of at least ${needed}`),
});
const from = ({ octets, offset }: Part, start: number): Part => ({
  octets: octets.subarray(start),
  offset: offset + start,
});

/** Opens a packet. Never throws. */
export function openPacket({ linkType, octets, offset, time }: Packet): Opened {
  const whole = { octets, offset };
  switch (linkType) {
    case 0: // NULL: address family in the byte order of the capturing machine
    case 108: // LOOP: the same in network order
      return octets.length < 4 ? tooShort(whole, 'a loopback header', 4) : openIp(from(whole, 4), time);
    case 1:
      return openEthernet(whole, time);
    case 12: // LINKTYPE_RAW is 101; these are the values of DLT_RAW on some systems
    case 14:
    case 101:
    case 228:
    case 229:
      return openIp(whole, time);
    case 113:
      return openCooked(whole, 14, 16, time);
    case 276:
      return openCooked(whole, 0, 20, time);
    default:
      return { passedOver: `link type ${linkType}` };
  }
}

function openEthernet(frame: Part, time: number | undefined): Opened {
  if (frame.octets.length < 14) return tooShort(frame, 'an Ethernet header', 14);
  return openEtherType(viewOf(frame.octets).getUint16(12), from(frame, 14), time);
}

function openCooked(frame: Part, typeAt: number, headerOctets: number, time: number | undefined): Opened {
  if (frame.octets.length < headerOctets) return tooShort(frame, 'a Linux cooked header', headerOctets);
  return openEtherType(viewOf(frame.octets).getUint16(typeAt), from(frame, headerOctets), time);
}

/** A tag of a VLAN has 2 octets of its own, and then the type of what follows; several may stand one behind the other. */
function openEtherType(outer: number, tagged: Part, time: number | undefined): Opened {
  let [type, payload] = [outer, tagged];
  while (etherTypes.vlan.some((one) => one === type)) {
    if (payload.octets.length < 4) return tooShort(payload, 'a VLAN tag', 4);
    [type, payload] = [viewOf(payload.octets).getUint16(2), from(payload, 4)];
  }
  if (type === etherTypes.ipv4 || type === etherTypes.ipv6) return openIp(payload, time);
  return { passedOver: `EtherType 0x${type.toString(16).padStart(4, '0')}` };
}

function openIp(packet: Part, time: number | undefined): Opened {
  const version = (packet.octets[0] ?? 0) >> 4;
  if (packet.octets.length === 0) return tooShort(packet, 'an IP header', 20);
  if (version === 4) return openIpv4(packet, time);
  if (version === 6) return openIpv6(packet, time);
  return { problem: problemAt(packet.offset, `IP version ${version}`, '4 or 6') };
}

function openIpv4(packet: Part, time: number | undefined): Opened {
  const { octets, offset } = packet;
  if (octets.length < 20) return tooShort(packet, 'an IPv4 header', 20);
  const view = viewOf(octets);
  const header = (view.getUint8(0) & 0x0f) * 4;
  if (header < 20) return { problem: problemAt(offset, `an IPv4 header of ${header} octets`, 'at least 20') };
  const stated = view.getUint16(2);
  const total = stated === 0 ? octets.length : stated; // 0: left to the network card (segmentation offload)
  if (total < header) return { problem: problemAt(offset + 2, `a packet of ${total} octets`, `at least ${header}`) };
  if (octets.length < header) return tooShort(packet, 'an IPv4 header', header);
  if ((view.getUint16(6) & 0x3fff) !== 0) return { passedOver: 'fragment of an IPv4 packet' };
  const addresses = [octets.subarray(12, 16).join('.'), octets.subarray(16, 20).join('.')] as const;
  const payload = { octets: octets.subarray(header, total), offset: offset + header };
  return openPayload(view.getUint8(9), payload, addresses, time);
}

function openIpv6(packet: Part, time: number | undefined): Opened {
  const { octets, offset } = packet;
  if (octets.length < 40) return tooShort(packet, 'an IPv6 header', 40);
  const view = viewOf(octets);
  const stated = view.getUint16(4);
  const end = stated === 0 ? octets.length : 40 + stated;
  const addresses = [ipv6(octets.subarray(8, 24)), ipv6(octets.subarray(24, 40))] as const;
  let [next, at] = [view.getUint8(6), 40];
  while (extensionHeaders.includes(next) || next === fragmentHeader) {
    if (octets.length < at + 8) return tooShort(from(packet, at), 'an IPv6 extension header', 8);
    // An atomic fragment (RFC 6946) has the whole packet: offset 0, and no more fragments.
    const isFragment = next === fragmentHeader && (view.getUint16(at + 2) & 0xfff9) !== 0;
    if (isFragment) return { passedOver: 'fragment of an IPv6 packet' };
    const length = next === fragmentHeader ? 8 : 8 + view.getUint8(at + 1) * 8;
    [next, at] = [view.getUint8(at), at + length];
  }
  return openPayload(next, { octets: octets.subarray(at, Math.max(at, end)), offset: offset + at }, addresses, time);
}

type Addresses = readonly [string, string];

/** TCP, at once or behind an authentication header. */
function openPayload(protocol: number, payload: Part, addresses: Addresses, time: number | undefined): Opened {
  if (protocol === tcp) return openTcp(payload, addresses, time);
  if (protocol !== authenticationHeader) return { passedOver: `IP protocol ${protocol}` };
  const { octets } = payload;
  if (octets.length < 12) return tooShort(payload, 'an authentication header', 12);
  const [next = 0, words = 0] = octets;
  const rest = from(payload, Math.min(octets.length, (words + 2) * 4));
  return next === authenticationHeader
    ? { passedOver: 'two authentication headers' }
    : openPayload(next, rest, addresses, time);
}

/** RFC 5952, but for the rule that prefers the longest run of zeros: the first run of two or more is shortened. */
function ipv6(octets: Bytes): string {
  const groups = toHex(octets).match(/.{4}/g) ?? [];
  const text = groups.map((group) => group.replace(/^0{1,3}/, '')).join(':');
  return `[${text.replace(/(^|:)0(:0)+(:|$)/, '::')}]`;
}

function openTcp(part: Part, [source, target]: Addresses, time: number | undefined): Opened {
  const { octets, offset } = part;
  if (octets.length < 20) return tooShort(part, 'a TCP header', 20);
  const view = viewOf(octets);
  const header = (view.getUint8(12) >> 4) * 4;
  if (header < 20) return { problem: problemAt(offset + 12, `a TCP header of ${header} octets`, 'at least 20') };
  if (octets.length < header) return tooShort(part, 'a TCP header', header);
  const bits = view.getUint8(13);
  return {
    segment: {
      from: `${source}:${view.getUint16(0)}`,
      to: `${target}:${view.getUint16(2)}`,
      sequence: view.getUint32(4),
      acknowledgement: view.getUint32(8),
      flags: { fin: (bits & 1) !== 0, syn: (bits & 2) !== 0, rst: (bits & 4) !== 0, ack: (bits & 16) !== 0 },
      data: octets.subarray(header),
      offset: offset + header,
      time,
    },
  };
}
