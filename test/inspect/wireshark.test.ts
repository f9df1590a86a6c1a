// The generated dissector, in tshark where there is one (>= 3.6): on captures of handshakes made here.

import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join as path, resolve } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { fieldSymbols, fieldsOf, messageNames, messageTable } from '../../src/generated/codec.ts';
import { sealedChannelOf } from '../../src/inspect/sealed.ts';
import { concat, fromHex, toHex } from '../../src/octets.ts';
import type { Role } from '../../src/role.ts';
import { decode } from '../../src/wire/frame.ts';
import { fileOf, vectors } from '../lab/vectors/files.ts';
import { type Captured, frames, pcap, type Recorded, record, type Sent, segmentsOf } from './capture.ts';

const script = resolve('spec/wireshark/pquake.lua');
const directory = mkdtempSync(path(tmpdir(), 'pquake-wireshark-'));
afterAll(() => rmSync(directory, { recursive: true }));
// The user of this machine may have preferences of their own: they are not read.
const environment = { ...process.env, HOME: directory, XDG_CONFIG_HOME: directory, WIRESHARK_CONFIG_DIR: directory };

/** The reason why tshark cannot be used, or `undefined`. */
function missingTshark(): string | undefined {
  const { stdout, error } = spawnSync('tshark', ['--version'], { encoding: 'utf8', env: environment });
  if (error !== undefined) return 'tshark is not on PATH';
  const [, version = '0', major = 0, minor = 0] = /TShark \(Wireshark\) ((\d+)\.(\d+)\S*)/.exec(stdout) ?? [];
  if (Number(major) * 100 + Number(minor) < 306) return `tshark ${version} is older than 3.6`;
  return /with Lua/.test(stdout) ? undefined : `tshark ${version} has no Lua`;
}

const compilers = ['luac', 'luac5.4', 'luac5.3', 'luac5.2'];
const compiler = compilers.find((name) => spawnSync(name, ['-v']).status === 0);
const missing = missingTshark();
const because = (reason: string | undefined): string => (reason === undefined ? '' : ` (skipped: ${reason})`);

it.skipIf(compiler === undefined)(
  `the dissector is Lua${because(compiler === undefined ? `none of ${compilers.join(', ')} is on PATH` : undefined)}`,
  () => {
    const { status, stderr } = spawnSync(compiler ?? '', ['-p', script], { encoding: 'utf8' });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  },
);

/** The values of fields, in the order of the capture; each line is one packet. */
function dissect(packets: readonly Captured[], fields: readonly string[], ...more: readonly string[]): string[][] {
  const file = path(directory, 'capture.pcap');
  writeFileSync(file, pcap(packets));
  const words = [
    '-X',
    `lua_script:${script}`,
    '-r',
    file,
    '-Y',
    'pquake',
    '-T',
    'fields',
    '-E',
    'separator=;',
    ...more,
  ];
  const { stdout, status, stderr } = spawnSync('tshark', [...words, ...fields.flatMap((field) => ['-e', field])], {
    encoding: 'utf8',
    env: environment,
  });
  expect(status, stderr).toBe(0);
  expect(stderr).not.toMatch(/Lua: |error/i);
  return stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => line.split(';'));
}

const recorded = record();
const good = segmentsOf(recorded.messages, { size: 700 });
const column = (rows: readonly string[][], index: number): string[] =>
  rows.flatMap((row) => (row[index] ?? '').split(',')).filter((value) => value !== '');

describe.skipIf(missing !== undefined)(`the dissector in tshark${because(missing)}`, () => {
  const symbols = [...new Set(messageNames.flatMap((name) => fieldSymbols[name]))];
  const filters = symbols.map((symbol) => `pquake.${symbol.toLowerCase()}`);

  /** The expected value of each field, in the order of the wire. */
  function expected(symbol: string): string[] {
    return recorded.messages.flatMap(({ message, octets }) => {
      const decoded = decode(octets, message);
      if (!decoded.ok) throw new Error(message);
      const values = fieldsOf<Uint8Array>(decoded.value);
      return fieldSymbols[message].flatMap((one, index) => (one === symbol ? [toHex(values[index] ?? octets)] : []));
    });
  }

  // A message in several segments, out of order and sent again: the stream is put together before it is dissected.
  const [first, second, third, fourth, ...others] = good.slice(2) as [Sent, Sent, Sent, Sent, ...Sent[]];
  const jumbled = [...good.slice(0, 2), first, third, second, second, fourth, ...others];

  it.each([
    ['as they were sent', good],
    ['out of order, and again', jumbled],
    ['segments that end within a header', segmentsOf(joined(recorded), { size: 525 })],
    ['several messages in one segment', segmentsOf(joined(recorded), { size: 60_000 })],
  ])('every field of every message, %s', (_, segments) => {
    const rows = dissect(
      frames(segments),
      ['pquake.type', 'pquake.length', 'pquake.sender', ...filters],
      ...['-o', 'tcp.reassemble_out_of_order:TRUE'],
    );
    const types = [1, 2, 4, 3, 5, 6, 8, 7];
    const names = types.map((type) => messageNames[type - 1] ?? 'initiatorHello');
    expect(column(rows, 0).map(Number)).toEqual(types);
    expect(column(rows, 1).map(Number)).toEqual(recorded.messages.map(({ octets }) => octets.length - 4));
    expect(column(rows, 2)).toEqual(names.map((name) => messageTable[name].sender));
    for (const [index, symbol] of symbols.entries()) expect(column(rows, 3 + index)).toEqual(expected(symbol));
  });

  /** One connection to a port, with the octets of the initiator. */
  const connection = (responderPort: number, octets: Uint8Array): Captured[] =>
    frames(segmentsOf([{ message: 'initiatorHello', octets }]), 'ethernet', 4, { responderPort });
  const edited = (at: number, value: number): Uint8Array => {
    const copy = Uint8Array.from(recorded.messages[0]?.octets ?? []);
    copy[at] = value;
    return copy;
  };
  const initiatorOctets = concat(
    ...recorded.messages
      .filter(({ message }) => messageTable[message].sender === 'initiator')
      .map(({ octets }) => octets),
  );
  const wrong = [
    ...connection(4501, edited(0, 2)),
    ...connection(4502, edited(1, 9)),
    ...connection(4503, edited(3, 0x1f)),
    ...connection(4504, concat(initiatorOctets, Buffer.from('application data'))),
  ];
  const experts = [
    'tcp.dstport',
    'pquake.wrong_version',
    'pquake.unknown_type',
    'pquake.wrong_length',
    'pquake.octets_behind',
  ];
  const portsWith = (rows: readonly string[][], index: number): string[] => [
    ...new Set(rows.filter((row) => (row[index] ?? '') !== '').map(([port]) => port ?? '')),
  ];

  it('wrong version, unknown type, wrong length and octets behind the last message, on the ports of the preference', () => {
    const rows = dissect(wrong, experts, '-o', 'pquake.ports:4501-4504');
    expect(portsWith(rows, 2)).toEqual(['4502']);
    expect(portsWith(rows, 4)).toEqual(['4504']);
    expect(portsWith(rows, 1)).toContain('4501');
    expect(portsWith(rows, 3)).toContain('4503');
    expect(portsWith(rows, 1)).not.toContain('4504');
  });

  it('no connection is taken for a handshake that does not begin as one; Decode As takes it', () => {
    expect(new Set(column(dissect(wrong, experts), 0))).toEqual(new Set(['4504']));
    const decoded = dissect(wrong, experts, '-d', 'tcp.port==4501,pquake');
    expect(portsWith(decoded, 1)).toEqual(['4501']);
  });
});

const roles = ['initiator', 'responder'] as const;
const lastOf = { initiator: 'initiatorConfirmation', responder: 'responderConfirmation' } as const;

/** The octets of one side of a channel, from the published vectors. */
function channelOctets(name: string, sender: Role): Uint8Array {
  const found = fileOf('channel').cases.find(({ id }) => id === `channel/stream/${name}/${sender}`);
  if (found?.layer !== 'stream') throw new Error(`no stream ${name}`);
  return fromHex(found.octets);
}

/** A handshake with a channel behind it, each side's stream changed, in segments of so many octets. */
function channelCapture(name: string, size: number, change = (octets: Uint8Array, _: Role) => octets) {
  const behind = roles.map((sender) => ({ sender, octets: change(channelOctets(name, sender), sender) }));
  const base = vectors.handshake('handshakes/default');
  const handshake = messageNames.map((message) => ({
    message,
    octets: vectors.message(base, messageTable[message].type),
  }));
  // The initiator's last message, and what follows it, come in one piece: messages end within segments.
  const all = [...handshake, ...behind.map(({ sender, octets }) => ({ message: lastOf[sender], octets }))];
  const bySender = roles.flatMap((sender) => all.filter(({ message }) => messageTable[message].sender === sender));
  const packets = frames(segmentsOf(joined({ messages: bySender }), { size }));
  return { packets, behind };
}

describe.skipIf(missing !== undefined)(`the dissector on channels in tshark${because(missing)}`, () => {
  const shown = [
    ...['pquake.sender', 'pquake.record', 'pquake.record.length', 'pquake.record.inside', 'pquake.record.sealed'],
    ...['pquake.commitment', 'pquake.end', 'pquake.records', 'pquake.cut', 'pquake.record_length', 'tcp.srcport'],
    'pquake.octets_behind',
  ];
  const ports = { initiator: '50000', responder: '4433' } as const;

  /** The rows of one side, by columns. */
  function seen(packets: readonly Captured[], sender: Role, ...more: readonly string[]) {
    const rows = dissect(packets, shown, ...more).filter((row) => row[10] === ports[sender]);
    const [, record, length, inside, sealed, commitment, end, records, cut, refused, , others] = shown.map((_, i) =>
      column(rows, i),
    );
    return { record, length, inside, sealed, commitment, end, records, cut, refused, others };
  }

  it.each([
    ['whole', 60_000, []],
    ['whole', 1_448, []],
    ['whole', 333, []],
    ['whole', 60_000, ['-2']],
    ['whole', 700, ['-2']],
    ['own-ratchets', 60_000, []],
    ['own-ratchets', 7, []],
    ['own-ratchets', 7, ['-2']],
  ])('counts the records of %s, behind new commitments too, in segments of %i octets %j', (name, size, more) => {
    const { packets, behind } = channelCapture(name, size);
    for (const expected of sealedChannelOf(behind)) {
      const octets = channelOctets(name, expected.sender);
      const found = seen(packets, expected.sender, ...more);
      expect(found.record?.map(Number)).toEqual(expected.records.map(({ number }) => number));
      expect(found.length?.map(Number)).toEqual(expected.records.map(({ length }) => length));
      expect(found.inside?.map(Number)).toEqual(expected.records.map(({ inside }) => inside));
      expect(found.sealed).toEqual(
        expected.records.map(({ offset, length }) => toHex(octets.subarray(offset + 2, offset + 2 + length))),
      );
      expect(found.commitment?.join('')).toBe(
        expected.commitments.map((at) => toHex(octets.subarray(at, at + 32))).join(''),
      );
      expect(found.end).toEqual(['behind a whole record that may be close']);
      expect(found.records).toEqual([String(expected.count)]);
      expect([...(found.cut ?? []), ...(found.refused ?? [])]).toEqual([]);
    }
  });

  it.each([
    [0, []],
    [1, ['within a commitment', 'cut']],
    [31, ['within a commitment', 'cut']],
    [32, ['behind a commitment: close is missing', 'cut']],
    [33, ['within record 1', 'cut']],
    [53, ['within record 1', 'cut']],
    [54, ['behind a whole record that is no close unless it has padding']],
    [55, ['within record 2', 'cut']],
    [180, ['behind a whole record that may be close']],
    [181, ['within a record or a commitment', 'cut']],
  ])('it says where a direction of %i octets behind the handshake ends: %j', (octets, said) => {
    const { packets } = channelCapture('own-ratchets', 1_448, (stream) =>
      concat(stream, Uint8Array.of(0)).subarray(0, octets),
    );
    for (const sender of roles) {
      const { end = [], cut = [] } = seen(packets, sender);
      expect([...end, ...cut.map(() => 'cut')]).toEqual(said);
    }
  });

  it('a length that no record has is marked; data that does not begin as a channel does is the application’s', () => {
    const wrong = channelCapture('own-ratchets', 1_448, (stream) => stream.map((octet, i) => (i === 54 ? 255 : octet)));
    expect(seen(wrong.packets, 'initiator')).toMatchObject({ record: ['1'], end: [], refused: [expect.anything()] });
    const plain = channelCapture('own-ratchets', 1_448, (stream) => stream.map(() => 0x78));
    expect(seen(plain.packets, 'initiator')).toMatchObject({
      ...{ record: [], commitment: [], end: [], others: [expect.anything()] },
    });
  });
});

/** Messages of one sender that follow each other, as one piece. */
function joined({ messages }: Pick<Recorded, 'messages'>): Recorded['messages'] {
  const all: { message: Recorded['messages'][number]['message']; octets: Uint8Array }[] = [];
  for (const { message, octets } of messages) {
    const last = all.at(-1);
    if (last !== undefined && messageTable[last.message].sender === messageTable[message].sender) {
      last.octets = concat(last.octets, octets);
    } else all.push({ message, octets });
  }
  return all;
}
