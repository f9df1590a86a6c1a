import { bytesDerivation } from '../algebra/bytesDerivation.ts';
import type { Derivation } from '../algebra/derivation.ts';
import type { Peer } from '../certificate/peerNames.ts';
import { type Concealed, conceal, wipe } from '../crypto/secret.ts';
import type { Suite } from '../crypto/suite.ts';
import { directionalExport, exported } from '../generated/keySchedule.ts';
import type { SessionKey } from '../generated/kinds.ts';
import type { Bytes } from '../octets.ts';
import type { Role } from '../protocol/parameters.ts';

/** Keys of an application, one for each direction. */
export interface DirectionalKeys {
  /** For the octets that this side sends. */
  readonly send: Bytes;
  /** For the octets that the peer sends. */
  readonly receive: Bytes;
}

/** A completed handshake: both confirmations verified, the peer accepted. */
export interface Session {
  readonly role: Role;
  /** The peer's certificate, as it was validated, and who vouches for which of its names. */
  readonly peer: Peer;
  /** SHA-384 of `k_session`, 48 octets: the same on both sides, tells nothing of the key. Public. */
  readonly identifier: Bytes;
  /** `k_session`, 48 octets: a pseudorandom key for HKDF-Expand. Prefer `export`. A copy is revealed. */
  readonly sessionKey: Concealed;
  /**
   * Keys for an application: `Expand(k_session, label || 0x00 || SHA-384(context), length)`. This project's own; the
   * draft has no exporter. Both sides get the same octets, so that one key would serve both directions: for a cipher
   * take `exportPair`. The length is not part of what is derived: a shorter export is the beginning of a longer one of the
   * same label and context, unless the application writes the length into the context.
   * @param label printable ASCII, different for each purpose
   * @param context octets that the key is bound to
   * @param length octets, 1 to 12,240
   * @returns octets that are the caller's to wipe
   * @throws RangeError for another label or length
   * @throws TypeError once the session was wiped
   */
  readonly export: (label: string, context: Bytes, length: number) => Bytes;
  /**
   * A key for each direction: `send` of one side is `receive` of the other, and the two have nothing in common. Derived as
   * `directionalExport` of spec/README.md says, with the sender's role and the length; of no `export` a part. Parameters, results and errors as of `export`.
   */
  readonly exportPair: (label: string, context: Bytes, length: number) => DirectionalKeys;
  /** Overwrites `k_session`; nothing can be revealed or exported afterwards. Keys that were exported stay as they are. */
  readonly wipe: () => void;
}

const longestExport = 255 * 48; // RFC 5869, section 2.3

/** @throws RangeError for a label or a length that nothing can be exported with */
function checkExport(label: string, length: number): void {
  if (!/^[\x20-\x7e]+$/.test(label)) throw new RangeError('export: the label must be printable ASCII, not empty');
  if (Number.isInteger(length) && length >= 1 && length <= longestExport) return;
  throw new RangeError(`export: 1 to ${longestExport} octets can be exported, asked ${length}`);
}

/** The session of a released key, which is copied: the caller wipes its own. */
export function sessionOf(suite: Suite, role: Role, peer: Peer, released: SessionKey<Bytes>): Session {
  const concealed = conceal(released);

  /** Derives from a copy of `k_session` that lives as long as the call. */
  function derive(use: (a: Derivation<Bytes>, sessionKey: SessionKey<Bytes>) => Bytes): Bytes {
    const sessionKey = concealed.reveal() as SessionKey<Bytes>;
    const { derivation, retain } = bytesDerivation(suite);
    try {
      const key = use(derivation, sessionKey);
      retain([key]);
      return key;
    } finally {
      wipe(sessionKey);
    }
  }

  function exportKey(label: string, context: Bytes, length: number): Bytes {
    checkExport(label, length);
    return derive((a, sessionKey) => exported(a, { sessionKey, label: a.text(label), context, length }));
  }

  function exportPair(label: string, context: Bytes, length: number): DirectionalKeys {
    checkExport(label, length);
    const sentBy = (sender: Role): Bytes =>
      derive((a, sessionKey) => {
        const lengthOctets = a.concat(a.octet(length >>> 8), a.octet(length & 0xff));
        const named = { label: a.text(label), context, sender: a.text(sender), lengthOctets, length };
        return directionalExport(a, { sessionKey, ...named });
      });
    return { send: sentBy(role), receive: sentBy(role === 'initiator' ? 'responder' : 'initiator') };
  }

  return {
    role,
    peer,
    identifier: suite.hash(released),
    sessionKey: concealed,
    export: exportKey,
    exportPair,
    wipe: concealed.wipe,
  };
}
