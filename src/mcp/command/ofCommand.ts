// What a server on standard streams declares: it is started, asked and ended.
import { duplexPair } from 'node:stream';
import { ConfigurationError } from '../../configuration.ts';
import { note } from '../../node/terminal/output.ts';
import { SpawnError, startServer } from '../bridge/child.ts';
import { environmentOf, type Variable } from '../bridge/environment.ts';
import { tellLines } from '../bridge/stderr.ts';
import { askServer, manifestFrom } from '../tools/ask.ts';
import type { Manifest } from '../tools/manifest.ts';

export interface OfCommand {
  readonly command: string;
  readonly words: readonly string[];
  readonly variables: readonly Variable[];
  /** Milliseconds for each answer. */
  readonly timeout?: number | undefined;
}

/** Milliseconds that it has to end by itself. */
const grace = 2_000;

/** @throws ConfigurationError (as a rejection) when it cannot be started, or answers as no server does */
export async function manifestOfCommand({ command, words, variables, timeout }: OfCommand): Promise<Manifest> {
  const server = await startServer({ command, words, env: environmentOf(variables, undefined), grace }).catch(
    (error: unknown) => {
      throw error instanceof SpawnError ? new ConfigurationError(error.message) : error;
    },
  );
  const [near, far] = duplexPair();
  server.output.pipe(far).pipe(server.input);
  tellLines(server.errors, `[${server.process}] `, note);
  try {
    return await manifestFrom(await askServer(near, { timeout }));
  } finally {
    near.destroy();
    server.stop();
    await server.exited;
  }
}
