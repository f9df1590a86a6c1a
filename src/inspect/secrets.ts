// A key log applied to a recording: the key schedule of the product runs on the messages recorded, in every reading that is tried.

import type { Sealing } from '../algebra/algebra.ts';
import { bytesSealing } from '../algebra/bytes.ts';
import { bytesDerivation } from '../algebra/bytesDerivation.ts';
import type { Derivation } from '../algebra/derivation.ts';
import type { Suite } from '../crypto/suite.ts';
import type { LoggedSecret } from '../generated/keyLog.ts';
import { defaultChoice, type ReadingChoice, readingOf } from '../generated/keySchedule.ts';
import type { HidingKey, PreSharedSecret, SharedSecret, TranscriptHash } from '../generated/kinds.ts';
import type { Message, MessageName } from '../generated/messages.ts';
import type { Bytes } from '../octets.ts';
import { confirmationOf, type Derived, deriveKeys, openCertificate, type Transcript } from '../protocol/steps.ts';
import { encode } from '../wire/frame.ts';
import type { Frame } from './frames.ts';
import type { Logged } from './keyLog.ts';
import { alternativesOf, best, completed } from './readings.ts';

type MessageOf<N extends MessageName> = Extract<Message<Bytes>, { readonly type: N }>;

/** The means by which a recording is judged. */
export interface Evidence {
  readonly suite: Suite;
  readonly logged: Logged;
  readonly preSharedSecret: Bytes | undefined;
  /** The readings asked for; the other axes are tried. */
  readonly asked: Partial<ReadingChoice>;
}

/** The messages of one handshake by name, and the operations that derive from them. No certificate is judged here. */
export interface Recording {
  readonly algebra: Derivation<Bytes> & Sealing<Bytes>;
  readonly get: <N extends MessageName>(name: N) => MessageOf<N> | undefined;
}

/** Of each name the first message whose length is right. */
export function recordingOf(suite: Suite, frames: readonly Frame[]): Recording {
  const messages = new Map<MessageName, Message<Bytes>>();
  for (const { name, message } of frames) {
    if (message !== undefined && !messages.has(name)) messages.set(name, message);
  }
  // The transcript is over the octets that were sent. These are read with the KEM of the mandatory suite, and written with it.
  const algebra = { ...bytesDerivation(suite).derivation, ...bytesSealing(suite), message: encodeMandatory };
  return { algebra, get: <N extends MessageName>(name: N) => messages.get(name) as MessageOf<N> | undefined };
}

const encodeMandatory = (message: Message<Bytes>): Bytes => encode(message);

/** A value for `k_hid`, and how it came about, where that is known. */
export interface Hiding {
  readonly hidingKey: HidingKey<Bytes>;
  readonly alternative: ReadingChoice['hidingKey'] | undefined;
  /** Whether with the pre-shared secret. */
  readonly preShared: boolean | undefined;
}

/** Values of `k_hid` from `ss_e`, in every reading, with the pre-shared secret and without. */
function derivedHidings({ algebra, get }: Recording, { logged, preSharedSecret, asked }: Evidence): Hiding[] {
  const [initiatorHello, responderHello] = [get('initiatorHello'), get('responderHello')];
  const ephemeralSecret = logged.ss_e as SharedSecret<Bytes> | undefined;
  if (initiatorHello === undefined || responderHello === undefined || ephemeralSecret === undefined) return [];
  const secrets = preSharedSecret === undefined ? [undefined] : [preSharedSecret as PreSharedSecret<Bytes>, undefined];
  return secrets.flatMap((secret) =>
    alternativesOf('hidingKey', asked).map((alternative) => ({
      hidingKey: readingOf({ ...defaultChoice, hidingKey: alternative }).hidingKey(algebra, {
        preSharedSecret: secret,
        ephemeralSecret,
        initiatorHello,
        responderHello,
      }),
      alternative,
      preShared: secret !== undefined,
    })),
  );
}

/** The values that `k_hid` may have: the logged one, else those that follow from `ss_e`. */
export function hidingsOf(recording: Recording, evidence: Evidence): Hiding[] {
  const derived = derivedHidings(recording, evidence);
  const hidingKey = evidence.logged.k_hid as HidingKey<Bytes> | undefined;
  if (hidingKey === undefined) return derived;
  const match = derived.find((one) => evidence.suite.equal(one.hidingKey, hidingKey));
  return [{ hidingKey, alternative: match?.alternative, preShared: match?.preShared }];
}

const certificateMessages = ['initiatorCertificate', 'responderCertificate'] as const;

/** Certificates opened under one `k_hid` and one reading of the associated data. */
export interface Opening extends Hiding {
  readonly associatedData: ReadingChoice['associatedData'];
  /** By message: the certificate, or that its tag is wrong. */
  readonly opened: ReadonlyMap<MessageName, Bytes | 'wrong tag'>;
}

/** Opens the certificates as far as they were recorded; the attempt that opened most. */
export function openingOf(recording: Recording, evidence: Evidence): Opening | undefined {
  const { algebra, get } = recording;
  const attempts = hidingsOf(recording, evidence).flatMap((hiding) =>
    alternativesOf('associatedData', evidence.asked).map((alternative): Opening => {
      const reading = readingOf({ ...defaultChoice, associatedData: alternative });
      const opened = new Map<MessageName, Bytes | 'wrong tag'>();
      for (const name of certificateMessages) {
        const message = get(name);
        if (message === undefined) continue;
        const one = openCertificate({ algebra, reading }, hiding.hidingKey, message);
        opened.set(name, one.ok ? one.value : 'wrong tag');
      }
      return { ...hiding, associatedData: alternative, opened };
    }),
  );
  return best(attempts, ({ opened }) => [...opened.values()].filter((one) => one !== 'wrong tag').length);
}

/** The first three messages of each direction. */
export function transcriptOf({ get }: Recording): Partial<Transcript<Bytes>> {
  const [m1, m3, m5] = [get('initiatorHello'), get('initiatorCertificate'), get('initiatorEncapsulation')];
  const [m2, m4, m6] = [get('responderHello'), get('responderCertificate'), get('responderEncapsulation')];
  return {
    ...(m1 && m3 && m5 && { initiator: [m1, m3, m5] as const }),
    ...(m2 && m4 && m6 && { responder: [m2, m4, m6] as const }),
  };
}

/** `h_i`, `h_r` as far as their messages were recorded, in one reading. */
export function hashesOf(
  recording: Recording,
  transcript: ReadingChoice['transcript'],
): { h_i: TranscriptHash<Bytes> | undefined; h_r: TranscriptHash<Bytes> | undefined } {
  const reading = readingOf({ ...defaultChoice, transcript });
  const hash = (messages: Transcript<Bytes>['initiator'] | Transcript<Bytes>['responder'] | undefined) => {
    if (messages === undefined) return undefined;
    const [first, second, third] = messages;
    return reading.transcript(recording.algebra, { first, second, third });
  };
  const { initiator, responder } = transcriptOf(recording);
  return { h_i: hash(initiator), h_r: hash(responder) };
}

/** The key schedule in one reading, and how far the recording and the log agree with it. */
export interface KeySchedule extends Derived<Bytes> {
  readonly choice: ReadingChoice;
  readonly keyMaterial: Bytes;
  /** `C_i` and `C_r` as they should be. */
  readonly expected: { readonly C_i: Bytes; readonly C_r: Bytes };
  /** Whether the value that was seen is the expected one; `undefined` where none was seen. */
  readonly agrees: { readonly [value in 'C_i' | 'C_r' | 'k_session']: boolean | undefined };
}

const secretOf = (logged: Logged, symbol: LoggedSecret): SharedSecret<Bytes> | undefined =>
  logged[symbol] as SharedSecret<Bytes> | undefined;

/** The key schedule from the logged secrets; the reading with which most agrees. `undefined` where something is missing. */
export function keyScheduleOf(
  recording: Recording,
  { suite, logged, asked }: Evidence,
  opening: Opening | undefined,
): KeySchedule | undefined {
  const { initiator, responder } = transcriptOf(recording);
  const [ephemeralSecret, initiatorSecret, responderSecret] = (['ss_e', 'ss_i', 'ss_r'] as const).map((symbol) =>
    secretOf(logged, symbol),
  );
  if (!initiator || !responder || !ephemeralSecret || !initiatorSecret || !responderSecret || !opening)
    return undefined;
  const { algebra, get } = recording;
  const { hidingKey } = opening;
  const secrets = { ephemeralSecret, initiatorSecret, responderSecret, hidingKey };
  const compare = (expected: Bytes, seen: Bytes | undefined) => seen && suite.equal(expected, seen);
  const attempt = (choice: ReadingChoice): KeySchedule => {
    const reading = readingOf(choice);
    const derived = deriveKeys({ algebra, reading }, secrets, { initiator, responder });
    const { initiatorConfirmationKey, responderConfirmationKey, sessionKey, hashes } = derived;
    const C_i = confirmationOf({ algebra, reading }, initiatorConfirmationKey, hashes);
    const C_r = confirmationOf({ algebra, reading }, responderConfirmationKey, hashes);
    const agrees = {
      C_i: compare(C_i, get('initiatorConfirmation')?.confirmation),
      C_r: compare(C_r, get('responderConfirmation')?.confirmation),
      k_session: compare(sessionKey, logged.k_session),
    };
    const keyMaterial = reading.keyMaterial(algebra, { ...secrets, ...hashes });
    return { ...derived, choice, keyMaterial, expected: { C_i, C_r }, agrees };
  };
  const base = completed(asked);
  const attempts = alternativesOf('transcript', asked).flatMap((transcript) =>
    alternativesOf('keyMaterial', asked).flatMap((keyMaterial) =>
      alternativesOf('confirmationInput', asked).map((confirmationInput) =>
        attempt({ ...base, transcript, keyMaterial, confirmationInput }),
      ),
    ),
  );
  return best(attempts, ({ agrees }) => Object.values(agrees).filter((one) => one === true).length);
}
