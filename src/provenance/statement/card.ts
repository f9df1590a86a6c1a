// What a model is for: a CycloneDX 1.7 bill of materials whose subject is a model with a card.
import { isObject, type Json, type JsonObject } from '../../json/readJson.ts';
import type { Judged, Statement, Subject } from '../contract.ts';
import type { PredicateCode } from './predicateCodes.ts';
import {
  type Field,
  object,
  objectWith,
  optional,
  predicateBounds,
  type ReadPredicate,
  readPredicate,
  refuseField,
  statementOf,
  text,
} from './predicateFields.ts';

/** Judges a bill of materials by the schema of CycloneDX 1.7: where and how it breaks it, or `undefined`. */
export type CardSchema = (bom: JsonObject) => string | undefined;

/** A model card. */
export interface Card {
  /** Of the component that is the model. */
  readonly name: string;
  readonly version?: string | undefined;
  /** The whole bill of materials. */
  readonly bom: JsonObject;
}

const version = '1.7';

/** The most levels of a card. The schema lets components stand inside of components without an end. */
const deepest = 32;

/** Refuses what would make judging by the schema slow: lists over their bound, levels over theirs. */
function requireBounded(field: Field, value: Json, level: number): void {
  if (typeof value !== 'object' || value === null) return;
  if (level > deepest) refuseField(field, 'too-much', `expected at most ${deepest} levels`);
  if (Array.isArray(value) && value.length > predicateBounds.cardItems)
    refuseField(field, 'too-much', `a list of ${value.length} items; expected at most ${predicateBounds.cardItems}`);
  for (const one of Object.values(value)) requireBounded(field, one, level + 1);
}

function readCardField(field: Field, schema: CardSchema): Card {
  const bom = object(field);
  requireBounded(field, bom, 1);
  const { bomFormat, specVersion } = bom;
  if (bomFormat !== 'CycloneDX' || specVersion !== version)
    return refuseField(field, 'not-cyclonedx', `expected "bomFormat": "CycloneDX" and "specVersion": "${version}"`);
  const reason = schema(bom);
  if (reason !== undefined) return refuseField(field, 'not-cyclonedx', reason);
  // The schema judged what else is there.
  const at = objectWith(field, Object.keys(bom));
  const metadata = at('metadata').value;
  const component = isObject(metadata) ? metadata['component'] : undefined;
  const place = { ...field, path: '/metadata/component', value: component };
  if (!isObject(component) || component['type'] !== 'machine-learning-model' || !isObject(component['modelCard']))
    return refuseField(place, 'no-model-card', 'expected a component of type machine-learning-model with a modelCard');
  const of = objectWith(place, Object.keys(component));
  return { name: text(of('name')), version: optional(of('version'), text), bom };
}

/** Reads a model card. Never throws. */
export const readCard = (statement: Statement, schema: CardSchema): Judged<ReadPredicate<Card>, PredicateCode> =>
  readPredicate(statement, 'card', (predicate) => readCardField(predicate, schema));

/** A bill of materials that has nothing but a model and its card (`modelCard` of CycloneDX). */
export const bomOf = (name: string, modelCard: JsonObject): JsonObject => ({
  bomFormat: 'CycloneDX',
  specVersion: version,
  version: 1,
  metadata: { component: { type: 'machine-learning-model', name, modelCard } },
});

/** The statement of a model card. */
export const cardStatement = (
  subject: Subject,
  bom: JsonObject,
  schema: CardSchema,
): Judged<Statement, PredicateCode> => statementOf('card', subject, bom, (statement) => readCard(statement, schema));
