import type { CommandGroup } from '../../node/terminal/command.ts';
import { changePassphraseCommand } from './changePassphrase.ts';
import { generateCommand } from './generate.ts';
import { inspectKeyCommand } from './inspect.ts';

/** The commands of key files on their own. */
export const keyCommands: CommandGroup = {
  name: 'key',
  description: 'private keys',
  commands: [generateCommand, changePassphraseCommand, inspectKeyCommand],
};
