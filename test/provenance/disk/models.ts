// Models in temporary folders.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';

/** A folder that goes with the test. */
export function folder(): string {
  const made = mkdtempSync(join(tmpdir(), 'pquake-model-'));
  onTestFinished(() => rmSync(made, { recursive: true, force: true }));
  return made;
}

/** A model with files of these contents. */
export function model(files: Readonly<Record<string, string | Uint8Array>>): string {
  const root = join(folder(), 'model');
  mkdirSync(root);
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), content);
  }
  return root;
}
