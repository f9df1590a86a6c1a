// The direction in which a side sends, on octets or on terms.
//
//   unopened   / commitment, record  ->  open          (the commitment goes out with the first record)
//   open       / record              ->  open          (ratchet first, where the key has sealed enough)
//   open       / ratchet             ->  open, under the next secret
//   open       / switch, commitment  ->  open, under the new root
//   any        / close               ->  closed
import { match } from 'ts-pattern';
import type { RecordAlgebra } from '../algebra/records.ts';
import type { ChannelRecord } from '../generated/channel.ts';
import type { ChannelSecret } from '../generated/kinds.ts';
import { type Begin, beginOf, beginSecrets, counted, type Protection, protectionSecrets, ratcheted } from './keys.ts';

/** Nothing was sent. A leak reveals everything that will be, until the next root. */
export interface Unopened<O> extends Begin<O> {
  readonly state: 'unopened';
}

/** A leak reveals what is sent from the last ratchet on, until the next root. */
export interface Sending<O> {
  readonly state: 'open';
  readonly protection: Protection<O>;
}

/** The direction has ended in order. Nothing to leak. */
export interface Closed {
  readonly state: 'closed';
}

export type Outbound<O> = Unopened<O> | Sending<O> | Closed;

/** What goes out, and the state after it. */
export interface Sealed<O> {
  readonly state: Outbound<O>;
  /** Commitments and whole records, in this order. */
  readonly output: readonly O[];
  /** How often the key was succeeded. */
  readonly ratchets: number;
}

/** The secrets that a state holds: its leak reveals them, and leaving it wipes them. */
export const outboundSecrets = <O>(outbound: Outbound<O>): readonly O[] =>
  match(outbound)
    .with({ state: 'unopened' }, beginSecrets)
    .with({ state: 'open' }, ({ protection }) => protectionSecrets(protection))
    .with({ state: 'closed' }, () => [])
    .exhaustive();

/** The state before anything is sent under the first root. */
export const unopened = <O>(a: RecordAlgebra<O>, secret: ChannelSecret<O>): Unopened<O> => ({
  state: 'unopened',
  ...beginOf(a, secret),
});

interface Written<O> {
  readonly protection: Protection<O>;
  readonly octets: O;
}

/** One record under the present key. */
function write<O>(a: RecordAlgebra<O>, p: Protection<O>, record: ChannelRecord<O>, padding: number): Written<O> {
  const octets = a.sealRecord({ key: p.key, iv: p.iv, sequence: p.sequence, record, padding });
  return { octets, protection: record.type === 'ratchet' ? ratcheted(a, p) : counted(p) };
}

/** The commitment that is still due. */
const due = <O>(a: RecordAlgebra<O>, outbound: Unopened<O> | Sending<O>): readonly O[] =>
  outbound.state === 'unopened' ? [a.publish(outbound.commitment)] : [];

/**
 * Seals a record; first, where it is due, the commitment (PQ-C-10) and a ratchet (PQ-C-31).
 * @throws TypeError when the direction has ended
 */
export function seal<O>(
  a: RecordAlgebra<O>,
  outbound: Outbound<O>,
  record: ChannelRecord<O>,
  { recordsBeforeRatchet, padding = 0 }: { readonly recordsBeforeRatchet: number; readonly padding?: number },
): Sealed<O> {
  if (outbound.state === 'closed') throw new TypeError('the channel was closed for sending');
  const output: O[] = [...due(a, outbound)];
  let { protection } = outbound;
  let ratchets = 0;
  if (protection.sequence >= recordsBeforeRatchet && record.type !== 'ratchet') {
    const before = write(a, protection, { type: 'ratchet' }, 0);
    output.push(before.octets);
    protection = before.protection;
    ratchets += 1;
  }
  const written = write(a, protection, record, padding);
  output.push(written.octets);
  if (record.type === 'data') return { state: { state: 'open', protection: written.protection }, output, ratchets };
  return match(record)
    .returnType<Sealed<O>>()
    .with({ type: 'close' }, () => ({ state: { state: 'closed' }, output, ratchets }))
    .with({ type: 'ratchet' }, () => ({
      state: { state: 'open', protection: written.protection },
      output,
      ratchets: ratchets + 1,
    }))
    .with({ type: 'handshake' }, { type: 'request' }, { type: 'switch' }, () => ({
      state: { state: 'open', protection: written.protection },
      output,
      ratchets,
    }))
    .exhaustive();
}

/** Sends `switch`, and the commitment to the new root at once (PQ-C-23). @throws TypeError when the direction has ended */
export function switchTo<O>(
  a: RecordAlgebra<O>,
  outbound: Outbound<O>,
  secret: ChannelSecret<O>,
  limits: { readonly recordsBeforeRatchet: number },
): Sealed<O> {
  const { output, ratchets } = seal(a, outbound, { type: 'switch' }, limits);
  const { commitment, protection } = beginOf(a, secret);
  return { state: { state: 'open', protection }, output: [...output, a.publish(commitment)], ratchets };
}
