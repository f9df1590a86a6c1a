// The environment of a server: what every program needs, what was named, and who the peer is.
import { InvalidArgumentError } from 'commander';
import { environmentFor } from '../../node/files/environment.ts';
import { printable } from '../../node/terminal/output.ts';
import type { Principal } from '../contract.ts';

/** Variables that say who the peer is. Nobody else sets them. */
const reserved = /^PQUAKE_(PEER|CHANNEL)_/;

/** A variable for the server: passed on from our environment, or set. */
export interface Variable {
  readonly name: string;
  readonly value: string;
}

/** Parses `NAME`, to pass it on, or `NAME=VALUE`. */
export function parseVariable(word: string): Variable {
  const [, name = '', set] = /^([A-Za-z_][A-Za-z0-9_]*)(?:=(.*))?$/s.exec(word) ?? [];
  if (name === '') throw new InvalidArgumentError('Expected NAME or NAME=VALUE.');
  if (reserved.test(name)) throw new InvalidArgumentError(`${name} says who the peer is; it cannot be given.`);
  const value = set ?? process.env[name];
  if (value === undefined)
    throw new InvalidArgumentError(`Expected the name of a variable that is set, or ${name}=VALUE.`);
  return { name, value };
}

/** A variable with no character that a program may take for another line. */
const shown = (text: string): string => printable(text).replaceAll('\0', '');

/** Who the peer of a connection is, in variables. */
export const peerVariables = ({ identity, names, notAfter, certificateDigest, channelBinding }: Principal) => ({
  PQUAKE_PEER_IDENTITY: shown(identity),
  /** A list in JSON. */
  PQUAKE_PEER_NAMES: shown(JSON.stringify(names)),
  PQUAKE_PEER_CERTIFICATE_DIGEST: certificateDigest,
  PQUAKE_PEER_NOT_AFTER: notAfter.toISOString(),
  PQUAKE_CHANNEL_BINDING: channelBinding,
});

/** The whole environment: PATH, HOME, TMPDIR, TZ, LANG, LC_*, those given, and the peer, where the server is for one. */
export const environmentOf = (variables: readonly Variable[], peer: Principal | undefined): NodeJS.ProcessEnv => ({
  ...environmentFor(),
  ...Object.fromEntries(variables.map(({ name, value }) => [name, value])),
  ...(peer && peerVariables(peer)),
});
