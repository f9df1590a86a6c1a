// Private keys in forms of drafts, from before RFC 9935 and RFC 9881: not read, but named.
import { tags } from '../der/der.ts';
import type { Bytes } from '../octets.ts';

/** The lengths of a key in octets. */
export interface Lengths {
  readonly seed: number;
  readonly expanded: number;
  readonly publicKey: number;
  /** Whether a key without its seed is of use. */
  readonly isUsedExpanded: boolean;
  readonly rfc: string;
}

/** Octets of a DER tag and length of 256 to 65535 octets. */
const headOctets = 4;

function formOf(contents: Bytes, { seed, expanded, publicKey }: Lengths): string | undefined {
  if (contents.length === seed) return 'the seed alone, without a tag';
  if (contents.length === expanded) return 'the expanded key alone, without a tag';
  const isPair = contents[0] === tags.octetString && contents.length === headOctets + expanded + publicKey;
  return isPair ? 'expanded key and public key in one OCTET STRING, as oqs-provider wrote' : undefined;
}

/**
 * Names the draft form of the octets of a private key, and how to have another one; `undefined` for any other octets. No
 * form of an RFC has one of these lengths.
 */
export function draftForm(contents: Bytes, lengths: Lengths): string | undefined {
  const form = formOf(contents, lengths);
  if (form === undefined) return undefined;
  const isUsed = contents.length === lengths.seed || lengths.isUsedExpanded;
  const next = isUsed
    ? '`openssl pkey -in OLD -out NEW` of OpenSSL 3.5 or later writes the form of the RFC'
    : 'signing needs the seed, which is not in it: make a new key';
  return `a form of drafts before ${lengths.rfc}: ${form}; ${next}`;
}
