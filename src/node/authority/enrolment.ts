// Enrolment by files: requests, challenges, responses, and the open challenges in the directory of an authority.

import { existsSync, mkdirSync, rmSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import type { TrustAnchor } from '../../certificate/trustAnchor.ts';
import { ConfigurationError } from '../../configuration.ts';
import { wipe } from '../../crypto/secret.ts';
import type { KemKey, Suite } from '../../crypto/suite.ts';
import { notAllowed } from '../../enrolment/allowed.ts';
import {
  checkRequest,
  createChallenge,
  createRequest,
  type RefusalCode,
  respondTo,
  verifyResponse,
} from '../../enrolment/enrolment.ts';
import { type Challenge, type EnrolmentFiles, type Request, textOf } from '../../enrolment/files.ts';
import { type Checked, reasonOf } from '../../failure.ts';
import { type Bytes, fromHex } from '../../octets.ts';
import { type NewFile, refuseExisting } from '../files/change.ts';
import { refuseFile } from '../files/fileErrors.ts';
import { readDer, readTexts, writeFiles } from '../files/files.ts';
import { decodeKemKey, type KeyAccess, passphraseOf } from '../files/keys.ts';
import { checkFileName, type IssuingPeriod, issuingPeriod, readAnchor, readAuthority } from './authority.ts';
import { challengesOf, dropEnded, inAuthorityDirectory, openFile } from './challenges.ts';
import { type Database, databaseToWrite, sha256, withIssued } from './database.ts';
import { EnrolmentError } from './enrolmentError.ts';
import { isRequest, readEnrolmentFile } from './enrolmentFiles.ts';
import { certificateToWrite, issueFor, newKemKey } from './pki.ts';
import { readIssued, refuseTaken } from './subjects.ts';
import { askedFor, type Show, type ToBeSigned } from './toBeSigned.ts';

function required<T>(file: string, enrolled: Checked<T, RefusalCode>): T {
  if (enrolled.ok) return enrolled.value;
  throw new EnrolmentError(enrolled.code, `${file}: ${reasonOf(enrolled)}`);
}

const readKey = (suite: Suite, file: string, access: KeyAccess, publicKey?: Bytes): KemKey =>
  decodeKemKey(suite, file, readTexts([file]).join(''), access, publicKey && { publicKey });

const readable = (file: string, value: EnrolmentFiles[keyof EnrolmentFiles]): NewFile => ({
  file,
  content: textOf(value),
  mode: 0o644,
});

/** The key for which a certificate is requested: read from a file, or new, with the text of its file. */
function keyFor(
  suite: Suite,
  file: string,
  isNew: boolean,
  access: KeyAccess,
): { readonly encapsulationKey: Bytes; readonly text?: string } {
  if (isNew) return newKemKey(suite, passphraseOf(file, access));
  const { encapsulationKey, wipe: forget } = readKey(suite, file, access);
  forget();
  return { encapsulationKey };
}

/**
 * Writes a request for a certificate of a key. With `newKey` it also makes the key (PKCS#8, seed only, mode 0600),
 * encrypted when its file has a passphrase.
 * @throws ConfigurationError
 */
export function requestCertificate(
  options: KeyAccess & {
    readonly suite: Suite;
    readonly name: string;
    readonly uris?: readonly string[] | undefined;
    readonly keyFile: string;
    readonly newKey?: boolean | undefined;
    readonly requestFile: string;
    readonly force?: boolean | undefined;
  },
): Request & { readonly keySha256: string } {
  const { suite, name, uris = [], keyFile, newKey = false, requestFile, force = false } = options;
  checkFileName(name);
  const { encapsulationKey, text } = keyFor(suite, keyFile, newKey, options);
  const request = createRequest(suite, { name, uris, encapsulationKey });
  if (!isRequest(request)) {
    throw new ConfigurationError('at most 16 URIs, each of 1 to 2048 characters without spaces');
  }
  const files = [readable(requestFile, request)];
  if (text !== undefined) files.unshift({ file: keyFile, content: text, mode: 0o600 });
  writeFiles(files, force);
  return { ...request, keySha256: sha256(encapsulationKey) };
}

const hour = 3_600_000;

/** The options of an authority for a request, for both steps. */
export interface Approval {
  readonly suite: Suite;
  readonly directory: string;
  readonly requestFile: string;
  /** Validity in days; default 365. */
  readonly days?: number | undefined;
  /** Patterns of alternative names that may be certified; see `matchesPattern`. */
  readonly allowedSans?: readonly string[] | undefined;
  /** Names that a person confirmed after seeing them, and the digest of the request that was shown. */
  readonly confirmed?: { readonly names: readonly string[]; readonly requestDigest: string } | undefined;
  /** Whether to certify names that another subject or key of the authority has. */
  readonly allowTaken?: boolean | undefined;
  /** Called with the certificate before it is signed. */
  readonly show?: Show | undefined;
  readonly time?: Date | undefined;
  readonly force?: boolean | undefined;
}

/** A request whose names and key are permitted, and the period of its certificate. */
interface Admitted {
  readonly request: Request;
  readonly shown: ToBeSigned;
  readonly valid: IssuingPeriod;
}

function refuseOthers({ requestFile, allowedSans, confirmed }: Approval, { uris, digest }: Request): void {
  if (confirmed !== undefined && confirmed.requestDigest !== digest)
    throw new EnrolmentError('wrong-request', `${requestFile}: changed after it was shown`);
  const others = notAllowed(uris, allowedSans ?? [], confirmed?.names);
  if (others.length === 0) return;
  const message = `${requestFile}: asks for alternative names that are not allowed: ${others.join(' ')}`;
  throw new EnrolmentError('name-not-allowed', message, others, 'allow-names');
}

const requireNew = ({ suite, directory, allowTaken }: Approval, anchor: TrustAnchor, asked: Request): Database => {
  const database = readIssued({ suite, directory }, anchor);
  const { name, uris } = asked;
  const publicKeySha256 = sha256(fromHex(asked.encapsulationKey));
  refuseTaken(database, { name, uris, publicKeySha256, sameBy: 'name and key' }, allowTaken);
  return database;
};

/** Shows the contents of a request, and refuses names and keys that the authority does not certify. */
function admit(options: Approval): Admitted {
  const { suite, directory, requestFile, days = 365, time, show } = options;
  const anchor = readAnchor(suite, directory);
  const request = readEnrolmentFile(requestFile, 'request');
  checkFileName(request.name);
  required(requestFile, checkRequest(suite, request));
  const valid = issuingPeriod(anchor, days, time);
  const shown = askedFor(suite, anchor, request, valid);
  show?.(shown);
  refuseOthers(options, request);
  requireNew(options, anchor, request);
  return { request, shown, valid };
}

/**
 * Writes the authority's challenge to a request, and keeps it open in DIRECTORY/challenges.
 * @throws EnrolmentError `name-not-allowed`, `name-taken`, `key-compromised` and those of spec/enrolment.md
 * @throws ConfigurationError
 */
export function challengeRequest(
  options: Approval & {
    readonly challengeFile: string;
    /** The hours for which it can be answered; default 24. */
    readonly hours?: number | undefined;
  },
): Challenge & { readonly signs: ToBeSigned } {
  const { suite, directory, requestFile, challengeFile, hours = 24, time = new Date(), force = false } = options;
  const { request, shown } = admit(options);
  const authority = readDer(join(directory, 'ca.pem'), 'CERTIFICATE');
  const end = time.getTime() + hours * hour;
  if (!(end < Date.UTC(10_000, 0))) throw new ConfigurationError(`a challenge cannot be open for ${hours} hours`);
  const made = createChallenge(suite, { request, authority, expires: new Date(end) });
  const { challenge, open } = required(requestFile, made);
  try {
    mkdirSync(challengesOf(directory), { recursive: true, mode: 0o700 });
  } catch {
    refuseFile(challengesOf(directory), 'the directory cannot be made');
  }
  const state = { file: openFile(directory, open.nonce), content: textOf(open), mode: 0o600 };
  writeFiles([state, readable(challengeFile, challenge)], force);
  dropEnded(directory);
  return { ...challenge, signs: shown };
}

/**
 * Writes a key holder's response to a challenge.
 * @throws ConfigurationError
 */
export function respondToChallenge(
  options: KeyAccess & {
    readonly suite: Suite;
    readonly challengeFile: string;
    readonly requestFile: string;
    readonly keyFile: string;
    readonly responseFile: string;
    /** The file of the certificate of the only authority to answer; any authority when absent. */
    readonly authorityFile?: string | undefined;
    readonly time?: Date | undefined;
    readonly force?: boolean | undefined;
  },
): void {
  const { suite, challengeFile, requestFile, keyFile, responseFile, authorityFile, force = false } = options;
  const challenge = readEnrolmentFile(challengeFile, 'challenge');
  const request = readEnrolmentFile(requestFile, 'request');
  const authority = authorityFile === undefined ? undefined : readDer(authorityFile, 'CERTIFICATE');
  const key = readKey(suite, keyFile, options, fromHex(request.encapsulationKey));
  const { time = new Date() } = options;
  const response = respondTo(suite, { challenge, request, key, time, authority });
  key.wipe();
  writeFiles([readable(responseFile, required(challengeFile, response))], force);
}

const closed = (file: string): EnrolmentError =>
  new EnrolmentError(
    'unknown-challenge',
    `${file}: no such challenge is open: it was answered, has ended, or is another's`,
  );

/**
 * Verifies the response to an open challenge, closes the challenge, writes the certificate to DIRECTORY/NAME.pem, and
 * records it in DIRECTORY/ca.json.
 * @throws EnrolmentError `name-not-allowed`, `name-taken`, `key-compromised` and those of spec/enrolment.md
 * @throws ConfigurationError; no certificate is written then
 */
export function approveRequest(options: KeyAccess & Approval & { readonly responseFile: string }): {
  readonly certificateFile: string;
  readonly signs: ToBeSigned;
} {
  const { suite, directory, responseFile } = options;
  const { request, valid, shown } = admit(options);
  const response = readEnrolmentFile(responseFile, 'response');
  const stateFile = openFile(directory, response.nonce);
  if (!existsSync(stateFile)) throw closed(responseFile);
  const authority = readAuthority(suite, directory, options);
  try {
    return inAuthorityDirectory(directory, (write) => {
      const { time = new Date(), force = false } = options;
      if (!existsSync(stateFile)) throw closed(responseFile);
      const open = readEnrolmentFile(stateFile, 'openChallenge');
      const verified = verifyResponse(suite, { open, request, authority: authority.issuer, response, time });
      if (!verified.ok && verified.code === 'expired') rmSync(stateFile, { force: true });
      required(responseFile, verified);
      const { name, uris } = request;
      // Checks again: certificates may have been issued or revoked since.
      const database = requireNew(options, authority.anchor, request);
      const encapsulationKey = fromHex(request.encapsulationKey);
      const { certificate, said } = issueFor(suite, authority, { name, uris, valid, encapsulationKey });
      const file = certificateToWrite(join(directory, `${name}.pem`), certificate.octets, force);
      refuseExisting([file]);
      claim(stateFile, responseFile);
      write([file, databaseToWrite(directory, withIssued(database, name, certificate))]);
      return { certificateFile: file.file, signs: { ...shown, ...said } };
    });
  } finally {
    wipe(authority.issuerSeed);
  }
}

/** Closes a challenge. Of two processes that answer it at once, only one succeeds. */
function claim(stateFile: string, responseFile: string): void {
  try {
    unlinkSync(stateFile);
  } catch {
    throw closed(responseFile);
  }
}
