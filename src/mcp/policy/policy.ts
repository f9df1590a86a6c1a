// A policy: read from its file, and asked.
import { createHash } from 'node:crypto';
import { dirname, resolve } from 'node:path';
import { formOf } from '../../certificate/peerNames.ts';
import { refuseFile } from '../../node/files/fileErrors.ts';
import { readBounded } from '../../node/files/files.ts';
import { type Compared, parsePattern } from '../../pattern.ts';
import type { AccessRequest, Assurance, Decision, Principal } from '../contract.ts';
import { type Cedar, cedarEngine, loadCedar } from './cedar/engine.ts';
import type { PolicyDocument, Who } from './document.ts';
import { type Engine, protocolRule, type RuleExplanation, rulesEngine, type useOf } from './rules.ts';
import { type PolicySource, policyBounds, readSource } from './source.ts';
import { staleness, type Terms, termsOf } from './terms.ts';
import { subjectOf } from './who.ts';

/** The longest name of a tool, resource or prompt, and of a method, in characters: a longer one is refused. */
const longest = { name: 4_096, method: 256 } as const;

/** A decision, and what became of each rule. */
export interface Explanation {
  readonly decision: Decision;
  readonly rules: readonly RuleExplanation[];
  readonly assurance?: Assurance;
}

/** A policy in force. */
export interface Policy extends Terms {
  /** SHA-256 of the octets of the file, hexadecimal; with files of Cedar, of the three such digests in hexadecimal, one after the other. */
  readonly digest: string;
  readonly engine: 'pquake' | 'cedar';
  /** Everything that was read. */
  readonly files: readonly string[];
  /** The rates and the calls under way are not in it: `usageCounters` counts them. */
  readonly decide: (request: AccessRequest) => Decision;
  /** Whether a list may show a thing to a peer: it may use it with some arguments. Of a resource template the text is the name. */
  readonly mayUse: (principal: Principal, kind: keyof typeof useOf, name: string) => boolean;
  readonly explain: (request: AccessRequest) => Explanation;
  /** What the authority of a peer asserts of it; `undefined`: not applicable. */
  readonly assuranceOf: (principal: Principal) => Assurance | undefined;
}

const sha256 = (data: Uint8Array | string): string => createHash('sha256').update(data).digest('hex');

type Path = readonly (string | number)[];

function checkPatterns(
  texts: readonly string[] | undefined,
  compared: Compared,
  path: Path,
  refuse: PolicySource['refuse'],
): void {
  for (const [at, text] of (texts ?? []).entries()) {
    const parts = parsePattern(text, compared);
    if (typeof parts === 'string') refuse([...path, at], parts);
  }
}

function checkWho({ names, authorities }: Who, path: Path, refuse: PolicySource['refuse']): void {
  checkPatterns(names, 'names', [...path, 'names'], refuse);
  checkPatterns(authorities, 'names', [...path, 'authorities'], refuse);
  for (const [at, name] of (names ?? []).entries()) {
    // Such a name would be read as a common name, which no peer has.
    const isUri = formOf(name) === 'common name' && name.includes(':');
    if (isUri)
      refuse(
        [...path, 'names', at],
        `found ${JSON.stringify(name)}, expected URI: or DNS: before it, or a common name`,
      );
  }
}

/** What the schema cannot say of rules. */
function checkRules({ rules = [] }: PolicyDocument, refuse: PolicySource['refuse']): void {
  const ids = new Set<string>([protocolRule]);
  for (const [at, rule] of rules.entries()) {
    const path = ['rules', at];
    if (ids.has(rule.id))
      refuse([...path, 'id'], `found ${rule.id} a second time, expected an id of its own (${protocolRule} is taken)`);
    ids.add(rule.id);
    checkWho(rule.who, [...path, 'who'], refuse);
    const subjects = ['methods', 'tools', 'resources', 'prompts'] as const;
    for (const subject of subjects) checkPatterns(rule[subject], 'texts', [...path, subject], refuse);
    if (subjects.every((subject) => rule[subject] === undefined))
      refuse(path, 'expected one of methods, tools, resources, prompts; for everything, methods: ["**"]');
    if (rule.effect === 'forbid' && rule.who.assurance !== undefined)
      refuse([...path, 'who', 'assurance'], 'found a minimum in a rule that forbids, expected it in those that permit');
  }
}

function check(document: PolicyDocument, refuse: PolicySource['refuse']): void {
  const isCedar = document.engine === 'cedar';
  if (isCedar && document.cedar === undefined) refuse(['engine'], 'expected the field cedar, which names its files');
  if (!isCedar && document.cedar !== undefined) refuse(['cedar'], 'expected engine: cedar beside it');
  if (isCedar && document.rules !== undefined)
    refuse(['rules'], 'expected none with engine: cedar, whose policies decide alone');
  if (!isCedar && document.rules === undefined)
    refuse([], 'expected the field rules; with rules: [] everything is denied');
  checkRules(document, refuse);
  for (const [at, { who }] of (document.peers ?? []).entries()) checkWho(who, ['peers', at, 'who'], refuse);
  const names = new Set<string>();
  for (const [at, { name }] of (document.authorities ?? []).entries()) {
    if (names.has(name)) refuse(['authorities', at, 'name'], `found ${name} a second time`);
    names.add(name);
  }
}

/** What is older than it may be, or too long to be looked at. */
function judge(engine: Engine, terms: Terms, request: AccessRequest): Decision {
  const { principal, method, name = '', time } = request;
  if (method.length > longest.method || name.length > longest.name) return { allowed: false, reason: 'size' };
  if (time >= principal.notAfter) return { allowed: false, reason: 'certificate-expired' };
  const decision = engine.decide(request);
  if (!decision.allowed) return decision;
  const stale = staleness(terms.reauthenticationFor(principal), request);
  return stale === undefined ? decision : { allowed: false, reason: stale, rule: decision.rule };
}

function engineOf(
  file: string,
  document: PolicyDocument,
  asserted: ReadonlyMap<string, Assurance>,
  cedar: (file: string) => Cedar,
) {
  if (document.cedar === undefined)
    return { engine: rulesEngine(document.rules ?? [], asserted), files: [], octets: [] };
  const { policies, schema } = document.cedar;
  const files = [policies, ...(schema === undefined ? [] : [schema])].map((name) => resolve(dirname(file), name));
  const octets = files.map((name) => readBounded(name, policyBounds.octets));
  const [policyFile = '', schemaFile] = files;
  const [policyText = '', schemaText] = octets.map((one) => one.toString('utf8'));
  const named = (name: string | undefined, text: string | undefined) => ({ file: name ?? '', text: text ?? '' });
  const engine = cedarEngine(
    cedar(file),
    named(policyFile, policyText),
    schemaText === undefined ? undefined : named(schemaFile, schemaText),
    asserted,
  );
  return { engine, files, octets };
}

/**
 * Makes the policy of the octets of a file.
 * @param cedar - loads the engine of that name
 * @throws FileError with the line, what was found, and what was expected
 */
export function policyOf(file: string, octets: Uint8Array, cedar: (file: string) => Cedar = loadCedar): Policy {
  const { document, refuse } = readSource(file, octets);
  check(document, refuse);
  const asserted = new Map((document.authorities ?? []).map(({ name, assurance }) => [name, assurance]));
  const { engine, files, octets: more } = engineOf(file, document, asserted, cedar);
  const terms = termsOf(document, asserted);
  const decide = (request: AccessRequest): Decision => judge(engine, terms, request);
  return {
    digest: more.length === 0 ? sha256(octets) : sha256([octets, ...more].map(sha256).join('')),
    engine: document.engine ?? 'pquake',
    files: [file, ...files],
    ...terms,
    decide,
    mayUse: (principal, kind, name) => name.length <= longest.name && engine.mayUse(principal, kind, name),
    explain: (request) => {
      const { assurance } = subjectOf(request.principal, asserted);
      return { decision: decide(request), rules: engine.explain(request), ...(assurance && { assurance }) };
    },
    assuranceOf: (principal) => subjectOf(principal, asserted).assurance,
  };
}

/**
 * Reads a policy.
 * @throws FileError with the line, what was found, and what was expected
 */
export function readPolicy(file: string): Policy {
  const octets = readBounded(file, policyBounds.octets);
  if (octets.length === 0) return refuseFile(file, 'empty; expected a policy');
  return policyOf(file, octets);
}
