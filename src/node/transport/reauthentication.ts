// When the peers of a channel authenticate again: on demand and by policy, within a limit of time.
import type { Channel } from '../../channel/contract.ts';
import type { ReauthenticationPolicy } from './securedOptions.ts';
import { stopwatch } from './stopwatch.ts';

/** What is done with the channel. */
export interface ReauthenticationParts {
  readonly channel: Pick<Channel, 'role' | 'standing'>;
  readonly policy: ReauthenticationPolicy;
  /** Milliseconds within which an inner handshake completes. */
  readonly timeout: number;
  /** Starts an inner handshake, or asks for one. */
  readonly begin: () => void;
  /** Called when none completed in time. */
  readonly late: () => void;
}

export interface Reauthentication<T> {
  /** Has the peers authenticate again; joins what is under way. Rejects with a TypeError when a direction has closed. */
  readonly ask: () => Promise<T>;
  /** Octets of the application crossed. */
  readonly count: (octets: number) => void;
  /** To be called when the channel has done something: sees whether an inner handshake is under way. */
  readonly look: () => void;
  readonly completed: (facts: T) => void;
  /** Whether nothing is read, as the application does not: the peer cannot answer then. */
  readonly hold: (held: boolean) => void;
  /** The channel has ended; who still waits is told this reason. */
  readonly end: (reason: Error | undefined) => void;
}

interface Waiting<T> {
  readonly promise: Promise<T>;
  readonly resolve: (facts: T) => void;
  readonly reject: (reason: Error) => void;
}

function waitingFor<T>(): Waiting<T> {
  let [resolve, reject]: [(facts: T) => void, (reason: Error) => void] = [() => {}, () => {}];
  const promise = new Promise<T>((...both) => {
    [resolve, reject] = both;
  });
  promise.catch(() => {}); // nobody may have asked
  return { promise, resolve, reject };
}

const impossible = (): TypeError =>
  new TypeError('no inner handshake is possible: a direction of the channel has closed, or none can be made here');

/** Keeps the peers of a channel authenticated. */
export function reauthentication<T>(parts: ReauthenticationParts): Reauthentication<T> {
  const { channel, policy, begin } = parts;
  const limit = stopwatch(parts.timeout, parts.late);
  let waiting: Waiting<T> | undefined;
  /** This side wants one: it asked, or joined one that was under way. `begun` when that is on its way. */
  let [wanted, begun] = [false, false];
  /** One has completed here, and the peer has not switched yet. */
  let completing = false;
  let crossed = 0;
  let due: NodeJS.Timeout | undefined;
  let ended = false;

  function waitForDue(): void {
    clearTimeout(due);
    if (policy.milliseconds !== undefined) due = setTimeout(demand, policy.milliseconds);
  }

  function give(reason: Error): void {
    waiting?.reject(reason);
    waiting = undefined;
  }

  /** Begins, or joins what is under way. One that has only the switch of the peer before it is waited for. */
  function proceed(): void {
    const { innerHandshake } = channel.standing();
    if (innerHandshake === 'under way') begun = !completing;
    else if (innerHandshake === 'possible') {
      begun = true;
      begin();
    }
  }

  function ask(): Promise<T> {
    if (ended || channel.standing().innerHandshake === 'impossible') return Promise.reject(impossible());
    waiting ??= waitingFor();
    const { promise } = waiting;
    try {
      if (!begun) {
        wanted = true;
        proceed();
      }
    } catch (error) {
      [wanted, begun] = [false, false];
      give(error instanceof Error ? error : new Error('an inner handshake could not be made'));
    }
    look();
    return promise;
  }

  /** What the policy demands is not given up when it cannot be begun: then the limit ends the channel. */
  function demand(): void {
    waitForDue();
    if (wanted || channel.standing().innerHandshake === 'impossible') return;
    ask().catch(() => {
      if (!ended && channel.standing().innerHandshake !== 'impossible') {
        [wanted, begun] = [true, true];
        look();
      }
    });
  }

  function look(): void {
    if (ended) return;
    const { innerHandshake } = channel.standing();
    if (innerHandshake !== 'under way') completing = false;
    if (innerHandshake === 'impossible') {
      wanted = false; // a close abandons it, and nothing fails (PQ-C-28)
      give(impossible());
    }
    if (innerHandshake === 'possible' && wanted && !begun) proceed();
    if (innerHandshake === 'under way' || wanted) limit.start();
    else limit.stop();
  }

  waitForDue();
  return {
    ask,
    count: (octets) => {
      crossed += octets;
      if (policy.octets !== undefined && crossed >= policy.octets) demand();
    },
    look,
    completed: (facts) => {
      [wanted, begun, completing, crossed] = [false, false, true, 0];
      waitForDue();
      waiting?.resolve(facts);
      waiting = undefined;
    },
    hold: limit.hold,
    end: (reason) => {
      ended = true;
      clearTimeout(due);
      limit.stop();
      give(reason ?? impossible());
    },
  };
}
