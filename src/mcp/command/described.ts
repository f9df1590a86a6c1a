// What a manifest has, in a few words.
import { type Manifest, parts } from '../tools/manifest.ts';
import { count } from '../tools/words.ts';

/** `2 tools, 1 prompt, instructions; digest ...` */
export function describe(manifest: Manifest): string {
  const counts = parts.flatMap((part) =>
    manifest[part] === undefined ? [] : [count(manifest[part].length, part.slice(0, -1))],
  );
  const said = typeof manifest.instructions === 'string' ? ['instructions'] : [];
  return `${[...counts, ...said].join(', ')}; digest ${manifest.digest}`;
}
