// Reads a pre-shared secret from text.

import { isConstant, secretOctets } from '../../crypto/secret.ts';
import { type Checked, passed, refused } from '../../failure.ts';
import { sizes } from '../../generated/constants.ts';
import type { Bytes } from '../../octets.ts';

/** The value of a hexadecimal digit; -1 for any other octet. */
function digitOf(octet: number): number {
  if (octet >= 0x30 && octet <= 0x39) return octet - 0x30;
  const letter = (octet | 0x20) - 0x61;
  return letter >= 0 && letter <= 5 ? letter + 10 : -1;
}

const isSpace = (octet: number | undefined): boolean =>
  octet === 0x20 || (octet !== undefined && octet >= 9 && octet <= 13);

/**
 * Decodes hexadecimal digits, at least 32 octets' worth, with optional white space around them. It makes no string of
 * the digits, as strings cannot be wiped. The caller wipes the text. Reasons contain no digits.
 */
export function decodePreSharedSecret(text: Bytes): Checked<Bytes, 'secret-malformed'> {
  let [start, end] = [0, text.length];
  while (isSpace(text[start])) start += 1;
  while (end > start && isSpace(text[end - 1])) end -= 1;
  const digits = text.subarray(start, end);
  if (digits.some((octet) => digitOf(octet) < 0))
    return refused('secret-malformed', 'expected hexadecimal digits and nothing else');
  if (digits.length % 2 !== 0)
    return refused('secret-malformed', `expected an even number of hexadecimal digits, found ${digits.length}`);
  const minimum = sizes.preSharedSecretMinimum;
  if (digits.length < 2 * minimum) {
    return refused(
      'secret-malformed',
      `expected at least ${minimum} octets (${2 * minimum} digits), found ${digits.length / 2} octets`,
    );
  }
  const octets = secretOctets(digits.length / 2);
  for (let i = 0; i < octets.length; i += 1)
    octets[i] = 16 * digitOf(digits[2 * i] ?? 0) + digitOf(digits[2 * i + 1] ?? 0);
  if (isConstant(octets))
    return refused('secret-malformed', 'expected a secret of full entropy, found one octet over and over');
  return passed(octets);
}
