// The provers: their places and versions, how they are called, and the readers of their output.
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { locate } from '../../node/temporary/child.ts';
import type { Prover, Query, Told, Tool } from './model.ts';
import { readCryptoverif } from './readCryptoverif.ts';
import { readProverif } from './readProverif.ts';
import { readVerifpal } from './readVerifpal.ts';
import { type Ended, runTool } from './runTool.ts';

interface Kind {
  /** The environment variable with its place. */
  readonly variable: string;
  /** The argument that makes it print its version. */
  readonly about: readonly string[];
  /** The library that it reads beside every model: a file in the folder of the program. */
  readonly library?: string;
  readonly words: (file: string, libraryFile?: string) => readonly string[];
  readonly read: (queries: readonly Query[], ended: Ended, text: string) => Told[];
}

export const kinds: Readonly<Record<Tool, Kind>> = {
  proverif: { variable: 'PROVERIF', about: ['--help'], words: (file) => [file], read: readProverif },
  cryptoverif: {
    variable: 'CRYPTOVERIF',
    about: ['-help'],
    library: 'default.cvl',
    // Named, so that it is the one whose digest is recorded: without -lib, one in the current folder would come first.
    words: (file, libraryFile) => [...(libraryFile === undefined ? [] : ['-lib', libraryFile]), file],
    read: readCryptoverif,
  },
  verifpal: {
    variable: 'VERIFPAL',
    about: ['--version'],
    words: (file) => ['verify', '--format', 'json', file],
    read: readVerifpal,
  },
};

/** An installed tool. `library` is the digest of `libraryFile`. */
export interface Found extends Prover {
  readonly tool: Tool;
  readonly command: string;
  readonly libraryFile?: string;
}

/** `sha256:` and the hexadecimal digest of a file. */
export const digestOf = (file: string): string =>
  `sha256:${createHash('sha256').update(readFileSync(file)).digest('hex')}`;

function libraryOf(tool: Tool, command: string): Pick<Found, 'library' | 'libraryFile'> {
  const { library } = kinds[tool];
  if (library === undefined) return {};
  const libraryFile = join(dirname(realpathSync(command)), library);
  return existsSync(libraryFile) ? { libraryFile, library: digestOf(libraryFile) } : {};
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
    ...libraryOf(tool, command),
    version: /\d{1,9}\.\d{1,9}(?:\.\d{1,9})*/.exec(output.split('\n')[0] ?? '')?.[0] ?? 'unknown',
  };
}
