// Both directions of a channel and the handshake inside, as pure transitions on octets or on terms.
//
//   inner handshake:   none       / started, or its first octets   ->  underWay
//                      underWay   / its last message, both ways    ->  completed   (switch goes out, unless we have closed)
//                      completed  / switch, or close of the peer   ->  none
//                      underWay   / close of the peer              ->  abandoned   (it had not sent all)
//                      underWay   / own close before all was sent  ->  abandoned
//                      none       / octets of it after own close   ->  abandoned   (the peer did not know)
import { match } from 'ts-pattern';
import type { RecordAlgebra } from '../algebra/records.ts';
import { type Checked, passed, refused } from '../failure.ts';
import type { ChannelCode, ChannelRecord } from '../generated/channel.ts';
import type { ChannelChain, ChannelExporter, ChannelRoot, ChannelSecret, SessionKey } from '../generated/kinds.ts';
import type { Role } from '../role.ts';
import {
  checkCount,
  type Inbound,
  inboundSecrets,
  type Receiving,
  takeCommitment,
  takeRecord,
  uncommitted,
} from './inbound.ts';
import { rootAfter, rootSecrets } from './keys.ts';
import { type Outbound, outboundSecrets, type Sealed, seal, switchTo, unopened } from './outbound.ts';

/** The handshake inside. */
export type Inner<O> =
  | { readonly inner: 'none' }
  /** `allSent`: our last message has gone out, so that a close of ours does not abandon it. */
  | { readonly inner: 'underWay'; readonly allSent: boolean }
  /** Completed here; the peer has not switched yet. A leak reveals what it sends under the new root. */
  | { readonly inner: 'completed'; readonly received: ChannelSecret<O> }
  /** Abandoned by a close: octets of it that still come are passed over (PQ-C-28). */
  | { readonly inner: 'abandoned' };

export interface ChannelState<O> {
  readonly role: Role;
  readonly outbound: Outbound<O>;
  readonly inbound: Inbound<O>;
  readonly chain: ChannelChain<O>;
  readonly exporter: ChannelExporter<O>;
  readonly inner: Inner<O>;
}

/** What a transition tells the driver. */
export type Happening<O> =
  | { readonly event: 'data'; readonly data: O }
  | { readonly event: 'peerClosed' }
  | { readonly event: 'handshakeRequested' }
  /** While an inner handshake is under way, or none is possible. */
  | { readonly event: 'requestIgnored' }
  | { readonly event: 'ratcheted'; readonly direction: 'sent' | 'received' }
  /** Octets for the inner handshake, which is made first where none is under way. */
  | { readonly event: 'inner'; readonly octets: O; readonly begins: boolean }
  /** Octets of an inner handshake that was abandoned. */
  | { readonly event: 'passedOver'; readonly octets: O };

export interface Step<O> {
  readonly state: ChannelState<O>;
  /** Commitments and whole records. */
  readonly output: readonly O[];
  readonly happened: readonly Happening<O>[];
}

/** The bounds of records under one key. */
export interface RecordLimits {
  readonly recordsBeforeRatchet: number;
  readonly recordsAtFailure: number;
}

/** Everything a transition needs besides the state. */
export interface Setting<O> {
  readonly algebra: RecordAlgebra<O>;
  readonly limits: RecordLimits;
}

const none = { inner: 'none' } as const;
const abandoned = { inner: 'abandoned' } as const;

/** The secrets that a state holds: its leak reveals them, and leaving it wipes them (PQ-C-08, PQ-C-09). */
export const channelSecrets = <O>({ outbound, inbound, chain, exporter, inner }: ChannelState<O>): readonly O[] => [
  ...outboundSecrets(outbound),
  ...inboundSecrets(inbound),
  chain,
  exporter,
  ...(inner.inner === 'completed' ? [inner.received] : []),
];

const secretOf = <O>(direction: Outbound<O> | Inbound<O>): O | undefined =>
  direction.state === 'closed' ? undefined : direction.protection.secret;

/** Whether two states hold the same secrets: most records change none. */
export const sameKeys = <O>(one: ChannelState<O>, other: ChannelState<O>): boolean =>
  one.chain === other.chain &&
  one.inner === other.inner &&
  secretOf(one.outbound) === secretOf(other.outbound) &&
  secretOf(one.inbound) === secretOf(other.inbound);

/** The state of a channel under its first root. */
export function openState<O>(algebra: RecordAlgebra<O>, role: Role, root: ChannelRoot<O>): ChannelState<O> {
  const { sent, received, chain, exporter } = rootSecrets(algebra, role, root);
  const outbound = unopened(algebra, sent);
  return { role, outbound, inbound: uncommitted(algebra, received), chain, exporter, inner: none };
}

/** Whether an inner handshake can be started, or asked for (PQ-C-26, PQ-C-29). */
export function innerStanding<O>({
  outbound,
  inbound,
  inner,
}: ChannelState<O>): 'possible' | 'under way' | 'impossible' {
  if (inner.inner === 'underWay' || inner.inner === 'completed') return 'under way';
  return outbound.state === 'closed' || inbound.state === 'closed' ? 'impossible' : 'possible';
}

const nothing: readonly Happening<never>[] = [];

const sentRatchets = <O>(ratchets: number): readonly Happening<O>[] =>
  ratchets === 0 ? nothing : Array.from({ length: ratchets }, () => ({ event: 'ratcheted', direction: 'sent' }));

const sent = <O>(state: ChannelState<O>, { state: outbound, output, ratchets }: Sealed<O>): Step<O> => ({
  state: { ...state, outbound },
  output,
  happened: sentRatchets(ratchets),
});

/** Seals one record. @throws TypeError when our direction has ended */
export const sendRecord = <O>(
  { algebra, limits }: Setting<O>,
  state: ChannelState<O>,
  record: Exclude<ChannelRecord<O>, { readonly type: 'close' | 'switch' }>,
  padding = 0,
): Step<O> =>
  sent(state, seal(algebra, state.outbound, record, { recordsBeforeRatchet: limits.recordsBeforeRatchet, padding }));

/** Ends our direction; abandons an inner handshake whose messages we have not all sent (PQ-C-19, PQ-C-28). */
export function sendClose<O>({ algebra, limits }: Setting<O>, state: ChannelState<O>): Step<O> {
  const closed = sent(state, seal(algebra, state.outbound, { type: 'close' }, limits));
  const { inner } = state;
  const leaves = inner.inner === 'underWay' && !inner.allSent;
  return leaves ? { ...closed, state: { ...closed.state, inner: abandoned } } : closed;
}

/** An inner handshake is under way; `allSent` once our last message has gone out. */
export const underWay = <O>(state: ChannelState<O>, allSent: boolean): ChannelState<O> => ({
  ...state,
  inner: { inner: 'underWay', allSent },
});

/** The inner handshake has completed here: its key and `chain` make the new root, under which we send at once (PQ-C-07, PQ-C-23). */
export function completeInner<O>(
  { algebra, limits }: Setting<O>,
  state: ChannelState<O>,
  sessionKey: SessionKey<O>,
): Step<O> {
  const root = rootAfter(algebra, state.chain, sessionKey);
  const { sent: own, received, chain, exporter } = rootSecrets(algebra, state.role, root);
  const next: ChannelState<O> = { ...state, chain, exporter, inner: { inner: 'completed', received } };
  return state.outbound.state === 'closed'
    ? { state: next, output: [], happened: [] }
    : sent(next, switchTo(algebra, state.outbound, own, limits));
}

/** The commitment of the peer came. */
export function onCommitment<O>(
  { algebra }: Setting<O>,
  state: ChannelState<O>,
  octets: O,
): Checked<ChannelState<O>, ChannelCode> {
  if (state.inbound.state !== 'uncommitted') throw new TypeError('no commitment is awaited');
  const taken = takeCommitment(algebra, state.inbound, octets);
  return taken.ok ? passed({ ...state, inbound: taken.value }) : taken;
}

/** A record is about to come: whether it may, under the present key. */
export const onHeader = <O>({ limits }: Setting<O>, inbound: Receiving<O>): Checked<true, ChannelCode> =>
  checkCount(inbound, limits);

/** A record of the peer came whole. */
export function onRecord<O>({ algebra }: Setting<O>, state: ChannelState<O>, octets: O): Checked<Step<O>, ChannelCode> {
  if (state.inbound.state !== 'open') throw new TypeError('no record is awaited');
  const opened = takeRecord(algebra, state.inbound, octets);
  if (!opened.ok) return opened;
  const { record, state: inbound } = opened.value;
  return act(algebra, { ...state, inbound }, record);
}

const stays = <O>(state: ChannelState<O>, ...happened: readonly Happening<O>[]): Checked<Step<O>, ChannelCode> =>
  passed({ state, output: [], happened });

/** What an opened record does. The direction in which it came has gone on already. */
function act<O>(
  algebra: RecordAlgebra<O>,
  state: ChannelState<O>,
  record: ChannelRecord<O>,
): Checked<Step<O>, ChannelCode> {
  if (record.type === 'data') return stays(state, { event: 'data', data: record.content });
  return match(record)
    .returnType<Checked<Step<O>, ChannelCode>>()
    .with({ type: 'close' }, () => stays(peerClosed(state), { event: 'peerClosed' }))
    .with({ type: 'ratchet' }, () => stays(state, { event: 'ratcheted', direction: 'received' }))
    .with({ type: 'handshake' }, ({ content }) => onInnerOctets(state, content))
    .with({ type: 'request' }, () => onRequest(state))
    .with({ type: 'switch' }, () => onSwitch(algebra, state))
    .exhaustive();
}

/** The peer had not sent all of an inner handshake that is still under way (PQ-C-28); one that completed needs no switch any more. */
function peerClosed<O>(state: ChannelState<O>): ChannelState<O> {
  const inner = match(state.inner)
    .returnType<Inner<O>>()
    .with({ inner: 'underWay' }, () => abandoned)
    .with({ inner: 'completed' }, () => none)
    .with({ inner: 'none' }, { inner: 'abandoned' }, (same) => same)
    .exhaustive();
  return { ...state, inner };
}

/** PQ-C-21, PQ-C-22, PQ-C-28. */
const onInnerOctets = <O>(state: ChannelState<O>, octets: O): Checked<Step<O>, ChannelCode> =>
  match(state.inner)
    .returnType<Checked<Step<O>, ChannelCode>>()
    .with({ inner: 'underWay' }, () => stays(state, { event: 'inner', octets, begins: false }))
    .with({ inner: 'abandoned' }, () => stays(state, { event: 'passedOver', octets }))
    .with({ inner: 'completed' }, () => refused('unexpected-handshake'))
    .with({ inner: 'none' }, () => {
      if (state.role === 'initiator') return refused('unexpected-handshake');
      if (state.outbound.state === 'closed')
        return stays({ ...state, inner: abandoned }, { event: 'passedOver', octets });
      return stays(underWay(state, false), { event: 'inner', octets, begins: true });
    })
    .exhaustive();

/** PQ-C-17, PQ-C-27. */
function onRequest<O>(state: ChannelState<O>): Checked<Step<O>, ChannelCode> {
  if (state.role === 'responder') return refused('request-from-initiator');
  return stays(state, { event: innerStanding(state) === 'possible' ? 'handshakeRequested' : 'requestIgnored' });
}

/** PQ-C-18: the peer's direction begins anew under the new root. */
function onSwitch<O>(algebra: RecordAlgebra<O>, state: ChannelState<O>): Checked<Step<O>, ChannelCode> {
  if (state.inner.inner !== 'completed') return refused('unexpected-switch');
  return stays({ ...state, inbound: uncommitted(algebra, state.inner.received), inner: none });
}
