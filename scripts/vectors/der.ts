// DER taken apart and put together again, rightly or wrongly: for vectors and tests of certificates.
import { inside, octetsOf, only, tags } from '../../src/certificate/der.ts';
import type { Suite } from '../../src/crypto/suite.ts';

type Bytes = Uint8Array;

const hex = (digits: string): Bytes => Uint8Array.from(Buffer.from(digits, 'hex'));

/** An element in DER. */
export function tlv(tag: number, ...contents: readonly Bytes[]): Bytes {
  const body = Buffer.concat(contents);
  const length =
    body.length < 0x80
      ? [body.length]
      : body.length < 0x100
        ? [0x81, body.length]
        : [0x82, body.length >> 8, body.length & 0xff];
  return Uint8Array.from([tag, ...length, ...body]);
}

/** Indices from the outermost element inwards. */
export type Path = readonly number[];

/** Replaces the element at the path by the octets that `change` answers; all lengths around it are put right. */
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

/** Replaces one octet of the element at the path, counted from its identifier. */
export const poke = (der: Bytes, path: Path, index: number, octet: number): Bytes =>
  edit(der, path, (element) => element.with(index, octet));

/** Signs an edited certificate again, so that only the edit can be what is refused. */
export const signedAgain = (suite: Suite, seed: Bytes, der: Bytes): Bytes =>
  edit(der, [2], () => tlv(tags.bitString, Uint8Array.of(0), suite.sign(seed, at(der, [0]))));

/** Paths of what is edited. */
export const paths = {
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

const booleanTrue = hex('0101ff');

/** An extension in DER. */
export const extension = (identifier: Bytes, contents: Bytes, critical = false): Bytes =>
  tlv(
    tags.sequence,
    tlv(tags.objectIdentifier, identifier),
    ...(critical ? [booleanTrue] : []),
    tlv(tags.octetString, contents),
  );

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
