// The parts that `serve` and `connect` share.
import { refuseExpired } from '../../handshake/lifetimes.ts';
import { keyLogFile } from '../../node/files/keyLog.ts';
import type { KeyAccess } from '../../node/files/keys.ts';
import { type Material, readMaterial, wipeMaterial } from '../../node/files/material.ts';
import { note } from '../../node/terminal/output.ts';
import { policyOf, suiteOf } from '../../node/terminal/suite.ts';
import { scheduleOf } from '../../node/terminal/words.ts';
import { close, type Observation } from '../../node/transport/stream.ts';
import type { Address, Connection, ConnectOptions, TcpResult } from '../../node/transport/tcp.ts';
import { withPassphrases } from '../passphrase.ts';
import type { PeerOptions } from './options.ts';
import { membersOfConnection } from './report.ts';

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

/** The options of a handshake that the command line alone decides. */
export const settingsOf = (options: PeerOptions): Omit<ConnectOptions, keyof Address | keyof Material> => ({
  suite: suiteOf(options),
  reading: options.reading,
  schedule: scheduleOf(options.schedule, options.first),
  messageTimeout: options.messageTimeout,
  handshakeTimeout: options.handshakeTimeout,
  onMessage: options.trace ? trace : undefined,
  afterwards: 'refuse',
  ...policyOf(options),
  keyLog: options.keylog === undefined ? undefined : openKeyLog(options.keylog),
});

/** The contents of the files, and the access that opened encrypted keys in them. */
interface Opened {
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
  return withPassphrases(options, (access) => ({ material: materialOf(options, access), access }));
}

/** Closes a connection that carries only the handshake. */
export function hangUp(result: TcpResult): void {
  if (!result.ok) return;
  result.session.wipe();
  close(result.stream);
}
