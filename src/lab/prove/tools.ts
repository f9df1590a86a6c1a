// The provers: their places and versions, how they are called, and the readers of their output.
import { resolve } from 'node:path';
import { locate } from '../../node/temporary/child.ts';
import type { Query, Told, Tool } from './model.ts';
import { readCryptoverif } from './readCryptoverif.ts';
import { readProverif } from './readProverif.ts';
import { readVerifpal } from './readVerifpal.ts';
import { type Ended, runTool } from './runTool.ts';

interface Kind {
  /** The environment variable with its place. */
  readonly variable: string;
  /** The argument that makes it print its version. */
  readonly about: readonly string[];
  readonly words: (file: string) => readonly string[];
  readonly read: (queries: readonly Query[], ended: Ended, text: string) => Told[];
}

export const kinds: Readonly<Record<Tool, Kind>> = {
  proverif: { variable: 'PROVERIF', about: ['--help'], words: (file) => [file], read: readProverif },
  cryptoverif: { variable: 'CRYPTOVERIF', about: ['-help'], words: (file) => [file], read: readCryptoverif },
  verifpal: {
    variable: 'VERIFPAL',
    about: ['--version'],
    words: (file) => ['verify', '--format', 'json', file],
    read: readVerifpal,
  },
};

/** An installed tool. */
export interface Found {
  readonly tool: Tool;
  readonly command: string;
  readonly version: string;
}

/** The file named by the tool's variable, or the first of its name on PATH. */
function placeOf(tool: Tool, environment: NodeJS.ProcessEnv): string | undefined {
  const given = environment[kinds[tool].variable];
  return locate(given === undefined || given === '' ? tool : resolve(given), environment);
}

/** Looks for a tool and asks its version; undefined when it is not installed or does not start. */
export async function findTool(tool: Tool, signal: AbortSignal, environment = process.env): Promise<Found | undefined> {
  const command = placeOf(tool, environment);
  if (command === undefined) return undefined;
  const limits = { seconds: 20, because: 'no answer', signal };
  const { status, output, stopped } = await runTool(command, kinds[tool].about, process.cwd(), limits);
  if (stopped !== undefined || status === null) return undefined;
  return {
    tool,
    command,
    version: /\d{1,9}\.\d{1,9}(?:\.\d{1,9})*/.exec(output.split('\n')[0] ?? '')?.[0] ?? 'unknown',
  };
}
