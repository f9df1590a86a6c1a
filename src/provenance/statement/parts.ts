// Makes statements from what a person writes: the predicate itself, or the few values that it is made of.
import { match } from 'ts-pattern';
import { isObject, type JsonObject } from '../../json/readJson.ts';
import type { Judged, Statement, Subject } from '../contract.ts';
import { bomOf, type CardSchema, cardStatement, readCard } from './card.ts';
import { readEvaluation } from './evaluation.ts';
import { type Origin, originStatement, readOrigin, readRole } from './origin.ts';
import type { PredicateCode } from './predicateCodes.ts';
import {
  type Field,
  judged,
  list,
  object,
  objectWith,
  optional,
  predicateBounds,
  refuseField,
  statementOf,
  text,
  time,
  uri,
} from './predicateFields.ts';
import type { PredicateKind } from './predicateTypes.ts';
import { resource } from './resource.ts';
import { readSummary } from './summary.ts';

/** Refuses fields that are not known: of what a person writes for this program, they are mistakes. */
function onlyKnown<T>(value: JsonObject, read: (field: Field) => T): Judged<T, PredicateCode> {
  const unknown: string[] = [];
  return judged(() => {
    const made = read({ value, path: '', unknown });
    const [first] = unknown;
    return first === undefined
      ? made
      : refuseField({ value, path: first, unknown }, 'wrong-field', 'a field that is not known');
  });
}

const originFields = ['builder', 'parameters', 'environment', 'inputs', 'invocation', 'started', 'finished'];

function originOf(field: Field): Origin {
  const at = objectWith(field, originFields);
  const inputs = list(at('inputs'), predicateBounds.resources, (input) => {
    const { role, ...rest } = object(input);
    const place = { ...input, path: `${input.path}/role`, value: role };
    return { ...resource({ ...input, value: rest }), role: readRole(place) };
  });
  return {
    builder: { id: uri(at('builder')) },
    parameters: object(at('parameters')),
    environment: optional(at('environment'), object),
    dependencies: inputs,
    invocation: optional(at('invocation'), text),
    started: optional(at('started'), time),
    finished: optional(at('finished'), time),
  };
}

function originFrom(subject: Subject, value: JsonObject): Judged<Statement, PredicateCode> {
  if (value['buildDefinition'] !== undefined) return statementOf('origin', subject, value, readOrigin);
  const origin = onlyKnown(value, originOf);
  return origin.ok ? originStatement(subject, origin.value) : origin;
}

function cardFrom(subject: Subject, value: JsonObject, schema: CardSchema): Judged<Statement, PredicateCode> {
  const { modelCard } = value;
  if (isObject(modelCard) && Object.keys(value).length === 1)
    return cardStatement(subject, bomOf(subject.name, modelCard), schema);
  return statementOf('card', subject, value, (statement) => readCard(statement, schema));
}

/**
 * The statement of a kind about a model, from JSON. That is the predicate as its specification has it. For an origin it may also be
 * `{ builder, parameters, environment, inputs, invocation, started, finished }`, with a `role` in each input, and for a card
 * `{ modelCard }`. Never throws.
 */
export const statementFrom = (
  kind: PredicateKind,
  subject: Subject,
  value: JsonObject,
  schema: CardSchema,
): Judged<Statement, PredicateCode> =>
  match(kind)
    .with('origin', () => originFrom(subject, value))
    .with('evaluation', () => statementOf('evaluation', subject, value, readEvaluation))
    .with('card', () => cardFrom(subject, value, schema))
    .with('summary', () => statementOf('summary', subject, value, readSummary))
    .exhaustive();
