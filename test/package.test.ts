import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { tmpdir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { expect, it } from 'vitest';

const run = promisify(execFile);

it('the library bundles for browsers: no module of Node anywhere behind it', async () => {
  const { metafile, outputFiles } = await build({
    entryPoints: ['src/index.ts'],
    bundle: true,
    write: false,
    metafile: true,
    platform: 'browser',
    format: 'esm',
  });
  const imported = Object.values(metafile.inputs).flatMap(({ imports }) => imports.map(({ path }) => path));
  const ofNode = imported.filter((path) => path.startsWith('node:') || builtinModules.includes(path));
  expect(ofNode).toEqual([]);
  expect(Object.keys(metafile.inputs).filter((path) => path.startsWith('src/node/'))).toEqual([]);
  expect(outputFiles[0]?.text).toMatch(/initiator/);
});

it('the packed tarball installs in an empty folder; its demo and its library run there on the Node of the machine', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'pquake-package-'));
  // The Node of the machine, not the one that this project brings for its own scripts.
  const ours = resolve('node_modules');
  const path = (process.env['PATH'] ?? '').split(delimiter).filter((entry) => !entry.startsWith(ours));
  const environment = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^npm_|^NODE/.test(name)));
  const options = { cwd: directory, env: { ...environment, PATH: path.join(delimiter) }, maxBuffer: 1 << 24 };
  try {
    await run('npm', ['pack', '--silent', '--ignore-scripts=false', '--pack-destination', directory]);
    const [tarball = ''] = readdirSync(directory).filter((name) => name.endsWith('.tgz'));
    await run('npm', ['init', '--yes'], options);
    await run('npm', ['install', '--no-audit', '--no-fund', join(directory, tarball)], options);
    const { stdout } = await run('npx', ['pquake', 'demo'], options);
    expect(stdout.match(/both hold the same session key/g)).toHaveLength(2);
    const proved = await run('npx', ['pquake', 'prove', '--recorded', '--quiet'], options);
    expect(proved.stdout).toMatch(/^(\d+) queries in \d+ models: \1 as expected\n$/);
    const script =
      "import { initiator } from 'pquake'; import { connect } from 'pquake/node'; console.log(typeof initiator, typeof connect)";
    const imported = await run('node', ['--input-type=module', '--eval', script], options);
    expect(imported.stdout).toBe('function function\n');
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}, 240_000);
