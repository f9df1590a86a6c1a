// The options of `pquake conformance`.

import { availableParallelism } from 'node:os';
import { Option } from 'commander';
import type { SuiteName } from '../../../crypto/suite.ts';
import type { ReadingChoice } from '../../../generated/keySchedule.ts';
import { collectVariable } from '../../../node/files/environment.ts';
import { parsed, repeatable } from '../../../node/terminal/command.ts';
import {
  describeReadings,
  parseAddress,
  parseCount,
  parseReading,
  parseSeconds,
} from '../../../node/terminal/words.ts';
import type { Address } from '../../../node/transport/tcp.ts';
import type { Role } from '../../../role.ts';
import type { Profile } from './run.ts';
import { parseCommand, type Words } from './words.ts';

/** The options of a run, as the parser returns them. Times are milliseconds. */
export interface ConformanceOptions {
  readonly spawn?: Words;
  /** Environment variables for a spawned peer, in addition to those that every peer gets. */
  readonly env?: readonly string[];
  readonly address?: Address;
  readonly listen?: Address;
  readonly pki?: string;
  readonly psk?: boolean;
  /** The peer that runs already expects the tester by its name. */
  readonly expectsTester?: boolean;
  /** The peer that is started serves one handshake after another. */
  readonly servesOn?: boolean;
  /** The peer goes on with a channel: the cases are those of the channel. */
  readonly channel?: boolean;
  /** Cases of the channel that take minutes are asked too. */
  readonly long?: boolean;
  readonly only?: readonly string[];
  readonly list?: boolean;
  readonly json?: boolean;
  readonly junit?: string;
  readonly jobs: number;
  readonly expectedFailures?: string;
  readonly profile: Profile;
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

/** How the peer is started, and what its exit means. */
export const rules = `
The command is split into words as a shell does, and run without one, once for each case. In its words stand
  {port}     where the peer listens, or connects to, on 127.0.0.1
  {cert} {key} {ca}   PEM files: its certificate, its private key (PKCS#8), the trust anchor
  {expect}   the common name of the tester: the peer is to expect it, and refuse every other
  {pskfile} {pskhex}  the pre-shared secret: a file of hexadecimal digits; the digits themselves
  {intermediates} {crl}  PEM files: authorities under the trust anchor; revocation lists
The peer does one handshake, and ends with status 0 when it completed, with another one when it refused.
Most cases have no secret, no intermediates and no list: there an option is left out together with a value that has
the placeholder in it, --option={pskhex} as a whole, and a word that is no option's value becomes empty. A command
without a placeholder cannot be asked the cases that need it: they are unsupported.
With --serves-on the command is started once, and serves one handshake after another: only then shows what a process
repeats in its second handshake. There is no exit status then: what only that tells is unsupported.
With --channel the peer goes on with a channel: what comes on its standard input goes to the other side, and the end of it
closes that direction; data of the other side goes to its standard output, and nothing else does. It ends with 0 when both
directions were closed in order, else with another status.
Of the environment it has PATH, HOME, TMPDIR, TZ, LANG and LC_*, and what --env names.
With --profile draft a failed case whose level is project is a note: only what the draft says decides.
Exit status: 0, 1 when a case failed, 2 for wrong usage, 130 when a signal ended the run: what ran is reported.`;

const seconds = (flags: string, what: string, otherwise: number): Option =>
  parsed(flags, what, parseSeconds, 1_000 * otherwise, String(otherwise));

/** The back end of the tester. */
export const crypto = (): Option =>
  new Option('--crypto <name>', 'back end of the tester; default the fastest').choices(['noble', 'native']);

/** The options of a run. */
export function runOptions(role: Role): readonly Option[] {
  const place =
    role === 'responder'
      ? new Option('--address <host:port>', 'a responder that runs already; needs --pki')
      : new Option(
          '--listen <host:port>',
          'where an initiator that runs already connects again and again; needs --pki',
        );
  const jobs = Math.min(4, Math.max(2, availableParallelism()));
  return [
    parsed('--spawn <command>', 'starts the peer, once for each case (see below)', parseCommand),
    new Option('--env <name>', 'passes on a variable of the environment to it; may be given again').argParser(
      collectVariable,
    ),
    place.argParser(parseAddress).conflicts('spawn'),
    new Option('--pki <directory>', 'what `pquake conformance init` wrote; default a new one for the run'),
    new Option('--psk', 'the peer that runs already has the pre-shared secret of --pki'),
    new Option('--expects-tester', 'the peer that runs already expects the name `tester`, and no other'),
    new Option('--serves-on', 'the peer that --spawn starts serves one handshake after another: it is started once'),
    new Option('--channel', 'the peer goes on with a channel: the cases are those of the channel'),
    new Option('--long', 'with --channel: asks the cases too that take minutes, as they need millions of records'),
    repeatable('--only <pattern>', 'cases whose id contains it, * for anything'),
    new Option('--list', 'print the cases, and run none'),
    new Option('--json', 'one JSON document on standard output'),
    new Option('--junit <file>', 'write JUnit XML too'),
    parsed('--jobs <n>', 'cases at a time, with --spawn', parseCount, jobs),
    new Option('--expected-failures <file>', 'YAML or JSON: the id of each case that is to fail, and the reason'),
    new Option('--profile <name>', 'whose rules decide: those of the draft, or those of this project too')
      .choices(['draft', 'project'])
      .default('project'),
    parsed(
      '--reading <k=v,...>',
      `readings of the peer other than the default ones: ${describeReadings()}`,
      parseReading,
    ),
    seconds('--stall <seconds>', 'how long a peer may wait for a message', 30),
    seconds('--start-timeout <seconds>', 'until a peer accepts or connects', 10),
    seconds('--deadline <seconds>', 'until a peer has answered, or closed after a fault', 5),
    parsed('--quiet-period <ms>', 'how long to watch that nothing comes that must wait', parseCount, 300),
    crypto(),
  ];
}
