// Adds a time-stamp token to the JSON of a bundle, and leaves everything else in it as it is: log entries, hints, other tokens.

import { toBase64 } from '../../base64.ts';
import { isObject, type Json, type JsonObject, readJson } from '../../json/readJson.ts';
import { type Bytes, same } from '../../octets.ts';
import type { Judged } from '../contract.ts';
import { bundleLimits, decodeBundle } from './bundle.ts';
import type { SignatureCode } from './codes.ts';

const objectOf = (value: Json | undefined): JsonObject => (isObject(value) ? value : {});

function withToken(bundle: JsonObject, token: Bytes): JsonObject {
  const material = objectOf(bundle['verificationMaterial']);
  const data = objectOf(material['timestampVerificationData']);
  const before = data['rfc3161Timestamps'];
  const rfc3161Timestamps = [...(Array.isArray(before) ? before : []), { signedTimestamp: toBase64(token) }];
  const timestampVerificationData = { ...data, rfc3161Timestamps };
  return { ...bundle, verificationMaterial: { ...material, timestampVerificationData } };
}

/**
 * A bundle with one more token at the end of `timestampVerificationData.rfc3161Timestamps`; the same octets if the token is there
 * already. The token is not judged. Payload and signature stay what they were. Refused when the result is no bundle that can be
 * read, such as one with too many tokens. Never throws.
 * @param octets - the bundle, JSON
 * @param token - TimeStampToken, DER
 */
export function addTimestamp(octets: Bytes, token: Bytes): Judged<Bytes, SignatureCode> {
  const before = decodeBundle(octets);
  if (!before.ok) return before;
  if (before.value.timestamps?.some((one) => same(one, token))) return { ok: true, value: octets };
  const read = readJson(octets, bundleLimits.depth);
  const bundle = objectOf(read.ok ? read.value.value : undefined);
  const written = new TextEncoder().encode(`${JSON.stringify(withToken(bundle, token))}\n`);
  const after = decodeBundle(written);
  return after.ok ? { ok: true, value: written } : after;
}
