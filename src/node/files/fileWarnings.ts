// What is told of a file that is used all the same: once for each file and reason.

/** Is told of a file, and why it should not be as it is. */
export type FileWarning = (message: string) => void;

const mostRemembered = 4_096;
const told = new Set<string>();
let tell: FileWarning = (message) => process.emitWarning(message, 'PquakeFileWarning');

/** Sets who is told of files that are used though others can read or replace them; by default `process.emitWarning`. */
export function onFileWarning(warn: FileWarning): void {
  tell = warn;
}

/** Tells of a file, unless the same was told before. */
export function tellOnce(file: string, reason: string): void {
  const message = `${file}: ${reason}`;
  if (told.has(message)) return;
  if (told.size >= mostRemembered) told.clear();
  told.add(message);
  tell(message);
}
