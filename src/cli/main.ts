#!/usr/bin/env node
import { onFileWarning } from '../node/files/fileWarnings.ts';
import { handleLostOutput, note } from '../node/terminal/output.ts';
import { run } from './program.ts';

handleLostOutput();
onFileWarning((message) => note(`pquake: warning: ${message}`));
process.exitCode = await run(process.argv.slice(2));
