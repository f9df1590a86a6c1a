// Certificates whose signatures verified before: what is remembered, and that what depends on more than their octets is judged each time.
import { describe, expect, it } from 'vitest';
import { issueCrl } from '../../src/certificate/issue/issueCrl.ts';
import { knownCertificates } from '../../src/certificate/knownSignatures.ts';
import { parseCertificate } from '../../src/certificate/parse.ts';
import { parseRevocationList } from '../../src/certificate/revocationList.ts';
import type { TrustAnchor } from '../../src/certificate/trustAnchor.ts';
import { type TrustStore, trustStore } from '../../src/certificate/trustStore.ts';
import { certificateValidator, type ValidatedCertificate } from '../../src/certificate/validate.ts';
import { mandatorySuite, suiteTable } from '../../src/generated/suites.ts';
import {
  anchor,
  authority,
  authoritySeed,
  during,
  extension,
  flip,
  identifiers,
  notAfter,
  octets,
  paths,
  peer,
  platform,
  refusal,
  value,
  withExtensions,
} from '../../src/lab/chains/fixtures.ts';
import { limits } from '../../src/limits.ts';
import { fromHex } from '../../src/octets.ts';

const remembered = platform.equal;
const der = peer();

/** A trust anchor that counts the signatures that it is asked to verify. */
function counting(): { anchor: TrustAnchor; count: () => number } {
  const { verificationKey, ...rest } = anchor();
  let count = 0;
  const verify: typeof verificationKey.verify = (message, signature) => {
    count += 1;
    return verificationKey.verify(message, signature);
  };
  return { anchor: { ...rest, verificationKey: { ...verificationKey, verify } }, count: () => count };
}

const judge = (trustAnchors: TrustStore | readonly TrustAnchor[], certificate = der, time = during): string => {
  const checked = certificateValidator({ trustAnchors, time, remembered })(certificate);
  return checked.ok ? 'valid' : refusal(checked);
};

describe('a signature that verified before', () => {
  it('PQ-P-17: is verified once for a trust store, and each time without a way to remember it', () => {
    const { anchor: one, count } = counting();
    const anchors = [one];
    expect([judge(anchors), judge(anchors), count()]).toEqual(['valid', 'valid', 1]);
    const anew = certificateValidator({ trustAnchors: anchors, time: during });
    expect([anew(der).ok, anew(der).ok, count()]).toEqual([true, true, 3]);
  });

  it('PQ-P-17: is remembered when whoever validates says so', () => {
    const { anchor: one, count } = counting();
    const anchors = [one];
    const remembering: (() => void)[] = [];
    const onSigned = (remember: () => void): void => void remembering.push(remember);
    const validate = certificateValidator({ trustAnchors: anchors, time: during, remembered, onSigned });
    expect([validate(der).ok, validate(der).ok, count()]).toEqual([true, true, 2]);
    for (const remember of remembering) remember();
    expect([validate(der).ok, count(), remembering.length]).toEqual([true, 2, 2]);
  });

  it('PQ-P-17: counts for exactly these octets', () => {
    const { anchor: one, count } = counting();
    const anchors = [one];
    expect(judge(anchors)).toBe('valid');
    for (const changed of [flip(der, paths.signature, 3000), flip(der, paths.signature, 40)])
      expect(judge(anchors, changed)).toMatch(/^certificate-untrusted/);
    expect(count()).toBe(3);
  });

  it('PQ-P-18: counts for exactly this trust: a store made again verifies again, and another authority refuses', () => {
    const { anchor: one, count } = counting();
    const store = value(trustStore({ trustAnchors: [one] }));
    expect([judge(store), judge(store), count()]).toEqual(['valid', 'valid', 1]);
    expect([judge(value(trustStore({ trustAnchors: [one] }))), count()]).toEqual(['valid', 2]);
    const namesake = anchor(platform, authority(platform, { seed: octets(32, 9) }));
    expect(judge([namesake])).toMatch(/^certificate-untrusted/);
    const changing = [one];
    expect(judge(changing)).toBe('valid');
    changing[0] = namesake;
    expect(judge(changing)).toMatch(/^certificate-untrusted/);
  });

  it('PQ-P-16: does not outlive the validity of its certificate', () => {
    const anchors = [anchor()];
    expect(judge(anchors)).toBe('valid');
    expect(judge(anchors, der, new Date(notAfter.getTime() + 1_000))).toMatch(/^certificate-outside-validity/);
  });

  it('PQ-P-72: does not hide a revocation that comes later', () => {
    const anchors = [anchor()];
    expect(judge(anchors)).toBe('valid');
    const revoked = [{ serialNumber: octets(16, 0x41), date: during }];
    const list = issueCrl({
      ...{ suite: platform, issuer: authority(), issuerSeed: authoritySeed, revoked, crlNumber: 1 },
      ...{ thisUpdate: during, nextUpdate: notAfter },
    });
    const revocationLists = [value(parseRevocationList(list))];
    expect(judge(value(trustStore({ trustAnchors: anchors, revocationLists })))).toMatch(/^certificate-revoked/);
  });

  it('PQ-P-18: counts for exactly this suite and leniency', () => {
    const store = value(trustStore({ trustAnchors: [anchor()] }));
    expect(judge(store)).toBe('valid');
    const algorithms = Object.values(suiteTable).find(({ kem }) => kem.oid !== mandatorySuite.kem.oid);
    expect(algorithms).toBeDefined();
    const other = certificateValidator({ trustAnchors: store, time: during, remembered, algorithms })(der);
    expect(refusal(other)).toMatch(/^certificate-wrong-algorithm/);
    const lenient = { ...store, lenient: ['absentKeyUsage'] as const };
    const without = withExtensions(der, [extension(identifiers.subjectKeyIdentifier, fromHex('040101'))]);
    expect([judge(lenient, without), judge(store, without)]).toEqual([
      'valid',
      expect.stringMatching(/^certificate-wrong-key-usage/),
    ]);
  });

  it('is read once, and shown as if it were read anew', () => {
    const anchors = [anchor()];
    const read: unknown[] = [];
    const onRead = (certificate: unknown): void => void read.push(certificate);
    const validate = certificateValidator({ trustAnchors: anchors, time: during, remembered, onRead });
    const [first, second] = [value(validate(der)), value(validate(Uint8Array.from(der)))];
    expect(read[1]).toBe(read[0]);
    expect({ ...second }).toEqual({ ...first });
    expect({ ...second }).toEqual({ ...value(certificateValidator({ trustAnchors: anchors, time: during })(der)) });
  });

  it('PQ-P-17: is not what an application makes of what it was shown', () => {
    const shown = (): ValidatedCertificate => value(validate(Uint8Array.from(der)));
    const { anchor: one, count } = counting();
    const validate = certificateValidator({ trustAnchors: [one], time: during, remembered });
    const { notAfter: until, notBefore: from, uris, dnsNames, directoryNames, leniencies, issuer } = shown();
    until.setTime(0);
    from.setTime(0);
    for (const list of [uris, dnsNames, directoryNames, leniencies])
      expect(() => (list as unknown[]).push('URI:https://mallory.example')).toThrow(TypeError);
    expect(() => Object.assign(issuer, { text: 'CN=Mallory' })).toThrow(TypeError);
    expect([shown().notAfter, count()]).toEqual([notAfter, 1]);
    shown().encapsulationKey.fill(0);
    expect(platform.equal(shown().octets, der)).toBe(true);
    expect(count()).toBe(2);
    shown().octets.fill(0);
    expect(platform.equal(shown().octets, der)).toBe(true);
    expect(count()).toBe(3);
  });

  it('is not remembered where nobody signed', () => {
    const { anchor: one, count } = counting();
    const anchors = [one];
    const forged = flip(der, paths.signature, 40);
    for (let time = 1; time <= 2; time += 1) {
      expect(judge(anchors, forged)).toMatch(/^certificate-untrusted/);
      expect(count()).toBe(time);
    }
  });

  it('of those remembered, the last ones used are kept, and each is found by all of its octets', () => {
    const store = value(trustStore({ trustAnchors: [anchor()] }));
    const { find, add } = knownCertificates(store, mandatorySuite, remembered);
    const certificate = value(parseCertificate(der));
    const numbered = (n: number): Uint8Array => Uint8Array.of(n >> 8, n);
    const learn = (n: number): void =>
      add({ certificate: { ...certificate, octets: numbered(n) }, signers: new Set() });
    for (let n = 0; n < limits.knownCertificates; n += 1) learn(n);
    const isKnown = (n: number): boolean => find(numbered(n)) !== undefined;
    expect(isKnown(0)).toBe(true); // used again: the oldest is 1 now
    learn(limits.knownCertificates);
    expect([isKnown(0), isKnown(1), isKnown(2), isKnown(limits.knownCertificates)]).toEqual([true, false, true, true]);
    add({ certificate, signers: new Set() });
    expect([find(der)?.certificate, find(Uint8Array.from([0, ...der]))]).toEqual([certificate, undefined]);
  });
});
