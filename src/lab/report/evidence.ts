// Twins, controls, weaknesses, and what is missing of them: a proof says something only of a model whose sessions complete, a
// query only if there is a model in which it fails, a weak theory only if its weakness is used.
import {
  type Assembled,
  assemble,
  callsRole,
  type Excuse,
  loadExcuses,
  loadManifest,
  readLedger,
} from '../prove/index.ts';
import { groupBy } from './queries.ts';

/** Excuses for queries without a control are counted: more than these are no exception any more. */
export const mostExcuses = 10;

/** Whether a prover gave this answer on exactly the present text. */
export type Recorded = (model: Assembled, query: string, verdict: string) => boolean;

/** What the checks look at. */
export interface Evidence {
  readonly models: readonly Assembled[];
  readonly excuses: readonly Excuse[];
  readonly recorded: Recorded;
  /** Theories that the protocol is proved with; every other one is a weak one. */
  readonly strong: readonly string[];
}

type Query = Assembled['queries'][number];

/** A query with the models that ask it, and those that count. */
export interface Line {
  readonly tool: string;
  readonly query: string;
  readonly trueIn: readonly Assembled[];
  readonly twins: readonly Assembled[];
  readonly untwinned: readonly Assembled[];
  readonly controls: readonly Assembled[];
  readonly excuse: string | undefined;
}

const roles = ['Initiator', 'Responder'] as const;

/** Theories, protocol and scenario of a model: all that the prover is told, but for the queries. */
const partsOf = ({ model }: Assembled): string => JSON.stringify([model.tool, model.parts, model.edits ?? []]);

const isProof = ({ expected, reachability }: Query): boolean => expected === 'true' && !reachability;
const isEquivalence = (one: Assembled): boolean => one.text.includes('choice[');

/** The events that a query names, and whatever else stands before a bracket. */
const eventsIn = (declaration: string): string[] =>
  [...declaration.matchAll(/\b([A-Z]\w*)\(/g)].map(([, name = '']) => name);

const theoryPart = /^theories\/proverif\/(.*)\.pvl$/;
const theoriesOf = ({ model }: Assembled): string[] => model.parts.filter((part) => theoryPart.test(part));
const scenarioOf = ({ model }: Assembled): string => model.parts.at(-1) ?? '';

/** Scenarios of released keys alone: no role runs in them, and what counts are events of their own. */
const isOfKeys = (one: Assembled): boolean => scenarioOf(one).startsWith('scenarios/keys/') && !callsRole(one.text);

/** The events that a query asks for, whether they have arguments or not. */
const askedEvents = (declaration: string): string[] =>
  [...declaration.matchAll(/\bevent\((\w+)/g)].map(([, name = '']) => name);

/** Roles, or events of keys alone, whose end a query of a twin speaks of. */
function reached(one: Assembled, { declaration }: Query, tested: boolean): string[] {
  const { model } = one;
  if (isOfKeys(one)) return askedEvents(declaration);
  if (model.tool === 'verifpal') return roles.filter((role) => declaration.includes(`done_${role[0]?.toLowerCase()}`));
  if (model.tool === 'cryptoverif') return [...roles];
  const events = eventsIn(declaration);
  const endings = (role: string): string[] => [
    ...[`Tested${role}Ends`, 'TestedTranscriptEnds'],
    ...(tested ? [] : [`${role}Ends`, 'TranscriptEnds']),
    ...[`${role}Completes`, `${role}Releases`],
  ];
  return roles.filter((role) => endings(role).some((event) => events.includes(event)));
}

/**
 * Roles that the twin of a query must bring to their ends: those of its events; both, if it has none. Of keys alone, the events of
 * the query, but for one that stands by itself: that it never happens is what the query says.
 */
function needed(one: Assembled, { declaration }: Query): string[] {
  if (isOfKeys(one)) return /&&|==>/.test(declaration) ? askedEvents(declaration) : [];
  const events = eventsIn(declaration);
  const named = roles.filter((role) => events.some((event) => event.startsWith(role) && event !== role));
  return one.model.tool === 'proverif' && named.length > 0 ? named : [...roles];
}

/** A CryptoVerif file that asks for an equivalence has no place for events: the twin is a file of its own, named after it. */
const isOwnFile = (one: Assembled, other: Assembled): boolean =>
  one.model.tool === 'cryptoverif' && other.model.id === `${one.model.id}.completes`;

const flat = (text: string): string => text.replace(/\s+/g, ' ').trim();

/** The twins that reach just what a query `x ==> y` speaks of: they ask whether x with y is reached, and it is. */
function exactTwins({ declaration }: Query, alike: readonly Assembled[], recorded: Recorded): Assembled[] {
  const both = flat(declaration).replace(' ==> ', ' && ');
  if (both === flat(declaration)) return [];
  return alike.filter((twin) =>
    twin.queries.some(
      (each) => each.reachability && flat(each.declaration) === both && recorded(twin, each.id, 'false'),
    ),
  );
}

/** The twins of a query of a model: models of the same parts in which what it speaks of completes, as a prover showed. */
function twinsOf(one: Assembled, query: Query, alike: readonly Assembled[], recorded: Recorded): Assembled[] {
  const exact = exactTwins(query, alike, recorded);
  if (exact.length > 0) return exact;
  const shown = alike
    .map((twin) => {
      const tested = isEquivalence(one) && twin.model.ends === true;
      const ends = twin.queries.filter(({ reachability }) => reachability);
      const isShown = ({ id, expected }: Query): boolean => expected !== 'true' && recorded(twin, id, expected);
      // All or none: a twin that reaches one end and not another tells that something does not run.
      const queries = ends.every(isShown) ? ends : [];
      const found = queries.flatMap((each) =>
        // The tested session stands for its role; the other role of the query is its peer.
        tested && reached(twin, each, true).length > 0 ? [...roles] : tested ? [] : reached(twin, each, false),
      );
      return { twin, found };
    })
    .filter(({ found }) => found.length > 0);
  const all = shown.flatMap(({ found }) => found);
  return needed(one, query).every((role) => all.includes(role)) ? shown.map(({ twin }) => twin) : [];
}

/** Whether a prover shows that the query fails; a proof that is not found counts where the prover has no other answer. */
function fails(one: Assembled, query: Query, recorded: Recorded): boolean {
  const { id, expected, declaration, reachability } = query;
  const silent = one.model.tool === 'cryptoverif' || declaration === '';
  const counts = expected === 'false' || (expected === 'unproved' && silent);
  return !reachability && counts && recorded(one, id, expected);
}

export const unique = <T>(values: readonly T[]): T[] => [...new Set(values)];

/** Each query that is expected true of a model, with its twins and controls. */
export function linesOf(evidence: Evidence): Line[] {
  const asked = evidence.models.flatMap((one) => one.queries.map((query) => ({ one, query })));
  const groups = groupBy(evidence.models, partsOf);
  const alike = (one: Assembled): Assembled[] => [
    ...(groups.get(partsOf(one)) ?? []),
    ...evidence.models.filter((other) => isOwnFile(one, other)),
  ];
  const keys = unique(
    asked.filter(({ query }) => isProof(query)).map(({ one, query }) => `${one.model.tool} ${query.id}`),
  );
  return keys.map((key): Line => {
    const [tool = '', id = ''] = key.split(' ');
    const ofIt = asked.filter(({ one, query }) => one.model.tool === tool && query.id === id);
    const proofs = ofIt.filter(({ query }) => isProof(query));
    const twinned = proofs.map(({ one, query }) => ({
      one,
      twins: twinsOf(one, query, alike(one), evidence.recorded),
    }));
    return {
      tool,
      query: id,
      trueIn: proofs.map(({ one }) => one),
      twins: unique(twinned.flatMap(({ twins }) => twins)),
      untwinned: twinned.filter(({ twins }) => twins.length === 0).map(({ one }) => one),
      controls: ofIt.filter(({ one, query }) => fails(one, query, evidence.recorded)).map(({ one }) => one),
      excuse: evidence.excuses.find((excuse) => excuse.tool === tool && excuse.query === id)?.because,
    };
  });
}

/** A weak theory, the models that show its weakness, and those that show that it is not there without the theory. */
interface Weakness {
  readonly theory: string;
  readonly shown: readonly Assembled[];
  readonly absent: readonly Assembled[];
}

export function weaknessesOf({ models, recorded, strong }: Evidence): Weakness[] {
  const weak = unique(models.flatMap(theoriesOf)).filter((part) => !strong.includes(part));
  const testers = models.filter(
    (one) => one.model.tool === 'proverif' && one.queries.some(({ reachability }) => reachability),
  );
  const answers = (one: Assembled, expected: string, id?: string): boolean =>
    one.queries.some(
      (query) =>
        query.reachability &&
        (id === undefined || query.id === id) &&
        query.expected === expected &&
        recorded(one, query.id, expected),
    );
  return weak.map((theory) => {
    const isTester = (one: Assembled): boolean => scenarioOf(one).startsWith('scenarios/weaknesses/');
    const shown = testers.filter((one) => isTester(one) && theoriesOf(one).includes(theory) && answers(one, 'false'));
    const absent = testers.filter(
      (one) =>
        !theoriesOf(one).includes(theory) &&
        shown.some(
          (other) => scenarioOf(other) === scenarioOf(one) && other.queries.some(({ id }) => answers(one, 'true', id)),
        ),
    );
    return { theory, shown, absent };
  });
}

export const nameOf = ({ model }: Assembled): string => model.id;

/** A line for each proof, query or theory that nothing backs. */
export function missingOf(evidence: Evidence): string[] {
  const lines = linesOf(evidence);
  const unknown = evidence.excuses.filter(
    ({ tool, query }) =>
      !lines.some((line) => line.tool === tool && line.query === query && line.controls.length === 0),
  );
  return [
    ...lines.flatMap(({ tool, query, untwinned }) =>
      untwinned.map(
        (one) => `${nameOf(one)}: no model of the same parts shows that what ${query} (${tool}) speaks of completes`,
      ),
    ),
    ...lines
      .filter(({ controls, excuse }) => controls.length === 0 && excuse === undefined)
      .map(({ tool, query }) => `${query} (${tool}): it fails in no model, and there is no excuse`),
    ...weaknessesOf(evidence).flatMap(({ theory, shown, absent }) => [
      ...(shown.length > 0 ? [] : [`${theory}: no query shows its weakness`]),
      ...(shown.length === 0 || absent.length > 0
        ? []
        : [`${theory}: no model shows that the same query fails to find its weakness without it`]),
    ]),
    ...unknown.map(({ tool, query }) => `excuse for ${query} (${tool}): there is a control, or no such query`),
    ...(evidence.excuses.length > mostExcuses
      ? [`${evidence.excuses.length} excuses: expected at most ${mostExcuses}`]
      : []),
  ];
}

/** The models of a directory and its record, as they are. */
export function loadEvidence(directory: string): Evidence {
  const ledger = readLedger(directory);
  const models = loadManifest(directory).map(assemble);
  const [main] = models.filter(({ model }) => model.id === 'reachability.psk');
  return {
    models,
    excuses: loadExcuses(directory),
    strong: main === undefined ? [] : theoriesOf(main),
    recorded: ({ model, digest }, id, verdict) => {
      const entry = ledger.get(model.id);
      return entry?.digest === digest && entry.queries.some((one) => one.id === id && one.verdict === verdict);
    },
  };
}
