// Writes spec/vectors/v1/ from runs of the code, the same octets each time; with --check only compares, and fails on drift.
//   npm run vectors [-- --check]
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { draft, protocolVersion } from '../../generated/constants.ts';
import { certificates } from './certificates.ts';
import { codec } from './codec.ts';
import { deliveries } from './deliveries.ts';
import type { Index, VectorFile } from './format.ts';
import { handshakes } from './handshakes.ts';
import { identities } from './identities.ts';
import { keySchedules } from './keySchedule.ts';
import { digestOf } from './octets.ts';
import { primitives } from './primitives.ts';
import { schema } from './schema.ts';

const directory = 'spec/vectors/v1';
const files: readonly VectorFile[] = [
  ...[identities, primitives, codec, keySchedules, certificates, handshakes, deliveries],
];

/** What stands in the directory, by name. */
function render(): Map<string, string> {
  const index: Index = {
    ...{ kind: 'index', format: 1, protocol: 'PQuAKE', version: protocolVersion, draft },
    files: files.map((one) => ({
      ...{ file: `${one.kind}.json`, kind: one.kind, cases: one.cases.length, digest: digestOf(one) },
    })),
  };
  const json = [
    ['index.json', index] as const,
    ['vectors.schema.json', schema] as const,
    ...files.map((one) => [`${one.kind}.json`, one] as const),
  ];
  return new Map(json.map(([name, value]) => [name, `${JSON.stringify(value, null, 1)}\n`]));
}

const read = (name: string): string | undefined => {
  try {
    return readFileSync(join(directory, name), 'utf8');
  } catch {
    return undefined;
  }
};

function main(): void {
  const empty = files.filter(({ cases }) => cases.length === 0).map(({ kind }) => kind);
  const ids = files.flatMap(({ cases }) => cases.map(({ id }) => id));
  const twice = ids.filter((id, at) => ids.indexOf(id) !== at);
  if (empty.length + twice.length > 0) throw new Error(`no cases: ${empty.join(', ')}; twice: ${twice.join(', ')}`);
  const rendered = render();
  mkdirSync(directory, { recursive: true });
  const strays = readdirSync(directory).filter((name) => name !== 'README.md' && !rendered.has(name));
  const stale = [...rendered].filter(([name, text]) => read(name) !== text).map(([name]) => name);
  if (!process.argv.includes('--check')) {
    for (const name of stale) writeFileSync(join(directory, name), rendered.get(name) ?? '');
    console.log(`${ids.length} vectors in ${files.length} files, ${stale.length} files written`);
  } else if (stale.length > 0) {
    console.error(`not what the code computes, run \`npm run vectors\`: ${stale.join(', ')}`);
    process.exitCode = 1;
  } else console.log(`${ids.length} vectors in ${files.length} files are what the code computes`);
  if (strays.length === 0) return;
  console.error(`${directory}: not vectors: ${strays.join(', ')}`);
  process.exitCode = 1;
}

main();
