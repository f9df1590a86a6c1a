// What is drawn outside of handshakes, of the generator of the platform, and used as drawn: hedged signatures, the seeds of new
// signature keys, pre-shared secrets that are made in files.

import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ml_dsa87 } from '@noble/post-quantum/ml-dsa.js';
import { afterAll, describe, expect, it } from 'vitest';
import type { Suite, SuiteName } from '../../src/crypto/suite.ts';
import { mandatorySuite } from '../../src/generated/suites.ts';
import { writePreSharedSecret } from '../../src/node/files/preSharedSecretFile.ts';
import { type Bytes, same, toHex } from '../../src/octets.ts';
import {
  backEnds,
  brokenGenerators,
  brokenSources,
  type Draws,
  type Generator,
  lacking,
  noDraws,
  recorder,
} from './draws.ts';
import { repeated } from './repeats.ts';

const [mlDsa] = mandatorySuite.signatures;
const hedge = 32; // octets: rnd of ML-DSA.Sign (FIPS 204, algorithm 2)
const seed = Uint8Array.from({ length: mlDsa.seed }, (_, at) => 7 * at + 1);
const message = Uint8Array.of(1, 2, 3);

const place = mkdtempSync(join(tmpdir(), 'pquake-draws-'));
afterAll(() => rmSync(place, { recursive: true, force: true }));
const file = join(place, 'psk.hex');

interface Operation {
  /** Does it once, and answers with what is made. */
  readonly make: (suite: Suite) => Bytes;
  /** What should be drawn of the generator for it, by back end, and what is made of that. */
  readonly octets: Readonly<Record<SuiteName, number>>;
  readonly madeOf: (drawn: Bytes) => Bytes;
  /** The operation with coins from somewhere else; signatures take them from noble alone. */
  readonly change: (suite: Suite, coins: (length: number) => Bytes) => Suite;
}

const signedWith = (extraEntropy: Bytes | false): Bytes =>
  ml_dsa87.sign(message, ml_dsa87.keygen(seed).secretKey, { extraEntropy });

const operations: Readonly<Record<string, Operation>> = {
  'sign, hedged': {
    make: (suite) => suite.sign(seed, message),
    octets: { noble: hedge, native: 0 },
    madeOf: signedWith,
    change: (suite, coins) => ({ ...suite, sign: () => signedWith(coins(hedge)) }),
  },
  generateSignatureSeed: {
    make: (suite) => suite.generateSignatureSeed(),
    octets: { noble: mlDsa.seed, native: mlDsa.seed },
    madeOf: (drawn) => drawn,
    change: (suite, coins) => ({ ...suite, generateSignatureSeed: () => coins(mlDsa.seed) }),
  },
  'psk generate': {
    make: (suite) => {
      const octets = writePreSharedSecret({ suite, file, force: true });
      const digits = readFileSync(file, 'latin1');
      expect(digits).toHaveLength(2 * octets + 1);
      return Uint8Array.from(Buffer.from(digits, 'hex'));
    },
    octets: { noble: 48, native: 48 },
    madeOf: (drawn) => drawn,
    change: (suite, coins) => ({ ...suite, randomOctets: coins }),
  },
};

/** What OpenSSL signed: it draws inside of its operation, so what it was given and what it answered is all that can be seen. */
function signedByPlatform({ signatures }: Draws, made: Bytes): string[] {
  const [one, ...others] = signatures;
  if (one === undefined || others.length > 0) return [`the platform signed ${signatures.length} times`];
  return [
    ...(one.plain ? [] : ['the platform was given more than a message and a key']),
    ...(same(one.signature, made) ? [] : ['the signature is not what the platform made']),
  ];
}

/** What is wrong with an operation, done twice; empty when nothing is. */
function faults(name: SuiteName, { make, octets, madeOf }: Operation, change: (suite: Suite) => Suite, by?: Generator) {
  const { suite, during } = recorder(name, by);
  const changed = change(suite);
  const twice = [noDraws(), noDraws()].map((draws) => ({ draws, made: during(draws, () => make(changed)) }));
  const each = twice.flatMap(({ draws, made }) => {
    const { octets: drawn, keyPairs, encapsulations, signatures, numbers } = draws;
    const others = keyPairs.length + encapsulations.length + numbers.length;
    if (others > 0) return [`${others} draws of another kind`];
    if (octets[name] === 0 && drawn.length === 0) return signedByPlatform(draws, made);
    const [only, ...more] = drawn;
    if (only?.length !== octets[name] || more.length > 0)
      return [`drew ${drawn.map(({ length }) => length).join(', ')}`];
    if (signatures.length > 0) return ['the platform signed too'];
    return same(madeOf(only), made) ? [] : ['what is made is not made of what was drawn'];
  });
  const drawn = twice.flatMap(({ draws }) => draws.octets);
  // The commitment hash, with which a signature begins; it ends with zeros.
  const made = twice.map((one) => one.made.slice(0, 48));
  return [...each, ...repeated('what was drawn', drawn), ...repeated('what was made', made)];
}

it.for(backEnds.filter(({ here }) => !here))(`on $name: ${lacking}`, ({ name }, { skip }) => skip(`no ${name}`));

describe.each(backEnds.filter(({ here }) => here).map(({ name }) => name))('on %s', (name) => {
  describe.each(Object.entries(operations))('%s', (_, operation) => {
    it('draws exactly its octets, each time anew, and uses them as drawn', () => {
      expect(faults(name, operation, (suite) => suite)).toEqual([]);
    });

    it.each(Object.entries(brokenSources))('%s is noticed', (__, source) => {
      const told = faults(name, operation, (suite) => operation.change(suite, source(suite.randomOctets)));
      expect(told).not.toEqual([]);
    });

    it.skipIf(operation.octets[name] === 0).each(Object.entries(brokenGenerators))(
      'a generator that answers %s is noticed, unless OpenSSL draws inside',
      (__, generator) => {
        const told = faults(name, operation, (suite) => suite, generator());
        expect(told).toContainEqual(expect.stringMatching(/^what was (drawn|made): 12 octets come twice/));
      },
    );
  });

  it('a signature that is not hedged is noticed', () => {
    const sign = operations['sign, hedged'];
    if (sign === undefined) throw new Error('expected the operation that signs');
    const told = faults(name, sign, (suite) => ({ ...suite, sign: () => signedWith(false) }));
    expect(told).toContainEqual(expect.stringMatching(/^what was made: 12 octets come twice/));
  });
});

it('a seed of a signature is not the pre-shared secret of the same moment', () => {
  const { suite, during } = recorder('noble');
  const draws = noDraws();
  const made = during(draws, () => Object.values(operations).map(({ make }) => toHex(make(suite))));
  expect(new Set(made).size).toBe(made.length);
});
