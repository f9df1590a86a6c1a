// What a server declares to a model, with a digest of each declaration and one of all: what is approved, pinned and compared.
import { type Checked, passed, refused } from '../../failure.ts';
import { isObject, type Json, type JsonObject } from '../contract.ts';
import { bounds } from './bounds.ts';
import { canonical, contentHash, digestOf, uncanonical, without } from './canonical.ts';

/** The lists of declarations that are pinned. */
export type Part = 'tools' | 'prompts';
export const parts: readonly Part[] = ['tools', 'prompts'];

/** A declaration, with its digest. */
export interface Declared {
  readonly name: string;
  /**
   * `sha256-` and the base64url of SHA-256 over the RFC 8785 form of the whole declaration without its member `contentHash`: that of
   * SEP-3140.
   */
  readonly contentHash: string;
  readonly declaration: JsonObject;
}

/** The declarations of a server: spec/schema/mcp-manifest.schema.json. */
export interface Manifest {
  readonly format: 'pquake-mcp-manifest';
  readonly version: 1;
  /** SHA-256, hexadecimal, over the RFC 8785 form of this object with the names and digests of declarations alone: `digested`. */
  readonly digest: string;
  /** Sorted by name, by UTF-16 units as RFC 8785 sorts. Absent, as the next two: not asked for. */
  readonly tools?: readonly Declared[];
  readonly prompts?: readonly Declared[];
  /** What the server tells the model about itself; `null` for nothing. */
  readonly instructions?: string | null;
}

/** Why declarations are refused before they are compared with any. */
export type ManifestCode = 'not-declarations' | 'duplicate-name' | 'wrong-content-hash' | 'too-much';

const nameOf = (value: Json): string | undefined =>
  isObject(value) && typeof value['name'] === 'string' ? value['name'] : undefined;

function declaredOf(value: Json, part: Part, at: number): Checked<Declared, ManifestCode> {
  const where = `${part}[${at}]`;
  const name = nameOf(value);
  if (!isObject(value) || name === undefined || name === '')
    return refused('not-declarations', `${where}: expected an object with a name`);
  if (name.length > bounds.name) return refused('too-much', `${where}: a name of more than ${bounds.name} characters`);
  const reason = uncanonical(value);
  if (reason !== undefined) return refused('not-declarations', `${where}: ${reason}`);
  const declaration = without(value, 'contentHash');
  if (canonical(declaration).length > bounds.declaration)
    return refused('too-much', `${where}: more than ${bounds.declaration} characters`);
  const hash = contentHash(declaration);
  const { contentHash: claimed } = value;
  if (typeof claimed === 'string' && claimed.startsWith('sha256-') && claimed !== hash)
    return refused('wrong-content-hash', `${where}: its contentHash is not that of its content`);
  return passed({ name, contentHash: hash, declaration });
}

const byName = (one: Declared, other: Declared): number => {
  if (one.name === other.name) return 0;
  return one.name < other.name ? -1 : 1;
};

/** The declarations of a list, sorted by name. Refuses two of one name: which of them is called cannot be said. */
export function declarationsOf(list: Json | undefined, part: Part): Checked<readonly Declared[], ManifestCode> {
  if (!Array.isArray(list)) return refused('not-declarations', `expected an array ${part}`);
  if (list.length > bounds.declarations) return refused('too-much', `more than ${bounds.declarations} ${part}`);
  const found = new Map<string, Declared>();
  for (const [at, one] of list.entries()) {
    const declared = declaredOf(one, part, at);
    if (!declared.ok) return declared;
    const { name } = declared.value;
    if (found.has(name))
      return refused('duplicate-name', `${part}[${at}]: there are two of the name ${JSON.stringify(name)}`);
    found.set(name, declared.value);
  }
  return passed([...found.values()].sort(byName));
}

const digestsOf = (list: readonly Declared[]): Json =>
  list.map(({ name, contentHash: hash }) => ({ name, contentHash: hash }));

/** What the digest of a manifest is over: names and digests of its declarations, and the digest of its instructions. */
export const digested = ({ format, version, tools, prompts, instructions }: Omit<Manifest, 'digest'>): Json => ({
  format,
  version,
  ...(tools === undefined ? {} : { tools: digestsOf(tools) }),
  ...(prompts === undefined ? {} : { prompts: digestsOf(prompts) }),
  ...(instructions === undefined ? {} : { instructions: instructions === null ? null : contentHash(instructions) }),
});

/** What a manifest is made of. */
type ManifestParts = Pick<Manifest, 'tools' | 'prompts' | 'instructions'>;

/** The manifest of declarations that were read. */
export function manifestWith({ tools, prompts, instructions }: ManifestParts): Manifest {
  const content = {
    format: 'pquake-mcp-manifest',
    version: 1,
    ...(tools === undefined ? {} : { tools: [...tools].sort(byName) }),
    ...(prompts === undefined ? {} : { prompts: [...prompts].sort(byName) }),
    ...(instructions === undefined ? {} : { instructions }),
  } as const;
  return { ...content, digest: digestOf(digested(content)) };
}

/** The instructions of a server, within their bounds. */
export function instructionsOf(text: string | null): Checked<string | null, ManifestCode> {
  if (text === null) return passed(null);
  const reason = uncanonical(text);
  if (reason !== undefined) return refused('not-declarations', `instructions: ${reason}`);
  return text.length <= bounds.instructions
    ? passed(text)
    : refused('too-much', `instructions: more than ${bounds.instructions} characters`);
}

/**
 * The manifest of the tools of a server, all pages together, as they came in the results of `tools/list`.
 * @param more - what else it declares to a model: the prompts of `prompts/list`, and the instructions of its first answer
 */
export function manifestOf(
  tools: Json | undefined,
  more: { readonly prompts?: Json | undefined; readonly instructions?: string | null | undefined } = {},
): Checked<Manifest, ManifestCode> {
  const read =
    tools === undefined && Object.values(more).some((one) => one !== undefined)
      ? undefined
      : declarationsOf(tools, 'tools');
  if (read?.ok === false) return read;
  const prompts = more.prompts === undefined ? undefined : declarationsOf(more.prompts, 'prompts');
  if (prompts !== undefined && !prompts.ok) return prompts;
  const instructions = more.instructions === undefined ? undefined : instructionsOf(more.instructions);
  if (instructions !== undefined && !instructions.ok) return instructions;
  return passed(
    manifestWith({
      ...(read === undefined ? {} : { tools: read.value }),
      ...(prompts === undefined ? {} : { prompts: prompts.value }),
      ...(instructions === undefined ? {} : { instructions: instructions.value }),
    }),
  );
}
