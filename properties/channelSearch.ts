// Every interleaving of two honest sides of a channel, on terms, up to a bound: data, ratchets, requests, inner handshakes and closes of both
// sides, and one record of either direction that arrives. The transitions are those of the product.
import type { RecordAlgebra } from '../src/algebra/records.ts';
import { symbolicAlgebra, trusting } from '../src/algebra/symbolic.ts';
import { symbolicRecords } from '../src/algebra/symbolicRecords.ts';
import { type Term, termStore } from '../src/algebra/terms.ts';
import {
  type ChannelState,
  completeInner,
  type Happening,
  innerStanding,
  onCommitment,
  onRecord,
  openState,
  type RecordLimits,
  type Setting,
  type Step,
  sendClose,
  sendRecord,
  underWay,
} from '../src/channel/state.ts';
import type { ChannelRoot, SessionKey } from '../src/generated/kinds.ts';
import { otherRole, type Role } from '../src/role.ts';

/** What the application of a side may wish, and how often. */
export type Wish = 'send' | 'ratchet' | 'close' | 'handshake';
export type Budget = Readonly<Record<Role, Readonly<Record<Wish, number>>>>;

interface SideState {
  readonly channel: ChannelState<Term>;
  /** Messages of the inner handshake that were taken. */
  readonly taken: number;
  readonly epoch: number;
  readonly delivered: readonly Term[];
  readonly sent: readonly Term[];
  readonly left: Readonly<Record<Wish, number>>;
  readonly started: number;
}

export interface World {
  readonly initiator: SideState;
  readonly responder: SideState;
  /** On the way from a side: commitments and records. */
  readonly wire: Readonly<Record<Role, readonly Term[]>>;
}

export interface Found {
  readonly worlds: number;
  readonly ends: number;
  /** The most inner handshakes that completed in one run. */
  readonly epochs: number;
  readonly abandoned: number;
  /** The moves to a world in which something was wrong, and what. */
  readonly wrong: readonly string[];
}

/** The messages that a message taken brings forth, and which it is: in the schedule `eager`. */
const takes = { initiator: [2, 4, 6, 8], responder: [1, 3, 5, 7] } as const;
const brings: Readonly<Record<number, readonly number[]>> = { 1: [2, 4], 2: [3], 3: [6], 4: [5], 5: [8], 6: [7] };
const last = { initiator: 7, responder: 8 } as const;

/** Searches all interleavings from the begin of a channel. */
export function search(budget: Budget, limits: RecordLimits): Found {
  const terms = termStore();
  const algebra: RecordAlgebra<Term> = symbolicRecords(terms, symbolicAlgebra(terms, trusting(terms.name('ca'))));
  const setting: Setting<Term> = { algebra, limits };
  const numbers = new Map<Term, number>();
  const seen = new Set<string>();
  const found = { worlds: 0, ends: 0, epochs: 0, abandoned: 0, wrong: [] as string[] };

  const numberOf = (term: Term): number => {
    const known = numbers.get(term) ?? numbers.size;
    numbers.set(term, known);
    return known;
  };
  const keyOf = (world: World): string =>
    JSON.stringify(world, (_, value) =>
      typeof value === 'object' && value !== null && 'symbol' in value ? numberOf(value as Term) : value,
    );

  const message = (type: number, epoch: number): Term => terms.name(`m${type} of ${epoch}`);
  const begin = (role: Role): SideState => ({
    channel: openState(algebra, role, terms.name('root') as ChannelRoot<Term>),
    ...{ taken: 0, epoch: 0, delivered: [], sent: [], started: 0 },
    left: budget[role],
  });

  function put(world: World, role: Role, side: SideState, out: readonly Term[]): World {
    const wire = { ...world.wire, [role]: [...world.wire[role], ...out] };
    return { ...world, [role]: side, wire };
  }

  const after = (world: World, role: Role, step: Step<Term>, more: Partial<SideState> = {}): World => {
    const next = put(world, role, { ...world[role], ...more, channel: step.state }, step.output);
    return step.happened.reduce((now, one) => happen(now, role, one), next);
  };

  function sendMessages(world: World, role: Role, types: readonly number[]): World {
    let now = world;
    for (const type of types) {
      const content = message(type, now[role].epoch + 1);
      now = after(now, role, sendRecord(setting, now[role].channel, { type: 'handshake', content }));
      if (type === last[role]) now = put(now, role, { ...now[role], channel: underWay(now[role].channel, true) }, []);
    }
    return now;
  }

  function happen(world: World, role: Role, one: Happening<Term>): World {
    const side = world[role];
    if (one.event === 'data') return put(world, role, { ...side, delivered: [...side.delivered, one.data] }, []);
    if (one.event !== 'inner') return world;
    const taken = one.begins ? 0 : side.taken;
    const type = takes[role][taken] ?? 0;
    if (one.octets !== message(type, side.epoch + 1)) throw new Error(`${role} took ${one.octets.label} for ${type}`);
    const next = sendMessages(put(world, role, { ...side, taken: taken + 1 }, []), role, brings[type] ?? []);
    if (taken + 1 < takes[role].length) return next;
    const epoch = side.epoch + 1;
    const completed = completeInner(setting, next[role].channel, terms.name(`k${epoch}`) as SessionKey<Term>);
    return after(next, role, completed, { epoch, taken: 0 });
  }

  function arrive(world: World, from: Role): World {
    const to = otherRole(from);
    const [item, ...rest] = world.wire[from];
    if (item === undefined) throw new Error('nothing is on the way');
    const now: World = { ...world, wire: { ...world.wire, [from]: rest } };
    const { channel } = now[to];
    if (channel.inbound.state === 'uncommitted') {
      const taken = onCommitment(setting, channel, item);
      if (!taken.ok) throw new Error(`${to}: ${taken.code}`);
      return put(now, to, { ...now[to], channel: taken.value }, []);
    }
    const taken = onRecord(setting, channel, item);
    if (!taken.ok) throw new Error(`${to}: ${taken.code}`);
    return after(now, to, taken.value);
  }

  /** What a wish of the application makes of a world, where it can have it. */
  function wish(world: World, role: Role, what: Wish): World | undefined {
    const side = world[role];
    const { channel } = side;
    if (side.left[what] === 0 || channel.outbound.state === 'closed') return undefined;
    const left = { ...side.left, [what]: side.left[what] - 1 };
    if (what === 'send') {
      const content = terms.name(`${role} ${side.sent.length}`);
      return after(world, role, sendRecord(setting, channel, { type: 'data', content }), {
        ...{ left, sent: [...side.sent, content] },
      });
    }
    if (what === 'ratchet') return after(world, role, sendRecord(setting, channel, { type: 'ratchet' }), { left });
    if (what === 'close') return after(world, role, sendClose(setting, channel), { left });
    if (innerStanding(channel) !== 'possible') return undefined;
    if (role === 'responder') return after(world, role, sendRecord(setting, channel, { type: 'request' }), { left });
    const started = { ...side, left, taken: 0, started: side.started + 1, channel: underWay(channel, false) };
    return sendMessages(put(world, role, started, []), role, [1]);
  }

  /** What is wrong with a world in which nothing is on the way any more. */
  function wrongAtRest({ initiator: i, responder: r }: World): string | undefined {
    const closed = [i, r].some(({ channel }) => channel.outbound.state === 'closed');
    if (i.delivered.join() !== r.sent.join() || r.delivered.join() !== i.sent.join()) return 'data is missing';
    if (i.epoch !== r.epoch || i.channel.exporter !== r.channel.exporter) return 'epochs differ';
    if ([i, r].some(({ channel }) => innerStanding(channel) === 'under way')) return 'an inner handshake hangs';
    return !closed && i.epoch !== i.started ? 'an inner handshake is lost' : undefined;
  }

  const stack: { world: World; moves: string }[] = [
    {
      world: { initiator: begin('initiator'), responder: begin('responder'), wire: { initiator: [], responder: [] } },
      moves: '',
    },
  ];
  const visit = (make: () => World | undefined, moves: string): void => {
    try {
      const world = make();
      if (world === undefined) return;
      const key = keyOf(world);
      if (seen.has(key)) return;
      seen.add(key);
      stack.push({ world, moves });
    } catch (error) {
      found.wrong.push(`${moves}: ${(error as Error).message}`);
    }
  };
  for (let now = stack.pop(); now !== undefined; now = stack.pop()) {
    const { world, moves } = now;
    found.worlds += 1;
    const { initiator: i, responder: r, wire } = world;
    if (Math.abs(i.epoch - r.epoch) > 1) found.wrong.push(`${moves}: one side is two epochs ahead`);
    found.epochs = Math.max(found.epochs, i.epoch);
    if (wire.initiator.length + wire.responder.length === 0) {
      found.ends += 1;
      if (i.channel.inner.inner === 'abandoned' || r.channel.inner.inner === 'abandoned') found.abandoned += 1;
      const wrong = wrongAtRest(world);
      if (wrong !== undefined) found.wrong.push(`${moves}: ${wrong}`);
    }
    for (const role of ['initiator', 'responder'] as const) {
      if (wire[role].length > 0) visit(() => arrive(world, role), `${moves} ${role}>`);
      for (const what of ['send', 'ratchet', 'close', 'handshake'] as const)
        visit(() => wish(world, role, what), `${moves} ${role}:${what}`);
    }
  }
  return found;
}
