// The options of `serve` and `connect`.
import { Option } from 'commander';
import type { Padding } from '../../../channel/options.ts';
import type { ReadingChoice } from '../../../generated/keySchedule.ts';
import { type HedgedCoins, hedgedCoins } from '../../../handshake/hedging.ts';
import { limits } from '../../../limits.ts';
import type { Role } from '../../../protocol/parameters.ts';
import type { MaterialFiles } from '../../files/material.ts';
import type { ChannelSettings } from '../../transport/securedOptions.ts';
import { parsed, repeatable, required } from '../command.ts';
import { type JsonOptions, jsonOption, lenientOption } from '../options.ts';
import { passphraseOption } from '../passphrase.ts';
import { cryptoOption, type SuiteOptions, suiteOptions } from '../suite.ts';
import { describeReadings, parseCount, parsePadding, parseReading, parseSeconds } from '../words.ts';
import { parseExpected, parseIssuer } from './expected.ts';

/** The options of both, as the parser returns them. Times are milliseconds. */
export interface PeerOptions extends MaterialFiles, SuiteOptions, JsonOptions {
  readonly passphraseFile?: string;
  readonly reading?: Partial<ReadingChoice>;
  readonly profile?: 'proposed';
  readonly schedule: 'eager' | 'lockstep';
  readonly first: Role;
  readonly knownPeers?: boolean;
  readonly hedgedCoins?: HedgedCoins;
  readonly messageTimeout?: number;
  readonly handshakeTimeout?: number;
  readonly trace?: boolean;
  readonly sessionDigest?: boolean;
  readonly keylog?: string;
}

/** The options of a channel, as the parser returns them. Times are milliseconds. */
export interface ChannelWords {
  readonly padding?: Padding;
  readonly rehandshakeAfter?: number;
  readonly rehandshakeAfterOctets?: number;
  readonly rehandshakeTimeout?: number;
}

/** The options of both. */
export const peerOptions: readonly Option[] = [
  ...suiteOptions,
  required(new Option('--cert <file>', 'own certificate, PEM')),
  required(new Option('--key <file>', 'its private key, PKCS#8 PEM')),
  required(repeatable('--ca <file>', 'certificates of authorities, the trust anchors, PEM')),
  repeatable('--intermediates <file>', 'certificates of authorities under them, PEM'),
  repeatable('--crl <file>', 'revocation lists, PEM; a folder stands for the files in it'),
  new Option('--require-crl', 'refuse certificates of issuers without a revocation list'),
  lenientOption,
  passphraseOption('of the key, when that is encrypted'),
  new Option('--psk-file <file>', 'pre-shared secret: hexadecimal, 32 to 128 octets; both peers or neither'),
  repeatable(
    '--expect <name>',
    "who the peer must be: common name, CN=... for the subject, URI:..., DNS:..., or 'anyone'",
    parseExpected,
  ),
  repeatable(
    '--expect-issuer <anchor>',
    'the trust anchor that vouches for it: CN=... for its subject, or a file',
    parseIssuer,
  ),
  parsed(
    '--reading <k=v,...>',
    `readings of the draft other than the default ones: ${describeReadings()}`,
    parseReading,
  ),
  new Option(
    '--profile <name>',
    'proposed: the proposals for the draft (spec/proposals.md), which is not the protocol of the draft; both peers or neither',
  ).choices(['proposed']),
  cryptoOption,
  new Option('--schedule <name>', 'eager: five flights').choices(['eager', 'lockstep']).default('eager'),
  new Option('--first <role>', 'in lockstep, who shows its certificate first; the same on both sides')
    .choices(['initiator', 'responder'])
    .default('initiator'),
  new Option(
    '--no-known-peers',
    'verify every certificate anew; otherwise the time of a handshake shows whether its certificate came before',
  ),
  new Option(
    '--hedged-coins <which>',
    'make the random values of this side of its private key, too, against a weak generator (default: where-cheap, on the native back end none; with --profile: all)',
  ).choices(hedgedCoins),
  parsed('--message-timeout <seconds>', 'for each message (default: 10)', parseSeconds),
  parsed('--handshake-timeout <seconds>', 'for the whole handshake (default: 30)', parseSeconds),
  new Option('--trace', 'every message as a line of JSON on standard error'),
  new Option(jsonOption.flags, 'one line of JSON for each handshake on standard output'),
  new Option(
    '--session-digest',
    'also the SHA-384 of k_session in the JSON, to compare with a peer that prints that: for cross-checking only, as with it k_session is no longer as good as random',
  ),
  new Option(
    '--keylog <file>',
    'append the secrets of every handshake to it: breaks every secrecy claim (spec/keylog.md)',
  ),
];

/** The options of a channel. */
export const channelOptions: readonly Option[] = [
  parsed(
    '--padding <how>',
    'of what is sent: none, power-of-two, or a number of octets up to whose multiples records are padded (default: none)',
    parsePadding,
  ),
  parsed('--rehandshake-after <seconds>', 'have both peers authenticate again so often (default: never)', parseSeconds),
  parsed('--rehandshake-after-octets <n>', 'and after so many octets of both directions (default: never)', parseCount),
  parsed(
    '--rehandshake-timeout <seconds>',
    `for that: then the channel ends (default: ${limits.rehandshake / 1_000})`,
    parseSeconds,
  ),
];

/** The settings of a channel. */
export const channelSettingsOf = (words: ChannelWords): ChannelSettings => ({
  padding: words.padding,
  rehandshakeAfter: { milliseconds: words.rehandshakeAfter, octets: words.rehandshakeAfterOctets },
  rehandshakeTimeout: words.rehandshakeTimeout,
});

/** The limits on what a responder accepts, as the parser returns them. */
export interface IntakeWords {
  readonly maxHandshakes?: number;
  readonly maxHandshakesPerAddress?: number;
  readonly maxConnections?: number;
  readonly maxRate?: number;
  /** Milliseconds. */
  readonly firstOctetTimeout?: number;
}

/** The options that limit what a responder accepts. */
export const intakeOptions: readonly Option[] = [
  parsed(
    '--first-octet-timeout <seconds>',
    `for the first octet of a connection (default: ${limits.firstOctet / 1_000})`,
    parseSeconds,
  ),
  parsed(
    '--max-handshakes <n>',
    `handshakes under way; then a newcomer takes the place of the longest silent (default: ${limits.handshakes})`,
    parseCount,
  ),
  parsed(
    '--max-handshakes-per-address <n>',
    `of these, those of one IPv4 address or IPv6 /64 (default: ${limits.handshakesPerAddress})`,
    parseCount,
  ),
  parsed('--max-connections <n>', 'handshakes under way and open sessions together (default: no bound)', parseCount),
  parsed(
    '--max-rate <n>',
    `new connections a second of one IPv4 address or IPv6 /64, but for loopback (default: ${limits.handshakesPerSecond})`,
    parseCount,
  ),
];
