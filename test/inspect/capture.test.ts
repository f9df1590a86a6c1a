// Captures of every kind that is read give the messages that were sent; what cannot be read is said, and where.

import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { faultsOf, type Inspection, inspect } from '../../src/inspect/inspect.ts';
import { concat, toHex } from '../../src/octets.ts';
import fc from '../property.ts';
import { frames, ip, links, pcap, pcapng, record, type Sent, segmentsOf, sentBy, suite } from './capture.ts';

const recorded = record();
const segments = segmentsOf(recorded.messages);
const look = (octets: Uint8Array): Inspection => inspect([{ name: 'capture', octets }], { suite });
const messagesOf = ({ handshakes }: Inspection, index = 0): string[] =>
  (handshakes[index]?.frames ?? []).map(({ octets }) => toHex(octets));
const sent = recorded.messages.map(({ octets }) => toHex(octets));
const faults = (octets: Uint8Array): string[] => faultsOf(look(octets));

describe('file formats, link types and IP versions', () => {
  const formats = {
    pcap: (linkType: number) => (packets: Parameters<typeof pcap>[0]) => pcap(packets, { linkType }),
    'pcap, big-endian, nanoseconds': (linkType: number) => (packets: Parameters<typeof pcap>[0]) =>
      pcap(packets, { linkType, little: false, nano: true }),
    pcapng: (linkType: number) => (packets: Parameters<typeof pcap>[0]) => pcapng(packets, { linkType }),
    'pcapng, big-endian': (linkType: number) => (packets: Parameters<typeof pcap>[0]) =>
      pcapng(packets, { linkType, little: false }),
    'pcapng, simple packets': (linkType: number) => (packets: Parameters<typeof pcap>[0]) =>
      pcapng(packets, { linkType, simple: true }),
  };
  const all = Object.entries(formats).flatMap(([format, make]) =>
    Object.entries(links).flatMap(([link, { type }]) =>
      ([4, 6] as const).map((version) => ({ format, make, link, type, version })),
    ),
  );

  it.each(all)('$format, $link, IPv$version', ({ format, make, link, type, version }) => {
    const inspection = look(make(type)(frames(segments, link, version)));
    expect(faultsOf(inspection)).toEqual([]);
    expect(messagesOf(inspection)).toEqual(sent);
    const addresses =
      version === 4 ? ['192.0.2.1:50000', '192.0.2.2:4433'] : ['[2001:db8::1]:50000', '[2001:db8::2]:4433'];
    expect(inspection.handshakes[0]?.ends).toEqual(addresses);
    const times = inspection.handshakes[0]?.frames.map(({ time }) => time) ?? [];
    if (format === 'pcapng, simple packets') expect(times.every((time) => time === undefined)).toBe(true);
    else expect(times[0]).toBeCloseTo(1_798_761_600.006, 3); // the second segment with octets ends message 1
  });
});

describe('TCP streams are put in order (PQ-P-48)', () => {
  const data = segments.filter(({ data: octets }) => octets.length > 0);
  const [opening, another] = segments as [Sent, Sent];

  it('in any order, any segmentation, with retransmissions that overlap, and sequence numbers that wrap', () => {
    const shuffled = fc
      .record({ size: fc.integer({ min: 200, max: 3000 }), first: fc.integer({ min: 0, max: 2 ** 32 - 1 }) })
      .chain(({ size, first }) => {
        const all = segmentsOf(recorded.messages, {
          size,
          numbers: { initiator: first, responder: 2 ** 32 - 1 - first },
        });
        const pieces = all.filter(({ data: octets }) => octets.length > 0);
        // Again, preceded by some octets that were sent already.
        const again = pieces.flatMap((one, index) => {
          const before = pieces.slice(0, index).findLast(({ from }) => from === one.from);
          if (before === undefined) return [one];
          const overlap = before.data.subarray(-50);
          return [{ ...one, sequence: (one.sequence - overlap.length) >>> 0, data: concat(overlap, one.data) }];
        });
        return fc.tuple(
          fc.constant(all.slice(0, 2)),
          fc
            .subarray(again)
            .chain((some) => fc.shuffledSubarray([...pieces, ...some], { minLength: pieces.length + some.length })),
        );
      });
    fc.assert(
      fc.property(shuffled, ([syns, pieces]) => {
        const inspection = look(pcap(frames([...syns, ...pieces])));
        expect(faultsOf(inspection)).toEqual([]);
        expect(new Set(messagesOf(inspection))).toEqual(new Set(sent));
        expect(inspection.handshakes[0]?.notes).toEqual([]);
      }),
      { numRuns: 60 },
    );
  });

  it('a capture that began after the SYN', () => {
    expect(messagesOf(look(pcap(frames(data))))).toEqual(sent);
  });

  it('a missing segment: the messages before it are shown, and how much cannot be read', () => {
    const lost = data.findIndex(({ from }, index) => from === 'responder' && index > 3);
    const { handshakes } = look(pcap(frames([opening, another, ...data.filter((_, index) => index !== lost)])));
    const notes = handshakes[0]?.notes ?? [];
    expect(notes).toEqual([
      expect.stringMatching(/^responder: \d+ octets are missing at octet \d+; \d+ captured behind them/),
    ]);
    expect(handshakes[0]?.frames.length).toBeLessThan(8);
  });

  it('a retransmission with other octets is told', () => {
    const forged = data.map((one, index) => (index === 1 ? { ...one, data: one.data.map((octet) => octet ^ 1) } : one));
    const { handshakes } = look(pcap(frames([opening, another, ...data, ...forged.slice(1, 2)])));
    expect(handshakes[0]?.notes[0]).toMatch(/retransmission at octet \d+ differs/);
    expect(handshakes[0]?.frames.map(({ octets }) => toHex(octets))).toEqual(sent);
  });

  it('connections one after the other, between the same ends too; others are passed over', () => {
    const second = record();
    const numbers = { initiator: 77, responder: 88 };
    const web = { message: 'initiatorHello', octets: Buffer.from('GET / HTTP/1.1\r\n\r\n') } as const;
    const inspection = look(
      pcapng([
        ...frames(segments),
        ...frames(segmentsOf(second.messages, { numbers })),
        ...frames(segmentsOf([web]), 'ethernet', 4, { responderPort: 80 }),
        ...frames(segmentsOf(recorded.messages), 'ethernet', 6, { initiatorPort: 50_001 }),
        { octets: Buffer.from('ffffffffffff0200000000010806', 'hex') },
      ]),
    );
    expect(inspection.handshakes).toHaveLength(3);
    expect(messagesOf(inspection, 1)).toEqual(second.messages.map(({ octets }) => toHex(octets)));
    expect(messagesOf(inspection, 2)).toEqual(sent);
    expect(inspection.notes).toEqual([
      '1 packets passed over: EtherType 0x0806',
      '192.0.2.1:50000 to 192.0.2.2:80: passed over, not a handshake',
    ]);
    expect(faultsOf(inspection)).toEqual([]);
  });
});

describe('captures as others make them', () => {
  const data = segments.filter(({ data: octets }) => octets.length > 0);
  const syns = segments.slice(0, 2);
  const whole = (packets: Parameters<typeof pcap>[0], linkType = 1): void => {
    const inspection = look(pcap(packets, { linkType }));
    expect(faultsOf(inspection)).toEqual([]);
    expect(inspection.handshakes).toHaveLength(1);
    expect(messagesOf(inspection)).toEqual(sent);
    expect(inspection.handshakes[0]?.notes).toEqual([]);
  };

  it('captures merged one behind the other: a SYN after other packets of its connection, and after its end', () => {
    const side = (from: Sent['from']): Sent[] => segments.filter((one) => one.from === from);
    for (const late of [
      [...data, ...syns],
      [...segments.slice(2), ...syns],
      [...side('responder'), ...side('initiator')],
    ]) {
      const inspection = look(pcap(frames(late)));
      expect(faultsOf(inspection)).toEqual([]);
      expect(inspection.handshakes).toHaveLength(1);
      expect(new Set(messagesOf(inspection))).toEqual(new Set(sent));
      expect(inspection.handshakes[0]?.ends).toEqual(['192.0.2.1:50000', '192.0.2.2:4433']);
    }
  });

  it('a SYN with another sequence number begins another connection all the same', () => {
    const again = segmentsOf(record().messages, { numbers: { initiator: 3_000_000_000, responder: 5 } });
    expect(look(pcap(frames([...data, ...again]))).handshakes).toHaveLength(2);
  });

  it('octets that came first count, also where a later segment begins lower', () => {
    const [first, second] = data as [Sent, Sent];
    const lower = {
      ...first,
      data: concat(
        first.data,
        second.data.map((octet) => octet ^ 1),
      ).subarray(10),
      sequence: first.sequence + 10,
    };
    const order = [...syns, ...data.slice(1, 2), lower, ...data.slice(0, 1), ...data.slice(2)];
    const inspection = look(pcap(frames(order)));
    expect(new Set(messagesOf(inspection))).toEqual(new Set(sent));
    expect(inspection.handshakes[0]?.notes).toEqual([expect.stringMatching(/retransmission at octet 10 differs/)]);
  });

  it('a keep-alive of one octet is no fault; the same octet elsewhere is told', () => {
    const [first, ...rest] = data as [Sent, ...Sent[]];
    const probe = { ...first, sequence: (first.sequence + first.data.length - 1) >>> 0, data: Uint8Array.of(0xff) };
    whole(frames([...syns, first, probe, probe, ...rest]));
    const elsewhere = { ...probe, sequence: first.sequence + 5 };
    const { handshakes } = look(pcap(frames([...syns, first, elsewhere, ...rest])));
    expect(handshakes[0]?.notes).toEqual([expect.stringMatching(/retransmission at octet 5 differs/)]);
  });

  /** An IPv6 packet with a header put before its payload. */
  const behind = (packet: Buffer, kind: number, header: Buffer): Buffer => {
    const [fixed, payload] = [Buffer.from(packet.subarray(0, 40)), packet.subarray(40)];
    const inserted = Buffer.from(header);
    inserted.writeUInt8(fixed.readUInt8(6), 0);
    fixed.writeUInt8(kind, 6);
    fixed.writeUInt16BE(payload.length + inserted.length, 4);
    return Buffer.concat([fixed, inserted, payload]);
  };
  const authentication = Buffer.from('0004000000000001000000010123456789abcdef01234567', 'hex');

  it('IPv6 atomic fragments, and authentication headers of IPv6 and IPv4', () => {
    const six = segments.map((one) => ip(6, one));
    whole(
      six.map((packet) => ({ octets: behind(packet, 44, Buffer.from('0000000000000007', 'hex')) })),
      101,
    );
    whole(
      six.map((packet) => ({ octets: behind(packet, 51, authentication) })),
      101,
    );
    const four = segments.map((one) => {
      const packet = ip(4, one);
      const header = Buffer.from(authentication);
      header.writeUInt8(6, 0);
      packet.writeUInt8(51, 9);
      packet.writeUInt16BE(packet.length + header.length, 2);
      return Buffer.concat([packet.subarray(0, 20), header, packet.subarray(20)]);
    });
    whole(
      four.map((octets) => ({ octets })),
      101,
    );
  });

  it('a part of an IPv6 packet stays passed over', () => {
    const part = behind(ip(6, segments[2] as Sent), 44, Buffer.from('0000000100000007', 'hex'));
    expect(look(pcap([{ octets: part }], { linkType: 101 })).notes).toEqual([
      '1 packets passed over: fragment of an IPv6 packet',
    ]);
  });

  it('packets cut by the snap length are told as such', () => {
    const cut = frames(segments).map(({ octets, at = 0 }) => ({
      octets: octets.subarray(0, 96),
      original: octets.length,
      at,
    }));
    const count = cut.filter(({ octets, original }) => octets.length < original).length;
    for (const file of [pcap(cut), pcapng(cut)]) {
      expect(look(file).notes).toEqual([
        `${count} packets were cut by the snap length of the capture (96 octets kept at the most): record whole packets`,
      ]);
    }
  });

  it('very many other connections take a few lines', () => {
    const web = Buffer.from('GET / HTTP/1.1\r\n\r\n');
    const others = Array.from({ length: 20_000 }, (_, i) => {
      const one: Sent = { from: 'initiator', sequence: i, flags: 16, data: web };
      return { octets: ip(4, one, { initiatorPort: 1024 + (i % 60_000), responderPort: 80 }) };
    });
    const amongOthers = look(pcap([...others, ...segments.map((one) => ({ octets: ip(4, one) }))], { linkType: 101 }));
    expect(amongOthers.handshakes).toHaveLength(1);
    expect(faultsOf(amongOthers)).toEqual([]);
    expect(amongOthers.notes.length).toBeLessThan(30);
    const alone = look(pcap(others, { linkType: 101 }));
    expect(alone.notes.length + faultsOf(alone).length).toBeLessThan(60);
  });
});

describe('what cannot be read', () => {
  const good = pcap(frames(segments));
  const edited = (base: Buffer, at: number, ...octets: readonly number[]): Buffer => {
    const copy = Buffer.from(base);
    copy.set(octets, at);
    return copy;
  };
  const next = pcapng(frames(segments));
  // The offsets of blocks: the section has 28 octets, the interface 32, the statistics 24.
  const [ngInterface, ngPacket] = [28, 84];

  const cases: readonly [string, Uint8Array, string | RegExp][] = [
    [
      'an empty file',
      new Uint8Array(),
      'offset 0: found an empty file, expected a capture, octets or hexadecimal digits',
    ],
    ['a file header cut', good.subarray(0, 23), 'offset 23: found the end, expected a file header of 24 octets'],
    ['another version', edited(good, 4, 9), 'offset 4: found version 9.4, expected version 2.4'],
    ['an older version', edited(good, 6, 3), /offset 4: found version 2\.3, an older form .*, expected version 2\.4/],
    [
      'the modified form of pcap',
      edited(good, 0, 0x34, 0xcd, 0xb2, 0xa1),
      'offset 0: found a capture with magic number 0xa1b2cd34, whose records are longer, expected pcap 2.4 or pcapng',
    ],
    [
      'a compressed capture',
      gzipSync(good),
      'offset 0: found a file compressed with gzip, expected pcap 2.4 or pcapng',
    ],
    ['a record header cut', good.subarray(0, 30), 'offset 24: found 6 octets, expected a record header of 16 octets'],
    [
      'a record cut',
      good.subarray(0, 60),
      'offset 32: found a packet of 54 octets, expected at most the 20 that follow',
    ],
    [
      'a capture without packets',
      good.subarray(0, 24),
      'offset 0: found a capture without octets over TCP, expected a handshake',
    ],
    ['an unknown IP version', edited(good, 54, 0x55), 'offset 54: found IP version 5, expected 4 or 6'],
    [
      'an IPv4 header too short',
      edited(good, 54, 0x44),
      'offset 54: found an IPv4 header of 16 octets, expected at least 20',
    ],
    [
      'a TCP header too short',
      edited(good, 86, 0x40),
      'offset 86: found a TCP header of 16 octets, expected at least 20',
    ],
    ['a section cut', next.subarray(0, 11), 'offset 0: found 11 octets, expected a block of at least 12'],
    [
      'a byte-order magic',
      edited(next, 8, 0),
      'offset 8: found 0x003c2b1a, expected a byte-order magic, 0x1a2b3c4d in either order',
    ],
    [
      'a block of odd length',
      edited(next, 4, 29),
      'offset 4: found a block of 29 octets, expected a multiple of 4, at least 12',
    ],
    [
      'a block too long',
      edited(next, 6, 1),
      /offset 4: found a block of 65564 octets, expected at most the \d+ that are left/,
    ],
    [
      'a block whose lengths differ',
      edited(next, 24, 32),
      "offset 24: found length 32, expected that of the block's beginning, 28",
    ],
    ['a section of another version', edited(next, 12, 7), 'offset 12: found version 7.0, expected version 1'],
    [
      'an option too long',
      edited(next, ngInterface + 18, 99),
      'offset 46: found an option of 99 octets, expected at most the 8 that are left',
    ],
    [
      'an interface that is not described',
      edited(next, ngPacket + 8, 1),
      'offset 92: found interface 1, expected one of the 1 described',
    ],
    [
      'a packet beyond its block',
      edited(next, ngPacket + 20, 255),
      'offset 104: found a packet of 255 octets, expected at most the 56 of its block',
    ],
    [
      'text that is not hexadecimal',
      Buffer.from('01 01 06 zz'),
      'offset 9: found the character 0x7a, expected a hexadecimal digit',
    ],
    [
      'half an octet',
      Buffer.from('01 0'),
      'offset 4: found an odd number of hexadecimal digits, expected two for each octet',
    ],
  ];

  it.each(cases)('%s', (_, octets, expected) => {
    const all = faults(octets);
    expect(all[0]).toMatch(typeof expected === 'string' ? `capture: ${expected}` : expected);
  });

  it('a capture of something else, whose link type is not known', () => {
    const { notes, problems } = look(pcap(frames(segments), { linkType: 147 }));
    expect(notes).toEqual([`${segments.length} packets passed over: link type 147`]);
    expect(problems).toHaveLength(1);
  });

  it('fragments of IP packets are passed over', () => {
    const fragment = ip(4, segments[2] as Sent);
    fragment.writeUInt16BE(0x2000, 6);
    const { notes } = look(pcap([{ octets: fragment }], { linkType: 101 }));
    expect(notes).toEqual(['1 packets passed over: fragment of an IPv4 packet']);
  });

  it('any change of a capture: never an exception; everything refused says where', () => {
    const bases = [good, next, pcapng(frames(segments, 'cooked', 6), { linkType: 113, little: false })];
    const streams = [sentBy(recorded, 'initiator'), Buffer.from(toHex(sentBy(recorded, 'responder')))];
    const change = fc.record({
      at: fc.double({ min: 0, max: 0.999999, noNaN: true }),
      value: fc.integer({ min: 0, max: 255 }),
    });
    const mutated = fc.record({
      base: fc.constantFrom(...bases, ...streams),
      changes: fc.array(change, { maxLength: 6 }),
      // Headers are where changes matter most.
      early: fc.array(fc.record({ at: fc.integer({ min: 0, max: 200 }), value: fc.integer({ min: 0, max: 255 }) }), {
        maxLength: 4,
      }),
      cut: fc.option(fc.double({ min: 0, max: 1, noNaN: true }), { nil: undefined }),
    });
    fc.assert(
      fc.property(mutated, ({ base, changes, early, cut }) => {
        const copy = Uint8Array.from(base);
        for (const { at, value } of changes) copy[Math.floor(at * copy.length)] = value;
        for (const { at, value } of early) copy[at] = value;
        const file = cut === undefined ? copy : copy.subarray(0, Math.floor(cut * copy.length));
        const inspection = look(file);
        for (const { problem } of inspection.problems) {
          const offset = 'offset' in problem.at ? problem.at.offset : -1;
          expect(offset).toBeGreaterThanOrEqual(0);
          expect(offset).toBeLessThanOrEqual(file.length);
          expect(problem.found.length * problem.expected.length).toBeGreaterThan(0);
        }
        for (const { frames: all } of inspection.handshakes) {
          for (const { octets, length } of all) expect(octets.length).toBe(4 + length);
        }
      }),
      { numRuns: 600 },
    );
  });
});
