import type { CommandGroup } from '../../node/terminal/command.ts';
import { attestCommand } from './attest.ts';
import { keyGenerateCommand } from './keyGenerate.ts';
import { signCommand } from './sign.ts';
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
    { name: 'key', description: 'keys that sign models', commands: [keyGenerateCommand] },
  ],
};
