import { writeRevocationList } from '../../node/authority/revocation.ts';
import { type CommandDefinition, parsed } from '../../node/terminal/command.ts';
import { type JsonOptions, jsonOption } from '../../node/terminal/options.ts';
import { print, printJson } from '../../node/terminal/output.ts';
import {
  authorityPassphraseOptions,
  type PassphraseOptions,
  withAuthorityPassphrases,
} from '../../node/terminal/passphrase.ts';
import { type SuiteOptions, suiteOf, suiteOptions } from '../../node/terminal/suite.ts';
import { parseCount } from '../../node/terminal/words.ts';

interface CrlOptions extends PassphraseOptions, SuiteOptions, JsonOptions {
  readonly days: number;
}

async function runCrl(directory: string, options: CrlOptions): Promise<number> {
  const { days, json } = options;
  const { file, crlNumber, nextUpdate, shortenedFrom, entries } = await withAuthorityPassphrases(options, (access) =>
    writeRevocationList({ suite: suiteOf(options), directory, days, ...access }),
  );
  const until = nextUpdate.toISOString();
  if (json) {
    const shortened = shortenedFrom === undefined ? {} : { shortenedFrom: shortenedFrom.toISOString() };
    printJson({ ok: true, crl: file, number: crlNumber, nextUpdate: until, ...shortened, entries });
  } else {
    const shortened =
      shortenedFrom === undefined ? '' : `, the end of the authority, not ${shortenedFrom.toISOString()}`;
    print(`wrote ${file}: number ${crlNumber}, ${entries} revoked, next until ${until}${shortened}`);
  }
  return 0;
}

/** The command `ca crl`. */
export const crlCommand: CommandDefinition = {
  words: 'crl <directory>',
  description: 'write DIRECTORY/ca.crl, the list of all revoked certificates',
  options: [
    parsed('--days <n>', 'until the next list', parseCount, 7),
    ...authorityPassphraseOptions(),
    ...suiteOptions,
    jsonOption,
  ],
  examples: ['ca crl pki --days 30'],
  action: runCrl,
};
