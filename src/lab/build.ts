// Builds the package pquake-lab: its sources with those of pquake that they use, and the models and the specification beside them.
import { execFileSync } from 'node:child_process';
import { cpSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';

const here = import.meta.dirname;
const root = resolve(here, '../..');
const dist = join(here, 'dist');

/** Copies files or directories to the place that they have beside the built sources. */
function carry(...paths: readonly string[]): void {
  for (const path of paths) cpSync(join(root, path), join(dist, path), { recursive: true });
}

rmSync(dist, { recursive: true, force: true });
execFileSync('tsc', ['-p', join(here, 'tsconfig.build.json')], { stdio: 'inherit' });
carry('LICENSE', 'models', 'spec', 'src/lab/package.json');
carry('src/lab/vectors/openssl.json', 'src/lab/vectors/verify-vectors.py', 'src/lab/vectors/verify_channel.py');
rmSync(join(dist, 'spec/api'), { recursive: true }); // of the API of pquake
