// The signatures over a model: each verified, all over one statement, none of those missing that the statement requires.
import { existsSync } from 'node:fs';
import { ConfigurationError } from '../../configuration.ts';
import { checkAll } from '../../failure.ts';
import { type Bytes, same } from '../../octets.ts';
import type {
  AlgorithmName,
  Judged,
  ProvenanceRefusal,
  SignedEnvelope,
  Signer,
  Statement,
  VerifiedEnvelope,
  VerifyingKey,
} from '../contract.ts';
import type { LogCode } from '../log/codes.ts';
import type { LogPolicy } from '../log/policy.ts';
import { proofFileOf } from '../log/proof.ts';
import { algorithmTable } from '../signature/algorithms.ts';
import type { SignerAuthorities } from '../signature/chain.ts';
import type { SignatureCode } from '../signature/codes.ts';
import { type SignatureTrust, verifyEnvelope } from '../signature/envelope.ts';
import type { StatementCode } from '../statement/codes.ts';
import type { NameRule } from '../statement/fileNames.ts';
import { decodeStatement } from '../statement/inToto.ts';
import { type Integrity, readIntegrity } from '../statement/integrity.ts';
import type { TrustCode } from '../trust/codes.ts';
import type { TrustPolicy } from '../trust/policy.ts';
import { type LoggedSignature, loggedBy } from './logEvidence.ts';
import type { ModelCode } from './modelCodes.ts';
import { eitherOf, judgeModel, policyAuthorities, type SignatureInFile } from './policyTrust.ts';
import { readBundle, siblingOf } from './signatureFiles.ts';

/** Whose signatures a model needs. */
export interface SignatureOptions {
  /** Files of signatures, at least one. The sibling of a hybrid is found by its name. */
  readonly signatures: readonly string[];
  /** Each of these must have signed. */
  readonly keys?: readonly VerifyingKey[] | undefined;
  /** Who may certify signers. */
  readonly authorities?: SignerAuthorities | undefined;
  /** Names of which the certificate of a signer has one, in the words of `Signer`. */
  readonly expect?: readonly string[] | undefined;
  /** The only algorithms that are let through; absent for all. */
  readonly algorithms?: readonly AlgorithmName[] | undefined;
  /** What the statement must be about. Whatever is absent is not compared. */
  readonly subject?: { readonly name?: string | undefined; readonly digest?: string | undefined } | undefined;
  /** When certificates have to be valid; default now. */
  readonly time?: Date | undefined;
  /**
   * Judges who signed what, and what was left out. Its keys and authorities are trusted beside the others, and what it permits to
   * leave out may be left out.
   */
  readonly policy?: TrustPolicy | undefined;
  /** Each signature must be in a log of this policy, by the proof beside it (`proofFileOf`). */
  readonly logPolicy?: LogPolicy | undefined;
  /** Judges after the policy. */
  readonly judge?: ((verified: VerifiedStatement) => Judged<unknown, string>) | undefined;
  /** Refuses a hybrid of which one signature is there, but no key for it is trusted. */
  readonly everySignature?: boolean | undefined;
  /** Which names of files are refused. By default all that some file system would read otherwise. */
  readonly names?: NameRule | undefined;
}

/** A signature of a hybrid that is there, over the same octets, and that no trusted key could verify. */
export interface UnverifiedSignature {
  readonly file: string;
  readonly algorithm: AlgorithmName;
}

/** A signature that was verified. */
export interface VerifiedSignature extends SignatureInFile {
  readonly signature: Bytes;
  /** RFC 3161 tokens over the signature, DER; not judged here. */
  readonly timestamps: readonly Bytes[];
}

/** A statement about a model, with who signed it. Of the files nothing is known yet. */
export interface VerifiedStatement {
  readonly statement: Statement;
  readonly integrity: Integrity;
  /** Whose signatures were verified. */
  readonly signers: readonly Signer[];
  readonly signed: readonly VerifiedSignature[];
  readonly unverified: readonly UnverifiedSignature[];
  /** What the proofs show, when a `logPolicy` was given. */
  readonly logged: readonly LoggedSignature[];
  /** The files of the signatures, also of those that were found. */
  readonly signatures: readonly string[];
  /** The octets that all of them signed. */
  readonly payload: Bytes;
}

/** Why signatures or their statement are refused; a `judge` has codes of its own. */
export type StatementRefusalCode = SignatureCode | StatementCode | ModelCode | TrustCode | LogCode;

interface VerifiedFile extends VerifiedEnvelope, VerifiedSignature {}

function verifyFile(file: string, trust: SignatureTrust): Judged<VerifiedFile, SignatureCode> {
  const envelope = readBundle(file);
  if (!envelope.ok) return envelope;
  const verified = verifyEnvelope(envelope.value, trust);
  if (!verified.ok) return { ...verified, path: file };
  const { signature, timestamps = [] } = envelope.value;
  return { ok: true, value: { ...verified.value, file, envelope: envelope.value, signature, timestamps } };
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

const payloadDiffers = (file: string, other: string) =>
  refusal('hybrid-payload-differs', `it signs another statement than ${other}`, file);

/** The files given; or the sibling of the only one, where no key fits the file given and one fits the sibling. */
function verifyGiven(files: readonly string[], trust: SignatureTrust): Judged<readonly VerifiedFile[], SignatureCode> {
  const given = verifyFiles(files, trust);
  const [only, ...others] = files;
  const file = siblingOf(only ?? '');
  if (given.ok || given.code !== 'signature-key-mismatch' || others.length > 0) return given;
  if (file === undefined || !existsSync(file)) return given;
  const other = verifyFile(file, trust);
  // The sibling stands for the file given only as the other half of one hybrid: what is given must be looked at with it.
  const isHybrid = other.ok && requiresOther(other.value);
  return isHybrid ? { ok: true, value: [other.value] } : given;
}

/** Whether the statement that a file signs requires a signature of another algorithm too. */
function requiresOther({ payload, signer }: VerifiedFile): boolean {
  const statement = decodeStatement(payload);
  const integrity = statement.ok ? readIntegrity(statement.value, { names: 'any' }) : statement;
  return integrity.ok && integrity.value.requiredAlgorithms.some((one) => one !== signer.algorithm);
}

/** What is known of the signatures over one statement. */
interface Collected {
  readonly verified: readonly VerifiedFile[];
  /** Signatures of a hybrid for which no key is trusted. */
  readonly unverified: readonly UnverifiedSignature[];
}

const missingOf = (required: readonly AlgorithmName[], found: readonly VerifiedFile[]): readonly AlgorithmName[] =>
  required.filter((one) => !found.some(({ signer }) => signer.algorithm === one));

const unusedOf = (keys: readonly VerifyingKey[], found: readonly VerifiedFile[]): VerifyingKey | undefined =>
  keys.find(({ identifier }) => !found.some(({ signer }) => signer.key === identifier));

/** A required signature that no trusted key could verify: it is there, of the right length. What it says of its key is nothing. */
function unverifiable(
  { reference, signature }: SignedEnvelope,
  missing: readonly AlgorithmName[],
  { keys, authorities }: SignatureTrust,
): AlgorithmName | undefined {
  const trusted =
    reference.by === 'key' ? keys.filter(({ algorithm }) => missing.includes(algorithm)).length > 0 : authorities;
  if (trusted) return undefined;
  return missing.find((one) => {
    const [least, most] = algorithmTable[one].signature;
    return signature.length >= least && signature.length <= most;
  });
}

/** The sibling of the first signature, where the statement requires more, or a key has not signed yet. */
function sibling(
  given: readonly VerifiedFile[],
  { requiredAlgorithms }: Integrity,
  trust: SignatureTrust,
  keys: readonly VerifyingKey[] = [],
): Judged<Collected, StatementRefusalCode> {
  const missing = missingOf(requiredAlgorithms, given);
  const none: Collected = { verified: [], unverified: [] };
  const [first] = given;
  const file = siblingOf(first?.file ?? '');
  const isWanted = missing.length > 0 || unusedOf(keys, given) !== undefined;
  if (!isWanted || file === undefined || given.some((one) => one.file === file) || !existsSync(file))
    return { ok: true, value: none };
  const envelope = readBundle(file);
  if (!envelope.ok) return envelope;
  const algorithm = unverifiable(envelope.value, missing, trust);
  if (algorithm !== undefined && first !== undefined)
    return same(envelope.value.payload, first.payload)
      ? { ok: true, value: { ...none, unverified: [{ file, algorithm }] } }
      : payloadDiffers(file, first.file);
  const verified = verifyFile(file, trust);
  return verified.ok
    ? { ok: true, value: { ...none, verified: [verified.value] } }
    : { ...verified, detail: `the other signature of a hybrid: ${verified.detail ?? verified.code}` };
}

function refuseSigner(found: readonly VerifiedFile[], { expect }: SignatureOptions) {
  if (expect === undefined) return undefined;
  const other = found.find(
    ({ signer }) => signer.certificate !== undefined && !signer.certificate.names.some((one) => expect.includes(one)),
  );
  if (other === undefined) return undefined;
  const has = other.signer.certificate?.names.join(', ');
  return refusal('signer-unexpected', `the certificate has ${has}, expected ${expect.join(' or ')}`, other.file);
}

function refuseSubject({ name, digest }: Integrity, { subject = {} }: SignatureOptions) {
  if (subject.name !== undefined && subject.name !== name)
    return refusal('subject-unexpected', `the statement is about ${name}, expected ${subject.name}`);
  if (subject.digest !== undefined && subject.digest !== digest)
    return refusal('subject-unexpected', `the statement is about the model ${digest}, expected ${subject.digest}`);
  return undefined;
}

/** Refuses what of a hybrid is not there: a signature, one over the same octets, one of each key. */
function refuseIncomplete(
  { verified, unverified }: Collected,
  { requiredAlgorithms }: Integrity,
  { keys = [], everySignature = false }: SignatureOptions,
) {
  const [first, ...others] = verified;
  const swapped = others.find(({ payload }) => first !== undefined && !same(payload, first.payload));
  if (swapped !== undefined) return payloadDiffers(swapped.file, first?.file ?? '');
  const [missing] = missingOf(requiredAlgorithms, verified).filter(
    (one) => !unverified.some((u) => u.algorithm === one),
  );
  if (missing !== undefined)
    return refusal(
      'hybrid-signature-missing',
      `the statement requires a signature of ${missing}`,
      siblingOf(first?.file ?? ''),
    );
  const [unread] = unverified;
  if (everySignature && unread !== undefined)
    return refusal('hybrid-signature-unverified', `no key of ${unread.algorithm} is trusted`, unread.file);
  const unused = unusedOf(keys, verified);
  return unused && refusal('key-without-signature', `no signature of the ${unused.algorithm} key ${unused.identifier}`);
}

/** Whom the options and the policy in them trust. @throws ConfigurationError for nobody */
function trustOf({ keys = [], authorities, algorithms, policy }: SignatureOptions, time: Date): SignatureTrust {
  if (keys.length === 0 && authorities === undefined && policy === undefined)
    throw new ConfigurationError('a model is verified by keys or authorities that are trusted');
  const others = policy === undefined ? undefined : policyAuthorities(policy);
  return {
    keys: [...keys, ...(policy?.keys ?? [])],
    authorities: authorities && others ? eitherOf(authorities, others) : (authorities ?? others),
    algorithms,
    time,
  };
}

/** What the proofs beside the signatures show. A signature without one is refused. */
function loggedOf(
  signed: readonly VerifiedFile[],
  { logPolicy }: SignatureOptions,
): Judged<readonly LoggedSignature[], LogCode | TrustCode> {
  if (logPolicy === undefined) return { ok: true, value: [] };
  return checkAll(signed, ({ file, envelope }) => {
    const logged = loggedBy(logPolicy, file, envelope);
    if (!logged.ok) return logged;
    const { value } = logged;
    const path = proofFileOf(file);
    return value === undefined
      ? refusal('log-proof-missing', `no proof of a log beside the signature; expected ${path}`, path)
      : { ok: true, value };
  });
}

/** What the policy and the judge of the options say. */
function judged(
  value: VerifiedStatement,
  { policy, judge }: SignatureOptions,
  time: Date,
): Judged<VerifiedStatement, StatementRefusalCode> {
  const byPolicy = policy === undefined ? undefined : judgeModel(policy, value, time);
  if (byPolicy?.ok === false) return byPolicy;
  const byJudge = judge?.(value);
  return byJudge?.ok === false ? (byJudge as ProvenanceRefusal<StatementRefusalCode>) : { ok: true, value };
}

/** The statement that the signatures are over. A refusal without a place of its own names their file. */
function readSigned({ payload, file }: VerifiedFile, names: NameRule | undefined) {
  const statement = decodeStatement(payload);
  if (!statement.ok) return { ...statement, path: statement.path ?? file };
  const integrity = readIntegrity(statement.value, { names });
  return integrity.ok
    ? ({ ok: true, value: { statement: statement.value, integrity: integrity.value } } as const)
    : { ...integrity, path: integrity.path ?? file };
}

/**
 * Verifies the signatures over a model and reads their statement. A statement that requires several algorithms needs a signature of
 * each, over the same octets; the second is found by its name. Each is verified when a key for it is trusted.
 * @throws ConfigurationError for a file that cannot be read, and when nothing is trusted
 */
export function verifySignatures(options: SignatureOptions): Judged<VerifiedStatement, StatementRefusalCode> {
  const { signatures, time = new Date() } = options;
  const trust = trustOf(options, time);
  const given = verifyGiven(signatures, trust);
  if (!given.ok) return given;
  const [first] = given.value;
  if (first === undefined) throw new ConfigurationError('a model is verified by at least one signature');
  const signed = readSigned(first, options.names);
  if (!signed.ok) return signed;
  const { integrity } = signed.value;
  const more = sibling(given.value, integrity, trust, options.keys);
  if (!more.ok) return more;
  const { unverified } = more.value;
  const verified = [...given.value, ...more.value.verified];
  const refused =
    refuseIncomplete({ verified, unverified }, integrity, options) ??
    refuseSigner(verified, options) ??
    refuseSubject(integrity, options);
  if (refused !== undefined) return refused;
  const logged = loggedOf(verified, options);
  if (!logged.ok) return logged;
  return judged(
    {
      ...signed.value,
      signers: verified.map(({ signer }) => signer),
      signed: verified,
      unverified,
      logged: logged.value,
      signatures: [...verified, ...unverified].map(({ file }) => file),
      payload: first.payload,
    },
    options,
    time,
  );
}
