import { ConfigurationError, type Remedy } from '../../configuration.ts';
// Errors of the file system in plain words: the file and the reason, never its content.

/** @throws ConfigurationError with the file and the reason */
export function refuseFile(file: string, reason: string, remedy?: Remedy): never {
  throw new ConfigurationError(`${file}: ${reason}`, remedy);
}

/** The reason of an error of the file system, without the file names that follow the name of the call. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown';
  const call = 'syscall' in error ? error.message.indexOf(`, ${error.syscall} '`) : -1;
  return call < 0 ? error.message : error.message.slice(0, call);
}

/** The code of an error of the system, such as ENOENT. */
export const codeOf = (error: unknown): unknown => (error instanceof Error && 'code' in error ? error.code : undefined);

/** Runs a function. Turns an error of the file system into one that names the file. @throws ConfigurationError */
export function onFile<T>(file: string, run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (error instanceof ConfigurationError || typeof codeOf(error) !== 'string') throw error;
    return refuseFile(file, reasonOf(error));
  }
}
