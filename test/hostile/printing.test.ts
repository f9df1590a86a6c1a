// Text from peers, certificates and names of files does nothing to a terminal or to a log.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest';
import type { Case } from '../../src/lab/conformance/case.ts';
import { junit, table } from '../../src/lab/conformance/runner/report.ts';
import { note, noteText, print, printable, printJson } from '../../src/node/terminal/output.ts';
import { pquake } from '../cli/commands.ts';

const directory = mkdtempSync(join(tmpdir(), 'pquake-printing-'));
afterAll(() => rmSync(directory, { recursive: true }));
afterEach(() => vi.restoreAllMocks());

const hostile = 'a\u001b[2J\u001b]0;title\u0007\r\nb\u0085\u009b31m\u202e\u2028\u2066\ud800\u{e0001}\u007f\tc';
const forbidden = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}]/u;

/** The text that an action writes to one of the streams. */
function written(stream: 'stdout' | 'stderr', action: () => void): string {
  const chunks: string[] = [];
  vi.spyOn(process[stream], 'write').mockImplementation((chunk) => {
    chunks.push(String(chunk));
    return true;
  });
  action();
  vi.restoreAllMocks();
  return chunks.join('');
}

describe('what is printed', () => {
  it('is one line of characters that can be seen; words of any script stay as they are', () => {
    expect(printable(hostile)).not.toMatch(forbidden);
    expect(printable('\u001b\u{e0001}\n')).toBe('\\u001b\\udb40\\udc01\\u000a');
    const words = 'Grüße, Ελλάδα, 日本, 👍 "quoted" \\ back';
    expect(printable(words)).toBe(words);
  });

  it.each([
    ['print', 'stdout', () => print(hostile)],
    ['note', 'stderr', () => note(hostile)],
  ] as const)('%s writes one line', (_, stream, action) => {
    const [line, end, ...more] = written(stream, action).split('\n');
    expect(line).not.toMatch(forbidden);
    expect([end, more]).toEqual(['', []]);
  });

  it('a line of JSON means what it meant', () => {
    const text = written('stdout', () => printJson({ name: hostile }));
    expect(text.trimEnd()).not.toMatch(forbidden);
    expect(JSON.parse(text)).toEqual({ name: hostile });
  });

  it('help and usage keep their lines', () => {
    expect(written('stderr', () => noteText('error: \u001b[2J\nusage\n'))).toBe('error: \\u001b[2J\nusage\n');
  });
});

describe('commands', () => {
  const clean = ({ stdout, stderr }: { stdout: string; stderr: string }): void => {
    for (const line of `${stdout}\n${stderr}`.split('\n')) expect(line).not.toMatch(forbidden);
  };

  it('a file whose name moves the cursor, and one that is not there', async () => {
    const name = join(directory, 'x\u001b[2J\u009b1m\n.pem');
    writeFileSync(name, 'nothing');
    for (const file of [name, `${name}.absent`]) {
      const ended = await pquake('key', 'inspect', file);
      expect(ended.status).toBe(1);
      expect(ended.stderr).toContain('\\u001b[2J\\u009b1m\\u000a.pem');
      clean(ended);
    }
  });

  it('wrong usage: an option and an argument', async () => {
    for (const words of [['--\u001b[2J'], ['connect', '\u001b]0;x\u0007', '--cert', 'a', '--key', 'b', '--ca', 'c']]) {
      const ended = await pquake(...words);
      expect(ended.status).toBe(2);
      expect(ended.stderr).toContain('\\u001b');
      clean(ended);
    }
  });

  it('a peer under test that writes controls and forges lines', async () => {
    const script = join(directory, 'peer.sh');
    mkdirSync(directory, { recursive: true });
    writeFileSync(script, "printf '\\033[2J\\033[1;1H\\nsanity  passed\\r\\302\\2331m' >&2; exit 3");
    const junitFile = join(directory, 'junit.xml');
    const words = [
      'conformance',
      'responder',
      '--spawn',
      `sh ${script} {port}`,
      '--only',
      'sanity',
      '--junit',
      junitFile,
    ];
    const ended = await pquake(...words);
    expect(ended.status).toBe(1);
    expect(ended.stdout).toMatch(/FAILED.*\\u001b\[2J\\u001b\[1;1H \| sanity {2}passed \| \\u009b1m/);
    expect(ended.stdout.split('\n').filter((line) => line.startsWith('sanity  passed'))).toEqual([]);
    clean(ended);
  });
});

it('reports of conformance: a table and XML', () => {
  const test = { id: 'a', title: 't', requirements: [], expected: { outcome: 'completes' } } as unknown as Case;
  const results = [{ test, verdict: 'unsupported', detail: `x\u001b[2J\nb  passed${hostile}`, took: 1 }] as const;
  expect(table({ results, profile: 'project', interrupted: false, all: 1 })[0]).not.toMatch(/[\r\n]/);
  expect(junit(results, 'n').replaceAll('\n', '')).not.toMatch(forbidden);
});
