// The independent checker can fail: it names the vector in which an octet was changed.
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { Index, VectorFile } from '../../../src/lab/vectors/format.ts';
import { digestOf } from '../../../src/lab/vectors/vectorOctets.ts';
import { directory, handshakes, index } from './files.ts';

const copies: string[] = [];
afterAll(() => {
  for (const copy of copies) rmSync(copy, { recursive: true });
});

const verify = (copy: string) =>
  spawnSync('python3', ['src/lab/vectors/verify-vectors.py', copy], { encoding: 'utf8' });
const python = spawnSync('python3', ['--version']).status === 0;
if (!python) process.stderr.write('src/lab/vectors/verify-vectors.py was NOT tested: there is no python3 here\n');

type Loose = { [name: string]: Loose } & Loose[] & string;
type Edit = (file: Loose, index: Loose) => void;

type Edits = readonly (readonly [VectorFile['kind'], Edit])[];

/** The checker on a copy in which files were edited; their digests are corrected, unless `digestToo` is false. */
function verifyEdited(edits: Edits, digestToo = true) {
  const copy = mkdtempSync(join(tmpdir(), 'pquake-checker-'));
  copies.push(copy);
  cpSync(directory, copy, { recursive: true });
  const load = (name: string) => JSON.parse(readFileSync(join(copy, name), 'utf8'));
  const listed = load('index.json') as Index;
  const edited = new Map<string, Loose>();
  for (const [kind, edit] of edits) {
    const file = edited.get(kind) ?? load(`${kind}.json`);
    edited.set(kind, file);
    edit(file, listed as unknown as Loose);
  }
  for (const [kind, file] of edited) writeFileSync(join(copy, `${kind}.json`), JSON.stringify(file));
  const files = listed.files.map((one) => {
    const file = edited.get(one.kind);
    return digestToo && file !== undefined ? { ...one, digest: digestOf(file) } : one;
  });
  writeFileSync(join(copy, 'index.json'), JSON.stringify({ ...listed, files }));
  return verify(copy);
}

/** Changes the last hexadecimal digit. */
const other = (digits: string): string => digits.slice(0, -1) + (digits.endsWith('0') ? '1' : '0');

function caseOf(file: Loose, id: string): Loose {
  const found = [...(file['cases'] ?? [])].find((one) => (one['id'] as string) === id);
  if (found === undefined) throw new Error(`there is no ${id}`);
  return found;
}

/** An edit of the value at a path in a case. */
const at =
  (id: string, path: readonly (string | number)[], change: (value: string) => unknown): Edit =>
  (file) => {
    let holder = caseOf(file, id);
    for (const name of path.slice(0, -1)) holder = holder[name as string] as Loose;
    const last = path.at(-1) as string;
    holder[last] = change(holder[last] as string) as Loose;
  };

describe.runIf(python)('src/lab/vectors/verify-vectors.py', () => {
  it('counts every vector, and finds nothing wrong', () => {
    const { status, stdout, stderr } = verify(directory);
    expect([status, stderr]).toEqual([0, '']);
    for (const { kind, cases } of index.files) expect(stdout).toContain(`${cases} ${kind}`);
  });

  /** The n-th handshake with a pre-shared secret: every edit has a vector of its own. */
  const psk = (n: number): string => handshakes.filter(({ ss_pre }) => ss_pre !== undefined)[n]?.id ?? '';
  type Row = readonly [
    kind: VectorFile['kind'],
    id: string,
    says: string,
    path: readonly (string | number)[],
    change: (value: string) => unknown,
  ];
  const value = (id: string, name: string): Row => ['handshakes', id, name, ['values', name], other];
  const edits: readonly Row[] = [
    ...['k_hid', 'h_i', 'h_r', 'S', 'k_C_i', 'k_C_r', 'k_session', 'confirmationInput', 'C_i', 'C_r'].map((name, n) =>
      value(psk(n), name),
    ),
    ['handshakes', 'handshakes/default', 'AD_i', ['values', 'AD_i'], () => '00'],
    ['handshakes', 'handshakes/figure', 'kdf_1.PRK', ['values', 'kdf_1', 'PRK'], other],
    ['handshakes', psk(10), 'kdf_1.salt', ['ss_pre'], (digits) => digits.replace(/^../, (two) => other(two))],
    ['handshakes', 'handshakes/header', 'h_i_steps', ['messages', 4, 'octets'], other],
    ['handshakes', 'handshakes/bound', 'data of message 8', ['messages', 7, 'octets'], other],
    ['handshakes', 'handshakes/fields', 'export', ['exports', 1, 'octets'], other],
    ['handshakes', 'handshakes/chained', 'flights', ['schedule'], () => 'initiator-first'],
    ['handshakes', 'handshakes/label-info', 'unknown reading', ['reading', 'transcript'], () => 'none'],
    ['key-schedule', 'key-schedule/bound+figure', 'C_r', ['values', 'C_r'], other],
    ['codec', 'codec/initiatorHello/cut', 'code', ['code'], () => 'wrong-version'],
    ['codec', 'codec/initiatorHello', 'fields', ['fields', 'ephemeralKey'], other],
    ['primitives', 'primitives/sha-384/abc', 'digest', ['digest'], other],
    ['primitives', 'primitives/hmac-sha-384/empty', 'unknown operation', ['operation'], () => 'md5'],
    ['deliveries', 'deliveries/initiatorHello/type-0', 'end by framing', ['outcome', 'code'], () => 'wrong-length'],
    ['deliveries', 'deliveries/behind/initiator/refused', 'refused', ['outcome', 'code'], () => 'unexpected-peer'],
    ['certificates', 'certificates/accepted/profile', 'subject key', ['encapsulationKey'], other],
  ];

  it('names every vector in which a value is another, says which, and names no other one', () => {
    const { status, stderr } = verifyEdited(edits.map(([kind, id, , path, change]) => [kind, at(id, path, change)]));
    expect(status).toBe(1);
    const lines = stderr.trim().split('\n');
    for (const [, id, says] of edits) {
      expect(lines.find((line) => line.startsWith(`${id}: `))).toContain(says);
    }
    // A delivery on the edited handshake shows it too.
    const named = lines.map((line) => line.slice(0, line.indexOf(': '))).filter((id) => !id.startsWith('deliveries/'));
    expect(new Set(named)).toEqual(new Set(edits.map(([, id]) => id).filter((id) => !id.startsWith('deliveries/'))));
  });

  it('fails on another digest, an unknown kind, a file without cases, and one that is not listed', () => {
    const fails = (edit: Edit, reason: string, digestToo?: boolean): void => {
      const { status, stderr } = verifyEdited([['codec', edit]], digestToo);
      expect(status).toBe(1);
      expect(stderr).toContain(reason);
    };
    fails(
      at('codec/initiatorHello', ['about'], () => 'another'),
      'codec.json: digest',
      false,
    );
    fails((file) => Object.assign(file, { kind: 'other' }), 'codec.json: unknown kind other');
    fails((file) => Object.assign(file, { cases: [] }), 'codec.json: no cases');
    fails((_, listed) => Object.assign(listed, { files: listed['files']?.slice(3) }), 'codec.json: not in the index');
  });
});
