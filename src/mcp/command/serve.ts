// `serve`: any server on standard streams or of HTTP, behind PQuAKE.
import { setTimeout as sleep } from 'node:timers/promises';
import { Option } from 'commander';
import { match } from 'ts-pattern';
import { namesOf } from '../../certificate/peerNames.ts';
import { materialFactsOf, wipeMaterial } from '../../node/files/material.ts';
import { type CommandDefinition, parsed, repeatable, required, UsageError } from '../../node/terminal/command.ts';
import { goOnWithoutOutput, note } from '../../node/terminal/output.ts';
import { checkExpected, noteExpected } from '../../node/terminal/peer/expected.ts';
import { keepListenerFresh } from '../../node/terminal/peer/fresh.ts';
import {
  type ChannelWords,
  channelOptions,
  channelSettingsOf,
  type IntakeWords,
  intakeOptions,
  type PeerOptions,
} from '../../node/terminal/peer/options.ts';
import { firstMaterial, intakeOf, settingsOf } from '../../node/terminal/peer/settings.ts';
import { parseAddress, parseCount, parseSeconds } from '../../node/terminal/words.ts';
import { addressText } from '../../node/transport/network.ts';
import type { Fresh } from '../../node/transport/reload.ts';
import type { Address } from '../../node/transport/tcp.ts';
import { environmentOf, parseVariable, type Variable } from '../bridge/environment.ts';
import { isCommand } from '../bridge/findCommand.ts';
import type { Governance } from '../bridge/governance.ts';
import type { Bridge, ListenFor, ListeningOptions } from '../bridge/listening.ts';
import { defaultPlaces } from '../bridge/places.ts';
import { type BridgeOptions, serveBridge } from '../bridge/serve.ts';
import { serveUpstream } from '../bridge/upstream.ts';
import { defaultLimits, peerMetaKey } from '../gate/index.ts';
import { governing } from '../governing/governing.ts';
import { requireVerified } from '../governing/verified.ts';
import { nameForProcess } from '../record/names.ts';
import { type ProcessEvent, processNumber, runProcesses } from '../resilience/cluster.ts';
import { checkPatience } from '../resilience/patience.ts';
import { version } from '../version.ts';
import { policyOption, type RecordWords, recordOf, recordOptions } from './governance.ts';
import { type BridgeWords, bridgeOptions, defaultGrace, mcpPeerOptions, patienceOf } from './options.ts';
import { endingSignals } from './signals.ts';
import {
  type ManifestWords,
  type ModelWords,
  manifestOptions,
  modelOptions,
  trustPolicyOption,
  verifiedOf,
} from './signers.ts';
import { parseHeaderName, parseUrl } from './words.ts';

interface ServeOptions
  extends PeerOptions,
    ChannelWords,
    IntakeWords,
    BridgeWords,
    RecordWords,
    ManifestWords,
    ModelWords {
  readonly policy?: string;
  readonly listen: Address;
  readonly env?: readonly Variable[];
  readonly shared?: boolean;
  readonly peerInMeta?: boolean;
  readonly maxServers?: number;
  readonly maxServersPerPeer?: number;
  readonly maxStarts?: number;
  readonly maxRequests?: number;
  readonly upstream?: URL;
  readonly forwardHeader?: readonly string[];
  readonly shutdownTimeout?: number;
  readonly workers?: number;
  readonly processes?: number;
}

/** Milliseconds. */
const defaultShutdown = 10_000;

/** Lines of several processes are told apart. */
const noteOfProcess = (line: string): void => {
  const number = processNumber();
  note(number === undefined ? line : `process ${number}: ${line}`);
};

function commonOf(options: ServeOptions, governance: Governance): ListeningOptions {
  const { maxMessage: longest = defaultLimits.messageOctets, grace = defaultGrace } = options;
  return {
    ...{ version, longest, grace, note: noteOfProcess },
    identityInMeta: options.peerInMeta === true,
    limits: { requests: options.maxRequests ?? defaultLimits.requests, messageOctets: longest },
    governance,
    patience: patienceOf(options),
  };
}

function bridgeOf(
  command: string,
  words: readonly string[],
  options: ServeOptions,
  governance: Governance,
): BridgeOptions {
  const { maxServers: servers = defaultPlaces.servers, maxStarts = defaultPlaces.startsPerSecond } = options;
  return {
    ...commonOf(options, governance),
    ...{ command, words },
    variables: options.env ?? [],
    places: { servers, perPeer: options.maxServersPerPeer, startsPerSecond: maxStarts },
    shared: options.shared === true,
  };
}

/** What stands behind the listener. @throws UsageError when the command line names no server, or two, or says of one what is of the other */
function serverOf(
  command: string | undefined,
  words: readonly string[],
  options: ServeOptions,
): (listening: ListenFor, governance: Governance) => Promise<Bridge> {
  const { upstream, forwardHeader: alsoForward, env, shared, maxServers, maxServersPerPeer, maxStarts } = options;
  const ofStarted = {
    '--max-servers': maxServers,
    '--max-servers-per-peer': maxServersPerPeer,
    '--max-starts': maxStarts,
  };
  if ((command === undefined) === (upstream === undefined))
    throw new UsageError('expected one server: a command after --, or --upstream with the URL of one of HTTP');
  const strange =
    upstream === undefined ? { '--forward-header': alsoForward } : { '--env': env, '--shared': shared, ...ofStarted };
  for (const [name, value] of Object.entries(strange))
    if (value !== undefined)
      throw new UsageError(
        `${name} is for a server ${upstream === undefined ? 'of --upstream' : 'that is started here'}`,
      );
  if (upstream !== undefined)
    return (listening, governance) =>
      serveUpstream(listening, { ...commonOf(options, governance), upstream, alsoForward });
  return (listening, governance) => serveBridge(listening, bridgeOf(command ?? '', words, options, governance));
}

/** Each process has a record of its own. */
function recordOfProcess(options: ServeOptions): ReturnType<typeof recordOf> {
  const record = recordOf(options);
  const number = processNumber();
  return record === undefined || number === undefined
    ? record
    : { ...record, file: nameForProcess(record.file, number) };
}

async function runProcess(serve: ReturnType<typeof serverOf>, options: ServeOptions): Promise<number> {
  const { policy } = options;
  const seen = materialFactsOf(options);
  const { material, access } = await firstMaterial(options);
  const refuse = (error: unknown): never => {
    wipeMaterial(material);
    throw error;
  };
  const server = { names: namesOf(material.credentials.certificate) };
  const wanted = verifiedOf(options, server);
  for (const { path } of wanted?.models?.models ?? []) noteOfProcess(`verifying ${path}`); // it may take a while
  const verified = wanted && (await requireVerified(wanted).catch(refuse));
  const governed = { role: 'server', policy, record: recordOfProcess(options), note: noteOfProcess } as const;
  const stop = (error: unknown): never => {
    verified?.close();
    return refuse(error);
  };
  const { governance, look, close } = await governing({ ...governed, verified, server }).catch(stop);
  let fresh: Fresh | undefined;
  const listening = {
    ...settingsOf(options, channelSettingsOf(options)),
    ...intakeOf(options),
    ...options.listen,
    ...material,
    workers: options.workers,
    beforeHandshake: (): void => {
      fresh?.look();
      look();
    },
  };
  const channel = listening.channel ?? {};
  const bridge = await serve({ ...listening, channel }, governance).catch(async (error: unknown) => {
    await close();
    return stop(error);
  });
  const { first, second, forget } = endingSignals();
  goOnWithoutOutput();
  fresh = keepListenerFresh(bridge, material, seen, access, options);
  if ((processNumber() ?? 1) === 1) {
    note(`listening on ${addressText(bridge.address)}`);
    noteExpected(options); // after the address, which scripts wait for
  }
  await first;
  const { shutdownTimeout = defaultShutdown } = options;
  const done = new AbortController();
  await Promise.race([bridge.drain(), second, sleep(shutdownTimeout, undefined, { signal: done.signal })]);
  done.abort();
  await bridge.close();
  await close();
  verified?.close();
  forget();
  fresh.close();
  return 0;
}

const wordsOfEvent = (event: ProcessEvent): string =>
  match(event)
    .with({ event: 'started' }, ({ process, id }) => `process ${process} of this server: started as ${id ?? 'none'}`)
    .with({ event: 'ended' }, ({ process, reason }) => `process ${process} of this server: ended: ${reason}`)
    .with(
      { event: 'restarting' },
      ({ process, milliseconds }) => `process ${process} of this server: starts again in ${milliseconds / 1_000} s`,
    )
    .exhaustive();

async function runServe(command: string | undefined, words: readonly string[], options: ServeOptions): Promise<number> {
  const { processes = 1, shutdownTimeout = defaultShutdown, grace = defaultGrace } = options;
  const serve = serverOf(command, words, options);
  checkExpected(options);
  checkPatience(patienceOf(options));
  recordOf(options); // an option without the file is told now
  verifiedOf(options);
  if (
    command !== undefined &&
    processNumber() === undefined &&
    !isCommand(command, environmentOf(options.env ?? [], undefined)['PATH'])
  )
    note(`pquake: warning: ${command}: no command that can be started; until it is one, each connection is closed`);
  const onEvent = (event: ProcessEvent): void => note(wordsOfEvent(event));
  // Longer than all that a process waits for itself.
  const patient = { processes, onEvent, grace: shutdownTimeout + 2 * grace + 10_000 };
  return await runProcesses(patient, () => runProcess(serve, options));
}

/** The command `serve`. */
export const serveCommand: CommandDefinition = {
  words: 'serve [command] [words...]',
  usage: '[options] (-- <command> [words...] | --upstream <url>)',
  description: 'put a server behind PQuAKE: one on standard streams, or one of HTTP',
  options: [
    ...mcpPeerOptions,
    ...channelOptions,
    ...intakeOptions,
    required(parsed('--listen <host:port>', 'where to listen; port 0 chooses one', parseAddress)),
    parsed('--upstream <url>', 'a server of Streamable HTTP that runs already, in the place of a command', parseUrl),
    repeatable('--forward-header <name>', 'a header of peers that this server gets too', parseHeaderName),
    repeatable('--env <name>', 'a variable that the server gets from here, or NAME=VALUE', parseVariable),
    new Option('--shared', 'one server for all connections; only for servers of the revision 2026-07-28'),
    new Option('--peer-in-meta', `tell the server who sends a request, in its _meta under ${peerMetaKey}`),
    parsed('--max-servers <n>', `processes at a time (default: ${defaultPlaces.servers})`, parseCount),
    parsed('--max-servers-per-peer <n>', 'of them for one peer (default: half of --max-servers)', parseCount),
    parsed('--max-starts <n>', `of them in a second (default: ${defaultPlaces.startsPerSecond})`, parseCount),
    parsed('--max-requests <n>', `of one connection at a time (default: ${defaultLimits.requests})`, parseCount),
    policyOption,
    ...modelOptions,
    ...manifestOptions,
    trustPolicyOption,
    ...recordOptions,
    ...bridgeOptions,
    parsed('--workers <n>', 'threads that compute handshakes (default: none, the main thread does)', parseCount),
    parsed('--processes <n>', 'processes on one port, each with limits of its own (default: 1)', parseCount),
    parsed(
      '--shutdown-timeout <seconds>',
      `for requests under way after SIGINT or SIGTERM (default: ${defaultShutdown / 1_000})`,
      parseSeconds,
    ),
  ],
  notes: `
The command is run as it stands, without a shell, once for each connection (with --shared once for
all). Nothing of it comes from the peer. Its environment is PATH, HOME, TMPDIR, TZ, LANG, LC_*,
what --env names and, without --shared, who the peer is: PQUAKE_PEER_IDENTITY, PQUAKE_PEER_NAMES
(JSON), PQUAKE_PEER_CERTIFICATE_DIGEST, PQUAKE_PEER_NOT_AFTER, PQUAKE_CHANNEL_BINDING.

With --upstream peers speak Streamable HTTP inside their channels (pquake tunnel --listen is their
side), or lines, as connect does. The server finds the peer in the headers pquake-peer,
pquake-peer-certificate and pquake-peer-binding, which peers cannot set; no token or cookie of
theirs reaches it but by --forward-header. It must be reachable from here alone.

With --model and --manifest nothing starts before they verify: every file of each model, and a
manifest for a name of --cert. What the server declares beside its manifest is withheld from
peers. Models are looked at every few seconds and before each connection, and files that changed
are read again: when one does not verify any more, all connections end with model-not-verified,
what was started ends, and no connection gets a server until it verifies again. The server opens
the files itself: what it read before such a look, or between two, is not known here.

When a revocation list or trust anchors arrive, the peers of open connections are judged again: a
connection whose certificate was revoked ends within 3 seconds. SIGINT or SIGTERM: new requests
are denied, those under way are finished, and each connection ends then; a second one ends all.

With --processes, limits and --shared hold for each process. One that crashes is started again; one
that cannot begin ends all. They have no terminal: an encrypted key needs --passphrase-file.

Exit status: 0 ended by a signal, 1 it could not begin, 2 wrong usage.`,
  examples: [
    'serve --listen 127.0.0.1:4433 --cert bob.pem --key bob.key --ca ca.pem --expect alice -- node server.js',
    'serve --listen [::]:4433 --cert bob.pem --key bob.key --ca ca.pem --crl lists/ --expect alice --env TOKEN -- uvx mcp-server-git',
    'serve --listen [::]:4433 --cert bob.pem --key bob.key --ca ca.pem --expect alice --upstream http://127.0.0.1:3000/mcp',
  ],
  action: runServe,
};
