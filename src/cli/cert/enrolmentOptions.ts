// The options that the commands of an enrolment share, and the output of their results.
import { Option } from 'commander';
import { print, printJson } from '../../node/terminal/output.ts';
import { type SuiteOptions, suiteOptions } from '../../node/terminal/suite.ts';
import { type JsonOptions, jsonOption } from '../options.ts';
import { type PassphraseOptions, passphraseOption } from '../passphrase.ts';

/** The options, as the parser returns them. */
export interface EnrolmentOptions extends PassphraseOptions, SuiteOptions, JsonOptions {
  readonly force?: boolean;
}

/** Returns the options; `whose` says whose passphrase is meant. */
export const enrolmentOptions = (whose?: string): readonly Option[] => [
  passphraseOption(whose),
  ...suiteOptions,
  new Option('--force', 'overwrite files that are there'),
  jsonOption,
];

/** Prints a result: lines for people, or these members as one line of JSON. */
export function tell(
  { json }: JsonOptions,
  lines: readonly string[],
  members: Readonly<Record<string, unknown>>,
): void {
  if (json) printJson({ ok: true, ...members });
  else for (const line of lines) print(line);
}
