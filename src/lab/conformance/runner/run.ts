// Runs cases against peers: the sanity case first; cases that wait for a peer to give up run beside all others.

import { type Case, levelOf } from '../case.ts';
import type { Judgement, Verdict } from '../judge.ts';
import { type MeetOptions, meeting } from './meet.ts';

/** A case and its result. */
export interface Result {
  readonly test: Case;
  readonly verdict: Verdict;
  readonly detail: string;
  /** The end of what the peer wrote, when it failed. */
  readonly wrote?: string | undefined;
  /** Milliseconds. */
  readonly took: number;
}

/** Whose rules decide: those of the draft alone, or those of this project too. */
export type Profile = 'draft' | 'project';

export interface RunOptions extends MeetOptions {
  readonly cases: readonly Case[];
  readonly jobs: number;
  /** Cases that are expected to fail, with the reason. */
  readonly expectedFailures?: ReadonlyMap<string, string> | undefined;
  /** `project` by default. */
  readonly profile?: Profile | undefined;
  /** Ends the run: no case is begun any more, and those under way have no result. */
  readonly signal?: AbortSignal | undefined;
  readonly onResult?: ((result: Result, done: number, all: number) => void) | undefined;
}

/** Applies an expected failure: a case that fails does not count as failed, and a case that passes has failed. */
function against(expected: string | undefined, judgement: Judgement): Judgement {
  const { verdict, detail } = judgement;
  if (expected === undefined || verdict === 'unsupported') return judgement;
  if (verdict === 'failed' || verdict === 'warning')
    return { verdict: 'expected-failure', detail: `${expected}: ${detail}` };
  return { verdict: 'failed', detail: `passed, but was expected to fail: ${expected}` };
}

/** A failure against a rule of this project is a note where only the draft decides. */
const inProfile = (profile: Profile | undefined, test: Case, judgement: Judgement): Judgement =>
  profile === 'draft' && judgement.verdict === 'failed' && levelOf(test) === 'project'
    ? { ...judgement, verdict: 'note' }
    : judgement;

/** Runs a number of workers, each of which takes one case after the other. */
async function pool(
  cases: readonly Case[],
  workers: number,
  work: (test: Case) => Promise<unknown>,
  signal: AbortSignal | undefined,
): Promise<void> {
  const queue = [...cases];
  const worker = async (): Promise<void> => {
    for (let test = queue.shift(); test !== undefined && !signal?.aborted; test = queue.shift()) await work(test);
  };
  await Promise.all(Array.from({ length: Math.min(workers, cases.length) }, worker));
}

/** When the signal ends the run; never without one. */
const aborted = (signal: AbortSignal | undefined): Promise<void> =>
  new Promise((resolve) => signal?.addEventListener('abort', () => resolve(), { once: true }));

const mostStalls = 32;

/** Runs the cases. @returns results in the order of the cases; those until then when the signal ends the run */
export async function runCases(options: RunOptions): Promise<readonly Result[]> {
  const { cases, jobs, expectedFailures, profile, signal, onResult } = options;
  const results = new Map<Case, Result>();
  const note = (test: Case, judgement: Judgement, took: number): void => {
    const judged = inProfile(profile, test, against(expectedFailures?.get(test.id), judgement));
    const result = { test, ...judged, took };
    if (signal?.aborted) return;
    results.set(test, result);
    onResult?.(result, results.size, cases.length);
  };
  const meet = meeting(options);
  const work = async (test: Case): Promise<Judgement> => {
    const start = performance.now();
    const judgement = await meet(test);
    note(test, judgement, performance.now() - start);
    return judgement;
  };

  async function all(): Promise<void> {
    const [first, ...others] = cases;
    if (first === undefined) return;
    if ((await work(first)).verdict === 'failed') {
      for (const test of others) note(test, { verdict: 'unsupported', detail: 'the sanity case failed' }, 0);
      return;
    }
    const last = others.filter(({ id }) => id === 'sanity-last');
    const [stalls, prompt] = [
      others.filter(({ stall }) => stall),
      others.filter((one) => !one.stall && !last.includes(one)),
    ];
    if (jobs > 1) await Promise.all([pool(stalls, mostStalls, work, signal), pool(prompt, jobs, work, signal)]);
    else await pool([...prompt, ...stalls], 1, work, signal);
    await pool(last, 1, work, signal);
  }

  await Promise.race([all(), aborted(signal)]);
  return cases.flatMap((test) => results.get(test) ?? []);
}
