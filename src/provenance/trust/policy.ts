// A trust policy: read from the octets of its file, and compiled.
import type { Assurance } from '../../assurance.ts';
import { formOf } from '../../certificate/peerNames.ts';
import { reasonOf } from '../../failure.ts';
import { isObject, type Json, readJson } from '../../json/readJson.ts';
import { type FaultFinder, type Path, shownPath, shownValue } from '../../json/schemaFault.ts';
import { hasUnseen } from '../../json/unseen.ts';
import type { Bytes } from '../../octets.ts';
import { type Compared, type PatternSet, parsePattern, patternSet } from '../../pattern.ts';
import type { Judged, VerifyingKey } from '../contract.ts';
import type { LogPolicy } from '../log/policy.ts';
import { refusal, type TrustCode } from './codes.ts';
import type { KeyDocument, ScopeDocument, SignerDocument, TrustDocument } from './document.ts';
import type { KeyHistory } from './history.ts';
import { phasePresets, type TimedPhase, timedPhase } from './phases.ts';

/** What of a trust policy is read at most. Counts of its lists stand in its schema. */
export const trustPolicyLimits = { octets: 1_048_576, depth: 16 } as const;

/** Paths that signers may leave out unless a requirement says otherwise: what git keeps, and signatures beside the files. */
export const usualIgnoredPaths = ['.git', '.gitattributes', '.github', '.gitignore', '*.sig', '*.tlog-proof'] as const;

/** A key of a policy. Its material is not known when the policy has the identifier alone. */
export interface PolicyKey {
  readonly identifier: string;
  readonly key?: VerifyingKey;
}

/** Statements of some types about some subjects. */
export interface Scope {
  readonly subjects: PatternSet;
  readonly predicateTypes: PatternSet;
}

/** A signer, compiled. */
export interface PolicySigner {
  readonly document: SignerDocument;
  readonly id: string;
  readonly names: PatternSet | undefined;
  readonly authorities: PatternSet | undefined;
  readonly maySign: readonly Scope[];
}

/** A requirement, compiled. */
export interface PolicyRequirement extends Scope {
  readonly id: string;
  /** Identifiers of the signers that count. */
  readonly signers: readonly string[];
  readonly threshold: number;
  readonly phases: readonly TimedPhase[];
  readonly evidence: readonly ('log' | 'timestamp')[];
  readonly ignoredPaths: PatternSet;
}

/** A policy in force. */
export interface TrustPolicy {
  /** SHA-256 of everything that was read for it, hexadecimal. */
  readonly digest: string;
  readonly document: TrustDocument;
  readonly signers: readonly PolicySigner[];
  /** The signer that lists a key, by the identifier of the key. */
  readonly signerOfKey: ReadonlyMap<string, string>;
  readonly requirements: readonly PolicyRequirement[];
  readonly asserted: ReadonlyMap<string, Assurance>;
  readonly history: KeyHistory;
  /** The keys of signers whose material is known, and those that took the place of one: what signatures are verified with. */
  readonly keys: readonly VerifyingKey[];
  /** Certificates of authorities of signers, DER. */
  readonly authorityCertificates: readonly Bytes[];
  /** Certificates of time-stamp authorities, DER. */
  readonly timestampAuthorities: readonly Bytes[];
  /** By which proofs of logs count; absent: none does. */
  readonly logPolicy?: LogPolicy | undefined;
}

/** What was read for a policy beside its file. */
export interface PolicyMaterial {
  readonly digest: string;
  /** The key of a part of the policy. */
  readonly keyOf: (key: KeyDocument) => PolicyKey;
  readonly history: KeyHistory;
  readonly authorityCertificates: readonly Bytes[];
  readonly timestampAuthorities: readonly Bytes[];
  readonly logPolicy?: LogPolicy | undefined;
}

const at = (path: Path, reason: string, code: TrustCode = 'policy-inconsistent') => {
  const place = shownPath(path);
  return refusal(code, place === '' ? reason : `${place}: ${reason}`, place);
};

/** The place of a text with a character that is not seen. */
function unseenIn(value: Json, path: Path): Path | undefined {
  if (typeof value === 'string') return path.at(-1) === 'pem' || !hasUnseen(value, path.at(-1)) ? undefined : path;
  if (Array.isArray(value)) {
    for (const [i, one] of (value as readonly Json[]).entries()) {
      const found = unseenIn(one, [...path, i]);
      if (found !== undefined) return found;
    }
  } else if (isObject(value)) {
    for (const [name, one] of Object.entries(value)) {
      const found = hasUnseen(name) ? path : unseenIn(one, [...path, name]);
      if (found !== undefined) return found;
    }
  }
  return undefined;
}

type Refused = ReturnType<typeof at> | undefined;

/** The first refusal of some checks, which are made one after the other. */
function firstOf(checks: Iterable<Refused>): Refused {
  for (const one of checks) if (one !== undefined) return one;
  return undefined;
}

function* patternFaults(texts: readonly string[] | undefined, compared: Compared, path: Path): Iterable<Refused> {
  for (const [i, text] of (texts ?? []).entries()) {
    const parts = parsePattern(text, compared);
    if (typeof parts === 'string') yield at([...path, i], parts);
    if (compared === 'names' && formOf(text) === 'common name' && text.includes(':'))
      yield at([...path, i], `found ${shownValue(text)}, expected URI: or DNS: before it, or a subject such as CN=...`);
  }
}

function* scopeFaults({ subjects, predicateTypes }: ScopeDocument, path: Path): Iterable<Refused> {
  yield* patternFaults(subjects, 'texts', [...path, 'subjects']);
  yield* patternFaults(predicateTypes, 'texts', [...path, 'predicateTypes']);
}

function* repeated(ids: readonly string[], path: Path, field: string): Iterable<Refused> {
  for (const [i, id] of ids.entries())
    if (ids.indexOf(id) < i)
      yield at([...path, i, field], `found ${shownValue(id)} a second time, expected another one`);
}

function* signerFaults({ signers }: TrustDocument): Iterable<Refused> {
  yield* repeated(
    signers.map(({ id }) => id),
    ['signers'],
    'id',
  );
  for (const [i, { keys, names, authorities, assurance, maySign }] of signers.entries()) {
    const path = ['signers', i];
    if (keys === undefined && names === undefined) yield at(path, 'expected keys, or names and authorities');
    if ((names === undefined) !== (authorities === undefined))
      yield at(path, 'expected names and authorities together: a name says nothing without who may certify it');
    if (assurance !== undefined && names === undefined)
      yield at(
        [...path, 'assurance'],
        'expected names and authorities beside it: nobody asserts anything of a bare key',
      );
    yield* patternFaults(names, 'names', [...path, 'names']);
    yield* patternFaults(authorities, 'names', [...path, 'authorities']);
    for (const [j, scope] of maySign.entries()) yield* scopeFaults(scope, [...path, 'maySign', j]);
  }
}

function* requirementFaults({ signers, requirements }: TrustDocument): Iterable<Refused> {
  yield* repeated(
    requirements.map(({ id }) => id),
    ['requirements'],
    'id',
  );
  const ids = signers.map(({ id }) => id);
  for (const [i, one] of requirements.entries()) {
    const path = ['requirements', i];
    yield* scopeFaults(one, path);
    yield* patternFaults(one.ignoredPaths, 'texts', [...path, 'ignoredPaths']);
    yield* repeated(one.signers ?? [], [...path, 'signers'], '');
    for (const [j, id] of (one.signers ?? []).entries())
      if (!ids.includes(id)) yield at([...path, 'signers', j], `found ${shownValue(id)}, expected the id of a signer`);
    const [threshold, most] = [one.threshold ?? 1, (one.signers ?? ids).length];
    if (threshold > most) yield at([...path, 'threshold'], `found ${threshold}, expected at most ${most}: the signers`);
    if (typeof one.phases === 'string') continue;
    for (const [j, phase] of one.phases.entries()) {
      const timed = timedPhase(phase);
      if (typeof timed === 'string') yield at([...path, 'phases', j], timed);
    }
  }
}

function* authorityFaults({ authorities = [] }: TrustDocument): Iterable<Refused> {
  yield* repeated(
    authorities.map(({ name }) => name),
    ['authorities'],
    'name',
  );
}

/**
 * Reads the octets of a policy file: strict JSON that conforms to the schema and does not contradict itself. Never throws.
 * @param faultOf - judges a value by spec/schema/trust-policy.schema.json
 */
export function readTrustDocument(octets: Bytes, faultOf: FaultFinder): Judged<TrustDocument, TrustCode> {
  const { octets: most, depth } = trustPolicyLimits;
  if (octets.length > most)
    return refusal('policy-too-large', `found ${octets.length} octets, at most ${most} are read`);
  const json = readJson(octets, depth);
  if (!json.ok) return refusal('policy-not-json', `expected JSON, found another text: ${reasonOf(json)}`);
  if (json.value.unpaired) return refusal('policy-not-json', 'half of a surrogate pair in a text');
  const { value } = json.value;
  const fault = faultOf(value);
  if (fault !== undefined) return at(fault.path, fault.reason, 'policy-wrong-form');
  const unseen = unseenIn(value, []);
  if (unseen !== undefined)
    return at(unseen, 'found a character that is not seen (a control, a format), expected none', 'policy-wrong-form');
  const document = value as unknown as TrustDocument;
  const refused =
    firstOf(signerFaults(document)) ?? firstOf(requirementFaults(document)) ?? firstOf(authorityFaults(document));
  return refused ?? { ok: true, value: document };
}

const scopeOf = ({ subjects, predicateTypes }: ScopeDocument): Scope => ({
  subjects: patternSet(subjects, 'texts'),
  predicateTypes: patternSet(predicateTypes, 'texts'),
});

const signerOf = (document: SignerDocument): PolicySigner => ({
  document,
  id: document.id,
  names: document.names && patternSet(document.names, 'names'),
  authorities: document.authorities && patternSet(document.authorities, 'names'),
  maySign: document.maySign.map(scopeOf),
});

/** Which signer has which key. Two signers with one key, or with two keys of one succession, would be one who counts twice. */
function keysOf(
  { signers }: TrustDocument,
  { keyOf, history }: PolicyMaterial,
): Judged<{ readonly signerOfKey: Map<string, string>; readonly keys: VerifyingKey[] }, TrustCode> {
  const signerOfKey = new Map<string, string>();
  const keys = new Map<string, VerifyingKey>();
  for (const [i, { id, keys: own = [] }] of signers.entries())
    for (const [j, document] of own.entries()) {
      const { identifier, key } = keyOf(document);
      const other = signerOfKey.get(identifier);
      if (other !== undefined)
        return at(['signers', i, 'keys', j], `found the key ${identifier} a second time: ${shownValue(other)} has it`);
      signerOfKey.set(identifier, id);
      if (key !== undefined) keys.set(identifier, key);
    }
  for (const key of history.introduced) {
    const line = [key.identifier, ...history.before(key.identifier)];
    const owners = new Set(line.flatMap((one) => signerOfKey.get(one) ?? []));
    if (owners.size > 1)
      return at(['signers'], `${[...owners].join(' and ')} have keys of one succession, that of ${key.identifier}`);
    if (owners.size === 1) keys.set(key.identifier, key);
  }
  return { ok: true, value: { signerOfKey, keys: [...keys.values()] } };
}

/** Compiles a document that was read. Never throws. */
export function compileTrustPolicy(document: TrustDocument, material: PolicyMaterial): Judged<TrustPolicy, TrustCode> {
  const keys = keysOf(document, material);
  if (!keys.ok) return keys;
  const all = document.signers.map(({ id }) => id);
  const { digest, history, authorityCertificates, timestampAuthorities, logPolicy } = material;
  return {
    ok: true,
    value: {
      digest,
      document,
      signers: document.signers.map(signerOf),
      ...keys.value,
      requirements: document.requirements.map((one) => ({
        id: one.id,
        ...scopeOf(one),
        signers: one.signers ?? all,
        threshold: one.threshold ?? 1,
        phases: (typeof one.phases === 'string' ? phasePresets[one.phases] : one.phases).flatMap((phase) => {
          const timed = timedPhase(phase);
          return typeof timed === 'string' ? [] : [timed];
        }),
        evidence: one.evidence ?? [],
        ignoredPaths: patternSet(one.ignoredPaths ?? usualIgnoredPaths, 'texts'),
      })),
      asserted: new Map(
        (document.authorities ?? []).flatMap(({ name, assurance }) =>
          assurance === undefined ? [] : [[name, assurance] as const],
        ),
      ),
      history,
      authorityCertificates,
      timestampAuthorities,
      ...(logPolicy && { logPolicy }),
    },
  };
}
