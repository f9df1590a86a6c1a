// Mutants of the key schedule: broken values of the reading.
import type { Derivation } from '../../algebra/derivation.ts';
import type { Reading } from '../../generated/keySchedule.ts';
import type { HidingKey, KeyMaterial, TranscriptHash } from '../../generated/kinds.ts';
import type { Mutant } from './mutant.ts';

type Broken = Partial<Reading>;
const broken =
  (change: (reading: Reading) => Broken) =>
  (reading: Reading): Reading => ({ ...reading, ...change(reading) });

const inEveryPart = <O>(a: Derivation<O>, ...parts: readonly O[]): KeyMaterial<O> =>
  a.concat(...parts) as KeyMaterial<O>;

const noHashesInS: Reading['keyMaterial'] = (a, { ephemeralSecret, initiatorSecret, responderSecret }) =>
  inEveryPart(a, ephemeralSecret, initiatorSecret, responderSecret);

const emptyInput: Reading['confirmationInput'] = (a) => a.empty as never;

export const readingMutants: readonly Mutant[] = [
  {
    id: 'no-transcript',
    requirements: ['PQ-3-17', 'PQ-P-32', 'PQ-P-36'],
    breaks: 'neither S nor the confirmation values hold the transcript hashes',
    reading: broken(() => ({ keyMaterial: noHashesInS, confirmationInput: emptyInput })),
  },
  {
    id: 'transcript-in-S-only',
    requirements: ['PQ-3.5-01', 'PQ-P-36'],
    breaks: 'the confirmation values are over nothing',
    survives: 'S holds the transcript hashes, so the confirmation keys differ as soon as the transcripts do',
    reading: broken(() => ({ confirmationInput: emptyInput })),
  },
  {
    id: 'transcript-in-MAC-only',
    requirements: ['PQ-3-17', 'PQ-3.1-14', 'PQ-P-32'],
    breaks: 'S holds no transcript hashes',
    survives:
      'with a KEM that binds key and coins the secrets in S tell sessions apart; provers catch it with one that does not',
    reading: broken(() => ({ keyMaterial: noHashesInS })),
  },
  {
    id: 'no-ss_e',
    requirements: ['PQ-3.1-14', 'PQ-3.4-01', 'PQ-P-32'],
    breaks: 'S does not hold ss_e',
    reading: broken(() => ({
      keyMaterial: (a, { initiatorSecret, responderSecret, initiatorHash, responderHash }) =>
        inEveryPart(a, initiatorSecret, responderSecret, initiatorHash, responderHash),
    })),
  },
  {
    id: 'no-ss_i',
    requirements: ['PQ-3.1-14', 'PQ-3.4-01', 'PQ-P-32'],
    breaks: 'S does not hold ss_i',
    reading: broken(() => ({
      keyMaterial: (a, { ephemeralSecret, responderSecret, initiatorHash, responderHash }) =>
        inEveryPart(a, ephemeralSecret, responderSecret, initiatorHash, responderHash),
    })),
  },
  {
    id: 'no-ss_r',
    requirements: ['PQ-3.1-14', 'PQ-3.4-01', 'PQ-P-32'],
    breaks: 'S does not hold ss_r',
    reading: broken(() => ({
      keyMaterial: (a, { ephemeralSecret, initiatorSecret, initiatorHash, responderHash }) =>
        inEveryPart(a, ephemeralSecret, initiatorSecret, initiatorHash, responderHash),
    })),
  },
  {
    id: 'one-direction-hashed',
    requirements: ['PQ-3.1-14', 'PQ-3.5-01', 'PQ-P-36'],
    breaks: 'S and the confirmation values hold h_i only: what the responder said is in neither',
    reading: broken(() => ({
      keyMaterial: (a, { ephemeralSecret, initiatorSecret, responderSecret, initiatorHash }) =>
        inEveryPart(a, ephemeralSecret, initiatorSecret, responderSecret, initiatorHash),
      confirmationInput: (_, { initiatorHash }) => initiatorHash as never,
    })),
  },
  {
    id: 'hellos-only-hashed',
    requirements: ['PQ-3-16', 'PQ-3.1-12', 'PQ-3.1-13', 'PQ-P-30', 'PQ-P-31'],
    breaks: 'the transcript hashes cover messages 1 and 2 only',
    reading: broken(() => ({ transcript: (a, { first }) => a.hash(a.message(first)) as TranscriptHash<never> })),
  },
  {
    id: 'certificates-not-hashed',
    requirements: ['PQ-3-16', 'PQ-3.1-12', 'PQ-3.1-13', 'PQ-P-30', 'PQ-P-31'],
    breaks: 'the transcript hashes leave messages 3 and 4 out',
    reading: broken(() => ({
      transcript: (a, { first, third }) => a.hash(a.message(first), a.message(third)) as TranscriptHash<never>,
    })),
  },
  {
    id: 'encapsulations-not-hashed',
    requirements: ['PQ-3-16', 'PQ-3.1-12', 'PQ-3.1-13', 'PQ-P-30', 'PQ-P-31'],
    breaks: 'the transcript hashes leave messages 5 and 6 out',
    survives: 'the secrets in S determine the ciphertexts that they came with',
    reading: broken(() => ({
      transcript: (a, { first, second }) => a.hash(a.message(first), a.message(second)) as TranscriptHash<never>,
    })),
  },
  {
    id: 'psk-ignored',
    requirements: ['PQ-3.2-03', 'PQ-3.2.1-01', 'PQ-P-24'],
    breaks: 'k_hid is derived as if there were no pre-shared secret',
    reading: broken(({ hidingKey }) => ({
      hidingKey: (a, input) => hidingKey(a, { ...input, preSharedSecret: undefined }),
    })),
  },
  {
    id: 'hiding-key-without-ss_e',
    requirements: ['PQ-3-20', 'PQ-3.2-02', 'PQ-3.2.1-01'],
    breaks: 'k_hid is derived from the pre-shared secret and the label only',
    reading: broken(() => ({
      hidingKey: (a, { preSharedSecret }) =>
        a.expand({
          prk: a.extract({ salt: preSharedSecret ?? a.empty, ikm: a.text('HID') }),
          info: a.empty,
          length: 32,
        }) as HidingKey<never>,
    })),
  },
];
