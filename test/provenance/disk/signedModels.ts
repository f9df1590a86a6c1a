// Models in temporary folders, and what tests do to them.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** A folder that tests fill, and its removal. */
export function temporaryModels() {
  const root = mkdtempSync(join(tmpdir(), 'pquake-model-'));
  let count = 0;
  return {
    /** A new model, by the contents of its files. */
    make: (files: Readonly<Record<string, string>>): string => {
      count += 1;
      const path = join(root, `model-${count}`);
      for (const [name, content] of Object.entries(files)) {
        mkdirSync(dirname(join(path, name)), { recursive: true });
        writeFileSync(join(path, name), content);
      }
      return path;
    },
    file: (name: string): string => join(root, name),
    remove: (): void => rmSync(root, { recursive: true, force: true }),
  };
}
