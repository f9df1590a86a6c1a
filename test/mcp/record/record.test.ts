// What is recorded, in which form, and in which files.
import { createHash } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import { describe, expect, it } from 'vitest';
import type { DenyReason, RecordedEvent } from '../../../src/mcp/contract.ts';
import { verifyRecords } from '../../../src/mcp/record/verify.ts';
import { call, folder, namesIn, principal, recorderIn } from './records.ts';

const linesOf = (file: string): string[] => readFileSync(file, 'utf8').split('\n').slice(0, -1);
const schema = JSON.parse(readFileSync('spec/schema/mcp-record.schema.json', 'utf8'));
const follows = new Ajv({ strict: true, strictRequired: false, allowUnionTypes: true }).compile(schema);

const connection = { connection: '7', principal, address: '192.0.2.7:50122' };
const denials: DenyReason[] = ['no-rule', 'rate', 'record-unavailable'];
const every: RecordedEvent[] = [
  { event: 'started', listening: '127.0.0.1:4433', version: '0.1.0' },
  { event: 'policy', digest: 'ef'.repeat(32) },
  { event: 'policy', refused: 'gateway.yaml: rule 3 has no name' },
  { event: 'verified', of: 'model', name: 'llama', digest: '45'.repeat(32), signers: ['key 67ab, ml-dsa-87'] },
  {
    event: 'verified',
    of: 'model',
    name: 'hybrid',
    digest: '46'.repeat(32),
    signers: ['a'],
    unverified: ['ml-dsa-87'],
  },
  { event: 'verified', of: 'manifest', name: 'bob.manifest', refused: 'manifest-expired: it was valid until 2026' },
  { event: 'connected', connection: '7', address: '192.0.2.7:50122' },
  { event: 'authenticated', ...connection, principal: { ...principal, assurance: { ial: 2, aal: 3 } } },
  { event: 'refused', code: 'certificate-revoked', message: 'revoked', connection: '8' },
  { event: 'tools', digest: '01'.repeat(32), differences: ['read_chart: description changed'], connection: '7' },
  call(1),
  call('a string'),
  { event: 'decided', ...connection, method: 'notifications/cancelled', decision: { allowed: true, rule: 'all' } },
  ...denials.map(
    (reason): RecordedEvent => ({
      ...{ event: 'decided', ...connection, id: 2, method: 'tools/call', name: 'x', argumentsDigest: '23'.repeat(32) },
      decision: { allowed: false, reason },
    }),
  ),
  { event: 'answered', ...connection, id: 1 },
  { event: 'answered', ...connection, id: 2, error: -32602, toolError: true },
  { event: 'spawned', ...connection, command: ['node', 'server.js'], process: 4711 },
  { event: 'exited', ...connection, process: 4711, signal: 'SIGKILL' },
  { event: 'exited', ...connection, process: 4712, status: 1 },
  { event: 'disconnected', ...connection, code: 'connection-closed' },
  { event: 'stopped', reason: 'SIGTERM' },
];

describe('an entry', () => {
  it('follows the schema, whatever it is of, and has the digest of the line before it', async () => {
    const directory = folder();
    const record = await recorderIn(directory, { rotateAt: 4_000, keep: 1 });
    for (const event of every) await record.append(event);
    for (const event of every) await record.append(event);
    await record.close();
    const lines = namesIn(directory).flatMap((name) => linesOf(join(directory, name)));
    for (const line of lines) expect(follows(JSON.parse(line)), `${line} ${JSON.stringify(follows.errors)}`).toBe(true);
    for (const [i, line] of lines.slice(1).entries()) {
      const digest = createHash('sha256').update(`${lines[i]}\n`).digest('hex');
      expect(JSON.parse(line)['previous']).toBe(digest);
    }
    expect(new Set(lines.map((line) => JSON.parse(line)['event']))).toContain('removed');
  });

  it('has the digests of policy, certificate and tools, and the channel binding', async () => {
    const record = await recorderIn(folder());
    record.standing({ policyDigest: 'aa'.repeat(32) });
    const first = record.append(call(1));
    record.standing({ manifestDigest: 'bb'.repeat(32) });
    await Promise.all([first, record.append(call(2))]);
    await record.close();
    const [, one, other] = linesOf(record.file).map((line) => JSON.parse(line));
    expect(one).toMatchObject({ policy: 'aa'.repeat(32), certificate: 'ab'.repeat(32), channel: 'cd'.repeat(48) });
    expect(one['manifest']).toBeUndefined(); // as it was when the entry was made
    expect(other).toMatchObject({ policy: 'aa'.repeat(32), manifest: 'bb'.repeat(32), peer: 'CN=nurse' });
  });

  it('has no other member than those of its kind, and no text that is long or moves a cursor', async () => {
    const record = await recorderIn(folder());
    const more = { arguments: 'secret-1', result: 'secret-2', trace: { traceparent: 'secret-3' } };
    await record.append(Object.assign(call('\u202e\u009b31m', `${'x'.repeat(100_000)}secret-4`), more));
    await record.append({ event: 'spawned', connection: '1', process: 1, command: Array(10_000).fill('\ud800') });
    await record.append({ event: 'answered', connection: '1', id: Number.POSITIVE_INFINITY });
    await record.close();
    const text = readFileSync(record.file, 'utf8');
    expect(text).not.toContain('secret-');
    expect(text).not.toMatch(/[^\x20-\x7e\n]/);
    expect(text.length).toBeLessThan(8_000);
    const { id, name } = JSON.parse(text.split('\n')[1] ?? '');
    const digest = createHash('sha256').update('\u202e\u009b31m').digest('hex');
    expect(id).toBe(String.raw`\u202e\u009b31m [8 octets, SHA-256 ${digest}]`);
    expect(name).toMatch(/^x{256} \[100008 octets, SHA-256 [0-9a-f]{64}\]$/);
    expect((await verifyRecords([record.file])).faults).toEqual([]);
  });

  it('of a text that ends as if its digest followed has the digest', async () => {
    const record = await recorderIn(folder());
    await record.append(call(1, `x [1 octets, SHA-256 ${'0'.repeat(64)}]`));
    await record.close();
    expect(JSON.parse(linesOf(record.file)[1] ?? '')['name'].match(/SHA-256/g)).toHaveLength(2);
  });
});

describe('the files of a record', () => {
  it.runIf(process.platform !== 'win32')('are for their owner alone', async () => {
    const record = await recorderIn(folder());
    await record.close();
    expect(statSync(record.file).mode & 0o777).toBe(0o600);
  });

  it('follow one another without a gap while many append at once, and none is lost', async () => {
    const directory = folder();
    const heads: number[] = [];
    const record = await recorderIn(directory, { rotateAt: 20_000, onHead: ({ sequence }) => heads.push(sequence) });
    const appends = Array.from({ length: 3_000 }, (_, i) => record.append(call(i)));
    for (let i = 3_000; i < 3_200; i += 1) {
      appends.push(record.append(call(i)));
      if (i % 20 === 0) await appends.at(-1); // single writes beside batches
    }
    await Promise.all(appends);
    await record.close();
    const names = namesIn(directory);
    expect(names.length).toBeGreaterThan(4);
    const entries = names.flatMap((name) => linesOf(join(directory, name)).map((line) => JSON.parse(line)));
    const ids = entries.filter(({ event }) => event === 'decided').map(({ id }) => id);
    expect(ids).toEqual(Array.from({ length: 3_200 }, (_, i) => i));
    const verification = await verifyRecords([directory], { heads: [record.head().digest], count: entries.length });
    expect(verification).toMatchObject({ ok: true, faults: [], notices: [] });
    expect(heads.at(-1)).toBe(entries.length);
    expect(heads).toHaveLength(names.length + 1); // each file, and the end
  });

  it('are kept as many as are asked for, and an entry says which were removed', async () => {
    const directory = folder();
    const record = await recorderIn(directory, { rotateAt: 1, keep: 2 });
    for (let i = 0; i < 9; i += 1) await record.append(call(i));
    await record.close();
    expect(namesIn(directory)).toHaveLength(3);
    const { ok, notices } = await verifyRecords([directory]);
    expect([ok, notices.map(({ kind }) => kind)]).toEqual([true, ['removed']]);
  });

  it('go on where they ended, and only one process writes them', async () => {
    const directory = folder();
    const one = await recorderIn(directory);
    await one.append({ event: 'started', version: '1' });
    await expect(recorderIn(directory)).rejects.toThrow(/held by/);
    await one.append({ event: 'stopped', reason: 'SIGTERM' });
    await one.close();
    const other = await recorderIn(directory);
    await other.append({ event: 'started', version: '2' });
    await other.close();
    expect(other.head().sequence).toBe(4);
    expect(await verifyRecords([directory])).toMatchObject({ ok: true, notices: [] });
    await expect(other.append(call(1))).rejects.toMatchObject({ code: 'record-closed' });
  });

  it('are refused in a folder that is not there, and the message says so', async () => {
    const directory = join(folder(), 'none');
    await expect(recorderIn(directory)).rejects.toThrow(`${directory}: there is no such file or folder (ENOENT)`);
  });

  it.runIf(process.platform !== 'win32')('are refused in a folder that others can write in', async () => {
    const { chmodSync } = await import('node:fs');
    const directory = folder();
    chmodSync(directory, 0o777);
    await expect(recorderIn(directory)).rejects.toThrow(/alone can write in/);
  });
});
