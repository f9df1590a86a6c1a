// An offline judge, who has the static keys of both peers, and is shown a handshake with its secrets and the coins of both roles.
import type { TrustStore } from '../../certificate/trustStore.ts';
import type { KemKey } from '../../crypto/suite.ts';
import type { ReadingChoice } from '../../generated/keySchedule.ts';
import { type Handshake, initiator, type Outcome, responder } from '../../handshake/handshake.ts';
import { faultsOf, inspect } from '../../inspect/inspect.ts';
import { type Bytes, concat, same } from '../../octets.ts';
import { otherRole, type Role } from '../../role.ts';
import { type Exhibit, keyLogOf, type Setting } from './onOctets.ts';
import type { BothCoins } from './simulator.ts';

/** A judge: what is public, the time, the authorities, and both static keys. */
export interface Judge extends Setting {
  readonly keys: Readonly<Record<Role, KemKey>>;
  readonly trust: TrustStore;
  readonly time: Date;
  /** The reading by its names: what `Setting.reading` has as functions. */
  readonly choice: ReadingChoice;
}

const roles = ['initiator', 'responder'] as const satisfies readonly Role[];
const senderOf = (octets: Bytes): Role => ((octets[1] ?? 0) % 2 === 1 ? 'initiator' : 'responder');

/** The product in one role, with the coins that are shown. */
function peerOf(judge: Judge, { coins }: Exhibit, role: Role): Handshake {
  const { suite, keys, certificates, schedule, trust, time, preSharedSecret, choice } = judge;
  const { ephemeralKey, ephemeralEncapsulation, ...both } = coins[role] as Record<keyof BothCoins<Bytes>, Bytes>;
  const options = {
    suite,
    schedule,
    time,
    preSharedSecret,
    reading: choice,
    trustAnchors: trust,
    credentials: { certificate: certificates[role], decapsulationKey: keys[role] },
    expectedPeer: certificates[otherRole(role)].commonName ?? 'nobody',
  };
  return role === 'initiator'
    ? initiator({ ...options, coins: { ...both, ephemeralKey } })
    : responder({ ...options, coins: { ...both, ephemeralEncapsulation } });
}

/** How it ends when the product runs one role again, with its key and coins, and hears the messages of the other as they are shown. */
export function outcomeOf(judge: Judge, shown: Exhibit, role: Role): string {
  const peer = peerOf(judge, shown, role);
  let { outcome } = peer.start();
  for (const octets of shown.octets) if (senderOf(octets) !== role) ({ outcome } = peer.receive(octets));
  if (outcome.status === 'completed') outcome.session.wipe();
  return outcome.status === 'failed' ? outcome.failure.code : outcome.status;
}

/** What is wrong when the product runs both roles again, each with its key and coins, and the messages come as they are shown. */
function replayed(judge: Judge, shown: Exhibit): string[] {
  const peers = { initiator: peerOf(judge, shown, 'initiator'), responder: peerOf(judge, shown, 'responder') };
  const ready: Record<Role, Bytes[]> = { initiator: [], responder: [] };
  const outcomes: Partial<Record<Role, Outcome>> = {};
  const faults: string[] = [];
  const advance = (role: Role, { send, outcome }: ReturnType<Handshake['start']>): void => {
    ready[role].push(...send.map(({ octets }) => octets));
    outcomes[role] = outcome;
  };
  for (const role of roles) advance(role, peers[role].start());
  for (const octets of shown.octets) {
    const from = senderOf(octets);
    const own = ready[from].shift();
    if (own === undefined) faults.push(`message ${octets[1]} is shown before the ${from} sends it`);
    else if (!same(own, octets)) faults.push(`message ${octets[1]} is not the one that the ${from} sends`);
    const to = otherRole(from);
    advance(to, peers[to].receive(octets));
  }
  const ended = roles.flatMap((role) => {
    const outcome = outcomes[role];
    if (outcome?.status === 'completed') {
      outcome.session.wipe();
      return [];
    }
    return [
      `the ${role} does not accept: ${outcome?.status === 'failed' ? outcome.failure.code : 'it awaits a message'}`,
    ];
  });
  return [...faults, ...ended];
}

/** What `inspect` finds wrong in the recording, opened with the key log that is shown. */
function opened({ suite, preSharedSecret, choice }: Judge, shown: Exhibit): string[] {
  const inspection = inspect([{ name: 'recording', octets: concat(...shown.octets) }], {
    suite,
    preSharedSecret,
    reading: choice,
    keyLog: { name: 'key log', text: keyLogOf(shown) },
  });
  return faultsOf(inspection);
}

/**
 * What is wrong with a handshake that is shown to a judge; empty when nothing is. The judge runs both roles again with their static
 * keys and the coins shown, and opens the recording with the secrets shown.
 */
export const complaintsOf = (judge: Judge, shown: Exhibit): string[] => [
  ...replayed(judge, shown),
  ...opened(judge, shown),
];
