// The generated dissector, in tshark where there is one (>= 3.6): on captures of handshakes made here.

import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join as path, resolve } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { fieldSymbols, fieldsOf, messageNames, messageTable } from '../../src/generated/codec.ts';
import { concat, toHex } from '../../src/octets.ts';
import { decode } from '../../src/wire/frame.ts';
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

/** Messages of one sender that follow each other, as one piece. */
function joined({ messages }: Recorded): Recorded['messages'] {
  const all: { message: Recorded['messages'][number]['message']; octets: Uint8Array }[] = [];
  for (const { message, octets } of messages) {
    const last = all.at(-1);
    if (last !== undefined && messageTable[last.message].sender === messageTable[message].sender) {
      last.octets = concat(last.octets, octets);
    } else all.push({ message, octets });
  }
  return all;
}
