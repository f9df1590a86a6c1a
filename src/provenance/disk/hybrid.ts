// Hybrids: two signatures over one statement, which lists the algorithms of both.
import { existsSync } from 'node:fs';
import { same } from '../../octets.ts';
import type { AlgorithmName, Judged, SignedEnvelope, VerifyingKey } from '../contract.ts';
import { algorithmTable } from '../signature/algorithms.ts';
import type { SignatureCode } from '../signature/codes.ts';
import type { SignatureTrust } from '../signature/envelope.ts';
import { decodeStatement } from '../statement/inToto.ts';
import { type Integrity, readIntegrity } from '../statement/integrity.ts';
import { type ModelCode, refusal } from './modelCodes.ts';
import { readBundle, siblingOf } from './signatureFiles.ts';
import { type VerifiedFile, verifyFile, verifyFiles } from './verifiedFile.ts';

/** What is asked of a hybrid. */
export interface HybridOptions {
  /** Each of these must have signed. */
  readonly keys?: readonly VerifyingKey[] | undefined;
  /** Refuses a hybrid of which one signature is there, but no key for it is trusted. */
  readonly everySignature?: boolean | undefined;
}

/** Why half of a hybrid is refused, or the other half that was found. */
type HybridCode = SignatureCode | ModelCode;

/** A signature of a hybrid that is there, over the same octets, and that no trusted key could verify. */
export interface UnverifiedSignature {
  readonly file: string;
  readonly algorithm: AlgorithmName;
}

const payloadDiffers = (file: string, other: string) =>
  refusal('hybrid-payload-differs', `it signs another statement than ${other}`, file);

/** The files given; or the sibling of the only one, where no key fits the file given and one fits the sibling. */
export function verifyGiven(
  files: readonly string[],
  trust: SignatureTrust,
): Judged<readonly VerifiedFile[], SignatureCode> {
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
export interface Collected {
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
export function sibling(
  given: readonly VerifiedFile[],
  { requiredAlgorithms }: Integrity,
  trust: SignatureTrust,
  keys: readonly VerifyingKey[] = [],
): Judged<Collected, HybridCode> {
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

/** Refuses what of a hybrid is not there: a signature, one over the same octets, one of each key. */
export function refuseIncomplete(
  { verified, unverified }: Collected,
  { requiredAlgorithms }: Integrity,
  { keys = [], everySignature = false }: HybridOptions,
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
