import type { CommandGroup } from '../../node/terminal/command.ts';
import { attestCommand } from './attest.ts';
import { inventoryCommand } from './inventory.ts';
import { revokeKeyCommand } from './key/revoke.ts';
import { rotateKeyCommand } from './key/rotate.ts';
import { showKeyCommand } from './key/show.ts';
import { keyGenerateCommand } from './keyGenerate.ts';
import { logCommands } from './log/index.ts';
import { policyCommands } from './policy/index.ts';
import { signCommand } from './sign.ts';
import { timestampCommand } from './timestamp.ts';
import { traceCommand } from './trace.ts';
import { verifyCommand } from './verify.ts';

/** The commands of models. */
export const modelCommands: CommandGroup = {
  name: 'model',
  description: 'models: signed, and verified before use',
  commands: [
    signCommand,
    verifyCommand,
    attestCommand,
    traceCommand,
    inventoryCommand,
    timestampCommand,
    logCommands,
    {
      name: 'key',
      description: 'keys that sign models',
      commands: [keyGenerateCommand, showKeyCommand, rotateKeyCommand, revokeKeyCommand],
    },
    policyCommands,
  ],
};
