// The options that commands of models share.
import { availableParallelism } from 'node:os';
import { Argument, InvalidArgumentError, Option } from 'commander';
import { limits } from '../../limits.ts';
import { parsed, repeatable } from '../../node/terminal/command.ts';
import { parseCount } from '../../node/terminal/words.ts';
import type { NameRule } from '../../provenance/statement/fileNames.ts';

/** The model: a folder, or a file. */
export const modelArgument = new Argument('<path>', 'the model: a folder, or one file');

/** Options of every command that hashes a model, as the parser returns them. */
export interface HashingOptions {
  readonly ignore?: readonly string[];
  readonly workers?: number;
  readonly anyNames?: boolean;
}

function parseWorkers(word: string): number {
  const workers = parseCount(word);
  if (workers <= limits.workers) return workers;
  throw new InvalidArgumentError(`Expected a whole number from 1 to ${limits.workers}.`);
}

/** Threads that hash; `ignore` says what becomes of the paths. */
export const hashingOptions = (ignore: string) => [
  repeatable('--ignore <path>', `a file or folder in the model, relative to it, ${ignore}`),
  parsed(
    '--workers <n>',
    `threads that hash (default: ${Math.min(availableParallelism(), limits.workers) > 1 ? 'one for each processor' : 'one'})`,
    parseWorkers,
  ),
  new Option('--any-names', 'permit names of files that other systems read otherwise, as OMS does'),
];

/** The rule of names that the options ask for. */
export const nameRuleOf = ({ anyNames }: HashingOptions): NameRule => (anyNames ? 'any' : 'portable');
