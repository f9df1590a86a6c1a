// A process of its own, which holds a pipe to the process that started it. When that one ends, however it ends (kill -9 is
// one way), the pipe closes: then this process ends the process groups and removes the directories that it was told of.
import { existsSync, rmSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/** What it is told, one line of JSON each: a directory or a process group that is temporary, or that is no more. */
export interface Told {
  readonly directory?: string;
  readonly group?: number;
  readonly gone?: boolean;
}

const directories = new Set<string>();
const groups = new Set<number>();

function take({ directory, group, gone = false }: Told): void {
  if (directory !== undefined) directories[gone ? 'delete' : 'add'](directory);
  if (group !== undefined) groups[gone ? 'delete' : 'add'](group);
}

function remove(directory: string): void {
  try {
    rmSync(directory, { recursive: true, force: true });
  } catch {
    // Somebody who is about to end writes or removes there too: the next round finds out.
  }
}

/** Rounds of 100 ms in which directories are removed: what was killed, or is ending, may still write for a moment. */
const rounds = { least: 5, most: 100 } as const;

async function reap(): Promise<never> {
  for (const group of groups) {
    try {
      process.kill(process.platform === 'win32' ? group : -group, 'SIGKILL');
    } catch {
      // It has ended.
    }
  }
  for (let round = 0; round < rounds.most; round += 1) {
    for (const directory of directories) remove(directory);
    if (directories.size === 0 || (round >= rounds.least && ![...directories].some(existsSync))) break;
    await sleep(100);
  }
  process.exit(0);
}

// A signal to everybody is no reason to end before the one that is watched.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {});

let text = '';
process.stdin
  .setEncoding('utf8')
  .on('data', (piece: string) => {
    const lines = (text + piece).split('\n');
    text = lines.pop() ?? '';
    for (const line of lines) take(JSON.parse(line));
  })
  .on('end', reap)
  .on('error', reap);
