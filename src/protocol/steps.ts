// The parts of the four steps that are the same for both roles, one function each.
import type { Algebra, CoinsOrOwn, DecapsulationKey, Sealing, VerifiedCertificate } from '../algebra/algebra.ts';
import type { Derivation } from '../algebra/derivation.ts';
import { type Checked, passed } from '../failure.ts';
import { confirmation, type Reading } from '../generated/keySchedule.ts';
import type {
  Certificate,
  Ciphertext,
  Confirmation,
  ConfirmationKey,
  HidingKey,
  InitialVector,
  SealedCertificate,
  SessionKey,
  SharedSecret,
  TranscriptHash,
} from '../generated/kinds.ts';
import type {
  InitiatorCertificate,
  InitiatorConfirmation,
  InitiatorEncapsulation,
  InitiatorHello,
  ResponderCertificate,
  ResponderConfirmation,
  ResponderEncapsulation,
  ResponderHello,
} from '../generated/messages.ts';
import { coinFor, type Hedge } from './hedging.ts';
import { type Aborted, abort, type Completed, type Transition, unhold } from './transition.ts';

type CertificateMessage = 'initiatorCertificate' | 'responderCertificate';

interface Sealed<O> {
  readonly initialVector: InitialVector<O>;
  readonly sealedCertificate: SealedCertificate<O>;
}

/**
 * Sections 3.2.3, 3.2.4: `e_cert = Enc(k_hid, cert)` under a fresh initial vector (PQ-3.2-04, PQ-3.2.3-01, PQ-3.2.4-01,
 * PQ-3-19, PQ-P-51, PQ-P-52).
 */
export function sealCertificate<O>(
  p: { algebra: Derivation<O> & Sealing<O>; reading: Reading; certificate: Certificate<O> },
  type: CertificateMessage,
  hidingKey: HidingKey<O>,
  initialVector: InitialVector<O>,
): Sealed<O> {
  const { algebra, reading, certificate } = p;
  const header = algebra.header({ type, certificate });
  const associatedData = reading.associatedData(algebra, { header });
  return { initialVector, sealedCertificate: algebra.seal({ hidingKey, initialVector, associatedData, certificate }) };
}

/** Step 2: `cert = Dec(k_hid, e_cert)` of the peer (section 3.2, PQ-3.1-04). */
export function openCertificate<O>(
  { algebra, reading }: { algebra: Derivation<O> & Sealing<O>; reading: Reading },
  hidingKey: HidingKey<O>,
  message: InitiatorCertificate<O> | ResponderCertificate<O>,
): Checked<Certificate<O>> {
  const { type, initialVector, sealedCertificate } = message;
  const header = algebra.header({ type, sealedCertificate });
  const associatedData = reading.associatedData(algebra, { header });
  return algebra.open({ hidingKey, initialVector, associatedData, sealedCertificate });
}

/** A peer whose certificate is valid, and a secret encapsulated to its key. */
export interface Admitted<O> {
  readonly peer: VerifiedCertificate<O>;
  readonly ciphertext: Ciphertext<O>;
  readonly sharedSecret: SharedSecret<O>;
}

/**
 * Step 2: opens and validates the peer's certificate (PQ-3.2-06, PQ-3.2-07), judging no identity (PQ-3.2-08), and
 * encapsulates to its subject key: sections 3.3.1, 3.3.2 (PQ-3.1-07 to PQ-3.1-09, PQ-3.3-01, PQ-3.3.1-01, PQ-3.3.2-01).
 */
export function admitPeer<O>(
  p: {
    algebra: Algebra<O>;
    reading: Reading;
    coins: { readonly encapsulation: CoinsOrOwn<O> };
    hedge?: Hedge<O> | undefined;
  },
  hidingKey: HidingKey<O>,
  message: InitiatorCertificate<O> | ResponderCertificate<O>,
): Checked<Admitted<O>> {
  const opened = openCertificate(p, hidingKey, message);
  if (!opened.ok) return opened;
  const verified = p.algebra.verifyCertificate({ certificate: opened.value });
  if (!verified.ok) return verified;
  const { encapsulationKey } = verified.value;
  const coins = coinFor(p, 'encapsulation', [hidingKey, encapsulationKey]);
  const encapsulated = p.algebra.encapsulate({ encapsulationKey, coins });
  return encapsulated.ok ? passed({ peer: verified.value, ...encapsulated.value }) : encapsulated;
}

/** The six messages that the transcript hashes cover (section 3.4). */
export interface Transcript<O> {
  readonly initiator: readonly [InitiatorHello<O>, InitiatorCertificate<O>, InitiatorEncapsulation<O>];
  readonly responder: readonly [ResponderHello<O>, ResponderCertificate<O>, ResponderEncapsulation<O>];
}

/** The secrets that go into the final derivation (section 3.4). */
export interface Secrets<O> {
  /** `ss_e` */
  readonly ephemeralSecret: SharedSecret<O>;
  /** `ss_i`, encapsulated by the initiator */
  readonly initiatorSecret: SharedSecret<O>;
  /** `ss_r`, encapsulated by the responder */
  readonly responderSecret: SharedSecret<O>;
  /** `k_hid`, used by some readings */
  readonly hidingKey: HidingKey<O>;
}

/** `h_i` and `h_r`: both confirmation values are computed over them. */
export interface TranscriptHashes<O> {
  readonly initiatorHash: TranscriptHash<O>;
  readonly responderHash: TranscriptHash<O>;
}

/** The keys and hashes that step 3 leaves for step 4. */
export interface Derived<O> {
  /** `k_C_i` */
  readonly initiatorConfirmationKey: ConfirmationKey<O>;
  /** `k_C_r` */
  readonly responderConfirmationKey: ConfirmationKey<O>;
  /** `k_session` */
  readonly sessionKey: SessionKey<O>;
  readonly hashes: TranscriptHashes<O>;
}

/** Sections 3.4.1, 3.4.2: `h_i`, `h_r`, `S`, and `kdf_2` (PQ-3-16, PQ-3-17, PQ-3.4-01, PQ-P-30 to PQ-P-34). */
export function deriveKeys<O>(
  { algebra, reading }: { algebra: Derivation<O>; reading: Reading },
  { ephemeralSecret, initiatorSecret, responderSecret, hidingKey }: Secrets<O>,
  { initiator, responder }: Transcript<O>,
): Derived<O> {
  const hash = ([first, second, third]: Transcript<O>['initiator'] | Transcript<O>['responder']) =>
    reading.transcript(algebra, { first, second, third });
  const initiatorHash = hash(initiator);
  const responderHash = hash(responder);
  const keyMaterial = reading.keyMaterial(algebra, {
    ephemeralSecret,
    initiatorSecret,
    responderSecret,
    initiatorHash,
    responderHash,
    hidingKey,
  });
  return { ...reading.sessionKeys(algebra, { keyMaterial }), hashes: { initiatorHash, responderHash } };
}

/**
 * Section 3.5.1: `C_i` under `k_C_i`. Section 3.5.2: `C_r` under `k_C_r` (PQ-3.5-01 to PQ-3.5-03, PQ-3.5.1-01,
 * PQ-3.5.2-01, PQ-P-36).
 */
export const confirmationOf = <O>(
  { algebra, reading }: { algebra: Derivation<O>; reading: Reading },
  key: ConfirmationKey<O>,
  hashes: TranscriptHashes<O>,
): Confirmation<O> => confirmation(algebra, { key, input: reading.confirmationInput(algebra, hashes) });

/** The last state of either role: the peer's confirmation key, and the session that a right value releases. */
export interface AwaitedConfirmation<O> {
  readonly peerConfirmationKey: ConfirmationKey<O>;
  readonly hashes: TranscriptHashes<O>;
  readonly sessionKey: SessionKey<O>;
  readonly peer: VerifiedCertificate<O>;
  readonly held: InitiatorConfirmation<O> | ResponderConfirmation<O> | undefined;
}

/**
 * Sections 3.5.1, 3.5.2: verifies the peer's confirmation value, `C_r` or `C_i` (PQ-3.5-04), sends one's own if it was
 * held, judges the identity only now (PQ-3-08, PQ-3-10, PQ-P-06, PQ-P-08), and releases `k_session` (PQ-P-09, PQ-P-39). Who
 * lacks the key of its certificate fails here (PQ-3-22), and so does whoever saw another message (PQ-3-06, PQ-3.6-01,
 * PQ-3.6-02).
 */
export function conclude<O>(
  p: { algebra: Algebra<O>; reading: Reading; certificate: Certificate<O> },
  { peerConfirmationKey, hashes, sessionKey, peer, held }: AwaitedConfirmation<O>,
  received: Confirmation<O>,
): Transition<O, Completed | Aborted> {
  const expected = confirmationOf(p, peerConfirmationKey, hashes);
  const confirmed = p.algebra.confirm({ expected, received });
  if (!confirmed.ok) return abort(4, confirmed.code, confirmed.detail);
  const accepted = p.algebra.acceptPeer({ own: p.certificate, peer });
  if (!accepted.ok) {
    const { state, effects } = abort<O>(4, accepted.code, accepted.detail);
    return { state, effects: [...unhold(held), ...effects] };
  }
  return { state: { state: 'completed' }, effects: [...unhold(held), { effect: 'release', sessionKey, peer }] };
}

/** A secret of a state: octets, or a decapsulation key. */
export type Secret<O> = O | DecapsulationKey<O>;
