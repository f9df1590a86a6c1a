// Which vector tells a changed protocol from the real one: by other octets, another end, or none. What is judged by framing and
// time alone is left out, as the state machines are driven here without a wire.

import { readFileSync } from 'node:fs';
import { type Bytes, fromHex, toHex } from '../../octets.ts';
import { decode } from '../../wire/frame.ts';
import type { Variant } from '../adversary/session.ts';
import type { Arrival, Delivery, FileOf, Handshake, Identity, VectorFile } from './format.ts';
import { endingOf, type Plan, peerOf } from './run.ts';
import { changed } from './vectorOctets.ts';

type Change = (variant: Variant) => Variant;

/** The messages of a peer and its ending, in a line. */
interface Said {
  readonly sent: readonly string[];
  readonly end: string;
}

/** The files that are looked at. */
export interface Vectors {
  readonly identities: FileOf<'identities'>['cases'];
  readonly handshakes: FileOf<'handshakes'>['cases'];
  readonly deliveries: FileOf<'deliveries'>['cases'];
}

/** The published vectors. */
export function readVectors(): Vectors {
  const cases = <C>(kind: VectorFile['kind']): readonly C[] =>
    (JSON.parse(readFileSync(`spec/vectors/v1/${kind}.json`, 'utf8')) as { cases: readonly C[] }).cases;
  return { identities: cases('identities'), handshakes: cases('handshakes'), deliveries: cases('deliveries') };
}

/** @returns a function that finds the vector which tells a change of the protocol */
export function judge({ identities, handshakes, deliveries }: Vectors) {
  const identity = (id: string): Identity => found(identities, id);
  const message = (of: Handshake, type: number): string => of.messages.find((one) => one.type === type)?.octets ?? '';

  function planOf(base: Handshake, role: 'initiator' | 'responder', given: Delivery['with'] = {}): Plan {
    const party = (id: string) => {
      const { certificate, seed } = identity(id);
      return { certificate: fromHex(certificate), seed: fromHex(seed) };
    };
    const ss_pre = given.ss_pre ?? base.ss_pre ?? '';
    const names = given.trustAnchors ?? base.trustAnchors;
    return {
      id: base.id,
      reading: given.reading ?? base.reading,
      schedule: base.schedule,
      clock: given.clock ?? base.clock,
      trustAnchors: names.map((name) => identity(name).certificate),
      revocationLists: given.revocationLists,
      ss_pre: ss_pre === '' ? undefined : fromHex(ss_pre),
      initiator: party(base.initiator.identity),
      responder: party(base.responder.identity),
      expectedPeer: given.expectedPeer ?? (base[role].expectedPeer === 'bob' ? 'bob' : undefined),
    };
  }

  const octetsOf = (base: Handshake, arrival: Exclude<Arrival, { event: unknown }>): Bytes => {
    if ('octets' in arrival) return fromHex(arrival.octets);
    const of = arrival.of === undefined ? base : found(handshakes, arrival.of);
    return changed(fromHex(message(of, arrival.message)), arrival);
  };

  /** A role of the changed protocol; `undefined` when an arrival is for the framing to judge. */
  function play(delivery: Delivery, change: Change): Said | undefined {
    const base = found(handshakes, delivery.base);
    const plan = { ...planOf(base, delivery.role, delivery.with), variant: change };
    const { started, algebra } = peerOf(plan, delivery.role);
    let effects = started.start();
    const sent: string[] = [];
    let end = 'awaiting';
    for (const arrival of [undefined, ...delivery.arrivals]) {
      if (arrival !== undefined) {
        const awaited = started.awaits()?.message;
        if ('event' in arrival) return undefined;
        if (awaited === undefined) break;
        const decoded = decode(octetsOf(base, arrival), awaited);
        if (!decoded.ok) return undefined;
        effects = started.take(decoded.value);
      }
      for (const effect of effects) if (effect.effect === 'send') sent.push(toHex(algebra.message(effect.message)));
      const ending = endingOf(effects);
      if (ending !== undefined) end = ending.status === 'failed' ? ending.code : ending.status;
    }
    return { sent, end };
  }

  /** The messages and the ending of the vector. */
  function stated(delivery: Delivery): Said {
    const base = found(handshakes, delivery.base);
    const { sends, outcome } = delivery;
    return {
      sent: sends.flat().map(({ message: type, octets }) => octets ?? message(base, type)),
      end: outcome.status === 'failed' ? outcome.code : outcome.status,
    };
  }

  function differs(delivery: Delivery, change: Change): boolean {
    let said: Said | undefined;
    try {
      said = play(delivery, change);
    } catch {
      return true; // it cannot even go on
    }
    if (said === undefined) return false;
    const { sent, end } = stated(delivery);
    return said.end !== end || said.sent.join() !== sent.join();
  }

  /** Every handshake, as the arrivals at each of its peers in turn. */
  const honest: readonly Delivery[] = handshakes.flatMap((one) =>
    (['initiator', 'responder'] as const).map((role) => {
      const types = role === 'initiator' ? [2, 4, 6, 8] : [1, 3, 5, 7];
      const sends = role === 'initiator' ? [1, 3, 5, 7] : [2, 4, 6, 8];
      const { version, draft, requirements, about, id } = one;
      return {
        id,
        about,
        version,
        draft,
        requirements,
        base: id,
        role,
        arrivals: types.map((message) => ({ message })),
        sends: [sends.map((message) => ({ message }))],
        outcome: one.outcome[role],
      };
    }),
  );
  const told = deliveries.filter(({ with: given }) => !/^URI:|=/.test(given?.expectedPeer ?? ''));

  /** The id of the first vector that tells the change, handshakes first; `undefined` when none does. */
  return (change: Change): string | undefined => [...honest, ...told].find((one) => differs(one, change))?.id;
}

function found<C extends { readonly id: string }>(cases: readonly C[], id: string): C {
  const one = cases.find((candidate) => candidate.id === id);
  if (one === undefined) throw new Error(`there is no ${id}`);
  return one;
}
