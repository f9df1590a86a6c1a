import { execFile } from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, expect, it } from 'vitest';
import { readAnchor } from '../../../src/node/authority/authority.ts';
import { readDatabase } from '../../../src/node/authority/database.ts';
import { createAuthority } from '../../../src/node/authority/pki.ts';
import { inDirectory, readTogether } from '../../../src/node/files/change.ts';
import { readCredentials, writeFiles } from '../../../src/node/files/files.ts';
import { chooseSuite } from '../../../src/node/suite.ts';

const root = mkdtempSync(join(tmpdir(), 'pquake-change-'));
let directory = root;
let count = 0;
beforeEach(() => {
  count += 1;
  directory = join(root, String(count));
  mkdirSync(directory, { mode: 0o755 }); // whatever the umask: where a group writes there is no lock
});
afterAll(() => rmSync(root, { recursive: true }));

const pair = (content: string, replace = false) =>
  ['a', 'b'].map((name) => ({ file: join(directory, name), content, mode: 0o600, replace }));
const text = (name: string): string => readFileSync(join(directory, name), 'utf8');

it('nothing is written when one of the files is there, and it says which', () => {
  writeFileSync(join(directory, 'b'), 'mine');
  expect(() => writeFiles(pair('new'), false)).toThrow(/b: exists already$/);
  expect(readdirSync(directory)).toEqual(['b']);
  writeFiles(pair('new'), true);
  expect([text('a'), text('b'), statSync(join(directory, 'b')).mode & 0o777]).toEqual(['new', 'new', 0o600]);
});

it('a file that comes to be while one is written stays as it is', () => {
  const file = join(directory, 'a');
  const write = (): void =>
    writeFiles([{ file, content: 'new', mode: 0o600 }], false, (step) => {
      if (step === 'write a') writeFileSync(file, 'mine');
    });
  expect(write).toThrow(/a: it is there already \(EEXIST\)/);
  expect([text('a'), readdirSync(directory)]).toEqual(['mine', ['a']]);
});

it.each(['write it', 'flush it', 'write the journal'])('what fails at "%s" leaves nothing behind', (failing) => {
  writeFiles(pair('old'), false);
  const write = (): void =>
    writeFiles(pair('new'), true, (step) => {
      if (step === failing)
        throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
    });
  expect(write).toThrow(/a: ENOSPC: no space left on device/);
  expect([text('a'), text('b'), readdirSync(directory)]).toEqual(['old', 'old', ['a', 'b']]);
});

it('readers see both old or both new at each step, without changing anything', () => {
  writeFiles(pair('old'), false);
  const seen: string[] = [];
  writeFiles(pair('new'), true, () => seen.push(readTogether(pair('').map(({ file }) => file)).join(' ')));
  expect(new Set(seen)).toEqual(new Set(['old old', 'new new']));
  expect(seen.join()).toMatch(/^(old old,?)+(new new,?)+$/);
});

it('a lock is waited for, and the one who holds it is named; that of a process that is no more is taken over', () => {
  const lock = join(directory, '.pquake.lock');
  symlinkSync(`1@${hostname()}`, lock); // somebody else, who lives
  expect(() => inDirectory(directory, () => 0, undefined, 30)).toThrow(/\.pquake\.lock: held by 1@/);
  rmSync(lock);
  symlinkSync('1234@another-machine', lock); // of which nothing can be said
  expect(() => inDirectory(directory, () => 0, undefined, 30)).toThrow(/held by 1234@another-machine/);
  rmSync(lock);
  symlinkSync(`2147483646@${hostname()}`, lock); // above the largest process id of any platform
  expect(inDirectory(directory, () => 7)).toBe(7);
  expect(readdirSync(directory)).toEqual([]);
});

it('a journal that is none is refused by writers and passed over by readers, and so are names in it that lead elsewhere', () => {
  const entry = (name: string): string =>
    JSON.stringify([{ temporary: '.pquake.0123456789abcdef.tmp', name, is: '1.1' }]);
  writeFiles(pair('old'), false);
  for (const journal of ['', '{}', entry('../a'), entry('..'), entry(''), '[{"name":"a"}]']) {
    writeFileSync(join(directory, '.pquake.pending'), journal);
    expect(() => writeFiles(pair('new'), true)).toThrow(/\.pquake\.pending: not a journal of pquake/);
    expect(readTogether([join(directory, 'a')]).join('')).toBe('old');
    expect([text('a'), text('b')]).toEqual(['old', 'old']);
  }
});

it('files of several directories: none when one of them is there, each directory in one change', () => {
  const elsewhere = { file: join(root, `x${count}`), content: 'mine', mode: 0o600 };
  expect(() => inDirectory(directory, (write) => write([elsewhere]))).toThrow(RangeError);
  writeFiles([elsewhere], false);
  expect(() => writeFiles([...pair('new'), elsewhere], false)).toThrow(/exists already/);
  expect(readdirSync(directory)).toEqual([]);
  writeFiles([...pair('new'), elsewhere], true);
  expect(readdirSync(directory)).toEqual(['a', 'b']);
});

it('commands at the same time in one directory all succeed, and all are recorded', async () => {
  const suite = chooseSuite();
  createAuthority({ suite, directory });
  const names = ['alice', 'bob', 'carol', 'dave', 'erin'];
  const issue = (name: string): Promise<void> =>
    new Promise((resolve, reject) => {
      execFile(process.execPath, ['src/cli/main.ts', 'cert', 'issue', directory, name], (error) =>
        error === null ? resolve() : reject(error),
      );
    });
  await Promise.all(names.map(issue));
  const { certificates } = readDatabase(directory, readAnchor(suite, directory).verificationKey.octets);
  expect(certificates.map(({ name }) => name).sort()).toEqual(names);
  for (const name of names) {
    const stem = join(directory, name);
    const { certificate } = readCredentials(suite, `${stem}.pem`, `${stem}.key`);
    expect(certificates.find((one) => one.name === name)?.serialNumber).toBe(certificate.serialNumber);
  }
});
