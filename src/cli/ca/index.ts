import type { CommandGroup } from '../../node/terminal/command.ts';
import { backupCommand } from './backup.ts';
import { crlCommand } from './crl.ts';
import { initCommand } from './init.ts';
import { restoreCommand } from './restore.ts';
import { revokeCommand } from './revoke.ts';

/** The commands of an authority. */
export const caCommands: CommandGroup = {
  name: 'ca',
  description: 'certification authority',
  commands: [initCommand, revokeCommand, crlCommand, backupCommand, restoreCommand],
};
