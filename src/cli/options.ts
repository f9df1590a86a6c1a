// The options that many commands share.
import { Option } from 'commander';

/** A result as one line of JSON. */
export const jsonOption = new Option('--json', 'one line of JSON on standard output');

/** The option, as the parser returns it. */
export interface JsonOptions {
  readonly json?: boolean;
}
