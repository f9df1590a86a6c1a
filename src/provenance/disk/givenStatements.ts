// Finds statements in folders, and judges their signatures: what the lineage of a model is built from.
import { existsSync, readdirSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { ConfigurationError } from '../../configuration.ts';
import { sha256 } from '../../crypto/sha256.ts';
import { attempt } from '../../failure.ts';
import { isSystemError, onFile } from '../../node/files/fileErrors.ts';
import { readBounded } from '../../node/files/files.ts';
import { isFolder } from '../../node/files/folder.ts';
import { toHex } from '../../octets.ts';
import type { Judged, Signer, Statement } from '../contract.ts';
import { grouped } from '../lineage/grouped.ts';
import type { GivenStatement, Unreadable, Verdict } from '../lineage/lineage.ts';
import { decodeBundle } from '../signature/bundle.ts';
import { type SignatureTrust, verifyEnvelope } from '../signature/envelope.ts';
import { decodeStatement } from '../statement/inToto.ts';
import { integrityPredicateType, readIntegrity } from '../statement/integrity.ts';
import { judgeSignatures } from '../trust/judge.ts';
import type { TrustPolicy } from '../trust/policy.ts';
import { signaturesOf, statementsFolder } from './modelIdentity.ts';

/** The most that is read. */
export const statementBounds = {
  /** One statement, in octets: of integrity it lists all files of a model. */
  octets: 67_108_864,
  /** All statements together, in octets. */
  together: 536_870_912,
  /** Entries of a folder. */
  entries: 16_384,
  /** Folders of statements about other models. */
  folders: 1_024,
} as const;

const folderEnding = '.provenance';

/** Whose statements are believed. */
export interface StatementTrust extends SignatureTrust {
  /** Judges those whose signatures over one statement verify, such as by a policy or by expected names. Absent: all of them may sign everything. */
  readonly judge?: ((signers: readonly Signer[], statement: Statement) => Judged<unknown, string>) | undefined;
}

/** A judge that wants one of some names in each certificate of a signer, in the words of `Signer`. Bare keys have no names, and are not judged. */
export const expectedNames =
  (expected: readonly string[]): NonNullable<StatementTrust['judge']> =>
  (signers) => {
    const names = signers.flatMap(({ certificate }) => (certificate === undefined ? [] : [certificate.names]));
    const other = names.find((own) => !own.some((one) => expected.includes(one)));
    if (other === undefined) return { ok: true, value: undefined };
    const detail = `the certificate has ${other.join(', ')}, expected ${expected.join(' or ')}`;
    return { ok: false, code: 'signer-unexpected', detail };
  };

/** A judge by a trust policy, at a time. A statement of integrity needs all signatures that it lists, and may leave out what the policy permits. */
export const judgeByPolicy =
  (policy: TrustPolicy, time: Date): NonNullable<StatementTrust['judge']> =>
  (signers, statement) => {
    const { subject, predicateType } = statement;
    const isIntegrity = predicateType === integrityPredicateType;
    const integrity = isIntegrity ? readIntegrity(statement, { names: 'any' }) : undefined;
    if (integrity?.ok === false) return integrity;
    return judgeSignatures(policy, {
      ...(integrity && {
        requiredAlgorithms: integrity.value.requiredAlgorithms,
        ignoredPaths: integrity.value.ignoredPaths,
      }),
      subject: subject[0]?.name ?? '',
      predicateType,
      signers: signers.map((signer) => ({ signer })),
      time,
    });
  };

/** What was found. */
export interface FoundStatements {
  readonly statements: readonly GivenStatement[];
  readonly unreadable: readonly Unreadable[];
}

interface Place {
  readonly file: string;
  readonly beside: boolean;
  readonly stray: boolean;
}

/** A file as drawings name it: with the folder that it lies in. */
const sourceOf = (file: string): string => join(basename(dirname(resolve(file))), basename(file));

/** The codes of a signature that is none, or not over this. With any other code somebody signed who is not trusted. */
const unsigned = ['signature-invalid', 'signature-wrong-length'];

function readOne(
  { file, beside, stray }: Place,
  octets: Uint8Array,
  trust: StatementTrust,
): GivenStatement | Unreadable {
  const source = sourceOf(file);
  const envelope = decodeBundle(octets);
  if (!envelope.ok) return { source, beside, reason: `${envelope.code}: ${envelope.detail ?? 'no statement'}` };
  const { payload } = envelope.value;
  const statement = decodeStatement(payload);
  if (!statement.ok) return { source, beside, reason: `${statement.code}: ${statement.detail ?? 'no statement'}` };
  const verified = verifyEnvelope(envelope.value, trust);
  const verdict: Verdict = verified.ok
    ? { trusted: true, signer: verified.value.signer }
    : {
        trusted: false,
        code: unsigned.includes(verified.code) ? 'unsigned' : 'signer-refused',
        reason: `${verified.code}: ${verified.detail ?? 'refused'}`,
      };
  return { source, digest: toHex(sha256(payload)), statement: statement.value, verdict, beside, stray };
}

/** What a judge lets through, of signatures over the same octets together: a policy may ask for several signers. */
function judgedTogether(statements: readonly GivenStatement[], { judge }: StatementTrust): readonly GivenStatement[] {
  if (judge === undefined) return statements;
  const refusals = new Map<string, string>();
  for (const [digest, group] of grouped(statements, (one) => one.digest)) {
    const signers = group.flatMap(({ verdict }) => (verdict.trusted ? [verdict.signer] : []));
    const [first] = group;
    const judged = first !== undefined && signers.length > 0 ? judge(signers, first.statement) : undefined;
    if (judged?.ok === false) refusals.set(digest, `${judged.code}: ${judged.detail ?? 'refused'}`);
  }
  return statements.map((one) => {
    const reason = refusals.get(one.digest);
    if (reason === undefined || !one.verdict.trusted) return one;
    return { ...one, verdict: { trusted: false, code: 'signer-refused', reason } };
  });
}

/** The files of statements in a folder. Others than regular ones, and names with a dot before, are not looked at. */
function filesIn(folder: string): string[] {
  const entries = onFile(folder, () => readdirSync(folder, { withFileTypes: true }));
  return entries
    .slice(0, statementBounds.entries)
    .filter((entry) => entry.isFile() && !entry.name.startsWith('.') && entry.name.endsWith('.sig'))
    .map(({ name }) => join(folder, name))
    .sort();
}

/** The folders of statements, and signatures of models, that lie beside a model. */
function neighbours(path: string): string[] {
  const [folder, own] = [dirname(resolve(path)), statementsFolder(path)];
  const names = onFile(folder, () => readdirSync(folder))
    .filter((name) => name.endsWith(folderEnding) && join(folder, name) !== own && isFolder(join(folder, name)))
    .sort();
  return names.slice(0, statementBounds.folders).flatMap((name) => {
    const model = join(folder, name.slice(0, -folderEnding.length));
    return [...filesIn(join(folder, name)), ...signaturesOf(model)];
  });
}

/** Reads files in turn, each once, up to the bound of all together. One that cannot be read is told, unless it was named. */
function readAll(places: readonly Place[], named: readonly string[], trust: StatementTrust): FoundStatements {
  const [statements, unreadable]: [GivenStatement[], Unreadable[]] = [[], []];
  let together = 0;
  for (const place of places) {
    const { file, beside } = place;
    const octets = attempt(
      () => readBounded(file, statementBounds.octets),
      (error) => {
        const isOfFile = error instanceof ConfigurationError || isSystemError(error);
        if (named.includes(file) || !isOfFile) throw error;
        return 'unreadable' as const;
      },
    );
    together += octets.ok ? octets.value.length : 0;
    if (together > statementBounds.together)
      throw new ConfigurationError(`${file}: with it the statements have more than ${statementBounds.together} octets`);
    const one = octets.ok
      ? readOne(place, octets.value, trust)
      : { source: sourceOf(file), beside, reason: octets.detail ?? octets.code };
    if ('reason' in one) unreadable.push(one);
    else statements.push(one);
  }
  return { statements: judgedTogether(statements, trust), unreadable };
}

/**
 * Reads the statements about a model, and those that its ancestors may have: beside it, beside the models in its folder, and in what is named.
 * @param signatures - of the integrity of the model
 * @param others - files of statements, and folders of them
 * @throws ConfigurationError for a named file or folder that cannot be read, and beyond the bounds
 */
export function findStatements(
  path: string,
  signatures: readonly string[],
  others: readonly string[],
  trust: StatementTrust,
): FoundStatements {
  const own = statementsFolder(path);
  const beside = [...signatures, ...(existsSync(own) ? filesIn(own) : [])];
  const named = others.flatMap((one) => (isFolder(one) ? filesIn(one) : [one]));
  const places = new Map<string, Place>();
  for (const file of neighbours(path)) places.set(resolve(file), { file, beside: false, stray: true });
  for (const file of named) places.set(resolve(file), { file, beside: false, stray: false });
  for (const file of beside) places.set(resolve(file), { file, beside: true, stray: false });
  return readAll([...places.values()], others, trust);
}
