// The keys and digests of enrolment (spec/enrolment.md): hash, MAC and HKDF of the suite, each use with its own label.

import { wipe } from '../crypto/secret.ts';
import type { Suite } from '../crypto/suite.ts';
import { sizes } from '../generated/constants.ts';
import { type Bytes, concat, fromHex } from '../octets.ts';

/** Labels that separate enrolment from the handshake, and its uses from each other; ASCII with a final zero octet. */
export const labels = {
  request: 'PQuAKE enrolment 1 request',
  authority: 'PQuAKE enrolment 1 authority',
  response: 'PQuAKE enrolment 1 response digest',
  extract: 'PQuAKE enrolment 1 extract',
  challengeKey: 'PQuAKE enrolment 1 challenge key',
  responseKey: 'PQuAKE enrolment 1 response key',
} as const;

const ascii = (text: string): Bytes => Uint8Array.from(text, (character) => character.charCodeAt(0));
const label = (name: keyof typeof labels): Bytes => ascii(`${labels[name]}\0`);

/** `H(label || parts)`, 48 octets. */
export const digestOf = (suite: Suite, name: 'request' | 'authority' | 'response', ...parts: readonly Bytes[]): Bytes =>
  suite.hash(label(name), ...parts);

/** The values to which challenge and response are bound. */
export interface Binding {
  readonly requestDigest: string;
  readonly authorityDigest: string;
  readonly nonce: string;
  readonly expires: string;
  readonly ciphertext?: string;
}

/**
 * Concatenates `requestDigest (48) || authorityDigest (48) || nonce (32) || expires (20) || ciphertext (1568, or
 * none)`, in octets.
 */
export const transcriptOf = (binding: Binding): Bytes =>
  concat(
    fromHex(binding.requestDigest),
    fromHex(binding.authorityDigest),
    fromHex(binding.nonce),
    ascii(binding.expires),
    fromHex(binding.ciphertext ?? ''),
  );

/**
 * Derives the keys of the two MACs (48 octets each) from a shared secret (32 octets). The caller wipes the keys and the
 * secret.
 */
export function deriveKeys(
  suite: Suite,
  sharedSecret: Bytes,
  transcript: Bytes,
): { readonly challenge: Bytes; readonly response: Bytes } {
  const prk = suite.extract(label('extract'), sharedSecret);
  const hash = suite.hash(transcript);
  const expand = (name: 'challengeKey' | 'responseKey'): Bytes =>
    suite.expand(prk, concat(label(name), hash), sizes.hash);
  const keys = { challenge: expand('challengeKey'), response: expand('responseKey') };
  wipe(prk);
  return keys;
}
