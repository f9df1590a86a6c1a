import { describe, expect, it } from 'vitest';
import {
  certificateTerm,
  decapsulationKeyTerm,
  type Guard,
  symbolicAlgebra,
  trusting,
} from '../../src/algebra/symbolic.ts';
import { type Term, termStore } from '../../src/algebra/terms.ts';
import { traced } from '../../src/algebra/trace.ts';
import { refused } from '../../src/failure.ts';
import type { Certificate, Ciphertext, Kind, SealedCertificate } from '../../src/generated/kinds.ts';

const terms = termStore();
const [a, b, c] = ['a', 'b', 'c'].map(terms.name) as [Term, Term, Term];
const issuer = terms.name('authority');
const algebra = symbolicAlgebra(terms, trusting(issuer));
const as = <K extends string>(term: Term) => term as Kind<Term, K>;
const key = decapsulationKeyTerm(terms, terms.name('sk'));
const other = decapsulationKeyTerm(terms, terms.name('sk of another'));
const certificate = certificateTerm(terms, { identity: a, encapsulationKey: key.encapsulationKey, issuer });
const peer = { certificate, encapsulationKey: key.encapsulationKey };
const sealing = { hidingKey: as<'HidingKey'>(a), initialVector: as<'InitialVector'>(b), associatedData: terms.empty };

function encapsulated(coins: Term): { ciphertext: Ciphertext<Term>; sharedSecret: Term } {
  const result = algebra.encapsulate({ encapsulationKey: key.encapsulationKey, coins: as<'Coins'>(coins) });
  if (!result.ok) throw new Error(result.code);
  return result.value;
}

describe('terms: what octets obey', () => {
  it('one term is one object, whoever makes it', () => {
    expect(algebra.hash(a, b)).toBe(algebra.hash(a, b));
    expect(algebra.hash(a, b)).not.toBe(algebra.hash(b, a));
  });

  it('concatenation is associative, and the empty string is its unit', () => {
    expect(algebra.concat(algebra.concat(a, b), c)).toBe(algebra.concat(a, algebra.concat(b, c)));
    expect(algebra.concat(a, algebra.empty)).toBe(a);
    expect(algebra.concat()).toBe(algebra.empty);
  });

  it('a hash of parts is the hash of their concatenation', () => {
    expect(algebra.hash(a, b, c)).toBe(algebra.hash(algebra.concat(a, b, c)));
  });

  it('the data of a message is its fields; its header is not in them', () => {
    const message = { type: 'initiatorHello', ephemeralKey: key.encapsulationKey } as const;
    expect(algebra.data(message)).toBe(key.encapsulationKey);
    expect(algebra.message(message)).not.toBe(key.encapsulationKey);
  });

  it('the header is the same for a certificate and for what it is sealed to', () => {
    const sealedCertificate = algebra.seal({ ...sealing, certificate });
    const type = 'initiatorCertificate';
    expect(algebra.header({ type, certificate })).toBe(algebra.header({ type, sealedCertificate }));
    expect(algebra.header({ type, certificate })).not.toBe(
      algebra.header({ type: 'responderCertificate', certificate }),
    );
  });

  it('the parts of a derived key are told apart', () => {
    const [first, second, third] = algebra.cut(a, [48, 48, 48]);
    expect(new Set([first, second, third]).size).toBe(3);
    expect(algebra.octet(0)).not.toBe(algebra.octet(1));
  });
});

describe('terms: KEM with implicit rejection (PQ-3-13, PQ-P-29)', () => {
  it('decapsulates what was encapsulated to the key', () => {
    const { ciphertext, sharedSecret } = encapsulated(c);
    expect(algebra.decapsulate({ decapsulationKey: key, ciphertext })).toBe(sharedSecret);
  });

  it('gives another secret for another key, and for what is no ciphertext', () => {
    const { ciphertext, sharedSecret } = encapsulated(c);
    expect(algebra.decapsulate({ decapsulationKey: other, ciphertext })).not.toBe(sharedSecret);
    expect(algebra.decapsulate({ decapsulationKey: key, ciphertext: as<'Ciphertext'>(a) }).symbol).toBe('decapsulate');
    key.wipe();
  });

  it('refuses to encapsulate to what is no key (PQ-P-26)', () => {
    expect(algebra.encapsulate({ encapsulationKey: as<'EncapsulationKey'>(a), coins: as<'Coins'>(b) })).toEqual(
      refused('invalid-encapsulation-key'),
    );
  });

  it('draws nothing itself: every coin is given', () => {
    expect(() => algebra.generateKeyPair({ coins: 'own' })).toThrow(TypeError);
  });
});

describe('terms: checks', () => {
  it('a sealed certificate opens under the same key, initial vector and associated data only', () => {
    const sealedCertificate = algebra.seal({ ...sealing, certificate });
    expect(algebra.open({ ...sealing, sealedCertificate })).toEqual({ ok: true, value: certificate });
    for (const wrong of [
      { hidingKey: as<'HidingKey'>(c) },
      { initialVector: as<'InitialVector'>(c) },
      { associatedData: c },
    ]) {
      expect(algebra.open({ ...sealing, ...wrong, sealedCertificate })).toEqual(refused('decryption-failed'));
    }
    expect(
      algebra.open({ ...sealing, sealedCertificate: as<'SealedCertificate'>(a) as SealedCertificate<Term> }),
    ).toEqual(refused('decryption-failed'));
  });

  it('a certificate of another issuer, with no key in it, or that is none, is refused', () => {
    const encapsulationKey = key.encapsulationKey;
    const untrusted = certificateTerm(terms, { identity: a, encapsulationKey, issuer: c });
    const keyless = certificateTerm(terms, { identity: a, encapsulationKey: c, issuer });
    expect(algebra.verifyCertificate({ certificate })).toEqual({ ok: true, value: peer });
    expect(algebra.verifyCertificate({ certificate: untrusted })).toEqual(refused('certificate-untrusted'));
    expect(algebra.verifyCertificate({ certificate: keyless })).toEqual(refused('invalid-encapsulation-key'));
    expect(algebra.verifyCertificate({ certificate: as<'Certificate'>(a) })).toEqual(refused('certificate-malformed'));
  });

  it('a confirmation is right when it is the same term', () => {
    const expected = as<'Confirmation'>(a);
    expect(algebra.confirm({ expected, received: expected }).ok).toBe(true);
    expect(algebra.confirm({ expected, received: as<'Confirmation'>(b) })).toEqual(refused('wrong-confirmation'));
  });

  it('one’s own certificate is refused; of others the policy judges (PQ-P-05, PQ-P-07)', () => {
    expect(algebra.acceptPeer({ own: certificate, peer })).toEqual(refused('own-certificate'));
    expect(algebra.acceptPeer({ own: as<'Certificate'>(c), peer }).ok).toBe(true);
  });

  it('a check on octets from outside goes as it is decided', () => {
    const unknown = as<'Certificate'>(terms.variable('cert')) as Certificate<Term>;
    const stranger = { certificate: unknown, encapsulationKey: key.encapsulationKey };
    for (const decision of [true, false]) {
      const asked: Guard['guard'][] = [];
      const decide = ({ guard }: Guard): boolean => {
        asked.push(guard);
        return decision;
      };
      const deciding = symbolicAlgebra(terms, { ...trusting(issuer), decide });
      const results = [
        deciding.open({ ...sealing, sealedCertificate: as<'SealedCertificate'>(unknown) }),
        deciding.verifyCertificate({ certificate: unknown }),
        deciding.confirm({ expected: as<'Confirmation'>(a), received: as<'Confirmation'>(unknown) }),
        deciding.acceptPeer({ own: certificate, peer: stranger }),
      ];
      expect(results.map(({ ok }) => ok)).toEqual([decision, decision, decision, decision]);
      expect(asked).toEqual(['open', 'certificate', 'confirm', 'accept']);
    }
  });

  it('nothing is trusted, and nothing that is open goes well, by default', () => {
    expect(trusting(issuer).decide({ guard: 'accept', own: a, peer: b })).toBe(false);
    expect(trusting(issuer).trusts(c)).toBe(false);
  });
});

describe('trace', () => {
  it('records every operation with its arguments and result, in order, and changes nothing', () => {
    const seen: string[] = [];
    const recorded = traced(algebra, ({ operation, input, output }) => {
      seen.push(operation);
      expect(output).toBe((algebra as never as Record<string, (...all: unknown[]) => unknown>)[operation]?.(...input));
    });
    expect(recorded.hash(recorded.concat(a, b))).toBe(algebra.hash(a, b));
    expect(recorded.empty).toBe(algebra.empty);
    expect(seen).toEqual(['concat', 'hash']);
  });
});
