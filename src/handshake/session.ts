import type { Peer } from '../certificate/peerNames.ts';
import { type Concealed, conceal } from '../crypto/secret.ts';
import type { Suite } from '../crypto/suite.ts';
import type { SessionKey } from '../generated/kinds.ts';
import type { Bytes } from '../octets.ts';
import type { Role } from '../protocol/parameters.ts';
import { type DirectionalKeys, exporterOf, identifierOf } from './exporter.ts';

export type { DirectionalKeys };

/** A completed handshake: both confirmations verified, the peer accepted. */
export interface Session {
  readonly role: Role;
  /** The validated certificate of the peer, and who vouches for which of its names. */
  readonly peer: Peer;
  /**
   * Names the session, 48 octets. Public: equal on both sides. It is `export` under a label of its own, which no
   * application may use: what other labels export stays as good as random when it is shown (PQ-P-35). `k_session` can be
   * recognised by it, so nothing but exports should be keys.
   */
  readonly identifier: Bytes;
  /** `k_session`, 48 octets: a pseudorandom key for HKDF-Expand. Prefer `export` (PQ-P-35). `reveal` returns a copy. */
  readonly sessionKey: Concealed;
  /**
   * Derives a key for an application: `Expand(k_session, label || 0x00 || SHA-384(context), length)`. This exporter is
   * the project's own; the draft has none. Both sides get the same octets, so one key would serve both directions: for
   * a cipher use `exportPair`. The length is not an input of the derivation: a shorter export is a prefix of a longer
   * one with the same label and context, unless the application puts the length into the context.
   * @param label printable ASCII, different for each purpose; not `pquake session identifier`, and none that begins with
   *   `pquake channel v1 `, as the keys of the channel are derived under such labels
   * @param context octets to which the key is bound
   * @param length octets, 1 to 12,240
   * @returns octets that the caller wipes
   * @throws RangeError for another label or length
   * @throws TypeError after the session was wiped
   */
  readonly export: (label: string, context: Bytes, length: number) => Bytes;
  /**
   * Derives a key for each direction: `send` of one side is `receive` of the other, and the two are independent. The
   * derivation is `directionalExport` of spec/README.md, which includes the sender's role and the length; no `export`
   * returns a part of it. Parameters and errors are those of `export`; the caller wipes both keys.
   */
  readonly exportPair: (label: string, context: Bytes, length: number) => DirectionalKeys;
  /** Overwrites `k_session`. Afterwards nothing can be revealed or exported. Exported keys stay as they are. */
  readonly wipe: () => void;
}

/** Makes the session of a released key, which it copies. The caller wipes its own. */
export function sessionOf(suite: Suite, role: Role, peer: Peer, released: SessionKey<Bytes>): Session {
  const concealed = conceal(released);
  return {
    role,
    peer,
    identifier: identifierOf(suite, concealed.reveal),
    sessionKey: concealed,
    ...exporterOf(suite, role, concealed.reveal),
    wipe: concealed.wipe,
  };
}
