// The options that many commands share.
import { Option } from 'commander';
import { allLeniencies } from '../../certificate/leniency.ts';

/** A result as one line of JSON. */
export const jsonOption = new Option('--json', 'one line of JSON on standard output');

/** Permits every leniency. */
export const lenientOption = new Option(
  '--lenient',
  `permit what RFC 5280 does and the profile does not: ${allLeniencies.join(', ')}`,
).preset(allLeniencies);

/** The option, as the parser returns it. */
export interface JsonOptions {
  readonly json?: boolean;
}
