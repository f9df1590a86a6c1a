// Whether a command could be started, before anybody asks for it.
import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';

const mayRun = (file: string): boolean => {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
};

/** Whether a command is a file that this user may execute, by its path or in a folder of PATH. On Windows, which adds endings to names, it is not looked for. */
export function isCommand(command: string, path = '', platform = process.platform): boolean {
  if (platform === 'win32') return true;
  if (command.includes('/')) return mayRun(command);
  return path.split(delimiter).some((folder) => mayRun(join(folder, command)));
}
