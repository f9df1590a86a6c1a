// Handshakes on octets for a judge: those of two peers, each with its own key, and those of a simulator. Coins are given.
import { bytesAlgebra } from '../../algebra/bytes.ts';
import type { ParsedCertificate } from '../../certificate/parse.ts';
import type { KemKey, Suite } from '../../crypto/suite.ts';
import { type Checked, passed, refused } from '../../failure.ts';
import { keyLogTable, type LoggedSecret } from '../../generated/keyLog.ts';
import type { Reading } from '../../generated/keySchedule.ts';
import type { Certificate, PreSharedSecret } from '../../generated/kinds.ts';
import type { Message } from '../../generated/messages.ts';
import { connectionOf } from '../../handshake/keyLog.ts';
import { type Bytes, same, toHex } from '../../octets.ts';
import { machine } from '../../protocol/machine.ts';
import type { Schedule } from '../../protocol/parameters.ts';
import { otherRole, type Role } from '../../role.ts';
import { encode } from '../../wire/frame.ts';
import { exchange, type Shown } from './exchange.ts';
import { type BothCoins, type SimulatorFault, simulate, type Transcript } from './simulator.ts';
import { telling } from './telling.ts';

/** Two peers, by what is public of them, and how they speak. */
export interface Setting {
  readonly suite: Suite;
  readonly reading: Reading;
  readonly schedule: Schedule;
  readonly certificates: Readonly<Record<Role, ParsedCertificate>>;
  /** `ss_pre`, 32 to 128 octets, or none. */
  readonly preSharedSecret: Bytes | undefined;
}

/** The coins of both roles, in octets. */
export type Coins = Readonly<Record<Role, BothCoins<Bytes>>>;

/** A handshake as a judge is shown it. */
export interface Exhibit {
  /** The role of whoever shows it. */
  readonly accuser: Role;
  /** The messages as they went over the wire, in their order. */
  readonly octets: readonly Bytes[];
  readonly messages: readonly Message<Bytes>[];
  readonly secrets: Readonly<Shown<Bytes>>;
  readonly released: readonly Role[];
  readonly coins: Coins;
}

const exhibit = (accuser: Role, coins: Coins, { messages, secrets, released }: Transcript<Bytes>): Exhibit => ({
  accuser,
  octets: messages.map((message) => encode(message)),
  messages,
  secrets,
  released,
  coins,
});

/** Both certificates are known, and are what they are: nothing is judged here, the judge does that. */
function algebraOf({ suite, certificates }: Pick<Setting, 'suite' | 'certificates'>) {
  const known = Object.values(certificates);
  const verify = (octets: Bytes): Checked<ParsedCertificate> => {
    const found = known.find((one) => same(one.octets, octets));
    return found === undefined ? refused('certificate-untrusted') : passed(found);
  };
  return bytesAlgebra(suite, { verify, accept: () => passed(true) }).algebra;
}

const secretOf = (octets: Bytes | undefined) => octets as PreSharedSecret<Bytes> | undefined;
const derOf = ({ octets }: ParsedCertificate) => octets as Certificate<Bytes>;

/** A handshake of two peers with their keys, as the one in role `accuser` shows it. */
export function exhibitOfPeers(
  setting: Setting,
  keys: Readonly<Record<Role, KemKey>>,
  coins: Coins,
  accuser: Role,
): Exhibit {
  const { reading, schedule, certificates } = setting;
  const secrets: Shown<Bytes> = {};
  const messages: Message<Bytes>[] = [];
  const released: Role[] = [];
  const peerOf = (role: Role) =>
    machine(role, {
      algebra: algebraOf(setting),
      reading: role === accuser ? telling(reading, secrets) : reading,
      schedule,
      certificate: derOf(certificates[role]),
      decapsulationKey: keys[role],
      preSharedSecret: secretOf(setting.preSharedSecret),
      coins: coins[role],
    });
  exchange({ initiator: peerOf('initiator'), responder: peerOf('responder') }, (from, effect) => {
    if (effect.effect === 'send') messages.push(effect.message);
    if (effect.effect !== 'release') return;
    released.push(from);
    if (from === accuser) secrets.k_session = effect.sessionKey;
  });
  return exhibit(accuser, coins, { messages, secrets, released });
}

/** A handshake that one side made alone: of keys it has its own. */
export function exhibitOfSimulator(
  setting: Setting,
  decapsulationKey: KemKey,
  coins: Coins,
  accuser: Role,
  fault: SimulatorFault = {},
): Exhibit {
  const { reading, schedule, certificates } = setting;
  const peer = certificates[otherRole(accuser)];
  const transcript = simulate<Bytes>(
    {
      own: accuser,
      algebra: algebraOf(setting),
      reading,
      schedule,
      certificate: derOf(certificates[accuser]),
      decapsulationKey,
      peer: { certificate: derOf(peer), encapsulationKey: peer.encapsulationKey },
      preSharedSecret: secretOf(setting.preSharedSecret),
      coins,
    },
    fault,
  );
  return exhibit(accuser, coins, transcript);
}

/** The key log of a handshake (spec/keylog.md), one line a secret. */
export function keyLogOf({ messages, secrets }: Pick<Exhibit, 'messages' | 'secrets'>): string {
  const hello = messages.find((message) => message.type === 'initiatorHello');
  const connection = hello?.type === 'initiatorHello' ? connectionOf(hello.ephemeralKey) : '';
  const lines = (Object.keys(keyLogTable) as LoggedSecret[]).flatMap((symbol) => {
    const secret = secrets[symbol];
    return secret === undefined ? [] : [`${keyLogTable[symbol].label} ${connection} ${toHex(secret)}`];
  });
  return lines.join('\n');
}
