// The signatures over a model: each verified, all over one statement, none of those missing that the statement requires.
import { existsSync } from 'node:fs';
import { ConfigurationError } from '../../configuration.ts';
import { type Bytes, same } from '../../octets.ts';
import type { AlgorithmName, Judged, Signer, Statement, VerifiedEnvelope, VerifyingKey } from '../contract.ts';
import type { SignerAuthorities } from '../signature/chain.ts';
import type { SignatureCode } from '../signature/codes.ts';
import { type SignatureTrust, verifyEnvelope } from '../signature/envelope.ts';
import type { StatementCode } from '../statement/codes.ts';
import { type Integrity, readIntegrity } from '../statement/integrity.ts';
import { decodeStatement } from '../statement/inToto.ts';
import type { ModelCode } from './modelCodes.ts';
import { readBundle, siblingOf } from './signatureFiles.ts';

/** Whose signatures a model needs. */
export interface SignatureOptions {
  /** Files of signatures, at least one. The sibling of a hybrid is found by its name. */
  readonly signatures: readonly string[];
  /** Each of these must have signed. */
  readonly keys?: readonly VerifyingKey[] | undefined;
  /** Who may certify signers. */
  readonly authorities?: SignerAuthorities | undefined;
  /** Names of which the certificate of a signer has one, in the words of `Signer`; a name without a form is a common name. */
  readonly expect?: readonly string[] | undefined;
  /** The only algorithms that are let through; absent for all. */
  readonly algorithms?: readonly AlgorithmName[] | undefined;
  /** What the statement must be about. Whatever is absent is not compared. */
  readonly subject?: { readonly name?: string | undefined; readonly digest?: string | undefined } | undefined;
  /** When certificates have to be valid; default now. */
  readonly time?: Date | undefined;
}

/** A statement about a model, with who signed it. Of the files nothing is known yet. */
export interface VerifiedStatement {
  readonly statement: Statement;
  readonly integrity: Integrity;
  /** In the order of `signatures`. */
  readonly signers: readonly Signer[];
  /** The files of the signatures, also of those that were found. */
  readonly signatures: readonly string[];
  /** The octets that all of them signed. */
  readonly payload: Bytes;
}

/** Why signatures or their statement are refused. */
export type StatementRefusalCode = SignatureCode | StatementCode | ModelCode;

interface VerifiedFile extends VerifiedEnvelope {
  readonly file: string;
}

function verifyFile(file: string, trust: SignatureTrust): Judged<VerifiedFile, SignatureCode> {
  const envelope = readBundle(file);
  if (!envelope.ok) return envelope;
  const verified = verifyEnvelope(envelope.value, trust);
  return verified.ok ? { ok: true, value: { ...verified.value, file } } : { ...verified, path: file };
}

/** Verifies files in turn; the first refusal counts. */
function verifyFiles(files: readonly string[], trust: SignatureTrust): Judged<readonly VerifiedFile[], SignatureCode> {
  const all: VerifiedFile[] = [];
  for (const file of files) {
    const one = verifyFile(file, trust);
    if (!one.ok) return one;
    all.push(one.value);
  }
  return { ok: true, value: all };
}

const refusal = <Code extends StatementRefusalCode>(code: Code, detail: string, path?: string) =>
  ({ ok: false, code, detail, ...(path !== undefined && { path }) }) as const;

const missingOf = (required: readonly AlgorithmName[], found: readonly VerifiedFile[]): readonly AlgorithmName[] =>
  required.filter((one) => !found.some(({ signer }) => signer.algorithm === one));

const unusedOf = (keys: readonly VerifyingKey[], found: readonly VerifiedFile[]): VerifyingKey | undefined =>
  keys.find(({ identifier }) => !found.some(({ signer }) => signer.key === identifier));

/** The files given and the sibling of the first one, where there is one. */
function withSibling(given: readonly string[]): readonly string[] {
  const sibling = siblingOf(given[0] ?? '');
  return sibling === undefined || given.includes(sibling) || !existsSync(sibling) ? given : [...given, sibling];
}

const nameOf = (word: string): string => (/[=:]/.test(word) ? word : `CN=${word}`);

function refuseSigner(found: readonly VerifiedFile[], { expect }: SignatureOptions) {
  if (expect === undefined) return undefined;
  const names = expect.map(nameOf);
  const other = found.find(
    ({ signer }) => signer.certificate !== undefined && !signer.certificate.names.some((one) => names.includes(one)),
  );
  if (other === undefined) return undefined;
  const has = other.signer.certificate?.names.join(', ');
  return refusal('signer-unexpected', `the certificate has ${has}, expected ${names.join(' or ')}`, other.file);
}

function refuseSubject({ name, digest }: Integrity, { subject = {} }: SignatureOptions) {
  if (subject.name !== undefined && subject.name !== name)
    return refusal('subject-unexpected', `the statement is about ${name}, expected ${subject.name}`);
  if (subject.digest !== undefined && subject.digest !== digest)
    return refusal('subject-unexpected', `the statement is about the model ${digest}, expected ${subject.digest}`);
  return undefined;
}

/** Refuses what of a hybrid is not there: a signature, one over the same octets, one of each key. */
function refuseIncomplete(found: readonly VerifiedFile[], { requiredAlgorithms }: Integrity, options: SignatureOptions) {
  const [first, ...others] = found;
  const swapped = others.find(({ payload }) => first !== undefined && !same(payload, first.payload));
  if (swapped !== undefined)
    return refusal('hybrid-payload-differs', `it signs another statement than ${first?.file}`, swapped.file);
  const [missing] = missingOf(requiredAlgorithms, found);
  const sibling = siblingOf(first?.file ?? '');
  if (missing !== undefined)
    return refusal('hybrid-signature-missing', `the statement requires a signature of ${missing}`, sibling);
  const unused = unusedOf(options.keys ?? [], found);
  return unused && refusal('key-without-signature', `no signature of the ${unused.algorithm} key ${unused.identifier}`);
}

/**
 * Verifies the signatures over a model and reads their statement. A statement that requires several algorithms needs a signature of
 * each, over the same octets, by a trusted key; the second is found by its name.
 * @throws ConfigurationError for a file that cannot be read, and when nothing is trusted
 */
export function verifySignatures(options: SignatureOptions): Judged<VerifiedStatement, StatementRefusalCode> {
  const { signatures, keys = [], authorities, algorithms, time = new Date() } = options;
  if (signatures.length === 0) throw new ConfigurationError('a model is verified by at least one signature');
  if (keys.length === 0 && authorities === undefined)
    throw new ConfigurationError('a model is verified by keys or authorities that are trusted');
  const trust: SignatureTrust = { keys, authorities, time, algorithms };
  const given = verifyFiles(signatures, trust);
  if (!given.ok) return given;
  const [first] = given.value;
  if (first === undefined) throw new ConfigurationError('a model is verified by at least one signature');
  const statement = decodeStatement(first.payload);
  if (!statement.ok) return { ...statement, path: statement.path ?? first.file };
  const integrity = readIntegrity(statement.value);
  if (!integrity.ok) return integrity;
  const { requiredAlgorithms } = integrity.value;
  const isComplete = missingOf(requiredAlgorithms, given.value).length === 0 && !unusedOf(keys, given.value);
  const more = isComplete ? [] : withSibling(signatures).slice(signatures.length);
  const siblings = verifyFiles(more, trust);
  if (!siblings.ok)
    return { ...siblings, detail: `the statement requires this signature too: ${siblings.detail ?? siblings.code}` };
  const found = [...given.value, ...siblings.value];
  const refused =
    refuseIncomplete(found, integrity.value, options) ??
    refuseSigner(found, options) ??
    refuseSubject(integrity.value, options);
  if (refused !== undefined) return refused;
  return {
    ok: true,
    value: {
      statement: statement.value,
      integrity: integrity.value,
      signers: found.map(({ signer }) => signer),
      signatures: found.map(({ file }) => file),
      payload: first.payload,
    },
  };
}
