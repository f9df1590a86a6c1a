// Writes src/generated/, the tables of spec/*.md and the dissector of spec/wireshark/ from spec/*.yaml, and models/generated/ from
// runs of src/protocol on terms; with --check only compares and fails on drift.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { generatedDirectory, modelFiles, modelsDirectory } from '../src/lab/models/index.ts';
import { ambiguityTables } from '../src/lab/report/ambiguities.ts';
import { conformanceTables } from '../src/lab/report/conformance.ts';
import { loadAsked, modelTables, verdictsOf } from '../src/lab/report/models.ts';
import { loadSpec, type Spec } from '../src/lab/spec/spec.ts';
import { fillTables } from '../src/lab/spec/text.ts';
import { keySchedule } from './generate/keySchedule.ts';
import { codec, constants, failures, keyLog, kinds, messages, requirements } from './generate/modules.ts';
import { keyLogTables, tables } from './generate/readme.ts';
import { suites } from './generate/suites.ts';
import { wireshark } from './generate/wireshark.ts';

const directory = 'src/generated';
const specReadme = 'spec/README.md';
const keyLogReadme = 'spec/keylog.md';
const dissector = 'spec/wireshark/pquake.lua';
const modelsReadme = 'models/README.md';
const readingsPage = 'spec/readings.md';
const conformanceGuide = 'spec/conformance.md';
const modules: Readonly<Record<string, (spec: Spec) => string>> = {
  'kinds.ts': kinds,
  'constants.ts': constants,
  'messages.ts': messages,
  'codec.ts': codec,
  'requirements.ts': requirements,
  'failures.ts': failures,
  'keySchedule.ts': keySchedule,
  'suites.ts': suites,
  'keyLog.ts': keyLog,
};

function format(path: string, text: string): string {
  return execFileSync('biome', ['check', '--write', `--stdin-file-path=${path}`], { input: text, encoding: 'utf8' });
}

function render(spec: Spec): Map<string, string> {
  const files = new Map<string, string>();
  for (const [name, make] of Object.entries(modules)) {
    const path = `${directory}/${name}`;
    files.set(path, format(path, make(spec)));
  }
  files.set(specReadme, fillTables(specReadme, readFileSync(specReadme, 'utf8'), tables(spec)));
  files.set(keyLogReadme, fillTables(keyLogReadme, readFileSync(keyLogReadme, 'utf8'), keyLogTables(spec)));
  files.set(dissector, wireshark(spec));
  files.set(
    conformanceGuide,
    fillTables(conformanceGuide, readFileSync(conformanceGuide, 'utf8'), conformanceTables()),
  );
  for (const [path, text] of modelFiles(spec)) files.set(path, text);
  return files;
}

/** What tells of the models tells of the files as they are, and of the verdicts recorded: it comes last. */
function renderVerdicts(spec: Spec): Map<string, string> {
  const asked = loadAsked(modelsDirectory);
  const ambiguities = ambiguityTables(spec, asked, (protocol) => verdictsOf(asked, protocol));
  const pages = { [modelsReadme]: modelTables(asked), [readingsPage]: ambiguities };
  const fill = (page: string, parts: Readonly<Record<string, string>>): string =>
    fillTables(page, readFileSync(page, 'utf8'), parts);
  return new Map(Object.entries(pages).map(([page, parts]) => [page, fill(page, parts)]));
}

const read = (path: string): string | undefined => (existsSync(path) ? readFileSync(path, 'utf8') : undefined);
const staleOf = (files: ReadonlyMap<string, string>): string[] =>
  [...files].filter(([path, text]) => read(path) !== text).map(([path]) => path);

/** Writes what is stale. @returns how many files that were */
function write(files: ReadonlyMap<string, string>): number {
  const stale = staleOf(files);
  for (const path of stale) {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, files.get(path) ?? '');
  }
  return stale.length;
}

/** Files that stand where only generated ones do, and are none. */
function strays(files: ReadonlyMap<string, string>): string[] {
  const present = [directory, generatedDirectory].filter((one) => existsSync(one));
  return present
    .flatMap((one) => readdirSync(one, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map((entry) => relative('.', join(entry.parentPath, entry.name)))
    .filter((path) => !files.has(path));
}

function main(): void {
  const spec = loadSpec();
  const files = render(spec);
  if (process.argv.includes('--check')) {
    const pages = renderVerdicts(spec);
    const drift = [...staleOf(files), ...strays(files), ...staleOf(pages)];
    process.exitCode = drift.length === 0 ? 0 : 1;
    if (drift.length === 0) console.log(`${files.size + pages.size} generated files are fresh`);
    else console.error(`not what spec/ and src/protocol say, run \`npm run generate\`: ${drift.join(', ')}`);
    return;
  }
  for (const path of strays(files)) rmSync(path);
  const stale = write(files);
  const pages = renderVerdicts(spec);
  console.log(`${files.size + pages.size} generated files, ${stale + write(pages)} written`);
}

main();
