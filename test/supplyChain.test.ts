// The lock file states every installed package by hash, and nothing runs while it is installed.
import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';

interface LockEntry {
  readonly version?: string;
  readonly integrity?: string;
  readonly link?: boolean;
  readonly resolved?: string;
  readonly hasInstallScript?: boolean;
  readonly bin?: Readonly<Record<string, string>>;
}

const json = (file: string) => JSON.parse(readFileSync(file, 'utf8'));
const lock: Readonly<Record<string, LockEntry>> = json('package-lock.json').packages;
const installed = Object.entries(lock).filter(([path, { link }]) => path.includes('node_modules/') && !link);

/** Packages that state an install script. None of them needs it: `.npmrc` lets no script run. */
const withInstallScript = ['node_modules/esbuild'];

describe('the supply chain', () => {
  it('every package of the lock file has a hash', () => {
    expect(installed.length).toBeGreaterThan(300);
    expect(installed.filter(([, { integrity }]) => !/^sha512-[A-Za-z0-9+/]{86}==$/.test(integrity ?? ''))).toEqual([]);
  });

  it('what is not from a registry is a workspace of this repository', () => {
    const links = Object.values(lock).filter(({ link }) => link);
    const { workspaces }: { workspaces: string[] } = json('package.json');
    expect(links.map(({ resolved }) => resolved).sort()).toEqual([...workspaces].sort());
    const ours = Object.keys(lock).filter((path) => !path.includes('node_modules/') && path !== '');
    expect(ours.sort()).toEqual([...workspaces].sort());
  });

  it('install scripts are off, and the packages that state one are known by name', () => {
    expect(readFileSync('.npmrc', 'utf8').split('\n')).toContain('ignore-scripts=true');
    const stated = installed.filter(([, { hasInstallScript }]) => hasInstallScript).map(([path]) => path);
    expect(stated).toEqual(withInstallScript);
  });

  it('the Node that is first on PATH in scripts is a package of the lock file', () => {
    const link = resolve('node_modules/.bin/node');
    if (!existsSync(link)) throw new Error('no Node of this project: its platform has no package in scripts/runtime');
    let directory = dirname(realpathSync(link));
    while (!existsSync(join(directory, 'package.json'))) directory = dirname(directory);
    const { name, version } = json(join(directory, 'package.json'));
    expect(lock[`node_modules/${name}`]?.version).toBe(version);
    expect(json('scripts/runtime/package.json').optionalDependencies[name]).toBe(version);
  });
});
