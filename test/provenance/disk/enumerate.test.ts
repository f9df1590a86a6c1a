import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { RefusedFile } from '../../../src/provenance/disk/codes.ts';
import { type EnumerateOptions, enumerateModel } from '../../../src/provenance/disk/enumerate.ts';
import { onModelFile } from '../../../src/provenance/disk/walk.ts';
import { folder, model } from './models.ts';

function namesOf(path: string, options?: EnumerateOptions): readonly string[] {
  const found = enumerateModel(path, options);
  if (!found.ok) throw new Error(found.detail);
  return found.value.files.map(({ name }) => name);
}

const refusal = (code: string, path: string) => ({ ok: false, code, path });

describe('the files of a model', () => {
  it('are regular files, with relative names, in the order of code points', () => {
    const root = model({ 'b.bin': 'bb', 'a/z': '', 'a.txt': '1', '\u{1f600}': '', '\uff5e': '', 'a/deep/er/x': '' });
    mkdirSync(join(root, 'empty'));
    const found = enumerateModel(`${root}/`);
    expect(found).toMatchObject({ ok: true, value: { name: 'model', octets: 3, isFile: false } });
    expect(namesOf(root)).toEqual(['a.txt', 'a/deep/er/x', 'a/z', 'b.bin', '\uff5e', '\u{1f600}']);
  });

  it('may be one file, which has its own name and ignores nothing', () => {
    const root = model({ '.gitignore': 'abc' });
    expect(enumerateModel(join(root, '.gitignore'))).toMatchObject({
      ok: true,
      value: { name: '.gitignore', octets: 3, isFile: true, ignored: [], files: [{ name: '.gitignore', octets: 3 }] },
    });
  });

  it('leave out what OMS leaves out, at the top only', () => {
    const root = model({
      '.git/x': '',
      '.gitignore': '',
      '.gitattributes': '',
      '.github/y': '',
      'a/.git/z': '',
      a2: '',
    });
    expect(namesOf(root)).toEqual(['a/.git/z', 'a2']);
  });

  it('leave out exactly what is named, with what is in it', () => {
    const root = model({ 'cache/x': '', 'cache/y/z': '', 'a/cache/x': '', 'cache.bin': '', 'a/b': '', 'a/bc': '' });
    expect(namesOf(root, { ignore: ['cache', 'a/b'] })).toEqual(['a/bc', 'a/cache/x', 'cache.bin']);
    expect(enumerateModel(root, { ignore: ['cache/'] })).toMatchObject({
      value: { ignored: ['.git', '.gitattributes', '.github', '.gitignore', 'cache'] },
    });
  });

  it.each(['*', 'a?', '[a]', '/a', '../a', 'a/../b', '', 'a//b', '.'])('ignore no %j', (path) => {
    expect(enumerateModel(model({ a: '' }), { ignore: [path] })).toMatchObject({ code: 'ignored-path-invalid' });
  });

  it('leave out files of signatures that lie in the model, also before they are written', () => {
    const root = model({ a: '', 'model.sig': '', 'b/model.pq.sig': '', 'other.sig': '' });
    const signatures = [
      join(root, 'model.sig'),
      join(root, 'b', 'model.pq.sig'),
      join(root, '..', 'outside.sig'),
      join(root, 'not', 'there'),
    ];
    const found = enumerateModel(root, { signatures });
    expect(found).toMatchObject({ value: { ignored: expect.arrayContaining(['model.sig', 'b/model.pq.sig']) } });
    expect(namesOf(root, { signatures })).toEqual(['a', 'other.sig']);
  });
});

describe('what is no model', () => {
  it('nothing, an empty folder, and one of which everything is left out', () => {
    const root = folder();
    expect(enumerateModel(join(root, 'none'))).toMatchObject({ code: 'model-absent' });
    expect(enumerateModel(root)).toMatchObject({ code: 'model-empty' });
    writeFileSync(join(root, 'x'), '');
    expect(enumerateModel(root, { ignore: ['x'] })).toMatchObject({ code: 'model-empty' });
    expect(enumerateModel(join(root, 'x', 'y'))).toMatchObject({ code: 'model-absent' });
  });

  it('a link, with a slash behind it too', () => {
    const root = model({ a: '' });
    symlinkSync(root, join(root, '..', 'link'));
    expect(enumerateModel(join(root, '..', 'link'))).toMatchObject({ code: 'model-link' });
    expect(enumerateModel(`${join(root, '..', 'link')}/`)).toMatchObject({ code: 'model-link' });
    expect(namesOf(join(root, '..', 'link'), { allowLinks: true })).toEqual(['a']);
  });

  it('a device', () => expect(enumerateModel('/dev/null')).toMatchObject({ code: 'file-device' }));
});

describe('refused in a model', () => {
  it('links, unless they are allowed', () => {
    const root = model({ 'a/x': '1', b: '' });
    symlinkSync('a/x', join(root, 'file'));
    expect(enumerateModel(root)).toMatchObject(refusal('file-link', 'file'));
    symlinkSync('a', join(root, 'folder'));
    expect(namesOf(root, { allowLinks: true })).toEqual(['a/x', 'b', 'file', 'folder/x']);
  });

  it.each([
    ['file-link-outside', '../outside'],
    ['file-link-outside', '/etc/passwd'],
    ['file-link-dangling', 'nothing'],
    ['file-link-loop', 'link'],
    ['file-link-loop', '.'],
  ])('%s, where links are allowed: %s', (code, target) => {
    const root = model({ 'a/x': '' });
    writeFileSync(join(root, '..', 'outside'), '');
    symlinkSync(target, join(root, 'link'));
    expect(enumerateModel(root, { allowLinks: true })).toMatchObject(refusal(code, 'link'));
  });

  it('a link to a folder above it', () => {
    const root = model({ 'a/b/x': '' });
    symlinkSync('../../a', join(root, 'a', 'b', 'up'));
    expect(enumerateModel(root, { allowLinks: true })).toMatchObject(refusal('file-link-loop', 'a/b/up'));
  });

  it('a link through a folder outside that has the same beginning as the model', () => {
    const root = model({ a: '' });
    mkdirSync(`${root}2`);
    writeFileSync(`${root}2/x`, '');
    symlinkSync('../model2/x', join(root, 'link'));
    expect(enumerateModel(root, { allowLinks: true })).toMatchObject(refusal('file-link-outside', 'link'));
  });

  it('pipes and sockets, without waiting for them', async () => {
    const root = model({ a: '' });
    execFileSync('mkfifo', [join(root, 'pipe')]);
    expect(enumerateModel(root)).toMatchObject(refusal('file-pipe', 'pipe'));
    rmSync(join(root, 'pipe'));
    const server = createServer();
    onTestFinished(() => void server.close());
    await new Promise<void>((resolve) => server.listen(join(root, 's'), resolve));
    expect(enumerateModel(root)).toMatchObject(refusal('file-socket', 's'));
  });

  it('names that are not UTF-8, as they would be changed silently', () => {
    const root = model({ a: '' });
    writeFileSync(Buffer.concat([Buffer.from(`${root}/`), Buffer.of(0x62, 0xff)]), '');
    expect(enumerateModel(root)).toMatchObject(refusal('name-not-unicode', 'bÿ'));
  });

  it('names that Windows reads otherwise, each with its code', () => {
    const named = (name: string) => enumerateModel(model({ [name]: '' }));
    expect(named('a\\b')).toMatchObject(refusal('name-backslash', 'a\\\\b'));
    expect(named('c:')).toMatchObject(refusal('name-reserved-character', 'c:'));
    expect(named('d/aux.txt')).toMatchObject(refusal('name-reserved', 'd/aux.txt'));
    expect(named('dot.')).toMatchObject(refusal('name-trailing-dot-or-space', 'dot.'));
    expect(named('line\nfeed')).toMatchObject(refusal('name-control-character', 'line\\nfeed'));
    expect(namesOf(model({ 'c:': '', 'aux.txt': '' }), { names: 'any' })).toEqual(['aux.txt', 'c:']);
  });

  it('names that differ in case or in the form of Unicode only, of folders too', () => {
    expect(enumerateModel(model({ 'Model.bin': '', 'model.bin': '' }))).toMatchObject(
      refusal('files-collide-case', 'model.bin'),
    );
    expect(enumerateModel(model({ 'A/x': '', 'a/y': '' }))).toMatchObject(refusal('files-collide-case', 'a'));
    expect(enumerateModel(model({ '\u00e9': '', 'e\u0301': '' }))).toMatchObject({ code: 'files-collide-unicode' });
    expect(enumerateModel(model({ '.GIT/x': '', a: '' }))).toMatchObject(refusal('files-collide-case', '.GIT'));
    expect(enumerateModel(model({ a: '', 'd/Skip': '' }), { ignore: ['d/skip'] })).toMatchObject({
      code: 'files-collide-case',
    });
    expect(namesOf(model({ 'Model.bin': '', 'model.bin': '' }), { names: 'any' })).toEqual(['Model.bin', 'model.bin']);
  });

  it('too many files, and folders that are too deep', () => {
    const root = model({ a: '', b: '', 'c/d': '' });
    expect(enumerateModel(root, { mostFiles: 2 })).toMatchObject({ code: 'too-many-files' });
    expect(namesOf(root, { mostFiles: 3 })).toHaveLength(3);
    for (const name of ['e', 'f', 'g']) mkdirSync(join(root, 'c', name));
    expect(enumerateModel(root, { mostFiles: 3 })).toMatchObject({ code: 'too-many-files' });
    const deep = model({ [`${'d/'.repeat(127)}x`]: '' });
    expect(namesOf(deep)).toHaveLength(1);
    renameSync(deep, `${deep}1`);
    mkdirSync(deep);
    renameSync(`${deep}1`, join(deep, 'more'));
    expect(enumerateModel(deep)).toMatchObject({ code: 'name-too-deep' });
  });

  it.skipIf(process.getuid?.() === 0)('what this user may not read', () => {
    const root = model({ 'a/x': '' });
    chmodSync(join(root, 'a'), 0);
    expect(enumerateModel(root)).toMatchObject(refusal('file-unreadable', 'a'));
    chmodSync(join(root, 'a'), 0o700);
  });
});

it('an error of the file system is a refusal that names the file; another error is not', () => {
  const failing = (code: string) => () => {
    throw Object.assign(new Error(`${code}: no, open 'x'`), { code, syscall: 'open', path: 'x' });
  };
  const of = (code: string): unknown => {
    try {
      return onModelFile('x', failing(code));
    } catch (error) {
      return error instanceof RefusedFile ? error.refusal : error;
    }
  };
  expect(of('EACCES')).toMatchObject(refusal('file-unreadable', 'x'));
  expect(of('EIO')).toMatchObject(refusal('file-unreadable', 'x'));
  expect(of('ENOENT')).toMatchObject(refusal('file-vanished', 'x'));
  expect(() => onModelFile('x', () => JSON.parse('{'))).toThrow(SyntaxError);
});
