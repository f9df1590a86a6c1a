// What was seen of a channel, compared with what a conforming peer does.

import { type Bytes, same } from '../../../octets.ts';
import type { Case } from '../case.ts';
import { type Ended, type Judgement, saying } from '../judge.ts';

/** Everything that was seen of one channel, but what the peer delivered. */
export interface ChannelObservation {
  /** What the peer did wrong, or did not do, before it could be judged. */
  readonly problem: string | undefined;
  /** Why the case does not apply to the peer. */
  readonly unsupported: string | undefined;
  /** Whether the fault of the case was put on the wire. */
  readonly faulted: boolean;
  /** How the peer ended the connection; undefined when it did not. */
  readonly closed: 'end' | 'reset' | undefined;
  /** Octets of the peer that came after the fault. */
  readonly sentAfter: number;
  /** The data that the peer is to deliver to its application. */
  readonly delivers: Bytes;
}

const failed = (detail: string): Judgement => ({ verdict: 'failed', detail });

/** How what was delivered differs from what is to be; `undefined` when it does not. */
function difference(output: Bytes, expected: Bytes): string | undefined {
  const common = Math.min(output.length, expected.length);
  if (!same(output.subarray(0, common), expected.subarray(0, common))) {
    const at = output.findIndex((octet, i) => octet !== expected[i]);
    return `octet ${at} that it delivered is not the one that was sent`;
  }
  if (output.length < expected.length) return `it delivered ${output.length} of ${expected.length} octets`;
  return undefined;
}

/**
 * The verdict on a case of the channel. `output` is what the peer delivered, when nothing more can come; `ended` how it ended, `running`
 * when it did not in time.
 */
export function judgeChannel(test: Case, seen: ChannelObservation, output: Bytes, ended: Ended | 'running'): Judgement {
  if (seen.unsupported !== undefined) return { verdict: 'unsupported', detail: seen.unsupported };
  const said = ended === 'running' ? '' : saying(ended);
  if (seen.problem !== undefined) return failed(`${seen.problem}${said}`);
  const different = difference(output, seen.delivers);
  if (different !== undefined) return failed(`${different}${said}`);
  const more = output.length - seen.delivers.length;
  if (test.expected.outcome === 'carries') {
    if (more > 0) return failed(`it delivered ${more} octets more than were sent`);
    if (ended === 'running') return failed('both directions were closed in order, but it did not end');
    if (ended.status !== 0)
      return failed(`both directions were closed in order, but it ended with ${ended.status}, not 0${said}`);
    return { verdict: 'passed', detail: '' };
  }
  if (more > 0) return failed(`it delivered ${more} octets that came with the fault or behind it`);
  if (seen.sentAfter > 0) return failed(`it sent ${seen.sentAfter} octets after the fault`);
  if (seen.closed === undefined) return failed('it kept the connection open after the fault');
  if (ended === 'running') return failed('it closed the connection, but did not end');
  if (ended.status === 0) return failed('it ended with 0, as if the channel had been closed in order');
  return { verdict: 'passed', detail: typeof ended.status === 'string' ? `ended by ${ended.status}` : '' };
}
