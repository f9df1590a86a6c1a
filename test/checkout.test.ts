// A clone has the files of this checkout, octet by octet, with the default of Git for Windows too (core.autocrlf=true).
import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, expect, it } from 'vitest';

const directory = mkdtempSync(join(tmpdir(), 'pquake-checkout-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const inRepository = spawnSync('git', ['rev-parse', '--git-dir']).status === 0;
/** Git without the configuration of this machine. */
const git = (cwd: string, ...words: readonly string[]): string =>
  execFileSync('git', ['-c', 'user.name=test', '-c', 'user.email=test@localhost', ...words], {
    ...{ cwd, encoding: 'utf8', maxBuffer: 1 << 26 },
    env: { ...process.env, GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_NOSYSTEM: '1' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
const digestOf = (file: string): string => createHash('sha256').update(readFileSync(file)).digest('hex');

it.runIf(inRepository)('every file of a clone with core.autocrlf=true has the octets that it has here', () => {
  // What is here now, committed or not.
  const listed = git('.', 'ls-files', '-z', '--cached', '--others', '--exclude-standard').split('\0');
  const files = listed.filter((file) => file !== '' && existsSync(file));
  expect(files.length).toBeGreaterThan(1_000);
  const [origin, clone] = [join(directory, 'origin'), join(directory, 'clone')];
  for (const file of files) {
    mkdirSync(dirname(join(origin, file)), { recursive: true });
    copyFileSync(file, join(origin, file));
  }
  git(directory, 'init', '--quiet', 'origin');
  git(origin, 'add', '--all', '--force');
  git(origin, 'commit', '--quiet', '--no-gpg-sign', '--message', 'all');
  git(directory, 'clone', '--quiet', '-c', 'core.autocrlf=true', 'origin', 'clone');
  const other = files.filter(
    (file) => !existsSync(join(clone, file)) || digestOf(join(clone, file)) !== digestOf(file),
  );
  expect(other).toEqual([]);
});
