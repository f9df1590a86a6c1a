// Warnings about files that are used in spite of a doubt: one for each file and reason.

/** Receives the message of a warning. */
export type FileWarning = (message: string) => void;

const mostRemembered = 4_096;
const told = new Set<string>();
let tell: FileWarning = (message) => process.emitWarning(message, 'PquakeFileWarning');

/** Sets the receiver of warnings about files that others can read or replace; by default `process.emitWarning`. */
export function onFileWarning(warn: FileWarning): void {
  tell = warn;
}

/** Warns of a file, once for each reason. */
export function tellOnce(file: string, reason: string): void {
  const message = `${file}: ${reason}`;
  if (told.has(message)) return;
  if (told.size >= mostRemembered) told.clear();
  told.add(message);
  tell(message);
}
