// Builds the lineage of a model from statements: follows parents by digest, and finds the links that fail.
import type { CardSchema } from '../statement/card.ts';
import { type Dependency, isParent } from '../statement/origin.ts';
import { type BelievedOrigin, closingCycles, contradiction, timeOrder } from './checks.ts';
import { type Evidence, evidenceOf, sorted, subjectOf } from './evidence.ts';
import { factsOf, nameOf } from './facts.ts';
import { closedLink, closedNode, cut, emptyGraph, type Graph, type OpenNode } from './graph.ts';
import { grouped } from './grouped.ts';
import {
  type GivenStatement,
  type Lineage,
  type LinkFailure,
  lineageBounds,
  type ModelIdentity,
  type Unreadable,
} from './lineage.ts';

/** What is traced, and all that is known. */
export interface LineageInput {
  readonly model: ModelIdentity;
  readonly statements: readonly GivenStatement[];
  readonly unreadable?: readonly Unreadable[];
  /** Judges model cards. */
  readonly schema: CardSchema;
}

interface Building {
  readonly graph: Graph;
  readonly about: ReadonlyMap<string, readonly GivenStatement[]>;
  /** Root digests by the name of the model, as statements that are believed have them. */
  readonly digestsByName: ReadonlyMap<string, string>;
  readonly schema: CardSchema;
  readonly evidence: Map<string, Evidence>;
  readonly notes: string[];
}

const modelKey = (digest: string): string => `model sha256:${digest}`;

function evidenceAbout(building: Building, digest: string): Evidence {
  const known = building.evidence.get(digest);
  if (known !== undefined) return known;
  const made = evidenceOf(building.about.get(digest) ?? [], building.schema);
  building.evidence.set(digest, made);
  building.notes.push(...made.notes);
  return made;
}

const originsOf = ({ believed }: Evidence): BelievedOrigin[] => believed.filter((one) => one.kind === 'origin');

/** A key and a digest for an input: equal digests are one thing, whatever its names. */
function identityOf({ digest, uri, name }: Dependency): { readonly key: string; readonly shown: string | undefined } {
  const digests = Object.entries(digest ?? {}).sort(([one], [other]) => (one < other ? -1 : 1));
  const chosen = digests.find(([algorithm]) => algorithm === 'sha256') ?? digests[0];
  return { key: JSON.stringify([digests, digests.length > 0 ? '' : [uri, name]]), shown: chosen?.join(':') };
}

/** Whether somebody who is believed vouches for the model: for its origin, or for its files. */
const isBelieved = ({ integrity, believed }: Evidence): boolean =>
  integrity.length > 0 || believed.some(({ kind }) => kind === 'origin');

/** Why a parent is not known, or not by somebody who may say so; `undefined` when it is. */
function parentFailure(building: Building, parent: Dependency): LinkFailure | undefined {
  const digest = parent.digest?.['sha256'] ?? '';
  const evidence = evidenceAbout(building, digest);
  if (isBelieved(evidence)) return undefined;
  const { disbelieved } = evidence;
  const reason = disbelieved.map(({ given, detail }) => `${given.source}: ${detail}`)[0];
  if (disbelieved.some(({ code }) => code === 'signer-refused'))
    return { code: 'parent-refused', detail: reason ?? digest };
  if (disbelieved.some(({ code }) => code === 'unsigned')) return { code: 'parent-unsigned', detail: reason ?? digest };
  const other = building.digestsByName.get(parent.name ?? '');
  if (other !== undefined && other !== digest)
    return { code: 'digest-mismatch', detail: `named by sha256:${digest}; statements know it as sha256:${other}` };
  return { code: 'parent-missing', detail: `no statement of origin or integrity is about sha256:${digest}` };
}

/** Adds what a statement of origin says went into a model. @returns the root digests of the parents */
function addInputs(building: Building, node: OpenNode, { value, given, signer }: BelievedOrigin): ModelIdentity[] {
  const { graph } = building;
  const parents: ModelIdentity[] = [];
  for (const dependency of value.dependencies) {
    const { role, name, uri } = dependency;
    const { key, shown } = identityOf(dependency);
    const called = name ?? uri ?? shown ?? role;
    const digest = dependency.digest?.['sha256'] ?? '';
    const parent = isParent(dependency);
    const to =
      role === 'previous-version' || role === 'base-model'
        ? graph.node(modelKey(digest), 'model', called, `sha256:${digest}`)
        : graph.node(`${role} ${key}`, role, called, shown);
    if (to === undefined) return parents;
    const failures = parent ? [parentFailure(building, dependency)] : [];
    if (parent) {
      for (const origin of originsOf(evidenceAbout(building, digest))) failures.push(timeOrder(value, origin.value));
      parents.push({ name: called, digest });
    }
    const failing = failures.filter((one) => one !== undefined).slice(0, 2);
    graph.link({ from: node.id, to: to.id, kind: role, source: given.source, signer }, failing);
  }
  return parents;
}

/** Adds a statement that is not believed, or that fails for a reason. */
function addFailing(graph: Graph, node: OpenNode, source: string, key: string, failure: LinkFailure): void {
  const to = graph.node(`statement ${key}`, 'statement', source);
  if (to !== undefined) graph.link({ from: node.id, to: to.id, kind: 'statement', source }, [failure]);
}

/** Adds the statements of origin: the first that is believed is followed, others must not contradict it. */
function addOrigins(building: Building, node: OpenNode, origins: readonly BelievedOrigin[]): ModelIdentity[] {
  const [first, ...others] = origins;
  if (first === undefined) {
    node.facts.push('its origin is not stated');
    return [];
  }
  node.facts.push(...factsOf(first));
  for (const other of others) {
    const failure = contradiction(first, other);
    const { source, digest } = other.given;
    if (failure !== undefined) addFailing(building.graph, node, source, `${source} ${digest}`, failure);
  }
  return addInputs(building, node, first);
}

/** Adds all that is stated about a model. @returns its parents */
function addModel(building: Building, { name, digest }: ModelIdentity): ModelIdentity[] {
  const { graph } = building;
  const node = graph.node(modelKey(digest), 'model', name, `sha256:${digest}`);
  if (node === undefined) return [];
  const evidence = evidenceAbout(building, digest);
  for (const signer of evidence.integrity) node.signers.add(signer);
  for (const { signer, kind } of evidence.believed) if (kind === 'origin') node.signers.add(signer);
  const parents = addOrigins(building, node, originsOf(evidence));
  for (const believed of evidence.believed) {
    const { kind, given, signer } = believed;
    if (kind === 'origin') continue;
    const to = graph.node(`${kind} ${given.source} ${given.digest}`, kind, nameOf(believed));
    if (to === undefined) break;
    to.facts.push(...factsOf(believed));
    to.signers.add(signer);
    graph.link({ from: node.id, to: to.id, kind, source: given.source, signer });
  }
  const isKnown = isBelieved(evidence);
  for (const { given, code, detail } of evidence.disbelieved)
    if (given.stray && isKnown) building.notes.push(`${given.source}: not believed: ${detail}`);
    else addFailing(graph, node, given.source, `${given.source} ${given.digest}`, { code, detail });
  return parents;
}

/** Follows parents from the root, each model once. @returns whether all were looked at */
function follow(building: Building, root: ModelIdentity): boolean {
  const [waiting, seen] = [[root], new Set([root.digest])];
  for (const model of waiting) {
    if (seen.size > lineageBounds.models || building.graph.isFull()) return false;
    for (const parent of addModel(building, model)) {
      if (seen.has(parent.digest)) continue;
      seen.add(parent.digest);
      waiting.push(parent);
    }
  }
  return !building.graph.isFull();
}

/** Marks the links that make a model its own ancestor. */
function markCycles({ graph }: Building, root: string): void {
  const parents = [...graph.links.entries()]
    .filter(([, { kind }]) => kind === 'previous-version' || kind === 'base-model')
    .map(([link, { from, to }]) => ({ link, from, to }));
  const next = grouped(parents, ({ from }) => from);
  for (const at of closingCycles(root, next))
    graph.links[at]?.failures.push({ code: 'cycle', detail: 'following parents from here leads back here' });
}

/** Adds what is wrong around the model that is traced: no origin, things that are no statements, statements about another model. */
function addRoot(building: Building, root: OpenNode, { model, statements, unreadable = [] }: LineageInput): void {
  const { graph } = building;
  const { believed } = evidenceAbout(building, model.digest);
  if (!believed.some(({ kind }) => kind === 'origin')) {
    const to = graph.node('missing origin', 'missing', 'origin');
    const detail = `no statement of origin that is believed is about sha256:${model.digest}`;
    if (to !== undefined)
      graph.link({ from: root.id, to: to.id, kind: 'origin' }, [{ code: 'origin-missing', detail }]);
  }
  for (const { source, reason, beside } of unreadable)
    if (!beside) building.notes.push(`${source}: ${reason}`);
    else addFailing(graph, root, source, `unreadable ${source}`, { code: 'statement-refused', detail: reason });
  for (const given of sorted(statements.filter(({ beside }) => beside))) {
    const subject = subjectOf(given);
    if (subject === model.digest) continue;
    const detail = `it is about sha256:${subject}, and the model is sha256:${model.digest}`;
    addFailing(graph, root, given.source, `other ${given.source} ${given.digest}`, { code: 'other-subject', detail });
  }
}

function namesOf(statements: readonly GivenStatement[]): Map<string, string> {
  const found = new Map<string, string>();
  for (const given of sorted(statements))
    for (const { name } of given.statement.subject.slice(0, 1))
      if (given.verdict.trusted && !found.has(name)) found.set(name, subjectOf(given));
  return found;
}

/**
 * The lineage of a model. The order in which statements are given does not matter. What is stated beyond a link that is not believed is not
 * followed. Never throws.
 */
export function buildLineage(input: LineageInput): Lineage {
  const isTooMany = input.statements.length > lineageBounds.statements;
  const statements = isTooMany ? [] : input.statements;
  const building: Building = {
    graph: emptyGraph(),
    about: grouped(sorted(statements), subjectOf),
    digestsByName: namesOf(statements),
    schema: input.schema,
    evidence: new Map(),
    notes: [],
  };
  const { graph } = building;
  const root = graph.node(modelKey(input.model.digest), 'model', input.model.name, `sha256:${input.model.digest}`);
  if (root === undefined) throw new Error('an empty graph has room for one node');
  const isWhole = !isTooMany && follow(building, input.model);
  addRoot(building, root, { ...input, statements });
  markCycles(building, root.id);
  const failure: LinkFailure = { code: 'too-large', detail: `at most ${lineageBounds.models} models are looked at` };
  const rest = { from: root.id, to: root.id, kind: 'statement', failures: [failure] } as const;
  const links = isWhole ? graph.links : [...graph.links, rest];
  return {
    ok: links.every(({ failures }) => failures.length === 0),
    root: root.id,
    nodes: [...graph.nodes.values()].map(closedNode),
    links: links.map(closedLink),
    notes: building.notes.slice(0, lineageBounds.notes).map(cut),
  };
}
