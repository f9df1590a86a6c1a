// Runs cases against peers: the sanity case first; cases that wait for a peer to give up run beside all others.

import type { ReadingChoice } from '../../../generated/keySchedule.ts';
import { same } from '../../../octets.ts';
import type { Case } from '../case.ts';
import { type Judgement, judge, type Observation, type Verdict } from '../judge.ts';
import type { Material } from '../material.ts';
import { tester } from '../tester.ts';
import { converse, freshField, type Patience } from './conversation.ts';
import { within } from './deadline.ts';
import type { Launch, PeerUnderTest } from './peer.ts';

/** A case and its result. */
export interface Result {
  readonly test: Case;
  readonly verdict: Verdict;
  readonly detail: string;
  /** Milliseconds. */
  readonly took: number;
}

export interface RunOptions {
  readonly cases: readonly Case[];
  readonly launch: Launch;
  readonly material: Material;
  /** The reading of the peer. */
  readonly reading: ReadingChoice;
  /** Whether the peer has the pre-shared secret in cases that do not say. */
  readonly psk: boolean;
  readonly patience: Patience;
  readonly jobs: number;
  /** Cases that are expected to fail, with the reason. */
  readonly expectedFailures?: ReadonlyMap<string, string> | undefined;
  readonly onResult?: ((result: Result, done: number, all: number) => void) | undefined;
}

type Ending = Parameters<typeof judge>[2];

/** How the peer ended; `'running'` when it did not end in time. */
async function endingOf({ ended }: PeerUnderTest, patience: Patience): Promise<Ending> {
  if (ended === undefined) return undefined;
  return await within(ended, Math.max(patience.start, patience.stall), 'running');
}

interface Met {
  readonly judgement: Judgement;
  readonly seen?: Observation;
}

async function meet(test: Case, options: RunOptions): Promise<Met> {
  const { launch, material, reading, psk, patience } = options;
  const peer = await launch(test);
  if ('failed' in peer) return { judgement: { verdict: 'failed', detail: peer.failed } };
  if ('unsupported' in peer) return { judgement: { verdict: 'unsupported', detail: peer.unsupported } };
  try {
    const seen = await converse(peer.stream, tester(test, material, reading, psk), test, patience);
    // A forbidden act is a failure, however the process ends.
    const clear = judge(test, seen, undefined);
    const ending = clear.verdict === 'failed' && seen.closed === undefined ? undefined : await endingOf(peer, patience);
    return { judgement: judge(test, seen, ending), seen };
  } finally {
    peer.dispose();
  }
}

/** Runs two handshakes, which must differ in a field. */
async function meetTwice(test: Case, options: RunOptions): Promise<Judgement> {
  const [first, second] = [await meet(test, options), await meet(test, options)];
  for (const { judgement } of [first, second]) if (judgement.verdict !== 'passed') return judgement;
  const fields = [first, second].map(({ seen }) => seen && freshField(test, seen));
  const [one, other] = fields;
  if (one === undefined || other === undefined) return { verdict: 'failed', detail: 'the field did not come' };
  return same(one, other) ? { verdict: 'failed', detail: 'the same octets came in two handshakes' } : first.judgement;
}

/** Applies an expected failure: a case that fails does not count as failed, and a case that passes has failed. */
function against(expected: string | undefined, { verdict, detail }: Judgement): Judgement {
  if (expected === undefined || verdict === 'unsupported') return { verdict, detail };
  if (verdict === 'failed') return { verdict: 'expected-failure', detail: `${expected}: ${detail}` };
  return { verdict: 'failed', detail: `passed, but was expected to fail: ${expected}` };
}

/** Runs a number of workers, each of which takes one case after the other. */
async function pool(cases: readonly Case[], workers: number, work: (test: Case) => Promise<unknown>): Promise<void> {
  const queue = [...cases];
  const worker = async (): Promise<void> => {
    for (let test = queue.shift(); test !== undefined; test = queue.shift()) await work(test);
  };
  await Promise.all(Array.from({ length: Math.min(workers, cases.length) }, worker));
}

const mostStalls = 32;

/** Runs the cases. @returns results in the order of the cases */
export async function runCases(options: RunOptions): Promise<readonly Result[]> {
  const { cases, jobs, expectedFailures, onResult } = options;
  const results = new Map<Case, Result>();
  const note = (test: Case, judgement: Judgement, took: number): void => {
    const result = { test, ...against(expectedFailures?.get(test.id), judgement), took };
    results.set(test, result);
    onResult?.(result, results.size, cases.length);
  };
  const work = async (test: Case): Promise<Judgement> => {
    const start = performance.now();
    const judgement = test.fresh === undefined ? (await meet(test, options)).judgement : await meetTwice(test, options);
    note(test, judgement, performance.now() - start);
    return judgement;
  };

  const [first, ...others] = cases;
  if (first === undefined) return [];
  if ((await work(first)).verdict === 'failed') {
    for (const test of others) note(test, { verdict: 'unsupported', detail: 'the sanity case failed' }, 0);
    return cases.flatMap((test) => results.get(test) ?? []);
  }
  const last = others.filter(({ id }) => id === 'sanity-last');
  const [stalls, prompt] = [
    others.filter(({ stall }) => stall),
    others.filter((one) => !one.stall && !last.includes(one)),
  ];
  if (jobs > 1) await Promise.all([pool(stalls, mostStalls, work), pool(prompt, jobs, work)]);
  else await pool([...prompt, ...stalls], 1, work);
  await pool(last, 1, work);
  return cases.flatMap((test) => results.get(test) ?? []);
}
