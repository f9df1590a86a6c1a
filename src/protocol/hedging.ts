// Hedged coins (RFC 8937): a coin of one's own is derived from randomness and from one's static key. Who knows the one and not the
// other knows nothing of the coin. It is a matter of one side: no octet on the wire changes its meaning.
import type { Algebra, Coins, CoinsOrOwn, DecapsulationKey } from '../algebra/algebra.ts';
import type { Derivation } from '../algebra/derivation.ts';
import { sizes } from '../generated/constants.ts';
import { hedgedCoin, hedgingKey } from '../generated/keySchedule.ts';
import type { Ciphertext, HedgingKey } from '../generated/kinds.ts';
import type { Role } from '../role.ts';

/** Every coin of a handshake, and its octets. */
export const coinOctets = {
  ephemeralKey: sizes.keySeed,
  ephemeralEncapsulation: sizes.encapsulationCoins,
  initialVector: sizes.initialVector,
  encapsulation: sizes.encapsulationCoins,
} as const;

/** The name of a coin. */
export type CoinName = keyof typeof coinOctets;

/** A coin that is about to be used, and what it is for. */
export interface CoinUse<O> {
  readonly coin: CoinName;
  readonly coins: CoinsOrOwn<O>;
  /** What tells this session from another with the same randomness: of an encapsulation the key, and `k_hid` once there is one. */
  readonly bound: readonly O[];
}

/** Answers the coin to use in place of the one that is given or drawn. */
export type Hedge<O> = (use: CoinUse<O>) => CoinsOrOwn<O>;

/** The coin of a role for one use: hedged where the parameters say how. */
export const coinFor = <O, C extends CoinName>(
  p: { readonly coins: Readonly<Record<C, CoinsOrOwn<O>>>; readonly hedge?: Hedge<O> | undefined },
  coin: C,
  bound: readonly O[] = [],
): CoinsOrOwn<O> => p.hedge?.({ coin, coins: p.coins[coin], bound }) ?? p.coins[coin];

/** `k_h` (48) of a static key, by one decapsulation of `ct_h`, which is the same for every key of a KEM. */
export const hedgingKeyOf = <O>(
  a: Pick<Algebra<O>, 'decapsulate'> & Derivation<O>,
  decapsulationKey: DecapsulationKey<O>,
  ciphertext: Ciphertext<O>,
): HedgingKey<O> => hedgingKey(a, { hedgingSecret: a.decapsulate({ decapsulationKey, ciphertext }) });

/** What hedges the coins of one role: where `randomness` answers nothing, the coin stays as it is. */
export const hedging =
  <O>(
    a: Derivation<O>,
    role: Role,
    key: () => HedgingKey<O>,
    randomness: (use: CoinUse<O>) => O | undefined,
  ): Hedge<O> =>
  (use) => {
    const fresh = randomness(use);
    if (fresh === undefined) return use.coins;
    const { coin, bound } = use;
    return hedgedCoin(a, {
      hedgingKey: key(),
      randomness: fresh,
      name: a.text(`${role} ${coin}`),
      bound: a.concat(...bound),
      length: coinOctets[coin],
    }) as Coins<O>;
  };
