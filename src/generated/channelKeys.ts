// Generated from spec/ by `npm run generate`. Do not edit.

import type { Derivation } from '../algebra/derivation.ts';
import type {
  ChannelChain,
  ChannelExporter,
  ChannelRoot,
  ChannelSecret,
  Commitment,
  RecordIv,
  RecordKey,
  SessionKey,
} from './kinds.ts';

/** `secret_d` = `Expand(root, info = "pquake channel v1 " || d || 0x00 || SHA-384(""), L = 48)` (section 1). d is i2r or r2i, in ASCII. */
export const channelSecret = <O>(
  a: Derivation<O>,
  {
    root,
    direction,
  }: {
    /** `root` */
    readonly root: ChannelRoot<O>;
    /** `d` */
    readonly direction: O;
  },
): ChannelSecret<O> =>
  a.expand({
    prk: root,
    info: a.concat(a.text('pquake channel v1 '), direction, a.octet(0), a.hash(a.empty)),
    length: 48,
  }) as ChannelSecret<O>;

/** `chain` = `Expand(root, info = "pquake channel v1 chain" || 0x00 || SHA-384(""), L = 48)` (section 1). Only the next root is made of it. */
export const channelChain = <O>(
  a: Derivation<O>,
  {
    root,
  }: {
    /** `root` */
    readonly root: ChannelRoot<O>;
  },
): ChannelChain<O> =>
  a.expand({
    prk: root,
    info: a.concat(a.text('pquake channel v1 chain'), a.octet(0), a.hash(a.empty)),
    length: 48,
  }) as ChannelChain<O>;

/** `exporter` = `Expand(root, info = "pquake channel v1 exporter" || 0x00 || SHA-384(""), L = 48)` (section 1). Stands in the place of k_session in export and exportPair. */
export const channelExporter = <O>(
  a: Derivation<O>,
  {
    root,
  }: {
    /** `root` */
    readonly root: ChannelRoot<O>;
  },
): ChannelExporter<O> =>
  a.expand({
    prk: root,
    info: a.concat(a.text('pquake channel v1 exporter'), a.octet(0), a.hash(a.empty)),
    length: 48,
  }) as ChannelExporter<O>;

/** `commit_d` = `Expand(secret_d, info = "commit", L = 32)` (section 1). Of the first secret_d under a root. */
export const channelCommitment = <O>(
  a: Derivation<O>,
  {
    secret,
  }: {
    /** `secret_d` */
    readonly secret: ChannelSecret<O>;
  },
): Commitment<O> => a.expand({ prk: secret, info: a.text('commit'), length: 32 }) as Commitment<O>;

/** `key_d` = `Expand(secret_d, info = "key", L = 32)` (section 1). Of records under this secret_d. */
export const recordKey = <O>(
  a: Derivation<O>,
  {
    secret,
  }: {
    /** `secret_d` */
    readonly secret: ChannelSecret<O>;
  },
): RecordKey<O> => a.expand({ prk: secret, info: a.text('key'), length: 32 }) as RecordKey<O>;

/** `iv_d` = `Expand(secret_d, info = "iv", L = 12)` (section 1). Of records under this secret_d. */
export const recordIv = <O>(
  a: Derivation<O>,
  {
    secret,
  }: {
    /** `secret_d` */
    readonly secret: ChannelSecret<O>;
  },
): RecordIv<O> => a.expand({ prk: secret, info: a.text('iv'), length: 12 }) as RecordIv<O>;

/** `next secret_d` = `Expand(secret_d, info = "next", L = 48)` (section 1). The present one is wiped then. */
export const nextSecret = <O>(
  a: Derivation<O>,
  {
    secret,
  }: {
    /** `secret_d` */
    readonly secret: ChannelSecret<O>;
  },
): ChannelSecret<O> => a.expand({ prk: secret, info: a.text('next'), length: 48 }) as ChannelSecret<O>;

/** `root'` = `Extract(salt = chain, IKM = k_session)` (section 3). k_session is that of the inner handshake. */
export const nextRoot = <O>(
  a: Derivation<O>,
  {
    chain,
    sessionKey,
  }: {
    /** `chain` */
    readonly chain: ChannelChain<O>;
    /** `k_session` */
    readonly sessionKey: SessionKey<O>;
  },
): ChannelRoot<O> => a.extract({ salt: chain, ikm: sessionKey }) as ChannelRoot<O>;
