// Signatures that verified before: what is remembered, and that nothing else than their verification is left out.
import { describe, expect, it } from 'vitest';
import { issueCrl } from '../../src/certificate/issue/issueCrl.ts';
import { rememberedSigners } from '../../src/certificate/knownSignatures.ts';
import { parseRevocationList } from '../../src/certificate/revocationList.ts';
import type { TrustAnchor } from '../../src/certificate/trustAnchor.ts';
import { type TrustStore, trustStore } from '../../src/certificate/trustStore.ts';
import { asTrustStore, certificateValidator } from '../../src/certificate/validate.ts';
import {
  anchor,
  authority,
  authoritySeed,
  during,
  flip,
  notAfter,
  octets,
  paths,
  peer,
  platform,
  refusal,
  value,
} from '../../src/lab/chains/fixtures.ts';
import { limits } from '../../src/limits.ts';

const remembered = platform.hash;
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
  it('PQ-P-17: is verified once for a trust store, and each time without a hash to remember it by', () => {
    const { anchor: one, count } = counting();
    const anchors = [one];
    expect([judge(anchors), judge(anchors), count()]).toEqual(['valid', 'valid', 1]);
    const anew = certificateValidator({ trustAnchors: anchors, time: during });
    expect([anew(der).ok, anew(der).ok, count()]).toEqual([true, true, 3]);
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

  it('is not remembered where nobody signed, and the last ones used are kept', () => {
    const { authorities } = asTrustStore([anchor()]);
    const [first] = authorities;
    const signers = new Set(first === undefined ? [] : [first.certificate]);
    const digest = (n: number): Uint8Array => remembered(Uint8Array.of(n >> 8, n));
    let found = 0;
    const ask = (n: number, answer = signers): void => {
      rememberedSigners(authorities, digest(n), () => {
        found += 1;
        return answer;
      });
    };
    ask(0, new Set());
    ask(0, new Set());
    expect(found).toBe(2);
    for (let n = 0; n < limits.knownCertificates; n += 1) ask(n);
    ask(0); // used again: the oldest is 1 now
    expect(found).toBe(2 + limits.knownCertificates);
    ask(limits.knownCertificates);
    ask(0);
    expect(found).toBe(3 + limits.knownCertificates);
    ask(1);
    expect(found).toBe(4 + limits.knownCertificates);
  });
});
