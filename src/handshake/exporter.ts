// Exports: keys for applications, derived from a pseudorandom key that stays behind.
import { bytesDerivation } from '../algebra/bytesDerivation.ts';
import type { Derivation } from '../algebra/derivation.ts';
import { longestExpansion } from '../crypto/hkdf.ts';
import { wipe } from '../crypto/secret.ts';
import type { Suite } from '../crypto/suite.ts';
import { channelLabels } from '../generated/channel.ts';
import { exportLabels } from '../generated/constants.ts';
import { directionalExport, exported, sessionIdentifier } from '../generated/keySchedule.ts';
import type { SessionKey } from '../generated/kinds.ts';
import { type Bytes, requireCount } from '../octets.ts';
import { otherRole, type Role } from '../role.ts';

/** Keys of an application, one for each direction. */
export interface DirectionalKeys {
  /** For the octets that this side sends. */
  readonly send: Bytes;
  /** For the octets that the peer sends. */
  readonly receive: Bytes;
}

/** What exports from a key; the functions are those of a session. */
export interface Exporter {
  readonly export: (label: string, context: Bytes, length: number) => Bytes;
  readonly exportPair: (label: string, context: Bytes, length: number) => DirectionalKeys;
}

/** A key under one of these would be public, or begin with what is. */
const reservedLabels: readonly string[] = Object.values(exportLabels);

/** A key under one of these would be one of the channel, or begin with one. */
const isOfChannel = (label: string): boolean => label.startsWith(channelLabels);

/** @throws RangeError for an invalid or reserved label, or an invalid length */
function checkExport(label: string, length: number): void {
  if (!/^[\x20-\x7e]+$/.test(label)) throw new RangeError('export: the label must be printable ASCII, not empty');
  if (reservedLabels.includes(label)) throw new RangeError(`export: the label ${label} is kept for what is public`);
  if (isOfChannel(label)) throw new RangeError(`export: the label ${label} is kept for the keys of the channel`);
  requireCount('export', length, 1, longestExpansion);
}

type Use = (a: Derivation<Bytes>, sessionKey: SessionKey<Bytes>) => Bytes;

/** Derives from what `reveal` answers, a copy of 48 octets that is wiped before the call returns. */
function derive(suite: Suite, reveal: () => Bytes, use: Use): Bytes {
  const sessionKey = reveal() as SessionKey<Bytes>;
  const { derivation, retain } = bytesDerivation(suite);
  try {
    const key = use(derivation, sessionKey);
    retain([key]);
    return key;
  } finally {
    wipe(sessionKey);
  }
}

/** The public name of a session, 48 octets. A plain copy: what the derivation made is a secret's array, which is wiped. */
export function identifierOf(suite: Suite, reveal: () => Bytes): Bytes {
  const derived = derive(suite, reveal, (a, sessionKey) => sessionIdentifier(a, { sessionKey }));
  const identifier = Uint8Array.from(derived);
  wipe(derived);
  return identifier;
}

/** Exports from what `reveal` answers, a copy of 48 octets that is wiped before each call returns. */
export function exporterOf(suite: Suite, role: Role, reveal: () => Bytes): Exporter {
  function exportKey(label: string, context: Bytes, length: number): Bytes {
    checkExport(label, length);
    return derive(suite, reveal, (a, sessionKey) => exported(a, { sessionKey, label: a.text(label), context, length }));
  }

  function exportPair(label: string, context: Bytes, length: number): DirectionalKeys {
    checkExport(label, length);
    const sentBy = (sender: Role): Bytes =>
      derive(suite, reveal, (a, sessionKey) => {
        const lengthOctets = a.concat(a.octet(length >>> 8), a.octet(length & 0xff));
        const named = { label: a.text(label), context, sender: a.text(sender), lengthOctets, length };
        return directionalExport(a, { sessionKey, ...named });
      });
    return { send: sentBy(role), receive: sentBy(otherRole(role)) };
  }

  return { export: exportKey, exportPair };
}
