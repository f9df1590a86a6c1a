// A queue for the work that octets of peers cause. Addresses take turns: a peer that sends a thousand messages waits
// behind its own. An address that sends rarely goes before those that always have work waiting (like the sparse flows
// of RFC 8290). Half of the turns belong to handshakes past their first message: most floods have few, as a flood gets
// only as far as its first messages did. The other half belongs to first messages, so that neither half starves the
// other.

type Work = () => void;

/** A queue that serves its keys in turn, and the work of each key in order. */
export interface FairQueue {
  /** `further`: the work belongs to a handshake past its first message. */
  readonly add: (key: string, work: Work, further: boolean) => void;
  readonly next: () => Work | undefined;
}

/** Has octets worked on elsewhere, in the turn of a key, and calls back when that is done. */
export type Run = (key: string, further: boolean, octets: Uint8Array, done: () => void) => void;

interface Ring {
  readonly add: (key: string, work: Work) => void;
  readonly next: () => Work | undefined;
}

/**
 * Queues of work, by key. A key without a queue starts as `rare` and is served once before the `steady` keys. Its queue
 * then stays among these until its turn, even when it is empty, so no key is rare twice in a round. A Map iterates its
 * keys in the order of insertion.
 */
function ring(): Ring {
  const rare = new Map<string, Work[]>();
  const steady = new Map<string, Work[]>();

  /** Takes work from the first queue of a map, then puts that queue behind the steady ones unless it is finished. */
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

/** Milliseconds. After less work than `shortest`, more work follows at once; events are owed at most `longest`. */
const [shortest, longest] = [0.25, 50];

/**
 * A queue whose work runs between the events of the process. An iteration of the event loop may accept only one
 * connection. So after work, events get as much time as the work took, unless an iteration brings none. Work then waits
 * here, where it is served in turn, and not in the system. The work must not throw.
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
    /** Reports that a connection came. */
    notice: () => {
      news = true;
    },
  };
}
