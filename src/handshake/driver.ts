// Drives a machine on the octets of a stream: cuts them into messages, gives these to the machine, and encodes what it
// sends. The product and the conformance tester both use it.

import type { BytesAlgebra } from '../algebra/bytes.ts';
import type { FailureCode } from '../failure.ts';
import type { KemSizes } from '../generated/codec.ts';
import type { MessageName } from '../generated/messages.ts';
import type { Bytes } from '../octets.ts';
import type { Machine } from '../protocol/machine.ts';
import type { Awaited, Effect } from '../protocol/transition.ts';
import { reader } from '../wire/reader.ts';

/** A message to send. Its octets go on the wire unchanged. */
export interface Outgoing {
  readonly message: MessageName;
  readonly octets: Bytes;
}

/** The result of a call: messages received from the peer, and messages to send, in this order. */
export interface Exchange {
  readonly received: readonly { readonly message: MessageName; readonly octets: number }[];
  readonly send: readonly Outgoing[];
}

/** The last effect of a handshake. */
export type End = Exclude<Effect<Bytes>, { readonly effect: 'send' }>;

/** The parts that a driver connects. */
export interface DriverParts extends Pick<BytesAlgebra, 'algebra' | 'retain'> {
  readonly machine: Machine<Bytes>;
  /** The KEM of the suite, whose sizes the messages have. */
  readonly kem: KemSizes;
  /** Called once, at the end. A released key is wiped when this returns: copy it to keep it. */
  readonly onEnd: (end: End) => void;
}

/** One role of a handshake, on octets. */
export interface Driver {
  readonly start: () => Exchange;
  /** Takes octets from the peer, in any segmentation. */
  readonly receive: (octets: Bytes) => Exchange;
  /** Ends the run because something failed below the protocol. Nothing is sent. */
  readonly fail: (code: FailureCode, detail?: string) => void;
  readonly awaits: () => Awaited | undefined;
  /** Octets that were received and not used. */
  readonly rest: () => Bytes;
}

/** Drives a machine on octets. */
export function driver({ machine, algebra, retain, kem, onEnd }: DriverParts): Driver {
  const inbox = reader(kem);

  /** Performs the effects of a transition, then wipes the secrets that the new state does not hold. */
  function perform(effects: readonly Effect<Bytes>[]): Outgoing[] {
    const send: Outgoing[] = [];
    for (const effect of effects) {
      if (effect.effect !== 'send') onEnd(effect);
      else send.push({ message: effect.message.type, octets: algebra.message(effect.message) });
    }
    retain(machine.secrets());
    return send;
  }

  function receive(octets: Bytes): Exchange {
    const send: Outgoing[] = [];
    const received: { message: MessageName; octets: number }[] = [];
    if (machine.awaits() !== undefined) inbox.push(octets);
    for (let awaited = machine.awaits(); awaited !== undefined; awaited = machine.awaits()) {
      const taken = inbox.take(awaited.message);
      if (taken === 'incomplete') break;
      if (!taken.ok) {
        send.push(...perform(machine.fail(taken.code, taken.detail)));
        break;
      }
      const { message, octets: whole } = taken.value;
      received.push({ message: message.type, octets: whole.length });
      send.push(...perform(machine.take(message)));
    }
    return { received, send };
  }

  return {
    start: () => ({ received: [], send: perform(machine.start()) }),
    receive,
    fail: (code, detail) => void perform(machine.fail(code, detail)),
    awaits: machine.awaits,
    rest: inbox.rest,
  };
}
