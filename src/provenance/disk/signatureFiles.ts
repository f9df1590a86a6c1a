// The files of signatures beside a model: their names, and what is in them.
import { isAbsolute, join, relative, resolve, sep } from 'node:path';
import { ConfigurationError } from '../../configuration.ts';
import { readBounded } from '../../node/files/files.ts';
import type { Judged, SignedEnvelope } from '../contract.ts';
import { bundleLimits, decodeBundle } from '../signature/bundle.ts';
import type { SignatureCode } from '../signature/codes.ts';

const [ending, postQuantumEnding] = ['.sig', '.pq.sig'];

/** The names of the two signatures of a hybrid. */
export interface SignaturePair {
  readonly classical: string;
  readonly postQuantum: string;
}

/** The pair of a name that ends in `.sig` or `.pq.sig`; `undefined` for another name. */
function pairOf(file: string): SignaturePair | undefined {
  if (!file.endsWith(ending)) return undefined;
  const base = file.slice(0, -(file.endsWith(postQuantumEnding) ? postQuantumEnding : ending).length);
  return { classical: base + ending, postQuantum: base + postQuantumEnding };
}

/** The pair of a name. @throws ConfigurationError for a name that does not end in `.sig` */
export function requirePair(file: string): SignaturePair {
  const pair = pairOf(file);
  if (pair !== undefined) return pair;
  throw new ConfigurationError(
    `${file}: the name of a hybrid signature ends in ${ending}, so that its sibling is found`,
  );
}

/** The other file of a hybrid, by its name: `model.pq.sig` of `model.sig`, and the other way round. */
export function siblingOf(file: string): string | undefined {
  const pair = pairOf(file);
  return pair && (pair.classical === file ? pair.postQuantum : pair.classical);
}

/** Where the signature of a model is written when nobody says where: in its directory, or beside its file. */
export const defaultSignature = (path: string, isDirectory: boolean): string =>
  isDirectory ? join(path, `model${ending}`) : path + ending;

/** The name in the model of a file, `/` between components; `undefined` for a file outside of it. */
export function nameInModel(path: string, file: string): string | undefined {
  const name = relative(resolve(path), resolve(file));
  const isInside = name !== '' && name !== '..' && !name.startsWith(`..${sep}`) && !isAbsolute(name);
  return isInside ? name.split(sep).join('/') : undefined;
}

/** Reads a bundle. A refusal names the file. @throws ConfigurationError for a file that cannot be read */
export function readBundle(file: string): Judged<SignedEnvelope, SignatureCode> {
  const judged = decodeBundle(readBounded(file, bundleLimits.octets));
  return judged.ok ? judged : { ...judged, path: file };
}
