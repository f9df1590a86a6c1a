// Certificates and lists of the chains: issued by the library with deterministic signatures, then edited in DER.

import { ml_dsa87 } from '@noble/post-quantum/ml-dsa.js';
import {
  type AuthorityLimits,
  createIntermediate,
  createTrustAnchor,
  issueCertificate,
} from '../../certificate/issue/issue.ts';
import { issueCrl } from '../../certificate/issue/issueCrl.ts';
import { noble } from '../../crypto/noble.ts';
import type { Suite } from '../../crypto/suite.ts';
import { inside, octetsOf, only, tags } from '../../der/der.ts';
import { type Bytes, toHex } from '../../octets.ts';
import { at, edit, paths, tlv } from './fixtures.ts';

export const notBefore = new Date('2026-01-01T00:00:00Z');
export const notAfter = new Date('2026-12-31T23:59:59Z');
export const time = new Date('2026-06-01T12:00:00Z');

/** Octets that depend on a label alone. */
export const octetsFor = (label: string, length: number): Bytes =>
  noble.expand(noble.hash(Buffer.from(label)), Buffer.from('chains'), length);

/** Signs without hedging (FIPS 204, algorithm 2, `rnd` zero), so that the same certificates come out each time. */
export function signed(seed: Bytes, message: Bytes, context?: Bytes): Bytes {
  const { secretKey } = keysOf(seed);
  return ml_dsa87.sign(message, secretKey, { extraEntropy: false, ...(context && { context }) });
}

const keys = new Map<string, ReturnType<typeof ml_dsa87.keygen>>();

function keysOf(seed: Bytes): ReturnType<typeof ml_dsa87.keygen> {
  const name = toHex(seed);
  const pair = keys.get(name) ?? ml_dsa87.keygen(seed);
  keys.set(name, pair);
  return pair;
}

export const suite: Suite = {
  ...noble,
  sign: (seed, message) => signed(seed, message),
  signaturePublicKey: (seed) => keysOf(seed).publicKey,
};

/** An authority with its key. */
export interface Issuing {
  readonly der: Bytes;
  readonly seed: Bytes;
}

/** Sixteen octets, positive. */
export function serialFor(label: string): Bytes {
  const serial = octetsFor(`serial ${label}`, 16);
  serial[0] = ((serial[0] ?? 0) & 0x3f) | 0x40;
  return serial;
}

type Extra = AuthorityLimits & {
  readonly notBefore?: Date;
  readonly notAfter?: Date;
  readonly organization?: string;
  /** The label that the key comes from; default the name. */
  readonly key?: string;
};

/** A self-signed authority. */
export function root(name: string, { key = name, ...extra }: Extra = {}): Issuing {
  const seed = octetsFor(`key ${key}`, 32);
  const serialNumber = serialFor(`${name} ${key}`);
  return { der: createTrustAnchor({ suite, name, seed, serialNumber, notBefore, notAfter, ...extra }), seed };
}

/** An authority under another one. With `under`, it has what the issuer's limits would refuse. */
export function below(issuing: Issuing, name: string, { key = name, ...extra }: Extra = {}): Issuing {
  const seed = octetsFor(`key ${key}`, 32);
  const common = { suite, name, serialNumber: serialFor(`${name} ${key}`), notBefore, notAfter, ...extra };
  const publicKey = suite.signaturePublicKey(seed);
  return { der: createIntermediate({ ...common, issuer: issuing.der, issuerSeed: issuing.seed, publicKey }), seed };
}

type Leaf = Partial<Omit<Parameters<typeof issueCertificate>[0], 'suite' | 'issuer' | 'issuerSeed'>>;

const { encapsulationKey } = suite.generateKemKey(octetsFor('key of the peer', 64));

/** The certificate of a peer. */
export function leaf(issuing: Issuing, options: Leaf = {}): Bytes {
  const common = {
    suite,
    name: 'peer',
    uris: ['https://peer.example.org/agent'],
    encapsulationKey,
    notBefore,
    notAfter,
  };
  const serialNumber = serialFor('peer');
  return issueCertificate({ ...common, serialNumber, issuer: issuing.der, issuerSeed: issuing.seed, ...options });
}

type List = Partial<Omit<Parameters<typeof issueCrl>[0], 'suite' | 'issuer' | 'issuerSeed'>>;

export const listUpdates = {
  thisUpdate: new Date('2026-05-30T00:00:00Z'),
  nextUpdate: new Date('2026-06-06T00:00:00Z'),
};

/** A revocation list; it revokes nothing unless told. */
export const list = (issuing: Issuing, options: List = {}): Bytes =>
  issueCrl({
    suite,
    issuer: issuing.der,
    issuerSeed: issuing.seed,
    revoked: [],
    crlNumber: 1,
    ...listUpdates,
    ...options,
  });

/** An entry that revokes a serial number. */
export const entry = (serialNumber: Bytes, reason?: 'keyCompromise' | 'certificateHold') => ({
  serialNumber,
  date: new Date('2026-05-29T08:00:00Z'),
  reason,
});

/** Signs an edited certificate or list anew. */
export const resigned = (der: Bytes, seed: Bytes, context?: Bytes): Bytes =>
  edit(der, [2], () => tlv(tags.bitString, Uint8Array.of(0), signed(seed, at(der, [0]), context)));

/** Edits an element of a certificate or list, and signs the whole anew. */
export const edited = (der: Bytes, seed: Bytes, path: readonly number[], change: (element: Bytes) => Bytes): Bytes =>
  resigned(edit(der, path, change), seed);

/** An authority with an edited detail that the library would not issue. */
export const editedAuthority = (
  { der, seed }: Issuing,
  by: Issuing,
  path: readonly number[],
  change: (element: Bytes) => Bytes,
): Issuing => ({ der: edited(der, by.seed, path, change), seed });

/** Edits the list of elements of a SEQUENCE. */
export const elements =
  (change: (parts: readonly Bytes[]) => readonly Bytes[]) =>
  (element: Bytes): Bytes =>
    tlv(tags.sequence, ...change(inside(only(element, tags.sequence, 'edited')).map(octetsOf)));

const isExtension = (identifier: Bytes) => (part: Bytes) =>
  Buffer.from(part)
    .subarray(0, 16)
    .includes(Buffer.from([0x06, identifier.length, ...identifier]));

/** Leaves one extension out, and puts others at the end. */
export const extensions = (options: { readonly without?: Bytes; readonly with?: readonly Bytes[] }) =>
  elements((parts) => [
    ...parts.filter((part) => options.without === undefined || !isExtension(options.without)(part)),
    ...(options.with ?? []),
  ]);

/** Paths of a certificate, and of a list with entries or without. */
export const certificatePaths = paths;
export const listPaths = {
  version: [0, 0],
  innerAlgorithm: [0, 1],
  nextUpdate: [0, 4],
  entries: [0, 5],
  /** Paths of a list without entries. */
  extensions: [0, 5, 0],
} as const;
