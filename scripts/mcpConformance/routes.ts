// Ways to a server of HTTP: directly, and through our bridges. Each gives the URL under which the suite finds the server.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { serveUpstream } from '../../src/mcp/bridge/upstream.ts';
import type { RecordedEvent } from '../../src/mcp/contract.ts';
import { defaultLimits } from '../../src/mcp/gate/index.ts';
import { createAuthority, issueCredentials } from '../../src/node/authority/pki.ts';
import { readCredentials, readTrustAnchors } from '../../src/node/files/files.ts';
import { chooseSuite } from '../../src/node/suite.ts';
import { addressText } from '../../src/node/transport/network.ts';

/** A way to the server. */
export interface Route {
  readonly url: string;
  /** What was recorded on the way; undefined where nothing is. */
  readonly events: readonly RecordedEvent[] | undefined;
  readonly close: () => Promise<void>;
}

const suite = chooseSuite();
const pquake = resolve('src/cli/main.ts');
const pquakeMcp = resolve('src/mcp/main.ts');

/** Writes an authority and its two peers into a folder. */
export function makePeers(directory: string): void {
  createAuthority({ suite, directory });
  for (const name of ['alice', 'bob']) issueCredentials({ suite, directory, name });
}

const filesOf = (directory: string, name: string): readonly string[] =>
  ['--cert', `${name}.pem`, '--key', `${name}.key`, '--ca', 'ca.pem'].map((word) =>
    word.startsWith('--') ? word : join(directory, word),
  );

export interface Started {
  /** What the program told that matches, its group. */
  readonly told: string;
  readonly close: () => Promise<void>;
}

/** Starts a program of Node, and waits until it tells where it listens. */
export async function start(words: readonly string[], pattern: RegExp): Promise<Started> {
  const child: ChildProcess = spawn(process.execPath, words, { stdio: ['ignore', 'pipe', 'pipe'] });
  const exited = once(child, 'exit');
  const close = async (): Promise<void> => {
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM');
    const timer = setTimeout(() => child.kill('SIGKILL'), 15_000);
    await exited;
    clearTimeout(timer);
  };
  const lines: string[] = [];
  const told = new Promise<string>((found, failed) => {
    for (const stream of [child.stdout, child.stderr]) {
      if (stream === null) continue;
      createInterface(stream).on('line', (line) => {
        lines.push(line);
        const [, group] = pattern.exec(line) ?? [];
        if (group !== undefined) found(group);
      });
    }
    exited.then(() => failed(new Error(`${words[0]} ended: ${lines.join('\n')}`)), failed);
  });
  return { told: await told, close };
}

/** The side of the client: a tunnel, to which plain HTTP is spoken. */
const tunnelTo = (directory: string, address: string): Promise<Started> =>
  start(
    [pquake, 'tunnel', '--listen', '127.0.0.1:0', '--to', address, ...filesOf(directory, 'alice'), '--expect', 'bob'],
    /^listening on (\S+)$/,
  );

const throughTunnel = async (
  directory: string,
  address: string,
  { pathname }: URL,
  closeServer: () => Promise<void>,
  events?: readonly RecordedEvent[],
): Promise<Route> => {
  const tunnel = await tunnelTo(directory, address);
  const close = async (): Promise<void> => {
    await tunnel.close();
    await closeServer();
  };
  return { url: `http://${tunnel.told}${pathname}`, events, close };
};

/** `pquake tunnel` and `pquake mcp serve --upstream`, as processes. */
export async function throughCommands(directory: string, server: URL): Promise<Route> {
  const own = [...filesOf(directory, 'bob'), '--expect', 'alice', '--upstream', server.href];
  const front = await start([pquakeMcp, 'serve', '--listen', '127.0.0.1:0', ...own], /^listening on (\S+)$/);
  return await throughTunnel(directory, front.told, server, front.close);
}

/** The same with a policy that permits everything, and a record. */
export async function throughPolicy(directory: string, server: URL): Promise<Route> {
  const events: RecordedEvent[] = [];
  const file = (name: string): string => join(directory, name);
  const bridge = await serveUpstream(
    {
      suite,
      trustAnchors: readTrustAnchors(suite, [file('ca.pem')]),
      credentials: readCredentials(suite, file('bob.pem'), file('bob.key')),
      ...{ host: '127.0.0.1', port: 0, expectedPeer: 'alice', channel: true },
    },
    {
      ...{ version: '0', identityInMeta: false, longest: defaultLimits.messageOctets, grace: 1_000, limits: {} },
      ...{ upstream: server, note: () => {} },
      governance: {
        record: { append: async (event) => void events.push(event), standing: () => {}, close: async () => {} },
        partsFor: () => ({ decide: () => ({ allowed: true, rule: 'all' }), mayUse: () => true }),
      },
    },
  );
  return await throughTunnel(directory, addressText(bridge.address), server, bridge.close, events);
}
