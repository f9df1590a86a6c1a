// A key log in a file (spec/keylog.md).
import { closeSync, fstatSync, openSync, writeSync } from 'node:fs';
import { reasonOf, refuseFile } from './fileErrors.ts';

/**
 * Opens a key log to append to; makes it with mode 0600 when there is none. Each line is one write, so that processes may share the
 * file. A file that others may read is refused.
 * @param onFailure told once when a line cannot be written; the handshake goes on
 * @throws ConfigurationError naming the file and the reason
 */
export function keyLogFile(file: string, onFailure: (reason: string) => void): (line: string) => void {
  let descriptor: number | undefined;
  try {
    descriptor = openSync(file, 'a', 0o600);
  } catch (error) {
    return refuseFile(file, reasonOf(error));
  }
  const status = fstatSync(descriptor);
  if (process.platform !== 'win32' && status.isFile() && (status.mode & 0o077) !== 0) {
    closeSync(descriptor);
    const mode = (status.mode & 0o777).toString(8).padStart(4, '0');
    refuseFile(file, `mode ${mode} lets others at a key log; expected 0600`);
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
