// Vectors as a consumer runs them: from the files alone, through the public library, with either back end.

import {
  initiator,
  type Outcome,
  type Outgoing,
  type Handshake as Peer,
  parseCertificate,
  type Role,
  responder,
  type Suite,
} from '../../index.ts';
import { type Bytes, fromHex, toHex } from '../../octets.ts';
import type { Arrival, Delivery, Ending, FileOf, Handshake, Sent } from './format.ts';
import { schedules } from './schedules.ts';
import { trustOf } from './trust.ts';
import { changed } from './vectorOctets.ts';

/** The messages that arrived, those that were sent, and the ending. */
export interface Played {
  readonly sends: readonly (readonly Sent[])[];
  readonly outcome: Outcome;
  /** The number of the arrival that ended it; 0 is the start. */
  readonly endedAt: number | undefined;
}

/** The state of a peer in the words of vectors; `undefined` while it awaits a message. */
export function endingOf(outcome: Outcome): Ending | undefined {
  if (outcome.status === 'awaiting') return undefined;
  if (outcome.status === 'completed') return { status: 'completed' };
  const { code, step } = outcome.failure;
  return { status: 'failed', code, step };
}

/** A player of the vectors that name identities and handshakes of these files. */
export function player(identities: FileOf<'identities'>['cases'], handshakes: FileOf<'handshakes'>['cases']) {
  function identity(id: string) {
    const found = identities.find((one) => one.id === id);
    if (found === undefined) throw new Error(`there is no ${id}`);
    return found;
  }

  function handshake(id: string): Handshake {
    const found = handshakes.find((one) => one.id === id);
    if (found === undefined) throw new Error(`there is no ${id}`);
    return found;
  }

  function peer(of: Handshake, role: Role, suite: Suite, changes: Delivery['with'] = {}): Peer {
    const { identity: id, expectedPeer, coins } = of[role];
    const own = identity(id);
    const certificate = parseCertificate(fromHex(own.certificate));
    if (!certificate.ok) throw new Error(`${id}: ${certificate.code}`);
    const names = changes.trustAnchors ?? of.trustAnchors;
    const trustAnchors = trustOf(suite, { ...changes, trustAnchors: names.map((name) => identity(name).certificate) });
    const ss_pre = changes.ss_pre ?? of.ss_pre ?? '';
    const options = {
      suite,
      trustAnchors,
      time: new Date(changes.clock ?? of.clock),
      credentials: {
        certificate: certificate.value,
        decapsulationKey: suite.generateKemKey(fromHex(own.seed)),
      },
      reading: changes.reading ?? of.reading,
      schedule: schedules[of.schedule],
      preSharedSecret: ss_pre === '' ? undefined : fromHex(ss_pre),
      expectedPeer: changes.expectedPeer ?? expectedPeer ?? 'anyone',
      afterwards: changes.afterwards,
      coins: Object.fromEntries(Object.entries(coins).map(([name, octets]) => [name, fromHex(octets)])),
    };
    return role === 'initiator' ? initiator(options) : responder(options);
  }

  /** A whole message of a handshake vector. */
  function message(of: Handshake, type: number): Bytes {
    const found = of.messages.find((one) => one.type === type);
    if (found === undefined) throw new Error(`${of.id} has no message ${type}`);
    return fromHex(found.octets);
  }

  function arriving(base: Handshake, arrival: Exclude<Arrival, { event: unknown }>): Bytes {
    if ('octets' in arrival) return fromHex(arrival.octets);
    return changed(message(arrival.of === undefined ? base : handshake(arrival.of), arrival.message), arrival);
  }

  function sentOf(base: Handshake, { octets }: Outgoing): Sent {
    const type = octets[1] ?? 0;
    const same = toHex(octets) === toHex(message(base, type));
    return same ? { message: type } : { message: type, octets: toHex(octets) };
  }

  /** One peer, and the octets that arrive at it. It must send nothing for arrivals after its end. */
  function play(delivery: Omit<Delivery, 'sends' | 'outcome'>, suite: Suite): Played {
    const base = handshake(delivery.base);
    const one = peer(base, delivery.role, suite, delivery.with);
    let progress = one.start();
    const sends: Sent[][] = [progress.send.map((sent) => sentOf(base, sent))];
    let endedAt: number | undefined;
    for (const [index, arrival] of delivery.arrivals.entries()) {
      progress = 'event' in arrival ? one.fail(arrival.event) : one.receive(arriving(base, arrival));
      sends.push(progress.send.map((sent) => sentOf(base, sent)));
      if (progress.outcome.status !== 'awaiting') endedAt ??= index + 1;
    }
    if (progress.outcome.status !== 'awaiting') {
      const rest = base.messages.flatMap(({ type }) => one.receive(message(base, type)).send);
      if (rest.length > 0) throw new Error(`${delivery.id}: sent ${rest.length} messages after its end`);
    }
    return { sends, outcome: progress.outcome, endedAt };
  }

  return { handshake, peer, message, play };
}
