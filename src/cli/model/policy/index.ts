import type { CommandGroup } from '../../../node/terminal/command.ts';
import { checkPolicyCommand } from './check.ts';
import { explainPolicyCommand } from './explain.ts';

/** The commands of trust policies. */
export const policyCommands: CommandGroup = {
  name: 'policy',
  description: 'who may sign what: trust policies',
  commands: [checkPolicyCommand, explainPolicyCommand],
};
