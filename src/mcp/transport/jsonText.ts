// The JSON of messages, read strictly.
import { type Checked, refused } from '../../failure.ts';
import { type ReadJson, readJson } from '../../json/readJson.ts';
import type { FramingCode } from './framingError.ts';

/** Levels of arrays and objects in a message, as a rule fewer than ten. */
export const deepest = 64;

/** Reads the JSON of a message: see `readJson`. */
export function readMessageJson(octets: Uint8Array): Checked<ReadJson, FramingCode> {
  const read = readJson(octets, deepest);
  if (read.ok) return read;
  const code = read.code === 'too-many-values' ? 'too-long' : read.code; // no bound is given
  return refused(`message-${code}`, read.detail);
}
