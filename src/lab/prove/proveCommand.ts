// The words of `pquake-lab prove`.
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Option } from 'commander';
import { type CommandDefinition, parsed, repeatable } from '../../node/terminal/command.ts';
import { parseCount, parseSeconds } from '../../node/terminal/words.ts';
import { tools } from './model.ts';
import type { ProveOptions } from './options.ts';

/** The models of the current directory, if it has any, else those of the package. */
const modelsHere = (): string =>
  existsSync('models/models.yaml') ? 'models' : fileURLToPath(new URL('../../../models', import.meta.url));

/** The command `prove`. The code that reads models is loaded when it is used. */
export const proveCommand: CommandDefinition = {
  words: 'prove',
  description: 'run the models of models.yaml, and compare the verdicts',
  options: [
    new Option('--models <directory>', 'where models.yaml and the files that it names are').default(modelsHere()),
    new Option('--all', 'the full set (default: the default set; --recorded takes all)'),
    new Option('--recorded', 'run nothing: check that the verdicts recorded are of the models as they are'),
    new Option('--stale', 'run only models that changed since their verdicts were recorded, or have none'),
    repeatable('--only <text>', 'models with this in their id or in a query id, or of this claim'),
    repeatable('--claim <id>', 'models and queries that answer this claim of the draft, such as C3'),
    new Option('--tool <name>', 'models of one prover').choices(tools),
    parsed('--jobs <n>', 'models at a time (default: the number of cores)', parseCount),
    parsed(
      '--budget <seconds>',
      'for all runs together; a run that is not finished by then is a timeout',
      parseSeconds,
    ),
    new Option('--by <name>', 'who runs the provers, for the record (default: the name of the user)'),
    new Option('--keep <directory>', 'write the assembled models, and what the provers print, there'),
    new Option(
      '--attest <file>',
      'write what the provers say in this run there, with digests and the machine; the record stays as it is',
    ).conflicts(['recorded', 'stale', 'pin', 'compare']),
    new Option(
      '--compare <record...>',
      'run nothing: tell how two records differ, each a file of --attest or a folder with models.yaml',
    ).conflicts(['recorded', 'stale', 'pin', 'all', 'claim', 'keep', 'by']),
    new Option('--pin', 'run nothing: list what is new in pinned.yaml and assumptions.yaml').conflicts([
      'recorded',
      'stale',
      'only',
      'claim',
      'tool',
      'json',
    ]),
    new Option('--drop', 'with --pin: also change what is listed, and take off what is gone').implies({ pin: true }),
    new Option('--quiet', 'show only models with a verdict that was not expected'),
    new Option('--json', 'one JSON array of every query on standard output'),
  ],
  examples: [
    'prove',
    'prove --recorded',
    'prove --recorded --claim C3',
    'prove --only agreement --tool proverif --keep assembled',
    'prove --all --budget 1800 --json',
    "prove --all --attest mine.json --by 'an auditor'",
    'prove --compare mine.json models',
  ],
  action: async (options: ProveOptions) => (await import('./prove.ts')).runProve(options),
};
