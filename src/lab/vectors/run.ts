// Two peers against each other on the state machines themselves, recorded. A peer may be dishonest: nothing checks that its key
// is that of its certificate, nor that this is one.
import type { VerifiedCertificate } from '../../algebra/algebra.ts';
import { bytesAlgebra } from '../../algebra/bytes.ts';
import { bytesFraming } from '../../algebra/bytesFraming.ts';
import { parseCertificate } from '../../certificate/parse.ts';
import { certificateValidator } from '../../certificate/validate.ts';
import { noble } from '../../crypto/noble.ts';
import { type Checked, passed, refused } from '../../failure.ts';
import { type KemSizes, messageTable } from '../../generated/codec.ts';
import { sizes } from '../../generated/constants.ts';
import { type ReadingChoice, readingOf } from '../../generated/keySchedule.ts';
import type { Certificate, Kind, PreSharedSecret } from '../../generated/kinds.ts';
import type { Message } from '../../generated/messages.ts';
import { type Bytes, toHex } from '../../octets.ts';
import { type Machine, machine } from '../../protocol/machine.ts';
import type { Effect } from '../../protocol/transition.ts';
import { otherRole, type Role } from '../../role.ts';
import { decode } from '../../wire/frame.ts';
import type { Variant } from '../adversary/session.ts';
import type { Ending, Handshake, ScheduleName, WireMessage } from './format.ts';
import { schedules } from './schedules.ts';
import { type Trace, traceOf } from './trace.ts';
import { trustOf } from './trust.ts';
import { coins } from './vectorOctets.ts';

/** A peer of a run; the key need not be that of the certificate. */
export interface Party {
  readonly certificate: Bytes;
  readonly seed: Bytes;
}

export interface Plan {
  /** The id from which coins come. */
  readonly id: string;
  readonly reading: ReadingChoice;
  readonly schedule: ScheduleName;
  readonly clock: string;
  readonly trustAnchors: readonly string[];
  readonly revocationLists?: readonly string[] | undefined;
  readonly ss_pre?: Bytes | undefined;
  readonly initiator: Party;
  readonly responder: Party;
  /** The common name that a peer expects; judged after both confirmations. */
  readonly expectedPeer?: string | undefined;
  /** The octets of messages, where a proposal changes them, and the certificates that both peers hold, by their SHA-384. */
  readonly kem?: KemSizes | undefined;
  readonly held?: ((digest: Bytes) => Bytes | undefined) | undefined;
  /** A protocol that is broken in one place, for mutants, or that has proposals. */
  readonly variant?: (variant: Variant) => Variant;
}

/** The coins of each role, and their octets. */
export const coinOctets = {
  initiator: {
    ephemeralKey: sizes.keySeed,
    initialVector: sizes.initialVector,
    encapsulation: sizes.encapsulationCoins,
  },
  responder: {
    ephemeralEncapsulation: sizes.encapsulationCoins,
    initialVector: sizes.initialVector,
    encapsulation: sizes.encapsulationCoins,
  },
} as const;

/** The fixed coins of a role in a vector. */
export const coinsOf = (id: string, role: Role): Record<string, Bytes> =>
  Object.fromEntries(
    Object.entries(coinOctets[role]).map(([name, octets]) => [name, coins(id, `${role}.${name}`, octets)]),
  );

export interface Run {
  readonly traces: Readonly<Record<Role, Trace>>;
  readonly messages: readonly WireMessage[];
  readonly flights: Handshake['flights'];
  readonly endings: Readonly<Record<Role, Ending | undefined>>;
}

/** One peer of a plan, recorded. */
export function peerOf(plan: Plan, role: Role) {
  const { certificate, seed } = plan[role];
  const verify = certificateValidator({ trustAnchors: trustOf(noble, plan), time: new Date(plan.clock) });
  const accept = ({ certificate: der }: VerifiedCertificate<Bytes>): Checked<true> => {
    const parsed = parseCertificate(der);
    const expected = plan.expectedPeer === undefined || (parsed.ok && parsed.value.commonName === plan.expectedPeer);
    return expected ? passed(true) : refused('unexpected-peer');
  };
  const algebra = { ...bytesAlgebra(noble, { verify, accept }, plan.kem).algebra, ...bytesFraming(noble, plan.held) };
  const decapsulationKey = noble.generateKemKey(seed);
  const own = coinsOf(plan.id, role) as Record<string, Kind<Bytes, 'Coins'>>;
  const base: Variant = { reading: readingOf(plan.reading), schedule: schedules[plan.schedule] };
  const variant = plan.variant?.(base) ?? base;
  const has = {
    role,
    certificate: certificate as Certificate<Bytes>,
    decapsulationKey,
    keptCoins: (octets: number) => coins(plan.id, `${role}.kept`, octets) as Kind<Bytes, 'Coins'>,
    subjectKey: (der: Certificate<Bytes>) => {
      const parsed = parseCertificate(der);
      if (!parsed.ok) throw new Error('no subject key');
      return parsed.value.encapsulationKey;
    },
  };
  const broken = variant.broken?.(algebra, has) ?? algebra;
  const recorded = traceOf(variant.reading, broken);
  const started = machine(role, {
    algebra: recorded.algebra,
    reading: recorded.reading,
    schedule: variant.schedule,
    certificate: has.certificate,
    decapsulationKey,
    preSharedSecret: plan.ss_pre as PreSharedSecret<Bytes> | undefined,
    coins: own as never,
  });
  return { started, recorded, algebra };
}

/** The end of a peer, if it ended with these effects. */
export const endingOf = (effects: readonly Effect<Bytes>[]): Ending | undefined => {
  for (const effect of effects) {
    if (effect.effect === 'release') return { status: 'completed' };
    if (effect.effect === 'abort') return { status: 'failed', code: effect.failure.code, step: effect.failure.step };
  }
  return undefined;
};

/** Runs until neither peer has anything to say. */
export function run(plan: Plan): Run {
  const peers = { initiator: peerOf(plan, 'initiator'), responder: peerOf(plan, 'responder') };
  const messages: WireMessage[] = [];
  const flights: { from: Role; types: number[] }[] = [];
  const endings: Record<Role, Ending | undefined> = { initiator: undefined, responder: undefined };
  let from: Role = 'initiator';
  let effects: readonly Effect<Bytes>[] = [...peers.responder.started.start(), ...peers.initiator.started.start()];
  for (;;) {
    const sent = effects.flatMap((effect) => (effect.effect === 'send' ? [effect.message] : []));
    if (sent.length === 0) break;
    const to = otherRole(from);
    const octets = sent.map((message) => Uint8Array.from(peers[from].algebra.message(message)));
    flights.push({ from, types: sent.map(({ type }) => messageTable[type].type) });
    messages.push(...octets.map((one) => ({ type: one[1] ?? 0, octets: toHex(one) })));
    effects = octets.flatMap((one) => {
      const answer = arrive(peers[to].started, one, plan.kem);
      endings[to] ??= endingOf(answer);
      return answer;
    });
    from = to;
  }
  messages.sort((left, right) => left.type - right.type);
  return {
    traces: { initiator: peers.initiator.recorded, responder: peers.responder.recorded },
    messages,
    flights,
    endings,
  };
}

function arrive(peer: Machine<Bytes>, octets: Bytes, kem?: KemSizes): readonly Effect<Bytes>[] {
  const awaited = peer.awaits()?.message;
  if (awaited === undefined) return [];
  const decoded = decode(octets, awaited, kem);
  if (!decoded.ok) throw new Error(`awaiting ${awaited}: ${decoded.code}`);
  return peer.take(decoded.value as Message<Bytes>);
}
