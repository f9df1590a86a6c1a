// `manifest read`: what a server declares, asked of it.
import { Option } from 'commander';
import { type CommandDefinition, parsed, repeatable, UsageError } from '../../../node/terminal/command.ts';
import { type JsonOptions, jsonOption } from '../../../node/terminal/options.ts';
import { print, printJson } from '../../../node/terminal/output.ts';
import { parseAddress } from '../../../node/terminal/words.ts';
import type { Address } from '../../../node/transport/tcp.ts';
import { parseVariable, type Variable } from '../../bridge/environment.ts';
import { type GivenPeerOptions, optionalPeerOptions, withServer } from '../../doctor/dial.ts';
import { askServer, manifestFrom } from '../../tools/ask.ts';
import type { Manifest } from '../../tools/manifest.ts';
import { describe } from '../described.ts';
import { manifestOfCommand } from '../ofCommand.ts';
import { isManifest, write } from './files.ts';

interface ReadOptions extends GivenPeerOptions, JsonOptions {
  readonly connect?: Address;
  readonly env?: readonly Variable[];
  readonly out?: string;
}

async function manifestBy(
  command: string | undefined,
  words: readonly string[],
  { connect, env = [], ...options }: ReadOptions,
): Promise<Manifest> {
  const { messageTimeout: timeout } = options;
  if ((command === undefined) === (connect === undefined))
    throw new UsageError('expected one server: a command after --, or --connect with where one listens');
  if (command !== undefined) return await manifestOfCommand({ command, words, variables: env, timeout });
  return await withServer(connect as Address, options, async ({ channel }) =>
    manifestFrom(await askServer(channel, { timeout })),
  );
}

async function runRead(command: string | undefined, words: readonly string[], options: ReadOptions): Promise<number> {
  const { out, json = false } = options;
  const manifest = await manifestBy(command, words, options);
  const text = `${JSON.stringify(manifest, undefined, 2)}\n`;
  if (out === undefined) print(text.trimEnd());
  else {
    write(out, text, isManifest);
    if (json) printJson({ ok: true, manifest: out, digest: manifest.digest });
    else print(`wrote ${out}: ${describe(manifest)}`);
  }
  return 0;
}

export const readCommand: CommandDefinition = {
  words: 'read [command] [words...]',
  usage: '[options] (-- <command> [words...] | --connect <host:port>)',
  description: 'ask a server for all that it declares, and write it as a manifest',
  options: [
    new Option('--out <file>', 'where the manifest goes (default: standard output)'),
    repeatable('--env <name>', 'a variable that the command gets from here, or NAME=VALUE', parseVariable),
    parsed('--connect <host:port>', 'where a server listens behind PQuAKE', parseAddress),
    ...optionalPeerOptions.filter(({ long }) => long !== '--json'),
    jsonOption,
  ],
  notes: `
The command is run as it stands, without a shell, asked on standard streams, and ended. Read what
is written before it is signed: a signature says that it is meant.`,
  examples: [
    'manifest read --out bob.json -- node server.js',
    'manifest read --connect 127.0.0.1:4433 --cert alice.pem --key alice.key --ca ca.pem --expect bob',
  ],
  action: runRead,
};
