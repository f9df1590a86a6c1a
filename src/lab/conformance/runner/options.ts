// The options of `pquake conformance`.
import { availableParallelism } from 'node:os';
import { type Command, Option } from 'commander';
import type { SuiteName } from '../../../crypto/suite.ts';
import type { ReadingChoice } from '../../../generated/keySchedule.ts';
import { collectVariable } from '../../../node/files/environment.ts';
import {
  describeReadings,
  parseAddress,
  parseCount,
  parseReading,
  parseSeconds,
} from '../../../node/terminal/words.ts';
import type { Address } from '../../../node/transport/tcp.ts';
import type { Role } from '../../../protocol/parameters.ts';
import { parseCommand, type Words } from './words.ts';

/** The options of a run, as the parser leaves them. Times are milliseconds. */
export interface ConformanceOptions {
  readonly spawn?: Words;
  /** Variables of the environment that a spawned peer has, beside those that every one has. */
  readonly env?: readonly string[];
  readonly address?: Address;
  readonly listen?: Address;
  readonly pki?: string;
  readonly psk?: boolean;
  readonly only?: readonly string[];
  readonly list?: boolean;
  readonly json?: boolean;
  readonly junit?: string;
  readonly jobs: number;
  readonly expectedFailures?: string;
  readonly reading?: Partial<ReadingChoice>;
  readonly stall: number;
  readonly startTimeout: number;
  readonly deadline: number;
  readonly quietPeriod: number;
  readonly crypto?: SuiteName;
}

export interface InitOptions {
  readonly force?: boolean;
  readonly crypto?: SuiteName;
}

const rules = `
The command is split into words as a shell does, and run without one, once for each case. In its words stand
  {port}     where the peer listens, or connects to, on 127.0.0.1
  {cert} {key} {ca}   PEM files: its certificate, its private key (PKCS#8), the trust anchor
  {pskfile} {pskhex}  the pre-shared secret: a file of hexadecimal digits; the digits themselves
The peer does one handshake, and ends with status 0 when it completed, with another one when it refused.
In a case without a secret an option is left out together with a value that has {pskfile} or {pskhex} in it,
--option={pskhex} as a whole, and a word that is no option's value becomes empty. A command that has neither
placeholder cannot be asked the cases with a secret: they are unsupported.
Of the environment it has PATH, HOME, TMPDIR, TZ, LANG and LC_*, and what --env names.
Exit status: 0, 1 when a case failed, 2 for wrong usage.`;

const collect = (value: string, before: readonly string[] = []): readonly string[] => [...before, value];
const milliseconds = (word: string): number => parseCount(word);
const seconds = (flags: string, what: string, otherwise: number): Option =>
  new Option(flags, what).argParser(parseSeconds).default(1_000 * otherwise, String(otherwise));

/** Which back end the tester has. */
export const crypto = (): Option =>
  new Option('--crypto <name>', 'back end of the tester; default the fastest').choices(['noble', 'native']);

/** Adds the options of a run. */
export function runOptions(command: Command, role: Role): Command {
  const place =
    role === 'responder'
      ? new Option('--address <host:port>', 'a responder that runs already; needs --pki')
      : new Option(
          '--listen <host:port>',
          'where an initiator that runs already connects again and again; needs --pki',
        );
  return command
    .option('--spawn <command>', 'starts the peer, once for each case (see below)', parseCommand)
    .option('--env <name>', 'passes on a variable of the environment to it; may be given again', collectVariable)
    .addOption(place.argParser(parseAddress).conflicts('spawn'))
    .option('--pki <directory>', 'what `pquake conformance init` wrote; default a new one for the run')
    .option('--psk', 'the peer that runs already has the pre-shared secret of --pki')
    .option('--only <pattern>', 'cases whose id contains it, * for anything; may be given again', collect)
    .option('--list', 'print the cases, and run none')
    .option('--json', 'one JSON document on standard output')
    .option('--junit <file>', 'write JUnit XML too')
    .option('--jobs <n>', 'cases at a time, with --spawn', parseCount, Math.min(4, Math.max(2, availableParallelism())))
    .option('--expected-failures <file>', 'YAML or JSON: the id of each case that is to fail, and the reason')
    .option(
      '--reading <k=v,...>',
      `readings of the peer other than the default ones: ${describeReadings()}`,
      parseReading,
    )
    .addOption(seconds('--stall <seconds>', 'how long a peer may wait for a message', 30))
    .addOption(seconds('--start-timeout <seconds>', 'until a peer accepts or connects', 10))
    .addOption(seconds('--deadline <seconds>', 'until a peer has answered, or closed after a fault', 5))
    .option('--quiet-period <ms>', 'how long to watch that nothing comes that must wait', milliseconds, 300)
    .addOption(crypto())
    .addHelpText('after', rules);
}
