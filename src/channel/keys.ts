// The keys of a channel, on octets or on terms (spec/channel.md, section 1).
import type { Derivation } from '../algebra/derivation.ts';
import { directionOf } from '../generated/channel.ts';
import {
  channelChain,
  channelCommitment,
  channelExporter,
  channelSecret,
  nextRoot,
  nextSecret,
  recordIv,
  recordKey,
} from '../generated/channelKeys.ts';
import type {
  ChannelChain,
  ChannelExporter,
  ChannelRoot,
  ChannelSecret,
  Commitment,
  RecordIv,
  RecordKey,
  SessionKey,
} from '../generated/kinds.ts';
import { otherRole, type Role } from '../role.ts';

/**
 * What protects the records of a direction now. A leak reveals what is and will be sent in it, until the next root takes its place; not
 * what was sent before the last ratchet (PQ-C-05, PQ-C-09).
 */
export interface Protection<O> {
  readonly secret: ChannelSecret<O>;
  readonly key: RecordKey<O>;
  readonly iv: RecordIv<O>;
  /** Of the next record: how many were sealed under this key. */
  readonly sequence: number;
}

/** The begin of a direction under a root. */
export interface Begin<O> {
  readonly commitment: Commitment<O>;
  readonly protection: Protection<O>;
}

/** What is derived from a root (PQ-C-01 to PQ-C-03). */
export interface RootSecrets<O> {
  /** Of the direction that this side sends in. */
  readonly sent: ChannelSecret<O>;
  readonly received: ChannelSecret<O>;
  /** A leak reveals, with `k_session` of an inner handshake, everything under the next root. */
  readonly chain: ChannelChain<O>;
  /** A leak reveals what applications exported under this root. */
  readonly exporter: ChannelExporter<O>;
}

/** Derives everything from a root, which is not needed any more then. */
export function rootSecrets<O>(a: Derivation<O>, role: Role, root: ChannelRoot<O>): RootSecrets<O> {
  const secretOf = (sender: Role): ChannelSecret<O> =>
    channelSecret(a, { root, direction: a.text(directionOf[sender]) });
  return {
    sent: secretOf(role),
    received: secretOf(otherRole(role)),
    chain: channelChain(a, { root }),
    exporter: channelExporter(a, { root }),
  };
}

/** The root of a channel is `k_session` of its handshake. */
export const firstRoot = <O>(sessionKey: SessionKey<O>): ChannelRoot<O> => sessionKey as unknown as ChannelRoot<O>;

/** The root after an inner handshake (PQ-C-07). */
export const rootAfter = <O>(a: Derivation<O>, chain: ChannelChain<O>, sessionKey: SessionKey<O>): ChannelRoot<O> =>
  nextRoot(a, { chain, sessionKey });

/** The keys under a secret of a direction, from its first record on. */
export const protectionOf = <O>(a: Derivation<O>, secret: ChannelSecret<O>): Protection<O> => ({
  secret,
  key: recordKey(a, { secret }),
  iv: recordIv(a, { secret }),
  sequence: 0,
});

/** A direction under a new root: its commitment, which only the first secret has (PQ-C-04), and its first keys. */
export const beginOf = <O>(a: Derivation<O>, secret: ChannelSecret<O>): Begin<O> => ({
  commitment: channelCommitment(a, { secret }),
  protection: protectionOf(a, secret),
});

/** The keys behind a ratchet (PQ-C-06, PQ-C-33). */
export const ratcheted = <O>(a: Derivation<O>, { secret }: Protection<O>): Protection<O> =>
  protectionOf(a, nextSecret(a, { secret }));

/** The keys for the next record. */
export const counted = <O>({ secret, key, iv, sequence }: Protection<O>): Protection<O> => ({
  secret,
  key,
  iv,
  sequence: sequence + 1,
});

/** The secrets of a protection. */
export const protectionSecrets = <O>({ secret, key, iv }: Protection<O>): readonly O[] => [secret, key, iv];

/** What the begin of a direction holds; its commitment is no secret once it went out. */
export const beginSecrets = <O>({ commitment, protection }: Begin<O>): readonly O[] => [
  commitment,
  ...protectionSecrets(protection),
];
