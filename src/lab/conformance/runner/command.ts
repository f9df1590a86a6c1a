// `pquake conformance`: selects the cases, runs them, and reports.

import { ConfigurationError } from '../../../configuration.ts';
import { defaultChoice } from '../../../generated/keySchedule.ts';
import { writeFiles } from '../../../node/files/files.ts';
import { chooseSuite } from '../../../node/suite.ts';
import { removeDirectory, temporaryDirectory } from '../../../node/temporary/temporary.ts';
import { note, print } from '../../../node/terminal/output.ts';
import type { Role } from '../../../role.ts';
import { type Case, conforming } from '../case.ts';
import { casesFor } from '../cases/index.ts';
import type { Patience } from './conversation.ts';
import { readExpectedFailures } from './expected.ts';
import type { ConformanceOptions, InitOptions } from './options.ts';
import type { Launch } from './peer.ts';
import { readPki, writePki } from './pki.ts';
import { countOf, document, junit, summary, table } from './report.ts';
import { type Result, runCases } from './run.ts';
import { connecting, listening } from './running.ts';
import { endAll, spawning } from './spawn.ts';

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
  const sanity = cases.filter(({ id }) => id === 'sanity');
  return wanted.length === 0 ? [] : [...sanity, ...wanted.filter((one) => !sanity.includes(one))];
}

function list(cases: readonly Case[], json: boolean): number {
  if (json) {
    const rows = cases.map((test) => ({
      id: test.id,
      title: test.title,
      requirement: test.requirements.join(' '),
      expected: conforming(test),
    }));
    print(JSON.stringify({ cases: rows }));
  } else for (const test of cases) print(`${test.id}: ${test.title}; a conforming peer ${conforming(test)}`);
  return 0;
}

/** The fault of a combination of options that are valid on their own; `undefined` without one. */
function misused({ spawn, env, address, listen, pki, psk }: ConformanceOptions): string | undefined {
  const running = address ?? listen;
  if (spawn === undefined && running === undefined)
    return 'expected --spawn, or the address of a peer that runs already';
  if (running !== undefined && pki === undefined)
    return 'a peer that runs already needs --pki, see `pquake conformance init`';
  if (running !== undefined && env !== undefined) return '--env is for a peer that --spawn starts';
  if (running === undefined && psk === true)
    return '--psk is for a peer that runs already; --spawn has {pskfile} and {pskhex}';
  return undefined;
}

/** Shows the progress on a terminal; does nothing elsewhere. */
function progress(): { tell: (result: Result, done: number, all: number) => void; clear: () => void } {
  const { isTTY } = process.stderr;
  let failures = 0;
  return {
    tell: ({ verdict }, done, all) => {
      if (verdict === 'failed') failures += 1;
      if (isTTY) process.stderr.write(`\r${done} of ${all} cases, ${failures} failed `);
    },
    clear: () => {
      if (isTTY) process.stderr.write('\r\x1b[K');
    },
  };
}

interface Way {
  readonly launch: Launch;
  readonly jobs: number;
  readonly close: () => void;
}

async function wayTo(
  options: ConformanceOptions,
  files: ReturnType<typeof readPki>['files'],
  patience: Patience,
): Promise<Way> {
  const { spawn, env, address, listen, psk = false, jobs } = options;
  if (spawn !== undefined)
    return { launch: spawning({ words: spawn, variables: env }, files, patience, false), jobs, close: endAll };
  if (address !== undefined) return { launch: connecting(address, patience, psk), jobs: 1, close: () => {} };
  if (listen === undefined) throw new TypeError('neither a command nor an address');
  const listener = await listening(listen, patience, psk);
  note(`listening on ${listener.address.host}:${listener.address.port}`);
  return { launch: listener.launch, jobs: 1, close: listener.close };
}

const endingSignals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

async function runIn(directory: string, role: Role, options: ConformanceOptions): Promise<number> {
  const reading = { ...defaultChoice, ...options.reading };
  const all = casesFor(role, reading);
  const cases = chosen(all, options.only);
  if (cases.length === 0) return wrongUsage(`no case has ${options.only?.join(' or ')} in its id; --list shows them`);
  const known = all.map(({ id }) => id);
  const expectedFailures =
    options.expectedFailures === undefined ? undefined : readExpectedFailures(options.expectedFailures, known);
  const { material, files } = readPki(chooseSuite(options.crypto), directory);
  const { startTimeout: start, deadline, stall, quietPeriod: quiet } = options;
  const patience = { start, deadline, stall, quiet };
  const { launch, jobs, close } = await wayTo(options, files, patience);
  const { tell, clear } = progress();
  const interrupt = (): void => {
    close();
    process.exit(130);
  };
  for (const signal of endingSignals) process.once(signal, interrupt);
  try {
    const psk = options.psk === true;
    const results = await runCases({
      cases,
      launch,
      material,
      reading,
      psk,
      patience,
      jobs,
      expectedFailures,
      onResult: tell,
    });
    clear();
    return reportResults(results, role, options);
  } finally {
    for (const signal of endingSignals) process.off(signal, interrupt);
    close();
  }
}

function reportResults(results: readonly Result[], role: Role, { json, junit: file }: ConformanceOptions): number {
  if (file !== undefined) {
    writeFiles([{ file, content: junit(results, `pquake conformance ${role}`), mode: 0o644 }], true);
  }
  if (json === true) {
    print(JSON.stringify(document(results)));
    note(summary(results));
  } else for (const line of table(results)) print(line);
  return countOf(results, 'failed') > 0 ? 1 : 0;
}

/** Runs with the keys of a directory, or with new keys. */
async function runWithPki(role: Role, options: ConformanceOptions): Promise<number> {
  if (options.pki !== undefined) return await runIn(options.pki, role, options);
  const directory = temporaryDirectory('conformance');
  try {
    writePki(chooseSuite(options.crypto), directory, false);
    return await runIn(directory, role, options);
  } finally {
    removeDirectory(directory);
  }
}

/**
 * Runs `pquake conformance responder` or `initiator`. @returns the exit status: 1 when a case failed, 2 when none could
 * run
 */
export async function runConformance(role: Role, options: ConformanceOptions): Promise<number> {
  if (options.list === true) {
    return list(chosen(casesFor(role, { ...defaultChoice, ...options.reading }), options.only), options.json === true);
  }
  const wrong = misused(options);
  if (wrong !== undefined) return wrongUsage(wrong);
  try {
    return await runWithPki(role, options);
  } catch (error) {
    if (error instanceof ConfigurationError) return wrongUsage(error.message); // status 1 means a faulty peer
    throw error;
  }
}

/** Runs `pquake conformance init`. @returns the exit status */
export async function runInit(directory: string, { force = false, crypto }: InitOptions): Promise<number> {
  writePki(chooseSuite(crypto), directory, force);
  print(`wrote ca.pem, ca.key, psk.hex, and peer, peer-large and tester (.pem, .key) to ${directory}`);
  print('the peer under test takes peer.pem, peer.key, ca.pem, and psk.hex if it is to have a secret');
  return 0;
}
