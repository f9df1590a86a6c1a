// DER taken apart and put together again, rightly or wrongly.

import { inside, octetsOf, only, tags } from '../../der/der.ts';
import { element as tlv } from '../../der/element.ts';
import type { Bytes } from '../../octets.ts';

export { tlv };

/** Indices from the outermost element inwards. */
export type Path = readonly number[];

/** Replaces the element at the path by the octets that `change` returns, and corrects all lengths around it. */
export function edit(der: Bytes, path: Path, change: (element: Bytes) => Bytes): Bytes {
  const [index, ...deeper] = path;
  if (index === undefined) return change(der);
  const element = only(der, der[0] ?? 0, 'edited');
  const parts = inside(element).map((part, i) => (i === index ? edit(octetsOf(part), deeper, change) : octetsOf(part)));
  return tlv(element.tag, ...parts);
}

/** The element at the path. */
export function at(der: Bytes, path: Path): Bytes {
  let found = der;
  edit(der, path, (element) => {
    found = element;
    return element;
  });
  return found;
}

/** The paths of the fields of a certificate. */
export const paths = {
  toBeSigned: [0],
  version: [0, 0],
  serialNumber: [0, 1],
  innerAlgorithm: [0, 2],
  issuer: [0, 3],
  validity: [0, 4],
  notBefore: [0, 4, 0],
  notAfter: [0, 4, 1],
  subject: [0, 5],
  subjectPublicKey: [0, 6, 1],
  keyAlgorithm: [0, 6, 0],
  extensions: [0, 7, 0],
  outerAlgorithm: [1],
  signature: [2],
} as const satisfies Record<string, Path>;

/** The octets of the serial number of a certificate. */
export const serialNumberOf = (certificate: Bytes): Bytes =>
  only(at(certificate, paths.serialNumber), tags.integer, 'serial number').contents;

/** An AlgorithmIdentifier without parameters, from the contents of its identifier. */
export const algorithmIdentifier = (identifier: Bytes): Bytes =>
  tlv(tags.sequence, tlv(tags.objectIdentifier, identifier));

/** An extension. */
export const extension = (identifier: Bytes, value: Bytes, critical = false): Bytes =>
  tlv(
    tags.sequence,
    tlv(tags.objectIdentifier, identifier),
    ...(critical ? [Uint8Array.of(tags.boolean, 1, 0xff)] : []),
    tlv(tags.octetString, value),
  );
