// Generated from spec/ by `npm run generate`. Do not edit.

import type { Derivation } from '../algebra/derivation.ts';
import type {
  Ciphertext,
  Confirmation,
  ConfirmationInput,
  ConfirmationKey,
  HedgingKey,
  HidingKey,
  KeyMaterial,
  PreSharedSecret,
  SessionKey,
  SharedSecret,
  TranscriptHash,
} from './kinds.ts';
import type { Message } from './messages.ts';

/** The arguments for `h_i`, `h_r` (sections 3.1, 3.4). Section 3 asks for chain-hashes of all the messages; 3.1 and 3.4 list the fields only. Written for h_i; h_r is the same over m2, m4, m6. */
export interface TranscriptArguments<O> {
  /** `m1` */
  readonly first: Message<O>;
  /** `m3` */
  readonly second: Message<O>;
  /** `m5` */
  readonly third: Message<O>;
}

/** The arguments for `k_hid` (sections 3.2.1, 3.2.2). The arguments of kdf_1 are not assigned to those of HKDF; section 3 also wants the messages hashed into it. */
export interface HidingKeyArguments<O> {
  /** `ss_pre` */
  readonly preSharedSecret?: PreSharedSecret<O> | undefined;
  /** `ss_e` */
  readonly ephemeralSecret: SharedSecret<O>;
  /** `m1` */
  readonly initiatorHello: Message<O>;
  /** `m2` */
  readonly responderHello: Message<O>;
}

/** The arguments for `AD` (section 4.3). The associated data of the AEAD is not stated. */
export interface AssociatedDataArguments<O> {
  /** `header` */
  readonly header: O;
}

/** The arguments for `S` (sections 3.1, 3.4). Section 3's prose puts the hiding key into the final derivation; the formulas of 3.1 and 3.4 do not. */
export interface KeyMaterialArguments<O> {
  /** `ss_e` */
  readonly ephemeralSecret: SharedSecret<O>;
  /** `ss_i` */
  readonly initiatorSecret: SharedSecret<O>;
  /** `ss_r` */
  readonly responderSecret: SharedSecret<O>;
  /** `h_i` */
  readonly initiatorHash: TranscriptHash<O>;
  /** `h_r` */
  readonly responderHash: TranscriptHash<O>;
  /** `k_hid` */
  readonly hidingKey: HidingKey<O>;
}

/** The arguments for the input of `C_i`, `C_r` (sections 3.1, 3.5). The figure of 3.1 has the halves of the MAC input the other way round from 3.5. */
export interface ConfirmationInputArguments<O> {
  /** `h_i` */
  readonly initiatorHash: TranscriptHash<O>;
  /** `h_r` */
  readonly responderHash: TranscriptHash<O>;
}

/** The few functions in which the draft is ambiguous, or which it leaves open. */
export interface Reading {
  /** `h_i`, `h_r` */
  readonly transcript: <O>(a: Derivation<O>, input: TranscriptArguments<O>) => TranscriptHash<O>;
  /** `k_hid` */
  readonly hidingKey: <O>(a: Derivation<O>, input: HidingKeyArguments<O>) => HidingKey<O>;
  /** `AD` */
  readonly associatedData: <O>(a: Derivation<O>, input: AssociatedDataArguments<O>) => O;
  /** `S` */
  readonly keyMaterial: <O>(a: Derivation<O>, input: KeyMaterialArguments<O>) => KeyMaterial<O>;
  /** The input of `C_i`, `C_r` */
  readonly confirmationInput: <O>(a: Derivation<O>, input: ConfirmationInputArguments<O>) => ConfirmationInput<O>;
  /** The keys of `kdf_2`: no reading of the draft changes them, a proposal does. */
  readonly sessionKeys: typeof sessionKeys;
}

/** A reading by the names of its alternatives. */
export interface ReadingChoice {
  readonly transcript: 'messages' | 'fields' | 'chained';
  readonly hidingKey: 'salted' | 'label-info' | 'bound';
  readonly associatedData: 'empty' | 'header';
  readonly keyMaterial: 'secrets-and-hashes' | 'hiding-key';
  readonly confirmationInput: 'initiator-first' | 'figure';
}

/** The reading that this project takes where nothing else is chosen. */
export const defaultChoice: ReadingChoice = {
  transcript: 'messages',
  hidingKey: 'salted',
  associatedData: 'empty',
  keyMaterial: 'secrets-and-hashes',
  confirmationInput: 'initiator-first',
};

/** The axes of a reading: other names for each, and the alternatives, the default first. */
export const readingAxes = {
  transcript: { aliases: ['h', 'h_i', 'h_r'], alternatives: ['messages', 'fields', 'chained'] },
  hidingKey: { aliases: ['k_hid', 'kdf_1'], alternatives: ['salted', 'label-info', 'bound'] },
  associatedData: { aliases: ['AD', 'aad'], alternatives: ['empty', 'header'] },
  keyMaterial: { aliases: ['S', 'secrets'], alternatives: ['secrets-and-hashes', 'hiding-key'] },
  confirmationInput: { aliases: ['C', 'C_i', 'C_r', 'confirmation'], alternatives: ['initiator-first', 'figure'] },
} as const satisfies Record<keyof ReadingChoice, { aliases: readonly string[]; alternatives: readonly string[] }>;

/** The readings of `h_i`, `h_r`; the first is the default. */
export const transcriptAlternatives = {
  /** `SHA-384(m1 || m3 || m5)` */
  messages: <O>(a: Derivation<O>, { first, second, third }: TranscriptArguments<O>) =>
    a.hash(a.message(first), a.message(second), a.message(third)) as TranscriptHash<O>,
  /** `SHA-384(data(m1) || data(m3) || data(m5))` */
  fields: <O>(a: Derivation<O>, { first, second, third }: TranscriptArguments<O>) =>
    a.hash(a.data(first), a.data(second), a.data(third)) as TranscriptHash<O>,
  /** `SHA-384(SHA-384(SHA-384(m1) || m3) || m5)` */
  chained: <O>(a: Derivation<O>, { first, second, third }: TranscriptArguments<O>) =>
    a.hash(a.hash(a.hash(a.message(first)), a.message(second)), a.message(third)) as TranscriptHash<O>,
} as const satisfies Record<string, Reading['transcript']>;

/** The readings of `k_hid`; the first is the default. */
export const hidingKeyAlternatives = {
  /** `Expand(Extract(salt = ss_pre, IKM = ss_e || "HID"), info = "", L = 32)`, without it `Expand(Extract(salt = ss_e, IKM = "HID"), info = "", L = 32)` */
  salted: <O>(a: Derivation<O>, { preSharedSecret, ephemeralSecret }: HidingKeyArguments<O>) =>
    (preSharedSecret === undefined
      ? a.expand({ prk: a.extract({ salt: ephemeralSecret, ikm: a.text('HID') }), info: a.empty, length: 32 })
      : a.expand({
          prk: a.extract({ salt: preSharedSecret, ikm: a.concat(ephemeralSecret, a.text('HID')) }),
          info: a.empty,
          length: 32,
        })) as HidingKey<O>,
  /** `Expand(Extract(salt = ss_pre, IKM = ss_e), info = "HID", L = 32)`, without it `Expand(Extract(salt = "", IKM = ss_e), info = "HID", L = 32)` */
  'label-info': <O>(a: Derivation<O>, { preSharedSecret, ephemeralSecret }: HidingKeyArguments<O>) =>
    (preSharedSecret === undefined
      ? a.expand({ prk: a.extract({ salt: a.empty, ikm: ephemeralSecret }), info: a.text('HID'), length: 32 })
      : a.expand({
          prk: a.extract({ salt: preSharedSecret, ikm: ephemeralSecret }),
          info: a.text('HID'),
          length: 32,
        })) as HidingKey<O>,
  /** `Expand(Extract(salt = ss_pre, IKM = ss_e || "HID" || SHA-384(m1) || SHA-384(m2)), info = "", L = 32)`, without it `Expand(Extract(salt = ss_e, IKM = "HID" || SHA-384(m1) || SHA-384(m2)), info = "", L = 32)` */
  bound: <O>(
    a: Derivation<O>,
    { preSharedSecret, ephemeralSecret, initiatorHello, responderHello }: HidingKeyArguments<O>,
  ) =>
    (preSharedSecret === undefined
      ? a.expand({
          prk: a.extract({
            salt: ephemeralSecret,
            ikm: a.concat(a.text('HID'), a.hash(a.message(initiatorHello)), a.hash(a.message(responderHello))),
          }),
          info: a.empty,
          length: 32,
        })
      : a.expand({
          prk: a.extract({
            salt: preSharedSecret,
            ikm: a.concat(
              ephemeralSecret,
              a.text('HID'),
              a.hash(a.message(initiatorHello)),
              a.hash(a.message(responderHello)),
            ),
          }),
          info: a.empty,
          length: 32,
        })) as HidingKey<O>,
} as const satisfies Record<string, Reading['hidingKey']>;

/** The readings of `AD`; the first is the default. */
export const associatedDataAlternatives = {
  /** `""` */
  empty: <O>(a: Derivation<O>) => a.empty,
  /** `header` */
  header: <O>(_: Derivation<O>, { header }: AssociatedDataArguments<O>) => header,
} as const satisfies Record<string, Reading['associatedData']>;

/** The readings of `S`; the first is the default. */
export const keyMaterialAlternatives = {
  /** `ss_e || ss_i || ss_r || h_i || h_r` */
  'secrets-and-hashes': <O>(
    a: Derivation<O>,
    { ephemeralSecret, initiatorSecret, responderSecret, initiatorHash, responderHash }: KeyMaterialArguments<O>,
  ) => a.concat(ephemeralSecret, initiatorSecret, responderSecret, initiatorHash, responderHash) as KeyMaterial<O>,
  /** `ss_e || ss_i || ss_r || h_i || h_r || k_hid` */
  'hiding-key': <O>(
    a: Derivation<O>,
    {
      ephemeralSecret,
      initiatorSecret,
      responderSecret,
      initiatorHash,
      responderHash,
      hidingKey,
    }: KeyMaterialArguments<O>,
  ) =>
    a.concat(
      ephemeralSecret,
      initiatorSecret,
      responderSecret,
      initiatorHash,
      responderHash,
      hidingKey,
    ) as KeyMaterial<O>,
} as const satisfies Record<string, Reading['keyMaterial']>;

/** The readings of the input of `C_i`, `C_r`; the first is the default. */
export const confirmationInputAlternatives = {
  /** `h_i || h_r` */
  'initiator-first': <O>(a: Derivation<O>, { initiatorHash, responderHash }: ConfirmationInputArguments<O>) =>
    a.concat(initiatorHash, responderHash) as ConfirmationInput<O>,
  /** `h_r || h_i` */
  figure: <O>(a: Derivation<O>, { initiatorHash, responderHash }: ConfirmationInputArguments<O>) =>
    a.concat(responderHash, initiatorHash) as ConfirmationInput<O>,
} as const satisfies Record<string, Reading['confirmationInput']>;

/** The functions of a chosen reading. */
export const readingOf = (choice: ReadingChoice): Reading => ({
  transcript: transcriptAlternatives[choice.transcript],
  hidingKey: hidingKeyAlternatives[choice.hidingKey],
  associatedData: associatedDataAlternatives[choice.associatedData],
  keyMaterial: keyMaterialAlternatives[choice.keyMaterial],
  confirmationInput: confirmationInputAlternatives[choice.confirmationInput],
  sessionKeys,
});

/** `k_C_i`, `k_C_r`, `k_session` = `Expand(Extract(salt = "", IKM = S), info = "", L = 144)` (sections 3.1, 3.4). Lengths and kdf_2 are not stated; this is the only reading. */
export function sessionKeys<O>(
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
    a.expand({ prk: a.extract({ salt: a.empty, ikm: keyMaterial }), info: a.empty, length: 144 }),
    [48, 48, 48],
  );
  return {
    initiatorConfirmationKey: parts[0] as ConfirmationKey<O>,
    responderConfirmationKey: parts[1] as ConfirmationKey<O>,
    sessionKey: parts[2] as SessionKey<O>,
  };
}

/** `C_i`, `C_r` = `HMAC(k_C_i (k_C_r), input)` (section 3.5). Keyed by the sender's confirmation key. (3.5 names keys K_ir and K_ri that nothing defines: they are k_C_i and k_C_r.) */
export const confirmation = <O>(
  a: Derivation<O>,
  {
    key,
    input,
  }: {
    /** `k_C_i (k_C_r)` */
    readonly key: ConfirmationKey<O>;
    /** `input` */
    readonly input: ConfirmationInput<O>;
  },
): Confirmation<O> => a.mac({ key, message: input }) as Confirmation<O>;

/** `export` = `Expand(k_session, info = label || 0x00 || SHA-384(context), L = L)`. This project's own exporter; the draft has none. The label is ASCII without NUL; length is in octets, at most 12,240. */
export const exported = <O>(
  a: Derivation<O>,
  {
    sessionKey,
    label,
    context,
    length,
  }: {
    /** `k_session` */
    readonly sessionKey: SessionKey<O>;
    /** `label` */
    readonly label: O;
    /** `context` */
    readonly context: O;
    /** `L` */
    readonly length: number;
  },
): O => a.expand({ prk: sessionKey, info: a.concat(label, a.octet(0), a.hash(context)), length });

/** `exportPair` = `Expand(k_session, info = label || 0x00 || SHA-384(context) || sender || length, L = L)`. This project's own; a key for one direction. The sender of what the key protects is initiator or responder, in ASCII; length is L in two octets, the high one first. No key of export has this info, as that ends with the hash. */
export const directionalExport = <O>(
  a: Derivation<O>,
  {
    sessionKey,
    label,
    context,
    sender,
    lengthOctets,
    length,
  }: {
    /** `k_session` */
    readonly sessionKey: SessionKey<O>;
    /** `label` */
    readonly label: O;
    /** `context` */
    readonly context: O;
    /** `sender` */
    readonly sender: O;
    /** `length` */
    readonly lengthOctets: O;
    /** `L` */
    readonly length: number;
  },
): O => a.expand({ prk: sessionKey, info: a.concat(label, a.octet(0), a.hash(context), sender, lengthOctets), length });

/** `session` = `Expand(k_session, info = "pquake session identifier" || 0x00 || SHA-384(""), L = 48)`. This project's own; public, equal on both sides. It is export with a label that no application may use, no context and 48 octets, so it shows nothing of what other labels export. */
export const sessionIdentifier = <O>(
  a: Derivation<O>,
  {
    sessionKey,
  }: {
    /** `k_session` */
    readonly sessionKey: SessionKey<O>;
  },
): O =>
  a.expand({
    prk: sessionKey,
    info: a.concat(a.text('pquake session identifier'), a.octet(0), a.hash(a.empty)),
    length: 48,
  });

/** `ct_h` = `Expand(Extract(salt = "", IKM = "pquake hedged coins"), info = "ciphertext", L = L)`. This project's own, for hedged coins. Nobody made this ciphertext, so that the KEM rejects it implicitly: what its decapsulation answers is a pseudorandom function of the static key. L is that of a ciphertext of the KEM. */
export const hedgingCiphertext = <O>(
  a: Derivation<O>,
  {
    length,
  }: {
    /** `L` */
    readonly length: number;
  },
): Ciphertext<O> =>
  a.expand({
    prk: a.extract({ salt: a.empty, ikm: a.text('pquake hedged coins') }),
    info: a.text('ciphertext'),
    length,
  }) as Ciphertext<O>;

/** `k_h` = `Extract(salt = ss_h, IKM = randomness)`. This project's own, after RFC 8937: what all coins of one handshake are expanded from. ss_h is what one's own static key decapsulates from ct_h, and nothing else is made of it; randomness is fresh, 64 octets for each handshake. */
export const hedgingKey = <O>(
  a: Derivation<O>,
  {
    hedgingSecret,
    randomness,
  }: {
    /** `ss_h` */
    readonly hedgingSecret: SharedSecret<O>;
    /** `randomness` */
    readonly randomness: O;
  },
): HedgingKey<O> => a.extract({ salt: hedgingSecret, ikm: randomness }) as HedgingKey<O>;

/** `coin` = `Expand(k_h, info = "pquake hedged coins" || 0x00 || name || 0x00 || bound, L = L)`. This project's own, after RFC 8937: a coin of one's own. name is the role and the coin, in ASCII without NUL. bound is what tells this session from another that has the same randomness: for an encapsulation the key that it is to, after k_hid where there is one. */
export const hedgedCoin = <O>(
  a: Derivation<O>,
  {
    hedgingKey,
    name,
    bound,
    length,
  }: {
    /** `k_h` */
    readonly hedgingKey: HedgingKey<O>;
    /** `name` */
    readonly name: O;
    /** `bound` */
    readonly bound: O;
    /** `L` */
    readonly length: number;
  },
): O =>
  a.expand({
    prk: hedgingKey,
    info: a.concat(a.text('pquake hedged coins'), a.octet(0), name, a.octet(0), bound),
    length,
  });
