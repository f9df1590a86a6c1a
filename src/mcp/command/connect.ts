// `connect`: what a host starts as a server on standard streams.
import { Argument } from 'commander';
import { ConfigurationError } from '../../configuration.ts';
import { type MaterialFacts, materialFactsOf } from '../../node/files/material.ts';
import type { CommandDefinition } from '../../node/terminal/command.ts';
import { note, printResultsTo } from '../../node/terminal/output.ts';
import { checkExpected, noteExpected } from '../../node/terminal/peer/expected.ts';
import { keepListenerFresh } from '../../node/terminal/peer/fresh.ts';
import {
  type ChannelWords,
  channelOptions,
  channelSettingsOf,
  type PeerOptions,
} from '../../node/terminal/peer/options.ts';
import { firstMaterial, type Opened, settingsOf } from '../../node/terminal/peer/settings.ts';
import { suiteOf } from '../../node/terminal/suite.ts';
import { parseAddress } from '../../node/terminal/words.ts';
import { dialer } from '../../node/transport/dialer.ts';
import type { Address, Renewable } from '../../node/transport/tcp.ts';
import { answerHost, type ConnectParts, connectHost, type HostParts } from '../bridge/connect.ts';
import { standings } from '../bridge/standing.ts';
import { defaultLimits } from '../gate/index.ts';
import { type BridgeWords, bridgeOptions, defaultGrace, mcpPeerOptions } from './options.ts';
import { endingSignals } from './signals.ts';

interface ConnectOptions extends PeerOptions, ChannelWords, BridgeWords {}

/** Connects with what the files hold, and keeps that up to date. */
async function connectWith(
  { material, access, seen }: Opened & { readonly seen: MaterialFacts },
  to: Address,
  options: ConnectOptions,
  host: HostParts,
) {
  const settings = settingsOf(options, channelSettingsOf(options));
  const own = { ...settings, channel: settings.channel ?? {}, ...material, ...to, signal: host.signal };
  const { dial, update } = dialer(own);
  const standing = standings(suiteOf(options));
  const updating = (changes: Partial<Renewable>): ReturnType<typeof update> => {
    const updated = update(changes);
    const { trustAnchors, expectedPeer = material.expectedPeer } = changes;
    if (trustAnchors !== undefined) void standing.judge({ trustAnchors, expectedPeer });
    return updated;
  };
  const fresh = keepListenerFresh({ update: updating }, material, seen, access, options);
  try {
    const opened: ConnectParts['opened'] = (channel, end) => standing.add({ channel, end }).remove;
    return await connectHost({ ...host, dial, opened });
  } finally {
    standing.close();
    fresh.close();
  }
}

async function runConnect(to: Address, options: ConnectOptions): Promise<number> {
  printResultsTo('stderr'); // standard output is that of the protocol
  checkExpected(options);
  const { maxMessage: longest = defaultLimits.messageOctets, grace = defaultGrace } = options;
  const control = new AbortController();
  const { first, forget } = endingSignals();
  first.then(() => control.abort());
  const { stdin: input, stdout: output } = process;
  const host = { input, output, longest, grace, note, governance: {}, signal: control.signal };
  try {
    const seen = materialFactsOf(options);
    const opened = { ...(await firstMaterial(options)), seen };
    noteExpected(options);
    return await connectWith(opened, to, options, host);
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    return await answerHost(host, 'configuration', error.message); // a host shows its user answers, not what ends a process
  } finally {
    forget();
  }
}

/** The command `connect`. */
export const connectCommand: CommandDefinition = {
  words: 'connect',
  arguments: [new Argument('<host:port>', 'where the peer listens').argParser(parseAddress)],
  description: 'be a server on standard streams for a host, whose messages cross a channel to the peer',
  options: [...mcpPeerOptions, ...channelOptions, ...bridgeOptions],
  notes: `
A host starts it as any server: as "command" and "args" of its configuration. Standard output
holds messages only; what is to be told stands on standard error, an error in one line with its
code. Without a connection each request is answered with an error.

Exit status: 0 when the host has closed its end, or by SIGINT or SIGTERM; 1 without a connection,
or when it was lost; 2 wrong usage.`,
  examples: [
    'connect server.example:4433 --cert alice.pem --key alice.key --ca ca.pem --expect bob',
    'connect [::1]:4433 --cert alice.pem --key alice.key --ca ca.pem --expect URI:spiffe://example/records',
  ],
  action: runConnect,
};
