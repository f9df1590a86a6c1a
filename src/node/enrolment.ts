// Enrolment by files: requests, challenges and responses, and the challenges that an authority has open in its directory.
import { existsSync, mkdirSync, readFileSync, rmSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import { parseTrustAnchor } from '../certificate/trustAnchor.ts';
import { wipe } from '../crypto/octets.ts';
import type { KemKey, Suite } from '../crypto/suite.ts';
import {
  createChallenge,
  createRequest,
  type Enrolled,
  type RefusalCode,
  respondTo,
  verifyResponse,
} from '../enrolment/enrolment.ts';
import { type Challenge, type EnrolmentFiles, octetsOfHex, type Request, textOf } from '../enrolment/files.ts';
import { ConfigurationError } from '../handshake/options.ts';
import { checkFileName, readAuthority } from './authority.ts';
import { inDirectory, type NewFile, refuseExisting } from './change.ts';
import { refuseFile } from './fileErrors.ts';
import { readDer, readTexts, writeFiles } from './files.ts';
import { decodeKemKey, type KeyAccess, passphraseOf } from './keys.ts';
import { certificateToWrite, issueFor, newKemKey, recordIssued } from './pki.ts';

type Bytes = Uint8Array;

/** An enrolment that does not go on, with a stable code. */
export class EnrolmentError extends ConfigurationError {
  readonly code: RefusalCode | 'unknown-challenge';
  constructor(code: EnrolmentError['code'], message: string) {
    super(message);
    this.code = code;
  }
}

const schemaFile = new URL('../../spec/schema/enrolment.schema.json', import.meta.url);

/** Of spec/schema/enrolment.schema.json: the order of `required` is that of the members of a file. */
interface Schemas {
  readonly ajv: Ajv;
  readonly definitions: Readonly<Record<keyof EnrolmentFiles, { readonly required: readonly string[] }>>;
}

let known: Schemas | undefined;

function schemas(): Schemas {
  if (known !== undefined) return known;
  const schema = JSON.parse(readFileSync(schemaFile, 'utf8')) as Pick<Schemas, 'definitions'>;
  known = { ajv: new Ajv().addSchema(schema, 'enrolment'), definitions: schema.definitions };
  return known;
}

/** More than the largest request that the schema permits. */
const largestFile = 65_536;

function readText(file: string): string {
  const octets = ((): Buffer => {
    try {
      return readFileSync(file);
    } catch (error) {
      return refuseFile(file, (error as NodeJS.ErrnoException).code ?? 'cannot be read');
    }
  })();
  if (octets.length > largestFile) refuseFile(file, `expected at most ${largestFile} octets, found ${octets.length}`);
  if (octets.some((octet) => octet >= 0x80)) refuseFile(file, 'expected ASCII, found another octet');
  return octets.toString('latin1');
}

function parseJson(file: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return refuseFile(file, 'expected JSON, found something else');
  }
}

/**
 * Reads a file of an enrolment: what its schema says, in its only form, so that no two files mean the same.
 * @throws ConfigurationError
 */
function readEnrolmentFile<K extends keyof EnrolmentFiles>(file: string, kind: K): EnrolmentFiles[K] {
  const text = readText(file);
  const value = parseJson(file, text);
  const { ajv, definitions } = schemas();
  if (!ajv.validate<EnrolmentFiles[K]>(`enrolment#/definitions/${kind}`, value)) {
    const [{ instancePath = '', message = '' } = {}] = ajv.errors ?? [];
    return refuseFile(file, `not a ${kind}: ${instancePath || 'the file'} ${message}`);
  }
  const inOrder = Object.keys(value).join() === definitions[kind].required.join();
  if (!inOrder || textOf(value) !== text) refuseFile(file, 'not in the form of spec/enrolment.md');
  return value;
}

function required<T>(file: string, enrolled: Enrolled<T>): T {
  if (enrolled.ok) return enrolled.value;
  throw new EnrolmentError(enrolled.code, `${file}: ${enrolled.reason}`);
}

const readKey = (suite: Suite, file: string, access: KeyAccess, publicKey?: Bytes): KemKey =>
  decodeKemKey(suite, file, readTexts([file]).join(''), access, publicKey && { publicKey });

const readable = (file: string, value: EnrolmentFiles[keyof EnrolmentFiles]): NewFile => ({
  file,
  content: textOf(value),
  mode: 0o644,
});

/** A key to ask a certificate for: that of a file, or a new one, and then the text to write there. */
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
 * Writes a request for a certificate of a key; with `newKey` the key too, made anew (PKCS#8, seed only, mode 0600; encrypted when there is a
 * passphrase of its file).
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
): Request {
  const { suite, name, uris = [], keyFile, newKey = false, requestFile, force = false } = options;
  checkFileName(name);
  const { encapsulationKey, text } = keyFor(suite, keyFile, newKey, options);
  const request = createRequest(suite, { name, uris, encapsulationKey });
  if (!schemas().ajv.validate('enrolment#/definitions/request', request)) {
    throw new ConfigurationError('at most 16 URIs, each of 1 to 2048 characters without spaces');
  }
  const files = [readable(requestFile, request)];
  if (text !== undefined) files.unshift({ file: keyFile, content: text, mode: 0o600 });
  writeFiles(files, force);
  return request;
}

/** Where an authority keeps a challenge that was not answered yet. */
const openFile = (directory: string, nonce: string): string => join(directory, 'challenges', `${nonce}.json`);

const hour = 3_600_000;

/**
 * Writes the challenge of the authority in a directory to a request, and keeps it open in DIRECTORY/challenges.
 * @throws ConfigurationError
 */
export function challengeRequest(options: {
  readonly suite: Suite;
  readonly directory: string;
  readonly requestFile: string;
  readonly challengeFile: string;
  /** How long it can be answered; default 24. */
  readonly hours?: number | undefined;
  readonly time?: Date | undefined;
  readonly force?: boolean | undefined;
}): Challenge {
  const { suite, directory, requestFile, challengeFile, hours = 24, time = new Date(), force = false } = options;
  const authorityFile = join(directory, 'ca.pem');
  const authority = readDer(authorityFile, 'CERTIFICATE');
  if (!parseTrustAnchor(suite, authority).ok) refuseFile(authorityFile, 'not a certification authority');
  const request = readEnrolmentFile(requestFile, 'request');
  checkFileName(request.name);
  const end = time.getTime() + hours * hour;
  if (!(end < Date.UTC(10_000, 0))) throw new ConfigurationError(`a challenge cannot be open for ${hours} hours`);
  const made = createChallenge(suite, { request, authority, expires: new Date(end) });
  const { challenge, open } = required(requestFile, made);
  try {
    mkdirSync(join(directory, 'challenges'), { recursive: true, mode: 0o700 });
  } catch {
    refuseFile(join(directory, 'challenges'), 'the directory cannot be made');
  }
  const state = { file: openFile(directory, open.nonce), content: textOf(open), mode: 0o600 };
  writeFiles([state, readable(challengeFile, challenge)], force);
  return challenge;
}

/**
 * Writes the response of the holder of a key to a challenge.
 * @throws ConfigurationError
 */
export function respondToChallenge(
  options: KeyAccess & {
    readonly suite: Suite;
    readonly challengeFile: string;
    readonly requestFile: string;
    readonly keyFile: string;
    readonly responseFile: string;
    /** The certificate of the only authority to answer; any when absent. */
    readonly authorityFile?: string | undefined;
    readonly time?: Date | undefined;
    readonly force?: boolean | undefined;
  },
): void {
  const { suite, challengeFile, requestFile, keyFile, responseFile, authorityFile, force = false } = options;
  const challenge = readEnrolmentFile(challengeFile, 'challenge');
  const request = readEnrolmentFile(requestFile, 'request');
  const authority = authorityFile === undefined ? undefined : readDer(authorityFile, 'CERTIFICATE');
  const key = readKey(suite, keyFile, options, octetsOfHex(request.encapsulationKey));
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
 * Verifies the response to a challenge that is open, closes it, and writes the certificate, DIRECTORY/NAME.pem, and that it was
 * issued, into DIRECTORY/ca.json.
 * @throws ConfigurationError; then there is no certificate
 */
export function approveRequest(
  options: KeyAccess & {
    readonly suite: Suite;
    readonly directory: string;
    readonly requestFile: string;
    readonly responseFile: string;
    /** Validity in days; default 365. */
    readonly days?: number | undefined;
    readonly time?: Date | undefined;
    readonly force?: boolean | undefined;
  },
): { readonly certificateFile: string } {
  const { suite, directory, requestFile, responseFile } = options;
  const request = readEnrolmentFile(requestFile, 'request');
  checkFileName(request.name);
  const response = readEnrolmentFile(responseFile, 'response');
  const stateFile = openFile(directory, response.nonce);
  if (!existsSync(stateFile)) throw closed(responseFile);
  const authority = readAuthority(suite, directory, options);
  try {
    return inDirectory(directory, (write) => {
      const { days = 365, time = new Date(), force = false } = options;
      if (!existsSync(stateFile)) throw closed(responseFile);
      const open = readEnrolmentFile(stateFile, 'openChallenge');
      const verified = verifyResponse(suite, { open, request, authority: authority.issuer, response, time });
      if (!verified.ok && verified.code === 'expired') rmSync(stateFile, { force: true });
      required(responseFile, verified);
      const { name, uris } = request;
      const encapsulationKey = octetsOfHex(request.encapsulationKey);
      const certificate = issueFor(suite, authority, { name, uris, days, encapsulationKey });
      const file = certificateToWrite(join(directory, `${name}.pem`), certificate, force);
      refuseExisting([file]);
      claim(stateFile, responseFile);
      write([file, recordIssued(options, authority, name, certificate)]);
      return { certificateFile: file.file };
    });
  } finally {
    wipe(authority.issuerSeed);
  }
}

/** Closes a challenge: of two that answer at once, one does this. */
function claim(stateFile: string, responseFile: string): void {
  try {
    unlinkSync(stateFile);
  } catch {
    throw closed(responseFile);
  }
}
