import { Option } from 'commander';
import { limits } from '../../limits.ts';
import { readBounded } from '../../node/files/files.ts';
import { chooseSuite } from '../../node/suite.ts';
import type { CommandDefinition } from '../../node/terminal/command.ts';
import { note, print, printJson } from '../../node/terminal/output.ts';
import { broken, mutants } from '../mutants/index.ts';
import { formatScript, parseScript, replay, type Script, ScriptError, variantOf } from './script.ts';
import type { Variant } from './session.ts';

interface ReplayOptions {
  readonly octets?: boolean;
  readonly json?: boolean;
}

function read(file: string): Script {
  let octets: Buffer;
  try {
    octets = readBounded(file, limits.document);
  } catch (error) {
    throw new ScriptError(`cannot read it: ${error instanceof Error ? error.message : error}`);
  }
  return parseScript(octets.toString('utf8'));
}

/** The protocol that a script is of, broken as it says. */
function protocolOf(script: Script): Variant {
  const { mutant: id } = script;
  const variant = variantOf(script);
  if (id === undefined) return variant;
  const mutant = mutants.find((one) => one.id === id);
  if (mutant === undefined) throw new ScriptError(`mutant ${id}: no mutant has this name`);
  return broken(variant, mutant);
}

function tell(file: string, { octets, json }: ReplayOptions): number {
  const script = read(file);
  const suite = octets === true ? chooseSuite() : undefined;
  const { lines, differences, violation } = replay(script, protocolOf(script), suite && { suite });
  const violated = violation && {
    invariant: violation.invariant.id,
    claims: violation.invariant.claims,
    what: violation.what,
  };
  if (json === true) {
    printJson({ ok: violated === undefined && differences.length === 0, violated: violated ?? null, differences });
  } else {
    for (const line of lines.flatMap((step) => step.split('\n'))) print(line);
    print(`script: ${formatScript(script)}`);
    for (const difference of differences) print(`octets and terms differ: ${difference}`);
    if (octets === true && differences.length === 0) print('octets did the same as terms, field by field');
    print(violation === undefined ? 'every invariant holds' : `violated: ${violation.invariant.id}: ${violation.what}`);
  }
  return violated === undefined && differences.length === 0 ? 0 : 1;
}

/** `pquake-lab replay`. @returns 0 when every invariant holds, 1 when one does not, 2 when the file is no script */
function runReplay(file: string, options: ReplayOptions): number {
  try {
    return tell(file, options);
  } catch (error) {
    if (!(error instanceof ScriptError)) throw error;
    note(`pquake: ${file}: ${error.message}`);
    return 2;
  }
}

/** The command `replay`. */
export const replayCommand: CommandDefinition = {
  words: 'replay <file>',
  description: 'run a script of an adversary again, on terms',
  options: [
    new Option('--octets', 'and on octets beside them'),
    new Option('--json', 'one line of JSON on standard output'),
  ],
  examples: ['replay attack.json', 'replay attack.json --octets --json'],
  action: runReplay,
};
