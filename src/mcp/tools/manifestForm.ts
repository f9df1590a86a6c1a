// The forms of manifests and pins: their schema, and what they say of their own digests.
import { readFileSync } from 'node:fs';
import { Validator } from '@cfworker/json-schema';
import { reasonOf } from '../../failure.ts';
import { type Manifest, manifestOf } from './manifest.ts';

const schemaFile = new URL('../../../spec/schema/mcp-manifest.schema.json', import.meta.url);

let known: { readonly definitions: object } | undefined;

/** Where and how a value breaks its schema, without any of the value; `undefined` when it conforms. */
export function faultOfForm(kind: 'manifest' | 'pins' | 'predicate', value: unknown): string | undefined {
  known ??= JSON.parse(readFileSync(schemaFile, 'utf8')) as { readonly definitions: object };
  const { valid, errors } = new Validator(
    { definitions: known.definitions, $ref: `#/definitions/${kind}` },
    '7',
  ).validate(value);
  if (valid) return undefined;
  const { instanceLocation = '#', keyword, error = '' } = errors.at(-1) ?? {};
  const reason = keyword === 'false' ? 'it is not expected' : error.replace(/\.$/, '');
  return `${instanceLocation.slice(1) || 'the whole'}: ${reason}`;
}

/** Recomputes what a manifest says of itself; `undefined` when all of it is so. */
export function wrongManifest(manifest: Manifest): string | undefined {
  const { tools, prompts, instructions, digest } = manifest;
  const again = manifestOf(
    tools?.map(({ declaration }) => declaration),
    { prompts: prompts?.map(({ declaration }) => declaration), instructions },
  );
  if (!again.ok) return reasonOf(again);
  const said = [...(tools ?? []), ...(prompts ?? [])].map(({ name, contentHash }) => `${contentHash} ${name}`).sort();
  const is = [...(again.value.tools ?? []), ...(again.value.prompts ?? [])]
    .map((one) => `${one.contentHash} ${one.name}`)
    .sort();
  if (said.join('\n') !== is.join('\n'))
    return 'the names and digests of its declarations are not those of what it holds';
  return again.value.digest === digest ? undefined : 'its digest is not that of what it holds';
}
