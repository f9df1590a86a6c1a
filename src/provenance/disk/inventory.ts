// What of a tree of models and files is signed, and how. Nothing is verified: it says what signatures claim.
import { type Dirent, existsSync, lstatSync, readdirSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { parseSignerCertificate } from '../../certificate/parse.ts';
import { onFile } from '../../node/files/fileErrors.ts';
import { type Bytes, same } from '../../octets.ts';
import type { AlgorithmName, Judged, SignedEnvelope } from '../contract.ts';
import { signerSuite } from '../keys/authorities.ts';
import { algorithmNames, algorithmTable } from '../signature/algorithms.ts';
import { readPublicKey } from '../signature/publicKey.ts';
import { byCodePoints } from '../statement/fileNames.ts';
import { decodeStatement } from '../statement/inToto.ts';
import { type Integrity, readIntegrity } from '../statement/integrity.ts';
import { readBundle, siblingOf } from './signatureFiles.ts';
import type { StatementRefusalCode } from './verifySignatures.ts';

/** What is walked at most: folders in folders, and files. */
export const inventoryLimits = { depth: 64, files: 1_000_000 } as const;

/** A signature, as its bundle describes it. */
export interface ListedSignature {
  readonly file: string;
  /** Absent where neither a certificate nor the length of the signature tells it. */
  readonly algorithm?: AlgorithmName;
  /** `key` and its identifier, or the name in the certificate. */
  readonly by: string;
}

/** How far a model is on the way to post-quantum signatures. */
export type SignatureState = 'classical' | 'hybrid' | 'post-quantum' | 'unknown';

/** A model with signatures. */
export interface ListedModel {
  /** Of the model, or of its first signature where the model is not found. */
  readonly path: string;
  readonly name: string;
  /** SHA-256, hexadecimal: see `Integrity`. */
  readonly digest: string;
  readonly files: number;
  readonly signatures: readonly ListedSignature[];
  readonly state: SignatureState;
  /** Algorithms that the statement requires, and of which no signature is there. */
  readonly missing: readonly AlgorithmName[];
}

/** What of a tree is signed. */
export interface Inventory {
  readonly models: readonly ListedModel[];
  /** Files with the name of a signature that are none of a model, and why. */
  readonly unreadable: readonly { readonly file: string; readonly code: string; readonly detail?: string }[];
  /** Files that no signature lists. */
  readonly unsigned: readonly string[];
  /** Whether there was more than is walked. */
  readonly isCut: boolean;
}

interface Walk {
  readonly files: string[];
  isCut: boolean;
}

/** The files of a folder and of those in it. Links are not followed, `.git` is not entered. */
function walk(folder: string, depth: number, found: Walk): void {
  const entries: Dirent[] = onFile(folder, () => readdirSync(folder, { withFileTypes: true }));
  for (const entry of entries.sort((one, other) => byCodePoints(one.name, other.name))) {
    const path = join(folder, entry.name);
    if (found.files.length >= inventoryLimits.files) found.isCut = true;
    else if (entry.isFile()) found.files.push(path);
    else if (entry.isDirectory() && entry.name !== '.git') {
      if (depth === 0) found.isCut = true;
      else walk(path, depth - 1, found);
    }
  }
}

/** A signature that was read, with its statement. */
interface ReadSignature extends ListedSignature {
  readonly integrity: Integrity;
  readonly payload: Bytes;
}

const lengthsOf = (name: AlgorithmName): readonly [number, number] => algorithmTable[name].signature;

/** By the length: each algorithm has another one. Of ECDSA it is that of the smaller curve where both could be. */
const byLength = ({ length }: Bytes): AlgorithmName | undefined =>
  algorithmNames.find((name) => length === lengthsOf(name)[0] && length === lengthsOf(name)[1]) ??
  algorithmNames.find((name) => length >= lengthsOf(name)[0] && length <= lengthsOf(name)[1]);

function describe({ reference, signature }: SignedEnvelope): Omit<ListedSignature, 'file'> {
  const algorithm = byLength(signature);
  if (reference.by === 'key') return { by: `key ${reference.hint}`, ...(algorithm && { algorithm }) };
  const [leaf = new Uint8Array()] = reference.chain;
  const parsed = parseSignerCertificate(leaf, signerSuite().algorithms.signatures);
  if (!parsed.ok) return { by: 'a certificate that is not read', ...(algorithm && { algorithm }) };
  const key = readPublicKey(parsed.value.subjectPublicKeyInfo);
  return { by: parsed.value.displayName, ...(key.ok && { algorithm: key.value.algorithm }) };
}

function readSignature(file: string): Judged<ReadSignature, StatementRefusalCode> {
  const envelope = readBundle(file);
  if (!envelope.ok) return envelope;
  const { payload } = envelope.value;
  const statement = decodeStatement(payload);
  if (!statement.ok) return statement;
  const integrity = readIntegrity(statement.value, { names: 'any' });
  if (!integrity.ok) return integrity;
  return { ok: true, value: { file, ...describe(envelope.value), integrity: integrity.value, payload } };
}

const isFile = (path: string): boolean => lstatSync(path, { throwIfNoEntry: false })?.isFile() === true;

/** Where the model of a signature lies: around it, or beside it. The official tool calls the file of a model that is one file `.`. */
function placeOf({ file, integrity: { name, files } }: ReadSignature): string | undefined {
  const [folder, first, signed] = [dirname(file), files[0]?.name ?? '', file.replace(/(?:\.pq)?\.sig$/, '')];
  const oneFile = [signed, join(folder, name)].find((one) => isFile(one) && (first === '.' || first === basename(one)));
  if (files.length === 1 && (first === '.' || oneFile !== undefined)) return oneFile;
  return [folder, join(folder, name), signed].find((place) => existsSync(join(place, first)));
}

const isClassical = (name: AlgorithmName): boolean =>
  !algorithmTable[name].isPostQuantum || algorithmTable[name].isExperimental; // a composite is both

/** How far the algorithms of the signatures over one statement are. */
export function stateOf(algorithms: readonly (AlgorithmName | undefined)[]): SignatureState {
  const known = algorithms.filter((one) => one !== undefined);
  if (known.length === 0) return 'unknown';
  if (!known.some((name) => algorithmTable[name].isPostQuantum)) return 'classical';
  return known.some(isClassical) ? 'hybrid' : 'post-quantum';
}

function listed(first: ReadSignature, others: readonly ReadSignature[]): ListedModel {
  const all = [first, ...others];
  const { name, digest, files, requiredAlgorithms } = first.integrity;
  const algorithms = all.map(({ algorithm }) => algorithm);
  return {
    path: placeOf(first) ?? first.file,
    name,
    digest,
    files: files.length,
    signatures: all.map(({ file, algorithm, by }) => ({ file, by, ...(algorithm && { algorithm }) })),
    state: stateOf(algorithms),
    missing: requiredAlgorithms.filter((one) => !algorithms.includes(one)),
  };
}

/** Signatures over the same octets, one beside the other, are those of one model. */
function group(signatures: readonly ReadSignature[]): readonly ListedModel[] {
  const byFile = new Map(signatures.map((one) => [one.file, one]));
  return signatures.flatMap((one) => {
    const other = byFile.get(siblingOf(one.file) ?? '');
    if (other === undefined || !same(one.payload, other.payload)) return [listed(one, [])];
    return one.file < other.file ? [] : [listed(one, [other])]; // `model.pq.sig` stands before `model.sig`
  });
}

/** The files that a signature lists, as far as they are there. */
function covered(signature: ReadSignature): readonly string[] {
  const place = placeOf(signature);
  if (place === undefined) return [];
  return isFile(place) ? [place] : signature.integrity.files.map(({ name }) => join(place, name));
}

/**
 * Walks a tree and lists the models with signatures in it, and the files that no signature lists. Verifies nothing: who signed is what
 * the bundles say. @throws ConfigurationError for a folder that cannot be read
 */
export function inventory(folder: string): Inventory {
  const found: Walk = { files: [], isCut: false };
  walk(folder, inventoryLimits.depth, found);
  const read = found.files
    .filter((file) => file.endsWith('.sig'))
    .map((file) => ({ file, judged: readSignature(file) }));
  const signatures = read.flatMap(({ judged }) => (judged.ok ? [judged.value] : []));
  const known = new Set([...signatures.map(({ file }) => file), ...signatures.flatMap(covered)]);
  const unreadable = read.flatMap(({ file, judged }) =>
    judged.ok ? [] : [{ file, code: judged.code, detail: judged.detail ?? '' }],
  );
  return {
    models: group(signatures),
    unreadable,
    unsigned: found.files.filter((file) => !known.has(file) && !unreadable.some((one) => one.file === file)),
    isCut: found.isCut,
  };
}
