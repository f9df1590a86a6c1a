// A queue for the work that octets of peers bring. Addresses take turns: a peer that sends a thousand messages waits behind its own.
// An address that comes rarely goes before those that always have work waiting (as the sparse flows of RFC 8290 do). Half of the
// time belongs to handshakes past their first message: they are few in most floods, and a flood gets no further than its own first
// messages did. The other half belongs to first messages, so that neither half keeps the other out.

type Work = () => void;

/** A queue that serves its keys in turn, and the work of one key in the order in which it came. */
export interface FairQueue {
  /** `further`: of a handshake that is past its first message. */
  readonly add: (key: string, work: Work, further: boolean) => void;
  readonly next: () => Work | undefined;
}

interface Ring {
  readonly add: (key: string, work: Work) => void;
  readonly next: () => Work | undefined;
}

/**
 * Lines of work, by key. A key without a line is `rare`, and served before the `steady` ones, once. Then its line stands among
 * these until its turn comes, even when it is empty: so no key is rare twice in a round. A Map gives its keys in the
 * order in which they were added.
 */
function ring(): Ring {
  const rare = new Map<string, Work[]>();
  const steady = new Map<string, Work[]>();

  /** Takes from the first line of a map; a line with more work goes behind the steady ones. */
  function take(lines: Map<string, Work[]>, finished: (line: Work[]) => boolean): Work | undefined {
    for (const [key, line] of lines) {
      const work = line.shift();
      lines.delete(key);
      if (!finished(line)) steady.set(key, line);
      if (work !== undefined) return work;
    }
    return undefined;
  }

  return {
    add: (key, work) => {
      const line = rare.get(key) ?? steady.get(key);
      if (line === undefined) rare.set(key, [work]);
      else line.push(work);
    },
    next: () => take(rare, () => false) ?? take(steady, (line) => line.length === 0),
  };
}

/** An empty queue. */
export function fairQueue(): FairQueue {
  const [further, other] = [ring(), ring()];
  let turnOf = further;
  return {
    add: (key, work, isFurther) => (isFurther ? further : other).add(key, work),
    next: () => {
      const [mine, theirs] = turnOf === further ? [further, other] : [other, further];
      turnOf = theirs;
      return mine.next() ?? theirs.next();
    },
  };
}

/** Milliseconds. Shorter work is followed by more at once; events are owed no more than the longest. */
const [shortest, longest] = [0.25, 50];

/**
 * A queue that is worked off between the events of the process. An iteration of the event loop may bring only one new connection; so
 * after work the events have as much time as it took, unless an iteration brings nothing. So work waits here, where it is
 * served in turn, and not in the system. The work must not throw.
 */
export function workedOff(): Pick<FairQueue, 'add'> & { readonly notice: () => void } {
  const queue = fairQueue();
  let [planned, news] = [false, false];
  let [owed, ended] = [0, 0];

  function plan(): void {
    if (planned) return;
    planned = true;
    setImmediate(turn);
  }

  function turn(): void {
    planned = false;
    const began = performance.now();
    owed -= began - ended;
    ended = began;
    const wait = news && owed > 0;
    news = false;
    if (!wait && !work(began)) return;
    plan();
  }

  /** @returns whether there may be more work */
  function work(began: number): boolean {
    while (ended - began < shortest) {
      const next = queue.next();
      if (next === undefined) return false;
      next();
      ended = performance.now();
    }
    owed = Math.min(ended - began, longest);
    return true;
  }

  return {
    add: (key, work, further) => {
      news = true;
      queue.add(key, work, further);
      plan();
    },
    /** A connection came. */
    notice: () => {
      news = true;
    },
  };
}
