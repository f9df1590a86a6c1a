// `pquake conformance`: selects the cases, runs them, and reports.

import { ConfigurationError } from '../../../configuration.ts';
import { defaultChoice } from '../../../generated/keySchedule.ts';
import { writeFiles } from '../../../node/files/files.ts';
import { chooseSuite } from '../../../node/suite.ts';
import { removeDirectory, temporaryDirectory } from '../../../node/temporary/temporary.ts';
import { note, print } from '../../../node/terminal/output.ts';
import type { Role } from '../../../role.ts';
import { type Case, conforming, levelOf } from '../case.ts';
import { channelCasesFor } from '../cases/channel.ts';
import { casesFor } from '../cases/index.ts';
import type { Patience } from './conversation.ts';
import { readExpectedFailures } from './expected.ts';
import type { ConformanceOptions, InitOptions } from './options.ts';
import type { Launch } from './peer.ts';
import { filesTrusting, readPki, writePki } from './pki.ts';
import { progress } from './progress.ts';
import { countOf, described, document, format, junit, type Ran, summary, table } from './report.ts';
import { runCases } from './run.ts';
import { connecting, listening } from './running.ts';
import { servingOn } from './serving.ts';
import { endAll, type FilesFor, spawning } from './spawn.ts';

const wrongUsage = (reason: string): number => {
  note(`pquake conformance: ${reason}`);
  return 2;
};

/** Whether a text contains a pattern; `*` stands for any text. */
function contains(text: string, pattern: string): boolean {
  let from = 0;
  return pattern.split('*').every((part) => {
    const at = text.indexOf(part, from);
    from = at + part.length;
    return at >= 0;
  });
}

/** Selects the cases whose id contains one of the patterns, with the sanity case always first. */
export function chosen(cases: readonly Case[], patterns: readonly string[] = []): readonly Case[] {
  if (patterns.length === 0) return cases;
  const wanted = cases.filter(({ id }) => patterns.some((pattern) => contains(id, pattern)));
  const sanity = cases.slice(0, 1);
  return wanted.length === 0 ? [] : [...sanity, ...wanted.filter((one) => !sanity.includes(one))];
}

/** All cases of a run: those of the handshake, or those of the channel. */
const casesOf = (role: Role, { channel, reading }: ConformanceOptions): readonly Case[] =>
  channel === true ? channelCasesFor(role) : casesFor(role, { ...defaultChoice, ...reading });

function list(cases: readonly Case[], json: boolean): number {
  if (json) {
    const rows = cases.map((test) => ({ ...described(test), expected: conforming(test) }));
    print(JSON.stringify({ format, cases: rows }));
  } else
    for (const test of cases)
      print(`${test.id}: ${test.title}; a conforming peer ${conforming(test)} (${levelOf(test)})`);
  return 0;
}

/** The fault of a combination of options that are valid on their own; `undefined` without one. */
function misused(options: ConformanceOptions): string | undefined {
  const { spawn, env, address, listen, pki, psk, expectsTester, servesOn, channel, long } = options;
  const running = address ?? listen;
  if (spawn === undefined && running === undefined)
    return 'expected --spawn, or the address of a peer that runs already';
  if (running !== undefined && pki === undefined)
    return 'a peer that runs already needs --pki, see `pquake conformance init`';
  if (channel === true && (running !== undefined || servesOn === true))
    return '--channel is for a peer that --spawn starts for each case: its standard input and output are the data';
  if (long === true && channel !== true) return '--long is for --channel: no other case takes minutes';
  if (running !== undefined && env !== undefined) return '--env is for a peer that --spawn starts';
  if (running !== undefined && servesOn === true) return '--serves-on is for a peer that --spawn starts';
  if (running === undefined && expectsTester === true)
    return '--expects-tester is for a peer that runs already; --spawn has {expect}';
  if (running === undefined && psk === true)
    return '--psk is for a peer that runs already; --spawn has {pskfile} and {pskhex}';
  return undefined;
}

interface Way {
  readonly launch: Launch;
  readonly jobs: number;
  readonly close: () => void;
}

async function wayTo(options: ConformanceOptions, filesFor: FilesFor, patience: Patience): Promise<Way> {
  const { spawn, env, address, listen, psk = false, expectsTester: expects = false, servesOn, jobs } = options;
  const configured = { psk, expects };
  if (spawn !== undefined) {
    const start = { words: spawn, variables: env };
    if (servesOn === true) return { ...servingOn(start, filesFor, patience), jobs: 1 };
    return { launch: spawning(start, filesFor, patience), jobs, close: endAll };
  }
  if (address !== undefined) return { launch: connecting(address, patience, configured), jobs: 1, close: () => {} };
  if (listen === undefined) throw new TypeError('neither a command nor an address');
  const listener = await listening(listen, patience, configured);
  note(`listening on ${listener.address.host}:${listener.address.port}`);
  return { launch: listener.launch, jobs: 1, close: listener.close };
}

const endingSignals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
/** The exit status of a run that a signal ended. */
const interrupted = 130;

/** Runs with the keys of `pki`; what single cases need is written to `scratch`. */
async function runIn(pki: string, scratch: string, role: Role, options: ConformanceOptions): Promise<number> {
  const reading = { ...defaultChoice, ...options.reading };
  const all = casesOf(role, options);
  const cases = chosen(all, options.only);
  if (cases.length === 0) return wrongUsage(`no case has ${options.only?.join(' or ')} in its id; --list shows them`);
  const known = all.map(({ id }) => id);
  const expectedFailures =
    options.expectedFailures === undefined ? undefined : readExpectedFailures(options.expectedFailures, known);
  const { material, files } = readPki(chooseSuite(options.crypto), pki);
  const { startTimeout: start, deadline, stall, quietPeriod: quiet } = options;
  const patience = { start, deadline, stall, quiet };
  const { launch, jobs, close } = await wayTo(options, filesTrusting(material, files, scratch), patience);
  const { tell, clear } = progress(cases.length);
  const control = new AbortController();
  const interrupt = (): void => {
    if (control.signal.aborted) process.exit(interrupted);
    control.abort();
    close();
  };
  for (const signal of endingSignals) process.on(signal, interrupt);
  try {
    const { profile, psk = false, long } = options;
    const run = { cases, launch, material, reading, psk, patience, jobs, expectedFailures, profile, long };
    const results = await runCases({ ...run, signal: control.signal, onResult: tell });
    clear();
    return reportResults({ results, profile, interrupted: control.signal.aborted, all: cases.length }, role, options);
  } finally {
    for (const signal of endingSignals) process.off(signal, interrupt);
    clear();
    close();
  }
}

function reportResults(ran: Ran, role: Role, { json, junit: file }: ConformanceOptions): number {
  const { results } = ran;
  if (file !== undefined) {
    writeFiles([{ file, content: junit(results, `pquake conformance ${role}`), mode: 0o644 }], true);
  }
  if (json === true) {
    print(JSON.stringify(document(ran)));
    note(summary(ran));
  } else for (const line of table(ran)) print(line);
  if (ran.interrupted) return interrupted;
  return countOf(results, 'failed') > 0 ? 1 : 0;
}

/** Runs with the keys of a directory, or with new keys. */
async function runWithPki(role: Role, options: ConformanceOptions): Promise<number> {
  const directory = temporaryDirectory('conformance');
  try {
    if (options.pki === undefined) writePki(chooseSuite(options.crypto), directory, false);
    return await runIn(options.pki ?? directory, directory, role, options);
  } finally {
    removeDirectory(directory);
  }
}

/**
 * Runs `pquake conformance responder` or `initiator`. @returns the exit status: 1 when a case failed, 2 when none could
 * run, 130 when a signal ended the run
 */
export async function runConformance(role: Role, options: ConformanceOptions): Promise<number> {
  if (options.list === true) {
    return list(chosen(casesOf(role, options), options.only), options.json === true);
  }
  const wrong = misused(options);
  if (wrong !== undefined) return wrongUsage(wrong);
  try {
    const status = await runWithPki(role, options);
    if (status === interrupted) process.exit(status); // handshakes under way would hold the process
    return status;
  } catch (error) {
    if (error instanceof ConfigurationError) return wrongUsage(error.message); // status 1 means a faulty peer
    throw error;
  }
}

/** Runs `pquake conformance init`. @returns the exit status */
export async function runInit(directory: string, { force = false, crypto }: InitOptions): Promise<number> {
  writePki(chooseSuite(crypto), directory, force);
  print(`wrote ca.pem, ca.key, psk.hex, and peer, peer-large and tester (.pem, .key) to ${directory}`);
  print(
    'the peer under test takes peer.pem, peer.key, ca.pem, and psk.hex if it is to have a secret; it may expect tester',
  );
  return 0;
}
