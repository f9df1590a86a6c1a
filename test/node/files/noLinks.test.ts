// File systems without links (exFAT), and users without the right to make them (Windows): every command writes there.
import type * as Files from 'node:fs';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { inDirectory } from '../../../src/node/files/change.ts';
import { writeFiles } from '../../../src/node/files/files.ts';
import { pquake } from '../../cli/commands.ts';

const refused = vi.hoisted(() => ({ code: 'EPERM', count: 0 }));
vi.mock('node:fs', async (original) => {
  const refuse = (call: string) => (): never => {
    refused.count += 1;
    throw Object.assign(new Error(`${refused.code}: not here, ${call}`), { code: refused.code, syscall: call });
  };
  return { ...(await original<typeof Files>()), linkSync: refuse('link'), symlinkSync: refuse('symlink') };
});

const root = mkdtempSync(join(tmpdir(), 'pquake-no-links-'));
let [directory, count] = [root, 0];
beforeEach(() => {
  count += 1;
  directory = mkdtempSync(join(root, `${count}-`));
  refused.count = 0;
});
afterAll(() => rmSync(root, { recursive: true }));
const file = (name: string): string => join(directory, name);

/** As Linux, FUSE, macOS, Android and Windows say it. */
const codes = ['EPERM', 'ENOSYS', 'ENOTSUP', 'EOPNOTSUPP', 'EISDIR', 'EINVAL', 'EACCES', 'UNKNOWN'];

describe.each(codes)('where links are refused with %s', (code) => {
  it('files are written, are not overwritten, and the lock keeps others out', () => {
    refused.code = code;
    const one = { file: file('one'), content: 'new', mode: 0o600 };
    writeFiles([one], false);
    expect(() => writeFiles([one], false)).toThrow(/one: exists already/);
    writeFiles([one, { ...one, file: file('two') }], true);
    inDirectory(directory, () => {
      expect(() => inDirectory(directory, () => 0, undefined, 30)).toThrow(/\.pquake\.lock: held by/);
    });
    expect(readdirSync(directory)).toEqual(['one', 'two']);
    expect(refused.count).toBeGreaterThan(3);
  });
});

it('every command that writes ends well, and leaves nothing but its files', async () => {
  refused.code = 'ENOSYS';
  const pki = file('pki');
  const [request, challenge, response] = ['request', 'challenge', 'response'].map((name) => file(`dave.${name}`));
  const [key = '', words = ''] = [file('dave.key'), file('words')];
  writeFiles([{ file: words, content: 'a passphrase\n', mode: 0o600 }], false);
  const commands = [
    ['ca', 'init', pki],
    ['ca', 'init', pki, '--force'],
    ['cert', 'issue', pki, 'alice'],
    ['cert', 'issue', pki, 'alice', '--force'],
    ['cert', 'renew', pki, 'alice', '--force', '--new-key'],
    ['cert', 'rotate', pki, 'alice'],
    ['ca', 'revoke', pki, '--name', 'alice'],
    ['ca', 'crl', pki],
    ['ca', 'crl', pki],
    ['cert', 'request', '--name', 'dave', '--key', key, '--new-key', '--out', request ?? ''],
    ['cert', 'approve', pki, request ?? '', '--out', challenge ?? ''],
    ['cert', 'respond', challenge ?? '', '--request', request ?? '', '--key', key, '--out', response ?? ''],
    ['cert', 'approve', pki, request ?? '', '--response', response ?? ''],
    ['key', 'generate', '--out', file('own.key')],
    ['key', 'passphrase', file('own.key'), '--new-passphrase-file', words],
    ['ca', 'backup', pki, file('pki.backup'), '--passphrase-file', words],
    ['ca', 'restore', file('pki.backup'), file('again'), '--passphrase-file', words],
    ['ca', 'restore', file('pki.backup'), file('again'), '--force', '--passphrase-file', words],
    ['conformance', 'init', file('conformance')],
  ];
  for (const command of commands) {
    const before = refused.count;
    expect(await pquake(...command), command.join(' ')).toMatchObject({ status: 0 });
    expect(refused.count, command.join(' ')).toBeGreaterThan(before);
  }
  const hidden = readdirSync(directory, { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.includes('.pquake'),
  );
  expect(hidden).toEqual([]);
}, 120_000);
