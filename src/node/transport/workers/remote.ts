// A handshake of a responder that a worker computes, as the transport sees it. It answers at once with what the worker did before.

import type { Peer } from '../../../certificate/peerNames.ts';
import { wipe } from '../../../crypto/secret.ts';
import type { Suite } from '../../../crypto/suite.ts';
import { type Checked, type Failure, failure, refused, type Step } from '../../../failure.ts';
import type { SessionKey } from '../../../generated/kinds.ts';
import { presentedBy } from '../../../handshake/acceptance.ts';
import { peerJudge } from '../../../handshake/expectedPeer.ts';
import type { Handshake, Outcome, PresentedCertificate, Progress } from '../../../handshake/handshake.ts';
import { sessionOf } from '../../../handshake/session.ts';
import type { Bytes } from '../../../octets.ts';
import type { Run } from '../fairQueue.ts';
import type { Renewable } from '../tcpOptions.ts';
import type { SharedProgress, SharedSession } from './messages.ts';
import type { Given } from './shared.ts';

export interface RemoteHandshake {
  readonly handshake: Handshake;
  readonly run: Run;
  /** Is given what ends the handshake when its worker is lost. */
  readonly lost: (fail: (error: unknown) => void) => void;
}

/** The worker of one handshake. */
export interface Station {
  /** Has octets worked on, in turn. */
  readonly post: (key: string, further: boolean, octets: Bytes) => void;
  /** The handshake ended here; what the worker has of it is wiped. Called at least once. */
  readonly leave: () => void;
}

/** What a station tells. */
export interface Handler {
  readonly progress: (progress: SharedProgress) => void;
  readonly lost: (error: Error) => void;
}

interface Presented {
  readonly presented?: PresentedCertificate;
}

const refusal = (why: Failure, { presented }: Presented, thrown: { readonly cause?: unknown } = {}): Outcome => ({
  status: 'failed',
  failure: why,
  ...(presented && { presented }),
  ...thrown,
});

/** Asks a predicate as a handshake of this thread does: an error of it refuses like any other peer, and is told. */
function judged(
  value: Renewable,
  peer: Peer,
): { readonly verdict: Checked<true>; readonly thrown?: { cause: unknown } } {
  try {
    return { verdict: peerJudge(value.expectedPeer, value.trustAnchors)(peer) };
  } catch (cause) {
    return { verdict: refused('unexpected-peer', 'the predicate threw'), thrown: { cause } };
  }
}

/** What the main thread decides: whether the peer is the expected one, and whether octets may follow. */
function concluded(suite: Suite, { value, peerOf }: Given, shared: SharedSession): Outcome {
  const peer = peerOf(shared);
  const { verdict, thrown } = judged(value, peer);
  const presented = { presented: presentedBy(peer) };
  if (!verdict.ok) return refusal(failure(verdict.code, 4, verdict.detail), presented, thrown);
  const { rest, sessionKey } = shared;
  if (value.afterwards === 'refuse' && rest.length > 0)
    return refusal(failure('trailing-octets', 4, `${rest.length}`), presented);
  const session = sessionOf(suite, 'responder', peer, sessionKey as SessionKey<Bytes>); // copies the key
  return { status: 'completed', session, rest };
}

/** Makes the handshake. `stationFor` is asked for a worker when the first octets come. */
export function remoteHandshake(
  suite: Suite,
  given: Given,
  stationFor: (handler: Handler) => Station,
): RemoteHandshake {
  let outcome: Outcome = { status: 'awaiting', message: 'initiatorHello', step: 1 };
  let station: Station | undefined;
  let answer: SharedProgress | Error | undefined;
  let [done, fail]: [() => void, (error: unknown) => void] = [() => {}, () => {}];

  function end(reached: Outcome): void {
    outcome = reached;
    station?.leave();
  }

  function outcomeOf({ outcome: reached, log }: SharedProgress): Outcome {
    const { keyLog } = given.value;
    if (reached.status !== 'completed') {
      for (const line of log) keyLog?.(line);
      return reached;
    }
    try {
      const concludedHere = concluded(suite, given, reached);
      // The last line is the released session key, which belongs to a session.
      for (const line of concludedHere.status === 'completed' ? log : log.slice(0, -1)) keyLog?.(line);
      return concludedHere;
    } finally {
      wipe(reached.sessionKey);
    }
  }

  const handler: Handler = {
    progress: (progress) => {
      if (outcome.status === 'awaiting') answer = progress;
      else if (progress.outcome.status === 'completed') wipe(progress.outcome.sessionKey);
      done();
    },
    lost: (error) => {
      if (outcome.status !== 'awaiting') return;
      answer = error;
      fail(error);
    },
  };

  const silent = (): Progress => ({ received: [], send: [], outcome });

  return {
    handshake: {
      role: 'responder',
      start: silent, // a responder sends nothing then; a worker begins with the first octets
      receive: () => {
        if (answer === undefined) throw new TypeError('octets reach a worker by `run`');
        const taken = answer;
        answer = undefined;
        if (taken instanceof Error) throw taken;
        const reached = outcomeOf(taken);
        if (reached.status === 'awaiting') outcome = reached;
        else end(reached);
        return { received: taken.received, send: taken.send, outcome };
      },
      fail: (code, detail) => {
        const { step, presented }: Presented & { readonly step: Step } =
          outcome.status === 'awaiting'
            ? outcome
            : { step: 4, ...(outcome.status === 'completed' && { presented: presentedBy(outcome.session.peer) }) };
        if (answer !== undefined && !(answer instanceof Error) && answer.outcome.status === 'completed')
          wipe(answer.outcome.sessionKey);
        answer = undefined;
        if (outcome.status !== 'failed') end(refusal(failure(code, step, detail), presented ? { presented } : {}));
        return silent();
      },
      standing: () => outcome,
    },
    run: (key, further, octets, whenDone) => {
      done = whenDone;
      station ??= stationFor(handler);
      station.post(key, further, octets);
    },
    lost: (whenLost) => {
      fail = whenLost;
    },
  };
}
