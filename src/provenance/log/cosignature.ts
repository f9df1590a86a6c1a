// Cosignatures of checkpoints (C2SP tlog-cosignature), made with ML-DSA-44, and verified with the kinds of keys of keys.ts.
import { match } from 'ts-pattern';
import { passed, refused } from '../../failure.ts';
import { type Bytes, concat } from '../../octets.ts';
import type { Judged } from '../contract.ts';
import type { Checkpoint } from './checkpoint.ts';
import type { LogCode } from './codes.ts';
import { describeKey, type NoteKey, type NoteSchemes, noteKey, verifyBy } from './keys.ts';
import type { Tree } from './merkle.ts';
import { type NoteSignature, utf8 } from './note.ts';

/** An ML-DSA-44 key that signs as a log or as a witness, as a capability: it may stand in a device. */
export interface Cosigner {
  readonly name: string;
  /** 1312 octets. */
  readonly publicKey: Bytes;
  /** ML-DSA-44 (FIPS 204) with the empty context: 2420 octets. */
  readonly sign: (message: Bytes) => Bytes;
}

const timestampOctets = 8;
/** The most seconds since 1970 that a `Date` holds. Later times are no times of a signature. */
const latest = 8_640_000_000_000;

function uint64(value: number): Bytes {
  const octets = new Uint8Array(timestampOctets);
  new DataView(octets.buffer).setBigUint64(0, BigInt(value));
  return octets;
}

/** opaque<1..2^8-1>. @throws RangeError */
function prefixed(text: string): Bytes {
  const octets = utf8(text);
  if (octets.length < 1 || octets.length > 0xff) throw new RangeError(`${text}: expected 1 to 255 octets`);
  return concat(Uint8Array.of(octets.length), octets);
}

/**
 * The `cosigned_message` of a whole tree, which ML-DSA-44 signs: the label `subtree/v1`, line feed and zero; name of the cosigner, timestamp,
 * origin, start (0), end (the size), root. @param timestamp - seconds since 1970; 0 says nothing of a time
 * @throws RangeError for a name or origin without octets, or with more than 255
 */
export const cosignedMessage = (name: string, timestamp: number, origin: string, { size, root }: Tree): Bytes =>
  concat(utf8('subtree/v1\n\0'), prefixed(name), uint64(timestamp), prefixed(origin), uint64(0), uint64(size), root);

/** Cosigns a tree of a log. A log signs with timestamp 0, a witness with the time. @throws RangeError as cosignedMessage */
export function cosign(cosigner: Cosigner, origin: string, tree: Tree, timestamp: number): NoteSignature {
  const { name, id } = noteKey(cosigner.name, cosigner.publicKey);
  const signature = cosigner.sign(cosignedMessage(name, timestamp, origin, tree));
  return { name, id, signature: concat(uint64(timestamp), signature) };
}

/** The header and the time, before the text of the checkpoint. */
const ed25519Message = (timestamp: number, text: string): Bytes => utf8(`cosignature/v1\ntime ${timestamp}\n${text}`);

function timestampOf(signature: Bytes): number | undefined {
  if (signature.length <= timestampOctets) return undefined;
  const seconds = new DataView(signature.buffer, signature.byteOffset).getBigUint64(0);
  return seconds <= BigInt(latest) ? Number(seconds) : undefined;
}

/** The seconds since 1970 of a signature that verifies, 0 where it states no time; `undefined` when it does not verify. */
function timeOf(schemes: NoteSchemes, key: NoteKey, checkpoint: Checkpoint, signature: Bytes): number | undefined {
  const { origin, text } = checkpoint;
  if (key.type === 'ed25519') return verifyBy(schemes, key, utf8(text), signature) ? 0 : undefined;
  const timestamp = timestampOf(signature);
  if (timestamp === undefined) return undefined;
  const message = match(key.type)
    .with('ml-dsa-44', () => cosignedMessage(key.name, timestamp, origin, checkpoint))
    .with('ed25519-cosignature', () => ed25519Message(timestamp, text))
    .exhaustive();
  return verifyBy(schemes, key, message, signature.subarray(timestampOctets)) ? timestamp : undefined;
}

/** When each key signed, in seconds since 1970; 0 where it states no time. */
export type Signed = ReadonlyMap<NoteKey, number>;

/** The earlier of two times; 0 is none. */
const earliest = (one: number, other = 0): number => (one === 0 || other === 0 ? one + other : Math.min(one, other));

/**
 * Verifies the signatures of known keys. Those of others are ignored, also when they share a name or an ID with a known key. One of a known
 * key that does not verify refuses the checkpoint. Of several of one key the earliest time counts.
 */
export function verifySignatures(
  schemes: NoteSchemes,
  checkpoint: Checkpoint,
  keys: readonly NoteKey[],
): Judged<Signed, LogCode> {
  const signed = new Map<NoteKey, number>();
  for (const { name, id, signature } of checkpoint.signatures) {
    for (const key of keys) {
      if (key.name !== name || key.id !== id) continue;
      const time = timeOf(schemes, key, checkpoint, signature);
      if (time === undefined)
        return refused('log-signature-invalid', `the signature of ${describeKey(key)} does not verify`);
      signed.set(key, earliest(time, signed.get(key)));
    }
  }
  return passed(signed);
}
