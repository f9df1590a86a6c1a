// The parts of the four steps that are the same for both roles, one function each.
import type { Algebra, CoinsOrOwn, DecapsulationKey, VerifiedCertificate } from '../algebra/algebra.ts';
import { type Checked, passed } from '../failure.ts';
import { confirmation, type Reading, sessionKeys } from '../generated/keySchedule.ts';
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
import { type Aborted, abort, type Completed, type Transition, unhold } from './transition.ts';

type CertificateMessage = 'initiatorCertificate' | 'responderCertificate';

interface Sealed<O> {
  readonly initialVector: InitialVector<O>;
  readonly sealedCertificate: SealedCertificate<O>;
}

/** Step 1: `e_cert = Enc(k_hid, cert)` under a fresh initial vector (PQ-3.2-04, PQ-P-51, PQ-P-52). */
export function sealCertificate<O>(
  { algebra, reading, certificate }: { algebra: Algebra<O>; reading: Reading; certificate: Certificate<O> },
  type: CertificateMessage,
  hidingKey: HidingKey<O>,
  initialVector: InitialVector<O>,
): Sealed<O> {
  const header = algebra.header({ type, certificate });
  const associatedData = reading.associatedData(algebra, { header });
  return { initialVector, sealedCertificate: algebra.seal({ hidingKey, initialVector, associatedData, certificate }) };
}

/** Step 2: opens and validates the peer's certificate, judging no identity (PQ-3.1-04, PQ-3.2-07, PQ-3.2-08). */
function openCertificate<O>(
  { algebra, reading }: { algebra: Algebra<O>; reading: Reading },
  hidingKey: HidingKey<O>,
  message: InitiatorCertificate<O> | ResponderCertificate<O>,
): Checked<VerifiedCertificate<O>> {
  const { type, initialVector, sealedCertificate } = message;
  const header = algebra.header({ type, sealedCertificate });
  const associatedData = reading.associatedData(algebra, { header });
  const opened = algebra.open({ hidingKey, initialVector, associatedData, sealedCertificate });
  return opened.ok ? algebra.verifyCertificate({ certificate: opened.value }) : opened;
}

/** A peer whose certificate is valid, and a secret encapsulated to its key. */
export interface Admitted<O> {
  readonly peer: VerifiedCertificate<O>;
  readonly ciphertext: Ciphertext<O>;
  readonly sharedSecret: SharedSecret<O>;
}

/** Step 2: opens and validates the peer's certificate, and encapsulates to its subject key (PQ-3.1-07, PQ-3.3-01). */
export function admitPeer<O>(
  p: { algebra: Algebra<O>; reading: Reading; coins: { readonly encapsulation: CoinsOrOwn<O> } },
  hidingKey: HidingKey<O>,
  message: InitiatorCertificate<O> | ResponderCertificate<O>,
): Checked<Admitted<O>> {
  const opened = openCertificate(p, hidingKey, message);
  if (!opened.ok) return opened;
  const { encapsulationKey } = opened.value;
  const encapsulated = p.algebra.encapsulate({ encapsulationKey, coins: p.coins.encapsulation });
  return encapsulated.ok ? passed({ peer: opened.value, ...encapsulated.value }) : encapsulated;
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

/** `h_i` and `h_r`: what both confirmation values are computed over. */
export interface TranscriptHashes<O> {
  readonly initiatorHash: TranscriptHash<O>;
  readonly responderHash: TranscriptHash<O>;
}

/** What step 3 leaves for step 4. */
export interface Derived<O> {
  /** `k_C_i` */
  readonly initiatorConfirmationKey: ConfirmationKey<O>;
  /** `k_C_r` */
  readonly responderConfirmationKey: ConfirmationKey<O>;
  /** `k_session` */
  readonly sessionKey: SessionKey<O>;
  readonly hashes: TranscriptHashes<O>;
}

/** Step 3: transcript hashes, `S`, and `kdf_2` (PQ-3.4-01, PQ-P-30 to PQ-P-34). */
export function deriveKeys<O>(
  { algebra, reading }: { algebra: Algebra<O>; reading: Reading },
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
  return { ...sessionKeys(algebra, { keyMaterial }), hashes: { initiatorHash, responderHash } };
}

/** Step 4: `C_i` under `k_C_i`, `C_r` under `k_C_r` (PQ-3.5.1-01, PQ-3.5.2-01, PQ-P-36). */
export const confirmationOf = <O>(
  { algebra, reading }: { algebra: Algebra<O>; reading: Reading },
  key: ConfirmationKey<O>,
  hashes: TranscriptHashes<O>,
): Confirmation<O> => confirmation(algebra, { key, input: reading.confirmationInput(algebra, hashes) });

/** What the last state of either role waits with: the peer's confirmation key, and what a right value releases. */
export interface AwaitedConfirmation<O> {
  readonly peerConfirmationKey: ConfirmationKey<O>;
  readonly hashes: TranscriptHashes<O>;
  readonly sessionKey: SessionKey<O>;
  readonly peer: VerifiedCertificate<O>;
  readonly held: InitiatorConfirmation<O> | ResponderConfirmation<O> | undefined;
}

/**
 * Step 4: verifies the peer's confirmation value, sends one's own if it was held, judges the identity only now, and
 * releases `k_session` (PQ-3-10, PQ-P-06, PQ-P-08, PQ-P-39).
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
