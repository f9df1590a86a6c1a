// Work that octets of peers bring, one address after the other: whoever sends a thousand messages waits behind its own.
// An address that comes rarely goes before those that always have something waiting (as the sparse flows of RFC 8290 do).
// Half of it belongs to handshakes that are further than their first message, as they are few in most floods, and a flood
// gets no further than its own first messages did; the other half to first messages, so that neither keeps the other out.

type Work = () => void;

/** A queue that serves its keys in turn, and the work of one key in the order in which it came. */
export interface FairQueue {
  /** `further`: of a handshake that is past its first message. */
  readonly add: (key: string, work: Work, further: boolean) => void;
  readonly next: () => Work | undefined;
  readonly clear: () => void;
}

interface Ring {
  readonly add: (key: string, work: Work) => void;
  readonly next: () => Work | undefined;
  readonly clear: () => void;
}

/**
 * Lines of work, by key. A key without a line is `rare` and served before the `steady` ones, once; then its line stands among
 * these, even when it is empty, until its turn comes, so that nobody is rare twice in a round. A Map gives its keys in the
 * order in which they were added.
 */
function ring(): Ring {
  const rare = new Map<string, Work[]>();
  const steady = new Map<string, Work[]>();

  /** Takes from the first line of a map; a line that is not finished goes behind the steady ones. */
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
    clear: () => {
      rare.clear();
      steady.clear();
    },
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
    clear: () => {
      further.clear();
      other.clear();
    },
  };
}

/** Milliseconds for which work goes on before sockets, timers and signals have their turn. */
const [shortest, longest] = [4, 50];

/**
 * A queue that is worked off between the events of the process: for as long as these took, so that a flood of connections
 * leaves half of the time to handshakes. The work must not throw.
 */
export function workedOff(): Pick<FairQueue, 'add' | 'clear'> {
  const queue = fairQueue();
  let planned = false;
  let ended = 0;

  function plan(): void {
    if (planned) return;
    planned = true;
    setImmediate(turn);
  }

  function turn(): void {
    planned = false;
    const began = performance.now();
    const end = began + Math.min(longest, Math.max(shortest, began - ended));
    for (let work = queue.next(); work !== undefined; work = queue.next()) {
      work();
      ended = performance.now();
      if (ended < end) continue;
      plan();
      return;
    }
  }

  return {
    add: (key, work, further) => {
      queue.add(key, work, further);
      plan();
    },
    clear: queue.clear,
  };
}
