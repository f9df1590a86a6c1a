// The statement about the integrity of a model: the predicate of OpenSSF Model Signing (OMS) 1.0.
import { sha256 } from '../../crypto/sha256.ts';
import type { Json, JsonObject } from '../../json/readJson.ts';
import { fromHex, toHex } from '../../octets.ts';
import type { AlgorithmName, FileDigest, Judged, ModelDigests, Statement, Subject } from '../contract.ts';
import { isAlgorithmName } from '../signature/algorithms.ts';
import type { StatementCode } from './codes.ts';
import { booleanAt, listAt, objectAt, reading, refuse, requireKnown, textAt } from './fields.ts';
import { byCodePoints, judgeFileName, type NameRule } from './fileNames.ts';
import { isDigest } from './inToto.ts';

/** `predicateType` of OMS 1.0. */
export const integrityPredicateType = 'https://model_signing/signature/v1.0';

const deprecatedPredicateType = 'https://model_signing/Digests/v0.1';

/**
 * The key in `subject[0].annotations` under which a statement lists the algorithms of all signatures that stand over it. Whoever
 * reads one of them knows that others must be there. The domain is reserved for examples, so that nobody else has it.
 */
export const requiredAlgorithmsKey = 'https://pquake.example/required-algorithms/v1';

/** What OMS 6.2 leaves out of every model: these, at its top. */
export const defaultIgnoredPaths: readonly string[] = ['.git', '.gitattributes', '.github', '.gitignore'];

/** The most of an integrity statement that is read, in number. */
export const integrityLimits = { files: 1_000_000, ignoredPaths: 1_024 } as const;

/** What a statement says of a model. */
export interface Integrity {
  /** The last component of the path that was signed. For people: nobody is bound to it. */
  readonly name: string;
  /** SHA-256 over the digests of all files, hexadecimal: the digest of the model. Computed again, and found right. */
  readonly digest: string;
  /** Sorted by name, by code points. */
  readonly files: readonly FileDigest[];
  /** Whether the signer followed symbolic links. */
  readonly allowSymlinks: boolean;
  /** What the signer left out, beside the default list. Not to be obeyed without a policy. */
  readonly ignoredPaths: readonly string[];
  /** The algorithms of all signatures that must stand over the statement; empty where it does not say. */
  readonly requiredAlgorithms: readonly AlgorithmName[];
}

/** SHA-256 over the digests, one after the other (OMS 6.5.1), hexadecimal. */
export function rootDigest(files: readonly FileDigest[]): string {
  const octets = new Uint8Array(32 * files.length);
  for (const [at, { digest }] of files.entries()) octets.set(fromHex(digest), 32 * at);
  return toHex(sha256(octets));
}

/** What a signer says beside the files. */
export interface IntegrityOptions {
  /** Paths that were left out, beside the default list. */
  readonly ignoredPaths?: readonly string[];
  /** Of all signatures that will stand over the statement; said where there are several. */
  readonly requiredAlgorithms?: readonly AlgorithmName[];
  /** Which names are refused. By default all that some file system would read otherwise. */
  readonly names?: NameRule | undefined;
}

function subjectOf({ name, files }: ModelDigests, required: readonly AlgorithmName[]): Subject {
  const subject = { name, digest: { sha256: rootDigest(files) } };
  return required.length < 2 ? subject : { ...subject, annotations: { [requiredAlgorithmsKey]: required } };
}

/** Refuses names and paths that a reader would refuse. */
function requireNames({ files }: ModelDigests, ignored: readonly string[], rule?: NameRule): void {
  if (files.length === 0) refuse('integrity-no-files', 'the model has no files');
  if (files.length > integrityLimits.files)
    refuse('integrity-too-many-files', `${files.length} files; at most ${integrityLimits.files} are signed`);
  for (const { name } of files) requireName(name, name, rule);
  for (const path of ignored) requireIgnoredPath(path);
}

/**
 * The statement about a model (OMS 6.4 to 6.6): method `files`, SHA-256, symbolic links not followed. Refuses a model without files,
 * and names that no reader would take.
 */
export function integrityStatement(
  model: ModelDigests,
  { ignoredPaths = [], requiredAlgorithms = [], names }: IntegrityOptions = {},
): Judged<Statement, StatementCode> {
  return reading(() => {
    requireNames(model, ignoredPaths, names);
    const files = model.files.toSorted((one, other) => byCodePoints(one.name, other.name));
    return {
      subject: [subjectOf({ ...model, files }, requiredAlgorithms)],
      predicateType: integrityPredicateType,
      predicate: {
        serialization: {
          method: 'files',
          hash_type: 'sha256',
          allow_symlinks: false,
          ignore_paths: [...new Set([...defaultIgnoredPaths, ...ignoredPaths])].sort(byCodePoints),
        },
        resources: files.map(({ name, digest }) => ({ name, digest, algorithm: 'sha256' })),
      },
    };
  });
}

function requireName(name: string, path: string, rule?: NameRule): void {
  const judged = judgeFileName(name, rule);
  if (!judged.ok) refuse(judged.code, `${path}: ${judged.detail}`, judged.path);
}

const withoutSlash = (path: string): string => (path.endsWith('/') ? path.slice(0, -1) : path);

/** A path to leave out: a plain path in the model, and no pattern (OMS 6.2.1). */
function requireIgnoredPath(path: string): void {
  if (!judgeFileName(withoutSlash(path), 'any').ok || /[*?[]/.test(path))
    refuse('integrity-wrong-ignored-path', `${path}: expected a path in the model, without patterns`, path);
}

interface Serialization {
  readonly allowSymlinks: boolean;
  readonly ignoredPaths: readonly string[];
}

const at = 'predicate.serialization';

function readIgnoredPaths(value: Json | undefined): readonly string[] {
  if (value === undefined) return [];
  const paths = listAt(value, `${at}.ignore_paths`).map((one, i) => textAt(one, `${at}.ignore_paths[${i}]`));
  if (paths.length > integrityLimits.ignoredPaths)
    refuse('integrity-wrong-ignored-path', `${paths.length} paths; at most ${integrityLimits.ignoredPaths} are read`);
  for (const path of paths) requireIgnoredPath(path);
  return paths.map(withoutSlash).filter((path) => !defaultIgnoredPaths.includes(path));
}

function readSerialization(value: JsonObject): Serialization {
  requireKnown(value, ['method', 'hash_type', 'shard_size', 'allow_symlinks', 'ignore_paths'], at);
  const method = textAt(value['method'], `${at}.method`);
  if (method !== 'files')
    refuse('integrity-unsupported-method', `${at}.method: found ${method}, expected files: sign whole files instead`);
  if (value['shard_size'] !== undefined)
    refuse('integrity-wrong-shard-size', `${at}.shard_size: expected nothing, as the method is files`);
  const hash = textAt(value['hash_type'], `${at}.hash_type`);
  if (hash !== 'sha256')
    refuse('integrity-unsupported-hash', `${at}.hash_type: found ${hash}, expected sha256: sign with it instead`);
  return {
    allowSymlinks: booleanAt(value['allow_symlinks'], `${at}.allow_symlinks`),
    ignoredPaths: readIgnoredPaths(value['ignore_paths']),
  };
}

/** One file. Fields that are not known are passed over, as OMS 5.2.1 asks. */
function readResource(value: JsonObject, path: string): FileDigest {
  const [name, digest] = [textAt(value['name'], `${path}.name`), textAt(value['digest'], `${path}.digest`)];
  const algorithm = textAt(value['algorithm'], `${path}.algorithm`);
  if (algorithm !== 'sha256')
    refuse('integrity-other-algorithm', `${path}.algorithm: found ${algorithm}, expected sha256`, name);
  if (!isDigest(digest, 32))
    refuse('statement-wrong-digest', `${path}.digest: expected 64 hexadecimal digits in small letters`, name);
  return { name, digest };
}

/** The order that the official tool writes: component after component, so that `a/b` stands before `a-b`. */
const byComponents = (one: string, other: string): number =>
  byCodePoints(one.replaceAll('/', '\0'), other.replaceAll('/', '\0'));

/** The first name that stands behind one that comes after it. */
const strayIn = (files: readonly FileDigest[], compare: typeof byCodePoints): string | undefined =>
  files.find(({ name }, i) => i > 0 && compare(files[i - 1]?.name ?? '', name) >= 0)?.name;

/** Refuses a name that stands twice, and files in an order that is neither that of OMS nor that of the official tool. */
function requireOrder(files: readonly FileDigest[]): void {
  const names = new Set<string>();
  for (const { name } of files) {
    if (names.has(name)) refuse('integrity-name-repeated', `${name}: listed twice`, name);
    names.add(name);
  }
  const stray = strayIn(files, byCodePoints);
  if (stray === undefined || strayIn(files, byComponents) === undefined) return;
  refuse('integrity-unsorted', `${stray}: stands behind a name that comes after it`, stray);
}

function readFiles(value: Json | undefined, rule?: NameRule): readonly FileDigest[] {
  const path = 'predicate.resources';
  const resources = listAt(value, path);
  if (resources.length === 0) refuse('integrity-no-files', `${path}: expected at least one, found none`);
  if (resources.length > integrityLimits.files)
    refuse('integrity-too-many-files', `${path}: ${resources.length}; at most ${integrityLimits.files} are read`);
  const files = resources.map((one, i) => readResource(objectAt(one, `${path}[${i}]`), `${path}[${i}]`));
  // The official tool calls the only file of a model that is one file `.`, where OMS 6.1.2 says its name.
  const isOneFile = files.length === 1 && files[0]?.name === '.';
  if (!isOneFile) for (const [i, { name }] of files.entries()) requireName(name, `${path}[${i}].name`, rule);
  requireOrder(files);
  return files;
}

function readRequiredAlgorithms({ annotations }: Subject): readonly AlgorithmName[] {
  const value = annotations?.[requiredAlgorithmsKey];
  if (value === undefined) return [];
  const path = `subject[0].annotations of ${requiredAlgorithmsKey}`;
  const names: readonly Json[] = Array.isArray(value) ? value : [];
  if (names.length === 0 || new Set(names).size !== names.length)
    refuse('integrity-wrong-annotation', `${path}: expected a list of different names of algorithms`);
  return names.map((name) => {
    if (typeof name !== 'string') return refuse('integrity-wrong-annotation', `${path}: expected names of algorithms`);
    return isAlgorithmName(name)
      ? name
      : refuse('integrity-unknown-required-algorithm', `${path}: ${name} is not known here`);
  });
}

function requirePredicate({ predicateType, subject }: Statement): void {
  if (predicateType === deprecatedPredicateType)
    refuse('integrity-deprecated-predicate', `predicateType: found ${predicateType}; sign the model again`);
  if (predicateType !== integrityPredicateType)
    refuse('integrity-wrong-predicate', `predicateType: found ${predicateType}, expected ${integrityPredicateType}`);
  if (subject.length !== 1)
    refuse('integrity-several-subjects', `subject: expected the model alone, found ${subject.length} subjects`);
}

/**
 * Reads what a statement says of a model, with everything that OMS 5 and 6 ask of it: names that are canonical, sorted and different,
 * digests of SHA-256, and the digest of the model computed again from them, which OMS leaves open. Never throws.
 */
export function readIntegrity(
  statement: Statement,
  { names }: Pick<IntegrityOptions, 'names'> = {},
): Judged<Integrity, StatementCode> {
  return reading(() => {
    requirePredicate(statement);
    const [subject] = statement.subject;
    if (subject === undefined) return refuse('statement-no-subject', 'subject: expected the model');
    requireKnown(statement.predicate, ['resources', 'serialization'], 'predicate');
    const serialization = readSerialization(objectAt(statement.predicate['serialization'], at));
    const files = readFiles(statement.predicate['resources'], names);
    const [digest, stated] = [rootDigest(files), subject.digest['sha256']];
    if (digest !== stated)
      refuse(
        'integrity-wrong-root',
        `subject[0].digest.sha256: found ${stated}, expected ${digest} of the listed files`,
      );
    return {
      name: subject.name,
      digest,
      files: files.toSorted((one, other) => byCodePoints(one.name, other.name)),
      ...serialization,
      requiredAlgorithms: readRequiredAlgorithms(subject),
    };
  });
}
