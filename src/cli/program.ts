import { readFileSync } from 'node:fs';
import { type ProgramDefinition, runProgram } from '../node/terminal/command.ts';

const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));

type Commands = ProgramDefinition['commands'];
type Loaders = Readonly<Record<string, () => Promise<Commands[number]>>>;

const foreign = (name: string) => async (): Promise<Commands[number]> =>
  (await import('./packages.ts')).foreignCommand(name);

/**
 * The commands by their headings and names, in the order of the help. Each is loaded where it is needed: to load all of them takes
 * several times as long as a handshake.
 */
const loaders: Readonly<Record<string, Loaders>> = {
  'Peers:': {
    serve: async () => (await import('./peers/serve.ts')).serveCommand,
    connect: async () => (await import('./peers/connect.ts')).connectCommand,
    tunnel: async () => (await import('./peers/tunnel.ts')).tunnelCommand,
    mcp: foreign('mcp'),
    demo: async () => (await import('./demo/command.ts')).demoCommand,
  },
  'Authority:': {
    ca: async () => (await import('./ca/index.ts')).caCommands,
    cert: async () => (await import('./cert/index.ts')).certCommands,
  },
  'Keys:': {
    key: async () => (await import('./key/index.ts')).keyCommands,
    psk: async () => (await import('./psk/index.ts')).pskCommands,
  },
  'Models:': { model: async () => (await import('./model/index.ts')).modelCommands },
  'Recordings:': { inspect: async () => (await import('./inspect/command.ts')).inspectCommand },
  'Research:': {
    prove: foreign('prove'),
    replay: foreign('replay'),
    vectors: foreign('vectors'),
    conformance: foreign('conformance'),
  },
};

/**
 * The program `pquake`.
 * @param first - the first word of a command line; where it names a command, the program has that one alone
 */
export async function loadProgram(first?: string): Promise<ProgramDefinition> {
  const all = Object.entries(loaders).flatMap(([heading, commands]) =>
    Object.entries(commands).map(([name, load]) => ({ heading, name, load })),
  );
  const named = all.filter(({ name }) => name === first);
  const commands = await Promise.all(
    (named.length > 0 ? named : all).map(async ({ heading, load }) => Object.assign({}, await load(), { heading })),
  );
  return { name: 'pquake', description: 'Post-quantum authenticated key exchange (PQuAKE).', version, commands };
}

/** Runs the command line `pquake`. @returns the exit status: 0, 1 for a failure, 2 for wrong usage */
export const run = async (words: readonly string[]): Promise<number> =>
  await runProgram(await loadProgram(words[0]), words);
