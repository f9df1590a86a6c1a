// The commands of `pquake-mcp`, one file each.
import type { ProgramDefinition } from '../../node/terminal/command.ts';
import { explainCommand } from './explain.ts';

/** All of them, in the order of the help. */
export const commands: ProgramDefinition['commands'] = [explainCommand];
import { approveCommand } from './approve.ts';

/** All of them, in the order of the help. */
export const commands: ProgramDefinition['commands'] = [approveCommand];
