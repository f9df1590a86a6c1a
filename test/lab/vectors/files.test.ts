import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Ajv } from 'ajv';
import { describe, expect, it } from 'vitest';
import { canonical, digestOf } from '../../../src/lab/vectors/vectorOctets.ts';
import { certificateOf, directory, files, identities, index, read } from './files.ts';

describe('the files', () => {
  const ajv = new Ajv({ strict: true, allErrors: false });
  const follows = ajv.compile(read('vectors.schema.json') as object);
  const errors = (value: unknown): unknown => (follows(value) ? [] : follows.errors);

  it.each(index.files)('$file follows the schema and has the digest of the index', ({ file, cases, digest }) => {
    const value = read(file) as { cases: unknown[] };
    expect(errors(value)).toEqual([]);
    expect([value.cases.length, digestOf(value)]).toEqual([cases, digest]);
  });

  it('the index follows the schema, and the schema refuses malformed vectors', () => {
    expect(errors(index)).toEqual([]);
    const [file] = files;
    for (const odd of [{}, { ...file, cases: [] }, { ...file, kind: 'other' }, { ...file, more: 1 }]) {
      expect(errors(odd)).not.toEqual([]);
    }
    const upper = {
      ...file,
      cases: [{ ...identities[0], certificate: certificateOf('identities/bob').toUpperCase() }],
    };
    expect(errors(upper)).not.toEqual([]);
  });

  it('canonical JSON: sorted names, no spaces, and values of vectors only', () => {
    expect(canonical({ b: [1, true, 'a"'], a: {} })).toBe('{"a":{},"b":[1,true,"a\\""]}');
    for (const odd of [1.5, null, '\u00e9', Number.NaN]) expect(() => canonical({ odd })).toThrow(TypeError);
  });
});

it('the generator: --check names what drifts when code or a file changes, and refuses a suite without cases', () => {
  const copy = mkdtempSync(join(tmpdir(), 'pquake-vectors-'));
  const check = () =>
    spawnSync(process.execPath, ['src/lab/main.ts', 'vectors', '--check'], { cwd: copy, encoding: 'utf8' });
  const edit = (file: string, from: string, to: string): void => {
    const text = readFileSync(file, 'utf8');
    expect(text).toContain(from);
    writeFileSync(join(copy, file), text.replace(from, to));
  };
  try {
    for (const name of ['spec', 'scripts', 'src', 'package.json']) cpSync(name, join(copy, name), { recursive: true });
    symlinkSync(resolve('node_modules'), join(copy, 'node_modules'));
    edit(`${directory}/codec.json`, '"awaited": "initiatorHello"', '"awaited": "responderHello"');
    edit(
      'src/protocol/steps.ts',
      '    responderHash,\n    hidingKey,',
      '    responderHash: initiatorHash,\n    hidingKey,',
    );
    const drifted = check();
    expect(drifted.status).toBe(1);
    for (const name of ['codec.json', 'key-schedule.json', 'handshakes.json']) expect(drifted.stderr).toContain(name);
    expect(drifted.stderr).not.toContain('certificates.json');
    cpSync('src', join(copy, 'src'), { recursive: true });
    edit('src/lab/vectors/codec.ts', "{ kind: 'codec', cases }", "{ kind: 'codec', cases: cases.slice(0, 0) }");
    const empty = check();
    expect(empty.status).not.toBe(0);
    expect(empty.stderr).toContain('no cases: codec');
  } finally {
    rmSync(copy, { recursive: true });
  }
});
