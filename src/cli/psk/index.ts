import type { CommandGroup } from '../../node/terminal/command.ts';
import { generatePskCommand } from './generate.ts';

/** The commands of pre-shared secrets. */
export const pskCommands: CommandGroup = {
  name: 'psk',
  description: 'pre-shared secrets',
  commands: [generatePskCommand],
};
