import { describe, expect, it } from 'vitest';
import { parseIntermediate } from '../../src/certificate/authority.ts';
import { createIntermediate } from '../../src/certificate/issue.ts';
import { issueCrl } from '../../src/certificate/issueCrl.ts';
import { parseRevocationList } from '../../src/certificate/revocationList.ts';
import { trustStore } from '../../src/certificate/trustStore.ts';
import { certificateValidator } from '../../src/certificate/validate.ts';
import {
  anchor,
  authority,
  authoritySeed,
  during,
  notAfter,
  notBefore,
  octets,
  peer,
  platform,
  refusal,
  value,
} from './fixtures.ts';

const suite = platform;
const intermediateSeed = octets(32, 21);
type Options = Partial<Parameters<typeof createIntermediate>[0]>;
const intermediate = (options: Options = {}): Uint8Array =>
  createIntermediate({
    ...{ suite, issuer: authority(), issuerSeed: authoritySeed, name: 'Intermediate', notBefore, notAfter },
    ...{ publicKey: suite.signaturePublicKey(intermediateSeed), serialNumber: octets(16, 0x21) },
    ...options,
  });
const parsed = (der: Uint8Array) => value(parseIntermediate(suite, der));
const crl = (options: Partial<Parameters<typeof issueCrl>[0]> = {}): Uint8Array =>
  issueCrl({
    ...{ suite, issuer: authority(), issuerSeed: authoritySeed, revoked: [], crlNumber: 1 },
    ...{ thisUpdate: new Date('2026-05-31T00:00:00Z'), nextUpdate: new Date('2026-06-07T00:00:00Z') },
    ...options,
  });

describe('PQ-P-18: intermediates', () => {
  const der = intermediate();
  const leaf = peer(suite, { issuer: der, issuerSeed: intermediateSeed });

  it('lead from the trust anchor to the certificate of a peer, and are configured', () => {
    const store = value(trustStore({ trustAnchors: [anchor()], intermediates: [parsed(der)] }));
    expect(refusal(certificateValidator({ trustAnchors: store, time: during })(leaf))).toBe('ok');
    expect(refusal(certificateValidator({ trustAnchors: store, time: during })(peer()))).toBe('ok');
    expect(refusal(certificateValidator({ trustAnchors: [anchor()], time: during })(leaf))).toMatch(
      /^certificate-untrusted/,
    );
  });
});

describe('PQ-P-72, PQ-P-73: revocation lists', () => {
  it('are read as they were issued', () => {
    const revoked = [
      { serialNumber: octets(16, 0x41), date: new Date('2026-05-30T10:00:00Z'), reason: 'keyCompromise' as const },
      { serialNumber: Uint8Array.of(0, 0x90), date: new Date('2026-05-30T10:00:00Z') },
    ];
    const list = value(parseRevocationList(crl({ revoked, crlNumber: 2n ** 70n })));
    expect(list.crlNumber).toBe(2n ** 70n);
    expect([...list.revoked.values()].map(({ reason }) => reason)).toEqual([1, 0]);
    const store = value(trustStore({ trustAnchors: [anchor()], revocationLists: [list] }));
    expect(refusal(certificateValidator({ trustAnchors: store, time: during })(peer()))).toMatch(
      /^certificate-revoked/,
    );
  });
});
