// The words of `pquake-lab lattice`.
import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { InvalidArgumentError, Option } from 'commander';
import { type CommandDefinition, parsed, repeatable } from '../../node/terminal/command.ts';
import { parseCount, parseSeconds } from '../../node/terminal/words.ts';
import type { LatticeOptions } from './lattice.ts';

const modelsHere = (): string =>
  existsSync('models/models.yaml') ? 'models' : fileURLToPath(new URL('../../../models', import.meta.url));

/** Parses I/N: the I-th of N parts. */
export function parseShard(word: string): readonly [number, number] {
  const [, part, of] = /^(\d{1,4})\/(\d{1,4})$/.exec(word) ?? [];
  if (part === undefined || of === undefined || Number(part) < 1 || Number(part) > Number(of)) {
    throw new InvalidArgumentError('Expected I/N, the I-th of N parts, such as 1/2.');
  }
  return [Number(part), Number(of)];
}

/** The command `lattice`. The code that runs provers is loaded when it is used. */
export const latticeCommand: CommandDefinition = {
  words: 'lattice',
  description: 'ask ProVerif which leaks break which property; goes on where the record ends',
  options: [
    new Option('--models <directory>', 'where models.yaml and the files that it names are').default(modelsHere()),
    parsed('--shard <i/n>', 'one of n parts, to be run beside the others', parseShard),
    repeatable('--only <text>', 'lattices with this in their name, such as secrecy.initiator'),
    parsed('--seconds <n>', 'the longest time for one model', parseSeconds, 120_000, '120'),
    parsed('--budget <seconds>', 'no cell is begun after this time', parseSeconds),
    parsed('--jobs <n>', 'models at a time (default: the number of cores)', parseCount, availableParallelism()),
    new Option('--confirm', 'ask about each cell, also where monotony decides it, small sets first'),
    new Option('--open', 'ask again about the cells that were left open'),
    new Option('--controls', 'ask about the controls instead: cells of mutants, which are to be broken'),
    new Option('--by <name>', 'who runs the prover, for the record (default: the name of the user)'),
    new Option('--keep <directory>', 'write the models, and what the prover prints, there'),
    new Option('--show <cell>', 'run nothing: print the models of a cell'),
  ],
  examples: [
    'lattice',
    'lattice --shard 1/2 --seconds 300',
    'lattice --confirm --only secrecy --budget 3600',
    'lattice --show secrecy.initiator.before:own-coins+psk',
  ],
  action: async (options: LatticeOptions) => (await import('./lattice.ts')).runLattice(options),
};
