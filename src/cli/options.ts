// The options that many commands have.
import { Option } from 'commander';

/** A result as one line of JSON. */
export const jsonOption = new Option('--json', 'one line of JSON on standard output');

/** The members of the options that the parser leaves of it. */
export interface JsonOptions {
  readonly json?: boolean;
}
