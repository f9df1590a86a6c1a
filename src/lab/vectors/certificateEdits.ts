// Edits of certificates for vectors and tests.

import type { Suite } from '../../crypto/suite.ts';
import { tags } from '../../der/der.ts';
import { type Bytes, fromHex } from '../../octets.ts';
import { at, edit, extension, type Path, paths, tlv } from '../conformance/derEdits.ts';

export { at, edit, extension, type Path, paths, tlv };

/** Replaces one octet of the element at the path, counted from its identifier. */
export const poke = (der: Bytes, path: Path, index: number, octet: number): Bytes =>
  edit(der, path, (element) => element.with(index, octet));

/** Changes every bit of one octet of the element at the path: another octet, whatever it was. */
export const flip = (der: Bytes, path: Path, index: number): Bytes =>
  edit(der, path, (element) => element.with(index, (element[index] ?? 0) ^ 0xff));

/** Signs an edited certificate again: then only the edit can be the reason of a refusal. */
export const signedAgain = (suite: Suite, seed: Bytes, der: Bytes): Bytes =>
  edit(der, [2], () => tlv(tags.bitString, Uint8Array.of(0), suite.sign(seed, at(der, [0]))));

/** Object identifiers of extensions, as contents octets. */
export const identifiers = {
  subjectKeyIdentifier: fromHex('551d0e'),
  keyUsage: fromHex('551d0f'),
  subjectAlternativeName: fromHex('551d11'),
  basicConstraints: fromHex('551d13'),
  nameConstraints: fromHex('551d1e'),
  authorityKeyIdentifier: fromHex('551d23'),
} as const;

export const keyEncipherment = extension(identifiers.keyUsage, fromHex('03020520'), true);
