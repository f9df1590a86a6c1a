// The provers: their places and versions, how they are called, and the readers of their output.
import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';
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

function executable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}

/** The file named by the tool's variable, or the first of its name on PATH. */
function locate(tool: Tool, environment: NodeJS.ProcessEnv): string | undefined {
  const given = environment[kinds[tool].variable];
  const directories = (environment['PATH'] ?? '').split(delimiter).filter((directory) => directory !== '');
  const candidates =
    given === undefined || given === '' ? directories.map((directory) => join(directory, tool)) : [given];
  const found = candidates.find(executable);
  return found === undefined ? undefined : resolve(found);
}

/** Looks for a tool and asks its version; undefined when it is not installed or does not start. */
export async function findTool(tool: Tool, signal: AbortSignal, environment = process.env): Promise<Found | undefined> {
  const command = locate(tool, environment);
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
