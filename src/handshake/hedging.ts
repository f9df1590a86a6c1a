// Coins of one's own on octets: drawn, and hedged with the static key as far as the option says (PQ-P-61).
import type { Coins } from '../algebra/algebra.ts';
import type { BytesAlgebra } from '../algebra/bytes.ts';
import { bytesDerivation } from '../algebra/bytesDerivation.ts';
import type { KemKey, Suite } from '../crypto/suite.ts';
import { sizes } from '../generated/constants.ts';
import { hedgingCiphertext } from '../generated/keySchedule.ts';
import type { Ciphertext, HedgingKey } from '../generated/kinds.ts';
import type { Bytes } from '../octets.ts';
import { type CoinName, type Hedge, hedging, hedgingKeyOf } from '../protocol/hedging.ts';
import type { Role } from '../role.ts';

/**
 * Which of one's own coins are derived from one's static key, too. `all`: every one. `where-free`: those for which the back end pays
 * nothing; with noble every one, with the native back end the ephemeral key and the initial vector, as OpenSSL draws the coins of
 * an encapsulation itself, and takes none. `none`: the generator alone.
 */
export type HedgedCoins = 'all' | 'where-free' | 'none';

/** The values of `HedgedCoins`. */
export const hedgedCoins: readonly HedgedCoins[] = ['all', 'where-free', 'none'];

/** Whether a coin is hedged on a back end. */
export const isHedged = (covers: HedgedCoins, suite: Suite, coin: CoinName): boolean =>
  covers === 'all' ||
  (covers === 'where-free' && (suite.takesCoins || coin === 'ephemeralKey' || coin === 'initialVector'));

// Public, and the same for every key of a KEM.
const reserved = new Map<string, Ciphertext<Bytes>>();

function reservedCiphertext(suite: Suite): Ciphertext<Bytes> {
  const { name, ciphertext: length } = suite.algorithms.kem;
  const known = reserved.get(name);
  if (known !== undefined) return known;
  const { derivation, retain } = bytesDerivation(suite);
  const made = Uint8Array.from(hedgingCiphertext(derivation, { length })) as Ciphertext<Bytes>;
  retain([]);
  reserved.set(name, made);
  return made;
}

/** Another ciphertext that nobody made. */
const beside = (ciphertext: Bytes): Bytes => ciphertext.map((octet, at) => (at === 0 ? octet ^ 0xff : octet));

/**
 * The static key as the peer's ciphertexts reach it. `ct_h` is for oneself: a peer that sends it has no secret made of what coins
 * depend on, which a key log would show. It gets what any wrong ciphertext gets, another secret that it does not know.
 */
export function staticKeyBehind(suite: Suite, covers: HedgedCoins, key: KemKey): KemKey {
  if (covers === 'none') return key;
  const own = reservedCiphertext(suite);
  return {
    ...key,
    decapsulate: (ciphertext) => key.decapsulate(suite.equal(ciphertext, own) ? beside(own) : ciphertext),
  };
}

/** What hedges the coins of one handshake. `owned` gets `k_h`, once it is derived, to wipe at the end. */
export function hedgeOn(
  suite: Suite,
  covers: HedgedCoins,
  { role, key, bytes, owned }: { role: Role; key: KemKey; bytes: BytesAlgebra; owned: Bytes[] },
): Hedge<Bytes> | undefined {
  if (covers === 'none') return undefined;
  let derived: HedgingKey<Bytes> | undefined;

  function hedgingKey(): HedgingKey<Bytes> {
    if (derived !== undefined) return derived;
    const { derivation, secret, retain } = bytesDerivation(suite);
    const decapsulate = ({ ciphertext }: { ciphertext: Bytes }) =>
      secret(key.decapsulateKept?.(ciphertext) ?? key.decapsulate(ciphertext));
    derived = hedgingKeyOf({ ...derivation, decapsulate }, key, reservedCiphertext(suite));
    retain([derived]);
    owned.push(derived);
    return derived;
  }

  const randomness = ({ coins, coin }: Parameters<Hedge<Bytes>>[0]): Bytes | undefined =>
    coins === 'own' && isHedged(covers, suite, coin)
      ? bytes.secret(suite.randomOctets(sizes.hedgedRandomness))
      : undefined;
  const hedge = hedging(bytes.algebra, role, hedgingKey, randomness);
  return (use) => {
    const coins = hedge(use);
    // The initial vector is public, and lives longer than the secrets of a transition.
    return use.coin === 'initialVector' && coins !== 'own' ? (Uint8Array.from(coins) as Coins<Bytes>) : coins;
  };
}
