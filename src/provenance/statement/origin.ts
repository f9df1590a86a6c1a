// Where a model came from and how it was made: SLSA provenance v1 with a build type of ours.
import type { JsonObject } from '../../json/readJson.ts';
import { timeText } from '../../time.ts';
import type { Judged, Statement, Subject } from '../contract.ts';
import type { PredicateCode } from './predicateCodes.ts';
import {
  type Field,
  list,
  object,
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

/** The build type: what the parameters and the roles of dependencies mean is said in spec/provenance/lineage.md. */
export const trainingBuildType = 'https://pquake.example/model-training/v1';

/** The annotation of a dependency that has its role. */
export const roleAnnotation = 'https://pquake.example/role/v1';

/** What an input was for. The first two are parents: models, named by the root digest of their integrity. */
export type Role = 'previous-version' | 'base-model' | 'data-set' | 'training-code' | 'other';

const roles: readonly Role[] = ['previous-version', 'base-model', 'data-set', 'training-code', 'other'];

/** Whether an input is a model that this one was made from. */
export const isParent = ({ role }: Dependency): boolean => role === 'previous-version' || role === 'base-model';

/** Something that went into a model. */
export interface Dependency extends Resource {
  readonly role: Role;
}

/** How a model was made. */
export interface Origin {
  /** Training parameters, as its maker names them. */
  readonly parameters: JsonObject;
  /** What the builder chose by itself: hardware, versions, seeds. */
  readonly environment?: JsonObject | undefined;
  readonly dependencies: readonly Dependency[];
  readonly builder: { readonly id: string; readonly version?: Readonly<Record<string, string>> | undefined };
  readonly invocation?: string | undefined;
  readonly started?: Date | undefined;
  readonly finished?: Date | undefined;
  /** What else came out: logs, checkpoints. */
  readonly byproducts?: readonly Resource[] | undefined;
}

/** Reads a role. */
export const readRole = (field: Field): Role => word(field, roles);

function dependency(field: Field): Dependency {
  const read = resource(field);
  const { [roleAnnotation]: said, ...others } = read.annotations ?? {};
  const role = said === undefined ? 'other' : readRole({ ...field, path: `${field.path}/annotations`, value: said });
  const digest = read.digest ?? {};
  if ((role === 'previous-version' || role === 'base-model') && digest['sha256'] === undefined)
    refuseField(field, 'wrong-digest', 'a model that this one was made from is named by its root digest, sha256');
  if (role !== 'other' && Object.keys(digest).length === 0)
    refuseField(field, 'wrong-digest', `an input of the role ${role} needs a digest`);
  return { ...read, annotations: Object.keys(others).length > 0 ? others : undefined, role };
}

function requireDistinct(field: Field, dependencies: readonly Dependency[]): void {
  const parents = dependencies.filter(isParent).map(({ digest }) => digest?.['sha256']);
  if (new Set(parents).size < parents.length)
    refuseField(field, 'repeated-dependency', 'a parent is named twice by its digest');
  if (dependencies.filter(({ role }) => role === 'previous-version').length > 1)
    refuseField(field, 'repeated-dependency', 'two previous versions; expected at most one');
}

function readDefinition(field: Field): Pick<Origin, 'parameters' | 'environment' | 'dependencies'> {
  const at = objectWith(field, ['buildType', 'externalParameters', 'internalParameters', 'resolvedDependencies']);
  if (uri(at('buildType')) !== trainingBuildType)
    refuseField(at('buildType'), 'wrong-build-type', `expected ${trainingBuildType}`);
  const dependencies =
    optional(at('resolvedDependencies'), (all) => list(all, predicateBounds.resources, dependency)) ?? [];
  requireDistinct(at('resolvedDependencies'), dependencies);
  return {
    parameters: object(at('externalParameters')),
    environment: optional(at('internalParameters'), object),
    dependencies,
  };
}

function readBuilder(field: Field): Origin['builder'] {
  const at = objectWith(field, ['id', 'version', 'builderDependencies']);
  const version = optional(at('version'), (versions) => record(versions, predicateBounds.digests, (one) => text(one)));
  return { id: uri(at('id')), version };
}

function readRun(field: Field): Omit<Origin, 'parameters' | 'environment' | 'dependencies'> {
  const at = objectWith(field, ['builder', 'metadata', 'byproducts']);
  const metadata =
    at('metadata').value === undefined
      ? undefined
      : objectWith(at('metadata'), ['invocationId', 'startedOn', 'finishedOn']);
  const started = metadata && optional(metadata('startedOn'), time);
  const finished = metadata && optional(metadata('finishedOn'), time);
  if (started !== undefined && finished !== undefined && finished < started)
    refuseField(at('metadata'), 'wrong-time', 'it was finished before it was started');
  return {
    builder: readBuilder(at('builder')),
    invocation: metadata && optional(metadata('invocationId'), text),
    started,
    finished,
    byproducts: optional(at('byproducts'), (all) => list(all, predicateBounds.resources, resource)),
  };
}

/** Reads a statement of origin. Never throws. */
export const readOrigin = (statement: Statement): Judged<ReadPredicate<Origin>, PredicateCode> =>
  readPredicate(statement, 'origin', (predicate) => {
    const at = objectWith(predicate, ['buildDefinition', 'runDetails']);
    return { ...readDefinition(at('buildDefinition')), ...readRun(at('runDetails')) };
  });

const dependencyJson = ({ role, annotations, ...rest }: Dependency): JsonObject =>
  resourceJson({
    ...rest,
    annotations: role === 'other' ? annotations : { ...annotations, [roleAnnotation]: role },
  });

const textOf = (time: Date | undefined): string | undefined => (time === undefined ? undefined : timeText(time));

/** The statement of origin of a model. */
export function originStatement(subject: Subject, origin: Origin): Judged<Statement, PredicateCode> {
  const { parameters, environment, dependencies, builder, invocation, started, finished, byproducts } = origin;
  const metadata = withoutGaps({
    invocationId: invocation,
    startedOn: textOf(started),
    finishedOn: textOf(finished),
  });
  const predicate = {
    buildDefinition: withoutGaps({
      buildType: trainingBuildType,
      externalParameters: parameters,
      internalParameters: environment,
      resolvedDependencies: dependencies.map(dependencyJson),
    }),
    runDetails: withoutGaps({
      builder: withoutGaps({ id: builder.id, version: builder.version }),
      metadata: Object.keys(metadata).length > 0 ? metadata : undefined,
      byproducts: byproducts?.map(resourceJson),
    }),
  };
  return statementOf('origin', subject, predicate, readOrigin);
}
