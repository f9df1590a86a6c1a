import { ConfigurationError } from '../../configuration.ts';
// Refusals of the file system, in words for people: the file and the reason, never its content.

/** Refuses a file: names it and the reason. */
export function refuseFile(file: string, reason: string): never {
  throw new ConfigurationError(`${file}: ${reason}`);
}

/** The reason of an error of the file system, without the names of files: they follow the name of the call. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown';
  const call = 'syscall' in error ? error.message.indexOf(`, ${error.syscall} '`) : -1;
  return call < 0 ? error.message : error.message.slice(0, call);
}

/** The code of an error of the system, such as ENOENT. */
export const codeOf = (error: unknown): unknown => (error instanceof Error && 'code' in error ? error.code : undefined);

/** Runs; an error of the file system becomes one that names the file. */
export function onFile<T>(file: string, run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (typeof codeOf(error) !== 'string') throw error;
    return refuseFile(file, reasonOf(error));
  }
}
