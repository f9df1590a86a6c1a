import type { KemKey, Suite } from '../crypto/suite.ts';
import { type Checked, passed, refused } from '../failure.ts';
import type { KemSizes } from '../generated/codec.ts';
import { sizes } from '../generated/constants.ts';
import type { Certificate, EncapsulationKey, InitialVector, SealedCertificate } from '../generated/kinds.ts';
import type { Bytes } from '../octets.ts';
import { encodeHeader } from '../wire/frame.ts';
import type { Algebra, CoinsOrOwn, Sealing, VerifiedCertificate } from './algebra.ts';
import { type BytesDerivation, bytesDerivation } from './bytesDerivation.ts';
import { conveyedAsTheyAre } from './conveyance.ts';

/** The least that a policy learns of a certificate that it lets through. */
export interface Subject {
  /** `pk_i`, `pk_r`. */
  readonly encapsulationKey: EncapsulationKey<Bytes>;
}

/** A certificate that a policy let through, with what the policy learned of its subject. */
export interface VerifiedSubject<S extends Subject> extends VerifiedCertificate<Bytes> {
  readonly subject: S;
}

/** The judgement of certificates and identities: a handshake on octets needs it besides the suite. */
export interface CertificatePolicy<S extends Subject = Subject> {
  /** Profile, validity period and signature under a trust anchor; no identity. */
  readonly verify: (certificate: Bytes) => Checked<S>;
  /** The expected peer, which `verify` let through. */
  readonly accept: (peer: VerifiedSubject<S>) => Checked<true>;
}

/** The algebra on octets, and the account of what is secret. */
export interface BytesAlgebra<S extends Subject = Subject> extends Pick<BytesDerivation, 'retain' | 'secret'> {
  readonly algebra: Algebra<Bytes>;
  /** The subject of a peer that this algebra verified. The protocol carries the subject along and reads nothing of it. */
  readonly subjectOf: (peer: VerifiedCertificate<Bytes>) => S;
}

const given = (coins: CoinsOrOwn<Bytes>): Bytes | undefined => (coins === 'own' ? undefined : coins);

/** Octets of a sealed certificate in a header: initial vector, ciphertext, tag (section 4.3). */
const sealedOctets = (certificate: Bytes): number => sizes.initialVector + certificate.length + sizes.authenticationTag;

/** The sealing of certificates on octets; judges none of them. */
export const bytesSealing = (suite: Suite): Sealing<Bytes> => ({
  header: (input) => {
    if ('data' in input) return encodeHeader(input.type, input.data.length);
    return 'certificate' in input
      ? encodeHeader(input.type, sealedOctets(input.certificate))
      : encodeHeader(input.type, sizes.initialVector + input.sealedCertificate.length);
  },
  seal: ({ hidingKey, initialVector, associatedData, certificate }) =>
    suite.seal(hidingKey, initialVector, associatedData, certificate) as SealedCertificate<Bytes>,
  open: ({ hidingKey, initialVector, associatedData, sealedCertificate }) => {
    const certificate = suite.open(hidingKey, initialVector, associatedData, sealedCertificate);
    return certificate === undefined ? refused('decryption-failed') : passed(certificate as Certificate<Bytes>);
  },
});

/** The algebra on octets, for one handshake: the product. The messages have the sizes of the KEM of the suite, or those given. */
export function bytesAlgebra<S extends Subject>(
  suite: Suite,
  policy: CertificatePolicy<S>,
  kem: KemSizes = suite.algorithms.kem,
): BytesAlgebra<S> {
  const { derivation, secret, retain } = bytesDerivation(suite, kem);

  function verifyCertificate(certificate: Certificate<Bytes>): Checked<VerifiedSubject<S>> {
    const verified = policy.verify(certificate);
    if (!verified.ok) return verified;
    const subject = verified.value;
    return passed({ certificate, encapsulationKey: subject.encapsulationKey, subject });
  }

  // Every verified certificate of a run on this algebra is made by `verifyCertificate` above.
  const verifiedHere = (peer: VerifiedCertificate<Bytes>): VerifiedSubject<S> => peer as VerifiedSubject<S>;

  const algebra: Algebra<Bytes> = {
    ...derivation,
    ...bytesSealing(suite),
    ...conveyedAsTheyAre<Bytes>(),
    generateKeyPair: ({ coins }) => secret<KemKey>(suite.generateKemKey(given(coins))),
    encapsulate: ({ encapsulationKey, coins }) => {
      const encapsulated = suite.encapsulate(encapsulationKey, given(coins));
      if (encapsulated === undefined) return refused('invalid-encapsulation-key');
      secret(encapsulated.sharedSecret);
      return passed(encapsulated);
    },
    decapsulate: ({ decapsulationKey, ciphertext }) => secret(decapsulationKey.decapsulate(ciphertext)),
    initialVector: ({ coins }) => (given(coins) ?? suite.randomOctets(sizes.initialVector)) as InitialVector<Bytes>,
    verifyCertificate: ({ certificate }) => verifyCertificate(certificate),
    confirm: ({ expected, received }) =>
      suite.equal(expected, received) ? passed(true) : refused('wrong-confirmation'),
    acceptPeer: ({ own, peer }) =>
      suite.equal(own, peer.certificate) ? refused('own-certificate') : policy.accept(verifiedHere(peer)),
  };
  return { algebra, retain, secret, subjectOf: (peer) => verifiedHere(peer).subject };
}
