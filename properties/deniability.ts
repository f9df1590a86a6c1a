// Handshakes of two peers beside those of a simulator that has one of the two keys, shown to a judge who has both.
import { parseCertificate } from '../src/certificate/parse.ts';
import { parseTrustAnchor } from '../src/certificate/trustAnchor.ts';
import { trustStore } from '../src/certificate/trustStore.ts';
import type { Checked } from '../src/failure.ts';
import { sizes } from '../src/generated/constants.ts';
import { keyLogTable } from '../src/generated/keyLog.ts';
import { defaultChoice, readingOf } from '../src/generated/keySchedule.ts';
import { complaintsOf, type Judge } from '../src/lab/deniability/judge.ts';
import { type Coins, type Exhibit, exhibitOfPeers, exhibitOfSimulator } from '../src/lab/deniability/onOctets.ts';
import { count, differing, type Frequencies } from '../src/lab/deniability/statistics.ts';
import { alice, bob, clock, root } from '../src/lab/vectors/identities.ts';
import { coins as drawn } from '../src/lab/vectors/vectorOctets.ts';
import { chooseSuite } from '../src/node/suite.ts';
import { type Bytes, fromHex, same } from '../src/octets.ts';
import type { Role } from '../src/role.ts';

function required<T>(checked: Checked<T>): T {
  if (!checked.ok) throw new Error(`${checked.code}: ${checked.detail ?? ''}`);
  return checked.value;
}

/** The fastest back end; encapsulation with given coins runs on noble in either. */
const suite = chooseSuite();
const trust = required(trustStore({ trustAnchors: [required(parseTrustAnchor(suite, fromHex(root.certificate)))] }));

/** A judge with both static keys. */
export const judgeOf = (preSharedSecret: Bytes | undefined): Judge => ({
  suite,
  reading: readingOf(defaultChoice),
  choice: defaultChoice,
  schedule: 'eager',
  preSharedSecret,
  certificates: {
    initiator: required(parseCertificate(fromHex(alice.certificate))),
    responder: required(parseCertificate(fromHex(bob.certificate))),
  },
  keys: {
    initiator: suite.generateKemKey(fromHex(alice.seed)),
    responder: suite.generateKemKey(fromHex(bob.seed)),
  },
  trust,
  time: new Date(clock),
});

/** Coins that are determined by a text. */
export function coinsOf(id: string): Coins {
  const coin = (role: Role, name: string, octets: number) => drawn(id, `${role}.${name}`, octets) as never;
  const of = (role: Role): Coins[Role] => ({
    ephemeralKey: coin(role, 'ephemeralKey', sizes.keySeed),
    ephemeralEncapsulation: coin(role, 'ephemeralEncapsulation', sizes.encapsulationCoins),
    initialVector: coin(role, 'initialVector', sizes.initialVector),
    encapsulation: coin(role, 'encapsulation', sizes.encapsulationCoins),
  });
  return { initiator: of('initiator'), responder: of('responder') };
}

/** Makes the exhibit of an accuser alone; `coins` are those that an honest simulator would take. */
export type Simulator = (judge: Judge, accuser: Role, coins: Coins) => Exhibit;

/** The simulator, with the key of the accuser and no other. */
export const honest: Simulator = ({ keys, ...setting }, accuser, coins) =>
  exhibitOfSimulator(setting, keys[accuser], coins, accuser);

/** What stands in the sealed certificates of a handshake, opened with the `k_hid` that is shown. */
const certificatesIn = ({ suite }: Judge, { messages, secrets }: Exhibit): (Bytes | undefined)[] =>
  messages.flatMap((message) =>
    message.type === 'initiatorCertificate' || message.type === 'responderCertificate'
      ? [
          suite.open(
            secrets.k_hid ?? new Uint8Array(keyLogTable.k_hid.octets),
            message.initialVector,
            new Uint8Array(),
            message.sealedCertificate,
          ),
        ]
      : [],
  );

const headers = ({ octets }: Exhibit): string[] => octets.map((one) => `${one.subarray(0, 4)}: ${one.length} octets`);

/** In what the form of two handshakes differs: headers and lengths in their order, certificates. */
function formOf(judge: Judge, real: Exhibit, simulated: Exhibit): string[] {
  const [left, right] = [certificatesIn(judge, real), certificatesIn(judge, simulated)];
  const alike =
    left.length === right.length &&
    left.every((der, at) => der !== undefined && same(der, right[at] ?? new Uint8Array()));
  return [
    ...(headers(real).join() === headers(simulated).join() ? [] : ['headers or lengths differ']),
    ...(alike ? [] : ['certificates differ']),
  ];
}

/** What a number of handshakes showed. */
export interface Compared {
  readonly real: Frequencies;
  readonly simulated: Frequencies;
  /** The complaints of the judge, and differences of form, each with its number of times. */
  readonly faults: ReadonlyMap<string, number>;
}

/** Runs as many handshakes of two peers as of a simulator, each accuser with and without `ss_pre` in turn, and has both judged. */
export function compare(
  job: { readonly seed: number; readonly runs: number },
  simulator: Simulator = honest,
): Compared {
  const judges = [judgeOf(undefined), judgeOf(drawn('deniability', 'ss_pre', 32))];
  const [real, simulated] = [new Map<string, number[]>(), new Map<string, number[]>()];
  const faults = new Map<string, number>();
  const note = (of: string, said: readonly string[]): void => {
    for (const one of said) faults.set(`${of}: ${one}`, (faults.get(`${of}: ${one}`) ?? 0) + 1);
  };
  for (let run = 0; run < job.runs; run += 1) {
    const accuser = run % 2 === 0 ? 'initiator' : 'responder';
    const judge = judges[(run >> 1) % 2] as Judge;
    const met = exhibitOfPeers(judge, judge.keys, coinsOf(`deniability ${job.seed} real ${run}`), accuser);
    const alone = simulator(judge, accuser, coinsOf(`deniability ${job.seed} simulated ${run}`));
    note('real', complaintsOf(judge, met));
    note('simulated', complaintsOf(judge, alone));
    note('simulated', formOf(judge, met, alone));
    count(real, met);
    count(simulated, alone);
  }
  return { real, simulated, faults };
}

/** All by which handshakes of a simulator are told from those of two peers; empty when nothing tells them apart. */
export const tellsApart = ({ real, simulated, faults }: Compared): string[] => [
  ...[...faults].map(([fault, times]) => `${fault} (${times} times)`),
  ...differing(real, simulated).map((name) => `${name}: the octets have another distribution`),
];

/** Several comparisons as one. */
export function joined(parts: readonly Compared[]): Compared {
  const sum = (maps: readonly ReadonlyMap<string, readonly number[]>[]): Map<string, number[]> => {
    const all = new Map<string, number[]>();
    for (const [name, counts] of maps.flatMap((map) => [...map])) {
      const before = all.get(name);
      all.set(
        name,
        counts.map((times, octet) => times + (before?.[octet] ?? 0)),
      );
    }
    return all;
  };
  const faults = new Map<string, number>();
  for (const [fault, times] of parts.flatMap((part) => [...part.faults]))
    faults.set(fault, times + (faults.get(fault) ?? 0));
  return { real: sum(parts.map((part) => part.real)), simulated: sum(parts.map((part) => part.simulated)), faults };
}
