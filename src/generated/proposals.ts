// Generated from spec/ by `npm run generate`. Do not edit.

import type { Derivation } from '../algebra/derivation.ts';
import type {
  Certificate,
  ConfirmationKey,
  HidingKey,
  InitialVector,
  KeyMaterial,
  PreSharedSecret,
  SessionKey,
  SharedSecret,
  TranscriptHash,
} from './kinds.ts';
import type { Message } from './messages.ts';

/** A proposal that changes the protocol between peers (spec/proposals.md). */
export type ProposalId =
  | 'directional-hiding-keys'
  | 'authenticated-headers'
  | 'hiding-key-in-S'
  | 'labelled-derivations'
  | 'sealed-encapsulations'
  | 'padded-certificates'
  | 'committed-hiding-key'
  | 'context-in-transcript'
  | 'counted-pre-shared-secret'
  | 'certificates-by-reference';

/** What each proposal does, and whether it changes formulas alone or messages too. */
export const proposalTable = {
  'directional-hiding-keys': { title: 'each direction has a hiding key of its own', kind: 'derivation' },
  'authenticated-headers': { title: 'the header of a sealed message is its associated data', kind: 'derivation' },
  'hiding-key-in-S': { title: 'k_hid is an input of the final derivation', kind: 'derivation' },
  'labelled-derivations': { title: 'every derivation has a label of its own', kind: 'derivation' },
  'sealed-encapsulations': { title: 'ct_i and ct_r travel under keys derived from k_hid', kind: 'wire' },
  'padded-certificates': { title: 'certificates are padded before they are sealed', kind: 'wire' },
  'committed-hiding-key': { title: 'a sealed certificate commits to its key', kind: 'wire' },
  'context-in-transcript': { title: 'protocol, version and suite are in the transcript', kind: 'derivation' },
  'counted-pre-shared-secret': { title: 'the length of ss_pre is an input of k_hid', kind: 'derivation' },
  'certificates-by-reference': { title: 'a certificate that both sides hold is named by its digest', kind: 'wire' },
} as const satisfies Record<ProposalId, { readonly title: string; readonly kind: 'derivation' | 'wire' }>;

/** Octets: of the commitment to a key, and of what a padded certificate is a multiple of. */
export const proposalSizes = { commitment: 48, padding: 1024 } as const;

/** `k_hid_i`, `k_hid_r` = `Expand(Extract(salt = "", IKM = k_hid), info = "PQuAKE v1 hiding key of the " || sender, L = 32)` (section 3.2). The key of one direction. The sender is initiator or responder, in ASCII. */
export const directionalHidingKey = <O>(
  a: Derivation<O>,
  {
    hidingKey,
    sender,
  }: {
    /** `k_hid` */
    readonly hidingKey: HidingKey<O>;
    /** `sender` */
    readonly sender: O;
  },
): HidingKey<O> =>
  a.expand({
    prk: a.extract({ salt: a.empty, ikm: hidingKey }),
    info: a.concat(a.text('PQuAKE v1 hiding key of the '), sender),
    length: 32,
  }) as HidingKey<O>;

/** `k_hid` = `Expand(Extract(salt = ss_pre, IKM = ss_e || "HID"), info = "PQuAKE v1 hiding key", L = 32)`, without it `Expand(Extract(salt = ss_e, IKM = "HID"), info = "PQuAKE v1 hiding key", L = 32)` (sections 3.2.1, 3.2.2). As the default reading has it, with an info of its own. */
export const labelledHidingKey = <O>(
  a: Derivation<O>,
  {
    preSharedSecret,
    ephemeralSecret,
  }: {
    /** `ss_pre` */
    readonly preSharedSecret?: PreSharedSecret<O> | undefined;
    /** `ss_e` */
    readonly ephemeralSecret: SharedSecret<O>;
  },
): HidingKey<O> =>
  (preSharedSecret === undefined
    ? a.expand({
        prk: a.extract({ salt: ephemeralSecret, ikm: a.text('HID') }),
        info: a.text('PQuAKE v1 hiding key'),
        length: 32,
      })
    : a.expand({
        prk: a.extract({ salt: preSharedSecret, ikm: a.concat(ephemeralSecret, a.text('HID')) }),
        info: a.text('PQuAKE v1 hiding key'),
        length: 32,
      })) as HidingKey<O>;

/** `k_C_i`, `k_C_r`, `k_session` = `Expand(Extract(salt = "", IKM = S), info = "PQuAKE v1 session keys", L = 144)` (sections 3.1, 3.4). kdf_2 with an info of its own. */
export function labelledSessionKeys<O>(
  a: Derivation<O>,
  {
    keyMaterial,
  }: {
    /** `S` */
    readonly keyMaterial: KeyMaterial<O>;
  },
): {
  /** `k_C_i` */
  readonly initiatorConfirmationKey: ConfirmationKey<O>;
  /** `k_C_r` */
  readonly responderConfirmationKey: ConfirmationKey<O>;
  /** `k_session` */
  readonly sessionKey: SessionKey<O>;
} {
  const parts = a.cut(
    a.expand({
      prk: a.extract({ salt: a.empty, ikm: keyMaterial }),
      info: a.text('PQuAKE v1 session keys'),
      length: 144,
    }),
    [48, 48, 48],
  );
  return {
    initiatorConfirmationKey: parts[0] as ConfirmationKey<O>,
    responderConfirmationKey: parts[1] as ConfirmationKey<O>,
    sessionKey: parts[2] as SessionKey<O>,
  };
}

/** `k_enc_i`, `k_enc_r` = `Expand(Extract(salt = "", IKM = k_hid), info = "PQuAKE v1 encapsulation key of the " || sender, L = 32)` (section 3.3). The AES-256-GCM key of ct_i or ct_r. The sender is initiator or responder, in ASCII. */
export const encapsulationKeyOf = <O>(
  a: Derivation<O>,
  {
    hidingKey,
    sender,
  }: {
    /** `k_hid` */
    readonly hidingKey: HidingKey<O>;
    /** `sender` */
    readonly sender: O;
  },
): HidingKey<O> =>
  a.expand({
    prk: a.extract({ salt: a.empty, ikm: hidingKey }),
    info: a.concat(a.text('PQuAKE v1 encapsulation key of the '), sender),
    length: 32,
  }) as HidingKey<O>;

/** `IV_enc_i`, `IV_enc_r` = `Expand(Extract(salt = "", IKM = k_hid), info = "PQuAKE v1 encapsulation vector of the " || sender, L = 12)` (section 3.3). Its initial vector: the key seals one ciphertext. */
export const encapsulationVectorOf = <O>(
  a: Derivation<O>,
  {
    hidingKey,
    sender,
  }: {
    /** `k_hid` */
    readonly hidingKey: HidingKey<O>;
    /** `sender` */
    readonly sender: O;
  },
): InitialVector<O> =>
  a.expand({
    prk: a.extract({ salt: a.empty, ikm: hidingKey }),
    info: a.concat(a.text('PQuAKE v1 encapsulation vector of the '), sender),
    length: 12,
  }) as InitialVector<O>;

/** `padded` = `pad(cert, 1024)` (section 4.3). The length in four octets, the certificate, and zeros up to a multiple of 1,024 octets. */
export const paddedCertificate = <O>(
  a: Derivation<O>,
  {
    certificate,
  }: {
    /** `cert` */
    readonly certificate: Certificate<O>;
  },
): Certificate<O> => a.pad(certificate, 1024) as Certificate<O>;

/** `com` = `Expand(Extract(salt = "", IKM = key), info = "PQuAKE v1 key commitment", L = 48)` (section 4.3). Of the key that seals the certificate: as hard to make collide as SHA-384. */
export const keyCommitment = <O>(
  a: Derivation<O>,
  {
    hidingKey,
  }: {
    /** `key` */
    readonly hidingKey: HidingKey<O>;
  },
): O =>
  a.expand({ prk: a.extract({ salt: a.empty, ikm: hidingKey }), info: a.text('PQuAKE v1 key commitment'), length: 48 });

/** `h_i`, `h_r` = `SHA-384(length("PQuAKE", 1) || "PQuAKE" || 0x01 || length(suite, 1) || suite || m1 || m3 || m5)` (sections 3.1, 3.4). Written for h_i; h_r is the same over m2, m4, m6. The suite is its name in ASCII. */
export const contextTranscript = <O>(
  a: Derivation<O>,
  {
    suite,
    first,
    second,
    third,
  }: {
    /** `suite` */
    readonly suite: O;
    /** `m1` */
    readonly first: Message<O>;
    /** `m3` */
    readonly second: Message<O>;
    /** `m5` */
    readonly third: Message<O>;
  },
): TranscriptHash<O> =>
  a.hash(
    a.length(a.text('PQuAKE'), 1),
    a.text('PQuAKE'),
    a.octet(1),
    a.length(suite, 1),
    suite,
    a.message(first),
    a.message(second),
    a.message(third),
  ) as TranscriptHash<O>;

/** `ss_e` = `ss_e || length(ss_pre, 2)` (section 3.2.1). Stands where ss_e stands in the IKM of k_hid; without ss_pre nothing is counted. */
export const countedSecret = <O>(
  a: Derivation<O>,
  {
    preSharedSecret,
    ephemeralSecret,
  }: {
    /** `ss_pre` */
    readonly preSharedSecret: PreSharedSecret<O>;
    /** `ss_e` */
    readonly ephemeralSecret: SharedSecret<O>;
  },
): SharedSecret<O> => a.concat(ephemeralSecret, a.length(preSharedSecret, 2)) as SharedSecret<O>;

/** `framed` = `0x00 || cert` (section 4.3). The certificate follows. */
export const certificateItself = <O>(
  a: Derivation<O>,
  {
    certificate,
  }: {
    /** `cert` */
    readonly certificate: Certificate<O>;
  },
): Certificate<O> => a.concat(a.octet(0), certificate) as Certificate<O>;

/** `framed` = `0x01 || SHA-384(cert)` (section 4.3). Its SHA-384 follows: the peer holds it. */
export const certificateReference = <O>(
  a: Derivation<O>,
  {
    certificate,
  }: {
    /** `cert` */
    readonly certificate: Certificate<O>;
  },
): Certificate<O> => a.concat(a.octet(1), a.hash(certificate)) as Certificate<O>;
