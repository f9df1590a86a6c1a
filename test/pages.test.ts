// The pages of the repository say what is there: links, paths, npm scripts, and the walks through the source.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { describe, expect, it } from 'vitest';

const leftOut = new Set(['node_modules', '.git', 'dist', 'coverage', 'reports']);

function pagesIn(directory: string): string[] {
  return readdirSync(directory, { withFileTypes: true }).flatMap((entry) => {
    const path = join(directory, entry.name);
    if (leftOut.has(entry.name)) return [];
    if (entry.isDirectory()) return pagesIn(path);
    return entry.name.endsWith('.md') ? [path] : [];
  });
}

const pages = pagesIn('.');
const textOf = (page: string): string => readFileSync(page, 'utf8');
/** A page without its blocks of code. */
const proseOf = (page: string): string => textOf(page).replace(/^```[\s\S]*?^```/gm, '');
/** Pieces of code in a line, without those in blocks. */
const codeIn = (page: string): string[] => [...proseOf(page).matchAll(/`([^`\n]+)`/g)].map(([, code = '']) => code);

/** The anchor of a heading, as GitHub makes it. */
const anchorOf = (heading: string): string =>
  heading
    .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .trim()
    .replace(/\s/g, '-');

const anchors = new Map<string, Set<string>>();

/** The anchors of a page: those of its headings, and those that are written out. */
function anchorsIn(page: string): Set<string> {
  const found =
    anchors.get(page) ??
    new Set([
      ...[...proseOf(page).matchAll(/^#{1,6} (.+)$/gm)].map(([, heading = '']) => anchorOf(heading)),
      ...[...proseOf(page).matchAll(/<a id="([^"]+)">/g)].map(([, id = '']) => id),
    ]);
  anchors.set(page, found);
  return found;
}

/** A link to a file of the repository that is not there, or to a heading that its page does not have. */
function broken(page: string, target: string): boolean {
  if (/^[a-z]+:/.test(target)) return false;
  const [path = '', anchor] = target.split('#');
  const file = path === '' ? page : normalize(join(dirname(page), path));
  if (!existsSync(file)) return true;
  return anchor !== undefined && !anchorsIn(file).has(anchor);
}

describe('pages', () => {
  it('there are pages, and they link to each other', () => {
    expect(pages.length).toBeGreaterThanOrEqual(20);
    expect(pages.flatMap((page) => [...proseOf(page).matchAll(/\]\(/g)]).length).toBeGreaterThan(80);
  });

  it.each(pages)('every link and anchor of %s resolves', (page) => {
    const targets = [...proseOf(page).matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = '']) => target);
    expect([...new Set(targets)].filter((target) => broken(page, target))).toEqual([]);
  });

  it('a link to nothing is told', () => {
    expect(broken('README.md', 'spec/no-such-page.md')).toBe(true);
    expect(broken('README.md', 'spec/operating.md#no-such-heading')).toBe(true);
    expect(broken('spec/operating.md', 'README.md#failures')).toBe(false);
  });

  it.each(pages)('every npm script that %s names is one of package.json', (page) => {
    const { scripts }: { scripts: Record<string, string> } = JSON.parse(readFileSync('package.json', 'utf8'));
    const named = [...textOf(page).matchAll(/npm run (?:-s )?([a-z][a-z:-]*)/g)].map(([, name = '']) => name);
    expect(named.filter((name) => scripts[name] === undefined)).toEqual([]);
  });

  it.each(pages)('every path in code of %s is there', (page) => {
    const rooms = /^((?:src|scripts|test|properties|spec|models)\/[\w./@-]*\w)(?:[:/ ].*)?$/;
    const paths = codeIn(page).flatMap((code) => rooms.exec(code)?.[1] ?? []);
    expect(paths.filter((path) => !existsSync(path) && !existsSync(`${path}.ts`))).toEqual([]);
  });

  it('the README has less than 110 lines', () => {
    expect(textOf('README.md').split('\n').length).toBeLessThan(110);
  });
});

/** The files that a source imports. */
const importsOf = (file: string): string[] =>
  [...readFileSync(file, 'utf8').matchAll(/from '(\.[^']+)'/g)].map(([, path = '']) => join(dirname(file), path));

describe('the walks of ARCHITECTURE.md', () => {
  const walks = [...textOf('ARCHITECTURE.md').matchAll(/<!-- walk -->\n([\s\S]*?)<!-- end -->/g)].map(([, list = '']) =>
    [...list.matchAll(/^\d+\. `([^`]+)`/gm)].map(([, file = '']) => file),
  );

  it.each([
    ['connect to the session key', 0, 8, 'src/node/transport/tcp.ts'],
    ['a certificate file to a validated peer', 1, 7, 'src/node/files/files.ts'],
    ['a message of a peer to the child behind the gate', 2, 12, 'src/mcp/bridge/serve.ts'],
  ])('%s: few files, each tied to one before it by an import', (_, at, most, first) => {
    const walk = walks[at] ?? [];
    expect(walk[0]).toBe(first);
    expect(walk.length).toBeGreaterThan(4);
    expect(walk.length).toBeLessThanOrEqual(most);
    const loose = walk.slice(1).filter((file, index) => {
      const before = walk.slice(0, index + 1);
      return !before.some((one) => importsOf(one).includes(file) || importsOf(file).includes(one));
    });
    expect(loose).toEqual([]);
  });
});

it('the rooms of ARCHITECTURE.md are those that imports are checked against, in their order', () => {
  const rules = textOf('.dependency-cruiser.mjs');
  const parts = ['derivation', 'key-schedule', 'files', 'authority', 'transport']; // told of with the room that they are in
  const checked = [...rules.matchAll(/^ {2}\{ name: '([\w-]+)', path:/gm)].map(([, name = '']) => name);
  const [, table = ''] = /^## Rooms\n([\s\S]*?)^## /m.exec(textOf('ARCHITECTURE.md')) ?? [];
  const told = [...table.matchAll(/^\| `(?:src\/)?([\w*.]+)` \|/gm)].map(([, name]) =>
    name === '*.ts' ? 'ground' : name,
  );
  expect(checked.length).toBeGreaterThan(15);
  expect(told).toEqual(checked.filter((name) => !parts.includes(name)));
});

it.each([
  ['provenance', 'foldersOfProvenance'],
  ['mcp', 'foldersOfMcp'],
])('so are the folders of src/%s', (room, list) => {
  const [, folders = ''] =
    new RegExp(`^const ${list} = \\[([\\s\\S]*?)\\];`, 'm').exec(textOf('.dependency-cruiser.mjs')) ?? [];
  const checked = [...folders.matchAll(/'(\w+)'/g)].map(([, name]) => name);
  const rows = new RegExp(`^\\| \`src/${room}/(\\w+)\` \\|`, 'gm');
  const told = [...textOf('ARCHITECTURE.md').matchAll(rows)].map(([, name]) => name);
  const there = readdirSync(`src/${room}`, { withFileTypes: true }).filter(
    (one) => one.isDirectory() && !leftOut.has(one.name),
  );
  expect(told).toEqual(checked);
  expect([...checked].sort()).toEqual(there.map(({ name }) => name).sort());
});
