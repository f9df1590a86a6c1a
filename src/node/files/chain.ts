// Where a name can get another meaning: every folder in which the system looks something up on the way to the file.
import { lstatSync, readlinkSync } from 'node:fs';
import { dirname, isAbsolute, join, parse } from 'node:path';
import { filesIn, isFolder } from './folder.ts';
import { journalName } from './journal.ts';

/** The names in a folder that count; `any` for all of them. */
export type Names = ReadonlySet<string> | 'any';

/** Folders without links in their paths, with the names in each that count. */
export type Chain = ReadonlyMap<string, Names>;

/** The links that are followed on the way to a file: as many as Linux follows. */
export const mostLinks = 40;

const componentsOf = (path: string): string[] => path.split(process.platform === 'win32' ? /[\\/]/ : '/');

/** The target of a link; `undefined` for anything else; `'absent'` where nothing can be seen. */
function linkAt(path: string): { readonly target: string } | 'absent' | undefined {
  try {
    return lstatSync(path).isSymbolicLink() ? { target: readlinkSync(path) } : undefined;
  } catch {
    return 'absent';
  }
}

/** A folder and a name in it that is looked up. */
type Step = readonly [folder: string, name: string];

/** The steps from the root to a file, through every link. They end where there is nothing. */
function stepsTo(file: string): { readonly steps: readonly Step[]; readonly end: string | undefined } {
  const whole = isAbsolute(file) ? file : `${process.cwd()}/${file}`;
  const { root } = parse(whole);
  const steps: Step[] = [];
  const rest = componentsOf(whole.slice(root.length));
  let [folder, links] = [root, 0];
  for (let name = rest.shift(); name !== undefined; name = rest.shift()) {
    if (name === '' || name === '.') continue;
    if (name === '..') {
      folder = dirname(folder);
      continue;
    }
    steps.push([folder, name]);
    const path = join(folder, name);
    const link = linkAt(path);
    if (link === 'absent') return { steps, end: undefined };
    if (link === undefined) {
      folder = path;
      continue;
    }
    links += 1;
    if (links > mostLinks) return { steps, end: undefined };
    const base = parse(link.target).root;
    if (base !== '') folder = base;
    rest.unshift(...componentsOf(link.target.slice(base.length)));
  }
  return { steps, end: folder };
}

/** The folders on the way to files, and to the files of folders. */
export function chainOf(names: readonly string[]): Chain {
  const chain = new Map<string, Set<string> | 'any'>();
  const add = ([folder, name]: Step): void => {
    const known = chain.get(folder) ?? new Set();
    if (known !== 'any') chain.set(folder, known.add(name));
  };
  const addFile = (file: string): string | undefined => {
    const { steps, end } = stepsTo(file);
    for (const step of steps) add(step);
    const last = steps.at(-1);
    if (last !== undefined) add([last[0], journalName]);
    return end;
  };
  for (const name of names) {
    const end = addFile(name);
    if (end === undefined || !isFolder(end)) continue;
    chain.set(end, 'any');
    try {
      for (const file of filesIn(end)) addFile(file);
    } catch {
      // It went away, which its parent tells.
    }
  }
  return chain;
}
