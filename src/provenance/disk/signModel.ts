// Signs a model: its statement, and over it one signature or the two of a hybrid.
import { lstatSync } from 'node:fs';
import { dirname } from 'node:path';
import { parseSignerCertificate } from '../../certificate/parse.ts';
import { ConfigurationError } from '../../configuration.ts';
import { reasonOf } from '../../failure.ts';
import { inDirectory } from '../../node/files/change.ts';
import { refuseFile } from '../../node/files/fileErrors.ts';
import { type Bytes, same } from '../../octets.ts';
import type { AlgorithmName, Judged, SigningKey } from '../contract.ts';
import { signerSuite } from '../keys/authorities.ts';
import { algorithmTable } from '../signature/algorithms.ts';
import { encodeBundle, inTotoPayloadType } from '../signature/bundle.ts';
import { signEnvelope } from '../signature/envelope.ts';
import type { StatementCode } from '../statement/codes.ts';
import { encodeStatement } from '../statement/inToto.ts';
import { integrityStatement } from '../statement/integrity.ts';
import type { FileCode } from './codes.ts';
import { type HashOptions, hashModel } from './hash.ts';
import { defaultSignature, nameInModel, readBundle, requirePair, siblingOf } from './signatureFiles.ts';

/** A key, and the chain of its certificate, own first (DER); without a chain the bundle names the key alone. */
export interface ModelSigner {
  readonly key: SigningKey;
  readonly chain?: readonly Bytes[] | undefined;
}

export interface SignModelOptions extends ModelSigner, Pick<HashOptions, 'workers' | 'onProgress' | 'names'> {
  /** The classical key of a hybrid; `key` is then post-quantum. */
  readonly hybrid?: ModelSigner | undefined;
  /** Where the signature goes. Default `model.sig` in a directory, and the name of a file with `.sig` behind it. */
  readonly signature?: string | undefined;
  /** Files and folders in the model that are left out, and told in the statement. */
  readonly ignore?: readonly string[] | undefined;
}

/** A model that was signed. */
export interface SignedModel {
  readonly name: string;
  /** SHA-256, hexadecimal: see `Integrity`. */
  readonly digest: string;
  readonly files: number;
  readonly octets: number;
  /** The files that were written. */
  readonly signatures: readonly { readonly file: string; readonly algorithm: AlgorithmName }[];
}

interface Target extends ModelSigner {
  readonly file: string;
}

const isPostQuantum = ({ publicKey }: SigningKey): boolean => algorithmTable[publicKey.algorithm].isPostQuantum;

/** Refuses a chain whose first certificate is of another key, or is not for signatures. */
function requireOwn({ key, chain = [] }: ModelSigner): void {
  const [leaf] = chain;
  if (leaf === undefined) return;
  const parsed = parseSignerCertificate(leaf, signerSuite().algorithms.signatures);
  if (!parsed.ok) throw new ConfigurationError(`the certificate of the signer: ${reasonOf(parsed)}`);
  if (!same(parsed.value.subjectPublicKeyInfo, key.publicKey.spki))
    throw new ConfigurationError(`the first certificate of the chain is not of the key ${key.publicKey.identifier}`);
}

/** The files to write, each with its signer: of a hybrid the classical one first. */
function targetsOf(path: string, { key, chain, hybrid, signature }: SignModelOptions): readonly Target[] {
  const isDirectory = lstatSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
  const file = signature ?? defaultSignature(path, isDirectory);
  if (hybrid === undefined) return [{ key, chain, file }];
  if (!isPostQuantum(key) || isPostQuantum(hybrid.key))
    throw new ConfigurationError(
      `the key of a hybrid is post-quantum, and the key beside it is classical; found ${key.publicKey.algorithm}, and beside it ${hybrid.key.publicKey.algorithm}`,
    );
  const { classical, postQuantum } = requirePair(file);
  return [
    { ...hybrid, file: classical },
    { key, chain, file: postQuantum },
  ];
}

const isThere = (file: string): boolean => lstatSync(file, { throwIfNoEntry: false }) !== undefined;

/** Refuses to replace what is no signature, and to sign one half of a hybrid anew. */
function requireFree(targets: readonly Target[]): void {
  for (const { file } of targets)
    if (isThere(file) && !readBundle(file).ok) refuseFile(file, 'exists already, and is no signature');
  const [only, ...others] = targets;
  const sibling = others.length === 0 && only !== undefined ? siblingOf(only.file) : undefined;
  if (sibling !== undefined && isThere(sibling) && readBundle(sibling).ok)
    refuseFile(sibling, `the other signature of a hybrid with ${only?.file}; sign with both keys, or remove it first`);
}

/** Refuses names of signatures that could be patterns (OMS 6.2.1). */
function requirePlain(path: string, targets: readonly Target[]): void {
  const pattern = targets.flatMap(({ file }) => nameInModel(path, file) ?? []).find((name) => /[*?[]/.test(name));
  if (pattern !== undefined) throw new ConfigurationError(`${pattern}: the name of a signature has none of * ? [`);
}

function write(targets: readonly Target[], payload: Bytes): void {
  const files = targets.map(({ file, key, chain }) => ({
    file,
    content: encodeBundle(signEnvelope(key, inTotoPayloadType, payload, chain)),
    mode: 0o644,
    replace: true,
  }));
  inDirectory(dirname(targets[0]?.file ?? ''), (writeAll) => writeAll(files));
}

/**
 * Signs a model, a directory or a file, as OpenSSF Model Signing 1.0 says. Writes the signatures when everything was hashed: all of
 * them or none. Replaces signatures that are there, and nothing else.
 * @throws ConfigurationError for a file that cannot be read or written, and for keys that make no hybrid
 */
export async function signModel(
  path: string,
  options: SignModelOptions,
): Promise<Judged<SignedModel, FileCode | StatementCode>> {
  const targets = targetsOf(path, options);
  for (const one of targets) requireOwn(one);
  requireFree(targets);
  const { workers, onProgress, ignore = [], names } = options;
  const signatures = targets.map(({ file }) => file);
  requirePlain(path, targets);
  const hashed = await hashModel(path, { workers, onProgress, names, ignore, signatures });
  if (!hashed.ok) return hashed;
  const algorithms = targets.map(({ key }) => key.publicKey.algorithm);
  const ignoredPaths = hashed.value.ignored;
  const statement = integrityStatement(hashed.value, { ignoredPaths, requiredAlgorithms: algorithms, names });
  if (!statement.ok) return statement;
  write(targets, encodeStatement(statement.value));
  const { name, files, octets } = hashed.value;
  return {
    ok: true,
    value: {
      name,
      digest: statement.value.subject[0]?.digest['sha256'] ?? '',
      files: files.length,
      octets,
      signatures: targets.map(({ file, key }) => ({ file, algorithm: key.publicKey.algorithm })),
    },
  };
}
