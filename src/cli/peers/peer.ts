// The parts that `serve` and `connect` share.
import { keyLogFile } from '../../node/files/keyLog.ts';
import type { KeyAccess } from '../../node/files/keys.ts';
import { type Material, readMaterial } from '../../node/files/material.ts';
import { note } from '../../node/terminal/output.ts';
import { policyOf, suiteOf } from '../../node/terminal/suite.ts';
import { scheduleOf } from '../../node/terminal/words.ts';
import { close, type Observation } from '../../node/transport/stream.ts';
import type { Address, ConnectOptions, TcpResult } from '../../node/transport/tcp.ts';
import { withPassphrases } from '../passphrase.ts';
import type { PeerOptions } from './options.ts';

/** A message as `--trace` writes it: one line of JSON on standard error. */
export interface TraceLine extends Observation {
  /** Milliseconds of the system's monotonic clock since the epoch. */
  readonly at: number;
}

function trace(observation: Observation): void {
  const line: TraceLine = { at: performance.timeOrigin + performance.now(), ...observation };
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

/** Reads the files. Asks at a terminal for the passphrase of an encrypted key, unless a file holds it. */
export const firstMaterial = (options: PeerOptions): Promise<Opened> =>
  withPassphrases(options, (access) => ({ material: readMaterial(suiteOf(options), options, access), access }));

/** Closes a connection that carries only the handshake. */
export function hangUp(result: TcpResult): void {
  if (!result.ok) return;
  result.session.wipe();
  close(result.stream);
}
