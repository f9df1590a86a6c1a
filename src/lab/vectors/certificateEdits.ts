// Edits of certificates for vectors and tests.

import type { Suite } from '../../crypto/suite.ts';
import { tags } from '../../der/der.ts';
import { at, edit, extension, type Path, paths, tlv } from '../conformance/derEdits.ts';

type Bytes = Uint8Array;

export { at, edit, extension, type Path, paths, tlv };

const hex = (digits: string): Bytes => Uint8Array.from(Buffer.from(digits, 'hex'));

/** Replaces one octet of the element at the path, counted from its identifier. */
export const poke = (der: Bytes, path: Path, index: number, octet: number): Bytes =>
  edit(der, path, (element) => element.with(index, octet));

/** Signs an edited certificate again: then only the edit can be the reason of a refusal. */
export const signedAgain = (suite: Suite, seed: Bytes, der: Bytes): Bytes =>
  edit(der, [2], () => tlv(tags.bitString, Uint8Array.of(0), suite.sign(seed, at(der, [0]))));

/** Object identifiers of extensions, as contents octets. */
export const identifiers = {
  subjectKeyIdentifier: hex('551d0e'),
  keyUsage: hex('551d0f'),
  subjectAlternativeName: hex('551d11'),
  basicConstraints: hex('551d13'),
  nameConstraints: hex('551d1e'),
  authorityKeyIdentifier: hex('551d23'),
} as const;

export const keyEncipherment = extension(identifiers.keyUsage, hex('03020520'), true);
