import type { CommandGroup } from '../../node/terminal/command.ts';
import { inventoryCommand } from './inventory.ts';
import { revokeKeyCommand } from './key/revoke.ts';
import { rotateKeyCommand } from './key/rotate.ts';
import { keyGenerateCommand } from './keyGenerate.ts';
import { policyCommands } from './policy/index.ts';
import { signCommand } from './sign.ts';
import { verifyCommand } from './verify.ts';

/** The commands of models. */
export const modelCommands: CommandGroup = {
  name: 'model',
  description: 'models: signed, and verified before use',
  commands: [
    signCommand,
    verifyCommand,
    inventoryCommand,
    {
      name: 'key',
      description: 'keys that sign models',
      commands: [keyGenerateCommand, rotateKeyCommand, revokeKeyCommand],
    },
    policyCommands,
  ],
};
