// Generated from spec/ by `npm run generate`. Do not edit.

import type { Ciphertext, Confirmation, EncapsulationKey, InitialVector, SealedCertificate } from './kinds.ts';

/** Initiator Hello: type 1, from the initiator, step 1 (section 4.2.1). */
export interface InitiatorHello<O> {
  readonly type: 'initiatorHello';
  /** `pk_e` */
  readonly ephemeralKey: EncapsulationKey<O>;
}

/** Responder Hello: type 2, from the responder, step 1 (section 4.2.2). */
export interface ResponderHello<O> {
  readonly type: 'responderHello';
  /** `ct_e` */
  readonly ephemeralCiphertext: Ciphertext<O>;
}

/** Certificate Exchange (initiator): type 3, from the initiator, step 1 (section 4.3). */
export interface InitiatorCertificate<O> {
  readonly type: 'initiatorCertificate';
  /** `IV` */
  readonly initialVector: InitialVector<O>;
  /** `e_cert_i` */
  readonly sealedCertificate: SealedCertificate<O>;
}

/** Certificate Exchange (responder): type 4, from the responder, step 1 (section 4.3). */
export interface ResponderCertificate<O> {
  readonly type: 'responderCertificate';
  /** `IV` */
  readonly initialVector: InitialVector<O>;
  /** `e_cert_r` */
  readonly sealedCertificate: SealedCertificate<O>;
}

/** Encapsulation (initiator): type 5, from the initiator, step 2 (section 4.5). */
export interface InitiatorEncapsulation<O> {
  readonly type: 'initiatorEncapsulation';
  /** `ct_i` */
  readonly ciphertext: Ciphertext<O>;
}

/** Encapsulation (responder): type 6, from the responder, step 2 (section 4.5). */
export interface ResponderEncapsulation<O> {
  readonly type: 'responderEncapsulation';
  /** `ct_r` */
  readonly ciphertext: Ciphertext<O>;
}

/** Key Confirmation (initiator): type 7, from the initiator, step 4 (section 4.6). */
export interface InitiatorConfirmation<O> {
  readonly type: 'initiatorConfirmation';
  /** `C_i` */
  readonly confirmation: Confirmation<O>;
}

/** Key Confirmation (responder): type 8, from the responder, step 4 (section 4.6). */
export interface ResponderConfirmation<O> {
  readonly type: 'responderConfirmation';
  /** `C_r` */
  readonly confirmation: Confirmation<O>;
}

/** The messages of the initiator, in order. */
export type InitiatorMessage<O> =
  | InitiatorHello<O>
  | InitiatorCertificate<O>
  | InitiatorEncapsulation<O>
  | InitiatorConfirmation<O>;

/** The messages of the responder, in order. */
export type ResponderMessage<O> =
  | ResponderHello<O>
  | ResponderCertificate<O>
  | ResponderEncapsulation<O>
  | ResponderConfirmation<O>;

/** Every message of the protocol (section 4). */
export type Message<O> = InitiatorMessage<O> | ResponderMessage<O>;

/** The name of a message. */
export type MessageName = Message<unknown>['type'];
