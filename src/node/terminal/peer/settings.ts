// What the options of peers mean: the settings of handshakes, and the material that their files hold.
import { wipe } from '../../../crypto/secret.ts';
import { refuseExpired } from '../../../handshake/lifetimes.ts';
import { type ProposedProtocol, proposedProtocol } from '../../../handshake/proposed.ts';
import type { Session } from '../../../handshake/session.ts';
import { toHex } from '../../../octets.ts';
import { keyLogFile } from '../../files/keyLog.ts';
import type { KeyAccess } from '../../files/keys.ts';
import { type Material, readMaterial, wipeMaterial } from '../../files/material.ts';
import { describeOverload, type IntakeOptions } from '../../transport/intake.ts';
import type { ChannelSettings } from '../../transport/securedOptions.ts';
import type { Observation } from '../../transport/stream.ts';
import type { Address, Connection, ConnectOptions } from '../../transport/tcp.ts';
import { note } from '../output.ts';
import { withPassphrases } from '../passphrase.ts';
import { policyOf, suiteOf } from '../suite.ts';
import { scheduleOf } from '../words.ts';
import type { IntakeWords, PeerOptions } from './options.ts';

/** The members that name a connection in a line of JSON; null where there was none. */
export const membersOfConnection = (connection: Connection | undefined) => ({
  connection: connection?.number ?? null,
  remoteAddress: connection?.remote.host ?? null,
  remotePort: connection?.remote.port ?? null,
  localPort: connection?.local.port ?? null,
});

/** The limits of the command line on what a responder accepts. */
export const intakeOf = (options: IntakeWords): IntakeOptions & { readonly firstOctetTimeout: number | undefined } => ({
  maximumHandshakes: options.maxHandshakes,
  maximumHandshakesPerAddress: options.maxHandshakesPerAddress,
  maximumConnections: options.maxConnections,
  handshakesPerSecond: options.maxRate,
  firstOctetTimeout: options.firstOctetTimeout,
  onOverload: (overload) => note(describeOverload(overload)),
});

/** A message as `--trace` writes it: one line of JSON on standard error. */
export interface TraceLine extends Observation {
  /** Milliseconds of the system's monotonic clock since the epoch. */
  readonly at: number;
  /** The number of the connection in this process; the line of its result has it too. */
  readonly connection: number | null;
  readonly remoteAddress: string | null;
  readonly remotePort: number | null;
  readonly localPort: number | null;
}

function trace(observation: Observation, connection: Connection): void {
  const line: TraceLine = {
    at: performance.timeOrigin + performance.now(),
    ...observation,
    ...membersOfConnection(connection),
  };
  note(JSON.stringify(line));
}

/** Opens the key log that was asked for, and always warns. */
function openKeyLog(file: string): (line: string) => void {
  const log = keyLogFile(file, (reason) => note(`pquake: key log: ${reason}`));
  note(
    `WARNING: the secrets of every handshake are appended to ${file}: whoever has it and a recording breaks every secrecy`,
  );
  note('WARNING: claim, of identities and session keys, then and later. For debugging with throw-away keys only.');
  return log;
}

/** The profile that was asked for; one that is not the draft is always told. */
function proposalsOf({ profile }: PeerOptions): ProposedProtocol | undefined {
  if (profile === undefined) return undefined;
  note(`WARNING: the profile ${profile} is a proposal, not the protocol of the draft: a peer without it fails`);
  return proposedProtocol();
}

/**
 * The options of a handshake that the command line alone decides.
 * @param channel - the settings of the channel behind it; without them nothing may follow
 */
export const settingsOf = (
  options: PeerOptions,
  channel?: ChannelSettings,
): Omit<ConnectOptions, keyof Address | keyof Material> => ({
  suite: suiteOf(options),
  reading: options.reading,
  proposals: proposalsOf(options),
  schedule: scheduleOf(options.schedule, options.first),
  knownPeers: options.knownPeers,
  hedgedCoins: options.hedgedCoins,
  messageTimeout: options.messageTimeout,
  handshakeTimeout: options.handshakeTimeout,
  onMessage: options.trace ? trace : undefined,
  afterwards: channel === undefined ? 'refuse' : 'keep',
  channel: channel && digestFirst(channel, options),
  ...policyOf(options),
  keyLog: options.keylog === undefined ? undefined : openKeyLog(options.keylog),
});

/** The contents of the files, and the access that opened encrypted keys in them. */
export interface Opened {
  readonly material: Material;
  readonly access: KeyAccess;
}

/** Reads the files. @throws ConfigurationError also when the own certificate has expired */
function materialOf(options: PeerOptions, access: KeyAccess): Material {
  const material = readMaterial(suiteOf(options), options, access);
  try {
    refuseExpired(material.credentials.certificate, new Date());
    return material;
  } catch (error) {
    wipeMaterial(material);
    throw error;
  }
}

/** Reads the files. Asks at a terminal for the passphrase of an encrypted key, unless a file holds it. */
export function firstMaterial(options: PeerOptions): Promise<Opened> {
  const { lenient = [] } = options;
  if (lenient.length > 0)
    note(`pquake: warning: --lenient permits what the profile of certificates refuses: ${lenient.join(', ')}`);
  if (options.sessionDigest)
    note(
      `pquake: warning: --session-digest ends the secrecy of k_session as random octets${options.json ? '' : ', and shows with --json only'}`,
    );
  return withPassphrases(options, (access) => ({ material: materialOf(options, access), access }));
}

/** Digests of sessions that a channel has used up since. */
const digests = new WeakMap<Session, string>();

/** Takes the digest that is asked for before a channel uses the session up. */
const digestFirst = (channel: ChannelSettings, options: PeerOptions): ChannelSettings => ({
  ...channel,
  onSession: (session) => {
    const digest = digestOf(session, options);
    if (digest !== undefined) digests.set(session, digest);
  },
});

/** SHA-384 of `k_session` in hexadecimal digits, where it is asked for. */
export function digestOf(session: Session, options: PeerOptions): string | undefined {
  if (options.sessionDigest !== true) return undefined;
  const known = digests.get(session);
  if (known !== undefined) return known;
  const sessionKey = session.sessionKey.reveal();
  const digest = toHex(suiteOf(options).hash(sessionKey));
  wipe(sessionKey);
  return digest;
}
