// Runs the transitions of src/channel on terms: at each place of a stream, what each record does, for who seals and for who opens.
import { match } from 'ts-pattern';
import type { RecordAlgebra } from '../../../algebra/records.ts';
import { symbolicAlgebra, trusting } from '../../../algebra/symbolic.ts';
import { symbolicRecords } from '../../../algebra/symbolicRecords.ts';
import { type Term, type Terms, termStore } from '../../../algebra/terms.ts';
import { type Inbound, inboundSecrets } from '../../../channel/inbound.ts';
import { firstRoot } from '../../../channel/keys.ts';
import { type Outbound, outboundSecrets } from '../../../channel/outbound.ts';
import {
  type ChannelState,
  completeInner,
  onCommitment,
  onRecord,
  openState,
  type Setting,
  sendClose,
  sendRecord,
  underWay,
} from '../../../channel/state.ts';
import { passed } from '../../../failure.ts';
import { type ChannelRecord, isFilled, type RecordName, recordTable } from '../../../generated/channel.ts';
import type { SessionKey } from '../../../generated/kinds.ts';
import type { Role } from '../../../role.ts';
import type { ChannelProtocol } from './mutants.ts';

/** Where a record stands: roots before its own, ratchets under this root, records before it under this key. */
export interface Place {
  readonly epoch: number;
  readonly generation: number;
  readonly sequence: number;
}

/** The values of a direction that the next place goes on with. */
export interface Values {
  readonly secret: Term;
  readonly chain: Term;
  readonly exporter: Term;
}

/** What records of some types do at a place; all of them the same. */
export interface Alternative {
  readonly types: readonly RecordName[];
  /** Commitments and records that go out, for who seals. */
  readonly output: readonly Term[];
  /** The record inside. */
  readonly record: Term;
  /** Where the direction goes on; undefined when it has ended. */
  readonly next: (Values & { readonly place: Place }) | undefined;
}

export interface Node {
  readonly place: Place;
  readonly values: Values;
  /** What a leak of the memory of this direction gives away. */
  readonly leak: readonly Term[];
  readonly alternatives: readonly Alternative[];
  /** For who opens: the check of the commitment that comes first, if there is one, and how a record is opened. */
  readonly commitment?: { readonly expected: Term; readonly received: Term } | undefined;
  readonly opened?: Term;
  /** For who opens: the leak when the inner handshake has completed and the peer has not switched yet. */
  readonly lateLeak?: readonly Term[] | undefined;
}

/** A run of a channel on terms, in one store. */
export interface ChannelRun {
  /** How many roots the model has, secrets under a root, and records under a key. */
  readonly bounds: Place;
  readonly terms: Terms;
  readonly algebra: RecordAlgebra<Term>;
  readonly sends: (role: Role) => readonly Node[];
  readonly receives: (role: Role) => readonly Node[];
}

const limits = { recordsBeforeRatchet: Number.POSITIVE_INFINITY, recordsAtFailure: Number.POSITIVE_INFINITY };
const types = Object.keys(recordTable) as RecordName[];
const maySend = (role: Role, type: RecordName): boolean => ['both', role].includes(recordTable[type].sender);

/** Every place below bounds, the last ones first. */
function placesBelow(bounds: Place): Place[] {
  const below = (count: number): number[] => Array.from({ length: count }, (_, at) => at);
  const all = below(bounds.epoch).flatMap((epoch) =>
    below(bounds.generation).flatMap((generation) =>
      below(bounds.sequence).map((sequence) => ({ epoch, generation, sequence })),
    ),
  );
  return all.reverse();
}

const later = (place: Place, type: RecordName): Place =>
  match(type)
    .returnType<Place>()
    .with('switch', () => ({ epoch: place.epoch + 1, generation: 0, sequence: 0 }))
    .with('ratchet', () => ({ ...place, generation: place.generation + 1, sequence: 0 }))
    .otherwise(() => ({ ...place, sequence: place.sequence + 1 }));

const valuesOf = (state: ChannelState<Term>, direction: Outbound<Term> | Inbound<Term>): Values | undefined =>
  direction.state === 'closed'
    ? undefined
    : { secret: direction.protection.secret, chain: state.chain, exporter: state.exporter };

/** Alternatives that go on alike are one. */
function grouped(found: readonly Alternative[]): Alternative[] {
  const groups = new Map<string, Alternative>();
  for (const one of found) {
    const key = one.next === undefined ? 'ended' : JSON.stringify(one.next.place);
    const before = groups.get(key);
    if (before !== undefined && before.next?.secret !== one.next?.secret)
      throw new Error(`${one.types}: another secret`);
    groups.set(key, before === undefined ? one : { ...before, types: [...before.types, ...one.types] });
  }
  return [...groups.values()];
}

/** Runs a channel. The names in its terms: `root`, `k_session`, `content`, `octets`, `commitment`. */
export function runChannel({ broken }: ChannelProtocol, bounds: Place): ChannelRun {
  const places = placesBelow(bounds);
  const terms = termStore();
  let decided: ChannelRecord<Term> = { type: 'data', content: terms.name('content') };
  let opened: Term | undefined;
  let compared: Node['commitment'];
  const symbolic = symbolicRecords(terms, symbolicAlgebra(terms, trusting(terms.name('authority'))));
  const exploring: RecordAlgebra<Term> = {
    ...symbolic,
    // A record from outside opens to whatever is looked at now, by what sealing it takes.
    openRecord: ({ octets, ...numbered }) => {
      const { parts } = symbolic.sealRecord({ ...numbered, record: decided, padding: 0 });
      opened = terms.make('open', [...parts.slice(0, -1), octets]);
      return passed(decided);
    },
    checkCommitment: (of) => {
      compared = of;
      return passed(true);
    },
  };
  const algebra = broken?.(exploring) ?? exploring;
  const setting: Setting<Term> = { algebra, limits };
  const root = firstRoot(terms.name('root') as SessionKey<Term>);
  const sessionKey = terms.name('k_session') as SessionKey<Term>;
  const octets = terms.name('octets');
  const recordOf = (type: RecordName): ChannelRecord<Term> =>
    isFilled(type) ? { type, content: terms.name('content') } : { type };
  const inside = (type: RecordName): Term => terms.make('record', isFilled(type) ? [terms.name('content')] : [], type);

  function send(state: ChannelState<Term>, type: RecordName) {
    if (type === 'switch') return completeInner(setting, state, sessionKey);
    if (type === 'close') return sendClose(setting, state);
    return sendRecord(setting, state, recordOf(type) as Parameters<typeof sendRecord<Term>>[2]);
  }

  /** Takes the record in the state of the inner handshake in which it can come; undefined where it can in none. */
  function take(state: ChannelState<Term>, type: RecordName): ChannelState<Term> | undefined {
    decided = recordOf(type);
    const states = [state, underWay(state, false), completeInner(setting, state, sessionKey).state];
    const taken = states.map((one) => onRecord(setting, one, octets)).find(({ ok }) => ok);
    return taken?.ok === true ? taken.value.state : undefined;
  }

  const committed = (state: ChannelState<Term>): ChannelState<Term> => {
    if (state.inbound.state !== 'uncommitted') return state;
    const checked = onCommitment(setting, state, terms.name('commitment'));
    if (!checked.ok) throw new Error(checked.code);
    return checked.value;
  };

  /** The state at a place: after switches, then ratchets, then records of data. */
  function reach(
    role: Role,
    { epoch, generation, sequence }: Place,
    go: (s: ChannelState<Term>, t: RecordName) => ChannelState<Term>,
  ) {
    const steps = [
      [epoch, 'switch'],
      [generation, 'ratchet'],
      [sequence, 'data'],
    ] as const;
    const path = steps.flatMap(([count, type]) => Array.from({ length: count }, (): RecordName => type));
    return path.reduce(go, openState(algebra, role, root));
  }

  function sends(role: Role): Node[] {
    return places.map((place) => {
      const state = reach(role, place, (before, type) => ({ ...send(before, type).state, inner: { inner: 'none' } }));
      const values = valuesOf(state, state.outbound) as Values;
      const found = types
        .filter((type) => maySend(role, type) && (type !== 'switch' || place.epoch + 1 < bounds.epoch))
        .map((type): Alternative => {
          const { state: after, output } = send(state, type);
          const next = valuesOf(after, after.outbound);
          return { types: [type], output, record: inside(type), next: next && { ...next, place: later(place, type) } };
        });
      const leak = [...outboundSecrets(state.outbound), state.chain, state.exporter];
      return { place, values, leak, alternatives: grouped(found) };
    });
  }

  function receives(role: Role): Node[] {
    const go = (before: ChannelState<Term>, type: RecordName): ChannelState<Term> => {
      const after = take(committed(before), type);
      if (after === undefined) throw new Error(`${role}: no ${type} can come`);
      return after;
    };
    return places.map((place) => {
      const state = reach(role, place, go);
      const values = valuesOf(state, state.inbound) as Values;
      compared = undefined;
      const open = committed(state);
      const commitment = compared;
      const found = types.flatMap((type): Alternative[] => {
        const after = type === 'switch' && place.epoch + 1 >= bounds.epoch ? undefined : take(open, type);
        if (after === undefined) return [];
        const next = valuesOf(after, after.inbound);
        return [
          { types: [type], output: [], record: inside(type), next: next && { ...next, place: later(place, type) } },
        ];
      });
      const leakOf = ({ inbound, chain, exporter, inner }: ChannelState<Term>): Term[] => [
        ...inboundSecrets(inbound),
        chain,
        exporter,
        ...(inner.inner === 'completed' ? [inner.received] : []),
      ];
      const completes = place.epoch + 1 < bounds.epoch;
      const lateLeak = completes ? leakOf(completeInner(setting, open, sessionKey).state) : undefined;
      const node = { place, values, leak: leakOf(state), lateLeak, alternatives: grouped(found), commitment };
      return opened === undefined ? node : { ...node, opened };
    });
  }

  return { bounds, terms, algebra, sends, receives };
}
