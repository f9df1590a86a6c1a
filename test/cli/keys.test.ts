import { createPrivateKey } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ask, readPassphrase } from '../../src/node/terminal/passphrase.ts';
import { pquake, resultOf } from './commands.ts';

const directory = mkdtempSync(join(tmpdir(), 'pquake-keys-'));
const file = (name: string): string => join(directory, name);
const pki = file('pki');

beforeAll(async () => {
  writeFileSync(file('ca.words'), 'of the authority\nsecond line\n');
  writeFileSync(file('alice.words'), 'of alice\r\n');
  writeFileSync(file('empty.words'), '\nsecond line\n');
  expect(await pquake('ca', 'init', pki, '--passphrase-file', file('ca.words'))).toMatchObject({ status: 0 });
});
afterAll(() => rmSync(directory, { recursive: true }));

describe('keys under a passphrase', () => {
  it('are issued, renewed and rotated with the passphrases of files; nobody is asked without a terminal', async () => {
    const without = await pquake('cert', 'issue', pki, 'alice', '--json');
    expect(without.status).toBe(1);
    expect(resultOf(without)).toMatchObject({ ok: false, code: 'passphrase-required' });
    expect(without.stderr).toMatch(/ca\.key: encrypted: its passphrase is needed \(--ca-passphrase-file\)/);
    const words = ['--passphrase-file', file('alice.words'), '--ca-passphrase-file', file('ca.words'), '--json'];
    expect(resultOf(await pquake('cert', 'issue', pki, 'alice', ...words))).toMatchObject({ ok: true });
    const early = await pquake('cert', 'renew', pki, 'alice', ...words);
    expect([early.status, resultOf(early)['code']]).toEqual([1, 'configuration']);
    const renewed = await pquake('cert', 'renew', pki, 'alice', '--force', ...words);
    expect(resultOf(renewed)).toEqual({
      ok: true,
      certificate: `${pki}/alice.pem`,
      key: `${pki}/alice.key`,
      newKey: false,
      signs: expect.objectContaining({ subject: 'CN=alice', issuer: 'CN=PQuAKE CA' }),
    });
    const previous = { certificate: `${pki}/alice.previous.pem`, key: `${pki}/alice.previous.key` };
    expect(resultOf(await pquake('cert', 'rotate', pki, 'alice', ...words))).toMatchObject({ ok: true, previous });
    for (const name of ['alice.key', 'alice.previous.key', 'ca.key'])
      expect(readFileSync(join(pki, name), 'utf8')).toContain('BEGIN ENCRYPTED PRIVATE KEY');
  });

  it('are inspected without being opened, and opened with their passphrase only', async () => {
    const key = join(pki, 'alice.key');
    const inspected = resultOf(await pquake('key', 'inspect', key, '--json'));
    const encryption = { scheme: 'PBES2', derivation: 'PBKDF2', prf: 'HMAC-SHA-512', cipher: 'AES-256-CBC' };
    expect(inspected).toMatchObject({ ok: true, algorithm: null, encryption: { ...encryption, iterations: 600_000 } });
    const opened = await pquake('key', 'inspect', key, '--passphrase-file', file('alice.words'));
    expect(opened.stdout).toMatch(/^kind {8}ML-KEM-1024\n/);
    const shown = resultOf(await pquake('cert', 'show', join(pki, 'alice.pem'), '--json'));
    expect(opened.stdout).toContain((shown['publicKey'] as { sha256: string }).sha256);
    const wrong = await pquake('key', 'inspect', key, '--json', '--passphrase-file', file('ca.words'));
    expect([wrong.status, resultOf(wrong)['code']]).toEqual([1, 'passphrase-wrong']);
    expect(`${wrong.stdout}${wrong.stderr}`).not.toContain('of the authority');
  });

  it('key generate, key passphrase, and back', async () => {
    const key = file('own.key');
    expect((await pquake('key', 'generate', '--out', key, '--signature')).status).toBe(0);
    const bare = await pquake('key', 'passphrase', key);
    expect([bare.status, bare.stderr]).toEqual([1, expect.stringContaining('--new-passphrase-file')]);
    const set = await pquake('key', 'passphrase', key, '--new-passphrase-file', file('alice.words'), '--json');
    expect(resultOf(set)).toEqual({ ok: true, key, encrypted: true });
    const remove = await pquake(
      'key',
      'passphrase',
      key,
      '--passphrase-file',
      file('alice.words'),
      '--remove',
      '--json',
    );
    expect(resultOf(remove)).toEqual({ ok: true, key, encrypted: false });
    expect(resultOf(await pquake('key', 'inspect', key, '--json'))).toMatchObject({
      algorithm: 'ML-DSA-87',
      encryption: null,
    });
  });

  it('a file of a passphrase is its first line, which is not empty', async () => {
    expect(readPassphrase(file('ca.words'))).toBe('of the authority');
    expect(readPassphrase(file('alice.words'))).toBe('of alice');
    expect(() => readPassphrase(file('empty.words'))).toThrow(/empty\.words: expected a passphrase in its first line/);
    expect(() => readPassphrase(file('none.words'))).toThrow(/none\.words: there is no such file \(ENOENT\)/);
    writeFileSync(file('bare.words'), 'secret');
    writeFileSync(file('return.words'), 'secret\r');
    expect([readPassphrase(file('bare.words')), readPassphrase(file('return.words'))]).toEqual(['secret', 'secret\r']);
    const end = await pquake('key', 'generate', '--out', file('x.key'), '--passphrase-file', file('none.words'));
    expect([end.status, existsSync(file('x.key'))]).toEqual([1, false]);
  });
});

describe('a passphrase file stands for its octets', () => {
  it.each([
    ['ISO 8859-1', 'e4', /found other octets/],
    ['another octet that is no text', 'ff', /found other octets/],
    ['a surrogate', 'eda080', /found other octets/],
    ['an overlong form', 'c0af', /found other octets/],
    ['UTF-16', '7300650063000a00', /found a zero octet, as in UTF-16/],
    ['UTF-16 with a byte order mark', 'fffe73000a00', /UTF-16|other octets/],
  ])('%s is refused, and nothing is written', async (_, octets, reason) => {
    writeFileSync(file('odd.words'), Buffer.concat([Buffer.from(octets, 'hex'), Buffer.from('\n')]));
    const words = ['key', 'generate', '--out', file('odd.key'), '--passphrase-file', file('odd.words')];
    const { status, stderr } = await pquake(...words);
    expect([status, existsSync(file('odd.key'))]).toEqual([1, false]);
    expect(stderr).toMatch(/odd\.words: expected text in UTF-8 in its first line/);
    expect(stderr).toMatch(reason);
  });

  it('OpenSSL opens a key with the octets of the line, a byte order mark among them, which is told', async () => {
    const line = Buffer.concat([Buffer.from('efbbbf', 'hex'), Buffer.from('Gru\u00df \u{1f511}')]);
    writeFileSync(file('mark.words'), Buffer.concat([line, Buffer.from('\nmore\n')]));
    const words = ['key', 'generate', '--out', file('mark.key'), '--passphrase-file', file('mark.words')];
    const { status, stderr } = await pquake(...words);
    expect(status).toBe(0);
    expect(stderr).toMatch(/mark\.words: begins with a byte order mark \(EF BB BF\), which is part of the passphrase/);
    const key = readFileSync(file('mark.key'));
    expect(createPrivateKey({ key, passphrase: line }).asymmetricKeyType).toBe('ml-kem-1024');
    expect(() => createPrivateKey({ key, passphrase: line.subarray(3) })).toThrow();
  });
});

describe('at a terminal', () => {
  /** The answers, and the text that was shown. */
  async function answer(typed: string): Promise<[string, string]> {
    const input = new PassThrough();
    let shown = '';
    const asked = ask('Passphrase: ', { input, output: { write: (text) => (shown += text) } });
    input.write(typed);
    const answered = await asked.catch((error: Error) => `refused: ${error.message}`);
    return [answered, shown];
  }

  it('a passphrase is asked for, and not shown', async () => {
    const [answered, shown] = await answer('swordfish\r');
    expect(answered).toBe('swordfish');
    expect(shown).not.toContain('swordfish');
    expect(shown).toMatch(/^Passphrase: /);
  });

  it('nothing, and an interruption, are no passphrase', async () => {
    for (const typed of ['\r', 'half\u0003', '\u0004'])
      expect((await answer(typed))[0]).toBe('refused: no passphrase was given');
  });
});

describe('ca revoke, crl, backup, restore', () => {
  it('a revoked peer is refused with the next list; the authority comes back from its backup', async () => {
    const words = ['--passphrase-file', file('ca.words')];
    const bob = await pquake('cert', 'issue', pki, 'bob', '--ca-passphrase-file', file('ca.words'));
    expect(bob.status).toBe(0);
    expect(readFileSync(join(pki, 'bob.key'), 'utf8')).toContain('BEGIN PRIVATE KEY');
    const revoked = resultOf(await pquake('ca', 'revoke', pki, 'bob', '--reason', 'keyCompromise', '--json'));
    expect(revoked).toMatchObject({ ok: true, revoked: [expect.stringMatching(/^[0-9a-f]{32}$/)], before: [] });
    const crl = resultOf(await pquake('ca', 'crl', pki, '--json', ...words));
    expect(crl).toMatchObject({ ok: true, crl: `${pki}/ca.crl`, number: 1, entries: 1 });
    const trust = ['--ca', join(pki, 'ca.pem'), '--crl', join(pki, 'ca.crl'), '--require-crl', '--json'];
    const verdict = await pquake('cert', 'verify', join(pki, 'bob.pem'), ...trust);
    expect([verdict.status, resultOf(verdict)['code']]).toEqual([1, 'certificate-revoked']);
    const backup = await pquake('ca', 'backup', pki, file('pki.backup'), '--json', ...words);
    expect(resultOf(backup)).toMatchObject({ ok: true, files: ['ca.key', 'ca.pem', 'ca.json', 'ca.crl'] });
    expect((await pquake('ca', 'backup', pki, file('pki.backup'), ...words)).stderr).toMatch(/exists already/);
    expect((await pquake('ca', 'restore', file('pki.backup'), file('again'), ...words)).status).toBe(0);
    expect(readdirSync(file('again')).sort()).toEqual(['ca.crl', 'ca.json', 'ca.key', 'ca.pem']);
    const wrong = await pquake(
      'ca',
      'restore',
      file('pki.backup'),
      file('never'),
      '--passphrase-file',
      file('alice.words'),
    );
    expect([wrong.status, existsSync(file('never'))]).toEqual([1, false]);
  });

  it.each([
    [['ca', 'revoke', 'x', 'y', '--reason', 'boredom'], /Allowed choices are/],
    [['ca', 'crl', 'x', '--days', '0'], /whole number/],
    [['key', 'generate'], /--out/],
    [['key', 'inspect'], /missing required argument/],
  ])('%j is a usage error: status 2', async (words, reason) => {
    const end = await pquake(...words);
    expect(end).toMatchObject({ status: 2, stdout: '' });
    expect(end.stderr).toMatch(reason);
  });
});
