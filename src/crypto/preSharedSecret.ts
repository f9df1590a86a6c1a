// What a pre-shared secret must be, wherever it comes from.
import { sizes } from '../generated/constants.ts';
import type { Bytes } from '../octets.ts';
import { isConstant } from './secret.ts';

const { preSharedSecretMinimum: least, preSharedSecretMaximum: most } = sizes;

/**
 * Why a number of octets is none of a pre-shared secret (PQ-P-21); `undefined` when it is. The secret is the key of an HMAC, which
 * hashes a key that is longer than its block: such a secret would be the same as its hash (RFC 2104, section 2).
 */
export const lengthFault = (octets: number): string | undefined =>
  octets >= least && octets <= most
    ? undefined
    : `expected ${least} to ${most} octets (${2 * least} to ${2 * most} hexadecimal digits), found ${octets} octets`;

/** Why these octets are no pre-shared secret (PQ-P-21); `undefined` when they are. Tells no octet of them. */
export function preSharedSecretFault(secret: Bytes): string | undefined {
  const constant = 'expected a secret of full entropy, found one octet over and over: it was wiped, or never set';
  return lengthFault(secret.length) ?? (isConstant(secret) ? constant : undefined);
}
