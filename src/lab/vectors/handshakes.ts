// Whole handshakes, seen by both roles.

import { bytesDerivation } from '../../algebra/bytesDerivation.ts';
import { noble } from '../../crypto/noble.ts';
import { failure } from '../../failure.ts';
import { sizes } from '../../generated/constants.ts';
import { defaultChoice, exported, type ReadingChoice, readingOf } from '../../generated/keySchedule.ts';
import type { SessionKey } from '../../generated/kinds.ts';
import type { RequirementId } from '../../generated/requirements.ts';
import { fromHex, toHex } from '../../octets.ts';
import type { Ending, Exported, FileOf, Handshake, Peer, ScheduleName, Side } from './format.ts';
import { alice, bob, clock, root } from './identities.ts';
import { farReadings, nameOf, requirementsOf, simpleReadings } from './readings.ts';
import { ofHandshakes, ofKeys, stated } from './requirements.ts';
import { coinsOf, type Plan, run } from './run.ts';
import { associatedDataFor, traceOf, valuesOf } from './trace.ts';
import { canonical, coins, vector } from './vectorOctets.ts';

/** The inputs of a handshake vector. */
export interface Made {
  readonly id: string;
  readonly about: string;
  readonly requirements: readonly RequirementId[];
  readonly reading: ReadingChoice;
  readonly schedule: ScheduleName;
  readonly ss_pre?: Uint8Array | undefined;
  readonly initiator: Peer;
  readonly responder: Peer;
  readonly expected: { readonly initiator?: string; readonly responder?: string };
  readonly refused?: 'own-certificate';
}

/** Keys for an application, by the exporter of the implementation. */
export function exportsOf(k_session: string): readonly Exported[] {
  const wanted = [
    ['pquake vectors', '', 32],
    ['key 2', '00010203', 144],
  ] as const;
  return wanted.map(([label, context, length]) => {
    const { derivation } = bytesDerivation(noble);
    const { algebra: traced, operations } = traceOf(readingOf(defaultChoice), derivation);
    const sessionKey = fromHex(k_session) as SessionKey<Uint8Array>;
    const input = { sessionKey, label: traced.text(label), context: fromHex(context), length };
    const octets = exported(traced, input);
    const expanded = operations.find(({ operation }) => operation === 'expand')?.input[0] as { info: Uint8Array };
    return { label, context, length, info: toHex(expanded.info), octets: toHex(octets) };
  });
}

/** The run that a handshake vector records. */
export const planOf = ({ id, reading, schedule, ss_pre, initiator, responder }: Made): Plan => ({
  id,
  reading,
  schedule,
  clock,
  ss_pre,
  trustAnchors: [root.certificate],
  initiator: { certificate: fromHex(initiator.certificate), seed: fromHex(initiator.seed) },
  responder: { certificate: fromHex(responder.certificate), seed: fromHex(responder.seed) },
});

function sideOf(made: Made, role: 'initiator' | 'responder'): Side {
  const own = Object.entries(coinsOf(made.id, role)).map(([name, octets]) => [name, toHex(octets)] as const);
  const expectedPeer = made.expected[role];
  return {
    identity: made[role].id,
    ...(expectedPeer === undefined ? {} : { expectedPeer }),
    coins: Object.fromEntries(own),
  };
}

function handshake(made: Made): Handshake {
  const { traces, messages, flights, endings } = run(planOf(made));
  const ending: Ending =
    made.refused === undefined
      ? { status: 'completed' }
      : { status: 'failed', code: made.refused, step: failure(made.refused, 4).step };
  for (const one of [endings.initiator, endings.responder]) {
    if (canonical(one) !== canonical(ending)) throw new Error(`${made.id}: ended as ${JSON.stringify(one)}`);
  }
  const [values, others] = [valuesOf(traces.initiator), valuesOf(traces.responder)];
  if (canonical(values) !== canonical(others)) throw new Error(`${made.id}: the peers do not agree`);
  const { ss_pre, reading, schedule } = made;
  return {
    ...vector(made.id, made.about, ...made.requirements),
    reading,
    schedule,
    clock,
    trustAnchors: [root.id],
    ...(ss_pre === undefined ? {} : { ss_pre: toHex(ss_pre) }),
    initiator: sideOf(made, 'initiator'),
    responder: sideOf(made, 'responder'),
    values: {
      AD_i: associatedDataFor(traces.initiator, 3),
      AD_r: associatedDataFor(traces.initiator, 4),
      ...values,
    },
    messages,
    flights,
    exports: exportsOf(values.k_session),
    outcome: { initiator: ending, responder: ending },
  };
}

function made(reading: ReadingChoice, schedule: ScheduleName, preShared: boolean): Made {
  const names = [nameOf(reading), ...(schedule === 'eager' ? [] : [schedule]), ...(preShared ? ['psk'] : [])];
  const id = `handshakes/${names.join('/')}`;
  const plain = reading === defaultChoice || nameOf(reading) === 'default';
  return {
    id,
    about: `reading ${nameOf(reading)}, schedule ${schedule}, ${preShared ? 'with' : 'without'} a pre-shared secret`,
    requirements: [
      'PQ-1-01',
      ...ofHandshakes,
      ...ofKeys,
      ...requirementsOf(reading, preShared),
      ...stated(plain && schedule === 'eager', 'PQ-P-13'),
      ...stated(schedule !== 'eager', 'PQ-P-12'),
    ],
    reading,
    schedule,
    initiator: alice,
    responder: bob,
    ss_pre: preShared ? coins(id, 'ss_pre', 32) : undefined,
    expected: schedule === 'eager' ? { initiator: 'bob', responder: 'URI:https://alice.example/agent' } : {},
  };
}

const long = made(defaultChoice, 'eager', true);
const refusedAlike = made(defaultChoice, 'eager', false);

/** The inputs of every handshake vector. */
export const plans: readonly Made[] = [
  ...[...simpleReadings, ...farReadings].flatMap((reading) => [
    made(reading, 'eager', false),
    made(reading, 'eager', true),
  ]),
  ...(['initiator-first', 'responder-first'] as const).flatMap((schedule) => [
    made(defaultChoice, schedule, false),
    made(defaultChoice, schedule, true),
  ]),
  {
    ...long,
    id: 'handshakes/default/long-psk',
    about: 'a pre-shared secret of 128 octets, a block of the hash function: the most there may be',
    ss_pre: coins('handshakes/default/long-psk', 'ss_pre', sizes.preSharedSecretMaximum),
  },
  {
    ...refusedAlike,
    id: 'handshakes/default/again',
    about: 'the same peers a second time: a peer that keeps an ephemeral key, a coin or an IV does not make both',
    requirements: ['PQ-4.2.1-04', 'PQ-P-28', 'PQ-P-51'],
  },
  {
    ...refusedAlike,
    id: 'handshakes/own-certificate',
    about: 'both peers show the same certificate, and refuse each other after both confirmations',
    requirements: ['PQ-3-10', 'PQ-3.2-08', 'PQ-P-05', 'PQ-P-06', 'PQ-P-09'],
    responder: alice,
    expected: {},
    refused: 'own-certificate',
  },
];

export const handshakes: FileOf<'handshakes'> = { kind: 'handshakes', cases: plans.map(handshake) };
