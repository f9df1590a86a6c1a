// A case met by a peer: in one handshake, or in as many as it takes to know what the peer did.

import type { Readable } from 'node:stream';
import type { ReadingChoice } from '../../../generated/keySchedule.ts';
import { same } from '../../../octets.ts';
import { type Case, type Turn, togetherFrom } from '../case.ts';
import { judgeChannel } from '../channel/judge.ts';
import type { ChannelPart, RecordCounts } from '../channel/script.ts';
import { type Judgement, judge, misbehaviour, type Observation, seconds } from '../judge.ts';
import type { Material } from '../material.ts';
import { awaitsMore, faultless, whole } from '../slow.ts';
import { tester } from '../tester.ts';
import { trusting } from '../trust.ts';
import { converse, freshField, type Patience, step } from './conversation.ts';
import { within } from './deadline.ts';
import type { Launch, NoPeer, PeerUnderTest } from './peer.ts';
import { play } from './play.ts';

/** The needs of a handshake with a peer. */
export interface MeetOptions {
  readonly launch: Launch;
  readonly material: Material;
  /** The reading of the peer. */
  readonly reading: ReadingChoice;
  /** Whether the peer has the pre-shared secret in cases that do not say. */
  readonly psk: boolean;
  readonly patience: Patience;
  /** Whether cases are asked that take minutes. */
  readonly long?: boolean | undefined;
  /** Of the channel; by default as the specification has it. */
  readonly limits?: RecordCounts | undefined;
}

type Ending = Parameters<typeof judge>[2];

/** How the peer ended; `'running'` when it did not end in time. */
async function endingOf({ ended }: PeerUnderTest, patience: Patience): Promise<Ending> {
  if (ended === undefined) return undefined;
  return await within(ended, Math.max(patience.start, patience.stall), 'running');
}

/** A peer that did not come to the handshake. Some cases leave it that: it may refuse what it is given. */
function unstarted(test: Case, { failed, ended, wrote }: NoPeer): Judgement {
  const refused = test.mayRefuseToStart && typeof ended?.status === 'number' && ended.status !== 0;
  return refused ? { verdict: 'passed', detail: failed } : { verdict: 'failed', detail: failed, wrote };
}

/** A judgement with what the peer wrote, when it failed. */
const told = (judgement: Judgement, { wrote }: PeerUnderTest): Judgement =>
  judgement.verdict === 'failed' ? { ...judgement, wrote: wrote?.() } : judgement;

interface Met {
  readonly judgement: Judgement;
  readonly seen?: Observation;
  /** Whether the peer runs on after its handshake. */
  readonly runsOn?: boolean;
}

async function meetOnce(test: Case, options: MeetOptions): Promise<Met> {
  const { launch, reading, psk, patience } = options;
  const material = trusting(options.material, test.trust);
  const peer = await launch(test);
  if ('failed' in peer) return { judgement: unstarted(test, peer) };
  if ('unsupported' in peer) return { judgement: { verdict: 'unsupported', detail: peer.unsupported } };
  try {
    const seen = await converse(peer.stream, tester(test, material, reading, psk), test, patience);
    // A forbidden act is a failure, however the process ends.
    const clear = judge(test, seen, undefined);
    const cut = clear.verdict === 'failed' && seen.closed === undefined;
    if (cut && peer.ended !== undefined) await within(peer.ended, patience.quiet, undefined); // it may say why
    const ending = cut ? undefined : await endingOf(peer, patience);
    return { judgement: told(judge(test, seen, ending), peer), seen, runsOn: peer.ended === undefined };
  } finally {
    peer.dispose();
  }
}

const isOver = (stream: Readable): boolean => stream.readableEnded || stream.destroyed;

/** Until nothing more can come from the application of a peer that has ended; no longer than it takes to see that nothing comes. */
async function flushed(stream: Readable, quiet: number): Promise<void> {
  if (!isOver(stream))
    await within(new Promise((resolve) => stream.once('end', resolve).once('close', resolve)), quiet, 0);
}

async function meetChannel(test: Case & { readonly channel: ChannelPart }, options: MeetOptions): Promise<Judgement> {
  const { launch, patience, long = false } = options;
  if (test.channel.long === true && !long)
    return { verdict: 'unsupported', detail: 'it takes minutes: only --long asks it' };
  const peer = await launch(test);
  if ('failed' in peer) return unstarted(test, peer);
  if ('unsupported' in peer) return { verdict: 'unsupported', detail: peer.unsupported };
  const { stream, application } = peer;
  try {
    if (application === undefined)
      return { verdict: 'unsupported', detail: 'its standard input and output are not seen' };
    const { seen, output } = await play(stream, application, test, options);
    const cut = seen.problem !== undefined || seen.unsupported !== undefined;
    const ended = cut
      ? await within(peer.ended ?? Promise.resolve(undefined), patience.quiet, undefined)
      : await endingOf(peer, patience);
    await flushed(application.output, patience.quiet);
    return told(judgeChannel(test, seen, output(), ended ?? 'running'), peer);
  } finally {
    peer.dispose();
  }
}

const hasChannel = (test: Case): test is Case & { readonly channel: ChannelPart } => test.channel !== undefined;

/** A refusal that comes sooner is one of what came, as every peer that passes waits longer than this for what is to come. */
const prompt = 2 * step;

/** Whether the peer ends the connection as soon when nothing is wrong and the rest does not come. */
async function givesUpAsSoon(
  test: Case,
  at: Turn,
  { put, since }: Observation,
  options: MeetOptions,
): Promise<boolean> {
  const patience = { ...options.patience, deadline: since + prompt };
  const { seen } = await meetOnce(faultless(test, at, put.length), { ...options, patience });
  return seen === undefined || (seen.turn >= at && seen.closed !== undefined);
}

const lateButRight = 'it refused the message only when all of it had come: it does not judge a header before the data';

/** A refusal that may come late, or not before the rest of the message. */
async function meetRefusal(test: Case, at: Turn, options: MeetOptions): Promise<Judgement> {
  const { judgement, seen } = await meetOnce(test, options);
  if (seen === undefined || seen.turn < at || misbehaviour(test, seen) !== undefined) return judgement;
  if (seen.closed !== undefined && (judgement.verdict === 'failed' || seen.since < prompt)) return judgement;
  if (seen.closed !== undefined && !(await givesUpAsSoon(test, at, seen, options))) return judgement;
  if (awaitsMore(seen.put)) {
    const all = await meetRefusal(whole(test, at), at, options);
    return all.verdict === 'passed' ? { verdict: 'warning', detail: lateButRight } : all;
  }
  if (seen.closed === undefined) return judgement;
  const detail = `it gave up after ${seconds(seen.since)}, as it does when nothing is wrong and the rest does not come: it refused nothing`;
  return { verdict: 'failed', detail };
}

/** Handshakes whose fields must all differ. */
const freshHandshakes = 8;

/** Runs as many handshakes as freshness needs, until one fails. */
async function meetAgainAndAgain(test: Case, options: MeetOptions): Promise<readonly Met[]> {
  const all: Met[] = [];
  while (all.length < freshHandshakes && all.every(({ judgement }) => judgement.verdict === 'passed'))
    all.push(await meetOnce(test, options));
  return all;
}

/** Judges the field of a case that must differ in every handshake. */
function judgeFresh(test: Case, all: readonly Met[]): Judgement {
  const wrong = all.find(({ judgement }) => judgement.verdict !== 'passed');
  if (wrong !== undefined) return wrong.judgement;
  const fields = all.map(({ seen }) => seen && freshField(test, seen));
  for (const [later, field] of fields.entries()) {
    if (field === undefined) return { verdict: 'failed', detail: 'the field did not come' };
    const earlier = fields.slice(0, later).findIndex((other) => other !== undefined && same(other, field));
    if (earlier >= 0)
      return { verdict: 'failed', detail: `the same octets came in handshakes ${earlier + 1} and ${later + 1}` };
  }
  const how = all.every(({ runsOn }) => runsOn) ? 'of a peer that runs on' : 'of as many processes';
  return { verdict: 'passed', detail: `differs in ${all.length} handshakes ${how}` };
}

/** What meets the cases of a run: the verdict on a case, after as many handshakes as it takes. */
export function meeting(options: MeetOptions): (test: Case) => Promise<Judgement> {
  let again: Promise<readonly Met[]> | undefined;
  return async (test) => {
    const { expected } = test;
    if (hasChannel(test)) return await meetChannel(test, options);
    if (test.fresh !== undefined) {
      again ??= meetAgainAndAgain(test, options); // all these cases look at the same handshakes
      return judgeFresh(test, await again);
    }
    // In a stall the peer is to give up waiting. Of messages in one write, the fault may be in the first.
    const alone = test.stall === undefined && togetherFrom(test.peer, test.order ?? 'eager').length === 0;
    if (expected.outcome === 'refuses' && alone) return await meetRefusal(test, expected.at, options);
    return (await meetOnce(test, options)).judgement;
  };
}
