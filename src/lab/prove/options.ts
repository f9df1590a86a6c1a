// The selection of models by the options of `prove`.
import { type Assembled, ManifestError, type Model, type Outcome, type Query, type Tool } from './model.ts';

/** The options as the parser leaves them. */
export interface ProveOptions {
  readonly models: string;
  readonly all?: boolean;
  readonly recorded?: boolean;
  /** Runs only models without a recorded verdict for their present text. */
  readonly stale?: boolean;
  readonly only?: readonly string[];
  /** Claims of the draft: only queries that answer one of them are told, and only their models run. */
  readonly claim?: readonly string[];
  /** Who runs the provers, for the record. */
  readonly by?: string;
  readonly tool?: Tool;
  /** Runs at a time. */
  readonly jobs?: number;
  /** Milliseconds for all runs together. */
  readonly budget?: number;
  /** Directory for the assembled models. */
  readonly keep?: string;
  /** Writes what is new into the lists of models, queries and assumptions; `drop` also takes off what is gone. */
  readonly pin?: boolean;
  readonly drop?: boolean;
  /** File for what this run of provers said. */
  readonly attest?: string;
  /** Two records: files of attestations, or folders with models. */
  readonly compare?: readonly string[];
  readonly json?: boolean;
  /** Shows only the models with a verdict that was not expected. */
  readonly quiet?: boolean;
}

/** Whether the options select every model of the manifest. */
export const takesAll = ({ all, recorded, pin, only, claim, tool }: ProveOptions): boolean =>
  (all === true || recorded === true || pin === true) &&
  only === undefined &&
  claim === undefined &&
  tool === undefined;

/** By set and tool, before the files are read. */
export const inSet = (model: Model, { all, recorded, pin, tool }: ProveOptions): boolean =>
  (all === true || recorded === true || pin === true || model.set === 'default') &&
  (tool === undefined || model.tool === tool);

/** Whether one of the ids contains one of the texts of `--only`. */
export const isNamed = (ids: readonly string[], { only }: ProveOptions): boolean =>
  only === undefined || ids.some((id) => only.some((text) => id.includes(text)));

/** Whether a query answers one of the claims; a twin, which shows that the model reaches an event, goes with each of them. */
const answers = ({ claims, reachability }: Query, asked: readonly string[]): boolean =>
  reachability || claims.some((id) => asked.includes(id));

/** Whether a model is selected by name, query or claim. `--only` takes the id of a claim too, exactly. */
export function isSelected({ model, queries }: Assembled, options: ProveOptions): boolean {
  const claims = queries.flatMap((query) => query.claims);
  const named = isNamed([model.id, ...queries.map(({ id }) => id)], options);
  const byClaim = options.only?.some((text) => claims.includes(text)) === true;
  return (named || byClaim) && (options.claim?.some((id) => claims.includes(id)) ?? true);
}

/** @throws ManifestError for a claim that no query of the models answers */
export function checkClaims(assembled: readonly Assembled[], { claim = [] }: ProveOptions): void {
  const known = [...new Set(assembled.flatMap(({ queries }) => queries.flatMap(({ claims }) => claims)))].sort();
  const unknown = claim.filter((id) => !known.includes(id));
  if (unknown.length > 0)
    throw new ManifestError(`no query answers the claim ${unknown.join(', ')}; expected one of ${known.join(', ')}`);
}

/** An outcome with the queries that are to be told. */
export function toldOf(outcome: Outcome, { claim }: ProveOptions): Outcome {
  if (claim === undefined) return outcome;
  const queries = outcome.assembled.queries.filter((query) => answers(query, claim));
  return { ...outcome, assembled: { ...outcome.assembled, queries } };
}
