// The suite of a command: the mandatory one by default, another one only where the options allow it.
import { InvalidArgumentError, Option } from 'commander';
import type { Suite, SuiteName } from '../../crypto/suite.ts';
import { mandatorySuite, type SuiteId, suiteTable } from '../../generated/suites.ts';
import { checkSuite } from '../../handshake/suitePolicy.ts';
import { chooseSuite } from '../suite.ts';
import { repeatable } from './command.ts';
import { note } from './output.ts';

/** The options of the suite, as the parser returns them. */
export interface SuiteOptions {
  readonly suite?: SuiteId;
  readonly allowSuite?: readonly SuiteId[];
  readonly crypto?: SuiteName;
}

const names = Object.keys(suiteTable);

/** Parses the name of a suite. @throws InvalidArgumentError */
function parseSuite(name: string): SuiteId {
  const found = Object.values(suiteTable).find((one) => one.name === name);
  if (found === undefined) throw new InvalidArgumentError(`Expected one of ${names.join(', ')}.`);
  return found.name;
}

/** The options of every command that uses algorithms. */
export const suiteOptions: readonly Option[] = [
  new Option('--suite <name>', `algorithms, of both peers (default: ${mandatorySuite.name})`).choices(names),
  repeatable('--allow-suite <name>', 'permit a suite that is not the mandatory one', parseSuite),
];

/** The option of the back end. */
export const cryptoOption = new Option('--crypto <name>', 'back end; default the fastest').choices(['noble', 'native']);

/** Writes a warning to standard error. */
export const warn = (warning: string): void => note(`pquake: warning: ${warning}`);

/** The suites that the options permit. */
export const policyOf = ({ allowSuite = [] }: SuiteOptions) => ({
  allowedSuites: allowSuite,
  onWarning: warn,
});

/** The suite that the options select. @throws ConfigurationError when they do not permit it */
export function suiteOf(options: SuiteOptions): Suite {
  const algorithms = suiteTable[options.suite ?? mandatorySuite.name];
  checkSuite(algorithms, policyOf(options));
  return chooseSuite(options.crypto, algorithms.name);
}
