// A machine on the octets of a stream: cuts it into messages, hands them to the machine, writes down what the machine sends.
// The product and the conformance tester both run on it.

import type { BytesAlgebra } from '../algebra/bytes.ts';
import type { FailureCode } from '../failure.ts';
import type { KemSizes } from '../generated/codec.ts';
import type { MessageName } from '../generated/messages.ts';
import type { Bytes } from '../octets.ts';
import type { Machine } from '../protocol/machine.ts';
import type { Awaited, Effect } from '../protocol/transition.ts';
import { reader } from '../wire/reader.ts';

/** A message to send: its octets go on the wire as they are. */
export interface Outgoing {
  readonly message: MessageName;
  readonly octets: Bytes;
}

/** The answer to a call: messages taken from the peer, and messages to send, in this order. */
export interface Exchange {
  readonly received: readonly { readonly message: MessageName; readonly octets: number }[];
  readonly send: readonly Outgoing[];
}

/** The last effect of a handshake. */
export type End = Exclude<Effect<Bytes>, { readonly effect: 'send' }>;

/** The parts that a driver joins. */
export interface DriverParts extends Pick<BytesAlgebra, 'algebra' | 'retain'> {
  readonly machine: Machine<Bytes>;
  /** The KEM of the suite, whose octets stand on the wire. */
  readonly kem: KemSizes;
  /** Called once, at the end. A released key is wiped when this returns: who keeps it copies it. */
  readonly onEnd: (end: End) => void;
}

/** One role on octets. */
export interface Driver {
  readonly start: () => Exchange;
  /** Octets that came from the peer, in any segmentation. */
  readonly receive: (octets: Bytes) => Exchange;
  /** Something failed below the protocol. Nothing is sent. */
  readonly fail: (code: FailureCode, detail?: string) => void;
  readonly awaits: () => Awaited | undefined;
  /** Octets that came and were not taken. */
  readonly rest: () => Bytes;
}

/** Drives a machine on octets. */
export function driver({ machine, algebra, retain, kem, onEnd }: DriverParts): Driver {
  const inbox = reader(kem);

  /** Performs the effects of a transition, then wipes the secrets that the state reached does not hold. */
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
        send.push(...perform(machine.fail(taken.code)));
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
