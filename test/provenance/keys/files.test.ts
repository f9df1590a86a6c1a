import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { readSigningKey, readVerifyingKey, writeKeyPair } from '../../../src/provenance/keys/files.ts';

const directory = mkdtempSync(join(tmpdir(), 'pquake-'));
afterAll(() => rmSync(directory, { recursive: true }));
const at = (name: string): string => join(directory, name);
const message = new TextEncoder().encode('message');

describe.each(['ml-dsa-87', 'slh-dsa-sha2-128s', 'ecdsa-p256'] as const)('key files of %s', (algorithm) => {
  test('are two, read again as one key, and never overwritten', () => {
    const written = writeKeyPair(at(algorithm), algorithm);
    expect(statSync(at(algorithm)).mode & 0o777).toBe(0o600);
    const read = readVerifyingKey(at(`${algorithm}.pub`));
    expect(read.identifier).toBe(written.identifier);
    const before = readFileSync(at(algorithm));
    expect(() => writeKeyPair(at(algorithm), algorithm)).toThrow('exists already');
    expect(readFileSync(at(algorithm))).toEqual(before);
    const key = readSigningKey(at(algorithm));
    expect(key.publicKey.identifier).toBe(written.identifier);
    if (algorithm === 'slh-dsa-sha2-128s') return; // signing takes a second
    expect(read.verify(message, key.sign(message))).toBe(true);
  });

  test('under a passphrase are read with it alone', () => {
    const file = at(`${algorithm}.secret`);
    const { identifier } = writeKeyPair(file, algorithm, { passphrase: 'one' });
    expect(() => readSigningKey(file)).toThrow('passphrase is needed');
    expect(readSigningKey(file, { passphrase: 'one' }).publicKey.identifier).toBe(identifier);
  });
});
