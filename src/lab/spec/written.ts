// Files that are generated: written where they differ, or only compared.
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';

/** Texts of files by path. */
export type Rendered = ReadonlyMap<string, string>;

/** The changes, done or to do: the number of rendered files, and the paths of those that differed or were there without being rendered. */
export interface Done {
  readonly files: number;
  readonly changed: readonly string[];
}

const read = (path: string): string | undefined => (existsSync(path) ? readFileSync(path, 'utf8') : undefined);

/** The files of some directories that were not rendered; only rendered files may be there. */
function straysOf(files: Rendered, directories: readonly string[]): string[] {
  return directories
    .filter((one) => existsSync(one))
    .flatMap((one) => readdirSync(one, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map((entry) => relative('.', join(entry.parentPath, entry.name)))
    .filter((path) => !files.has(path));
}

/**
 * Writes the files that differ, and removes foreign ones from `directories`. With `check` it changes nothing and only names
 * them.
 */
export function settle(files: Rendered, directories: readonly string[], check: boolean): Done {
  const stale = [...files].filter(([path, text]) => read(path) !== text).map(([path]) => path);
  const strays = straysOf(files, directories);
  if (!check) {
    for (const path of strays) rmSync(path);
    for (const path of stale) {
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, files.get(path) ?? '');
    }
  }
  return { files: files.size, changed: [...stale, ...strays] };
}

/** Prints the changes. @returns the exit status */
export function tell(what: string, { files, changed }: Done, check: boolean): number {
  if (!check) process.stdout.write(`${what}: ${files} generated files, ${changed.length} written\n`);
  else if (changed.length === 0) process.stdout.write(`${what}: ${files} generated files are fresh\n`);
  else process.stderr.write(`${what}: these files are stale, run \`npm run generate\`: ${changed.join(', ')}\n`);
  return check && changed.length > 0 ? 1 : 0;
}
