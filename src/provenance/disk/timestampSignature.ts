// Time-stamp tokens for a signature that is there: asks for one, and puts it into the bundle.
import { randomBytes } from 'node:crypto';
import { dirname } from 'node:path';
import { inDirectory } from '../../node/files/change.ts';
import { readBounded, writeFiles } from '../../node/files/files.ts';
import type { Judged } from '../contract.ts';
import { readTimestampOver, timestampDigest } from '../keys/timestamps.ts';
import { bundleLimits, decodeBundle } from '../signature/bundle.ts';
import type { SignatureCode } from '../signature/codes.ts';
import { addTimestamp } from '../signature/stampedBundle.ts';
import type { TrustCode } from '../trust/codes.ts';
import { longestTimestamp } from '../trust/timestamp.ts';
import { encodeTimestampRequest, nonceOctets, type RequestDigest } from '../trust/timestampRequest.ts';
import { tokenOfResponse } from '../trust/timestampResponse.ts';
import { readBundle } from './signatureFiles.ts';

/** Octets of a response around its token: a status, with what the authority says of it. */
const aroundToken = 4_096;

/** A token that a bundle has. */
export interface StampedSignature {
  /** `false` when the bundle had the token before; nothing was written then. */
  readonly added: boolean;
  /** What the token states. No authority vouches for it until a policy names the authority. */
  readonly stated: Date;
  /** How many tokens the bundle has. */
  readonly timestamps: number;
}

/**
 * Puts a time-stamp token into the bundle of a signature, which is written again by one step. The token is about the octets of this
 * signature; who issued it is judged by a trust policy, later. A refusal names the file in question.
 * @param file - the bundle
 * @param tokenFile - TimeStampToken, or a whole TimeStampResp that grants one, DER
 * @throws ConfigurationError for a file that cannot be read or written
 */
export function timestampSignature(
  file: string,
  tokenFile: string,
): Judged<StampedSignature, SignatureCode | TrustCode> {
  const token = tokenOfResponse(readBounded(tokenFile, longestTimestamp + aroundToken));
  if (!token.ok) return { ...token, path: tokenFile };
  return inDirectory(dirname(file), (write) => {
    const octets = readBounded(file, bundleLimits.octets);
    const bundle = decodeBundle(octets);
    if (!bundle.ok) return { ...bundle, path: file };
    const { signature, timestamps = [] } = bundle.value;
    const read = readTimestampOver(token.value, signature);
    if (!read.ok) return { ...read, path: tokenFile };
    const stamped = addTimestamp(octets, token.value);
    if (!stamped.ok) return { ...stamped, path: file };
    const added = stamped.value !== octets;
    if (added) write([{ file, content: stamped.value, mode: 0o644, replace: true }]);
    return {
      ok: true,
      value: { added, stated: read.value.time, timestamps: timestamps.length + (added ? 1 : 0) },
    };
  });
}

/** How a request is made, and where it goes. */
export interface TimestampRequestOptions {
  readonly out: string;
  /** Default: SHA-512. */
  readonly digest?: RequestDigest | undefined;
  /** Replaces a file that is there. */
  readonly force?: boolean | undefined;
}

/**
 * Writes a request for a token over the signature of a bundle: TimeStampReq, DER. It has the digest of the signature, and a nonce.
 * @throws ConfigurationError for a file that cannot be read or written
 */
export function requestTimestamp(
  file: string,
  { out, digest = 'sha512', force = false }: TimestampRequestOptions,
): Judged<{ readonly digest: RequestDigest }, SignatureCode> {
  const bundle = readBundle(file);
  if (!bundle.ok) return bundle;
  const imprint = timestampDigest(digest, bundle.value.signature);
  const content = encodeTimestampRequest(digest, imprint, randomBytes(nonceOctets));
  writeFiles([{ file: out, content, mode: 0o644 }], force);
  return { ok: true, value: { digest } };
}
