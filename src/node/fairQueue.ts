// Work that octets of peers bring, one address after the other: whoever sends a thousand messages waits behind its own.

type Work = () => void;

/** A queue that serves its keys in turn, and the work of one key in the order in which it came. */
export interface FairQueue {
  /** `first`: before all that is not. */
  readonly add: (key: string, work: Work, first?: boolean) => void;
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
  const [first, other] = [ring(), ring()];
  return {
    add: (key, work, isFirst = false) => (isFirst ? first : other).add(key, work),
    next: () => first.next() ?? other.next(),
    clear: () => {
      first.clear();
      other.clear();
    },
  };
}

/** Work goes on for so many milliseconds before sockets, timers and signals have their turn. */
const turnLength = 4;

/** A queue that is worked off between the events of the process. The work must not throw. */
export function workedOff(): Pick<FairQueue, 'add' | 'clear'> {
  const queue = fairQueue();
  let planned = false;

  function plan(): void {
    if (planned) return;
    planned = true;
    setImmediate(turn);
  }

  function turn(): void {
    planned = false;
    const end = performance.now() + turnLength;
    for (let work = queue.next(); work !== undefined; work = queue.next()) {
      work();
      if (performance.now() < end) continue;
      plan();
      return;
    }
  }

  return {
    add: (key, work, first) => {
      queue.add(key, work, first);
      plan();
    },
    clear: queue.clear,
  };
}
