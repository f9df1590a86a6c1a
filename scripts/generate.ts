// Writes src/generated/ and the tables of spec/README.md from spec/*.yaml; with --check only compares and fails on drift.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { keySchedule } from './generate/keySchedule.ts';
import { codec, constants, failures, kinds, messages, requirements } from './generate/modules.ts';
import { fill } from './generate/readme.ts';
import { loadSpec, type Spec } from './generate/spec.ts';

const directory = 'src/generated';
const modules: Readonly<Record<string, (spec: Spec) => string>> = {
  'kinds.ts': kinds,
  'constants.ts': constants,
  'messages.ts': messages,
  'codec.ts': codec,
  'requirements.ts': requirements,
  'failures.ts': failures,
  'keySchedule.ts': keySchedule,
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
  files.set('spec/README.md', fill(readFileSync('spec/README.md', 'utf8'), spec));
  return files;
}

function strays(): string[] {
  const present = existsSync(directory) ? readdirSync(directory) : [];
  return present.filter((name) => !(name in modules)).map((name) => `${directory}/${name}`);
}

function main(): void {
  const files = render(loadSpec());
  const read = (path: string): string | undefined => (existsSync(path) ? readFileSync(path, 'utf8') : undefined);
  const stale = [...files].filter(([path, text]) => read(path) !== text).map(([path]) => path);
  if (process.argv.includes('--check')) {
    const drift = [...stale, ...strays()];
    process.exitCode = drift.length === 0 ? 0 : 1;
    if (drift.length === 0) console.log(`${files.size} generated files are fresh`);
    else console.error(`not what spec/ says, run \`npm run generate\`: ${drift.join(', ')}`);
    return;
  }
  mkdirSync(directory, { recursive: true });
  for (const path of strays()) rmSync(path);
  for (const path of stale) writeFileSync(path, files.get(path) ?? '');
  console.log(`${files.size} generated files, ${stale.length} written`);
}

main();
