// Reads a pre-shared secret from text.

import { lengthFault, preSharedSecretFault } from '../../crypto/preSharedSecret.ts';
import { secretOctets, wipe } from '../../crypto/secret.ts';
import { type Checked, passed, refused } from '../../failure.ts';
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
 * Decodes hexadecimal digits, 32 to 128 octets' worth (PQ-P-21), with optional white space around them. It makes no string of
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
  const length = lengthFault(digits.length / 2);
  if (length !== undefined) return refused('secret-malformed', length);
  const octets = secretOctets(digits.length / 2);
  for (let i = 0; i < octets.length; i += 1)
    octets[i] = 16 * digitOf(digits[2 * i] ?? 0) + digitOf(digits[2 * i + 1] ?? 0);
  const fault = preSharedSecretFault(octets);
  if (fault === undefined) return passed(octets);
  wipe(octets);
  return refused('secret-malformed', fault);
}
