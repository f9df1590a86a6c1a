// The options that the commands of an enrolment share, and the output of their results.
import { Option } from 'commander';
import { type JsonOptions, jsonOption } from '../../node/terminal/options.ts';
import { print, printJson } from '../../node/terminal/output.ts';
import type { PassphraseOptions } from '../../node/terminal/passphrase.ts';
import { type SuiteOptions, suiteOptions } from '../../node/terminal/suite.ts';

/** The options, as the parser returns them. */
export interface EnrolmentOptions extends PassphraseOptions, SuiteOptions, JsonOptions {
  readonly force?: boolean;
}

/** The options of all of them. */
export const enrolmentOptions: readonly Option[] = [
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
