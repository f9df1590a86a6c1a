// The signatures over a model: each verified, all over one statement, none of those missing that the statement requires.
import { ConfigurationError } from '../../configuration.ts';
import { checkAll } from '../../failure.ts';
import type { Bytes } from '../../octets.ts';
import type { AlgorithmName, Judged, ProvenanceRefusal, Signer, Statement } from '../contract.ts';
import type { LogCode } from '../log/codes.ts';
import type { LogPolicy } from '../log/policy.ts';
import { proofFileOf } from '../log/proof.ts';
import type { SignerAuthorities } from '../signature/chain.ts';
import type { SignatureCode } from '../signature/codes.ts';
import type { SignatureTrust } from '../signature/envelope.ts';
import type { StatementCode } from '../statement/codes.ts';
import type { NameRule } from '../statement/fileNames.ts';
import { decodeStatement } from '../statement/inToto.ts';
import { type Integrity, readIntegrity } from '../statement/integrity.ts';
import type { TrustCode } from '../trust/codes.ts';
import type { TrustPolicy } from '../trust/policy.ts';
import { type HybridOptions, refuseIncomplete, sibling, type UnverifiedSignature, verifyGiven } from './hybrid.ts';
import { type LoggedSignature, loggedBy } from './logEvidence.ts';
import { type ModelCode, refusal } from './modelCodes.ts';
import { eitherOf, judgeModel, policyAuthorities } from './policyTrust.ts';
import type { VerifiedFile, VerifiedSignature } from './verifiedFile.ts';

/** Whose signatures a model needs. */
export interface SignatureOptions extends HybridOptions {
  /** Files of signatures, at least one. The sibling of a hybrid is found by its name. */
  readonly signatures: readonly string[];
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
  /** Which names of files are refused. By default all that some file system would read otherwise. */
  readonly names?: NameRule | undefined;
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
