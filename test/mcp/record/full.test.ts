// A disk without room: entries are refused or passed over, the operator is told once, and the record says how many are not in it.
import { spawn, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { system, type Writing } from '../../../src/mcp/record/disk.ts';
import { verifyRecords } from '../../../src/mcp/record/verify.ts';
import { call, folder, recorderIn } from './records.ts';

/** A disk with room for so many octets more. What does not fit is written up to there, as a system does it. */
function diskWith(room: number): Writing & { room: number } {
  const disk = {
    room,
    write: async (...[handle, octets]: Parameters<Writing['write']>): Promise<number> => {
      if (disk.room === 0)
        throw Object.assign(new Error('ENOSPC: no space left'), { code: 'ENOSPC', syscall: 'write' });
      const taken = await system.write(handle, octets.subarray(0, disk.room));
      disk.room -= taken;
      return taken;
    },
    flush: system.flush,
  };
  return disk;
}

const eventsIn = (file: string): string[] =>
  readFileSync(file, 'utf8')
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line)['event']);

const plenty = 1_000_000;

describe.each(['deny', 'continue'] as const)('when the disk is full and the choice is to %s', (onFull) => {
  it('nothing partial stays, it is told once, and with room an entry says how many are missing', async () => {
    const directory = folder();
    const disk = diskWith(plenty);
    const record = await recorderIn(directory, { onFull, writing: disk });
    await record.append(call(1));
    const before = readFileSync(record.file);
    disk.room = 100; // a part of a line
    const appended = await Promise.allSettled([2, 3, 4].map((id) => record.append(call(id))));
    expect(readFileSync(record.file)).toEqual(before);
    const later = await Promise.allSettled([record.append(call(5))]);
    const isRefused = onFull === 'deny';
    for (const { status } of [...appended, ...later]) expect(status).toBe(isRefused ? 'rejected' : 'fulfilled');
    if (appended[0]?.status === 'rejected')
      expect(appended[0].reason).toMatchObject({ code: 'record-unavailable', message: /no space left/ });
    expect(readFileSync(record.file)).toEqual(before);
    expect(record.messages).toHaveLength(1);
    expect(record.messages[0]).toMatch(isRefused ? /what needs an entry is denied/ : /work goes on/);
    disk.room = plenty;
    await record.append(call(6));
    expect(record.messages.slice(1)).toEqual([expect.stringMatching(/recorded again; 4 could not be/)]);
    await record.close();
    expect(eventsIn(record.file)).toEqual(['opened', 'decided', 'unrecorded', 'decided']);
    const { ok, notices } = await verifyRecords([directory]);
    expect(ok).toBe(true);
    expect(notices).toMatchObject([
      { kind: 'unrecorded', line: 3, message: expect.stringContaining('4 entries could not') },
    ]);
  });
});

it('what a write left behind and cannot be taken back at once is taken back before the next', async () => {
  const directory = folder();
  const disk = diskWith(plenty);
  let handle: Parameters<Writing['write']>[0] | undefined;
  const write: Writing['write'] = (to, octets) => {
    handle = to;
    return disk.write(to, octets);
  };
  const record = await recorderIn(directory, { writing: { write, flush: system.flush } });
  await record.append(call(1));
  if (handle === undefined) throw new Error('nothing was written');
  const { truncate } = handle;
  handle.truncate = () => Promise.reject(new Error('EIO: a fault of the disk'));
  disk.room = 100;
  await expect(record.append(call(2))).rejects.toMatchObject({ code: 'record-unavailable' });
  expect(readFileSync(record.file, 'utf8')).toMatch(/[^\n]$/);
  handle.truncate = truncate;
  disk.room = plenty;
  await record.append(call(3));
  await record.close();
  expect(await verifyRecords([directory])).toMatchObject({ ok: true, notices: [{ kind: 'unrecorded' }] });
});

it('a disk that is full until the end is said when the record is closed', async () => {
  const disk = diskWith(plenty);
  const record = await recorderIn(folder(), { writing: disk });
  disk.room = 0;
  await expect(record.append(call(1))).rejects.toThrow();
  await record.close();
  expect(record.messages).toEqual([expect.stringMatching(/cannot be recorded/)]);
});

it('a new file that does not fit does not appear, and the record goes on in it later', async () => {
  const directory = folder();
  const disk = diskWith(plenty);
  const record = await recorderIn(directory, { writing: disk, rotateAt: 1 });
  disk.room = 300; // the last entry of the file, and a part of the first of the next
  await expect(record.append(call(1))).rejects.toMatchObject({ code: 'record-unavailable' });
  await expect(record.append(call(2))).rejects.toMatchObject({ code: 'record-unavailable' });
  disk.room = plenty;
  await record.append(call(3));
  await record.close();
  expect(await verifyRecords([directory])).toMatchObject({ ok: true, notices: [{ kind: 'unrecorded' }] });
});

it('entries that wait are bounded: more are refused, and counted', async () => {
  let release: () => void = () => {};
  const gate = new Promise<void>((resolve) => {
    release = resolve;
  });
  const writing: Writing = {
    flush: system.flush,
    write: async (handle, octets) => {
      if (Buffer.from(octets).includes('decided')) await gate;
      return await system.write(handle, octets);
    },
  };
  const directory = folder();
  const record = await recorderIn(directory, { writing, mostWaiting: 3 });
  const waiting = [1, 2, 3].map((id) => record.append(call(id)));
  await expect(record.append(call(4))).rejects.toMatchObject({ code: 'record-overloaded' });
  release();
  await Promise.all(waiting);
  await record.append(call(5));
  await record.close();
  expect(await verifyRecords([directory])).toMatchObject({ ok: true, notices: [{ kind: 'unrecorded' }] });
});

// A file system of 128 KiB in a name space of one's own, where the system lets users have one.
const small = 'mount -t tmpfs -o size=128k,mode=700 none "$1" && exec "$0" test/mcp/record/appending.ts "$1" "$2"';
const canMount = spawnSync('unshare', ['-Urm', 'sh', '-c', 'mount -t tmpfs none /mnt']).status === 0;

it.runIf(canMount)('a file system that is full in truth denies, and says so once', async () => {
  const words = ['-Urm', 'sh', '-c', small, process.execPath, folder(), 'deny'];
  const child = spawn('unshare', words, { stdio: ['ignore', 'pipe', 'inherit'] });
  let out = '';
  await new Promise<void>((resolve) => {
    child.stdout.on('data', (chunk: Buffer) => {
      out += chunk;
      if ((out.match(/refused/g)?.length ?? 0) >= 3) child.kill('SIGKILL');
    });
    child.once('close', () => resolve());
  });
  expect(out).toMatch(/recorded \d+\n/);
  expect(out.match(/^told .*no space left to write it \(ENOSPC\); what needs an entry is denied$/gm)).toHaveLength(1);
  expect(out.indexOf('refused')).toBeGreaterThan(out.lastIndexOf('recorded '));
});
