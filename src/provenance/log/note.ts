// Signed notes (C2SP signed-note): a text, and lines with signatures by named keys.

import { fromBase64, toBase64 } from '../../base64.ts';
import { passed, refused } from '../../failure.ts';
import { type Bytes, concat, toHex } from '../../octets.ts';
import type { Judged } from '../contract.ts';
import { logBounds } from './bounds.ts';
import type { LogCode } from './codes.ts';

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

export const utf8 = (text: string): Bytes => encoder.encode(text);

/** The text of octets; `undefined` for what is not UTF-8. */
export function textOf(octets: Bytes): string | undefined {
  try {
    return decoder.decode(octets);
  } catch {
    return undefined;
  }
}

/** One signature of a note. Nothing of it is trusted. */
export interface NoteSignature {
  readonly name: string;
  /** The key ID: 8 hexadecimal digits in small letters. */
  readonly id: string;
  /** What follows the key ID. */
  readonly signature: Bytes;
}

/** A note that was read, before any signature is verified. */
export interface Note {
  /** Ends with a line feed. */
  readonly text: string;
  readonly signatures: readonly NoteSignature[];
}

const idOctets = 4;
const lineStart = '\u2014 ';
const notInNames = /[\p{White_Space}+]/u;

/** Whether a text may be the name of a key: not empty, no space, no plus, at most 255 octets. */
export const isKeyName = (name: string): boolean =>
  name !== '' && !notInNames.test(name) && utf8(name).length <= logBounds.name;

function readSignature(line: string, at: number): Judged<NoteSignature, LogCode> {
  const malformed = (reason: string): Judged<never, LogCode> =>
    refused('log-note-malformed', `signature ${at + 1}: ${reason}`);
  if (!line.startsWith(lineStart)) return malformed('expected an em dash and a space at the start of its line');
  const [name = '', base64 = '', ...more] = line.slice(lineStart.length).split(' ');
  if (more.length > 0 || !isKeyName(name)) return malformed('expected a name without spaces and plus, and base64');
  const octets = fromBase64(base64);
  if (octets === undefined || octets.length <= idOctets)
    return malformed('expected base64 of a key ID and a signature');
  return passed({ name, id: toHex(octets.subarray(0, idOctets)), signature: octets.slice(idOctets) });
}

/** Reads a signed note strictly. Never throws. */
export function parseNote(octets: Bytes): Judged<Note, LogCode> {
  if (octets.length > logBounds.note)
    return refused('log-note-malformed', `${octets.length} octets; at most ${logBounds.note} are read`);
  const whole = textOf(octets);
  if (whole === undefined) return refused('log-note-malformed', 'not UTF-8');
  if (octets.some((octet) => octet < 0x20 && octet !== 0x0a))
    return refused('log-note-malformed', 'a control character that is no line feed');
  const blank = whole.lastIndexOf('\n\n');
  if (blank < 0 || !whole.endsWith('\n'))
    return refused('log-note-malformed', 'expected a text, an empty line, and lines with signatures');
  const lines = whole.slice(blank + 2, -1).split('\n');
  if (lines.length > logBounds.signatures)
    return refused('log-note-malformed', `${lines.length} signatures; at most ${logBounds.signatures} are read`);
  const signatures: NoteSignature[] = [];
  for (const [at, line] of lines.entries()) {
    const signature = readSignature(line, at);
    if (!signature.ok) return signature;
    signatures.push(signature.value);
  }
  return passed({ text: whole.slice(0, blank + 1), signatures });
}

/** The line of a signature, with its line feed. */
const formatSignature = ({ name, id, signature }: NoteSignature): string =>
  `${lineStart}${name} ${toBase64(concat(idOf(id), signature))}\n`;

const idOf = (id: string): Bytes =>
  Uint8Array.from({ length: idOctets }, (_, i) => Number.parseInt(id.slice(2 * i, 2 * i + 2), 16));

/** The octets of a note. */
export const formatNote = ({ text, signatures }: Note): Bytes =>
  utf8(`${text}\n${signatures.map(formatSignature).join('')}`);
