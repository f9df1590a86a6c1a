// A copy of the fixture models in a directory of its own, and runs of the command line on it with fake provers.
import type { ChildProcess } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { tools } from '../../../src/lab/prove/model.ts';
import { startChild } from '../../../src/node/temporary/child.ts';

export interface Ended {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Place {
  /** A copy of the fixture models. */
  readonly models: string;
  /** The directory for temporary files of the command. */
  readonly temporary: string;
  /** The file that a sleeping fake prover writes to as long as it lives. */
  readonly beat: string;
  /** The directory of the fake provers. */
  readonly tools: string;
  readonly edit: (file: string, change: (text: string) => string) => void;
  /** Starts `pquake prove` on the copy. */
  readonly start: (
    words: readonly string[],
    environment?: NodeJS.ProcessEnv,
  ) => { child: ChildProcess; ended: Promise<Ended> };
  readonly remove: () => void;
}

const fake = fileURLToPath(new URL('./fake.ts', import.meta.url));

function fakes(directory: string): Record<string, string> {
  const made = tools.map((tool): [string, string] => {
    const file = join(directory, tool);
    writeFileSync(file, `#!/bin/sh\nexec "${process.execPath}" "${fake}" ${tool} "$@"\n`);
    chmodSync(file, 0o755);
    return [tool.toUpperCase(), file];
  });
  // Read by CryptoVerif beside each model; models.yaml of the fixtures names its digest.
  writeFileSync(join(directory, 'default.cvl'), '(* the library of the fixtures *)\n');
  return Object.fromEntries(made);
}

export function makePlace(): Place {
  const directory = realpathSync(mkdtempSync(join(tmpdir(), 'pquake-test-prove-')));
  const inside = (name: string): string => join(directory, name);
  cpSync('test/lab/prove/fixtures/models', inside('models'), { recursive: true });
  for (const name of ['temporary', 'tools']) mkdirSync(inside(name));
  const beat = inside('beat');
  writeFileSync(beat, '');
  const { NODE_OPTIONS: _, ...inherited } = process.env;
  const base = { ...inherited, ...fakes(inside('tools')), TMPDIR: inside('temporary'), FAKE_BEAT: beat };
  return {
    models: inside('models'),
    temporary: inside('temporary'),
    beat,
    tools: inside('tools'),
    edit: (file, change) => {
      const path = join(directory, 'models', file);
      writeFileSync(path, change(readFileSync(path, 'utf8')));
    },
    start: (words, environment = {}) => {
      const line = ['src/cli/main.ts', 'prove', '--models', inside('models'), ...words];
      const child = startChild(process.execPath, line, { env: { ...base, ...environment } });
      let [stdout, stderr] = ['', ''];
      child.stdout.on('data', (chunk) => {
        stdout += chunk;
      });
      child.stderr.on('data', (chunk) => {
        stderr += chunk;
      });
      const ended = new Promise<Ended>((done) => {
        child.once('close', (status) => done({ status, stdout, stderr }));
      });
      return { child, ended };
    },
    remove: () => rmSync(directory, { recursive: true, force: true }),
  };
}
