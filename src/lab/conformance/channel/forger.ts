// The tester's side of a channel: the product's, but each of its records is sealed here when it is put on the wire, so that a case can
// put others before it, in its place, or behind it. No sockets, no clock.

import { writeNonce } from '../../../algebra/bytesRecords.ts';
import { type Channel, type ChannelProgress, openChannel } from '../../../channel/channel.ts';
import type { InnerHandshake } from '../../../channel/options.ts';
import type { Suite } from '../../../crypto/suite.ts';
import { channelSizes, type RecordName, recordOfType, recordTable } from '../../../generated/channel.ts';
import { sizes } from '../../../generated/constants.ts';
import type { Session } from '../../../handshake/session.ts';
import { type Bytes, concat, same } from '../../../octets.ts';

/** A key of the tester's direction, and the sequence number that is next under it. */
interface Key {
  readonly key: Bytes;
  readonly iv: Bytes;
  sequence: number;
}

/** A part of the tester's stream, before it is sealed. */
export type Part =
  | { readonly what: 'commitment'; readonly octets: Bytes }
  | { readonly what: RecordName; readonly content: Bytes; readonly padding: number; readonly under: Key };

/** Puts other octets in the place of a part. `seal` gives the right ones. */
export type Edit = (part: Part, forger: Forger) => readonly Bytes[];

export interface Forger {
  readonly channel: Channel;
  /** The parts that a call of the channel wants to send, in this order. */
  readonly parts: (progress: ChannelProgress) => readonly Part[];
  /** The octets of a part as they should be. Sealing counts: parts are sealed in the order in which they go out. */
  readonly seal: (part: Part) => Bytes;
  /** A record of any type and content under the present key, with its number; in front of it a commitment that is due. */
  readonly forge: (type: number, content?: Bytes, padding?: number) => Bytes;
  /** The same under the key before the present one. */
  readonly forgeUnderOldKey: (type: number, content?: Bytes) => Bytes;
  /** How many records the present key has sealed. */
  readonly sealed: () => number;
  /** The commitment that is due under the present root; empty when it has gone out. */
  readonly commitment: () => Bytes;
}

const none: Bytes = new Uint8Array(0);

/** The octet of a type of record. */
export const typeOf = (name: RecordName): number => recordTable[name].type;

export interface ForgerOptions {
  readonly session: Session;
  readonly suite: Suite;
  readonly innerHandshake: InnerHandshake;
}

/** Opens the tester's side of a channel. */
export function forger({ session, suite, innerHandshake }: ForgerOptions): Forger {
  const keys: Key[] = [];
  const planned = new Map<Bytes, Part>();

  /** Keeps what is to be sealed, and seals nothing. The first nonce under a key is its initial vector, as its number is 0. */
  const keeping: Suite['sealInPlace'] = (key, initialVector, whole, start) => {
    const before = keys.at(-1);
    if (before === undefined || !same(before.key, key))
      keys.push({ key: Uint8Array.from(key), iv: Uint8Array.from(initialVector), sequence: 0 });
    const inside = whole.subarray(start, -sizes.authenticationTag);
    const at = inside.findLastIndex((octet) => octet !== 0);
    const [under, what] = [keys.at(-1), recordOfType(inside[at] ?? 0)];
    if (under === undefined || what === undefined) throw new TypeError('the channel seals a record of no type');
    const padding = inside.length - channelSizes.type - at;
    planned.set(whole, { what, content: inside.slice(0, at), padding, under });
  };
  // The tester makes a ratchet where a case wants one, and nowhere else.
  const limits = { recordsBeforeRatchet: Number.MAX_SAFE_INTEGER };
  const channel = openChannel({ session, suite: { ...suite, sealInPlace: keeping }, innerHandshake, limits });

  const parts = ({ output }: ChannelProgress): Part[] =>
    output.map((octets): Part => {
      const part = planned.get(octets) ?? { what: 'commitment', octets };
      planned.delete(octets);
      return part;
    });

  function record(under: Key, type: number, content: Bytes, padding: number): Bytes {
    const inside = concat(content, Uint8Array.of(type), new Uint8Array(padding));
    const octets = inside.length + sizes.authenticationTag;
    const length = Uint8Array.of(octets >>> 8, octets & 0xff);
    const initialVector = writeNonce(new Uint8Array(sizes.initialVector), under.iv, under.sequence);
    under.sequence += 1;
    return concat(length, suite.seal(under.key, initialVector, length, inside));
  }

  const seal = (part: Part): Bytes =>
    part.what === 'commitment' ? part.octets : record(part.under, typeOf(part.what), part.content, part.padding);

  const keyAt = (index: number): Key => {
    const key = keys.at(index);
    if (key === undefined) throw new TypeError('the tester has no such key yet');
    return key;
  };

  /** Lets the channel choose the present key, by a record that does not go out. @returns the commitment that is due */
  function present(): Bytes {
    if (channel.standing().sending !== 'open') return none;
    const due = parts(channel.send(none)).filter((part) => part.what === 'commitment');
    return concat(...due.map(seal));
  }

  return {
    channel,
    parts,
    seal,
    sealed: () => keys.at(-1)?.sequence ?? 0,
    commitment: present,
    forge: (type, content = none, padding = 0) => {
      const due = present();
      return concat(due, record(keyAt(-1), type, content, padding));
    },
    forgeUnderOldKey: (type, content = none) => {
      present();
      return record(keyAt(-2), type, content, 0);
    },
  };
}
