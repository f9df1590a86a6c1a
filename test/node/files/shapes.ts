// The ways in which a file gets another content: what editors, scripts, package managers and Kubernetes do.
import { mkdirSync, renameSync, rmSync, statSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** One way. Every content is as long as the ones before. */
export interface Shape {
  readonly words: string;
  /** Puts the first content below a folder that exists. Returns the name that is configured. */
  readonly begin: (root: string, content: string) => string;
  /** Puts the next content: the first, the second, and so on. */
  readonly change: (root: string, content: string, turn: number) => void | Promise<void>;
}

const list = 'ca.crl';
const pause = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds));

function put(folder: string, content: string, name = list): string {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, name), content);
  return join(folder, name);
}

/** Makes a link lead elsewhere, in one step. */
function link(target: string, path: string): void {
  symlinkSync(target, `${path}.new`);
  renameSync(`${path}.new`, path);
}

/** Puts a folder in the place of another one. */
function exchange(folder: string, turn: number, fill: (folder: string) => void): void {
  fill(`${folder}.new`);
  renameSync(folder, `${folder}.${turn}`);
  renameSync(`${folder}.new`, folder);
}

/** A volume of Kubernetes: its contents are behind `..data`, and the ones before are removed. */
function project(root: string, content: string, turn: number): void {
  put(join(root, `..at-${turn}`), content);
  link(`..at-${turn}`, join(root, '..data'));
  rmSync(join(root, `..at-${turn - 1}`), { recursive: true, force: true });
}

const inVolume = (configured: readonly string[]): Pick<Shape, 'begin' | 'change'> => ({
  begin: (root, content) => {
    project(root, content, 0);
    symlinkSync(join('..data', list), join(root, list));
    return join(root, ...configured);
  },
  change: project,
});

export const shapes: readonly Shape[] = [
  {
    words: 'a file is written in place',
    begin: put,
    change: (root, content) => void put(root, content),
  },
  {
    words: 'a file is replaced by rename',
    begin: put,
    change: (root, content) => renameSync(put(root, content, 'new'), join(root, list)),
  },
  {
    words: 'a link to its folder moves',
    begin: (root, content) => {
      put(join(root, 'releases', '0'), content);
      symlinkSync('releases/0', join(root, 'current'));
      return join(root, 'current', list);
    },
    change: (root, content, turn) => {
      put(join(root, 'releases', `${turn}`), content);
      link(`releases/${turn}`, join(root, 'current'));
    },
  },
  {
    words: 'its folder is exchanged',
    begin: (root, content) => put(join(root, 'lists'), content),
    change: (root, content, turn) => exchange(join(root, 'lists'), turn, (folder) => put(folder, content)),
  },
  {
    words: 'the parent of its folder is exchanged',
    begin: (root, content) => put(join(root, 'etc', 'lists'), content),
    change: (root, content, turn) => exchange(join(root, 'etc'), turn, (etc) => put(join(etc, 'lists'), content)),
  },
  {
    words: 'its folder is removed, and made again a second later',
    begin: (root, content) => put(join(root, 'lists'), content),
    change: async (root, content) => {
      rmSync(join(root, 'lists'), { recursive: true });
      await pause(1_000);
      put(join(root, 'lists'), content);
    },
  },
  {
    words: 'the inner of two links moves',
    begin: (root, content) => {
      put(join(root, 'releases', '0'), content);
      symlinkSync('releases/0', join(root, 'inner'));
      symlinkSync(join(root, 'inner'), join(root, 'outer'));
      return join(root, 'outer', list);
    },
    change: (root, content, turn) => {
      put(join(root, 'releases', `${turn}`), content);
      link(`releases/${turn}`, join(root, 'inner'));
    },
  },
  {
    words: 'the outer of two links moves',
    begin: (root, content) => {
      put(join(root, 'releases', '0'), content);
      mkdirSync(join(root, 'links'));
      symlinkSync('../releases/0', join(root, 'links', '0'));
      symlinkSync('links/0', join(root, 'outer'));
      return join(root, 'outer', list);
    },
    change: (root, content, turn) => {
      put(join(root, 'releases', `${turn}`), content);
      symlinkSync(`../releases/${turn}`, join(root, 'links', `${turn}`));
      link(`links/${turn}`, join(root, 'outer'));
    },
  },
  { words: 'a volume of Kubernetes is written', ...inVolume([list]) },
  { words: 'a volume of Kubernetes is written, and its ..data is named', ...inVolume(['..data', list]) },
  { words: 'a volume of Kubernetes is written, and its ..data is a folder of lists', ...inVolume(['..data']) },
  {
    words: 'a file is removed, and written again later',
    begin: put,
    change: async (root, content) => {
      rmSync(join(root, list));
      await pause(700);
      put(root, content);
    },
  },
  {
    words: 'a list is added to a folder of lists',
    begin: (root, content) => {
      put(join(root, 'lists'), content, '0.crl');
      return join(root, 'lists');
    },
    change: (root, content, turn) => void put(join(root, 'lists'), content, `${turn}.crl`),
  },
  {
    words: 'a file is written in place, and its size and time stay',
    begin: put,
    change: (root, content) => {
      const { atime, mtime } = statSync(join(root, list));
      put(root, content);
      utimesSync(join(root, list), atime, mtime);
    },
  },
];
