// Generated from spec/ by `npm run generate`. Do not edit.

import type { Ciphertext, Confirmation, EncapsulationKey, InitialVector, SealedCertificate } from './kinds.ts';
import type {
  InitiatorCertificate,
  InitiatorConfirmation,
  InitiatorEncapsulation,
  InitiatorHello,
  Message,
  MessageName,
  ResponderCertificate,
  ResponderConfirmation,
  ResponderEncapsulation,
  ResponderHello,
} from './messages.ts';

/** Octets of the KEM of a suite that stand on the wire. */
export interface KemSizes {
  readonly encapsulationKey: number;
  readonly ciphertext: number;
  /** What the data of messages 5 and 6 have, where a proposal seals the ciphertext (spec/proposals.md). */
  readonly conveyedCiphertext?: number;
}

/** Every message: type octet, sender, step, section, and the octets that its data may have in the mandatory suite. */
export const messageTable = {
  initiatorHello: {
    title: 'Initiator Hello',
    type: 1,
    sender: 'initiator',
    step: 1,
    section: '4.2.1',
    minimum: 1568,
    maximum: 1568,
  },
  responderHello: {
    title: 'Responder Hello',
    type: 2,
    sender: 'responder',
    step: 1,
    section: '4.2.2',
    minimum: 1568,
    maximum: 1568,
  },
  initiatorCertificate: {
    title: 'Certificate Exchange (initiator)',
    type: 3,
    sender: 'initiator',
    step: 1,
    section: '4.3',
    minimum: 29,
    maximum: 65535,
  },
  responderCertificate: {
    title: 'Certificate Exchange (responder)',
    type: 4,
    sender: 'responder',
    step: 1,
    section: '4.3',
    minimum: 29,
    maximum: 65535,
  },
  initiatorEncapsulation: {
    title: 'Encapsulation (initiator)',
    type: 5,
    sender: 'initiator',
    step: 2,
    section: '4.5',
    minimum: 1568,
    maximum: 1568,
  },
  responderEncapsulation: {
    title: 'Encapsulation (responder)',
    type: 6,
    sender: 'responder',
    step: 2,
    section: '4.5',
    minimum: 1568,
    maximum: 1568,
  },
  initiatorConfirmation: {
    title: 'Key Confirmation (initiator)',
    type: 7,
    sender: 'initiator',
    step: 4,
    section: '4.6',
    minimum: 48,
    maximum: 48,
  },
  responderConfirmation: {
    title: 'Key Confirmation (responder)',
    type: 8,
    sender: 'responder',
    step: 4,
    section: '4.6',
    minimum: 48,
    maximum: 48,
  },
} as const;

/** The symbols of the draft for the fields of each message, in the order of the wire: that of `fieldsOf`. */
export const fieldSymbols = {
  initiatorHello: ['pk_e'],
  responderHello: ['ct_e'],
  initiatorCertificate: ['IV', 'e_cert_i'],
  responderCertificate: ['IV', 'e_cert_r'],
  initiatorEncapsulation: ['ct_i'],
  responderEncapsulation: ['ct_r'],
  initiatorConfirmation: ['C_i'],
  responderConfirmation: ['C_r'],
} as const satisfies Record<MessageName, readonly string[]>;

/** The messages in the order of their type octets. */
export const messageNames = [
  'initiatorHello',
  'responderHello',
  'initiatorCertificate',
  'responderCertificate',
  'initiatorEncapsulation',
  'responderEncapsulation',
  'initiatorConfirmation',
  'responderConfirmation',
] as const satisfies readonly MessageName[];

/** A message, or the failure code that its octets deserve. */
export type Decoded<M> =
  | { readonly ok: true; readonly value: M }
  | { readonly ok: false; readonly code: 'wrong-version' | 'unexpected-message' | 'wrong-length' };

const wrongLength = { ok: false, code: 'wrong-length' } as const;

/** The fields of a message, in the order of the wire. */
export function fieldsOf<O>(message: Message<O>): readonly O[] {
  switch (message.type) {
    case 'initiatorHello':
      return [message.ephemeralKey];
    case 'responderHello':
      return [message.ephemeralCiphertext];
    case 'initiatorCertificate':
      return [message.initialVector, message.sealedCertificate];
    case 'responderCertificate':
      return [message.initialVector, message.sealedCertificate];
    case 'initiatorEncapsulation':
      return [message.ciphertext];
    case 'responderEncapsulation':
      return [message.ciphertext];
    case 'initiatorConfirmation':
      return [message.confirmation];
    case 'responderConfirmation':
      return [message.confirmation];
  }
}

/** The octets that the data of a message may have with a KEM. */
export function dataBounds(
  message: MessageName,
  kem: KemSizes,
): { readonly minimum: number; readonly maximum: number } {
  switch (message) {
    case 'initiatorHello':
      return { minimum: kem.encapsulationKey, maximum: kem.encapsulationKey };
    case 'responderHello':
      return { minimum: kem.ciphertext, maximum: kem.ciphertext };
    case 'initiatorEncapsulation':
      return { minimum: kem.conveyedCiphertext ?? kem.ciphertext, maximum: kem.conveyedCiphertext ?? kem.ciphertext };
    case 'responderEncapsulation':
      return { minimum: kem.conveyedCiphertext ?? kem.ciphertext, maximum: kem.conveyedCiphertext ?? kem.ciphertext };
    default:
      return messageTable[message];
  }
}

/** From the data of a message to its fields: views of exactly the octets given, none left over. */
export const decodeData = {
  initiatorHello: (data: Uint8Array, kem: KemSizes): Decoded<InitiatorHello<Uint8Array>> =>
    data.length === kem.encapsulationKey
      ? { ok: true, value: { type: 'initiatorHello', ephemeralKey: data.subarray(0) as EncapsulationKey<Uint8Array> } }
      : wrongLength,
  responderHello: (data: Uint8Array, kem: KemSizes): Decoded<ResponderHello<Uint8Array>> =>
    data.length === kem.ciphertext
      ? { ok: true, value: { type: 'responderHello', ephemeralCiphertext: data.subarray(0) as Ciphertext<Uint8Array> } }
      : wrongLength,
  initiatorCertificate: (data: Uint8Array): Decoded<InitiatorCertificate<Uint8Array>> =>
    data.length >= 29 && data.length <= 65535
      ? {
          ok: true,
          value: {
            type: 'initiatorCertificate',
            initialVector: data.subarray(0, 12) as InitialVector<Uint8Array>,
            sealedCertificate: data.subarray(12) as SealedCertificate<Uint8Array>,
          },
        }
      : wrongLength,
  responderCertificate: (data: Uint8Array): Decoded<ResponderCertificate<Uint8Array>> =>
    data.length >= 29 && data.length <= 65535
      ? {
          ok: true,
          value: {
            type: 'responderCertificate',
            initialVector: data.subarray(0, 12) as InitialVector<Uint8Array>,
            sealedCertificate: data.subarray(12) as SealedCertificate<Uint8Array>,
          },
        }
      : wrongLength,
  initiatorEncapsulation: (data: Uint8Array, kem: KemSizes): Decoded<InitiatorEncapsulation<Uint8Array>> =>
    data.length === (kem.conveyedCiphertext ?? kem.ciphertext)
      ? { ok: true, value: { type: 'initiatorEncapsulation', ciphertext: data.subarray(0) as Ciphertext<Uint8Array> } }
      : wrongLength,
  responderEncapsulation: (data: Uint8Array, kem: KemSizes): Decoded<ResponderEncapsulation<Uint8Array>> =>
    data.length === (kem.conveyedCiphertext ?? kem.ciphertext)
      ? { ok: true, value: { type: 'responderEncapsulation', ciphertext: data.subarray(0) as Ciphertext<Uint8Array> } }
      : wrongLength,
  initiatorConfirmation: (data: Uint8Array): Decoded<InitiatorConfirmation<Uint8Array>> =>
    data.length === 48
      ? {
          ok: true,
          value: { type: 'initiatorConfirmation', confirmation: data.subarray(0) as Confirmation<Uint8Array> },
        }
      : wrongLength,
  responderConfirmation: (data: Uint8Array): Decoded<ResponderConfirmation<Uint8Array>> =>
    data.length === 48
      ? {
          ok: true,
          value: { type: 'responderConfirmation', confirmation: data.subarray(0) as Confirmation<Uint8Array> },
        }
      : wrongLength,
} as const satisfies Record<MessageName, (data: Uint8Array, kem: KemSizes) => Decoded<Message<Uint8Array>>>;
