// A key log in a file (spec/keylog.md).
import { type BigIntStats, closeSync, constants, fstatSync, openSync, writeSync } from 'node:fs';
import { codeOf, reasonOf, refuseFile } from './fileErrors.ts';
import { isOwn, modeText } from './trust.ts';

const { O_WRONLY, O_CREAT, O_APPEND, O_NOFOLLOW = 0, O_NONBLOCK = 0, O_NOCTTY = 0 } = constants;

/** Why a file is not given secrets: it must be a regular file of this user, under one name. */
function reasonAgainst(status: BigIntStats): string | undefined {
  if (!status.isFile()) return 'not a regular file, such as a pipe of somebody; expected one for a key log';
  if (process.platform === 'win32') return undefined;
  if (!isOwn(status)) return `owned by user ${status.uid}; expected a key log of one's own`;
  if (status.nlink !== 1n) return `${status.nlink} names lead to it; expected one for a key log`;
  const { mode } = status;
  return (mode & 0o077n) === 0n ? undefined : `mode ${modeText(mode & 0o777n)} lets others at a key log; expected 0600`;
}

function open(file: string): number {
  try {
    return openSync(file, O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY, 0o600);
  } catch (error) {
    if (codeOf(error) === 'ELOOP') return refuseFile(file, 'a symbolic link; expected the key log itself');
    if (codeOf(error) === 'ENXIO') return refuseFile(file, 'a pipe that nobody reads; expected a regular file');
    return refuseFile(file, reasonOf(error));
  }
}

/**
 * Opens a key log to append to; creates it with mode 0600 if there is none. Each line is one write, so processes may
 * share the file. It must be a regular file of this user, under one name, that others cannot read.
 * @param onFailure called once when a line cannot be written; the handshake continues
 * @throws ConfigurationError with the file and the reason
 */
export function keyLogFile(file: string, onFailure: (reason: string) => void): (line: string) => void {
  let descriptor: number | undefined = open(file);
  const against = reasonAgainst(fstatSync(descriptor, { bigint: true }));
  if (against !== undefined) {
    closeSync(descriptor);
    refuseFile(file, against);
  }
  return (line) => {
    if (descriptor === undefined) return;
    try {
      writeSync(descriptor, `${line}\n`);
    } catch (error) {
      closeSync(descriptor);
      descriptor = undefined;
      onFailure(`${file}: ${reasonOf(error)}; no more is logged`);
    }
  };
}
