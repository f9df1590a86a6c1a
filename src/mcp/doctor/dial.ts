// A channel to a server, by the options of peers.
import type { Option } from 'commander';
import { ConfigurationError } from '../../configuration.ts';
import { type Material, wipeMaterial } from '../../node/files/material.ts';
import { UsageError } from '../../node/terminal/command.ts';
import { type PeerOptions, peerOptions } from '../../node/terminal/peer/options.ts';
import { firstMaterial, settingsOf } from '../../node/terminal/peer/settings.ts';
import { type Address, connect, type SecuredResult } from '../../node/transport/tcp.ts';
import { endInOrder } from '../resilience/shutdown.ts';
import type { ServerIdentity } from '../tools/pins.ts';
import { identityOf as identityOfPeer } from '../transport/principal.ts';

/** Not for connections of which a person reads a few lines: what debugs handshakes. */
const forDebugging = ['--trace', '--session-digest', '--keylog'];

/** The options of peers of which none is required, as they may be of no use. */
export const optionalPeerOptions: readonly Option[] = peerOptions
  .filter(({ long }) => !forDebugging.includes(long ?? ''))
  .map((option) =>
    Object.assign(Object.create(Object.getPrototypeOf(option)) as Option, option, { helpGroupHeading: undefined }),
  );

type Needed = 'cert' | 'key' | 'ca';
/** The options of peers, as the parser returns them when none is required. */
export type GivenPeerOptions = Omit<PeerOptions, Needed> & Partial<Pick<PeerOptions, Needed>>;

/** The options that a connection needs. @throws UsageError when one is missing */
export function peerOptionsOf(options: GivenPeerOptions): PeerOptions {
  const { cert, key, ca } = options;
  if (cert !== undefined && key !== undefined && ca !== undefined) return { ...options, cert, key, ca };
  const missing = Object.entries({ cert, key, ca }).flatMap(([name, value]) =>
    value === undefined ? [`--${name}`] : [],
  );
  throw new UsageError(`to connect, ${missing.join(', ')} must be given`);
}

/** Reads the files, and asks at a terminal for the passphrase of an encrypted key. @throws ConfigurationError */
export const materialFor = async (options: PeerOptions): Promise<Material> => (await firstMaterial(options)).material;

/** Connects, with a channel behind the handshake. @throws ConfigurationError (as a rejection) */
export const dialServer = (address: Address, options: PeerOptions, material: Material): Promise<SecuredResult> =>
  connect({ ...settingsOf(options, {}), ...material, ...address, channel: true });

/** A server to which a channel is open. */
export type Connected = Extract<SecuredResult, { readonly ok: true }>;

/** Who a server is, by its certificate. */
export function identityOf({ channel: { peer } }: Pick<Connected, 'channel'>): ServerIdentity {
  const { names, authorities } = identityOfPeer(peer);
  return { names, authorities };
}

/** How long the other side has to close its direction, in milliseconds. */
const farewell = 1_000;

/** Closes a channel in order: the server is not to take it for cut off. */
export const hangUp = (channel: Connected['channel']): Promise<void> => endInOrder(channel, farewell);

/**
 * Works with a channel to a server, which is closed then.
 * @throws ConfigurationError (as a rejection) also when the handshake fails: its code stands in the message
 */
export async function withServer<T>(
  address: Address,
  options: GivenPeerOptions,
  work: (connected: Connected) => Promise<T>,
): Promise<T> {
  const given = peerOptionsOf(options);
  const material = await materialFor(given);
  try {
    const result = await dialServer(address, given, material);
    if (!result.ok) throw new ConfigurationError(`${result.failure.code}: ${result.failure.message}`);
    try {
      return await work(result);
    } finally {
      await hangUp(result.channel);
    }
  } finally {
    wipeMaterial(material);
  }
}
