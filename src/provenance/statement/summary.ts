// What a verifier found: the verification summary of SLSA, v1. Unlike svr of in-toto it names the policy and the statements that were judged by their
// digests, and it can say that a model failed.
import { timeText } from '../../time.ts';
import type { Judged, Statement, Subject } from '../contract.ts';
import type { PredicateCode } from './predicateCodes.ts';
import {
  type Field,
  list,
  number,
  objectWith,
  optional,
  predicateBounds,
  type ReadPredicate,
  readPredicate,
  record,
  refuseField,
  statementOf,
  text,
  time,
  uri,
  withoutGaps,
  word,
} from './predicateFields.ts';
import { type Resource, resource, resourceJson } from './resource.ts';

/** The level that a summary states of a model whose signatures and files were verified by a policy. */
export const verifiedLevel = 'PQUAKE_MODEL_VERIFIED';

/** What a verifier found of a model at a time. */
export interface Summary {
  readonly verifier: { readonly id: string; readonly version?: Readonly<Record<string, string>> | undefined };
  readonly time: Date;
  /** The model, as it was asked for. */
  readonly resource: string;
  /** With a `uri`. */
  readonly policy: Resource;
  /** The statements that were judged, by digest. */
  readonly inputs: readonly Resource[];
  readonly result: 'PASSED' | 'FAILED';
  /** Exactly `FAILED` for that result. */
  readonly levels: readonly string[];
  readonly dependencyLevels?: Readonly<Record<string, number>> | undefined;
  readonly slsaVersion?: string | undefined;
}

const slsaLevel = /^SLSA_[A-Z]+_LEVEL_(?:[0-9]|UNEVALUATED)$/;

function level(field: Field): string {
  const value = text(field, 128);
  if (value.startsWith('SLSA_') && !slsaLevel.test(value))
    refuseField(field, 'wrong-field', 'expected a level of SLSA, or a name that does not begin with SLSA_');
  return value;
}

const count = (field: Field): number => {
  const value = number(field);
  return Number.isSafeInteger(value) && value >= 0 ? value : refuseField(field, 'wrong-field', 'expected a count');
};

function policy(field: Field): Resource {
  const read = resource(field);
  return read.uri === undefined ? refuseField(field, 'missing-field', 'a policy needs a uri') : read;
}

function input(field: Field): Resource {
  const read = resource(field);
  return read.digest === undefined ? refuseField(field, 'wrong-digest', 'a statement needs a digest') : read;
}

function verifier(field: Field): Summary['verifier'] {
  const at = objectWith(field, ['id', 'version']);
  const version = optional(at('version'), (all) => record(all, predicateBounds.digests, (one) => text(one)));
  return { id: uri(at('id')), version };
}

const fields = [
  ...['verifier', 'timeVerified', 'resourceUri', 'policy', 'inputAttestations', 'verificationResult'],
  ...['verifiedLevels', 'dependencyLevels', 'slsaVersion'],
];

/** Reads a verification summary. Never throws. */
export const readSummary = (statement: Statement): Judged<ReadPredicate<Summary>, PredicateCode> =>
  readPredicate(statement, 'summary', (predicate) => {
    const at = objectWith(predicate, fields);
    const summary: Summary = {
      verifier: verifier(at('verifier')),
      time: time(at('timeVerified')),
      resource: uri(at('resourceUri')),
      policy: policy(at('policy')),
      inputs: optional(at('inputAttestations'), (all) => list(all, predicateBounds.resources, input)) ?? [],
      result: word(at('verificationResult'), ['PASSED', 'FAILED']),
      levels: list(at('verifiedLevels'), predicateBounds.levels, level),
      dependencyLevels: optional(at('dependencyLevels'), (all) => record(all, predicateBounds.levels, count)),
      slsaVersion: optional(at('slsaVersion'), (one) => text(one, 16)),
    };
    const { result, levels } = summary;
    const isSaidFailed = levels.includes('FAILED');
    if (isSaidFailed !== (result === 'FAILED') || (isSaidFailed && levels.length > 1))
      refuseField(at('verifiedLevels'), 'contradictory-result', `they do not go with the result ${result}`);
    return summary;
  });

/** The statement of what a verifier found. */
export function summaryStatement(subject: Subject, summary: Summary): Judged<Statement, PredicateCode> {
  const predicate = withoutGaps({
    verifier: withoutGaps({ id: summary.verifier.id, version: summary.verifier.version }),
    timeVerified: timeText(summary.time),
    resourceUri: summary.resource,
    policy: resourceJson(summary.policy),
    inputAttestations: summary.inputs.map(resourceJson),
    verificationResult: summary.result,
    verifiedLevels: summary.levels,
    dependencyLevels: summary.dependencyLevels,
    slsaVersion: summary.slsaVersion,
  });
  return statementOf('summary', subject, predicate, readSummary);
}
