// The commands of `pquake-mcp`, one file each.
import type { ProgramDefinition } from '../../node/terminal/command.ts';
import { explainCommand } from './explain.ts';

/** All of them, in the order of the help. */
export const commands: ProgramDefinition['commands'] = [explainCommand];
import type { CommandDefinition, ProgramDefinition } from '../../node/terminal/command.ts';
import { approveCommand } from './approve.ts';
import { doctorCommand } from './doctor.ts';

/** Those that hosts may start, or persons. */
const others: readonly CommandDefinition[] = [approveCommand];

/** All of them, in the order of the help. */
export const commands: ProgramDefinition['commands'] = [...others, doctorCommand(others)];
import { logCommands } from './log.ts';

/** All of them, in the order of the help. */
export const commands: ProgramDefinition['commands'] = [logCommands];
import { connectCommand } from './connect.ts';
import { serveCommand } from './serve.ts';

/** All of them, in the order of the help. */
export const commands: ProgramDefinition['commands'] = [serveCommand, connectCommand];
