// Keys of logs and witnesses, as C2SP signed-note writes them (vkeys), and how their signatures are verified (C2SP tlog-cosignature).
import { match } from 'ts-pattern';
import { fromBase64, toBase64 } from '../../base64.ts';
import { sha256 } from '../../crypto/sha256.ts';
import { passed, refused } from '../../failure.ts';
import { type Bytes, concat, toHex } from '../../octets.ts';
import type { Judged } from '../contract.ts';
import { algorithmTable, mlDsa44Algorithm } from '../signature/algorithms.ts';
import { logBounds } from './bounds.ts';
import type { LogCode } from './codes.ts';
import { isKeyName, utf8 } from './note.ts';

/** What a key signs, and how: ML-DSA-44 cosignatures, Ed25519 over the text of a note, Ed25519 cosignatures. */
export type NoteKeyType = 'ml-dsa-44' | 'ed25519' | 'ed25519-cosignature';

const { publicKey, signature } = algorithmTable.ed25519;
const ed25519 = { publicKey, signature: signature[1] };

/** The signature type identifier octets of C2SP signed-note, and octets of public keys and of signatures without their timestamps. */
export const keyTypes: Readonly<
  Record<NoteKeyType, { readonly octet: number; readonly publicKey: number; readonly signature: number }>
> = {
  'ml-dsa-44': { octet: 0x06, publicKey: mlDsa44Algorithm.publicKey, signature: mlDsa44Algorithm.signature },
  ed25519: { octet: 0x01, ...ed25519 },
  'ed25519-cosignature': { octet: 0x04, ...ed25519 },
};

/** The key of a log or a witness. Name and ID together name it in notes. */
export interface NoteKey {
  readonly name: string;
  /** 8 hexadecimal digits in small letters. */
  readonly id: string;
  readonly type: NoteKeyType;
  readonly publicKey: Bytes;
}

/** Verifies signatures with the empty context and without a hash before. Without `ed25519`, keys of that kind are refused. */
export interface NoteSchemes {
  readonly mlDsa44: (publicKey: Bytes, message: Bytes, signature: Bytes) => boolean;
  readonly ed25519?: (publicKey: Bytes, message: Bytes, signature: Bytes) => boolean;
}

/** SHA-256(name || 0x0A || type || public key), its first four octets. */
const keyId = (name: string, typed: Bytes): string => toHex(sha256(utf8(`${name}\n`), typed).subarray(0, 4));

const typedKey = (type: NoteKeyType, publicKey: Bytes): Bytes => concat(Uint8Array.of(keyTypes[type].octet), publicKey);

/** The key of a log or witness with ML-DSA-44. @throws RangeError for a name that no key may have */
export function noteKey(name: string, publicKey: Bytes): NoteKey {
  if (!isKeyName(name))
    throw new RangeError(`${name}: expected a name of 1 to ${logBounds.name} octets without spaces and plus`);
  return { name, id: keyId(name, typedKey('ml-dsa-44', publicKey)), type: 'ml-dsa-44', publicKey };
}

/** The vkey: `<name>+<ID>+<base64 of type and public key>`. */
export const formatVerifierKey = ({ name, id, type, publicKey }: NoteKey): string =>
  `${name}+${id}+${toBase64(typedKey(type, publicKey))}`;

const typeOf = (octet: number | undefined): NoteKeyType | undefined =>
  (Object.keys(keyTypes) as NoteKeyType[]).find((type) => keyTypes[type].octet === octet);

/** Reads a vkey strictly: its ID must be the one that its name and key have. Never throws. */
export function parseVerifierKey(text: string): Judged<NoteKey, LogCode> {
  const malformed = (reason: string): Judged<never, LogCode> => refused('log-key-malformed', reason);
  if (text.length > logBounds.verifierKey) return malformed(`more than ${logBounds.verifierKey} characters`);
  const [name = '', id = '', ...rest] = text.split('+'); // base64 may have more of them
  const typed = fromBase64(rest.join('+'));
  if (!isKeyName(name) || typed === undefined)
    return malformed('expected NAME+ID+KEY: a name, 8 hexadecimal digits, and base64');
  const type = typeOf(typed[0]);
  if (type === undefined)
    return malformed(
      `${name}: keys of type 0x${toHex(typed.subarray(0, 1))} are not used here; expected 0x06 (ML-DSA-44), 0x01 or 0x04 (Ed25519)`,
    );
  const publicKey = typed.slice(1);
  const { publicKey: length } = keyTypes[type];
  if (publicKey.length !== length)
    return malformed(`${name}: a key of ${publicKey.length} octets; expected ${length} for ${type}`);
  const expected = keyId(name, typed);
  return id === expected
    ? passed({ name, id, type, publicKey })
    : malformed(`${name}: its ID is not that of name and key; expected ${expected}`);
}

/** For people and records: the name, the ID and the kind of a key. */
export const describeKey = ({ name, id, type }: NoteKey): string => `${name} (${id}, ${type})`;

/** Verifies a signature by the scheme of a key. */
export const verifyBy = (
  schemes: NoteSchemes,
  { type, publicKey }: NoteKey,
  message: Bytes,
  signature: Bytes,
): boolean =>
  signature.length === keyTypes[type].signature &&
  match(type)
    .with('ml-dsa-44', () => schemes.mlDsa44(publicKey, message, signature))
    .with('ed25519', 'ed25519-cosignature', () => schemes.ed25519?.(publicKey, message, signature) ?? false)
    .exhaustive();
