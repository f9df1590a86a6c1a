// Processes that die while they record: what the next one finds, says, and goes on from.
import { type ChildProcess, spawn } from 'node:child_process';
import { appendFileSync, readFileSync, renameSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { verifyRecords } from '../../../src/mcp/record/verify.ts';
import { eventually } from '../../waiting.ts';
import { call, folder, namesIn, recorderIn } from './records.ts';

const running: ChildProcess[] = [];
afterEach(() => {
  for (const child of running.splice(0)) child.kill('SIGKILL');
});

/** Starts a process that records, and kills it after some entries. @returns the number of the last entry that it said */
async function killedAfter(directory: string, entries: number): Promise<number> {
  const child = spawn(process.execPath, ['test/mcp/record/appending.ts', directory], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  running.push(child);
  let out = '';
  child.stdout.on('data', (chunk: Buffer) => {
    out += chunk;
  });
  const ended = new Promise((resolve) => child.once('close', resolve));
  const last = (): number => Number(out.slice(0, out.lastIndexOf('\n') + 1).match(/recorded (\d+)\n$/)?.[1] ?? 0);
  await eventually(() => expect(last()).toBeGreaterThan(entries));
  child.kill('SIGKILL');
  await ended;
  return last();
}

const kindsOf = async (directory: string): Promise<unknown> => {
  const { ok, faults, notices } = await verifyRecords([directory]);
  return { ok, faults: faults.map(({ kind }) => kind), notices: notices.map(({ kind }) => kind) };
};

/** A folder with a record of three entries that was closed. */
async function closed(): Promise<{ directory: string; file: string }> {
  const directory = folder();
  const record = await recorderIn(directory);
  await record.append({ event: 'started', version: '1' });
  await record.append(call(1));
  await record.close();
  return { directory, file: record.file };
}

async function goOn(directory: string, rotateAt?: number): Promise<void> {
  const record = await recorderIn(directory, rotateAt === undefined ? {} : { rotateAt });
  await record.append({ event: 'started', version: '2' });
  await record.close();
}

it('of a process that was killed again and again, every entry that it said is there, and verify says that it died', async () => {
  const directory = folder();
  let before = 0;
  for (let time = 0; time < 2; time += 1) {
    const last = await killedAfter(directory, before + 100);
    const { records } = await verifyRecords([directory]);
    expect(records[0]?.head.sequence).toBeGreaterThanOrEqual(last);
    before = records[0]?.head.sequence ?? 0;
  }
  await goOn(directory);
  const { faults, notices } = await verifyRecords([directory]);
  expect(faults).toEqual([]);
  expect(notices.filter(({ kind }) => kind === 'crash')).toHaveLength(2);
});

describe('a line that a crash cut short', () => {
  it('is kept, stated by the next file, and no fault; until then, and when it is changed later, it is one', async () => {
    const { directory, file } = await closed();
    const { size } = { size: readFileSync(file).length };
    truncateSync(file, size - 7);
    expect(await kindsOf(directory)).toEqual({ ok: false, faults: ['torn'], notices: [] });
    await goOn(directory);
    expect(namesIn(directory)).toEqual(['gateway.000001.jsonl', 'gateway.jsonl']);
    expect(await kindsOf(directory)).toEqual({ ok: true, faults: [], notices: ['torn', 'crash'] });
    const torn = join(directory, 'gateway.000001.jsonl');
    const octets = readFileSync(torn);
    expect(octets.length).toBe(size - 7);
    const changes = [
      Buffer.concat([octets, Buffer.from('x')]),
      octets.subarray(0, -1),
      octets.subarray(0, octets.lastIndexOf('\n') + 1),
    ];
    for (const changed of changes) {
      writeFileSync(torn, changed);
      expect(await kindsOf(directory)).toMatchObject({ ok: false, faults: ['torn'] });
    }
  });

  it('may be zeros, as after a loss of power', async () => {
    const { directory, file } = await closed();
    appendFileSync(file, Buffer.alloc(300_000));
    await goOn(directory);
    expect(await kindsOf(directory)).toEqual({ ok: true, faults: [], notices: ['torn', 'crash'] });
  });

  it('that ends as a line would, but is no entry, is not passed over: the next start refuses it', async () => {
    const { directory, file } = await closed();
    appendFileSync(file, 'a line of somebody\n');
    await expect(recorderIn(directory)).rejects.toThrow(/its last line is not an entry of a record/);
    writeFileSync(file, 'another file\n');
    await expect(recorderIn(directory)).rejects.toThrow(/its first line is not the first entry/);
  });
});

describe('between two files', () => {
  it('a process that died after its last entry, or after the file got its number, goes on in the next', async () => {
    const { directory, file } = await closed();
    const record = await recorderIn(directory, { rotateAt: 1 });
    await record.append(call(2));
    await record.close();
    const whole = readFileSync(join(directory, 'gateway.000001.jsonl'), 'utf8');
    expect(whole).toContain('"event":"continued"');
    for (const name of ['gateway.jsonl', 'gateway.000001.jsonl']) {
      const again = folder();
      writeFileSync(join(again, name), whole, { mode: 0o600 });
      await goOn(again);
      expect(namesIn(again)).toEqual(['gateway.000001.jsonl', 'gateway.jsonl']);
      expect(await kindsOf(again)).toEqual({ ok: true, faults: [], notices: ['crash'] });
    }
    expect(readFileSync(file, 'utf8')).toContain('"name":"gateway.000001.jsonl"');
  });

  it('a file that somebody removes while it is written leaves a gap that is told and found', async () => {
    const directory = folder();
    const record = await recorderIn(directory);
    await record.append(call(1));
    renameSync(record.file, join(folder(), 'away'));
    await record.append(call(2));
    await record.close();
    expect(record.messages.join('\n')).toMatch(/somebody removed or replaced it/);
    expect(await kindsOf(directory)).toMatchObject({ ok: false, faults: ['missing'] });
  });

  it('a file of others that has the number of the next is not overwritten, and entries are refused until it is away', async () => {
    const directory = folder();
    const record = await recorderIn(directory, { rotateAt: 1 });
    const numbered = join(directory, 'gateway.000001.jsonl');
    writeFileSync(numbered, 'mine\n');
    await expect(record.append(call(1))).rejects.toThrow(/it is there already/);
    await expect(record.append(call(2))).rejects.toMatchObject({ code: 'record-unavailable' });
    expect(readFileSync(numbered, 'utf8')).toBe('mine\n');
    renameSync(numbered, join(folder(), 'away'));
    await record.append(call(3));
    await record.close();
    expect(await kindsOf(directory)).toEqual({ ok: true, faults: [], notices: ['unrecorded'] });
  });
});
