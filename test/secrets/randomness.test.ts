// A peer that is given no coins draws them: each operation exactly its octets, of the generator of the platform, used as drawn, once
// (PQ-P-28, PQ-P-51). That the generator is a good one is the platform's business, and nothing here could see it.

import { describe, expect, it } from 'vitest';
import { bytesAlgebra } from '../../src/algebra/bytes.ts';
import { noble } from '../../src/crypto/noble.ts';
import type { Suite, SuiteName } from '../../src/crypto/suite.ts';
import { refused } from '../../src/failure.ts';
import { headerOctets, sizes } from '../../src/generated/constants.ts';
import type { MessageName } from '../../src/generated/messages.ts';
import { type Handshake, initiator, responder } from '../../src/handshake/handshake.ts';
import type { HedgedCoins } from '../../src/handshake/hedging.ts';
import type { InitiatorOptions, ResponderOptions } from '../../src/handshake/options.ts';
import { type Bytes, same } from '../../src/octets.ts';
import type { Role } from '../../src/role.ts';
import { anchorFor, converse, credentialsFor, time } from '../handshake/peers.ts';
import {
  backEnds,
  brokenGenerators,
  brokenSources,
  type Draws,
  drawingOperations,
  type Generator,
  lacking,
  noDraws,
  type Recorder,
  recorder,
} from './draws.ts';
import { repeated } from './repeats.ts';

interface Recorded {
  readonly draws: Readonly<Record<Role, Draws>>;
  readonly sent: ReadonlyMap<MessageName, Bytes>;
  /** The answer of each ephemeral key to a wrong ciphertext: the half of its seed that no message shows decides it. */
  readonly rejections: readonly Bytes[];
}

interface Given {
  readonly initiator?: InitiatorOptions['coins'];
  readonly responder?: ResponderOptions['coins'];
  /** None, so that what is drawn is used as drawn, unless said. */
  readonly hedgedCoins?: HedgedCoins;
}

/** A whole handshake, with what each role drew and sent. */
function run(suite: Suite, { during }: Recorder, given: Given = {}): Recorded {
  const draws = { initiator: noDraws(), responder: noDraws() };
  const noting = (handshake: Handshake): Handshake => ({
    ...handshake,
    start: () => during(draws[handshake.role], handshake.start),
    receive: (octets) => during(draws[handshake.role], () => handshake.receive(octets)),
  });
  const rejections: Bytes[] = [];
  const asked: Suite = {
    ...suite,
    generateKemKey: (seed) => {
      const key = suite.generateKemKey(seed);
      rejections.push(Uint8Array.from(key.decapsulate(new Uint8Array(sizes.ciphertext))));
      return key;
    },
  };
  const who = (name: string) => ({
    ...{ suite: asked, time, credentials: credentialsFor(noble, name), trustAnchors: [anchorFor(noble)] },
    expectedPeer: 'anyone' as const,
    hedgedCoins: given.hedgedCoins ?? ('none' as const),
  });
  const sent = new Map<MessageName, Bytes>();
  const [alice, bob] = [who('alice'), who('bob')];
  const ended = converse(
    noting(during(draws.initiator, () => initiator({ ...alice, coins: given.initiator }))),
    noting(during(draws.responder, () => responder({ ...bob, coins: given.responder }))),
    ({ message, octets }) => {
      sent.set(message, Uint8Array.from(octets));
      return [octets];
    },
  );
  expect([ended.initiator.status, ended.responder.status]).toEqual(['completed', 'completed']);
  return { draws, sent, rejections };
}

/** The part of a message that is drawn, or made of what was drawn alone: the initial vector, else the whole data. */
const drawnFields: readonly (readonly [MessageName, number?])[] = [
  ['initiatorHello'],
  ['responderHello'],
  ['initiatorCertificate', sizes.initialVector],
  ['responderCertificate', sizes.initialVector],
  ['initiatorEncapsulation'],
  ['responderEncapsulation'],
];

const field = ({ sent }: Recorded, [message, octets = Number.POSITIVE_INFINITY]: (typeof drawnFields)[number]): Bytes =>
  (sent.get(message) ?? new Uint8Array()).slice(headerOctets, headerOctets + octets);

/** The octets that each role draws of the generator, in order; OpenSSL draws inside its own operations. */
const expected = {
  noble: {
    initiator: {
      octets: [sizes.keySeed, sizes.initialVector, sizes.encapsulationCoins],
      keyPairs: 0,
      encapsulations: 0,
    },
    responder: {
      octets: [sizes.encapsulationCoins, sizes.initialVector, sizes.encapsulationCoins],
      keyPairs: 0,
      encapsulations: 0,
    },
  },
  native: {
    initiator: { octets: [sizes.initialVector], keyPairs: 1, encapsulations: 1 },
    responder: { octets: [sizes.initialVector], keyPairs: 0, encapsulations: 2 },
  },
} as const;

/** noble: the draws of a run given as coins bring about the same messages, and nothing is drawn. */
function replayed(one: Recorded): string[] {
  const [ephemeralKey, vector, encapsulation] = one.draws.initiator.octets;
  const [ephemeralEncapsulation, otherVector, otherEncapsulation] = one.draws.responder.octets;
  const again = run(noble, recorder('noble'), {
    initiator: { ephemeralKey, initialVector: vector, encapsulation } as never,
    responder: { ephemeralEncapsulation, initialVector: otherVector, encapsulation: otherEncapsulation } as never,
  });
  const drawn = [...again.draws.initiator.octets, ...again.draws.responder.octets];
  return [
    ...(drawn.length > 0 ? ['coins were given, and others drawn'] : []),
    ...[...one.sent]
      .filter(([message, octets]) => !same(octets, again.sent.get(message) ?? new Uint8Array()))
      .map(([message]) => `${message} is not made of what was drawn`),
    ...one.rejections
      .filter((octets, at) => !same(octets, again.rejections[at] ?? new Uint8Array()))
      .map(() => 'the secret of implicit rejection is not what was drawn'),
  ];
}

/** native: the fields on the wire are what OpenSSL handed out, and the initial vectors are what was drawn. */
function asHandedOut(one: Recorded): string[] {
  const { initiator: mine, responder: theirs } = one.draws;
  const handedOut: Partial<Record<MessageName, Bytes | undefined>> = {
    initiatorHello: mine.keyPairs[0],
    responderHello: theirs.encapsulations[0]?.ciphertext,
    initiatorCertificate: mine.octets[0],
    responderCertificate: theirs.octets[0],
    initiatorEncapsulation: mine.encapsulations[0]?.ciphertext,
    responderEncapsulation: theirs.encapsulations[1]?.ciphertext,
  };
  const withCoins = [...mine.encapsulations, ...theirs.encapsulations].filter(({ inputs }) => inputs !== 1);
  return [
    ...withCoins.map(() => 'an encapsulation was given more than a key'),
    ...drawnFields
      .filter((drawn) => !same(field(one, drawn), handedOut[drawn[0]] ?? new Uint8Array()))
      .map(([message]) => `${message} is not what the platform made`),
  ];
}

/** What comes twice in all that both roles drew and sent over some handshakes. */
function repeats(runs: readonly Recorded[]): string[] {
  const drawn = runs.flatMap(({ draws }) =>
    [draws.initiator, draws.responder].flatMap(({ octets, keyPairs, encapsulations }) => [
      ...octets,
      ...keyPairs,
      ...encapsulations.map(({ ciphertext }) => ciphertext),
    ]),
  );
  const sent = runs.flatMap((one) => drawnFields.map((drawnField) => field(one, drawnField)));
  const rejections = runs.flatMap((one) => one.rejections);
  return [...repeated('what was drawn', drawn), ...repeated('what was sent', [...sent, ...rejections])];
}

/** What is wrong with the randomness of a back end, over two handshakes; empty when nothing is. */
function faults(name: SuiteName, change: (suite: Suite) => Suite, generator?: Generator): string[] {
  const recording = recorder(name, generator);
  const suite = change(recording.suite);
  const runs = [run(suite, recording), run(suite, recording)] as const;
  const counted = runs.flatMap(({ draws }) =>
    (['initiator', 'responder'] as const).flatMap((role) => {
      const { octets, keyPairs, encapsulations, signatures, numbers } = draws[role];
      const others = signatures.length + numbers.length;
      if (others > 0) return [`the ${role} signed, or asked Math.random: ${others} times`];
      const found = { octets: octets.map(({ length }) => length), keyPairs: keyPairs.length };
      const text = JSON.stringify({ ...found, encapsulations: encapsulations.length });
      return text === JSON.stringify(expected[name][role]) ? [] : [`the ${role} drew ${text}`];
    }),
  );
  const again = repeats(runs);
  if (counted.length > 0) return [...counted, ...again];
  return [...again, ...runs.flatMap((one) => (name === 'noble' ? replayed(one) : asHandedOut(one)))];
}

it.for(backEnds.filter(({ here }) => !here))(`on $name: ${lacking}`, ({ name }, { skip }) => skip(`no ${name}`));

describe.each(backEnds.filter(({ here }) => here).map(({ name }) => name))('on %s', (name) => {
  it('each role draws exactly its octets, for every handshake anew, and uses them as drawn', () => {
    expect(faults(name, (suite) => suite)).toEqual([]);
  });

  const broken = Object.entries(drawingOperations).flatMap(([operation, change]) =>
    Object.entries(brokenSources).map(([source, make]) => [operation, source, change, make] as const),
  );

  it.each(broken)('%s: %s is noticed', (_, __, change, make) => {
    const told = faults(name, (suite) => change(suite, make(suite.randomOctets)));
    expect(told).not.toEqual([]);
  });

  it.each(Object.entries(brokenGenerators))('a generator that answers %s is noticed', (_, make) => {
    const told = faults(name, (suite) => suite, make());
    expect(told).toContainEqual(expect.stringMatching(/^what was drawn: 12 octets come twice/));
  });

  it('each role draws once for all coins of a handshake that are hedged, and uses none as drawn (PQ-P-61)', () => {
    const recording = recorder(name);
    const runs = [1, 2].map(() => run(recording.suite, recording, { hedgedCoins: 'all' }));
    for (const one of runs) {
      const { initiator: mine, responder: theirs } = one.draws;
      for (const { octets, keyPairs, encapsulations } of [mine, theirs]) {
        expect(octets.map(({ length }) => length)).toEqual([sizes.hedgedRandomness]);
        expect([keyPairs, encapsulations]).toEqual([[], []]);
      }
      const vectors = [
        field(one, ['initiatorCertificate', sizes.initialVector]),
        field(one, ['responderCertificate', sizes.initialVector]),
      ];
      for (const vector of vectors)
        for (const octets of [...mine.octets, ...theirs.octets])
          expect(same(octets.slice(0, sizes.initialVector), vector)).toBe(false);
    }
    expect(repeats(runs)).toEqual([]);
  });

  it('an operation draws for itself with the coins "own", and nothing with coins that are given', () => {
    const { suite, during } = recorder(name);
    const policy = {
      verify: () => refused('certificate-malformed'),
      accept: () => refused('unexpected-peer'),
    } as const;
    const { algebra } = bytesAlgebra(suite, policy);
    const { encapsulationKey } = noble.generateKemKey(new Uint8Array(sizes.keySeed).fill(7));
    const operations = [
      [sizes.keySeed, (coins: 'own' | Bytes) => algebra.generateKeyPair({ coins: coins as 'own' }).encapsulationKey],
      [sizes.initialVector, (coins: 'own' | Bytes) => algebra.initialVector({ coins: coins as 'own' })],
      [
        sizes.encapsulationCoins,
        (coins: 'own' | Bytes) => {
          const made = algebra.encapsulate({ encapsulationKey, coins: coins as 'own' });
          if (!made.ok) throw new Error(made.code);
          return made.value.ciphertext;
        },
      ],
    ] as const;
    for (const [octets, operation] of operations) {
      const draws = noDraws();
      const [one, other] = during(draws, () => [operation('own'), operation('own')] as const);
      expect(same(one, other)).toBe(false);
      if (name === 'noble' || octets === sizes.initialVector) {
        expect(draws.octets.map(({ length }) => length)).toEqual([octets, octets]);
        expect([draws.keyPairs.length, draws.encapsulations.length]).toEqual([0, 0]);
        const given = noDraws();
        const again = during(given, () => draws.octets.map((coins) => operation(coins.slice())));
        expect(again.map((made) => Uint8Array.from(made))).toEqual([one, other].map((made) => Uint8Array.from(made)));
        expect(given).toEqual(noDraws());
      } else {
        // OpenSSL takes no coins: that it is given none, and that its results differ, is all that can be seen from here.
        expect(draws.octets).toEqual([]);
        expect([...draws.keyPairs, ...draws.encapsulations.map(({ ciphertext }) => ciphertext)]).toEqual(
          [one, other].map((made) => Uint8Array.from(made)),
        );
        expect(draws.encapsulations.every(({ inputs }) => inputs === 1)).toBe(true);
      }
    }
  });
});
