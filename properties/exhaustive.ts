// Every interleaving of two sessions, in which the adversary makes up to a number of messages itself.
import type { Term } from '../src/algebra/terms.ts';
import { violation } from '../src/lab/adversary/invariants.ts';
import { type Move, offers, perform } from '../src/lab/adversary/moves.ts';
import type { Session } from '../src/lab/adversary/session.ts';
import { type Setting, sentOf, type World, world } from '../src/lab/adversary/world.ts';

export interface Searched {
  /** States visited, the first one included. */
  readonly states: number;
  /** Runs that came to an end: no session awaits a message that anyone can give it. */
  readonly ends: number;
  readonly completed: number;
  /** The moves that lead to a state in which an invariant does not hold; undefined when there is none. */
  readonly counterexample: readonly Move[] | undefined;
}

const starts: readonly Move[] = [
  { move: 'start', role: 'initiator', agent: 0, expected: 0 },
  { move: 'start', role: 'responder', agent: 1, expected: 0 },
];

const made = ({ move }: Move): boolean => move === 'inject';

function worldAfter(setting: Setting, moves: readonly Move[]): World {
  const w = world(setting);
  for (const move of moves) perform(w, move);
  return w;
}

/** The messages to give: of those that were sent, any of the type that is awaited; of those that the adversary makes, all others. */
function movesFor(w: World, session: Session, to: number, mayMake: boolean): Move[] {
  const awaited = session.machine.awaits()?.message;
  if (awaited === undefined) return [];
  const sent = sentOf(w, awaited);
  const delivered = sent.map((_, which): Move => ({ move: 'deliver', to, which }));
  if (!mayMake) return delivered;
  const known = new Set<Term>(sent.map(({ message }) => w.terms.message(message)));
  const injected = offers(w, session, awaited).flatMap((message, which): Move[] =>
    known.has(w.terms.message(message)) ? [] : [{ move: 'inject', to, which }],
  );
  return [...delivered, ...injected];
}

/** Visits every state that two sessions can reach. `leaks` are moves that come first, such as a static key that leaks. */
export function search(
  setting: Setting,
  { making, leaks = [] }: { making: number; leaks?: readonly Move[] },
): Searched {
  let [states, ends, completed] = [0, 0, 0];
  const visit = (moves: readonly Move[], left: number): readonly Move[] | undefined => {
    const w = worldAfter(setting, moves);
    states += 1;
    if (violation(w) !== undefined) return moves;
    const next = w.sessions.flatMap((session, index) => movesFor(w, session, w.sessions.length - 1 - index, left > 0));
    if (next.length === 0) {
      ends += 1;
      completed += w.sessions.filter(({ completedAt }) => completedAt !== undefined).length;
    }
    for (const move of next) {
      const found = visit([...moves, move], made(move) ? left - 1 : left);
      if (found !== undefined) return found;
    }
    return undefined;
  };
  const counterexample = visit([...starts, ...leaks], making);
  return { states, ends, completed, counterexample };
}
