// What is logged of a signed envelope: digests of its payload and its signature, and who signed it. spec/provenance/log.md
import { sha256 } from '../../crypto/sha256.ts';
import { passed, refused } from '../../failure.ts';
import { type Bytes, toHex } from '../../octets.ts';
import type { Judged, KeyReference, SignedEnvelope } from '../contract.ts';
import { logBounds } from './bounds.ts';
import type { LogCode } from './codes.ts';
import { utf8 } from './note.ts';

const digestOf = (octets: Bytes): string => toHex(sha256(octets));

/** The key: the hint of the bundle, or the digest of the certificate that signed. Each fixes the algorithm, as both hold it. */
function signerOf(reference: KeyReference): string | undefined {
  if (reference.by === 'key') return /^[0-9a-f]{64}$/.test(reference.hint) ? `key:${reference.hint}` : undefined;
  const [leaf] = reference.chain;
  return leaf && `certificate:${digestOf(leaf)}`;
}

/**
 * The entry of an envelope: one line of JSON without spaces and without a line feed, its members sorted by name. SHA-256 everywhere, in
 * hexadecimal digits. Nothing is verified.
 */
export function entryOf({ payloadType, payload, signature, reference }: SignedEnvelope): Judged<Bytes, LogCode> {
  const signer = signerOf(reference);
  if (signer === undefined)
    return refused(
      'log-entry-malformed',
      'the bundle names no key: expected a hint of 64 hexadecimal digits, or a chain of certificates',
    );
  const members = {
    format: 'pquake-model-log-entry',
    payload: digestOf(payload),
    payloadType,
    signature: digestOf(signature),
    signer,
    version: 1,
  };
  const entry = utf8(JSON.stringify(members));
  return entry.length <= logBounds.entry
    ? passed(entry)
    : refused('log-entry-malformed', `an entry of ${entry.length} octets; at most ${logBounds.entry} are logged`);
}
