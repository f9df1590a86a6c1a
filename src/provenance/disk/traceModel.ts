// Traces a model on disk: hashes it, finds statements, and builds its lineage.
import type { Judged } from '../contract.ts';
import { buildLineage } from '../lineage/build.ts';
import type { Lineage } from '../lineage/lineage.ts';
import { predicateTypes } from '../statement/predicateTypes.ts';
import { cardSchemaFor } from './cardSchema.ts';
import { findStatements, type StatementTrust } from './givenStatements.ts';
import { type IdentityCode, type IdentityOptions, identifyModel } from './modelIdentity.ts';

/** Whose statements are believed, and where more of them are. */
export interface TraceOptions extends IdentityOptions {
  readonly trust: StatementTrust;
  /** Files of statements, and folders of them: about ancestors that do not lie beside the model. */
  readonly statements?: readonly string[] | undefined;
}

/**
 * The lineage of a model. Links that fail are in it; a refusal says that the model itself could not be identified.
 * @throws ConfigurationError for a file that cannot be read
 */
export async function traceModel(path: string, options: TraceOptions): Promise<Judged<Lineage, IdentityCode>> {
  const model = await identifyModel(path, options);
  if (!model.ok) return model;
  const { subject, signatures } = model.value;
  const found = findStatements(path, signatures, options.statements ?? [], options.trust);
  const identity = { name: subject.name, digest: subject.digest['sha256'] ?? '' };
  const areCards = found.statements.some(({ statement }) => statement.predicateType === predicateTypes.card);
  const schema = await cardSchemaFor(areCards);
  return { ok: true, value: buildLineage({ model: identity, ...found, schema }) };
}
