// What a server declares, as those who front it see it: the digest of its manifest goes into the record.
import { isObject, type Json } from '../contract.ts';
import type { Guard } from '../gate/index.ts';
import { bounds } from '../tools/bounds.ts';
import { manifestOf } from '../tools/manifest.ts';

/**
 * Looks at the lists of tools of a server, and refuses nothing. A list that comes in pages counts when all of them have come in order, and no more
 * declarations than a manifest may have.
 * @param declared - is told the digest of the manifest when a list was whole
 */
export function manifestObserver(declared: (digest: string) => void): Guard {
  let seen: readonly Json[] = [];
  let next: string | undefined;
  return {
    asked: () => ({ forward: true }),
    notified: () => {},
    answered: (method, params, result) => {
      if (method !== 'tools/list' || !isObject(result) || !Array.isArray(result['tools'])) return { forward: true };
      const cursor = isObject(params) ? params['cursor'] : undefined;
      if (cursor !== undefined && cursor !== next) return { forward: true };
      seen = cursor === undefined ? result['tools'] : [...seen, ...result['tools']];
      const { nextCursor } = result;
      next = typeof nextCursor === 'string' && seen.length <= bounds.declarations ? nextCursor : undefined;
      const manifest = typeof nextCursor === 'string' ? undefined : manifestOf(seen);
      if (next === undefined) seen = [];
      if (manifest?.ok === true) declared(manifest.value.digest);
      return { forward: true };
    },
  };
}
