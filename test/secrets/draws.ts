// What a handshake draws: the generator of the platform and the operations of OpenSSL that draw by themselves, with notes of each.

import nodeCrypto from 'node:crypto';
import { native } from '../../src/crypto/native.ts';
import { noble } from '../../src/crypto/noble.ts';
import type { Suite, SuiteName } from '../../src/crypto/suite.ts';
import { sizes } from '../../src/generated/constants.ts';
import { chooseSuite } from '../../src/node/suite.ts';
import type { Bytes } from '../../src/octets.ts';

/** What one role took from the platform, in order. */
export interface Draws {
  /** Octets of the generator: of `getRandomValues` (noble) or `randomFillSync` (native). */
  readonly octets: Bytes[];
  /** Encapsulation keys of the key pairs that OpenSSL made from nothing but its own generator. */
  readonly keyPairs: Bytes[];
  /** Ciphertexts that OpenSSL made, and how many inputs it was given: the key, and nothing else. */
  readonly encapsulations: { readonly ciphertext: Bytes; readonly inputs: number }[];
  /** Signatures that OpenSSL made, and whether it was given nothing but no digest, a message and a key, so that it hedges. */
  readonly signatures: { readonly signature: Bytes; readonly plain: boolean }[];
  /** Numbers of `Math.random`, which is no generator for secrets: there must be none. */
  readonly numbers: number[];
}

export const noDraws = (): Draws => ({ octets: [], keyPairs: [], encapsulations: [], signatures: [], numbers: [] });

/** The generator of a platform: fills an array. */
export type Generator = (target: Uint8Array) => void;

/** Both back ends, and whether this platform has them: what it lacks is not tried, and the tests say so by name. */
export const backEnds: readonly { readonly name: SuiteName; readonly here: boolean }[] = (
  ['noble', 'native'] as const
).map((name) => ({ name, here: name === 'noble' || chooseSuite().name === name }));

export const lacking = `Node ${process.versions.node} with OpenSSL ${process.versions.openssl} lacks it: skipped`;

export interface Recorder {
  readonly suite: Suite;
  /** Notes what is drawn while a function runs. */
  readonly during: <T>(draws: Draws, run: () => T) => T;
}

const encapsulateWith = nodeCrypto.encapsulate as unknown as (...inputs: unknown[]) => {
  readonly ciphertext: Uint8Array;
};
const signWith = nodeCrypto.sign as unknown as (...inputs: unknown[]) => Uint8Array;

/** The platform's module with notes of what is drawn. */
function watched(into: () => Draws, fill: Generator): typeof nodeCrypto {
  return {
    ...nodeCrypto,
    randomFillSync: ((target: Uint8Array) => {
      fill(target);
      into().octets.push(Uint8Array.from(target));
      return target;
    }) as typeof nodeCrypto.randomFillSync,
    generateKeyPairSync: ((algorithm: 'ml-kem-1024') => {
      const pair = nodeCrypto.generateKeyPairSync(algorithm);
      const spki = pair.publicKey.export({ format: 'der', type: 'spki' });
      into().keyPairs.push(Uint8Array.from(spki.subarray(-sizes.encapsulationKey)));
      return pair;
    }) as unknown as typeof nodeCrypto.generateKeyPairSync,
    encapsulate: ((...inputs: unknown[]) => {
      const made = encapsulateWith(...inputs);
      into().encapsulations.push({ ciphertext: Uint8Array.from(made.ciphertext), inputs: inputs.length });
      return made;
    }) as typeof nodeCrypto.encapsulate,
    sign: ((...inputs: unknown[]) => {
      const signature = signWith(...inputs);
      const [digest, , key] = inputs;
      const plain = inputs.length === 3 && digest === null && key instanceof nodeCrypto.KeyObject;
      into().signatures.push({ signature: Uint8Array.from(signature), plain });
      return signature;
    }) as typeof nodeCrypto.sign,
  };
}

/**
 * A back end of which every draw is noted. Draws of `globalThis.crypto` are noted for both: native must make none.
 * @param generator - in the place of the platform's
 */
export function recorder(name: SuiteName, generator?: Generator): Recorder {
  let current = noDraws();
  const { crypto } = globalThis;
  const drawn = crypto.getRandomValues.bind(crypto);
  const { random } = Math;
  const fill = generator ?? ((target: Uint8Array) => drawn(target as Uint8Array<ArrayBuffer>));
  const noted = (target: Uint8Array): Uint8Array => {
    fill(target);
    current.octets.push(Uint8Array.from(target));
    return target;
  };
  return {
    suite: name === 'noble' ? noble : native(watched(() => current, generator ?? nodeCrypto.randomFillSync)),
    during: (draws, run) => {
      current = draws;
      Object.defineProperty(crypto, 'getRandomValues', { configurable: true, writable: true, value: noted });
      Math.random = () => {
        const number = random();
        current.numbers.push(number);
        return number;
      };
      try {
        return run();
      } finally {
        Reflect.deleteProperty(crypto, 'getRandomValues');
        Math.random = random;
        current = noDraws();
      }
    },
  };
}

/** Where coins of a broken peer come from; it may draw octets of the platform. */
export type Source = (draw: (length: number) => Bytes) => (length: number) => Bytes;

/** Sources of coins that are no generator, or misuse one. */
export const brokenSources: Readonly<Record<string, Source>> = {
  zeros: () => (length) => new Uint8Array(length),
  'a constant': () => (length) => Uint8Array.from({ length }, (_, at) => 3 * at + 1),
  'a counter': () => {
    let count = 0;
    return (length) => {
      count += 1;
      return new Uint8Array(length).fill(count, length - 1);
    };
  },
  'half of the octets drawn': (draw) => (length) => Uint8Array.of(...draw(length / 2), ...new Uint8Array(length / 2)),
  'half of what was drawn used': (draw) => (length) => draw(length).fill(0, length / 2),
  'drawn, and not used': (draw) => (length) => {
    draw(length);
    return Uint8Array.from({ length }, (_, at) => 5 * at + 1);
  },
  'drawn once, and kept': (draw) => {
    const kept = new Map<number, Bytes>();
    return (length) => {
      const octets = kept.get(length) ?? draw(length);
      kept.set(length, octets);
      return octets.slice();
    };
  },
  'drawn once, and drawn again for nothing': (draw) => {
    const kept = new Map<number, Bytes>();
    return (length) => {
      const octets = draw(length);
      if (!kept.has(length)) kept.set(length, octets);
      return (kept.get(length) ?? octets).slice();
    };
  },
  'Math.random': () => (length) => Uint8Array.from({ length }, () => Math.floor(Math.random() * 256)),
  'drawn, and Math.random asked for nothing': (draw) => (length) => {
    Math.random();
    return draw(length);
  },
  'drawn twice, and added': (draw) => (length) => {
    const other = draw(length);
    return draw(length).map((octet, at) => octet ^ (other[at] ?? 0));
  },
};

/** Generators of a platform that answer every request, with octets that are not fresh. */
export const brokenGenerators: Readonly<Record<string, () => Generator>> = {
  'the same octets every second time': () => {
    let last: Bytes | undefined;
    return (target) => {
      const before = last;
      nodeCrypto.randomFillSync(target);
      if (before !== undefined) target.set(before.subarray(0, target.length));
      last = before === undefined ? Uint8Array.from(target) : undefined;
    };
  },
  'octets that were answered before, further on': () => {
    let all = new Uint8Array(nodeCrypto.randomBytes(16));
    return (target) => {
      nodeCrypto.randomFillSync(target);
      target.set(all.subarray(-Math.min(target.length, 12)));
      all = Uint8Array.from([...all, ...target]);
    };
  },
  'a few octets, over and over': () => {
    const few = nodeCrypto.randomBytes(4);
    let at = 0;
    return (target) => {
      for (let to = 0; to < target.length; to += 1, at += 1) target[to] = few[at % few.length] ?? 0;
    };
  },
};

type Change = (suite: Suite, coins: (length: number) => Bytes) => Suite;

/** The operations that draw, each with coins from somewhere else. */
export const drawingOperations: Readonly<Record<string, Change>> = {
  'the ephemeral key': (suite, coins) => ({
    ...suite,
    generateKemKey: (seed) => suite.generateKemKey(seed ?? coins(64)),
  }),
  'initial vectors': (suite, coins) => ({ ...suite, randomOctets: coins }),
  encapsulations: (suite, coins) => ({
    ...suite,
    encapsulate: (key, given) => suite.encapsulate(key, given ?? coins(32)),
  }),
};
