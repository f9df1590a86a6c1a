// Which failures of an attempt may be over at the next one.

import type { FailureCode } from '../../failure.ts';
import type { PeerIdentity } from '../transport/principal.ts';

/** Why a client has given up, or cannot begin. Beside these, the codes of handshakes (spec/README.md). */
export type EndCode =
  /** The own certificate has expired: nobody accepts it. */
  | 'own-certificate-expired'
  /** The server that answers is not the one of the first connection. */
  | 'identity-changed'
  /** The server of the new connection introduces itself otherwise: what the host knows of it may be wrong. */
  | 'server-changed'
  /** A message is longer than the limit, so that nothing after it can be read. */
  | 'message-too-long';

/** Whether another attempt may succeed. A responder that refuses us says nothing: it looks like a lost connection. */
const healing: Readonly<Record<FailureCode, boolean>> = {
  'connection-closed': true,
  'message-timeout': true,
  'handshake-timeout': true,
  // A newer list, a renewed certificate of the server, a clock that is set.
  'certificate-revocation-unknown': true,
  'certificate-outside-validity': true,
  // What may have been changed on the way.
  'decryption-failed': true,
  'wrong-confirmation': true,
  'wrong-version': false,
  'unexpected-message': false,
  'wrong-length': false,
  'trailing-octets': false,
  'invalid-encapsulation-key': false,
  'certificate-malformed': false,
  'certificate-wrong-algorithm': false,
  'certificate-wrong-key-usage': false,
  'certificate-untrusted': false,
  'certificate-constraint': false,
  'certificate-revoked': false,
  'own-certificate': false,
  'unexpected-peer': false,
};

/** Whether an attempt that failed with this code is made again. Codes that are not known here are those of ends. */
export const canHeal = (code: string): boolean => Object.hasOwn(healing, code) && healing[code as FailureCode];

/** Whether a server is the one of before: no name is lost, and an authority of before still vouches. More names may have come with a renewal. */
export const isSameServer = (now: PeerIdentity, before: PeerIdentity): boolean =>
  now.identity === before.identity &&
  before.names.every((name) => now.names.includes(name)) &&
  before.authorities.some((one) => now.authorities.includes(one));
