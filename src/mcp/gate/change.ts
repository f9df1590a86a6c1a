// The changes that the gate makes to messages, each to the least part of the octets.
import { isObject, type Json, type Message } from '../contract.ts';
import { peerMetaKey } from './codes.ts';
import { isCacheable, type Kind, listings } from './methods.ts';
import { entriesOf, insertion, memberSpan, replaced, type Span, valueAt, whole } from './text.ts';

const textOf = (octets: Uint8Array): string =>
  Buffer.from(octets.buffer, octets.byteOffset, octets.length).toString('utf8');

/** Puts who the peer is into `_meta` of a request. */
export function withPeer(octets: Uint8Array, peer: Json): Buffer {
  const text = textOf(octets);
  const json = JSON.stringify(peer);
  const [params, meta] = [valueAt(text, ['params']), valueAt(text, ['params', '_meta'])];
  const entry = JSON.stringify({ [peerMetaKey]: peer });
  const change =
    params === undefined
      ? insertion(text, whole(text), 'params', `{"_meta":${entry}}`)
      : meta === undefined
        ? insertion(text, params, '_meta', entry)
        : insertion(text, meta, peerMetaKey, json);
  return Buffer.from(replaced(text, [change]));
}

/** Whether the peer may use something that a list names. */
export type MayUse = (kind: Kind, name: string) => boolean;

interface Entry {
  readonly index: number;
  readonly name: string;
}

/** The entries of a list that the peer may use, sorted by name; undefined when that is the list as it is. */
function shown(list: readonly Json[], kind: Kind, key: string, mayUse: MayUse): readonly Entry[] | undefined {
  const entries = list.flatMap((entry, index): Entry[] => {
    const name = isObject(entry) ? entry[key] : undefined;
    return typeof name === 'string' && mayUse(kind, name) ? [{ index, name }] : [];
  });
  const ordered = entries.toSorted((one, other) => (one.name < other.name ? -1 : one.name > other.name ? 1 : 0));
  const isSame = ordered.length === list.length && ordered.every(({ index }, at) => index === at);
  return isSame ? undefined : ordered;
}

type Change = Span & { readonly by: string };

/** Leaves of a list what the peer may use, in the order of names: each page by itself. */
function listChange(text: string, result: Message, method: string, mayUse: MayUse): readonly Change[] {
  const listing = listings.get(method);
  const list = listing && result[listing.member];
  if (listing === undefined || !Array.isArray(list)) return [];
  const entries = shown(list, listing.kind, listing.key, mayUse);
  const span = entries && valueAt(text, ['result', listing.member]);
  if (entries === undefined || span === undefined) return [];
  const spans = entriesOf(text, span);
  const parts = entries.map(({ index }) => text.slice(spans[index]?.start, spans[index]?.end));
  return [{ ...span, by: `[${parts.join(',')}]` }];
}

/** Keeps caches from showing others what this peer may see. A result without hints is not cached (2026-07-28, caching). */
function cacheChange(text: string, result: Message, method: string): readonly Change[] {
  const { ttlMs, cacheScope } = result;
  const isHinted = ttlMs !== undefined || cacheScope !== undefined;
  if (!isCacheable(method) || !isHinted || cacheScope === 'private') return [];
  const span = valueAt(text, ['result']);
  if (span === undefined) return [];
  const scope = memberSpan(text, span, 'cacheScope');
  return [scope === undefined ? insertion(text, span, 'cacheScope', '"private"') : { ...scope, by: '"private"' }];
}

/** The result of a method as this peer may see it. Octets that need no change are the same object. */
export function asMaySee(octets: Uint8Array, { result }: Message, method: string, mayUse: MayUse): Uint8Array {
  if (!isObject(result) || !isCacheable(method)) return octets;
  const text = textOf(octets);
  const changes = [...listChange(text, result, method, mayUse), ...cacheChange(text, result, method)];
  return changes.length === 0 ? octets : Buffer.from(replaced(text, changes));
}
