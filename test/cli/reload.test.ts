// serve and a key file that somebody changes again and again: what is tried, how often, and what is said.
import { createPrivateKey, generateKeyPairSync, randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest';
import { createAuthority, issueCredentials } from '../../src/node/authority/pki.ts';
import { PassphraseError } from '../../src/node/files/keys.ts';
import { chooseSuite } from '../../src/node/suite.ts';
import { backoff, digestOf, sparing } from '../../src/node/transport/reload.ts';
import { putTogether, takeApart } from '../node/files/keyOracle.ts';
import { eventually } from '../waiting.ts';
import { type Running, start } from './commands.ts';

const directory = mkdtempSync(join(tmpdir(), 'pquake-reload-'));
const file = (name: string): string => join(directory, name);
let server: Running | undefined;
afterEach(async () => {
  vi.useRealTimers();
  server?.child.kill('SIGKILL');
  await server?.ended;
  server = undefined;
});
afterAll(() => rmSync(directory, { recursive: true }));

/** A reload whose files and answers are set, by a clock that is set too. */
function tried(answer: (state: string) => Error | undefined) {
  vi.useFakeTimers();
  let now = 0;
  const attempts: string[] = [];
  const told: unknown[] = [];
  let state = '';
  const made = sparing({
    attempt: () => {
      attempts.push(state);
      const error = answer(state);
      if (error) throw error;
    },
    digest: () => state,
    refused: (error) => told.push(error),
    postponed: () => {},
    now: () => now,
  });
  const pass = (milliseconds: number): void => {
    now += milliseconds;
    vi.advanceTimersByTime(milliseconds);
  };
  const change = (to: string): void => {
    state = to;
    made.reload();
  };
  return { attempts, told, pass, change, close: made.close };
}
const wrong = new PassphraseError('passphrase-wrong', 'a.key', 'wrong');

describe('what was refused for its key', () => {
  it('is not tried again, also when something else was there meanwhile; the refusal is told again', () => {
    const { attempts, told, pass, change } = tried((state) => (state === 'good' ? undefined : wrong));
    for (const state of ['bad', 'bad', 'good', 'bad', 'other', 'bad', 'other']) {
      change(state);
      pass(backoff.longest);
    }
    expect(attempts).toEqual(['bad', 'good', 'other']);
    expect(told).toEqual(Array.from({ length: 6 }, () => wrong));
  });

  it('makes the next wait twice as long, up to a minute, whatever was read between', () => {
    const { attempts, pass, change } = tried((state) => (state === 'good' ? undefined : wrong));
    const waits: number[] = [];
    for (let i = 0; i < 10; i += 1) {
      change(`bad ${i}`);
      const before = attempts.length;
      change('good');
      let waited = 0;
      while (attempts.length === before) {
        pass(100);
        waited += 100;
      }
      waits.push(waited);
    }
    expect(waits).toEqual([500, 1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000, 60_000]);
    pass(backoff.forgotten + 1);
    change('bad again');
    change('good');
    const before = attempts.length;
    pass(backoff.first);
    expect(attempts.length).toBe(before + 1);
  });

  it('many changes within a wait are one attempt, and none after the end', () => {
    const { attempts, pass, change, close } = tried(() => wrong);
    for (let i = 0; i < 50; i += 1) change(`bad ${i}`);
    expect(attempts).toEqual(['bad 0']);
    pass(500);
    expect(attempts).toEqual(['bad 0', 'bad 49']);
    change('bad 50');
    close();
    pass(backoff.longest);
    expect(attempts.length).toBe(2);
  });

  it('anything else that is refused is tried whenever it is asked for', () => {
    const { attempts, change } = tried(() => new Error('no certificate'));
    for (const state of ['one', 'one', 'one']) change(state);
    expect(attempts.length).toBe(3);
  });
});

it('files have one digest as long as they hold the same, and one when they are not there', () => {
  writeFileSync(file('one'), 'a');
  writeFileSync(file('two'), 'bc');
  const before = digestOf([file('one'), file('two'), file('none')]);
  expect(digestOf([file('one'), file('two'), file('none')])).toBe(before);
  writeFileSync(file('one'), 'ab');
  writeFileSync(file('two'), 'c');
  expect(digestOf([file('one'), file('two'), file('none')])).not.toBe(before);
});

it('a running serve tells one thing of changed key files, and takes the right one in the end', async () => {
  const suite = chooseSuite();
  createAuthority({ suite, directory });
  issueCredentials({ suite, directory, name: 'bob' });
  const [key, passphrase] = [file('bob.key'), 'of bob'];
  writeFileSync(file('words'), passphrase);
  const text = createPrivateKey(readFileSync(key))
    .export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase })
    .toString();
  writeFileSync(key, text);
  const put = (content: string): void => {
    writeFileSync(`${key}.new`, content);
    renameSync(`${key}.new`, key);
  };
  const trust = ['--ca', file('ca.pem'), '--passphrase-file', file('words'), '--expect', 'anyone'];
  server = start(['serve', '--listen', '127.0.0.1:0', '--cert', file('bob.pem'), '--key', key, ...trust]);
  await server.address;
  let told = '';
  server.child.stderr?.on('data', (chunk) => {
    told += chunk;
  });
  const apart = takeApart(text);
  const other = (type: 'ed25519' | 'ml-kem-1024'): string =>
    (type === 'ed25519' ? generateKeyPairSync(type) : generateKeyPairSync(type)).privateKey
      .export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase })
      .toString();
  // Each is refused at another place: padding, algorithm, certificate, structure.
  const changed = [
    putTogether(apart, apart.vector, apart.blocks.slice(0, -1)),
    other('ed25519'),
    other('ml-kem-1024'),
    putTogether(apart, randomBytes(16), apart.blocks),
  ];
  const pause = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds));
  const begun = performance.now();
  for (let i = 0; i < 12; i += 1) {
    put(changed[i % changed.length] ?? '');
    server.child.kill('SIGHUP');
    await pause(400);
  }
  const taken = performance.now() - begun;
  const refusals = told.match(/^not reloaded.*$/gm) ?? [];
  expect(new Set(refusals)).toEqual(
    new Set([
      `not reloaded, what was read before stays in force: ${key}: the passphrase is wrong, or the file was changed`,
    ]),
  );
  // At 0, 0.5, 1.5, 3.5, 7.5 s at the soonest, and once more for what was known.
  const most = [0, 500, 1500, 3500, 7500, 15_500, 31_500].filter((at) => at <= taken).length;
  expect(refusals.length).toBeLessThanOrEqual(2 * most);
  await eventually(() => expect(told).toMatch(/^the last key was refused: certificate and key are read in \d+ s$/m));
  put(text);
  server.child.kill('SIGHUP');
  await eventually(() => expect(told).toMatch(/^reloaded: CN=bob.* \(certificate and key\)$/m));
  expect(told.match(/warning/g)?.length ?? 0).toBeLessThanOrEqual(1);
});
