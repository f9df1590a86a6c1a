// Bounds before work: what a stranger's certificate costs before its signature is verified, and what is told of it.

import { spawnSync } from 'node:child_process';
import { describe, expect, it, vi } from 'vitest';
import type { TrustAnchor } from '../../src/certificate/trustAnchor.ts';
import { trustStore } from '../../src/certificate/trustStore.ts';
import { certificateValidator } from '../../src/certificate/validate.ts';
import type * as Tlv from '../../src/der/tlv.ts';
import type { Checked } from '../../src/failure.ts';
import { failure, refused } from '../../src/failure.ts';
import {
  anchor,
  authority,
  authoritySeed,
  during,
  edit,
  hex,
  identifiers,
  keyEncipherment,
  octets,
  paths,
  peer,
  platform,
  poke,
  refusal,
  resigned,
  tlv,
  value,
  withExtensions,
} from '../../src/lab/chains/fixtures.ts';
import { kindsOfStructured, structured } from '../../src/lab/chains/structured.ts';
import type { Bytes } from '../../src/octets.ts';

const reads = vi.hoisted(() => ({ elements: 0 }));
vi.mock('../../src/der/tlv.ts', async (original) => {
  const { enter } = await original<typeof Tlv>();
  const counting: typeof enter = (...place) => {
    reads.elements += 1;
    enter(...place);
  };
  return { enter: counting };
});

const der = peer();
const subjectOf = (subject: Bytes): Bytes => edit(der, paths.subject, () => subject);
const commonName = (text: Bytes | string): Bytes =>
  tlv(0x31, tlv(0x30, tlv(6, hex('550403')), tlv(0x0c, typeof text === 'string' ? Buffer.from(text) : text)));

/** A trust anchor that counts how often it verifies. */
function counted(one: TrustAnchor, tell: () => void): TrustAnchor {
  const { verificationKey: key } = one;
  const verify = (message: Bytes, signature: Bytes): boolean => {
    tell();
    return key.verify(message, signature);
  };
  return { ...one, verificationKey: { ...key, verify } };
}

/** The work of a refusal: verifications, and elements of DER that were read. */
function counting(anchors: readonly TrustAnchor[] = [anchor()]) {
  const seen = { verifications: 0 };
  const trustAnchors = value(
    trustStore({ trustAnchors: anchors.map((one) => counted(one, () => (seen.verifications += 1))) }),
  );
  const judge = certificateValidator({ trustAnchors, time: during });
  return (input: Bytes): { readonly verdict: Checked<unknown>; readonly verifications: number; elements: number } => {
    seen.verifications = 0;
    reads.elements = 0;
    return { verdict: judge(input), verifications: seen.verifications, elements: reads.elements };
  };
}

describe('any certificate of 64 KiB', () => {
  it('300 of all kinds: refused with at most 1 kB of detail, few elements read, at most one signature verified', () => {
    const judge = counting();
    const reached = new Set<string>();
    let most = 0;
    for (let number = 0; number < 15 * kindsOfStructured.length; number += 1) {
      const { kind, der: input } = structured(number);
      const { verdict, verifications, elements } = judge(input);
      const what = `${kind}, number ${number}`;
      expect(verdict.ok, what).toBe(false);
      expect(Buffer.byteLength(verdict.ok ? '' : (verdict.detail ?? '')), what).toBeLessThanOrEqual(1_024);
      most = Math.max(most, elements);
      expect(elements, what).toBeLessThan(2_000);
      expect(verifications, what).toBeLessThanOrEqual(1);
      if (verifications === 1) reached.add(kind);
    }
    expect(most).toBeGreaterThan(100); // that they are counted
    expect(reached.size).toBeGreaterThanOrEqual(4); // the kinds with which nothing else is wrong
  });

  it('takes at most three times as long as an honest one: a search, in a process whose code nothing counts', () => {
    const words = ['src/lab/chains/bounds.ts', '200'];
    const { status, stderr } = spawnSync(process.execPath, words, { encoding: 'utf8' });
    expect(stderr).toBe('');
    expect(status).toBe(0);
  });
});

describe('details of failures', () => {
  it('are cut to 1 kB, and say how many octets were left out', () => {
    const long = 'ä'.repeat(60_000);
    const { detail = '' } = refused('certificate-untrusted', long);
    expect(Buffer.byteLength(detail)).toBeLessThanOrEqual(1_024);
    const [, kept = '', left] = /^(ä+)… \((\d+) octets left out\)$/.exec(detail) ?? [];
    expect(Buffer.byteLength(kept) + Number(left)).toBe(120_000);
    expect(failure('certificate-untrusted', 2, long).message).toMatch(/octets left out\)$/);
    expect(failure('certificate-untrusted', 2, long).message.length).toBeLessThan(1_200);
    for (const short of ['', 'short', 'ä'.repeat(512), '\u{1f600}'.repeat(256)])
      expect(refused('certificate-untrusted', short).detail).toBe(short);
  });

  it('show a long name in part, escaped, with its octets', () => {
    const [judge, issuer] = [certificateValidator({ trustAnchors: [anchor()], time: during }), hex('1b')];
    const unknown = edit(der, paths.issuer, () => tlv(0x30, commonName(Buffer.alloc(3_000, issuer))));
    expect(refusal(judge(unknown))).toMatch(
      /^certificate-untrusted: no authority CN=(\\1b){84}.?… \(a name of 3\d\d\d octets\)$/,
    );
  });
});

describe('what is more than a bound is malformed, and what reaches it is not', () => {
  const judge = certificateValidator({ trustAnchors: [anchor()], time: during });
  const verdict = (input: Bytes): string => refusal(judge(resigned(input)));
  const times = (count: number, part: (index: number) => Bytes): Bytes[] =>
    Array.from({ length: count }, (_, i) => part(i));
  const alternatives = (...names: Bytes[]): string =>
    refusal(
      judge(
        withExtensions(der, [
          keyEncipherment,
          tlv(0x30, tlv(6, identifiers.subjectAlternativeName), tlv(4, tlv(0x30, ...names))),
        ]),
      ),
    );
  const extension = (i: number, octetsOfName = 4): Bytes =>
    tlv(
      0x30,
      tlv(6, Uint8Array.of(0x2a, ...Array.from({ length: octetsOfName - 2 }, () => 1), i)),
      tlv(4, hex('0500')),
    );
  const usage = (contents: string): string =>
    refusal(
      judge(
        withExtensions(der, [
          tlv(0x30, tlv(6, identifiers.keyUsage), tlv(1, hex('ff')), tlv(4, tlv(3, hex(contents)))),
        ]),
      ),
    );
  const directory = (i: number): Bytes => tlv(0xa4, tlv(0x30, commonName(`${i}`)));

  it.each([
    [
      'attributes of a name',
      () => verdict(subjectOf(tlv(0x30, ...times(32, (i) => commonName(`${i}`))))),
      () => verdict(subjectOf(tlv(0x30, ...times(33, (i) => commonName(`${i}`))))),
    ],
    [
      'octets of a name',
      () => verdict(subjectOf(tlv(0x30, commonName('a'.repeat(4_075))))),
      () => verdict(subjectOf(tlv(0x30, commonName('a'.repeat(4_076))))),
    ],
    [
      'extensions',
      () => refusal(judge(withExtensions(der, [keyEncipherment, ...times(31, extension)]))),
      () => refusal(judge(withExtensions(der, [keyEncipherment, ...times(32, extension)]))),
    ],
    [
      'octets of an identifier',
      () => refusal(judge(withExtensions(der, [keyEncipherment, extension(1, 100)]))),
      () => refusal(judge(withExtensions(der, [keyEncipherment, extension(1, 101)]))),
    ],
    [
      'alternative names',
      () => alternatives(...times(320, (i) => tlv(0x82, Buffer.from(`a${i}`)))),
      () => alternatives(...times(321, (i) => tlv(0x82, Buffer.from(`a${i}`)))),
    ],
    ['directory names', () => alternatives(...times(4, directory)), () => alternatives(...times(5, directory))],
    [
      'octets of an alternative name',
      () => alternatives(tlv(0x86, Buffer.from(`a:${'a'.repeat(4_094)}`))),
      () => alternatives(tlv(0x86, Buffer.from(`a:${'a'.repeat(4_095)}`))),
    ],
  ])('%s', (_, atBound, above) => {
    expect(atBound()).toBe('ok');
    expect(above()).toMatch(/^certificate-malformed/);
  });

  it('a BIT STRING has at most 7 unused bits, and key usage few bits', () => {
    expect(usage('0520')).toBe('ok');
    expect(usage('0d2000')).toMatch(/^certificate-malformed: key usage: more than 7 unused bits/);
    expect(usage(`00${'ff'.repeat(50_000)}`)).toMatch(/^certificate-malformed: key usage: more than 32 bits/);
  });

  it('name constraints of a certificate of a peer are not read', () => {
    const constraints = tlv(0x30, tlv(0xa0, ...times(5_000, (i) => tlv(0x30, tlv(0x82, Buffer.from(`a${i}`))))));
    const extended = withExtensions(der, [
      keyEncipherment,
      tlv(0x30, tlv(6, identifiers.nameConstraints), tlv(1, hex('ff')), tlv(4, constraints)),
    ]);
    const { verdict: judged, elements } = counting()(extended);
    expect(refusal(judged)).toMatch(/^certificate-malformed: name constraints: not of an authority/);
    expect(elements).toBeLessThan(200);
  });
});

describe('trust anchors are not told by time: as many signatures are verified on every refusal', () => {
  const [otherSeed, thirdSeed] = [octets(32, 9), octets(32, 11)];
  const under = (name: string, seed: Bytes): Bytes =>
    peer(platform, { issuer: authority(platform, { name, seed }), issuerSeed: seed });
  const past = anchor(
    platform,
    authority(platform, { name: 'Past', seed: thirdSeed, notAfter: new Date('2026-03-01T00:00:00Z') }),
  );
  const withoutIdentifier = (input: Bytes, seed: Bytes): Bytes => withExtensions(input, [keyEncipherment], seed);

  it('an issuer that is unknown, one with another key, one that has ended, and a wrong signature: one each', () => {
    const judge = counting([anchor(), past]);
    for (const [input, code] of [
      [under('Stranger', otherSeed), /^certificate-untrusted: no authority/],
      [under('PQuAKE CA', otherSeed), /^certificate-untrusted: no authority .* key identifier/],
      [
        under('Past', thirdSeed),
        /^certificate-outside-validity: the authority CN=Past is valid from .* to 2026-03-01T00:00:00\.000Z, and the time is /,
      ],
      [resigned(der, otherSeed), /^certificate-untrusted: not signed/],
      [poke(der, paths.serialNumber, 5, 0x22), /^certificate-untrusted: not signed/],
    ] as const) {
      const { verdict, verifications } = judge(input);
      expect(refusal(verdict)).toMatch(code);
      expect(verifications).toBe(1);
    }
  });

  it('with several keys of one name: as many as a certificate without key identifier can have, whoever issued it', () => {
    const namesake = anchor(platform, authority(platform, { seed: otherSeed }));
    const judge = counting([anchor(), namesake, past]);
    for (const input of [
      withoutIdentifier(under('Stranger', thirdSeed), thirdSeed),
      withoutIdentifier(under('Past', thirdSeed), octets(32, 13)),
      withoutIdentifier(der, thirdSeed),
    ]) {
      expect(judge(input)).toMatchObject({ verdict: { ok: false }, verifications: 2 });
    }
    expect(judge(withoutIdentifier(der, otherSeed))).toMatchObject({ verdict: { ok: true } });
    expect(judge(under('Stranger', thirdSeed))).toMatchObject({ verdict: { ok: false }, verifications: 1 });
  });

  it('a certificate that is outside its validity, or without a key, is refused before, whoever issued it', () => {
    const judge = counting();
    const ended = { notAfter: new Date('2026-02-01T00:00:00Z') };
    const known = judge(peer(platform, ended));
    const unknown = judge(
      peer(platform, {
        ...ended,
        issuer: authority(platform, { name: 'Stranger', seed: otherSeed }),
        issuerSeed: otherSeed,
      }),
    );
    expect([known.verifications, unknown.verifications]).toEqual([0, 0]);
    expect(refusal(known.verdict)).toMatch(/^certificate-outside-validity/);
    expect(refusal(unknown.verdict)).toMatch(/^certificate-untrusted/);
  });

  it('a signature under the key that is tried in vain is not taken for that of an issuer', () => {
    // Signed by the trust anchor, but in the name of a stranger: the key is tried, and its verdict is not read.
    const foreign = edit(der, paths.issuer, () => tlv(0x30, commonName('Stranger')));
    expect(counting()(resigned(foreign, authoritySeed))).toMatchObject({
      ...{ verdict: { ok: false, code: 'certificate-untrusted' }, verifications: 1 },
    });
  });
});
