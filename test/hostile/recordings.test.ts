// Recordings of very many small packets: the memory that an inspection takes is a small multiple of the file.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { limits } from '../../src/limits.ts';
import { ip, links, type Sent } from '../inspect/capture.ts';

const directory = mkdtempSync(join(tmpdir(), 'pquake-recordings-'));
afterAll(() => rmSync(directory, { recursive: true }));

const size = 24_000_000;
/** Octets of memory beside those of a small recording: for each of the file, and for tables of a bounded length. */
const most = 6 * size + 64_000_000;

const number = (value: number): Buffer => {
  const octets = Buffer.alloc(4);
  octets.writeUInt32LE(value >>> 0);
  return octets;
};
const head = (linkType: number): Buffer =>
  Buffer.concat([Buffer.from('d4c3b2a1020004000000000000000000ffff0000', 'hex'), number(linkType)]);
const packet = (octets: Uint8Array): Buffer =>
  Buffer.concat([number(1), number(2), number(octets.length), number(octets.length), octets]);

/** A file of one record again and again, with small changes. */
function repeated(start: Buffer, record: Buffer, change?: (copy: Buffer, i: number) => void): Buffer {
  const file = Buffer.alloc(size);
  start.copy(file);
  let at = start.length;
  for (let i = 0; at + record.length <= size; i += 1, at += record.length) {
    record.copy(file, at);
    change?.(file.subarray(at, at + record.length), i);
  }
  return file.subarray(0, at);
}

const raw = links['raw']?.type ?? 101;
const segment = (flags: number, data: number): Buffer => {
  const sent: Sent = { from: 'initiator', sequence: 1, flags, data: new Uint8Array(data).fill(1) };
  return packet(ip(4, sent));
};
const [ports, sequence] = [16 + 20, 16 + 24];
const [section, end] = [
  Buffer.from('0a0d0d0a1c0000004d3c2b1a01000000ffffffffffffffff1c000000', 'hex'),
  Buffer.alloc(0),
];

/** Mebibytes at the most, and what was printed. */
function inspect(
  name: string,
  content: Buffer,
): { memory: number; status: number | null; lines: number; stdout: string; stderr: string } {
  const file = join(directory, name);
  writeFileSync(file, content);
  const measure = 'process.on("exit",()=>process.stderr.write("\\nmemory "+process.resourceUsage().maxRSS*1024))';
  const words = ['--import', `data:text/javascript,${measure}`, 'src/cli/main.ts', 'inspect', file];
  const { status, stdout, stderr } = spawnSync(process.execPath, words, { encoding: 'utf8', maxBuffer: 2 ** 28 });
  rmSync(file);
  const [, memory] = /\nmemory (\d+)/.exec(stderr) ?? [];
  return { memory: Number(memory), status, stdout, stderr, lines: `${stdout}${stderr}`.split('\n').length };
}

describe('an inspection of 24 MB of tiny packets', () => {
  let bare = 0;
  beforeAll(() => {
    bare = inspect('bare.pcap', Buffer.concat([head(raw), segment(16, 1)])).memory;
    expect(bare).toBeGreaterThan(1e7);
  });

  it.each([
    ['packets without an octet', () => repeated(head(1), packet(end))],
    ['segments of one octet', () => repeated(head(raw), segment(16, 1), (copy, i) => copy.writeUInt32BE(i, sequence))],
    [
      'connections that only begin',
      () => repeated(head(raw), segment(2, 0), (copy, i) => copy.writeUInt32BE(i, ports)),
    ],
    ['connections of one octet', () => repeated(head(raw), segment(16, 1), (copy, i) => copy.writeUInt32BE(i, ports))],
    [
      'retransmissions that differ',
      () => repeated(head(raw), segment(16, 1), (copy, i) => copy.writeUInt8(i & 0xff, copy.length - 1)),
    ],
    ['interfaces', () => repeated(section, Buffer.from('0100000014000000650000000000000014000000', 'hex'))],
  ])('%s', (name, make) => {
    const { memory, status, lines, stderr } = inspect(name.replaceAll(' ', '-'), make());
    expect(status, stderr.slice(0, 300)).toBe(1);
    expect(memory - bare).toBeLessThan(most);
    expect(lines).toBeLessThan(6 * limits.recordedHandshakes);
  });

  it('what is passed over for a bound is told', () => {
    const file = repeated(head(raw), segment(16, 1), (copy, i) => copy.writeUInt32BE(i, ports));
    const { stdout, stderr } = inspect('told.pcap', file);
    expect(stderr).toMatch(/more problems|at most 65536 connections/);
    expect(stdout).toMatch(/more like the last one/);
  });
});
