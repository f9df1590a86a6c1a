// The commands of `pquake-mcp`, one file each.
import type { CommandDefinition, ProgramDefinition } from '../../node/terminal/command.ts';
import { approveCommand } from './approve.ts';
import { connectCommand } from './connect.ts';
import { demoCommand } from './demo.ts';
import { doctorCommand } from './doctor.ts';
import { explainCommand } from './explain.ts';
import { logCommands } from './log.ts';
import { manifestCommands } from './manifest/index.ts';
import { serveCommand } from './serve.ts';

/** Those that hosts may start, or persons. */
const others: readonly CommandDefinition[] = [serveCommand, connectCommand, approveCommand, explainCommand];

/** All of them, in the order of the help. */
export const commands: ProgramDefinition['commands'] = [
  ...others,
  doctorCommand(others),
  manifestCommands,
  logCommands,
  demoCommand,
];
