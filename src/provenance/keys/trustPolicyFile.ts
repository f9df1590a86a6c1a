// Reads a trust policy from its file, with everything that it names: keys, certificates, statements about keys.
import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { Schema } from '@cfworker/json-schema';
import { sha256 } from '../../crypto/sha256.ts';
import { type FaultFinder, faultFinder } from '../../json/schemaFault.ts';
import { decodePemAll } from '../../keys/pem.ts';
import { limits } from '../../limits.ts';
import { refuseFile } from '../../node/files/fileErrors.ts';
import { readBounded } from '../../node/files/files.ts';
import { type Bytes, toHex } from '../../octets.ts';
import type { Judged } from '../contract.ts';
import { logBounds } from '../log/bounds.ts';
import { type LogPolicy, parsePolicy } from '../log/policy.ts';
import type { TrustCode } from '../trust/codes.ts';
import type { KeyDocument, TrustDocument } from '../trust/document.ts';
import { keyStatementLimits } from '../trust/keyEnvelope.ts';
import { historyOf, type KeyStatement, readKeyStatement } from '../trust/keyStatements.ts';
import {
  compileTrustPolicy,
  type PolicyKey,
  readTrustDocument,
  type TrustPolicy,
  trustPolicyLimits,
} from '../trust/policy.ts';
import { timestampCertificateFault } from '../trust/timestampCertificate.ts';
import { readVerifyingKeyText } from './files.ts';
import { type SchemeOptions, verifyingKeyOf } from './schemes.ts';

const schemaFile = new URL('../../../spec/schema/trust-policy.schema.json', import.meta.url);

/** What the patterns of the schema ask for, by the field. */
const forms: Readonly<Record<string, string>> = {
  id: 'letters, digits, ".", "_" and "-", at most 64, the first a letter or digit',
  identifier: 'the SHA-256 of the PEM text of a public key, 64 hexadecimal digits in small letters',
  notBefore: 'a date such as 2031-12-31, or a time such as 2031-12-31T12:00:00Z',
  notAfter: 'a date such as 2031-12-31, or a time such as 2031-12-31T12:00:00Z',
};

let known: FaultFinder | undefined;
/** The judge of the schema of trust policies. */
const policyFault: FaultFinder = (value) => {
  known ??= faultFinder(JSON.parse(readFileSync(schemaFile, 'utf8')) as Schema, forms);
  return known(value);
};

/** The value, or the refusal as an error of the file. @throws FileError */
const orRefuse = <T>(file: string, judged: Judged<T, TrustCode>): T =>
  judged.ok ? judged.value : refuseFile(file, judged.detail ?? judged.code);

/** Reads files beside a policy, and remembers a digest of each. */
function beside(policyFile: string) {
  const digests: Bytes[] = [];
  const pathOf = (name: string): string => resolve(dirname(policyFile), name);
  const read = (name: string, most: number): Bytes => {
    const octets = readBounded(pathOf(name), most);
    digests.push(sha256(octets));
    return octets;
  };
  return {
    digests,
    pathOf,
    read,
    text: (name: string, most: number) => Buffer.from(read(name, most)).toString('utf8'),
  };
}

type Beside = ReturnType<typeof beside>;

function certificatesIn(files: Beside, names: readonly string[]): readonly Bytes[] {
  return names.flatMap((name) => {
    const pem = decodePemAll(files.text(name, limits.certificateFile), 'CERTIFICATE');
    return pem.ok ? pem.value : refuseFile(files.pathOf(name), pem.detail ?? pem.code);
  });
}

/** The certificates of time-stamp authorities in a file. */
function timestampAuthoritiesIn(files: Beside, name: string): readonly Bytes[] {
  const certificates = certificatesIn(files, [name]);
  for (const one of certificates) {
    const fault = timestampCertificateFault(one);
    if (fault !== undefined) refuseFile(files.pathOf(name), fault);
  }
  return certificates;
}

/** The policy of logs in a file. Its quorum vouches for the times, so that it needs one. */
function logPolicyIn(files: Beside, name: string): LogPolicy {
  const file = files.pathOf(name);
  const policy = parsePolicy(files.read(name, logBounds.policy));
  if (!policy.ok) return refuseFile(file, `not a policy of logs: ${policy.detail ?? policy.code}`);
  return policy.value.quorum.kind === 'none'
    ? refuseFile(file, 'quorum none: expected a quorum of witnesses, who vouch for the time')
    : policy.value;
}

function keyIn(file: string, files: Beside, options: SchemeOptions, key: KeyDocument): PolicyKey {
  if ('identifier' in key) return key;
  const found =
    'pem' in key
      ? readVerifyingKeyText(file, key.pem, options)
      : readVerifyingKeyText(files.pathOf(key.file), files.text(key.file, limits.keyFile), options);
  return { identifier: found.identifier, key: found };
}

/** The verified statements about keys that a policy names. */
function keyStatementsIn(
  files: Beside,
  names: readonly string[],
  authorities: ReadonlySet<string>,
  options: SchemeOptions,
): readonly KeyStatement[] {
  return names.map((name) => {
    const octets = files.read(name, keyStatementLimits.octets);
    const read = readKeyStatement(octets, (spki) => verifyingKeyOf(spki, options), authorities);
    return orRefuse(files.pathOf(name), read);
  });
}

/** Compiles a document with what it names. */
function compile(file: string, octets: Bytes, document: TrustDocument, options: SchemeOptions): TrustPolicy {
  const files = beside(file);
  const { signers, authorities = [], revocationAuthorities = [], keyStatements = [] } = document;
  const keyOf = (key: KeyDocument): PolicyKey => keyIn(file, files, options, key);
  const keys = new Map(signers.flatMap(({ keys: own = [] }) => own).map((key) => [key, keyOf(key)]));
  const revoking = new Set(revocationAuthorities.map((key) => keyOf(key).identifier));
  const statements = keyStatementsIn(files, keyStatements, revoking, options);
  const material = {
    keyOf: (key: KeyDocument) => keys.get(key) ?? keyOf(key),
    history: orRefuse(file, historyOf(statements)),
    authorityCertificates: certificatesIn(
      files,
      authorities.flatMap(({ certificates }) => certificates ?? []),
    ),
    timestampAuthorities: (document.timestampAuthorities ?? []).flatMap((name) => timestampAuthoritiesIn(files, name)),
    logPolicy: document.logPolicy === undefined ? undefined : logPolicyIn(files, document.logPolicy),
  };
  const digest = toHex(sha256(sha256(octets), ...files.digests));
  return orRefuse(file, compileTrustPolicy(document, { ...material, digest }));
}

/**
 * Reads a trust policy and the files that it names, which are relative to its folder.
 * @throws FileError with the place in the file, what was expected, and what was found
 */
export function readTrustPolicy(file: string, options: SchemeOptions = {}): TrustPolicy {
  const octets = readBounded(file, trustPolicyLimits.octets);
  return compile(file, octets, orRefuse(file, readTrustDocument(octets, policyFault)), options);
}
