// Enrolment by files: requests, challenges and responses, and the challenges that an authority has open in its directory.
import { existsSync, mkdirSync, readFileSync, rmSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import { issueCertificate } from '../certificate/issue.ts';
import { encodePem } from '../certificate/pem.ts';
import { decodeKemPrivateKey, encodeKemPrivateKey } from '../certificate/privateKey.ts';
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
import { sizes } from '../generated/constants.ts';
import { ConfigurationError } from '../handshake/options.ts';
import { type NewFile, readDer, refuseFile, writeFiles } from './files.ts';
import { checkFileName, period, readAuthority, refusing, serialNumber } from './pki.ts';

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

function readKey(suite: Suite, file: string): KemKey {
  const der = readDer(file, 'PRIVATE KEY');
  const decoded = decodeKemPrivateKey(suite, der);
  wipe(der);
  return decoded.ok ? decoded.value : refuseFile(file, decoded.reason);
}

const readable = (file: string, value: EnrolmentFiles[keyof EnrolmentFiles]): NewFile => ({
  file,
  content: textOf(value),
  mode: 0o644,
});

/** A key to ask a certificate for: that of a file, or a new one, and then the file to write it to. */
function keyFor(suite: Suite, file: string, isNew: boolean): { encapsulationKey: Bytes; seed?: Bytes } {
  const seed = isNew ? suite.randomOctets(sizes.keySeed) : undefined;
  const { encapsulationKey, wipe: forget } = seed ? suite.generateKemKey(seed) : readKey(suite, file);
  forget();
  return seed ? { encapsulationKey, seed } : { encapsulationKey };
}

/**
 * Writes a request for a certificate of a key; with `newKey` the key too, made anew (PKCS#8, seed only, mode 0600).
 * @throws ConfigurationError
 */
export function requestCertificate(options: {
  readonly suite: Suite;
  readonly name: string;
  readonly uris?: readonly string[] | undefined;
  readonly keyFile: string;
  readonly newKey?: boolean | undefined;
  readonly requestFile: string;
  readonly force?: boolean | undefined;
}): Request {
  const { suite, name, uris = [], keyFile, newKey = false, requestFile, force = false } = options;
  checkFileName(name);
  const { encapsulationKey, seed } = keyFor(suite, keyFile, newKey);
  const request = createRequest(suite, { name, uris, encapsulationKey });
  if (!schemas().ajv.validate('enrolment#/definitions/request', request)) {
    throw new ConfigurationError('at most 16 URIs, each of 1 to 2048 characters without spaces');
  }
  const files = [readable(requestFile, request)];
  if (seed !== undefined) {
    const der = encodeKemPrivateKey(seed);
    files.unshift({ file: keyFile, content: encodePem('PRIVATE KEY', der), mode: 0o600 });
    wipe(seed, der);
  }
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
export function respondToChallenge(options: {
  readonly suite: Suite;
  readonly challengeFile: string;
  readonly requestFile: string;
  readonly keyFile: string;
  readonly responseFile: string;
  /** The certificate of the only authority to answer; any when absent. */
  readonly authorityFile?: string | undefined;
  readonly time?: Date | undefined;
  readonly force?: boolean | undefined;
}): void {
  const { suite, challengeFile, requestFile, keyFile, responseFile, authorityFile, force = false } = options;
  const challenge = readEnrolmentFile(challengeFile, 'challenge');
  const request = readEnrolmentFile(requestFile, 'request');
  const authority = authorityFile === undefined ? undefined : readDer(authorityFile, 'CERTIFICATE');
  const key = readKey(suite, keyFile);
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
 * Verifies the response to a challenge that is open, closes it, and writes the certificate: DIRECTORY/NAME.pem.
 * @throws ConfigurationError; then there is no certificate
 */
export function approveRequest(options: {
  readonly suite: Suite;
  readonly directory: string;
  readonly requestFile: string;
  readonly responseFile: string;
  /** Validity in days; default 365. */
  readonly days?: number | undefined;
  readonly time?: Date | undefined;
  readonly force?: boolean | undefined;
}): { readonly certificateFile: string } {
  const { suite, directory, requestFile, responseFile, days = 365, time = new Date(), force = false } = options;
  const request = readEnrolmentFile(requestFile, 'request');
  checkFileName(request.name);
  const response = readEnrolmentFile(responseFile, 'response');
  const stateFile = openFile(directory, response.nonce);
  if (!existsSync(stateFile)) throw closed(responseFile);
  const open = readEnrolmentFile(stateFile, 'openChallenge');
  const { issuer, issuerSeed } = readAuthority(suite, directory);
  const certificateFile = join(directory, `${request.name}.pem`);
  let certificate: Bytes;
  try {
    const verified = verifyResponse(suite, { open, request, authority: issuer, response, time });
    if (!verified.ok && verified.code === 'expired') rmSync(stateFile, { force: true });
    required(responseFile, verified);
    if (!force && existsSync(certificateFile)) refuseFile(certificateFile, 'exists already; --force overwrites it');
    const { name, uris } = request;
    const encapsulationKey = octetsOfHex(request.encapsulationKey);
    const subject = { name, uris, encapsulationKey, serialNumber: serialNumber(suite), ...period(days) };
    certificate = refusing(() => issueCertificate({ suite, issuer, issuerSeed, ...subject }));
  } finally {
    wipe(issuerSeed);
  }
  try {
    unlinkSync(stateFile); // of two that answer at once, one does this
  } catch {
    throw closed(responseFile);
  }
  writeFiles([{ file: certificateFile, content: encodePem('CERTIFICATE', certificate), mode: 0o644 }], force);
  return { certificateFile };
}
