// The example: a ward whose server, clients, policy and record are those of the commands, played from the first connection to the audit.
import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Suite, SuiteName } from '../../crypto/suite.ts';
import { refuseFile } from '../../node/files/fileErrors.ts';
import { chooseSuite } from '../../node/suite.ts';
import { removeDirectory, temporaryDirectory } from '../../node/temporary/temporary.ts';
import { note, print, printJson } from '../../node/terminal/output.ts';
import { audit } from './audit.ts';
import { command } from './peers.ts';
import { open, steps } from './play.ts';
import { showOpening, stepLines } from './show.ts';
import { isAsTold, type Step } from './told.ts';
import { hospitalPolicy, makeWard, type Ward } from './ward.ts';

/** The options, as the parser returns them. */
export interface DemoOptions {
  readonly crypto?: SuiteName;
  readonly json?: boolean;
  readonly keep?: string;
  readonly policy?: string;
}

/** A directory that stays. @throws ConfigurationError when there is something in it */
function keptDirectory(name: string): string {
  const directory = resolve(name);
  if (existsSync(directory) && readdirSync(directory).length > 0)
    refuseFile(directory, 'found files in it, expected a directory that is empty or not there');
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  return directory;
}

/** Plays the steps, and tells each when it is over. What was started has ended then, whatever happened. */
async function play(suite: Suite, ward: Ward, tell: (step: Step) => void): Promise<void> {
  const running: (() => unknown)[] = [];
  const started = (close: () => unknown): void => void running.push(close);
  try {
    const stage = await open(suite, ward, started);
    for (const step of steps) tell(await step(stage, started));
    await Promise.all([stage.research.close(), stage.nurse.close()]);
    stage.gateway.child.kill('SIGTERM');
    const status = await stage.gateway.ended;
    tell(await audit(ward, (files) => command(['log', 'verify', ...files, '--json'], started), status));
  } finally {
    await Promise.allSettled(running.reverse().map(async (close) => close()));
  }
}

/** The step that could not be played to its end. */
const brokenOff = (error: unknown): Step => ({
  title: 'Broken off',
  rows: [
    {
      ...{ who: 'demo', does: 'goes on', expected: { gets: 'the next step', record: '' } },
      found: { gets: error instanceof Error ? error.message : 'an unknown error', record: '' },
    },
  ],
});

/** @returns the exit status: 0 when every step went as told, else 1 */
export async function runDemo({ crypto, json = false, keep, policy = hospitalPolicy }: DemoOptions): Promise<number> {
  const directory = keep === undefined ? temporaryDirectory('mcp-demo') : keptDirectory(keep);
  const suite = chooseSuite(crypto);
  const told: Step[] = [];
  if (!json) showOpening(suite.name, policy);
  const tell = (step: Step): void => {
    told.push(step);
    if (!json) for (const line of stepLines(step, told.length)) print(line);
  };
  try {
    const ward = makeWard(suite, directory, policy);
    await play(suite, ward, tell).catch((error: unknown) => tell(brokenOff(error)));
  } finally {
    if (keep === undefined) removeDirectory(directory);
  }
  const differed = told.flatMap(({ rows }) => rows).filter((row) => !isAsTold(row));
  const ok = differed.length === 0;
  if (json) printJson({ ok, steps: told, differed });
  else {
    print('');
    print(ok ? 'Every step went as told.' : `${differed.length} of these differ from what was told.`);
  }
  if (keep !== undefined) note(`kept: ${directory}`);
  return ok ? 0 : 1;
}
