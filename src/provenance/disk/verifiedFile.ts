// One file with a signature: read and verified.
import { checkAll } from '../../failure.ts';
import type { Judged, SignedEnvelope, Signer, VerifiedEnvelope } from '../contract.ts';
import type { SignatureCode } from '../signature/codes.ts';
import { type SignatureTrust, verifyEnvelope } from '../signature/envelope.ts';
import { readBundle } from './signatureFiles.ts';

/** A signature that was verified, with the file that it is in. */
export interface VerifiedSignature {
  readonly file: string;
  readonly signer: Signer;
  readonly envelope: SignedEnvelope;
}

/** A bundle whose signature was verified. */
export interface VerifiedFile extends VerifiedEnvelope, VerifiedSignature {}

/** Verifies the signature of one file. @throws ConfigurationError for a file that cannot be read */
export function verifyFile(file: string, trust: SignatureTrust): Judged<VerifiedFile, SignatureCode> {
  const envelope = readBundle(file);
  if (!envelope.ok) return envelope;
  const verified = verifyEnvelope(envelope.value, trust);
  if (!verified.ok) return { ...verified, path: file };
  return { ok: true, value: { ...verified.value, file, envelope: envelope.value } };
}

/** Verifies files in turn; the first refusal counts. */
export const verifyFiles = (
  files: readonly string[],
  trust: SignatureTrust,
): Judged<readonly VerifiedFile[], SignatureCode> => checkAll(files, (file) => verifyFile(file, trust));
