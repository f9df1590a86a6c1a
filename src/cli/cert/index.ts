import type { CommandGroup } from '../../node/terminal/command.ts';
import { approveCommand } from './approve.ts';
import { issueCommand } from './issue.ts';
import { renewCommand } from './renew.ts';
import { requestCommand } from './request.ts';
import { respondCommand } from './respond.ts';
import { rotateCommand } from './rotate.ts';
import { showCommand } from './show.ts';
import { verifyCommand } from './verify.ts';

/** The commands of certificates. */
export const certCommands: CommandGroup = {
  name: 'cert',
  description: 'certificates',
  commands: [
    issueCommand,
    verifyCommand,
    requestCommand,
    approveCommand,
    respondCommand,
    showCommand,
    renewCommand,
    rotateCommand,
  ],
};
