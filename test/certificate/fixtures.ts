// Certificates, and DER to take them apart and put them together again, rightly or wrongly.
import crypto from 'node:crypto';
import { inside, octetsOf, only, tags } from '../../src/certificate/der.ts';
import { createTrustAnchor, issueCertificate } from '../../src/certificate/issue.ts';
import { parseTrustAnchor, type TrustAnchor } from '../../src/certificate/trustAnchor.ts';
import { native } from '../../src/crypto/native.ts';
import { noble } from '../../src/crypto/noble.ts';
import type { Suite } from '../../src/crypto/suite.ts';
import type { Checked } from '../../src/failure.ts';

type Bytes = Uint8Array;

export const platform = native(crypto);
export const suites: readonly Suite[] = [noble, platform];

export const octets = (length: number, start = 0): Bytes =>
  Uint8Array.from({ length }, (_, i) => (start + 7 * i) & 0xff);
export const hex = (text: string): Bytes => Uint8Array.from(Buffer.from(text.replaceAll(' ', ''), 'hex'));

export const authoritySeed = octets(32, 3);
export const peerSeed = octets(64, 5);
export const notBefore = new Date('2026-01-01T00:00:00Z');
export const notAfter = new Date('2026-12-31T23:59:59Z');
export const during = new Date('2026-06-01T12:00:00Z');
export const uri = 'https://bob.example/agent';

/** The certificate of an authority. */
export const authority = (
  suite: Suite = platform,
  options: Partial<Parameters<typeof createTrustAnchor>[0]> = {},
): Bytes =>
  createTrustAnchor({
    ...{ suite, name: 'PQuAKE CA', seed: authoritySeed, serialNumber: octets(16, 1), notBefore, notAfter },
    ...options,
  });

/** The certificate of a peer under it. */
export const peer = (suite: Suite = platform, options: Partial<Parameters<typeof issueCertificate>[0]> = {}): Bytes =>
  issueCertificate({
    ...{ suite, issuer: authority(suite), issuerSeed: authoritySeed, name: 'bob', uris: [uri] },
    ...{
      encapsulationKey: suite.generateKemKey(peerSeed).encapsulationKey,
      serialNumber: octets(16, 0x41),
      notBefore,
      notAfter,
    },
    ...options,
  });

/** The value that a guard let through. */
export function value<T>(checked: Checked<T>): T {
  if (!checked.ok) throw new Error(`${checked.code}: ${checked.detail}`);
  return checked.value;
}

/** The code with which a guard refused, with its detail. */
export const refusal = (checked: Checked<unknown>): string =>
  checked.ok ? 'ok' : `${checked.code}: ${checked.detail ?? ''}`;

export const anchor = (suite: Suite = platform, der: Bytes = authority(suite)): TrustAnchor =>
  value(parseTrustAnchor(suite, der));

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
export const resigned = (der: Bytes, seed: Bytes = authoritySeed): Bytes =>
  edit(der, [2], () => tlv(tags.bitString, Uint8Array.of(0), platform.sign(seed, at(der, [0]))));

/** Paths of what the tests edit. */
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

/** Puts other extensions in the place of those of a certificate, and signs it again. */
export const withExtensions = (der: Bytes, extensions: readonly Bytes[], seed?: Bytes): Bytes =>
  resigned(
    edit(der, paths.extensions, () => tlv(tags.sequence, ...extensions)),
    seed,
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
