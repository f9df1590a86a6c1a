// The words of `pquake prove`, and which models they select.
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Option } from 'commander';
import { type CommandDefinition, parsed, repeatable } from '../../node/terminal/command.ts';
import { parseCount, parseSeconds } from '../../node/terminal/words.ts';
import { type Model, type Tool, tools } from './model.ts';

/** As the parser leaves them. */
export interface ProveOptions {
  readonly models: string;
  readonly all?: boolean;
  readonly recorded?: boolean;
  /** Runs only what has no verdict recorded for its text of today. */
  readonly stale?: boolean;
  readonly only?: readonly string[];
  readonly tool?: Tool;
  /** Runs at a time. */
  readonly jobs?: number;
  /** Milliseconds for all runs together. */
  readonly budget?: number;
  /** Directory for the assembled models. */
  readonly keep?: string;
  readonly json?: boolean;
  /** Shows only the models of which a verdict is not the one expected. */
  readonly quiet?: boolean;
}

/** The models of the directory one is in, else those that the package carries. */
const modelsHere = (): string =>
  existsSync('models/models.yaml') ? 'models' : fileURLToPath(new URL('../../../models', import.meta.url));

/** The command `prove`. What reads the models is loaded when it is used. */
export const proveCommand: CommandDefinition = {
  words: 'prove',
  description: 'run the models of models.yaml, and compare the verdicts',
  options: [
    new Option('--models <directory>', 'where models.yaml and the files that it names are').default(modelsHere()),
    new Option('--all', 'the full set (default: the default set; --recorded takes all)'),
    new Option('--recorded', 'run nothing: check that the verdicts recorded are of the models as they are'),
    new Option('--stale', 'run only models that changed since their verdicts were recorded, or have none'),
    repeatable('--only <text>', 'models with this in their id or in a query id'),
    new Option('--tool <name>', 'models of one prover').choices(tools),
    parsed('--jobs <n>', 'models at a time (default: the number of cores)', parseCount),
    parsed('--budget <seconds>', 'for all runs together; what is not finished then is a timeout', parseSeconds),
    new Option('--keep <directory>', 'write the assembled models, and what the provers print, there'),
    new Option('--quiet', 'show only models with a verdict that was not expected'),
    new Option('--json', 'one JSON array of every query on standard output'),
  ],
  examples: [
    'prove',
    'prove --recorded',
    'prove --only agreement --tool proverif --keep assembled',
    'prove --all --budget 1800 --json',
  ],
  action: async (options: ProveOptions) => (await import('./prove.ts')).runProve(options),
};

/** Whether the words take every model of the manifest. */
export const takesAll = ({ all, recorded, only, tool }: ProveOptions): boolean =>
  (all === true || recorded === true) && only === undefined && tool === undefined;

/** By set and tool, before the files are read. */
export const inSet = (model: Model, { all, recorded, tool }: ProveOptions): boolean =>
  (all === true || recorded === true || model.set === 'default') && (tool === undefined || model.tool === tool);

/** Whether one of the ids has one of the texts of `--only` in it. */
export const isNamed = (ids: readonly string[], { only }: ProveOptions): boolean =>
  only === undefined || ids.some((id) => only.some((text) => id.includes(text)));
