import { describe, expect, it } from 'vitest';
import { parseIntermediate } from '../../src/certificate/authority.ts';
import { createIntermediate } from '../../src/certificate/issue/issue.ts';
import { issueCrl } from '../../src/certificate/issue/issueCrl.ts';
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
} from '../../src/lab/chains/fixtures.ts';

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

  it('may be given twice and in any order, and certify each other', () => {
    const other = {
      name: 'Other',
      publicKey: suite.signaturePublicKey(octets(32, 22)),
      serialNumber: Uint8Array.of(2),
    };
    const second = intermediate(other);
    const crossed = intermediate({
      ...other,
      issuer: der,
      issuerSeed: intermediateSeed,
      serialNumber: Uint8Array.of(3),
    });
    const back = intermediate({ issuer: second, issuerSeed: octets(32, 22), serialNumber: Uint8Array.of(4) });
    const intermediates = [crossed, back, der, second, der].map(parsed);
    const store = value(trustStore({ trustAnchors: [anchor(), anchor()], intermediates }));
    // Root; Intermediate and Other under it; each under the other; and once more around.
    expect(store.authorities.length).toBeGreaterThanOrEqual(5);
    expect(store.authorities.length).toBeLessThan(20);
    expect(refusal(certificateValidator({ trustAnchors: store, time: during })(leaf))).toBe('ok');
  });

  it('that cross in too many ways are refused, and so are paths that are too long', () => {
    const clique = Array.from({ length: 7 }, (_, i) => ({ name: `${i}`, seed: octets(32, 40 + i) }));
    const own = clique.map(({ name, seed }) => intermediate({ name, publicKey: suite.signaturePublicKey(seed) }));
    const crossed = clique.flatMap(({ seed }, i) =>
      clique.flatMap((other, j) =>
        i === j
          ? []
          : [
              intermediate({
                ...{ name: other.name, publicKey: suite.signaturePublicKey(other.seed), issuerSeed: seed },
                ...{ issuer: own[i] ?? der, serialNumber: Uint8Array.of(1, i, j) },
              }),
            ],
      ),
    );
    const tangled = trustStore({ trustAnchors: [anchor()], intermediates: [...own, ...crossed].map(parsed) });
    expect(refusal(tangled)).toMatch(/^certificate-constraint: more than 256 paths/);
    let [issuer, issuerSeed] = [authority(), authoritySeed];
    const line: Uint8Array[] = [];
    for (let i = 0; i < 18; i += 1) {
      const seed = octets(32, 60 + i);
      issuer = intermediate({ name: `${i}`, issuer, issuerSeed, publicKey: suite.signaturePublicKey(seed) });
      issuerSeed = seed;
      line.push(issuer);
    }
    const long = trustStore({ trustAnchors: [anchor()], intermediates: line.map(parsed) });
    expect(refusal(long)).toMatch(/^certificate-constraint: a path of more than 16 intermediates/);
    expect(refusal(trustStore({ trustAnchors: [anchor()], intermediates: line.slice(0, 16).map(parsed) }))).toBe('ok');
  });

  it('are issued only as their issuer permits', () => {
    const closed = authority(suite, { pathLength: 0 });
    expect(() => intermediate({ issuer: closed })).toThrow(/path length is 0/);
    expect(() => intermediate({ pathLength: -1 })).toThrow(/path length/);
    expect(() => intermediate({ issuerSeed: octets(32, 99) })).toThrow(/seed is not that of the issuer/);
    expect(() => intermediate({ name: 'PQuAKE CA' })).toThrow(/self-issued/);
    expect(() => intermediate({ permitted: { dnsNames: ['not a name'] } })).toThrow(/DNS name/);
    expect(() => intermediate({ permitted: { uriHosts: [''] } })).toThrow(/URI/);
    const narrow = intermediate({ permitted: { uriHosts: ['.example.org'] }, excluded: { organizations: ['Other'] } });
    const under = { issuer: narrow, issuerSeed: intermediateSeed };
    expect(() => peer(suite, { ...under, uris: ['https://elsewhere.example'] })).toThrow(/not permitted/);
    expect(() => peer(suite, { ...under, uris: [], organization: 'OTHER' })).toThrow(/not permitted/);
    expect(peer(suite, { ...under, uris: ['https://a.example.org'] })).toBeInstanceOf(Uint8Array);
    const key = suite.generateKemKey(octets(64)).encapsulationKey;
    expect(() => peer(suite, { encapsulationKey: key.map(() => 0xff) })).toThrow(/encapsulation key/);
  });
});

describe('PQ-P-72, PQ-P-73: revocation lists', () => {
  it('are read as they were issued', () => {
    const revoked = [
      { serialNumber: octets(16, 0x41), date: new Date('2026-05-30T10:00:00Z'), reason: 'keyCompromise' as const },
      { serialNumber: Uint8Array.of(0, 0x90), date: new Date('2051-05-30T10:00:00.7Z') },
    ];
    const list = value(parseRevocationList(crl({ revoked, crlNumber: 2n ** 70n })));
    expect(list.crlNumber).toBe(2n ** 70n);
    expect([...list.revoked.keys()][1]).toBe('0090');
    expect([...list.revoked.values()]).toEqual([
      { date: new Date('2026-05-30T10:00:00Z'), reason: 1 },
      { date: new Date('2051-05-30T10:00:00Z'), reason: 0 },
    ]);
    const store = value(trustStore({ trustAnchors: [anchor()], revocationLists: [list] }));
    expect(refusal(certificateValidator({ trustAnchors: store, time: during })(peer()))).toMatch(
      /^certificate-revoked/,
    );
  });

  it('the last second of a list holds, the next one does not', () => {
    const revocationLists = [value(parseRevocationList(crl({ crlNumber: 0 })))];
    const store = value(trustStore({ trustAnchors: [anchor()], revocationLists, revocation: 'required' }));
    const judged = (time: string): string =>
      refusal(certificateValidator({ trustAnchors: store, time: new Date(time) })(peer()));
    expect(judged('2026-05-31T00:00:00Z')).toBe('ok');
    expect(judged('2026-06-07T00:00:00Z')).toBe('ok');
    expect(judged('2026-06-07T00:00:01Z')).toMatch(/^certificate-revocation-unknown/);
    expect(judged('2026-05-30T23:59:59Z')).toMatch(/^certificate-revocation-unknown/);
  });

  it('of one issuer are none of another issuer: if-present asks for those alone that are there', () => {
    const der = intermediate();
    const leaf = peer(suite, { issuer: der, issuerSeed: intermediateSeed });
    const revocationLists = [value(parseRevocationList(crl()))];
    const judged = (revocation: 'required' | 'if-present'): string => {
      const options = { trustAnchors: [anchor()], intermediates: [parsed(der)], revocationLists, revocation };
      return refusal(certificateValidator({ trustAnchors: value(trustStore(options)), time: during })(leaf));
    };
    expect(judged('if-present')).toBe('ok');
    expect(judged('required')).toMatch(/^certificate-revocation-unknown/);
  });

  it('that say what no list can are not issued', () => {
    const entry = { serialNumber: Uint8Array.of(1), date: during };
    expect(() => crl({ crlNumber: -1 })).toThrow(/CRL number/);
    expect(() => crl({ crlNumber: 2n ** 160n })).toThrow(/CRL number/);
    expect(() => crl({ revoked: [entry, entry] })).toThrow(/twice/);
    expect(() => crl({ revoked: [{ ...entry, serialNumber: Uint8Array.of(0) }] })).toThrow(/serial number/);
    expect(() => crl({ revoked: [{ ...entry, date: new Date('1949-01-01T00:00:00Z') }] })).toThrow(RangeError);
    expect(() => crl({ nextUpdate: new Date('2026-01-01T00:00:00Z') })).toThrow(/next update/);
    expect(() => crl({ issuerSeed: octets(32, 99) })).toThrow(/seed/);
    expect(() => crl({ issuer: peer() })).toThrow(RangeError);
  });
});
