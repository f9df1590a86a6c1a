// Work that octets of peers bring, one address after the other: whoever sends a thousand messages waits behind its own.
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

/** A Map gives its keys in the order in which they were added: a key that was served is added again, behind the others. */
function ring(): Ring {
  const lines = new Map<string, Work[]>();
  return {
    add: (key, work) => {
      const line = lines.get(key);
      if (line === undefined) lines.set(key, [work]);
      else line.push(work);
    },
    next: () => {
      const [entry] = lines;
      if (entry === undefined) return undefined;
      const [key, line] = entry;
      const work = line.shift();
      lines.delete(key);
      if (line.length > 0) lines.set(key, line);
      return work;
    },
    clear: () => lines.clear(),
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
