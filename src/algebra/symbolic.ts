import { type Checked, passed, refused } from '../failure.ts';
import type { Certificate, EncapsulationKey, InitialVector, SharedSecret } from '../generated/kinds.ts';
import type { CoinsOrOwn, DecapsulationKey, FramedAlgebra } from './algebra.ts';
import { conveyedAsTheyAre } from './conveyance.ts';
import { symbolicFraming } from './symbolicFraming.ts';
import type { Term, Terms } from './terms.ts';

/** A check whose outcome the terms leave open, because octets from outside are in it. */
export type Guard =
  | { readonly guard: 'open'; readonly result: Term }
  | { readonly guard: 'unframe'; readonly framed: Term; readonly result: Term }
  | { readonly guard: 'certificate'; readonly certificate: Term; readonly result: Term }
  | { readonly guard: 'confirm'; readonly expected: Term; readonly received: Term }
  | { readonly guard: 'accept'; readonly own: Term; readonly peer: Term };

/** How certificates and identities are judged, and what is done with a check that the terms leave open. */
export interface TermPolicy {
  /** Whether the signature of a certificate, by its issuer, is one of a trust anchor. */
  readonly trusts: (issuer: Term) => boolean;
  /** The expected peer, by its certificate. */
  readonly accept: (certificate: Term) => Checked<true>;
  /** Which way a check goes that the terms leave open. */
  readonly decide: (guard: Guard) => boolean;
}

/** A policy for determined terms: trusts one issuer, accepts every peer. */
export const trusting = (issuer: Term): TermPolicy => ({
  trusts: (other) => other === issuer,
  accept: () => passed(true),
  decide: () => false,
});

function coinsOf(coins: CoinsOrOwn<Term>): Term {
  if (coins === 'own') throw new TypeError('on terms every coin is given: there is no generator');
  return coins;
}

/** A certificate as a term: who it names, its subject key, who signed it. */
export const certificateTerm = (terms: Terms, of: { identity: Term; encapsulationKey: Term; issuer: Term }) =>
  terms.make<Certificate<Term>>('certificate', [of.identity, of.encapsulationKey, of.issuer]);

/** An ML-KEM key pair as terms, of one secret. */
export function decapsulationKeyTerm(terms: Terms, secret: Term): DecapsulationKey<Term> {
  const key = terms.make('decapsulationKey', [secret]);
  return {
    encapsulationKey: terms.make('encapsulationKey', [key]),
    decapsulate: (ciphertext) => decapsulated(terms, key, ciphertext),
    wipe: () => undefined,
  };
}

/** Implicit rejection: another key, or no ciphertext at all, gives a secret that only the key determines. */
function decapsulated(terms: Terms, key: Term, ciphertext: Term): SharedSecret<Term> {
  const [encapsulationKey, coins] = ciphertext.parts;
  const own = terms.make('encapsulationKey', [key]);
  if (ciphertext.symbol === 'ciphertext' && encapsulationKey === own && coins !== undefined) {
    return terms.make('sharedSecret', [own, coins]);
  }
  return terms.make('decapsulate', [ciphertext, key]);
}

const isKey = ({ symbol }: Term): boolean =>
  ['encapsulationKey', 'variable', 'certifiedKey', 'subjectKey'].includes(symbol);

/**
 * The algebra on free terms. What it abstracts: every certificate has the same length (so a header is its type), a hash,
 * MAC or derived key shows nothing of its input and collides with nothing, and what was not made by an operation is made by
 * none. `header` is the same for a certificate and for what it is sealed to, and `hash` of parts is that of their concatenation.
 */
export function symbolicAlgebra(terms: Terms, policy: TermPolicy): FramedAlgebra<Term> {
  const { make, concat } = terms;

  function open(key: Term, iv: Term, associatedData: Term, sealed: Term): Checked<Certificate<Term>> {
    const [ownKey, ownIv, ownData, certificate] = sealed.parts;
    if (sealed.symbol === 'seal' && certificate !== undefined) {
      const same = ownKey === key && ownIv === iv && ownData === associatedData;
      return same ? passed(certificate as Certificate<Term>) : refused('decryption-failed');
    }
    const result = make<Certificate<Term>>('open', [key, iv, associatedData, sealed]);
    const opens = sealed.undetermined && policy.decide({ guard: 'open', result });
    return opens ? passed(result) : refused('decryption-failed');
  }

  function certifiedKey(certificate: Term): Checked<EncapsulationKey<Term>> {
    const [, key, issuer] = certificate.parts;
    if (certificate.symbol === 'certificate' && key !== undefined && issuer !== undefined) {
      if (!policy.trusts(issuer)) return refused('certificate-untrusted');
      return isKey(key) ? passed(key as EncapsulationKey<Term>) : refused('invalid-encapsulation-key');
    }
    if (!certificate.undetermined) return refused('certificate-malformed');
    const result = make<EncapsulationKey<Term>>('certifiedKey', [certificate]);
    const verifies = policy.decide({ guard: 'certificate', certificate, result });
    return verifies ? passed(result) : refused('certificate-untrusted');
  }

  function confirm(expected: Term, received: Term): Checked<true> {
    const open = expected.undetermined || received.undetermined;
    const equal = expected === received || (open && policy.decide({ guard: 'confirm', expected, received }));
    return equal ? passed(true) : refused('wrong-confirmation');
  }

  function acceptPeer(own: Term, peer: Term): Checked<true> {
    if (own === peer) return refused('own-certificate');
    if (!own.undetermined && !peer.undetermined) return policy.accept(peer);
    return policy.decide({ guard: 'accept', own, peer }) ? passed(true) : refused('unexpected-peer');
  }

  return {
    empty: terms.empty,
    text: (ascii) => make('text', [], ascii),
    octet: (value) => make('octet', [], value.toString(16).padStart(2, '0')),
    concat: (...parts) => concat(parts),
    hash: (...parts) => make('hash', [concat(parts)]),
    mac: ({ key, message }) => make('mac', [key, message]),
    extract: ({ salt, ikm }) => make('extract', [salt, ikm]),
    expand: ({ prk, info, length }) => make('expand', [prk, info], String(length)),
    cut: (octets, lengths) =>
      lengths.map((length, index) => {
        const from = lengths.slice(0, index).reduce((sum, one) => sum + one, 0);
        return make('slice', [octets], `${from}-${from + length}`);
      }),
    length: (octets, count) => terms.length(octets, count),
    pad: (octets, multiple) => make('pad', [octets], String(multiple)),
    message: terms.message,
    data: (message) => concat(terms.message(message).parts),
    generateKeyPair: ({ coins }) => decapsulationKeyTerm(terms, coinsOf(coins)),
    encapsulate: ({ encapsulationKey, coins }) => {
      if (!isKey(encapsulationKey)) return refused('invalid-encapsulation-key');
      const parts = [encapsulationKey, coinsOf(coins)];
      return passed({ ciphertext: make('ciphertext', parts), sharedSecret: make('sharedSecret', parts) });
    },
    decapsulate: ({ decapsulationKey, ciphertext }) => decapsulationKey.decapsulate(ciphertext),
    initialVector: ({ coins }) => coinsOf(coins) as InitialVector<Term>,
    header: ({ type }) => make('header', [], type),
    seal: ({ hidingKey, initialVector, associatedData, certificate }) =>
      make('seal', [hidingKey, initialVector, associatedData, certificate]),
    open: (input) => open(input.hidingKey, input.initialVector, input.associatedData, input.sealedCertificate),
    verifyCertificate: ({ certificate }) => {
      const key = certifiedKey(certificate);
      return key.ok ? passed({ certificate, encapsulationKey: key.value }) : key;
    },
    ...conveyedAsTheyAre<Term>(),
    ...symbolicFraming(terms, policy.decide),
    confirm: ({ expected, received }) => confirm(expected, received),
    acceptPeer: ({ own, peer }) => acceptPeer(own, peer.certificate),
  };
}
