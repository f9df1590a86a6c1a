// Builds the package pquake-lab: its sources with those of pquake that they use, and the models and the specification beside them.
import { execFileSync } from 'node:child_process';
import { cpSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';

const here = import.meta.dirname;
const root = resolve(here, '../..');
const dist = join(here, 'dist');

rmSync(dist, { recursive: true, force: true });
execFileSync('tsc', ['-p', join(here, 'tsconfig.build.json')], { stdio: 'inherit' });
cpSync(join(here, 'package.json'), join(dist, 'src/lab/package.json'));
cpSync(join(here, 'vectors/verify-vectors.py'), join(dist, 'src/lab/vectors/verify-vectors.py'));
for (const directory of ['models', 'spec']) cpSync(join(root, directory), join(dist, directory), { recursive: true });
