// The acts of a peer, compared with those of a conforming one.

import { messageTable } from '../../generated/codec.ts';
import { headerOctets } from '../../generated/constants.ts';
import type { Bytes } from '../../octets.ts';
import { otherRole } from '../../role.ts';
import { type Case, messageOf, messagesOf, type Turn, typeFor } from './case.ts';
import type { Standing } from './engine.ts';
import type { Framed } from './framing.ts';

/**
 * `warning`: it did what a conforming peer may do, later than it could. `note`: a failure against a rule that was not asked for.
 * `expected-failure`: a failure that the user announced.
 */
export type Verdict = 'passed' | 'failed' | 'warning' | 'note' | 'unsupported' | 'expected-failure';

/** A verdict, and the reason for people. */
export interface Judgement {
  readonly verdict: Verdict;
  readonly detail: string;
  /** The end of what the peer wrote, when it failed. */
  readonly wrote?: string | undefined;
}

/** Everything that was seen of one connection. */
export interface Observation {
  readonly framed: Framed;
  /** How the tester's engine ended. */
  readonly standing: Standing;
  /** The turn of the peer whose message the engine refused. */
  readonly failedAt: Turn | undefined;
  /** The last turn of the tester that was on the wire in full, or in as much as the case puts there. */
  readonly turn: number;
  /** How the peer ended the connection; undefined when it did not. */
  readonly closed: 'end' | 'reset' | undefined;
  /** Milliseconds in which the peer could have gone on or closed, and did neither. */
  readonly waited: number;
  /** Whether the tester sent first, as the peer waited for its message of the same step. */
  readonly nudged: boolean;
  /** The octets that the tester put on the wire in the turn that must be refused, or in its last one. */
  readonly put: Bytes;
  /** Milliseconds from these to the end of the connection, in steps. */
  readonly since: number;
  /** The alternatives of the reading that the peer has in the place of the tester's; undefined when none is known. */
  readonly fits?: string | undefined;
}

/** How a process ended: its status, or the name of the signal. */
export interface Ended {
  readonly status: number | string;
  /** The end of what it wrote to standard error. */
  readonly tail: string;
}

const passed = (detail = ''): Judgement => ({ verdict: 'passed', detail });
const failed = (detail: string): Judgement => ({ verdict: 'failed', detail });
const unsupported = (detail: string): Judgement => ({ verdict: 'unsupported', detail });

export const seconds = (milliseconds: number): string => `${Number((milliseconds / 1000).toFixed(1))} s`;

/** A hint from the last line that a peer wrote. */
export const saying = ({ tail }: Ended): string => {
  const line = tail.trim().split('\n').at(-1)?.slice(0, 200) ?? '';
  return line === '' ? '' : ` (${line})`;
};

/** Faults that no conforming peer shows, whatever the case. */
export function misbehaviour(
  { peer, unverifiable, expected }: Case,
  { framed, standing, failedAt, fits }: Observation,
): string | undefined {
  const { messages, stray } = framed;
  if (standing.status === 'failed' && failedAt !== undefined && failedAt < (unverifiable ?? 5)) {
    const { type } = messageTable[messageOf(peer, failedAt)];
    const wrong = `its message ${type} is not right: ${standing.code}: ${standing.message}`;
    if (fits === undefined) return wrong;
    return `${wrong}; it ${failedAt === 2 ? 'opens' : 'is right'} under ${fits}: the peer has that reading (--reading ${fits})`;
  }
  if (stray !== undefined) return `it sent ${stray}`;
  if (expected.outcome !== 'refuses' || messages.length + (framed.partial > 0 ? 1 : 0) <= expected.sendsAtMost)
    return undefined;
  const extra = messagesOf(peer)[expected.sendsAtMost];
  return `it sent message ${extra === undefined ? '?' : messageTable[extra].type}, which it must not send here`;
}

/** The reason, as seen on the wire, why a handshake did not complete that should have. */
function incomplete(test: Case, { framed, standing, closed, waited }: Observation): string | undefined {
  if (standing.status === 'completed') return undefined;
  const awaited = messagesOf(test.peer)[framed.messages.length];
  const type = awaited === undefined ? '?' : messageTable[awaited].type;
  const part = framed.partial > headerOctets ? ` (${framed.partial} octets of it came)` : '';
  if (closed === undefined) return `it did not send message ${type} in ${seconds(waited)}${part}`;
  return `it closed the connection where its message ${type} should come${part}`;
}

/** The result of a process that ended, where the handshake should have completed. */
const completion = (ended: Ended | undefined): Judgement => {
  if (ended === undefined) return passed();
  return ended.status === 0 ? passed() : failed(`it ended with ${ended.status}, not 0${saying(ended)}`);
};

type Refuses = Extract<Case['expected'], { readonly outcome: 'refuses' }>;

/** Judges a peer that must abort: at the right message, in silence, by closing. */
function refusal(test: Case, seen: Observation, { at, sendsAtLeast = 0 }: Refuses): string | undefined {
  const type = typeFor(test.peer, at);
  if (seen.turn < at) {
    if (seen.closed !== undefined) return `it closed the connection before message ${type} was sent to it: too early`;
    return `it did not answer in ${seconds(seen.waited)}, before message ${type} was sent to it`;
  }
  if (seen.closed === undefined)
    return `it kept the connection open for ${seconds(seen.waited)} after it should have aborted`;
  const missing = messagesOf(test.peer).slice(seen.framed.messages.length, sendsAtLeast)[0];
  if (missing !== undefined)
    return `it withheld message ${messageTable[missing].type}: whoever sees that learns that it refuses, and why`;
  return undefined;
}

function judgeRefusal(
  test: Case,
  seen: Observation,
  expected: Refuses,
  ended: Ended | 'running' | undefined,
): Judgement {
  // A peer that waits cannot be told to go on by a tester that has no message of its own.
  if (test.needsEager && (seen.nudged || (test.reflects && seen.turn === 1))) {
    return unsupported('it waits for the tester’s message of a step first');
  }
  const wrong = refusal(test, seen, expected);
  if (wrong !== undefined) return failed(wrong);
  if (isTogether(test) && seen.nudged) return separated(test);
  if (ended === 'running') return failed('it closed the connection, but did not end');
  if (ended?.status === 0) return failed('it ended with 0, as if the handshake had completed');
  if (ended === undefined && expected.at === 4)
    return unsupported('only its exit status tells; it closed the connection');
  const signal = typeof ended?.status === 'string' ? `ended by ${ended.status}` : '';
  return passed(signal);
}

const isTogether = ({ order }: Case): boolean => order === 'paired' || order === 'straddled';

/** A case of messages in one write, where a message had to be sent alone. */
const separated = ({ peer }: Case): Judgement =>
  unsupported(`it waits for a message of the ${otherRole(peer)}’s first; so that came in a write of its own`);

/**
 * The verdict on a case. `ended` is how the process ended: `running` when it did not in time, undefined when there is no process
 * to look at. Without one, a case that only acceptance shows is unsupported.
 */
export function judge(test: Case, seen: Observation, ended: Ended | 'running' | undefined): Judgement {
  const wrong = misbehaviour(test, seen);
  if (wrong !== undefined) return failed(wrong);
  const { expected } = test;
  if (expected.outcome === 'refuses') return judgeRefusal(test, seen, expected, ended);
  const missing = incomplete(test, seen);
  if (ended === 'running') return failed(missing ?? 'the handshake completed, but it did not end');
  if (expected.outcome === 'either') {
    if (missing !== undefined && seen.closed === undefined) return failed(missing);
    return ended === undefined ? unsupported('only its exit status tells') : passed(`ended with ${ended.status}`);
  }
  if (missing !== undefined) return failed(`${missing}${ended === undefined ? '' : saying(ended)}`);
  const complete = completion(ended);
  if (complete.verdict === 'passed' && test.order === 'late' && seen.nudged) {
    return unsupported(
      `it waits for the ${otherRole(test.peer)}’s message of a step first; so the tester did not wait`,
    );
  }
  return complete.verdict === 'passed' && isTogether(test) && seen.nudged ? separated(test) : complete;
}
