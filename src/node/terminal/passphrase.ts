// Passphrases of the command line: the first line of a file, or a line typed at a terminal, which does not show it.

import { basename } from 'node:path';
import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import { Option } from 'commander';
import { ConfigurationError } from '../../configuration.ts';
import { wipe } from '../../crypto/secret.ts';
import { limits } from '../../limits.ts';
import { refuseFile } from '../files/fileErrors.ts';
import { readSecret } from '../files/files.ts';
import { tellOnce } from '../files/fileWarnings.ts';
import { type KeyAccess, PassphraseError } from '../files/keys.ts';
import { note, printable } from './output.ts';

/** Options of every command that reads or writes a key. */
export interface PassphraseOptions {
  readonly passphraseFile?: string;
  /** For the key of the authority; default `passphraseFile`. */
  readonly caPassphraseFile?: string;
}

/** The option of a passphrase; `whose` says whose. */
export const passphraseOption = (whose = 'of the key; encrypts a key that is written'): Option =>
  new Option('--passphrase-file <file>', `its first line is the passphrase ${whose}`);

const caPassphraseOption = (what: string): Option =>
  new Option('--ca-passphrase-file <file>', `its first line is the passphrase of the key of the authority${what}`);

/** The options of commands that work with the key of the authority alone. The second is the former name of the first. */
export const authorityPassphraseOptions = (what = ''): readonly Option[] => [
  caPassphraseOption(what),
  passphraseOption('of the key of the authority').hideHelp(),
];

/** The options of commands that sign with the key of the authority, and may write another key. */
export const caPassphraseOptions: readonly Option[] = [
  passphraseOption(),
  caPassphraseOption(' (default: the same file)'),
];

const byteOrderMark = '\uFEFF';
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }); // that is: a byte order mark is kept

/** Decodes a line whose octets are those of its text, so that the text stands for no other line. */
function textOf(file: string, line: Buffer): string {
  if (line.includes(0)) refuseFile(file, 'expected text in UTF-8 in its first line, found a zero octet, as in UTF-16');
  try {
    return utf8.decode(line);
  } catch {
    return refuseFile(
      file,
      'expected text in UTF-8 in its first line, found other octets; earlier versions replaced them: spec/keys.md says how a key that they wrote is opened',
    );
  }
}

/**
 * Returns the first line of a file, without the line feed, or carriage return and line feed, at its end. A byte order
 * mark is part of it, as it is to other programs, and is told.
 * @throws ConfigurationError when it is empty or not UTF-8, or the file cannot be read
 */
export function readPassphrase(file: string): string {
  const octets = readSecret(file, limits.passphraseFile);
  try {
    const feed = octets.indexOf('\n');
    const end = feed > 0 && octets[feed - 1] === 0x0d ? feed - 1 : feed;
    const line = textOf(file, octets.subarray(0, feed < 0 ? octets.length : end));
    if (line === '') refuseFile(file, 'expected a passphrase in its first line, found nothing');
    if (line.startsWith(byteOrderMark))
      tellOnce(file, 'begins with a byte order mark (EF BB BF), which is part of the passphrase, to OpenSSL too');
    return line;
  } finally {
    wipe(octets);
  }
}

const isAuthorityKey = (file: string): boolean => basename(file) === 'ca.key';

interface Terminal {
  readonly input: NodeJS.ReadableStream;
  readonly output: { readonly write: (text: string) => unknown };
}

/** Whether a person can be asked: standard input and standard error are terminals. */
const isTerminal = (): boolean => process.stdin.isTTY && process.stderr.isTTY;

/** Asks for a line, which is not shown. @throws ConfigurationError when it is empty or input is broken off */
export function ask(
  question: string,
  { input, output }: Terminal = { input: process.stdin, output: process.stderr },
): Promise<string> {
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input, output: nowhere, terminal: true, historySize: 0 });
  output.write(printable(question));
  return new Promise((resolve, reject) => {
    const end = (line: string): void => {
      lines.removeAllListeners();
      lines.close();
      output.write('\n');
      if (line === '') reject(new ConfigurationError('no passphrase was given'));
      else resolve(line);
    };
    lines.once('line', end);
    for (const event of ['close', 'SIGINT'] as const) lines.once(event, () => end(''));
  });
}

/**
 * A new passphrase, from a file or typed twice; `undefined` without a file and without a terminal. @throws
 * ConfigurationError
 */
export async function newPassphrase(passphraseFile: string | undefined, file: string): Promise<string | undefined> {
  if (passphraseFile !== undefined) return readPassphrase(passphraseFile);
  if (!isTerminal()) return undefined;
  const passphrase = await ask(`New passphrase of ${file}: `);
  if (passphrase !== (await ask('Again: '))) throw new ConfigurationError('the two passphrases differ');
  return passphrase;
}

/**
 * Reads the passphrases of the options at once. Prints each warning once, on standard error.
 * @param asked - passphrases that were typed, by file
 */
export function accessOf(
  { passphraseFile, caPassphraseFile }: PassphraseOptions,
  asked: ReadonlyMap<string, string> = new Map(),
): KeyAccess {
  const own = passphraseFile === undefined ? undefined : readPassphrase(passphraseFile);
  const authority = caPassphraseFile === undefined ? own : readPassphrase(caPassphraseFile);
  const warned = new Set<string>();
  return {
    passphrase: (file) => asked.get(file) ?? (isAuthorityKey(file) ? authority : own),
    warn: (message) => {
      if (!warned.has(message)) note(`pquake: warning: ${message}`);
      warned.add(message);
    },
  };
}

/** The error of a missing passphrase, with the option that gives it: the library does not know options. */
function withOption(error: PassphraseError, option: string): PassphraseError {
  const reason = error.message.slice(`${error.file}: `.length);
  return new PassphraseError(error.code, error.file, `${reason} (${option})`);
}

/**
 * Runs an action with the passphrases of the options. An action that needs another one throws before it changes
 * anything: then it is asked for at the terminal, if there is one, and the action runs again.
 */
export const withPassphrases = <T>(options: PassphraseOptions, action: (access: KeyAccess) => T): Promise<T> =>
  asking(options, action, () => '--passphrase-file');

/** The same for commands that work with the key of the authority, which has an option of its own. */
export const withAuthorityPassphrases = <T>(options: PassphraseOptions, action: (access: KeyAccess) => T): Promise<T> =>
  asking(options, action, (file) => (isAuthorityKey(file) ? '--ca-passphrase-file' : '--passphrase-file'));

async function asking<T>(
  options: PassphraseOptions,
  action: (access: KeyAccess) => T,
  optionOf: (file: string) => string,
): Promise<T> {
  const asked = new Map<string, string>();
  const access = accessOf(options, asked);
  for (;;) {
    try {
      return action(access);
    } catch (error) {
      if (!(error instanceof PassphraseError) || error.code !== 'passphrase-required') throw error;
      if (!isTerminal() || asked.has(error.file)) throw withOption(error, optionOf(error.file));
      asked.set(error.file, await ask(`Passphrase of ${error.file}: `));
    }
  }
}
