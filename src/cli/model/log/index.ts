import type { CommandGroup } from '../../../node/terminal/command.ts';
import { logAddCommand } from './add.ts';
import { logInitCommand } from './init.ts';
import { logKeyCommand } from './key.ts';
import { logVerifyCommand } from './verify.ts';
import { logWitnessCommand } from './witness.ts';

/** The commands of transparency logs. */
export const logCommands: CommandGroup = {
  name: 'log',
  description: 'append-only logs of what was signed, and their witnesses',
  commands: [logInitCommand, logAddCommand, logVerifyCommand, logWitnessCommand, logKeyCommand],
};
