// A backup of an authority: one encrypted, authenticated file. See spec/keys.md.

import { join } from 'node:path';
import { parseTrustAnchor } from '../../certificate/trustAnchor.ts';
import { ConfigurationError } from '../../configuration.ts';
import { wipe } from '../../crypto/secret.ts';
import type { Suite } from '../../crypto/suite.ts';
import { notOpened, passphraseIterations } from '../../keys/encryptedKey.ts';
import { limits } from '../../limits.ts';
import type { Bytes } from '../../octets.ts';
import { inDirectory, isThere, type OnStep } from '../files/change.ts';
import { refuseFile } from '../files/fileErrors.ts';
import { derOf, readTexts, writeFiles } from '../files/files.ts';
import { derive, PassphraseError } from '../files/keys.ts';
import { readAnchor } from './authority.ts';
import { makeDirectory } from './pki.ts';
import { authorityFiles, filesToKeep } from './replaced.ts';

const required = ['ca.key', 'ca.pem'] as const;

const saltOctets = 16;
const nonceOctets = 12;
const keyOctets = 32;

/** The parameters of a backup. The tag authenticates them. Octets are in base64. */
interface Header {
  readonly format: 'pquake-authority-backup';
  readonly version: 1;
  readonly derivation: 'PBKDF2-HMAC-SHA512';
  readonly iterations: number;
  readonly salt: string;
  readonly cipher: 'AES-256-GCM';
  readonly nonce: string;
}

const base64 = (octets: Bytes): string => Buffer.from(octets).toString('base64');
const fromBase64 = (text: string): Bytes => Uint8Array.from(Buffer.from(text, 'base64'));

const headerOf = (iterations: number, salt: Bytes, nonce: Bytes): Header => ({
  format: 'pquake-authority-backup',
  version: 1,
  derivation: 'PBKDF2-HMAC-SHA512',
  iterations,
  salt: base64(salt),
  cipher: 'AES-256-GCM',
  nonce: base64(nonce),
});

/** The text of a backup. There is only one for each backup. */
const textOf = (header: Header, sealed: Bytes): string =>
  `${JSON.stringify({ ...header, sealed: base64(sealed) }, null, 2)}\n`;

function withKey<T>(header: Header, passphrase: string, use: (key: Bytes, associatedData: Bytes) => T): T {
  const octets = Buffer.from(passphrase);
  const key = derive('SHA-512', octets, fromBase64(header.salt), header.iterations, keyOctets);
  try {
    return use(key, Buffer.from(JSON.stringify(header)));
  } finally {
    wipe(key, octets);
  }
}

interface BackupOptions {
  readonly suite: Suite;
  readonly directory: string;
  readonly file: string;
  readonly passphrase: string | undefined;
  readonly force?: boolean | undefined;
  readonly onStep?: OnStep | undefined;
}

function requirePassphrase(file: string, passphrase: string | undefined): string {
  if (passphrase !== undefined && passphrase.length > 0) return passphrase;
  throw new PassphraseError('passphrase-required', file, 'encrypted: the passphrase of the backup is needed');
}

/**
 * Writes ca.key (as it is), ca.pem, ca.json and ca.crl of a directory to one file, mode 0600. A passphrase encrypts it:
 * PBKDF2 with HMAC-SHA-512 (default 600,000 iterations), AES-256-GCM.
 * @returns the names of the files that it holds
 * @throws ConfigurationError without an authority; when the file exists and `force` is unset; when it cannot be written
 */
export function backUpAuthority(options: BackupOptions & { readonly iterations?: number | undefined }): string[] {
  const { suite, directory, file, iterations = passphraseIterations.written, force = false, onStep } = options;
  const passphrase = requirePassphrase(file, options.passphrase);
  const { written, most } = passphraseIterations;
  if (!Number.isSafeInteger(iterations) || iterations < written || iterations > most)
    throw new ConfigurationError(`iterations: expected ${written} to ${most}, got ${iterations}`);
  readAnchor(suite, directory);
  const there = Object.keys(authorityFiles).filter(
    (name) => required.some((one) => one === name) || isThere(join(directory, name)),
  );
  const texts = readTexts(there.map((name) => ({ file: join(directory, name), most: limits.databaseFile })));
  const plaintext = Buffer.from(JSON.stringify({ files: there.map((name, i) => ({ name, content: texts[i] ?? '' })) }));
  const header = headerOf(iterations, suite.randomOctets(saltOctets), suite.randomOctets(nonceOctets));
  const sealed = withKey(header, passphrase, (key, associatedData) =>
    suite.seal(key, fromBase64(header.nonce), associatedData, plaintext),
  );
  wipe(plaintext);
  writeFiles([{ file, content: textOf(header, sealed), mode: 0o600 }], force, onStep);
  return there;
}

/** Parses a backup. It must be exactly the text that `textOf` writes, so that every octet of the file has a meaning. */
function parseBackup(file: string, text: string): { readonly header: Header; readonly sealed: Bytes } {
  const refuse = (): never => refuseFile(file, 'not a backup of an authority, version 1, or damaged');
  let data: Partial<Record<keyof Header | 'sealed', unknown>> | null;
  try {
    data = JSON.parse(text);
  } catch {
    return refuse();
  }
  const { iterations, salt, nonce, sealed } = data ?? {};
  if (typeof iterations !== 'number' || typeof salt !== 'string' || typeof nonce !== 'string') return refuse();
  if (typeof sealed !== 'string') return refuse();
  const [saltRead, nonceRead, sealedRead] = [fromBase64(salt), fromBase64(nonce), fromBase64(sealed)];
  const header = headerOf(iterations, saltRead, nonceRead);
  const { written, most } = passphraseIterations;
  const inRange = Number.isSafeInteger(iterations) && iterations >= written && iterations <= most;
  const lengths = saltRead.length === saltOctets && nonceRead.length === nonceOctets && sealedRead.length > 16;
  return inRange && lengths && textOf(header, sealedRead) === text ? { header, sealed: sealedRead } : refuse();
}

/** Parses the authenticated plaintext. Only a plaintext of another program can be refused here. */
function filesOf(file: string, plaintext: Bytes): Map<string, string> {
  const { files }: { files: readonly { name: string; content: string }[] } = JSON.parse(
    Buffer.from(plaintext).toString('utf8'),
  );
  const byName = new Map(files.map(({ name, content }) => [name, content]));
  const known = [...byName.keys()].every((name) => Object.hasOwn(authorityFiles, name));
  if (!known || !required.every((name) => byName.has(name))) refuseFile(file, 'not the files of an authority');
  return byName;
}

/**
 * Restores an authority from a backup: all of its files or none. Certificates issued or revoked since are not in it.
 * With `force` it replaces an authority that is there, whose files are kept beside.
 * @param onReplaced - called with the names of the files that are kept, if there are any
 * @returns the names of the files that were restored
 * @throws PassphraseError when the passphrase is wrong or the file was changed; these cannot be told apart
 * @throws ConfigurationError when the file is not a backup; when there is an authority and `force` is unset; when a file
 *   cannot be written
 */
export function restoreAuthority(
  options: BackupOptions,
  onReplaced: (files: readonly string[]) => void = () => {},
): string[] {
  const { suite, directory, file, force = false, onStep } = options;
  const passphrase = requirePassphrase(file, options.passphrase);
  const { header, sealed } = parseBackup(file, readTexts([{ file, most: limits.backupFile }]).join(''));
  const plaintext = withKey(header, passphrase, (key, associatedData) =>
    suite.open(key, fromBase64(header.nonce), associatedData, sealed),
  );
  if (plaintext === undefined) throw new PassphraseError('passphrase-wrong', file, notOpened);
  const files = filesOf(file, plaintext);
  wipe(plaintext);
  const anchor = parseTrustAnchor(suite, derOf(file, files.get('ca.pem') ?? '', 'CERTIFICATE'));
  if (!anchor.ok) refuseFile(file, `ca.pem: not a certification authority: ${anchor.detail ?? anchor.code}`);
  makeDirectory(directory);
  const changes = [...files].map(([name, content]) => ({
    file: join(directory, name),
    content,
    mode: authorityFiles[name] ?? 0o600,
    replace: force,
  }));
  const kept = inDirectory(
    directory,
    (write) => {
      const before = filesToKeep(directory, force);
      write([...before, ...changes]);
      return before;
    },
    onStep,
  );
  if (kept.length > 0) onReplaced(kept.map((one) => one.file));
  return [...files.keys()];
}
