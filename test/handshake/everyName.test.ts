// Every certificate that is valid has a name: it is reported, and it can be expected.
import { describe, expect, it } from 'vitest';
import { issueCertificate } from '../../src/certificate/issue/issue.ts';
import { peerOf } from '../../src/certificate/peerNames.ts';
import { trustStore } from '../../src/certificate/trustStore.ts';
import { certificateValidator } from '../../src/certificate/validate.ts';
import { tags } from '../../src/der/der.ts';
import { impossibleName, peerJudge } from '../../src/handshake/expectedPeer.ts';
import {
  anchor,
  at,
  authority,
  authoritySeed,
  during,
  edit,
  extension,
  hex,
  identifiers,
  keyEncipherment,
  octets,
  paths,
  peer,
  platform,
  tlv,
  value,
  withExtensions,
} from '../../src/lab/chains/fixtures.ts';

const text = (tag: number, words: string): Uint8Array => tlv(tag, Buffer.from(words));
const dns = (name: string): Uint8Array => text(0x82, name);
const uri = text(0x86, 'https://ee.example');
const directory = tlv(0xa4, at(peer(platform, { name: 'dora', organization: 'Example' }), paths.subject));
const trusting = [anchor()];

/** A certificate with an empty subject, or that of bob, and a critical subject alternative name. */
function certificate(alternatives: readonly Uint8Array[], subject: 'empty' | 'bob' = 'empty'): Uint8Array {
  const plain = peer();
  const without = subject === 'bob' ? plain : edit(plain, paths.subject, () => tlv(tags.sequence));
  const names = extension(identifiers.subjectAlternativeName, tlv(tags.sequence, ...alternatives), true);
  return withExtensions(without, [keyEncipherment, names]);
}

const peerWith = (der: Uint8Array) =>
  peerOf(value(certificateValidator({ trustAnchors: trusting, time: during })(der)));
const isExpected = (der: Uint8Array, name: string): boolean => peerJudge(name, trusting)(peerWith(der)).ok;

describe('a certificate without a subject (PQ-P-54)', () => {
  it.each([
    ['a DNS name', [dns('ml-kem-1024.ee.example')], 'DNS:ml-kem-1024.ee.example', ['DNS:ML-KEM-1024.ee.example']],
    ['a URI', [uri], 'URI:https://ee.example', []],
    ['a directory name', [directory], 'DIR:CN=dora,O=Example', []],
    [
      'several, the first of which is shown',
      [uri, dns('b.example'), directory],
      'URI:https://ee.example',
      ['DNS:b.example', 'DIR:CN=dora,O=Example'],
    ],
    ['several in another order', [dns('b.example'), uri], 'DNS:b.example', ['URI:https://ee.example']],
  ] as const)('with %s is shown by it, and expected by each', (_, alternatives, shown, others) => {
    const der = certificate(alternatives);
    expect(peerWith(der).displayName).toBe(shown);
    for (const name of [shown, ...others]) expect(isExpected(der, name)).toBe(true);
    for (const name of ['bob', 'CN=bob', 'DNS:other.example', 'CN=dora,O=Example', 'dora'])
      expect(isExpected(der, name)).toBe(false);
    const refused = peerJudge('bob', trusting)(peerWith(der));
    expect(refused).toMatchObject({ ok: false, detail: `expected bob, got ${shown}` });
  });

  it('and with an empty directory name alone has no name, and is refused', () => {
    const der = certificate([hex('a4023000')]);
    expect(certificateValidator({ trustAnchors: trusting, time: during })(der)).toMatchObject({
      ok: false,
      code: 'certificate-malformed',
      detail: 'subject alternative name: an empty directory name',
    });
  });
});

describe('names beside a subject', () => {
  it('the subject is shown; a directory name is expected as DIR: and is no subject', () => {
    const der = certificate([directory], 'bob');
    expect(peerWith(der).displayName).toBe('CN=bob');
    for (const name of ['bob', 'CN=bob', 'DIR:CN=dora,O=Example']) expect(isExpected(der, name)).toBe(true);
    for (const name of ['CN=dora,O=Example', 'DIR:CN=bob', 'DIR:CN=dora']) expect(isExpected(der, name)).toBe(false);
  });

  it('a directory name counts under name constraints as a subject does', () => {
    const limited = authority(platform, { permitted: { dnsNames: ['example'] } });
    const organized = authority(platform, { organization: 'Example', permitted: { organizations: ['Example'] } });
    const judged = (issuer: Uint8Array, organization?: string): boolean => {
      const key = platform.generateKemKey(octets(64, 5)).encapsulationKey;
      const period = { notBefore: new Date('2026-01-01T00:00:00Z'), notAfter: new Date('2026-12-01T00:00:00Z') };
      const own = { name: 'bob', organization, encapsulationKey: key, serialNumber: octets(16, 0x41) };
      const der = issueCertificate({ suite: platform, issuer, issuerSeed: authoritySeed, ...own, ...period });
      const names = extension(identifiers.subjectAlternativeName, tlv(tags.sequence, directory));
      const anchors = [anchor(platform, issuer)];
      const store = value(trustStore({ trustAnchors: anchors }));
      const validated = certificateValidator({ trustAnchors: store, time: during })(
        withExtensions(der, [keyEncipherment, names]),
      );
      return peerJudge('DIR:CN=dora,O=Example', anchors)(peerOf(value(validated))).ok;
    };
    expect(judged(organized, 'Example')).toBe(true);
    expect(judged(limited)).toBe(false);
  });

  it('a word that begins with DIR: and has no = stays a common name', () => {
    expect(isExpected(withExtensions(peer(platform, { name: 'DIR:bob' }), [keyEncipherment]), 'DIR:bob')).toBe(true);
  });
});

describe('a DNS name whose last label is a number (RFC 1123, section 2.1)', () => {
  const numbers = ['192.0.2.1', '1', 'a.example.42', 'a.0x', 'a.0X7f', '0x7f000001'];
  const names = ['1.example', '42a', 'a.0xg', 'a.x0', '0.b', 'a.1-2', 'a.0-x'];

  it('is refused when it is met, issued and expected; numbers elsewhere are not', () => {
    const met = (name: string) =>
      certificateValidator({ trustAnchors: trusting, time: during })(certificate([dns(name)]));
    for (const name of numbers) {
      expect(met(name), name).toMatchObject({
        code: 'certificate-malformed',
        detail: expect.stringMatching(/a number/),
      });
      expect(() => peer(platform, { dnsNames: [name] }), name).toThrow(/its last label is a number/);
      expect(impossibleName(`DNS:${name}`), name).toMatch(/not DNS: and a DNS name/);
    }
    for (const name of names) {
      expect(isExpected(certificate([dns(name)]), `DNS:${name}`), name).toBe(true);
      expect(peer(platform, { dnsNames: [name] })).toBeInstanceOf(Uint8Array);
    }
  });
});
