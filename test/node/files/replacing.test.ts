// A file that replaces another one: who may read it, and under which names it is found.
import {
  chmodSync,
  chownSync,
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { changePassphrase, generateKeyFile } from '../../../src/node/authority/keyFiles.ts';
import { createAuthority, issueCredentials } from '../../../src/node/authority/pki.ts';
import { rotateCredentials } from '../../../src/node/authority/renewal.ts';
import { inDirectory } from '../../../src/node/files/change.ts';
import { readCredentials, readRevocationLists, writeFiles } from '../../../src/node/files/files.ts';
import { onFileWarning } from '../../../src/node/files/fileWarnings.ts';
import { chooseSuite } from '../../../src/node/suite.ts';
import { pquake } from '../../cli/commands.ts';

const suite = chooseSuite();
const root = mkdtempSync(join(tmpdir(), 'pquake-replacing-'));
let [directory, elsewhere, count] = [root, root, 0];
beforeEach(() => {
  count += 1;
  [directory, elsewhere] = [join(root, `${count}`), join(root, `${count}-elsewhere`)];
  for (const one of [directory, elsewhere]) mkdirSync(one, { mode: 0o755 });
});
afterAll(() => rmSync(root, { recursive: true }));

const at = (name: string): string => join(directory, name);
const text = (file: string): string => readFileSync(file, 'utf8');
const file = (name: string, mode = 0o600, content = 'new') => ({ file: at(name), content, mode });
const isRoot = process.geteuid?.() === 0;
const onPosix = process.platform !== 'win32';
/** Owner, group and mode. */
const accessOf = (name: string): string => {
  const { uid, gid, mode } = statSync(at(name));
  return `${uid}:${gid} ${(mode & 0o777).toString(8)}`;
};

/** Puts a file there, with these rights. */
function put(name: string, mode: number, uid?: number, gid?: number): void {
  writeFileSync(at(name), 'old');
  if (uid !== undefined && gid !== undefined) chownSync(at(name), uid, gid);
  chmodSync(at(name), mode);
}

function as(uid: number, gid: number, run: () => void): void {
  const groups = process.getgroups?.() ?? [];
  process.setgroups?.([gid]);
  process.setegid?.(gid);
  process.seteuid?.(uid);
  try {
    run();
  } finally {
    process.seteuid?.(0);
    process.setegid?.(0);
    process.setgroups?.(groups);
  }
}

describe.runIf(onPosix)('a file that replaces another one has its rights', () => {
  it.each([
    ['a secret of its owner', 0o600, 0o600, '600'],
    ['a secret that is not written to', 0o600, 0o400, '400'],
    ['a secret that a group reads', 0o600, 0o640, '640'],
    ['a secret that everybody reads, who does no more', 0o600, 0o644, '600'],
    ['a secret that a group writes, which only reads on', 0o600, 0o660, '640'],
    ['a public file', 0o644, 0o644, '644'],
    ['a public file that a group writes', 0o644, 0o664, '664'],
    ['a public file that was closed', 0o644, 0o600, '600'],
  ])('%s', (_, mode, before, after) => {
    for (const name of ['a', 'b']) put(name, before);
    writeFiles([file('a', mode)], true);
    expect([text(at('a')), accessOf('a').split(' ')[1]]).toEqual(['new', after]);
    writeFiles([file('a', mode, 'newer'), file('b', mode, 'newer')], true);
    expect([text(at('b')), accessOf('b').split(' ')[1]]).toEqual(['newer', after]);
  });

  it.runIf(isRoot)('and its owner and group, however many are written, and never more rights than it had', () => {
    for (const uid of [0, 1234]) {
      for (const name of ['a', 'b']) put(name, 0o640, uid, 4321);
      const watch = (): void => {
        for (const name of readdirSync(directory).filter((one) => one.endsWith('.tmp'))) {
          const { mode, gid } = lstatSync(at(name));
          expect(mode & (gid === 4321 ? 0o027 : 0o077)).toBe(0);
        }
      };
      writeFiles([file('a')], true, watch);
      writeFiles([file('a'), file('b')], true, watch);
      expect([accessOf('a'), accessOf('b')]).toEqual([`${uid}:4321 640`, `${uid}:4321 640`]);
    }
  });

  it.runIf(isRoot)('a rotated key is still read by the group of its service', () => {
    createAuthority({ suite, directory });
    issueCredentials({ suite, directory, name: 'alice' });
    chownSync(at('alice.key'), 1234, 4321);
    chmodSync(at('alice.key'), 0o640);
    rotateCredentials({ suite, directory, name: 'alice' });
    expect(accessOf('alice.key')).toBe('1234:4321 640');
    expect(readCredentials(suite, at('alice.pem'), at('alice.key'))).toBeDefined();
  });

  it.runIf(isRoot)('a change of files of another owner that was interrupted is completed', () => {
    for (const name of ['a', 'b']) put(name, 0o640, 1234, 4321);
    const dying = (): void =>
      writeFiles([file('a'), file('b')], true, (step) => {
        if (step === 'rename b') throw new Error('dies here');
      });
    expect(dying).toThrow('dies here');
    expect(text(at('b'))).toBe('old');
    inDirectory(directory, () => {});
    expect([text(at('b')), accessOf('b'), readdirSync(directory)]).toEqual(['new', '1234:4321 640', ['a', 'b']]);
  });

  it.runIf(isRoot)('a secret that its reader would lose is refused and stays; of a public file it is told', () => {
    chmodSync(root, 0o755);
    chownSync(directory, 1234, 1234);
    put('secret', 0o640, 1234, 4321);
    put('public', 0o640, 1234, 4321);
    as(1234, 1234, () => {
      expect(() => writeFiles([file('secret')], true)).toThrow(
        /secret: owned by user 1234 and group 4321, mode 0640: a new file of user 1234 cannot be given to them; nothing/,
      );
      writeFiles([file('public', 0o644)], true);
    });
    expect([text(at('secret')), accessOf('secret')]).toEqual(['old', '1234:4321 640']);
    expect([text(at('public')), accessOf('public')]).toEqual(['new', '1234:1234 600']); // nothing for another group
    expect(readdirSync(directory)).toEqual(['public', 'secret']);
  });
});

describe.runIf(onPosix)('a symbolic link is written through', () => {
  const target = (name: string): string => join(elsewhere, name);

  it('a list that is published under a link is the new one, and the command says where it is', async () => {
    expect((await pquake('ca', 'init', directory)).status).toBe(0);
    symlinkSync(join('..', `${count}-elsewhere`, 'public.crl'), at('ca.crl'));
    for (const number of [1n, 2n]) {
      const { status, stderr } = await pquake('ca', 'crl', directory);
      expect(status).toBe(0);
      if (number === 1n) expect(stderr).toContain(`${at('ca.crl')}: a symbolic link, which stays`);
      if (number === 1n) expect(stderr).toContain(target('public.crl'));
      expect(lstatSync(at('ca.crl')).isSymbolicLink()).toBe(true);
      expect(readRevocationLists([target('public.crl')])[0]?.crlNumber).toBe(number);
    }
    expect(readdirSync(elsewhere)).toEqual(['public.crl']);
  });

  it('alone and with others, in its directory and elsewhere, over several links', () => {
    writeFileSync(at('real'), 'old');
    writeFileSync(target('far'), 'old');
    symlinkSync('real', at('near'));
    symlinkSync(target('far'), at('between'));
    symlinkSync('between', at('far'));
    writeFiles([file('near')], true);
    writeFiles([file('far')], true);
    expect([text(at('real')), text(target('far'))]).toEqual(['new', 'new']);
    writeFiles([file('near', 0o600, 'newer'), file('far', 0o600, 'newer'), file('plain', 0o600, 'newer')], true);
    expect([text(at('real')), text(target('far')), text(at('plain'))]).toEqual(['newer', 'newer', 'newer']);
    expect([readlinkSync(at('near')), readlinkSync(at('far'))]).toEqual(['real', 'between']);
    expect(() => writeFiles([file('near'), file('real')], true)).toThrow(/real: two files to write lead to this one/);
    expect(readdirSync(directory)).toEqual(['between', 'far', 'near', 'plain', 'real']);
  });

  it('what is behind it is not overwritten without force, and nothing is written when it cannot be', () => {
    writeFileSync(target('there'), 'old');
    symlinkSync(target('there'), at('link'));
    symlinkSync(target('nowhere/file'), at('lost'));
    expect(() => writeFiles([file('plain'), file('link')], false)).toThrow(/exists already/);
    expect(() => writeFiles([file('plain'), file('lost')], false)).toThrow(/ENOENT/);
    expect([text(target('there')), readdirSync(directory)]).toEqual(['old', ['link', 'lost']]);
    symlinkSync('round', at('round'));
    expect(() => writeFiles([file('round')], true)).toThrow(/more than 40 symbolic links/);
  });

  it.runIf(isRoot)('but not one of somebody else where others write', () => {
    writeFileSync(target('mine'), 'old');
    chmodSync(directory, 0o1777);
    as(1234, 1234, () => symlinkSync(target('mine'), at('link')));
    expect(() => writeFiles([file('link')], true)).toThrow(/link: a symbolic link of user 1234 .*not followed/);
    expect(text(target('mine'))).toBe('old');
  });
});

describe('another name of the same file', () => {
  it('is told when a file is replaced, since it keeps the old one', () => {
    writeFileSync(at('list'), 'old');
    linkSync(at('list'), at('published'));
    linkSync(at('list'), join(elsewhere, 'published'));
    const told: string[] = [];
    onFileWarning((message) => told.push(message));
    writeFiles([file('list', 0o644)], true);
    expect(told.join()).toMatch(/list: replaced; other names .* keep the old one: .*published, 1 outside of/);
    expect([text(at('list')), text(at('published'))]).toEqual(['new', 'old']);
  });

  it('is named, and the key refused, before a passphrase is set: it would keep the plain key', () => {
    generateKeyFile({ suite, file: at('own.key') });
    const plain = text(at('own.key'));
    linkSync(at('own.key'), at('copy.key'));
    const encrypt = (): void => changePassphrase({ suite, file: at('own.key'), newPassphrase: 'of the key' });
    expect(encrypt).toThrow(/own\.key: the same file has other names, .*copy\.key/);
    expect(text(at('own.key'))).toBe(plain);
    rmSync(at('copy.key'));
    encrypt();
    expect(text(at('own.key'))).toMatch(/^-----BEGIN ENCRYPTED PRIVATE KEY-----/);
  });
});
