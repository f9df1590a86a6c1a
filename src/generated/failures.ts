// Generated from spec/ by `npm run generate`. Do not edit.

import type { RequirementId } from './requirements.ts';

/** The stable code of a local failure (sections 3, 3.6). */
export type FailureCode =
  | 'wrong-version'
  | 'unexpected-message'
  | 'wrong-length'
  | 'trailing-octets'
  | 'invalid-encapsulation-key'
  | 'decryption-failed'
  | 'certificate-malformed'
  | 'certificate-wrong-algorithm'
  | 'certificate-wrong-key-usage'
  | 'certificate-outside-validity'
  | 'certificate-untrusted'
  | 'certificate-constraint'
  | 'certificate-revoked'
  | 'certificate-revocation-unknown'
  | 'wrong-confirmation'
  | 'own-certificate'
  | 'unexpected-peer'
  | 'message-timeout'
  | 'handshake-timeout'
  | 'connection-closed';

interface FailureRow {
  readonly abort: 'at once' | 'after confirmation';
  readonly section: string;
  readonly requirements: readonly RequirementId[];
  readonly meaning: string;
}

/** Every failure: when the handshake is aborted for it, the requirements that it serves, and its meaning. */
export const failureTable: Readonly<Record<FailureCode, FailureRow>> = {
  'wrong-version': {
    abort: 'at once',
    section: '4.1',
    requirements: ['PQ-4.1-02', 'PQ-P-45'],
    meaning: 'the version octet of a message is not 1',
  },
  'unexpected-message': {
    abort: 'at once',
    section: '3',
    requirements: ['PQ-3-03', 'PQ-3-05', 'PQ-P-01'],
    meaning: 'the type of a message is not the one awaited: unknown, out of order, repeated, or of the own role',
  },
  'wrong-length': {
    abort: 'at once',
    section: '4.1',
    requirements: ['PQ-4.2.1-03', 'PQ-4.2.2-03', 'PQ-4.5-04', 'PQ-4.6-04', 'PQ-P-46', 'PQ-P-53'],
    meaning: 'the length of a message is not the one its type has',
  },
  'trailing-octets': {
    abort: 'at once',
    section: '4.1',
    requirements: ['PQ-P-50'],
    meaning: 'octets follow the last message',
  },
  'invalid-encapsulation-key': {
    abort: 'at once',
    section: '4.2',
    requirements: ['PQ-P-26', 'PQ-P-27'],
    meaning: 'an encapsulation key fails the modulus check of FIPS 203 section 7.2',
  },
  'decryption-failed': {
    abort: 'at once',
    section: '4.3',
    requirements: ['PQ-3-06', 'PQ-4.3-06', 'PQ-P-15', 'PQ-P-23'],
    meaning:
      'a sealed certificate does not open under the hiding key; the pre-shared secrets or the readings differ, or a message was changed',
  },
  'certificate-malformed': {
    abort: 'at once',
    section: '4.4',
    requirements: ['PQ-4.4-01', 'PQ-P-54', 'PQ-P-55'],
    meaning: 'the certificate is not X.509 v3 in DER, or not in the form of the profile',
  },
  'certificate-wrong-algorithm': {
    abort: 'at once',
    section: '4.4',
    requirements: ['PQ-4.4-02', 'PQ-4.4-03', 'PQ-P-56', 'PQ-P-57'],
    meaning: 'the subject key or the signature algorithm is not one of the suite',
  },
  'certificate-wrong-key-usage': {
    abort: 'at once',
    section: '4.4',
    requirements: ['PQ-P-59'],
    meaning: 'the key usage is not the one that its holder needs: keyEncipherment alone for a peer',
  },
  'certificate-outside-validity': {
    abort: 'at once',
    section: '3.2',
    requirements: ['PQ-3.1-05', 'PQ-3.1-06', 'PQ-P-16'],
    meaning: 'the validity period does not hold the time of the handshake',
  },
  'certificate-untrusted': {
    abort: 'at once',
    section: '3.2',
    requirements: ['PQ-3.2-06', 'PQ-3.2-07', 'PQ-P-17', 'PQ-P-18'],
    meaning: 'the signature verifies under no trust anchor',
  },
  'certificate-constraint': {
    abort: 'at once',
    section: '3.2',
    requirements: ['PQ-P-71'],
    meaning: 'a certificate breaks what an authority of its path permits: path length, or names',
  },
  'certificate-revoked': {
    abort: 'at once',
    section: '3.2',
    requirements: ['PQ-P-72'],
    meaning: 'a revocation list names a certificate of the path',
  },
  'certificate-revocation-unknown': {
    abort: 'at once',
    section: '3.2',
    requirements: ['PQ-P-73'],
    meaning: 'no valid and fresh revocation list tells whether a certificate of the path is revoked',
  },
  'wrong-confirmation': {
    abort: 'at once',
    section: '3.5',
    requirements: ['PQ-3-06', 'PQ-3.5-04', 'PQ-3.5.1-01', 'PQ-3.5.2-01', 'PQ-P-37'],
    meaning: 'the confirmation value of the peer is wrong; the readings differ, or a message was changed',
  },
  'own-certificate': {
    abort: 'after confirmation',
    section: '3',
    requirements: ['PQ-3-10', 'PQ-P-05', 'PQ-P-06'],
    meaning: 'the peer showed our own certificate',
  },
  'unexpected-peer': {
    abort: 'after confirmation',
    section: '3',
    requirements: ['PQ-3-08', 'PQ-3-10', 'PQ-P-07', 'PQ-P-08'],
    meaning: 'the peer is valid but not the one expected',
  },
  'message-timeout': {
    abort: 'at once',
    section: '3.6',
    requirements: ['PQ-3-07', 'PQ-3.6-03', 'PQ-P-42'],
    meaning: 'an awaited message did not arrive in time',
  },
  'handshake-timeout': {
    abort: 'at once',
    section: '3.6',
    requirements: ['PQ-3.6-03', 'PQ-P-43'],
    meaning: 'the handshake did not complete in time',
  },
  'connection-closed': {
    abort: 'at once',
    section: '3.6',
    requirements: ['PQ-3-04', 'PQ-P-44'],
    meaning: 'the transport ended or failed before the handshake completed',
  },
};
