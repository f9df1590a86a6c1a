import type { CommandGroup } from '../../../node/terminal/command.ts';
import { readCommand } from './read.ts';
import { signCommand } from './sign.ts';
import { verifyCommand } from './verify.ts';

/** The commands of manifests. */
export const manifestCommands: CommandGroup = {
  name: 'manifest',
  description: 'what servers declare: read, signed and verified',
  commands: [readCommand, signCommand, verifyCommand],
};
