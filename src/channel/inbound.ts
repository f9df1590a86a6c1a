// The direction in which a side receives, on octets or on terms.
//
//   uncommitted  commitment  ->  open
//   open         record      ->  open
//   open         ratchet     ->  open, under the next secret
//   open         switch      ->  uncommitted, under the new root (`switched`)
//   open         close       ->  closed
//   anything else            ->  failed
import { match } from 'ts-pattern';
import type { RecordAlgebra } from '../algebra/records.ts';
import { type Checked, passed, refused } from '../failure.ts';
import type { ChannelCode, ChannelRecord } from '../generated/channel.ts';
import type { ChannelSecret } from '../generated/kinds.ts';
import { type Begin, beginOf, beginSecrets, counted, type Protection, protectionSecrets, ratcheted } from './keys.ts';
import type { Closed } from './outbound.ts';

/** Awaits the commitment to a root. A leak reveals everything that will come, until the next root. */
export interface Uncommitted<O> extends Begin<O> {
  readonly state: 'uncommitted';
}

/** Awaits records. A leak reveals what comes from the last ratchet on, until the next root. */
export interface Receiving<O> {
  readonly state: 'open';
  readonly protection: Protection<O>;
}

export type Inbound<O> = Uncommitted<O> | Receiving<O> | Closed;

/** A record that was opened, and the state behind it. */
export interface Opened<O> {
  readonly state: Receiving<O> | Closed;
  readonly record: ChannelRecord<O>;
}

/** The secrets that a state holds: its leak reveals them, and leaving it wipes them. */
export const inboundSecrets = <O>(inbound: Inbound<O>): readonly O[] =>
  match(inbound)
    .with({ state: 'uncommitted' }, beginSecrets)
    .with({ state: 'open' }, ({ protection }) => protectionSecrets(protection))
    .with({ state: 'closed' }, () => [])
    .exhaustive();

/** The state at the begin of a direction under a root: at first, and behind `switch`. */
export const uncommitted = <O>(a: RecordAlgebra<O>, secret: ChannelSecret<O>): Uncommitted<O> => ({
  state: 'uncommitted',
  ...beginOf(a, secret),
});

/** The commitment came: nothing is opened before it is the right one (PQ-C-10). */
export function takeCommitment<O>(
  a: RecordAlgebra<O>,
  { commitment, protection }: Uncommitted<O>,
  received: O,
): Checked<Receiving<O>, ChannelCode> {
  const checked = a.checkCommitment({ expected: commitment, received });
  return checked.ok ? passed({ state: 'open', protection }) : checked;
}

/** Whether another record may come under the present key (PQ-C-32). */
export const checkCount = <O>(
  { protection }: Receiving<O>,
  { recordsAtFailure }: { readonly recordsAtFailure: number },
): Checked<true, ChannelCode> =>
  protection.sequence + 1 >= recordsAtFailure ? refused('too-many-records') : passed(true);

/** A record came. */
export function takeRecord<O>(
  a: RecordAlgebra<O>,
  { protection: p }: Receiving<O>,
  octets: O,
): Checked<Opened<O>, ChannelCode> {
  const opened = a.openRecord({ key: p.key, iv: p.iv, sequence: p.sequence, octets });
  if (!opened.ok) return opened;
  const record = opened.value;
  if (record.type === 'data') return passed({ state: { state: 'open', protection: counted(p) }, record });
  const state = match(record)
    .returnType<Receiving<O> | Closed>()
    .with({ type: 'close' }, () => ({ state: 'closed' }))
    .with({ type: 'ratchet' }, () => ({ state: 'open', protection: ratcheted(a, p) }))
    .with({ type: 'handshake' }, { type: 'request' }, { type: 'switch' }, () => ({
      state: 'open',
      protection: counted(p),
    }))
    .exhaustive();
  return passed({ state, record });
}
