// `connect`: what a host starts as a server on standard streams.
import { Argument, Option } from 'commander';
import { ConfigurationError } from '../../configuration.ts';
import { type MaterialFacts, materialFactsOf } from '../../node/files/material.ts';
import { type CommandDefinition, parsed } from '../../node/terminal/command.ts';
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
import { parseAddress, parseSeconds } from '../../node/terminal/words.ts';
import { dialer } from '../../node/transport/dialer.ts';
import type { Address, Renewable } from '../../node/transport/tcp.ts';
import { answerHost, type ConnectParts, connectHost, type HostParts } from '../bridge/connect.ts';
import type { Governed } from '../bridge/governance.ts';
import { standings } from '../bridge/standing.ts';
import type { ConnectionFacts, Recorder } from '../contract.ts';
import { defaultLimits, type Guard } from '../gate/index.ts';
import { governing } from '../governing/governing.ts';
import { pinsGuard } from '../governing/pins.ts';
import { clientGuard } from '../governing/signed.ts';
import { requireVerified } from '../governing/verified.ts';
import { checkPatience, watchPeer } from '../resilience/patience.ts';
import { pinsFile } from '../tools/files.ts';
import type { ManifestSource } from '../tools/signedFiles.ts';
import { type RecordWords, recordOf, recordOptions } from './governance.ts';
import { type BridgeWords, bridgeOptions, defaultGrace, mcpPeerOptions, patienceOf } from './options.ts';
import { guardOf, type PinsWords, pinsHeading, pinsOptions } from './pins.ts';
import { endingSignals } from './signals.ts';
import { type ManifestWords, manifestOptions, trustPolicyOption, verifiedOf } from './signers.ts';

interface ConnectOptions extends PeerOptions, ChannelWords, BridgeWords, RecordWords, PinsWords, ManifestWords {
  readonly reconnect: boolean;
  readonly wait?: number;
}

/** Milliseconds: less than hosts wait for the start of a server, so that their users see the reason. */
const defaultWait = 8_000;

/** Holds the server of a connection to its signed manifest, or to what was approved of it. */
const pinsFor =
  (options: ConnectOptions, to: Address, source: ManifestSource | undefined) =>
  ({ principal, authenticateAgain: _, ...facts }: Governed, record: Recorder): Guard | undefined => {
    const identity = principal();
    if (source !== undefined) {
      const { pins: file, pinsRefuse = 'server' } = options;
      const pins = file === undefined ? undefined : pinsFile(file).read;
      const around = { source, record, tell: note, pins, facts: () => ({ ...facts, principal: principal() }) };
      return clientGuard(identity, pinsRefuse, around);
    }
    const pinned = guardOf(options, { identity, tell: note, now: () => new Date() });
    if (pinned === undefined) return undefined;
    const heading = pinsHeading(options, identity, to);
    const now = (): ConnectionFacts => ({ ...facts, principal: principal() });
    return pinsGuard({ ...pinned, record, tell: note, heading, facts: now });
  };

/** Connects with what the files hold, and keeps that up to date. */
async function connectWith(
  { material, access, seen }: Opened & { readonly seen: MaterialFacts },
  to: Address,
  options: ConnectOptions,
  host: HostParts,
) {
  const settings = settingsOf(options, channelSettingsOf(options));
  const leaving = new AbortController();
  const signal = AbortSignal.any([host.signal, leaving.signal]);
  const own = { ...settings, channel: settings.channel ?? {}, ...material, ...to, signal };
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
    const opened: ConnectParts['opened'] = ({ channel, stream: socket }, end) => {
      watchPeer({ channel, socket }, patienceOf(options));
      return standing.add({ channel, end }).remove;
    };
    return await connectHost({ ...host, dial, opened });
  } finally {
    leaving.abort();
    standing.close();
    fresh.close();
  }
}

/** Who is connected before anybody is. */
const nobody = { names: [], authorities: [] };

async function runConnect(to: Address, options: ConnectOptions): Promise<number> {
  printResultsTo('stderr'); // standard output is that of the protocol
  checkExpected(options);
  checkPatience(patienceOf(options));
  const { reconnect: again, wait: answerAfter = defaultWait } = options;
  const { maxMessage: longest = defaultLimits.messageOctets, grace = defaultGrace } = options;
  const control = new AbortController();
  let close = async (): Promise<void> => {};
  const { first, forget } = endingSignals();
  first.then(() => control.abort());
  const { stdin: input, stdout: output } = process;
  const common = { input, output, longest, grace, note, signal: control.signal };
  const record = recordOf(options);
  const manifest = verifiedOf(options);
  try {
    guardOf(options, { identity: nobody, tell: note, now: () => new Date() }); // a file that cannot be used is told now
    const verified = manifest && (await requireVerified(manifest));
    const pins = pinsFor(options, to, verified?.manifest);
    const governed = await governing({ role: 'client', record, note, pins, verified });
    close = governed.close;
    const host = { ...common, governance: governed.governance };
    const seen = materialFactsOf(options);
    const opened = { ...(await firstMaterial(options)), seen };
    noteExpected(options);
    return await connectWith(opened, to, options, { ...host, again, answerAfter });
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    return await answerHost({ ...common, governance: {}, again, answerAfter }, error); // a host shows its user answers, not what ends a process
  } finally {
    await close();
    forget();
  }
}

/** The command `connect`. */
export const connectCommand: CommandDefinition = {
  words: 'connect',
  arguments: [new Argument('<host:port>', 'where the peer listens').argParser(parseAddress)],
  description: 'be a server on standard streams for a host, whose messages cross a channel to the peer',
  options: [
    ...mcpPeerOptions,
    ...channelOptions,
    ...pinsOptions,
    ...manifestOptions,
    trustPolicyOption,
    ...recordOptions,
    ...bridgeOptions,
    parsed(
      '--wait <seconds>',
      `for a connection, before a request is answered with an error (default: ${defaultWait / 1_000})`,
      parseSeconds,
    ),
    new Option('--no-reconnect', 'end with the first connection, or attempt that fails: for scripts'),
  ],
  notes: `
A host starts it as any server: as "command" and "args" of its configuration. Standard output
holds messages only; what is to be told stands on standard error, an error in one line with its
code.

With --manifest nothing of the server goes through that is not declared in it, whatever was pinned;
a manifest that is not signed as it must be, is for another server, or is over, refuses all.

A connection that is lost, or cannot be made, is made again: after a random part of 0.5 s, of twice
that after each failure, of 30 s at most. The server has to be the same one, by its certificate,
and to introduce itself as before. A request that was under way is answered with an error and not
sent again: it may have taken effect. Others wait for a connection as long as --wait says; then each
is answered with an error that says why there is none. With --no-reconnect, and after a failure that
time does not heal, all are answered so.

Exit status: 0 when there was a connection when the host closed its end, or SIGINT or SIGTERM came;
1 without one; 2 wrong usage.`,
  examples: [
    'connect server.example:4433 --cert alice.pem --key alice.key --ca ca.pem --expect bob',
    'connect [::1]:4433 --cert alice.pem --key alice.key --ca ca.pem --expect URI:spiffe://example/records',
  ],
  action: runConnect,
};
