#!/usr/bin/env node
import { endQuietlyWithoutReaders } from './output.ts';
import { run } from './program.ts';

endQuietlyWithoutReaders();
process.exitCode = await run(process.argv.slice(2));
