import { secretCopy, secretOctets, wipe } from '../crypto/secret.ts';
import type { KemKey, Suite } from '../crypto/suite.ts';
import { type Checked, passed, refused } from '../failure.ts';
import { sizes } from '../generated/constants.ts';
import type { Certificate, EncapsulationKey, InitialVector } from '../generated/kinds.ts';
import type { Message } from '../generated/messages.ts';
import { encode, encodeData, encodeHeader } from '../wire/frame.ts';
import type { Algebra, CoinsOrOwn, DecapsulationKey, VerifiedCertificate } from './algebra.ts';

type Bytes = Uint8Array;
type Secret = Bytes | DecapsulationKey<Bytes>;

/** What a handshake on octets needs besides the suite: how certificates and identities are judged. */
export interface CertificatePolicy {
  /** Profile, validity period and signature under a trust anchor; no identity. */
  readonly verify: (certificate: Bytes) => Checked<{ readonly encapsulationKey: EncapsulationKey<Bytes> }>;
  /** The expected peer, by its certificate, which `verify` let through. */
  readonly accept: (certificate: Bytes) => Checked<true>;
}

/** The algebra on octets, and what it handed out that is secret. */
export interface BytesAlgebra {
  readonly algebra: Algebra<Bytes>;
  /**
   * Wipes every secret handed out so far, save those given: the ones that the next state, or the released session,
   * still holds. So nothing outlives the state that it belonged to.
   */
  readonly retain: (secrets: readonly Secret[]) => void;
  /** Takes note of the octets that a message came as, so that it is not encoded again for the transcript. */
  readonly note: (message: Message<Bytes>, octets: Bytes) => void;
}

function asciiOctets(ascii: string): Bytes {
  const octets = new Uint8Array(ascii.length);
  for (let at = 0; at < ascii.length; at += 1) octets[at] = ascii.charCodeAt(at);
  return octets;
}

const given = (coins: CoinsOrOwn<Bytes>): Bytes | undefined => (coins === 'own' ? undefined : coins);

function join(parts: readonly Bytes[]): Bytes {
  let octets = 0;
  for (const part of parts) octets += part.length;
  const whole = secretOctets(octets);
  let offset = 0;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.length;
  }
  return whole;
}

/** Copies, no views: a part is wiped when it is not needed, whatever happens to the whole. */
function slices(octets: Bytes, lengths: readonly number[]): Bytes[] {
  let offset = 0;
  return lengths.map((length) => {
    offset += length;
    return secretCopy(octets, offset - length, offset);
  });
}

/** Octets of a sealed certificate in a header: initial vector, ciphertext, tag (section 4.3). */
const sealedOctets = (certificate: Bytes): number => sizes.initialVector + certificate.length + sizes.authenticationTag;

/** The algebra on octets, for one handshake: the product. */
export function bytesAlgebra(suite: Suite, policy: CertificatePolicy): BytesAlgebra {
  let secrets: Secret[] = [];
  // A message is sent, or came, and goes into the transcript: it is encoded once.
  const encoded = new Map<Message<Bytes>, Bytes>();

  function message(of: Message<Bytes>): Bytes {
    const octets = encoded.get(of) ?? encode(of, suite.algorithms.kem);
    encoded.set(of, octets);
    return octets;
  }

  function secret<T extends Secret>(value: T): T {
    secrets.push(value);
    return value;
  }

  function retain(kept: readonly Secret[]): void {
    for (const one of secrets) {
      if (kept.includes(one)) continue;
      if (one instanceof Uint8Array) wipe(one);
      else one.wipe();
    }
    secrets = secrets.filter((one) => kept.includes(one));
  }

  function verifyCertificate(certificate: Certificate<Bytes>): Checked<VerifiedCertificate<Bytes>> {
    const verified = policy.verify(certificate);
    return verified.ok ? passed({ certificate, encapsulationKey: verified.value.encapsulationKey }) : verified;
  }

  const algebra: Algebra<Bytes> = {
    empty: new Uint8Array(0),
    text: asciiOctets,
    octet: (value) => Uint8Array.of(value),
    concat: (...parts) => secret(join(parts)),
    hash: suite.hash,
    mac: ({ key, message }) => suite.mac(key, message),
    extract: ({ salt, ikm }) => secret(suite.extract(salt, ikm)),
    expand: ({ prk, info, length }) => secret(suite.expand(prk, info, length)),
    cut: (octets, lengths) => slices(octets, lengths).map(secret),
    message,
    data: encodeData,
    generateKeyPair: ({ coins }) => secret<KemKey>(suite.generateKemKey(given(coins))),
    encapsulate: ({ encapsulationKey, coins }) => {
      const encapsulated = suite.encapsulate(encapsulationKey, given(coins));
      if (encapsulated === undefined) return refused('invalid-encapsulation-key');
      secret(encapsulated.sharedSecret);
      return passed(encapsulated);
    },
    decapsulate: ({ decapsulationKey, ciphertext }) => secret(decapsulationKey.decapsulate(ciphertext)),
    initialVector: ({ coins }) => (given(coins) ?? suite.randomOctets(sizes.initialVector)) as InitialVector<Bytes>,
    header: (input) =>
      'certificate' in input
        ? encodeHeader(input.type, sealedOctets(input.certificate))
        : encodeHeader(input.type, sizes.initialVector + input.sealedCertificate.length),
    seal: ({ hidingKey, initialVector, associatedData, certificate }) =>
      suite.seal(hidingKey, initialVector, associatedData, certificate),
    open: ({ hidingKey, initialVector, associatedData, sealedCertificate }) => {
      const certificate = suite.open(hidingKey, initialVector, associatedData, sealedCertificate);
      return certificate === undefined ? refused('decryption-failed') : passed(certificate as Certificate<Bytes>);
    },
    verifyCertificate: ({ certificate }) => verifyCertificate(certificate),
    confirm: ({ expected, received }) =>
      suite.equal(expected, received) ? passed(true) : refused('wrong-confirmation'),
    acceptPeer: ({ own, peer }) =>
      suite.equal(own, peer.certificate) ? refused('own-certificate') : policy.accept(peer.certificate),
  };
  const note = (message: Message<Bytes>, octets: Bytes): void => {
    encoded.set(message, octets);
  };
  return { algebra, retain, note };
}
