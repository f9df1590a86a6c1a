// Hedged coins: of a static key and randomness, the coin of every use.
import { bytesAlgebra } from '../../algebra/bytes.ts';
import { noble } from '../../crypto/noble.ts';
import { refused } from '../../failure.ts';
import { sizes } from '../../generated/constants.ts';
import { hedgingCiphertext } from '../../generated/keySchedule.ts';
import { type Bytes, concat, toHex } from '../../octets.ts';
import { type CoinName, coinOctets, hedging, hedgingKeyOf } from '../../protocol/hedging.ts';
import type { Role } from '../../role.ts';
import type { FileOf, HedgedCase } from './format.ts';
import { coins, vector } from './vectorOctets.ts';

interface Made {
  readonly id: string;
  readonly about: string;
  readonly role: Role;
  readonly coin: CoinName;
  /** Whose coins of the vector generator the static key, the randomness and what it is bound to are. */
  readonly key?: string;
  readonly randomness?: Bytes;
  readonly bound?: Bytes;
}

const policy = {
  verify: () => refused('certificate-malformed'),
  accept: () => refused('unexpected-peer'),
} as const;

function boundOf(coin: CoinName, name: string): Bytes {
  const key = coins(name, 'encapsulation key', sizes.encapsulationKey);
  const hidingKey = coins(name, 'k_hid', 32);
  const bound = {
    ephemeralKey: new Uint8Array(),
    ephemeralEncapsulation: key,
    initialVector: hidingKey,
    encapsulation: concat(hidingKey, key),
  };
  return bound[coin];
}

function hedged({ id, about, role, coin, key = 'hedged', ...given }: Made): HedgedCase {
  const seed = coins(key, 'static key', sizes.keySeed);
  const { randomness = coins(id, 'randomness', sizes.hedgedRandomness), bound = boundOf(coin, id) } = given;
  const { algebra } = bytesAlgebra(noble, policy);
  const decapsulationKey = noble.generateKemKey(seed);
  const ciphertext = hedgingCiphertext(algebra, { length: sizes.ciphertext });
  const hedgingKey = hedgingKeyOf(algebra, decapsulationKey, hedgingCiphertext(algebra, { length: sizes.ciphertext }));
  const hedge = hedging(
    algebra,
    role,
    () => hedgingKey,
    () => randomness,
  );
  const octets = hedge({ coin, coins: 'own', bound: [bound] });
  return {
    ...vector(id, about, 'PQ-P-61'),
    ...{ role, coin, seed: toHex(seed), ct_h: toHex(ciphertext) },
    ...{ ss_h: toHex(decapsulationKey.decapsulate(ciphertext)), k_h: toHex(hedgingKey) },
    ...{ randomness: toHex(randomness), bound: toHex(bound), length: coinOctets[coin] },
    octets: toHex(octets as Bytes),
  };
}

const uses: readonly (readonly [Role, CoinName])[] = [
  ['initiator', 'ephemeralKey'],
  ['initiator', 'initialVector'],
  ['initiator', 'encapsulation'],
  ['responder', 'ephemeralEncapsulation'],
  ['responder', 'initialVector'],
  ['responder', 'encapsulation'],
];

const zeros = new Uint8Array(sizes.hedgedRandomness);
const first = { id: 'hedged/zeros', role: 'initiator', coin: 'encapsulation', randomness: zeros } as const;
const bound = boundOf('encapsulation', first.id);

export const hedgedVectors: FileOf<'hedged'> = {
  kind: 'hedged',
  cases: [
    ...uses.map(
      ([role, coin]): Made => ({ id: `hedged/${role}/${coin}`, about: `${coin} of the ${role}`, role, coin }),
    ),
    { ...first, bound, about: 'a generator that answers zeros alone: the coin is secret nevertheless' } as const,
    {
      ...first,
      bound,
      id: 'hedged/zeros/responder',
      role: 'responder',
      about: 'the same, in the other role: another coin',
    } as const,
    {
      ...first,
      bound,
      id: 'hedged/zeros/other-key',
      key: 'hedged other',
      about: 'the same, of another static key: another coin',
    } as const,
    {
      ...first,
      id: 'hedged/zeros/other-session',
      bound: boundOf('encapsulation', 'hedged other'),
      about: 'the same, bound to another k_hid and another key: another coin',
    } as const,
  ].map(hedged),
};
