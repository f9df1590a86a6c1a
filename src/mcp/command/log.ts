// `mcp log`: what can be known from a record alone.
import { open } from 'node:fs/promises';
import { InvalidArgumentError } from 'commander';
import { ConfigurationError } from '../../configuration.ts';
import { FileError, isSystemError, reasonOf } from '../../node/files/fileErrors.ts';
import { type CommandDefinition, type CommandGroup, parsed, repeatable } from '../../node/terminal/command.ts';
import { type JsonOptions, jsonOption } from '../../node/terminal/options.ts';
import { note, print, printJson } from '../../node/terminal/output.ts';
import { parseCount } from '../../node/terminal/words.ts';
import type { Finding } from '../record/judge.ts';
import { readTail } from '../record/tail.ts';
import { type Verification, type VerifiedRecord, verifyRecords } from '../record/verify.ts';

interface VerifyOptions extends JsonOptions {
  readonly expectHead?: readonly string[];
  readonly count?: number;
}

function parseDigest(word: string): string {
  if (/^[0-9a-f]{64}$/.test(word)) return word;
  throw new InvalidArgumentError('Expected a digest: 64 hexadecimal digits, in lower case.');
}

const whereText = ({ file, line }: Finding): string => (line === undefined ? file : `${file}:${line}`);
const findingText = (finding: Finding): string => `${whereText(finding)}: ${finding.kind}: ${finding.message}`;

const recordText = ({ record, files, first, head }: VerifiedRecord): string =>
  `record ${record}: entries ${first} to ${head.sequence} in ${files.length === 1 ? '1 file' : `${files.length} files`}, head ${head.digest}`;

function tell({ ok, records, faults, notices, untold }: Verification, options: VerifyOptions): void {
  for (const record of records) print(recordText(record));
  for (const notice of notices) print(`${findingText(notice)} (no fault)`);
  for (const fault of faults) print(findingText(fault));
  if (untold > 0) print(`and ${untold} more`);
  print(ok ? 'whole: no change, cut or gap' : 'not whole');
  if (options.expectHead === undefined && options.count === undefined)
    note('entries that were cut from the end are seen with --expect-head or --count only');
}

/** @returns the exit status: 0 when the records are whole, 1 when not, 2 when a file cannot be read */
async function runVerify(names: readonly string[], options: VerifyOptions): Promise<number> {
  const { expectHead: heads = [], count, json } = options;
  try {
    const verification = await verifyRecords(names, { heads, ...(count !== undefined && { count }) });
    if (json) printJson(verification);
    else tell(verification, options);
    return verification.ok ? 0 : 1;
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    if (json) printJson({ ok: false, code: 'configuration', message: error.message });
    note(`pquake: ${error.message}`);
    return 2;
  }
}

async function runHead(file: string, { json }: JsonOptions): Promise<number> {
  const refuse = (error: unknown): never => {
    throw isSystemError(error) ? new FileError(file, reasonOf(error)) : error;
  };
  const handle = await open(file).catch(refuse);
  try {
    const { head, opening } = await readTail(handle, file).catch(refuse);
    if (json) printJson({ ok: true, record: opening.record, sequence: head.sequence, head: head.digest });
    else print(`${head.digest} ${head.sequence}`);
    return 0;
  } finally {
    await handle.close();
  }
}

const verifyCommand: CommandDefinition = {
  words: 'verify <file-or-folder...>',
  description:
    'judge records: finds every change, cut and gap, and says where; the status is 0 when there is none, else 1',
  options: [
    repeatable(
      '--expect-head <digest>',
      'a head that was noted before: some entry must have this digest, which entries behind it may follow',
      parseDigest,
    ),
    parsed('--count <entries>', 'entries that there are at least', parseCount),
    jsonOption,
  ],
  notes:
    '\nEntries that are cut from the end leave no trace in what is left: note the head now and then\n' +
    '(log head), where nobody who can change the record can change it too, and give it with\n' +
    '--expect-head.',
  examples: [
    'log verify /var/log/gateway',
    'log verify gateway.000001.jsonl gateway.jsonl --expect-head DIGEST --json',
  ],
  action: runVerify,
};

const headCommand: CommandDefinition = {
  words: 'head <file>',
  description:
    'print the head of a record, which is what a later log verify --expect-head looks for: its digest and number',
  options: [jsonOption],
  examples: ['log head /var/log/gateway/gateway.jsonl'],
  action: runHead,
};

/** The commands of records. */
export const logCommands: CommandGroup = {
  name: 'log',
  description: 'records of what was asked, decided and refused',
  commands: [verifyCommand, headCommand],
};
