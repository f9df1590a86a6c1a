#!/usr/bin/env node
import { onFileWarning } from '../node/fileWarnings.ts';
import { endQuietlyWithoutReaders, note } from './output.ts';
import { run } from './program.ts';

endQuietlyWithoutReaders();
onFileWarning((message) => note(`pquake: warning: ${message}`));
process.exitCode = await run(process.argv.slice(2));
