// The derivation on octets, for one suite; and the account of the secrets that were made, so that they can be wiped.
import { joinedSecrets, secretCopy, secretOctets, wipe } from '../crypto/secret.ts';
import type { Suite } from '../crypto/suite.ts';
import type { KemSizes } from '../generated/codec.ts';
import type { Bytes } from '../octets.ts';
import { encode, encodeData } from '../wire/frame.ts';
import type { DecapsulationKey } from './algebra.ts';
import type { Derivation } from './derivation.ts';

type Secret = Bytes | DecapsulationKey<Bytes>;

/** The derivation on octets, and the secrets that it handed out. */
export interface BytesDerivation {
  readonly derivation: Derivation<Bytes>;
  /** Puts a secret that was made elsewhere on the account, and answers it. */
  readonly secret: <T extends Secret>(value: T) => T;
  /**
   * Wipes every secret on the account, save those given: the ones that the next state, or the released session, still
   * holds. So nothing outlives the state that it belonged to.
   */
  readonly retain: (secrets: readonly Secret[]) => void;
}

function asciiOctets(ascii: string): Bytes {
  const octets = new Uint8Array(ascii.length);
  for (let at = 0; at < ascii.length; at += 1) octets[at] = ascii.charCodeAt(at);
  return octets;
}

function bigEndian(value: number, count: number): Bytes {
  if (value >= 256 ** count) throw new RangeError(`a length of ${value} does not fit into ${count} octets`);
  return Uint8Array.from({ length: count }, (_, at) => Math.floor(value / 256 ** (count - 1 - at)));
}

/** Octets of the length in front of what is padded. */
export const padLengthOctets = 4;

function padded(octets: Bytes, multiple: number): Bytes {
  const filled = Math.ceil((padLengthOctets + octets.length) / multiple) * multiple;
  const whole = secretOctets(filled);
  whole.set(bigEndian(octets.length, padLengthOctets));
  whole.set(octets, padLengthOctets);
  return whole;
}

/** Copies, no views: a part is wiped when it is not needed, whatever happens to the whole. */
function slices(octets: Bytes, lengths: readonly number[]): Bytes[] {
  let offset = 0;
  return lengths.map((length) => {
    offset += length;
    return secretCopy(octets, offset - length, offset);
  });
}

/** The derivation with the hash, MAC and HKDF of a suite, and messages with the sizes of its KEM, or others. No account is shared between two of them. */
export function bytesDerivation(suite: Suite, sizes: KemSizes = suite.algorithms.kem): BytesDerivation {
  let secrets: Secret[] = [];

  function secret<T extends Secret>(value: T): T {
    secrets.push(value);
    return value;
  }

  function retain(kept: readonly Secret[]): void {
    for (const one of secrets) {
      if (kept.includes(one)) continue;
      if (one instanceof Uint8Array) wipe(one);
      else one.wipe();
    }
    secrets = secrets.filter((one) => kept.includes(one));
  }

  const derivation: Derivation<Bytes> = {
    empty: new Uint8Array(0),
    text: asciiOctets,
    octet: (value) => Uint8Array.of(value),
    concat: (...parts) => secret(joinedSecrets(parts)),
    hash: suite.hash,
    mac: ({ key, message }) => suite.mac(key, message),
    extract: ({ salt, ikm }) => secret(suite.extract(salt, ikm)),
    expand: ({ prk, info, length }) => secret(suite.expand(prk, info, length)),
    cut: (octets, lengths) => slices(octets, lengths).map(secret),
    length: (octets, count) => bigEndian(octets.length, count),
    pad: (octets, multiple) => secret(padded(octets, multiple)),
    message: (message) => encode(message, sizes),
    data: encodeData,
  };
  return { derivation, secret, retain };
}
