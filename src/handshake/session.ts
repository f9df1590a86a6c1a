import { bytesAlgebra } from '../algebra/bytes.ts';
import type { Peer } from '../certificate/peerNames.ts';
import { type Concealed, conceal } from '../crypto/secret.ts';
import type { Suite } from '../crypto/suite.ts';
import { exported } from '../generated/keySchedule.ts';
import type { SessionKey } from '../generated/kinds.ts';
import type { Role } from '../protocol/parameters.ts';

type Bytes = Uint8Array;

/** A completed handshake: both confirmations verified, the peer accepted. */
export interface Session {
  readonly role: Role;
  /** The peer's certificate, as it was validated, and who vouches for which of its names. */
  readonly peer: Peer;
  /** SHA-384 of `k_session`, 48 octets: the same on both sides, tells nothing of the key. Public. */
  readonly identifier: Bytes;
  /** `k_session`, 48 octets: a pseudorandom key for HKDF-Expand. Prefer `export`. */
  readonly sessionKey: Concealed;
  /**
   * Keys for an application: `Expand(k_session, label || 0x00 || SHA-384(context), length)`. This project's own; the
   * draft has no exporter.
   * @param label printable ASCII, different for each purpose
   * @param context octets that the key is bound to
   * @param length octets, 1 to 12,240
   * @throws RangeError for another label or length
   */
  readonly export: (label: string, context: Bytes, length: number) => Bytes;
  /** Overwrites `k_session`; nothing can be exported afterwards. */
  readonly wipe: () => void;
}

const longestExport = 255 * 48; // RFC 5869, section 2.3
const noPolicy = {
  verify: () => {
    throw new TypeError('an exporter judges no certificates');
  },
  accept: () => {
    throw new TypeError('an exporter judges no certificates');
  },
};

/** The session of a released key. */
export function sessionOf(suite: Suite, role: Role, peer: Peer, sessionKey: SessionKey<Bytes>): Session {
  let wiped = false;
  const concealed = conceal(sessionKey);

  function exportKey(label: string, context: Bytes, length: number): Bytes {
    if (wiped) throw new TypeError('the session was wiped');
    if (!/^[\x20-\x7e]+$/.test(label)) throw new RangeError('export: the label must be printable ASCII, not empty');
    if (!Number.isInteger(length) || length < 1 || length > longestExport) {
      throw new RangeError(`export: 1 to ${longestExport} octets can be exported, asked ${length}`);
    }
    const { algebra, retain } = bytesAlgebra(suite, noPolicy);
    const key = exported(algebra, { sessionKey, label: algebra.text(label), context, length });
    retain([key]);
    return key;
  }

  const wipe = (): void => {
    wiped = true;
    concealed.wipe();
  };
  return { role, peer, identifier: suite.hash(sessionKey), sessionKey: concealed, export: exportKey, wipe };
}
