// Builds the package pquake-mcp: its sources with those of pquake that they use.
import { execFileSync } from 'node:child_process';
import { cpSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';

const here = import.meta.dirname;
const root = resolve(here, '../..');
const dist = join(here, 'dist');

rmSync(dist, { recursive: true, force: true });
execFileSync('tsc', ['-p', join(here, 'tsconfig.build.json')], { stdio: 'inherit' });
const schemas = ['mcp-manifest', 'mcp-policy', 'mcp-record', 'trust-policy'].map(
  (name) => `spec/schema/${name}.schema.json`,
);
for (const path of [
  'LICENSE',
  'src/mcp/package.json',
  'spec/mcp',
  'spec/mcp.md',
  'spec/provenance',
  'spec/provenance.md',
  ...schemas,
])
  cpSync(join(root, path), join(dist, path), { recursive: true });
