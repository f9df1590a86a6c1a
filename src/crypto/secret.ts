import type { Bytes } from '../octets.ts';

/** Overwrites secret octets with zeros. Copies that the engine made of them are beyond JavaScript. */
export function wipe(...secrets: readonly Uint8Array[]): void {
  for (const secret of secrets) secret.fill(0);
}

/** Whether all octets are one value, as those of a secret are that was wiped or never set. The time depends on the length only. */
export function isConstant(octets: Uint8Array): boolean {
  let differences = 0;
  for (const octet of octets) differences |= octet ^ (octets[0] ?? 0);
  return differences === 0;
}

/**
 * Zeros that a secret goes into. The array has an ArrayBuffer of its own: V8 keeps short arrays without one (up to 64 octets)
 * on its heap, and leaves their octets behind when it moves them, or when a view of them is asked for.
 */
export const secretOctets = (length: number): Uint8Array<ArrayBuffer> => new Uint8Array(new ArrayBuffer(length));

/** A copy of secret octets; no view, as a view would be wiped with what it shows, and keep it alive. */
export function secretCopy(octets: Bytes, start = 0, end = octets.length): Uint8Array<ArrayBuffer> {
  const copy = secretOctets(end - start);
  for (let at = start; at < end; at += 1) copy[at - start] = octets[at] ?? 0; // a loop, as `subarray` would leave the octets behind
  return copy;
}

/** The octets of all parts, one after the other: secret as soon as one of them is. */
export function joinedSecrets(parts: readonly Bytes[]): Uint8Array<ArrayBuffer> {
  let octets = 0;
  for (const part of parts) octets += part.length;
  const whole = secretOctets(octets);
  let offset = 0;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.length;
  }
  return whole;
}

/** Moves secret octets out of what a library made them in, which is wiped. */
export function moved(octets: Bytes): Uint8Array<ArrayBuffer> {
  const mine = secretOctets(octets.length);
  mine.set(octets);
  wipe(octets);
  return mine;
}

/** A secret that is made once, kept, and answered in copies until it is wiped. */
export function keptSecret(): { readonly get: (make: () => Bytes) => Bytes; readonly wipe: () => void } {
  let kept: Bytes | undefined;
  return {
    get: (make) => {
      kept ??= make();
      return secretCopy(kept);
    },
    wipe: () => {
      if (kept !== undefined) wipe(kept);
      kept = undefined;
    },
  };
}

/** Secret octets that no log, error, JSON or inspection shows (PQ-P-11). */
export interface Concealed {
  /** A copy of the octets: the caller's to guard and to wipe. @throws TypeError once they were wiped */
  readonly reveal: () => Bytes;
  /** Overwrites the octets with zeros; nothing can be revealed afterwards. Copies that were revealed stay as they are. */
  readonly wipe: () => void;
  readonly toString: () => string;
  readonly toJSON: () => string;
}

/** Conceals a copy of octets: it stands in a closure, so that printing the object shows only how many they are. */
export function conceal(octets: Bytes): Concealed {
  const concealed = secretCopy(octets);
  let wiped = false;
  const shown = (): string => `[secret, ${concealed.length} octets${wiped ? ', wiped' : ''}]`;
  return Object.freeze({
    reveal: () => {
      if (wiped) throw new TypeError('the secret was wiped');
      return secretCopy(concealed);
    },
    wipe: () => {
      wiped = true;
      wipe(concealed);
    },
    toString: shown,
    toJSON: shown,
    [Symbol.for('nodejs.util.inspect.custom')]: shown,
  });
}
