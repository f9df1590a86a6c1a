// Makes a pre-shared secret in a file.
import { wipe } from '../../crypto/secret.ts';
import type { Suite } from '../../crypto/suite.ts';
import { toHex } from '../../octets.ts';
import { writeFiles } from './files.ts';

/** The octets of a secret that is made here: those of SHA-384, the hash of the HMAC whose key it is. */
const generatedOctets = 48;

/**
 * Writes a new pre-shared secret of 48 random octets, in the form that `readPreSharedSecret` reads: hexadecimal digits
 * and a line end, mode 0600.
 * @returns its number of octets
 * @throws ConfigurationError when the file exists and `force` is unset, or cannot be written
 */
export function writePreSharedSecret(options: {
  readonly suite: Suite;
  readonly file: string;
  readonly force?: boolean | undefined;
}): number {
  const { suite, file, force = false } = options;
  const secret = suite.randomOctets(generatedOctets);
  const content = `${toHex(secret)}\n`;
  wipe(secret);
  writeFiles([{ file, content, mode: 0o600 }], force);
  return generatedOctets;
}
