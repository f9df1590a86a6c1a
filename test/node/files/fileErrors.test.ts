// Errors of the file system and of the network, in words.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { reasonOf } from '../../../src/node/files/fileErrors.ts';
import { networkReason } from '../../../src/node/transport/networkErrors.ts';

const directory = mkdtempSync(join(tmpdir(), 'pquake-errors-'));
afterAll(() => rmSync(directory, { recursive: true }));

const systemError = (code: string, syscall: string, path?: string): Error =>
  Object.assign(new Error(`${code}: in the words of the system, ${syscall} '${path}'`), { code, syscall, path });

describe('the file system', () => {
  it.each([
    ['ENOENT', 'open', join(directory, 'none'), 'there is no such file (ENOENT)'],
    ['ENOENT', 'open', join(directory, 'none/file'), `there is no folder ${directory}/none (ENOENT)`],
    ['EISDIR', 'read', undefined, 'a folder; expected a file (EISDIR)'],
    ['ENOTDIR', 'open', '/etc/hosts/file', '/etc/hosts is a file; expected a folder (ENOTDIR)'],
    ['EACCES', 'open', join(directory, 'a.key'), 'this user may not open it (EACCES)'],
    ['EACCES', 'open', '/var/pki/.pquake.pending', 'this user may not open files in the folder /var/pki (EACCES)'],
    ['EACCES', 'symlink', '/var/pki/.pquake.lock', 'this user may not write in the folder /var/pki (EACCES)'],
    ['EROFS', 'open', '/var/pki/.pquake.0123456789abcdef.tmp', 'the file system is read-only (EROFS)'],
    ['EXDEV', 'rename', '/a', 'EXDEV: in the words of the system'],
  ])('%s of %s %s', (code, syscall, path, words) => expect(reasonOf(systemError(code, syscall, path))).toBe(words));
});

describe('the network', () => {
  it.each([
    ['ENOTFOUND', 'example.invalid', 443, 'no host example.invalid is found (ENOTFOUND)'],
    ['ECONNREFUSED', '127.0.0.1', 1, 'nothing listens at 127.0.0.1:1 (ECONNREFUSED)'],
    ['ECONNREFUSED', '::1', 1, 'nothing listens at [::1]:1 (ECONNREFUSED)'],
    ['ECONNRESET', undefined, undefined, 'the other side broke the connection (ECONNRESET)'],
    ['EADDRNOTAVAIL', '192.0.2.1', 1, '192.0.2.1 is no address of this machine (EADDRNOTAVAIL)'],
  ])('%s', (code, host, port, words) =>
    expect(networkReason(Object.assign(new Error(code), { code }), host, port)).toBe(words),
  );
});
