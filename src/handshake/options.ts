import type { CoinsOrOwn } from '../algebra/algebra.ts';
import type { ParsedCertificate } from '../certificate/parse.ts';
import type { TrustAnchor } from '../certificate/trustAnchor.ts';
import type { TrustStore } from '../certificate/trustStore.ts';
import { ConfigurationError } from '../configuration.ts';
import { preSharedSecretFault } from '../crypto/preSharedSecret.ts';
import { isConstant, secretCopy } from '../crypto/secret.ts';
import type { KemKey, Suite } from '../crypto/suite.ts';
import { defaultChoice, type Reading, type ReadingChoice, readingAxes, readingOf } from '../generated/keySchedule.ts';
import type { Bytes } from '../octets.ts';
import type { InitiatorParameters, ResponderParameters, Schedule } from '../protocol/parameters.ts';
import { largestCertificate } from '../wire/frame.ts';
import { type ExpectedPeer, peerWarnings } from './expectedPeer.ts';
import { type HedgedCoins, hedgedCoins } from './hedging.ts';
import { lifetimeWarnings } from './lifetimes.ts';
import type { ChosenProposals, ProposedProtocol } from './proposed.ts';
import { checkSuite, type SuitePolicy } from './suitePolicy.ts';

/** The own identity: a certificate and the key of its subject (PQ-P-60). */
export interface Credentials {
  readonly certificate: ParsedCertificate;
  readonly decapsulationKey: KemKey;
}

/** The options of both roles. A handshake has no other inputs: no clock, no files. */
export interface HandshakeOptions extends SuitePolicy {
  readonly credentials: Credentials;
  /**
   * The authorities that may have issued the peer's certificate (PQ-P-19). With intermediates or revocation lists, a
   * `trustStore`.
   */
  readonly trustAnchors: readonly TrustAnchor[] | TrustStore;
  /** The time at which certificates are judged. */
  readonly time: Date;
  /**
   * Whether a certificate whose signature verified before, under the same trust anchors, counts as read and verified (default). Everything
   * else is judged each time: validity, revocation, constraints, names. Whoever measures the time of a handshake, or shows a copy of a
   * certificate, then learns whether it was seen before. With `false` each handshake reads and verifies it anew, and remembers nothing.
   */
  readonly knownPeers?: boolean | undefined;
  /**
   * `ss_pre`, 32 to 128 octets of full entropy; both peers have it or neither (PQ-P-21, PQ-P-22). It is the key of an
   * HMAC (RFC 2104), and peers agree on it as that: zero octets at its end do not count, so `p` and `p || 00` are one
   * secret. A longer one would be one secret with its SHA-384, and is refused. It is copied at the start, and the copy is
   * wiped at the end; the array belongs to the caller. A secret of one repeated octet is refused.
   */
  readonly preSharedSecret?: Bytes | undefined;
  /**
   * Who the peer must be: a name, a list of names, a predicate, or `'anyone'` (see `ExpectedPeer`). Checked only after
   * both confirmations (section 3).
   */
  readonly expectedPeer: ExpectedPeer;
  /** Readings other than the default ones; both peers need the same. */
  readonly reading?: Partial<ReadingChoice> | undefined;
  /** Proposals for the draft, made by `proposedProtocol`: NOT THE PROTOCOL OF THE DRAFT. Not together with `reading`. Default: none. */
  readonly proposals?: ProposedProtocol | undefined;
  /** Default `eager`: five flights. */
  readonly schedule?: Schedule | undefined;
  /** Back end and algorithms; default noble with the mandatory suite. Both peers need the same algorithms. */
  readonly suite?: Suite | undefined;
  /**
   * Which of one's own coins are derived from one's static key, too, so that a generator that is broken, known or repeats
   * gives nobody the session who lacks that key (RFC 8937, PQ-P-61). Default `where-cheap`: all of them with noble; with the
   * native back end none (see `HedgedCoins`). With the profile of all proposals the default is `all`. The peer cannot tell.
   */
  readonly hedgedCoins?: HedgedCoins | undefined;
  /**
   * Octets after the last message are data of the application (`keep`, the default), or, on a transport that
   * carries only the handshake, a failure (`refuse`).
   */
  readonly afterwards?: 'keep' | 'refuse' | undefined;
  /**
   * Receives the secrets of this handshake, one line each without its end (spec/keylog.md); must not throw. WARNING:
   * these lines and a recording break every secrecy claim of this handshake, now and later, and strings cannot be
   * wiped. For debugging interoperability, with throw-away keys.
   */
  readonly keyLog?: ((line: string) => void) | undefined;
}

type Coins<P extends { coins: Readonly<Record<string, CoinsOrOwn<Bytes>>> }> = Partial<Record<keyof P['coins'], Bytes>>;

export interface InitiatorOptions extends HandshakeOptions {
  /** Fixed coins, for vectors and replays only. A coin that is given is used as it is; `hedgedCoins` says what the others are made of. */
  readonly coins?: Coins<InitiatorParameters<Bytes>> | undefined;
}

export interface ResponderOptions extends HandshakeOptions {
  /** Fixed coins, for vectors and replays only. A coin that is given is used as it is; `hedgedCoins` says what the others are made of. */
  readonly coins?: Coins<ResponderParameters<Bytes>> | undefined;
}

const defaultReading = readingOf(defaultChoice);

/** The reading of a partial choice. @throws ConfigurationError for an unknown alternative */
export function chosenReading(choice?: Partial<ReadingChoice>): Reading {
  if (choice === undefined) return defaultReading;
  const given = Object.entries(choice).filter(([, alternative]) => alternative !== undefined);
  for (const [axis, alternative] of given) {
    const known: readonly string[] | undefined = readingAxes[axis as keyof ReadingChoice]?.alternatives;
    if (!known?.includes(alternative)) throw new ConfigurationError(`there is no reading ${axis}=${alternative}`);
  }
  return readingOf({ ...defaultChoice, ...Object.fromEntries(given) });
}

/** Which coins the options have hedged. */
export const chosenHedging = ({
  hedgedCoins: covers,
  proposals,
}: Partial<Pick<HandshakeOptions, 'hedgedCoins' | 'proposals'>>): HedgedCoins =>
  covers ?? (proposals?.isProfile ? 'all' : 'where-cheap');

const draftAsItIs: ChosenProposals = {
  reading: (reading) => reading,
  kem: (kem) => kem,
  largestCertificate: (octets) => octets,
  algebra: (algebra) => algebra,
};

/** What the proposals of the options change; without any, nothing. */
export const chosenProposals = (suite: Suite, { proposals }: Pick<HandshakeOptions, 'proposals'>): ChosenProposals =>
  proposals?.of(suite) ?? draftAsItIs;

/**
 * Refuses options that cannot work, and calls `onWarning` for doubtful ones.
 * @throws ConfigurationError naming what is wrong
 */
export function checkOptions(suite: Suite, options: HandshakeOptions): void {
  const { credentials, trustAnchors, expectedPeer, preSharedSecret, onWarning } = options;
  checkSuite(suite.algorithms, options);
  const { length } = credentials.certificate.octets;
  const largest = chosenProposals(suite, options).largestCertificate(largestCertificate);
  if (length > largest) {
    throw new ConfigurationError(`the certificate has ${length} octets; at most ${largest} fit into a message`);
  }
  chosenReading(options.reading);
  const others = Object.values(options.reading ?? {}).filter((alternative) => alternative !== undefined);
  if (options.proposals !== undefined && others.length > 0)
    throw new ConfigurationError(
      'another reading and proposals exclude each other: proposals stand on the default reading',
    );
  const covers = chosenHedging(options);
  if (!hedgedCoins.includes(covers)) {
    throw new ConfigurationError(`hedged coins: expected ${hedgedCoins.join(', ')}, got ${String(covers)}`);
  }
  const trusted = 'authorities' in trustAnchors ? trustAnchors.authorities : trustAnchors;
  if (trusted.length === 0) throw new ConfigurationError('no trust anchor: no peer could be accepted');
  if (!suite.equal(credentials.certificate.encapsulationKey, credentials.decapsulationKey.encapsulationKey)) {
    throw new ConfigurationError('the decapsulation key is not the one of the certificate');
  }
  const fault = preSharedSecret && preSharedSecretFault(preSharedSecret);
  if (fault !== undefined) throw new ConfigurationError(`the pre-shared secret: ${fault}`);
  if (Number.isNaN(options.time.getTime())) throw new ConfigurationError('the time is not a valid date');
  const doubts = peerWarnings(expectedPeer, trustAnchors);
  if (onWarning === undefined) return;
  for (const warning of [...doubts, ...lifetimeWarnings(options, options.time)]) onWarning(warning);
}

/**
 * Returns a copy of a coin of the caller, which must have this number of octets, or `'own'`. @throws ConfigurationError
 */
export function coinOf(name: string, coin: Bytes | undefined, octets: number): CoinsOrOwn<Bytes> {
  if (coin === undefined) return 'own';
  if (coin.length !== octets)
    throw new ConfigurationError(`coins ${name}: expected ${octets} octets, got ${coin.length}`);
  if (coin[0] === 0 && isConstant(coin)) throw new ConfigurationError(`coins ${name}: all octets are zero`);
  return secretCopy(coin) as CoinsOrOwn<Bytes>;
}
