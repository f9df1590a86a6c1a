// What can be seen from a record alone: every change, cut and gap; and what of these cannot.
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { run } from '../../../src/mcp/main.ts';
import { chained, type Head, type Members, nothingBefore } from '../../../src/mcp/record/entry.ts';
import { nameForProcess } from '../../../src/mcp/record/names.ts';
import { verifyRecords } from '../../../src/mcp/record/verify.ts';
import fc from '../../property.ts';
import { call, folder, namesIn, recorderIn } from './records.ts';

let [original, head, files] = ['', '', new Map<string, Buffer>()];

/** Three files; the first ends in an entry that says that another follows, and so does the second. */
beforeAll(async () => {
  original = folder();
  const record = await recorderIn(original, { rotateAt: 3_000 });
  await record.append({ event: 'started', version: '1' });
  for (let i = 0; i < 17; i += 1) await record.append(call(i, `tool-${i}`));
  await record.close();
  head = record.head().digest;
  files = new Map(namesIn(original).map((name) => [name, readFileSync(join(original, name))]));
  expect(files.size).toBe(3);
});

const names = [0, 1, 2].map((at) => (): string => [...files.keys()][at] ?? '');
const nameAt = (at: number): string => names[at % 3]?.() ?? '';
const octetsAt = (at: number): Buffer => Buffer.from(files.get(nameAt(at)) ?? '');
const linesAt = (at: number): string[] => octetsAt(at).toString().split('\n').slice(0, -1);
const joined = (lines: readonly string[]): string => lines.map((line) => `${line}\n`).join('');

let directory = '';
beforeEach(() => {
  directory = join(folder(), 'copy');
  mkdirSync(directory, { mode: 0o700 });
  present = new Map();
});

/** What stands in the copy: of files that stay as they are nothing is written. */
let present = new Map<string, Uint8Array | string>();

/** What is found in the record with some files changed; a file without octets is not there. */
async function found(changed: Readonly<Record<string, Uint8Array | string | undefined>>, heads?: string[]) {
  const wanted = new Map(
    [...new Map([...files, ...Object.entries(changed)])].filter(([, octets]) => octets !== undefined),
  );
  for (const name of present.keys()) if (!wanted.has(name)) rmSync(join(directory, name));
  for (const [name, octets = ''] of wanted)
    if (present.get(name) !== octets) writeFileSync(join(directory, name), octets);
  present = wanted as typeof present;
  return await verifyRecords([directory], heads && { heads });
}

const kinds = async (...given: Parameters<typeof found>): Promise<string[]> =>
  (await found(...given)).faults.map(({ kind }) => kind);

describe('any one change is found', () => {
  it('of the files that nobody touched there is nothing to find', async () => {
    expect(await found({}, [head])).toMatchObject({ ok: true, faults: [], notices: [] });
  });

  it('an octet that is another, put in or left out', async () => {
    const where = fc.record({ file: fc.nat(2), at: fc.nat(), octet: fc.nat(255), edit: fc.constantFrom(0, 1, 2) });
    await fc.assert(
      fc.asyncProperty(where, async ({ file, at: far, octet, edit }) => {
        const octets = octetsAt(file);
        const at = far % octets.length;
        const put = edit === 2 ? [] : [edit === 0 && octets[at] === octet ? octet ^ 1 : octet];
        const changed = Buffer.concat([
          octets.subarray(0, at),
          Buffer.from(put),
          octets.subarray(edit === 1 ? at : at + 1),
        ]);
        // Of the last line nothing follows that would have its digest: there alone the head is needed.
        const isLast = file === 2 && at > octets.lastIndexOf('\n', -2);
        return !(await found({ [nameAt(file)]: changed }, isLast ? [head] : undefined)).ok;
      }),
      { numRuns: 1_000 },
    );
  });

  it('a line that is removed, doubled, swapped with another, or put there from elsewhere', async () => {
    const where = fc.record({ file: fc.nat(2), at: fc.nat(), other: fc.nat(), edit: fc.constantFrom(0, 1, 2, 3) });
    await fc.assert(
      fc.asyncProperty(where, async ({ file, at: far, other: farther, edit }) => {
        const lines = linesAt(file);
        const [at, other] = [far % lines.length, farther % lines.length];
        fc.pre(edit !== 2 || at !== other);
        const [one = '', two = ''] = [lines[at], lines[other]];
        if (edit === 0) lines.splice(at, 1);
        if (edit === 1) lines.splice(at, 0, one);
        if (edit === 2) [lines[at], lines[other]] = [two, one];
        if (edit === 3) lines.splice(at, 0, linesAt(file + 1)[0] ?? '');
        return !(await found({ [nameAt(file)]: joined(lines) }, [head])).ok;
      }),
      { numRuns: 100 },
    );
  });

  it('a file that is cut anywhere', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(2), fc.nat(), async (file, far) => {
        const octets = octetsAt(file);
        return !(await found({ [nameAt(file)]: octets.subarray(0, far % octets.length) }, [head])).ok;
      }),
      { numRuns: 100 },
    );
  });
});

describe('what is found is named, with its place', () => {
  it('a line that was changed, removed, doubled, moved', async () => {
    const edited = (edit: (lines: string[]) => void): Record<string, string> => {
      const lines = linesAt(0);
      edit(lines);
      return { [nameAt(0)]: joined(lines) };
    };
    const changed = await found(edited((lines) => void lines.splice(2, 1, lines[2]?.replace('tool-', 'fool-') ?? '')));
    expect(changed.faults).toMatchObject([{ kind: 'changed', file: join(directory, nameAt(0)), line: 3 }]);
    const removed = await found(edited((lines) => void lines.splice(2, 2)));
    expect(removed.faults[0]).toMatchObject({ kind: 'missing', line: 3 });
    expect(removed.faults[0]?.message).toContain('entries 3 to 4 are missing');
    const doubled = await found(edited((lines) => void lines.splice(2, 0, lines[2] ?? '')));
    expect(doubled.faults[0]).toMatchObject({ kind: 'duplicate', line: 4 });
    const moved = await found(edited((lines) => void lines.push(...lines.splice(2, 1))));
    expect(moved.faults.map(({ kind }) => kind)).toContain('order');
    const foreign = await found(edited((lines) => void lines.splice(2, 0, '{"event":"decided"}')));
    expect(foreign.faults).toMatchObject([{ kind: 'foreign', line: 3 }]);
    const spaced = await found(edited((lines) => void lines.splice(2, 1, lines[2]?.replace(',', ', ') ?? '')));
    expect(spaced.faults[0]).toMatchObject({ kind: 'foreign', line: 3 });
  });

  it('files that are swapped, missing, renamed, double, or of something else', async () => {
    const [first, second, third] = [nameAt(0), nameAt(1), nameAt(2)];
    expect(await kinds({ [first]: octetsAt(1), [second]: octetsAt(0) })).toEqual(['name', 'name']);
    expect(await kinds({ [first]: undefined })).toEqual(['missing']);
    expect(await kinds({ [second]: undefined })).toContain('missing');
    expect(await kinds({ [third]: undefined })).toEqual(['missing']);
    expect(await kinds({ [first]: undefined, 'other.jsonl': octetsAt(0) })).toEqual(['name']);
    expect(await kinds({ 'copy.jsonl': octetsAt(0) })).toContain('duplicate');
    expect(await kinds({ 'notes.txt': 'a line\n' })).toEqual(['foreign']);
    expect(await kinds({ 'empty.jsonl': '' })).toEqual(['foreign']);
  });

  it('of files given one by one, those at the ends need not be there, and it is said', async () => {
    const paths = [1, 0].map((at) => join(original, nameAt(at)));
    const part = await verifyRecords(paths);
    expect([part.ok, part.notices.map(({ kind }) => kind)]).toEqual([true, ['part']]);
    expect((await verifyRecords([0, 2].map((at) => join(original, nameAt(at))))).faults[0]?.kind).toBe('missing');
  });

  it('a cut of whole entries from the end only by a head or a number that was noted', async () => {
    const cut = joined(linesAt(2).slice(0, -1));
    expect((await found({ [nameAt(2)]: cut })).ok).toBe(true); // nothing that is left could say it
    expect(await kinds({ [nameAt(2)]: cut }, [head])).toEqual(['head']);
    const { records } = await verifyRecords([original]);
    const last = records[0]?.head.sequence ?? 0;
    expect((await verifyRecords([directory], { count: last })).faults.map(({ kind }) => kind)).toEqual(['head']);
    expect((await verifyRecords([original], { count: last, heads: [head] })).ok).toBe(true);
  });

  it('a head that was noted before stays good when the record has grown', async () => {
    const grown = folder();
    const record = await recorderIn(grown);
    await record.append(call(1));
    const noted = record.head().digest;
    await record.append(call(2));
    await record.close();
    expect((await verifyRecords([grown], { heads: [noted] })).ok).toBe(true);
  });
});

/** The line of members, at a place that a forger chooses. */
const forged = (members: Members, before: Head) => chained({ time: '2026-06-01T12:00:00.000Z', ...members }, before);

describe('in a chain that is right, what no recorder writes is found', () => {
  const opening = { event: 'opened', format: 1, record: '0'.repeat(32), file: 1 };
  const start = { sequence: 0, digest: nothingBefore };
  const first = forged(opening, start);

  it.each([
    ['a number that is left out', 'missing', () => forged({ event: 'stopped' }, { ...first.head, sequence: 5 })],
    ['a first entry in the middle', 'foreign', () => forged(opening, first.head)],
    ['a time of another form', 'foreign', () => forged({ event: 'stopped', time: 'now' }, first.head)],
  ])('%s', async (_, kind, second) => {
    const file = join(directory, 'gateway.jsonl');
    writeFileSync(file, first.line + second().line);
    expect((await verifyRecords([directory])).faults.map((one) => one.kind)).toContain(kind);
  });

  it('an entry behind the last one of a file, and a file that states another number of entries', async () => {
    const last = forged({ event: 'continued', file: 2 }, first.head);
    const behind = forged({ event: 'stopped', reason: '' }, last.head);
    const before = { name: 'gateway.000001.jsonl', entries: 3 };
    const next = (entries: number) => forged({ ...opening, file: 2, before: { ...before, entries } }, behind.head);
    writeFileSync(join(directory, 'gateway.000001.jsonl'), first.line + last.line + behind.line);
    const faultsWith = async (entries: number): Promise<string[]> => {
      writeFileSync(join(directory, 'gateway.jsonl'), next(entries).line);
      return (await verifyRecords([directory])).faults.map(({ kind }) => kind);
    };
    expect(await faultsWith(3)).toEqual(['foreign']);
    expect(await faultsWith(2)).toEqual(['foreign', 'missing']);
  });
});

describe('the command', () => {
  async function ran(...words: string[]) {
    const out: string[] = [];
    const spies = [process.stdout, process.stderr].map((stream) =>
      vi.spyOn(stream, 'write').mockImplementation((text) => out.push(String(text)) > 0),
    );
    const status = await run(['log', ...words]);
    for (const spy of spies) spy.mockRestore();
    return { status, out: out.join('') };
  }

  it('has the status 0 for a whole record, 1 for another, 2 for one that cannot be read', async () => {
    const whole = await ran('verify', original, '--expect-head', head);
    expect(whole).toMatchObject({ status: 0, out: expect.stringContaining('whole: no change, cut or gap') });
    await found({ [nameAt(1)]: undefined });
    const gap = await ran('verify', directory);
    expect(gap).toMatchObject({
      status: 1,
      out: expect.stringMatching(/: missing: file 2 of the record is missing\n/),
    });
    expect(gap.out).toContain('--expect-head or --count');
    const json = JSON.parse((await ran('verify', directory, '--json')).out);
    expect(json).toMatchObject({ ok: false, faults: expect.any(Array), records: [{ first: 1 }] });
    expect((await ran('verify', join(directory, 'nowhere'))).status).toBe(2);
    expect((await ran('verify', directory, '--expect-head', 'xyz')).status).toBe(2);
  });

  it.runIf(process.platform === 'linux')('prints the head that any tool computes from the last line', async () => {
    const last = join(original, nameAt(2));
    const { out, status } = await ran('head', last);
    expect(status).toBe(0);
    expect(execFileSync('sh', ['-c', 'tail -n 1 "$0" | sha256sum', last], { encoding: 'utf8' }).slice(0, 64)).toBe(
      head,
    );
    const { records } = await verifyRecords([original]);
    expect(out).toBe(`${head} ${records[0]?.head.sequence}\n`);
  });

  it('says of which file it found no head', async () => {
    const { out, status } = await ran('head', original);
    expect({ status, told: out.startsWith(`pquake: ${original}: a folder; expected a file`) }).toEqual({
      status: 1,
      told: true,
    });
  });

  it('verifies the records of several processes in one folder', async () => {
    const several = folder();
    for (const which of [1, 2]) {
      const record = await recorderIn(several, { file: nameForProcess(join(several, 'gateway.jsonl'), which) });
      await record.append(call(which));
      await record.close();
    }
    expect((await verifyRecords([several])).records).toHaveLength(2);
    renameSync(join(several, 'gateway.process-2.jsonl'), join(several, 'gateway.process-3.jsonl'));
    copyFileSync(join(several, 'gateway.process-3.jsonl'), join(several, 'gateway.process-2.jsonl'));
    expect((await verifyRecords([several])).faults.map(({ kind }) => kind)).toEqual(['duplicate']);
  });
});
