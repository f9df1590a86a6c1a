// The published vectors. Runs of the code make them: the same octets each time.
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ConfigurationError } from '../../configuration.ts';
import { draft, protocolVersion } from '../../generated/constants.ts';
import { note, print } from '../../node/terminal/output.ts';
import { certificates } from './certificates.ts';
import { channel } from './channel.ts';
import { codec } from './codec.ts';
import { deliveries } from './deliveries.ts';
import type { Index, VectorFile } from './format.ts';
import { handshakes } from './handshakes.ts';
import { hedgedVectors } from './hedged.ts';
import { identities } from './identities.ts';
import { keySchedules } from './keySchedule.ts';
import { isConfirmed } from './primitiveCases.ts';
import { primitives } from './primitives.ts';
import { proposalVectors } from './proposals.ts';
import { schema } from './schema.ts';
import { digestOf } from './vectorOctets.ts';

const files: readonly VectorFile[] = [
  ...[identities, primitives, codec, keySchedules, certificates, handshakes, deliveries, channel],
  hedgedVectors,
];

/** The files of the directory, by name. */
function render(): Map<string, string> {
  const index: Index = {
    kind: 'index',
    format: 2,
    protocol: 'PQuAKE',
    version: protocolVersion,
    draft,
    files: files.map((one) => ({
      file: `${one.kind}.json`,
      kind: one.kind,
      cases: one.cases.length,
      digest: digestOf(one),
    })),
  };
  const json = [
    ['index.json', index] as const,
    ['vectors.schema.json', schema] as const,
    ...files.map((one) => [`${one.kind}.json`, one] as const),
  ];
  return new Map(json.map(([name, value]) => [name, `${JSON.stringify(value, null, 1)}\n`]));
}

const readOf = (file: string): string | undefined => (existsSync(file) ? readFileSync(file, 'utf8') : undefined);

/** Refuses a file without cases, and two cases with one id. */
function checkCases(): number {
  const empty = files.filter(({ cases }) => cases.length === 0).map(({ kind }) => kind);
  const ids = files.flatMap(({ cases }) => cases.map(({ id }) => id));
  const twice = ids.filter((id, at) => ids.indexOf(id) !== at);
  if (empty.length + twice.length > 0) throw new Error(`no cases: ${empty.join(', ')}; twice: ${twice.join(', ')}`);
  return ids.length;
}

/**
 * Writes the vectors of the proposals, if they differ; with `check` it only names them. They stand beside those of the draft, of which
 * they are none. @returns the exit status
 */
function runProposals(directory: string, check: boolean): number {
  const made = proposalVectors();
  const file = join(directory, 'proposals.json');
  const text = `${JSON.stringify(made, null, 1)}\n`;
  const fresh = readOf(file) === text;
  if (check) {
    if (!fresh) note(`not what the code computes, run \`npm run vectors\`: ${file}`);
    else print(`${made.cases.length} vectors of proposals are what the code computes`);
    return fresh ? 0 : 1;
  }
  mkdirSync(directory, { recursive: true });
  if (!fresh) writeFileSync(file, text);
  print(`${made.cases.length} vectors of proposals, ${fresh ? 0 : 1} files written`);
  return 0;
}

interface VectorOptions {
  readonly directory: string;
  /** Where those of the proposals are; without it they are left alone. */
  readonly proposals?: string | undefined;
  readonly check?: boolean;
}

/** Writes the files of a directory that differ; with `check` it only names them. @returns the exit status */
export function runVectors({ directory, proposals, check = false }: VectorOptions): number {
  const ofDraft = runDraft(directory, check);
  return proposals === undefined ? ofDraft : Math.max(ofDraft, runProposals(proposals, check));
}

function runDraft(directory: string, check: boolean): number {
  if (!isConfirmed) {
    const reason = 'this Node has no native back end, which confirms the primitives (Node >= 24.7 with OpenSSL >= 3.5)';
    if (!check) throw new ConfigurationError(`no vectors are written: ${reason}`);
    note(`pquake: warning: noble alone: ${reason}`);
  }
  const cases = checkCases();
  const rendered = render();
  const present = existsSync(directory) ? readdirSync(directory) : [];
  const strays = present.filter((name) => name !== 'README.md' && !rendered.has(name));
  const stale = [...rendered].filter(([name, text]) => readOf(join(directory, name)) !== text).map(([name]) => name);
  if (strays.length > 0) note(`${directory}: not vectors: ${strays.join(', ')}`);
  if (!check) {
    mkdirSync(directory, { recursive: true });
    for (const name of stale) writeFileSync(join(directory, name), rendered.get(name) ?? '');
    print(`${cases} vectors in ${files.length} files, ${stale.length} files written`);
  } else if (stale.length > 0) {
    note(`not what the code computes, run \`npm run vectors\`: ${stale.join(', ')}`);
    return 1;
  } else print(`${cases} vectors in ${files.length} files are what the code computes`);
  return strays.length > 0 ? 1 : 0;
}
