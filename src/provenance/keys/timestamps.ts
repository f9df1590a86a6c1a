// The cryptography of time-stamp tokens on node:crypto.
import { constants, createHash, createPublicKey, verify } from 'node:crypto';
import { match } from 'ts-pattern';
import type { Bytes } from '../../octets.ts';
import type { Judged } from '../contract.ts';
import type { TrustCode } from '../trust/codes.ts';
import {
  readTimestampAbout,
  type TimestampCryptography,
  type VerifiedTimestamp,
  verifyTimestamp,
} from '../trust/timestamp.ts';
import type { TimestampInfo } from '../trust/timestampToken.ts';

const cryptography: TimestampCryptography = {
  digest: (name, octets) => createHash(name).update(octets).digest(),
  verify: (spki, scheme, message, signature) => {
    try {
      const key = createPublicKey({ key: Buffer.from(spki), format: 'der', type: 'spki' });
      const type = key.asymmetricKeyType ?? '';
      return match(scheme)
        .with({ scheme: 'rsa' }, ({ digest }) => type === 'rsa' && verify(digest, message, key, signature))
        .with({ scheme: 'ecdsa' }, ({ digest }) => type === 'ec' && verify(digest, message, key, signature))
        .with({ scheme: 'rsa-pss' }, ({ digest, saltLength }) => {
          const padding = constants.RSA_PKCS1_PSS_PADDING;
          return type.startsWith('rsa') && verify(digest, message, { key, padding, saltLength }, signature);
        })
        .with({ scheme: 'pure' }, () => /^(ed25519|ml-dsa-\d\d)$/.test(type) && verify(null, message, key, signature))
        .exhaustive();
    } catch {
      return false; // a key or curve that the platform does not have
    }
  },
};

/** Verifies a time-stamp token over a signature: see `verifyTimestamp`. ML-DSA needs a Node whose OpenSSL has it (3.5). Never throws. */
export const verifyTimestampToken = (
  token: Bytes,
  signature: Bytes,
  authorities: readonly Bytes[],
): Judged<VerifiedTimestamp, TrustCode> => verifyTimestamp(token, signature, authorities, cryptography);

/** Reads a token that has to be about a signature, whoever issued it: see `readTimestampAbout`. Never throws. */
export const readTimestampOver = (token: Bytes, signature: Bytes): Judged<TimestampInfo, TrustCode> =>
  readTimestampAbout(token, signature, cryptography);

/** The digest of a signature, as a request names it. */
export const timestampDigest = cryptography.digest;
