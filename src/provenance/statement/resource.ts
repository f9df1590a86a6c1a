// Resource descriptors of in-toto v1: data sets, models, code, configurations.
import type { JsonObject } from '../../json/readJson.ts';
import {
  type Field,
  object,
  objectWith,
  optional,
  predicateBounds,
  record,
  refuseField,
  text,
  uri,
  withoutGaps,
} from './predicateFields.ts';

/** What something is that a statement refers to. It has a name, a URI or a digest. */
export interface Resource {
  readonly name?: string | undefined;
  readonly uri?: string | undefined;
  /** By algorithm, in the words of in-toto: `sha256`, `sha512`, `gitCommit`, ... */
  readonly digest?: Readonly<Record<string, string>> | undefined;
  readonly downloadLocation?: string | undefined;
  readonly mediaType?: string | undefined;
  readonly annotations?: JsonObject | undefined;
}

/** Hexadecimal digits of the digests whose form is known; others are only bounded. */
const digits: Readonly<Record<string, readonly number[]>> = {
  sha256: [64],
  sha384: [96],
  sha512: [128],
  sha1: [40],
  gitCommit: [40, 64],
  gitTree: [40, 64],
  gitBlob: [40, 64],
};

function digestValue(field: Field, algorithm: string): string {
  const value = text(field, 256);
  const lengths = Object.hasOwn(digits, algorithm) ? digits[algorithm] : undefined;
  if (lengths === undefined || (lengths.includes(value.length) && /^[0-9a-f]+$/.test(value))) return value;
  return refuseField(field, 'wrong-digest', `expected ${lengths.join(' or ')} hexadecimal digits in small letters`);
}

const digestSet = (field: Field): Record<string, string> => {
  const digest = record(field, predicateBounds.digests, digestValue);
  return Object.keys(digest).length > 0 ? digest : refuseField(field, 'wrong-digest', 'expected at least one digest');
};

const names = ['name', 'uri', 'digest', 'content', 'downloadLocation', 'mediaType', 'annotations'];

/** Reads a resource descriptor. Its `content` is not read, as digests say what is meant. */
export function resource(field: Field): Resource {
  const at = objectWith(field, names);
  const read = {
    name: optional(at('name'), text),
    uri: optional(at('uri'), uri),
    digest: optional(at('digest'), digestSet),
    downloadLocation: optional(at('downloadLocation'), uri),
    mediaType: optional(at('mediaType'), text),
    annotations: optional(at('annotations'), object),
  };
  if (at('content').value !== undefined)
    refuseField(at('content'), 'wrong-field', 'contents in a statement are not read; expected a digest');
  if (read.name === undefined && read.uri === undefined && read.digest === undefined)
    refuseField(field, 'missing-field', 'expected a name, a uri or a digest');
  return read;
}

/** The JSON of a resource descriptor. */
export const resourceJson = (one: Resource): JsonObject =>
  withoutGaps({
    name: one.name,
    uri: one.uri,
    digest: one.digest,
    downloadLocation: one.downloadLocation,
    mediaType: one.mediaType,
    annotations: one.annotations,
  });
