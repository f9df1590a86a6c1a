// However a command ends that has temporary secrets or started processes, none of them is left. PQUAKE_ENDS sets how often
// each end is tried, at moments spread over the life of the command.
import type { ChildProcess } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, describe, expect, it } from 'vitest';
import { startChild } from '../../src/node/temporary/child.ts';
import { eventually } from '../waiting.ts';

const rounds = Number(process.env['PQUAKE_ENDS'] ?? 2);
const atOnce = 5;
/** Milliseconds over which the moments are spread, from when there is something to leave behind. */
const span = 2_000;

const directory = mkdtempSync(join(tmpdir(), 'pquake-ends-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const script = (name: string, text: string): string => {
  writeFileSync(join(directory, name), text, { mode: 0o755 });
  return join(directory, name);
};
/** Ignores every signal that can be ignored, starts a process that does so too, and never answers. */
const stubborn = script('stubborn', "#!/bin/sh\ntrap '' INT TERM HUP PIPE\nsleep 600 &\nwhile :; do sleep 1; done\n");
const prover = script('prover', `#!/bin/sh\n[ "$1" = --help ] && echo 'Proverif 2.05.' || exec ${stubborn}\n`);
const models = join(directory, 'models');
cpSync('test/lab/prove/fixtures/models', models, { recursive: true });

const own = `${process.execPath} src/cli/main.ts`;
const identity = '--cert {cert} --key {key} --ca {ca} --psk-file {pskfile} --expect anyone';
const commands: Readonly<Record<string, readonly string[]>> = {
  demo: ['demo'],
  'conformance of our responder': [
    ...['conformance', 'responder', '--only', 'own-certificate'],
    ...['--spawn', `${own} serve --listen 127.0.0.1:{port} --once ${identity}`],
  ],
  'conformance of a peer that ignores signals': [
    ...['conformance', 'responder', '--only', 'sanity', '--start-timeout', '3'],
    ...['--spawn', `${stubborn} {port} {cert}`],
  ],
  'prove with a prover that ignores signals': [
    ...['prove', '--models', models, '--tool', 'proverif', '--all', '--budget', '3'],
  ],
};
const ends = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGKILL', 'closed output'] as const;

/** The processes that a place for temporary files was given to.. */
function processesOf(place: string): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        return readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0').includes(`TMPDIR=${place}`);
      } catch {
        return false; // it ended meanwhile, or is of another user
      }
    });
}

function end(child: ChildProcess, how: (typeof ends)[number]): void {
  if (how !== 'closed output') child.kill(how);
  else for (const stream of [child.stdout, child.stderr]) stream?.destroy();
}

/** One run of a command that ends in this way, a share of the span after it first had something to leave. */
async function endsWell(words: readonly string[], how: (typeof ends)[number], share: number): Promise<void> {
  const place = mkdtempSync(join(directory, 'place-'));
  const environment = { ...process.env, TMPDIR: place, PROVERIF: prover };
  const child = startChild(process.execPath, ['src/cli/main.ts', ...words], { env: environment });
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.stdout.resume();
  child.stderr.resume();
  await eventually(() => expect(readdirSync(place)).not.toEqual([]));
  await sleep(share * span);
  end(child, how);
  await ended;
  await eventually(() => expect([...readdirSync(place), ...processesOf(place)]).toEqual([]));
}

describe.skipIf(process.platform !== 'linux')('nothing is left', () => {
  describe.each(Object.entries(commands))('of %s', (_, words) => {
    it.each(ends)('after %s', { timeout: 600_000 }, async (how) => {
      const queue = Array.from({ length: rounds }, (_unused, round) => round / rounds);
      const worker = async (): Promise<void> => {
        for (let share = queue.shift(); share !== undefined; share = queue.shift()) await endsWell(words, how, share);
      };
      await Promise.all(Array.from({ length: atOnce }, worker));
    });
  });
});
