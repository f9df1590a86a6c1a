// The processes and clients of the example: the commands that a person would type, started as hosts start them.
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { Client, ProtocolError } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { ConfigurationError } from '../../configuration.ts';
import type { Suite, SuiteName } from '../../crypto/suite.ts';
import { environmentFor } from '../../node/files/environment.ts';
import { readCredentials, readTrustAnchors } from '../../node/files/files.ts';
import { type Child, endChild, startChild } from '../../node/temporary/child.ts';
import { parseAddress } from '../../node/terminal/words.ts';
import type { ConnectOptions } from '../../node/transport/tcp.ts';
import { errorCodes } from '../gate/index.ts';
import { connectOverChannel } from '../transport/connectOverChannel.ts';
import { version } from '../version.ts';

/** Of the protocol, without sessions; hosts of today speak the one before. */
const revision = '2026-07-28';

/** The files of a peer. */
export interface PeerFiles {
  readonly certificate: string;
  readonly key: string;
  /** Certificates of authorities. */
  readonly trust: readonly string[];
}

const source = import.meta.url.endsWith('.ts');
const beside = (name: string): string => fileURLToPath(new URL(source ? `${name}.ts` : `${name}.js`, import.meta.url));
const program = beside('../main');
const serverFile = beside('./server');

/** Where Node keeps compiled modules, when that was said to this process: what starts here shares it. */
const cache = process.env['NODE_COMPILE_CACHE'] === undefined ? [] : ['NODE_COMPILE_CACHE'];
const environment = environmentFor(cache);

/** The words of `serve` behind its options: the server. */
export const serverWords = (description: string): readonly string[] => [
  ...cache.flatMap((name) => ['--env', name]),
  ...['--', process.execPath, serverFile, description],
];

/** The options of a peer. */
export const peerWords = ({ certificate, key, trust }: PeerFiles, crypto: SuiteName): readonly string[] => [
  ...['--cert', certificate, '--key', key, '--crypto', crypto],
  ...trust.flatMap((file) => ['--ca', file]),
];

/** A command under way, and the lines that it wrote. */
export interface Command {
  readonly child: Child;
  readonly notes: readonly string[];
  readonly results: readonly string[];
  /** The exit status. */
  readonly ended: Promise<number | null>;
}

/** Is told how to end what was started. */
export type Started = (close: () => unknown) => void;

/** Starts a command of this package. */
export function command(words: readonly string[], started: Started): Command {
  const child = startChild(process.execPath, [program, ...words], { env: environment });
  started(() => endChild(child));
  const [notes, results]: [string[], string[]] = [[], []];
  createInterface({ input: child.stderr }).on('line', (line) => notes.push(line));
  createInterface({ input: child.stdout }).on('line', (line) => results.push(line));
  const ended = once(child, 'close').then(([status]): number | null => status);
  return { child, notes, results, ended };
}

/** Milliseconds for what takes a moment. */
const patience = 60_000;

/** Asks until there is an answer. @throws ConfigurationError (as a rejection) when there is none in a minute */
export async function until<T>(what: string, ask: () => T | undefined): Promise<T> {
  for (const start = performance.now(); ; ) {
    const found = ask();
    if (found !== undefined) return found;
    if (performance.now() - start > patience) throw new ConfigurationError(`no sign of ${what} within a minute`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** Starts `serve`. @returns it with its address */
export async function gateway(
  words: readonly string[],
  started: Started,
): Promise<Command & { readonly address: string }> {
  const serve = command(['serve', '--listen', '127.0.0.1:0', ...words], started);
  const said = 'listening on ';
  const address = await until('the server', () => {
    if (serve.child.exitCode !== null) throw new ConfigurationError(`serve ended: ${serve.notes.join(' ')}`);
    return serve.notes.find((line) => line.startsWith(said))?.slice(said.length);
  });
  return { ...serve, address };
}

/** A client of the SDK, and what its bridge told. */
export interface Host {
  readonly client: Client;
  readonly notes: readonly string[];
  readonly close: () => Promise<void>;
}

/** A client that starts `connect`, as desktop assistants and editors do from their configuration. Rejects with the errors of the client. */
export async function host(name: string, words: readonly string[], started: Started): Promise<Host> {
  const client = new Client({ name, version });
  const args = [program, 'connect', ...words];
  const env = environment as Record<string, string>; // no variable in it is undefined
  const transport = new StdioClientTransport({ command: process.execPath, args, env, stderr: 'pipe' });
  const notes: string[] = [];
  let text = '';
  transport.stderr?.on('data', (chunk) => {
    const lines = (text + chunk).split('\n');
    text = lines.pop() ?? '';
    notes.push(...lines);
  });
  try {
    await client.connect(transport);
  } catch (error) {
    await transport.close();
    throw error;
  }
  const close = (): Promise<void> => client.close();
  started(close);
  return { client, notes, close };
}

/** A program of one's own, with the library in it. Rejects with the errors of `connectOverChannel`. */
export async function workload(
  name: string,
  connect: ConnectOptions,
  started: Started,
): Promise<Pick<Host, 'client' | 'close'>> {
  const info = { name, version };
  const { client } = await connectOverChannel({
    connect,
    info,
    client: { versionNegotiation: { mode: { pin: revision } } },
  });
  const close = (): Promise<void> => client.close();
  started(close);
  return { client, close };
}

/** How a program of one's own connects, with the library. @throws ConfigurationError for a file that cannot be used */
export const connectOptions = (
  suite: Suite,
  { certificate, key, trust }: PeerFiles,
  address: string,
  expectedPeer: string,
): ConnectOptions => ({
  ...parseAddress(address),
  ...{ suite, expectedPeer },
  credentials: readCredentials(suite, certificate, key),
  trustAnchors: readTrustAnchors(suite, trust),
});

/** An error as a client sees it: denied, without a connection, or refused by its own side. */
function refusalOf(error: unknown): string {
  const told = error instanceof Error ? error.message : 'failed';
  const code = error instanceof ProtocolError ? error.code : undefined;
  if (code === errorCodes.unreachable) return 'no connection';
  return code === errorCodes.denied && told.startsWith('refused: ') ? 'refused' : told;
}

/** What a client gets when it asks, in a line. */
export const asked = (ask: () => Promise<string>): Promise<string> => ask().catch(refusalOf);

/** The names of the tools that are shown to a client. */
export const listTools = ({ client }: Pick<Host, 'client'>): Promise<string> =>
  asked(async () => {
    const { tools } = await client.listTools();
    return tools.map(({ name }) => name).join(', ') || 'none';
  });

export const callTool = (
  { client }: Pick<Host, 'client'>,
  name: string,
  given: Readonly<Record<string, unknown>>,
): Promise<string> =>
  asked(async () => {
    const { content } = await client.callTool({ name, arguments: given });
    return content.map((part) => (part.type === 'text' ? part.text : part.type)).join(' ');
  });

export const readResource = ({ client }: Pick<Host, 'client'>, uri: string): Promise<string> =>
  asked(async () => {
    const { contents } = await client.readResource({ uri });
    return contents.map((part) => ('text' in part ? part.text : '')).join(' ');
  });
