import { describe, expect, it } from 'vitest';
import { parseCertificate } from '../../src/certificate/parse.ts';
import { parseTrustAnchor } from '../../src/certificate/trustAnchor.ts';
import { tags } from '../../src/der/der.ts';
import {
  authority,
  authoritySeed,
  edit,
  extension,
  flip,
  hex,
  identifiers,
  keyEncipherment,
  octets,
  paths,
  peer,
  platform,
  refusal,
  resigned,
  tlv,
  value,
  withExtensions,
} from '../../src/lab/chains/fixtures.ts';

const der = peer();
const malformed = /^certificate-malformed/;
const parse = (...extensions: readonly Uint8Array[]): string =>
  refusal(parseCertificate(withExtensions(der, extensions)));
const usage = (bits: string, critical = true): Uint8Array => extension(identifiers.keyUsage, hex(bits), critical);
const ca = (critical: boolean): Uint8Array => extension(identifiers.basicConstraints, hex('30030101ff'), critical);

describe('PQ-P-59: key usage', () => {
  it('is exactly keyEncipherment, critical or not', () => {
    expect(parse(usage('03020520'))).toBe('ok');
    expect(parse(usage('03020520', false))).toBe('ok');
  });

  it.each([
    ['digitalSignature', '03020780'],
    ['keyEncipherment and digitalSignature', '030205a0'],
    ['keyEncipherment and decipherOnly', '0303072080'],
    ['keyAgreement', '03020308'],
    ['none', '030100'],
  ])('%s is wrong', (_, bits) => expect(parse(usage(bits))).toMatch(/^certificate-wrong-key-usage/));

  it('absent is wrong, with other extensions and without any', () => {
    expect(parse(extension(identifiers.subjectKeyIdentifier, hex('040101')))).toMatch(
      /^certificate-wrong-key-usage: found no key usage, expected keyEncipherment/,
    );
    const bare = edit(der, [0, 7], () => new Uint8Array(0));
    expect(refusal(parseCertificate(bare))).toMatch(
      /^certificate-wrong-key-usage: found no key usage, expected keyEncipherment/,
    );
  });

  it.each([
    ['a trailing bit that is not set', '03020420'],
    ['unused bits that are set', '03020521'],
    ['a trailing octet of zeros', '0303052000'],
    ['eight unused bits', '03020820'],
    ['thirteen unused bits, and an octet for them', '03030d2000'],
    ['twenty-one unused bits, and two octets for them', '030415200000'],
    ['eight unused bits of nothing', '030108'],
    ['no octets', '0300'],
    ['unused bits of nothing', '030105'],
    ['a bit that RFC 5280 does not have', '0303062040'],
    ['trailing octets', '0302052000'],
    ['an OCTET STRING', '04020520'],
  ])('%s is malformed', (_, bits) => expect(parse(usage(bits))).toMatch(malformed));
});

describe('PQ-P-54: extensions', () => {
  it('an empty list, or one of them twice, is malformed', () => {
    expect(parse()).toMatch(malformed);
    expect(parse(keyEncipherment, keyEncipherment)).toMatch(malformed);
    const unknown = extension(hex('2a0304'), hex('0500'));
    expect(parse(keyEncipherment, unknown, unknown)).toMatch(malformed);
  });

  it('an unknown one is passed over when it is not critical, and malformed when it is', () => {
    expect(parse(keyEncipherment, extension(hex('2a0304'), hex('ffff')))).toBe('ok');
    expect(parse(keyEncipherment, extension(hex('2a0304'), hex('ffff'), true))).toMatch(malformed);
    expect(parse(keyEncipherment, extension(identifiers.nameConstraints, hex('3000'), true))).toMatch(malformed);
    expect(parse(keyEncipherment, extension(identifiers.subjectKeyIdentifier, hex('040101'), true))).toMatch(malformed);
  });

  it('one whose identifier is that of key usage modulo 2^32 is not key usage', () => {
    expect(parse(extension(hex('5590808080 1d0f'), hex('03020520'), true))).toMatch(malformed);
    expect(parse(keyEncipherment, extension(hex('2affffff7f'), hex('ffff')))).toBe('ok');
  });

  it.each([
    ['FALSE, which DER omits', '010100'],
    ['TRUE that is not 0xff', '010101'],
    ['TRUE of two octets', '0102ffff'],
    ['a NULL', '0500'],
  ])('critical: %s is malformed', (_, critical) => {
    const odd = tlv(
      0x30,
      tlv(tags.objectIdentifier, identifiers.keyUsage),
      hex(critical),
      tlv(tags.octetString, hex('03020520')),
    );
    expect(parse(odd)).toMatch(malformed);
  });

  it('critical behind the value, and a value of another type, are malformed', () => {
    const identifier = tlv(tags.objectIdentifier, identifiers.keyUsage);
    expect(parse(tlv(0x30, identifier, tlv(tags.octetString, hex('03020520')), hex('0101ff')))).toMatch(malformed);
    expect(parse(tlv(0x30, identifier, tlv(tags.bitString, hex('03020520'))))).toMatch(malformed);
    expect(parse(tlv(0x30, identifier))).toMatch(malformed);
  });

  it('basic constraints: an end entity may state them, an authority is not a peer', () => {
    expect(parse(keyEncipherment, extension(identifiers.basicConstraints, hex('3000'), true))).toBe('ok');
    expect(parse(keyEncipherment, ca(true))).toMatch(/^certificate-malformed: .*authority/);
    for (const odd of ['3003010100', '3003020100', '30060101ff0201ff', '3003010101', '0500']) {
      expect(parse(keyEncipherment, extension(identifiers.basicConstraints, hex(odd)))).toMatch(malformed);
    }
  });

  it('authority key identifier: a key identifier alone', () => {
    const aki = (contents: string): string =>
      parse(keyEncipherment, extension(identifiers.authorityKeyIdentifier, hex(contents)));
    for (const good of ['3000', '30038001aa']) expect(aki(good)).toBe('ok');
    for (const bad of ['3008 8001aa a100 820101', '3006820101 8001aa', '30068001aa8001aa', '3003830101', '0401aa'])
      expect(aki(bad)).toMatch(malformed);
  });
});

describe('subject alternative name', () => {
  const san = (contents: string, critical = false): Uint8Array =>
    extension(identifiers.subjectAlternativeName, hex(contents), critical);

  it('gives its URIs in order, and DNS names', () => {
    const parsed = value(
      parseCertificate(withExtensions(der, [keyEncipherment, san('300c 8603613a62 820178 8602633a')])),
    );
    expect(parsed.uris).toEqual(['a:b', 'c:']);
    expect(parsed.dnsNames).toEqual(['x']);
  });

  it.each([
    ['empty', '3000'],
    ['an empty URI', '30028600'],
    ['a space in a URI', '30038601 20'],
    ['a NUL in a URI', '30058603610062'],
    ['a URI that is not ASCII', '30048602c3a4'],
    ['a constructed URI', '3003a60141'],
    ['no name', '3003020101'],
    ['an unknown name', '30038901 41'],
    ['a mail address', '30058103614062'],
    ['an IP address', '3006 8704 c0000201'],
    ['a name of another kind that is none', '3003800141'],
    ['a wildcard for a DNS name', '30058203 2a2e61'],
    ['a directory name that is none', '3004a4023100'],
  ])('%s is malformed', (_, contents) => expect(parse(keyEncipherment, san(contents))).toMatch(malformed));

  it('stands for an empty subject when it is critical', () => {
    const nameless = (critical: boolean): string => {
      const edited = edit(der, paths.subject, () => hex('3000'));
      return refusal(parseCertificate(withExtensions(edited, [keyEncipherment, san('30058603613a62', critical)])));
    };
    expect(nameless(true)).toBe('ok');
    expect(nameless(false)).toMatch(malformed);
  });
});

describe('PQ-P-17, PQ-P-18: trust anchors', () => {
  const own = authority();
  const signing = extension(identifiers.keyUsage, hex('03020106'), true);
  const anchorWith = (...extensions: readonly Uint8Array[]): string =>
    refusal(parseTrustAnchor(platform, withExtensions(own, extensions)));

  it('are self-signed authorities', () => {
    const parsed = value(parseTrustAnchor(platform, own));
    expect(parsed.subject.text).toBe('CN=PQuAKE CA');
    expect(parsed.verificationKey.octets).toHaveLength(2592);
    expect(anchorWith(ca(true), signing)).toBe('ok');
    expect(anchorWith(extension(identifiers.basicConstraints, hex('30060101ff020100'), true), signing)).toBe('ok');
  });

  it('state cA TRUE, critical', () => {
    expect(anchorWith(signing)).toMatch(malformed);
    expect(anchorWith(ca(false), signing)).toMatch(malformed);
    expect(anchorWith(extension(identifiers.basicConstraints, hex('3000'), true), signing)).toMatch(malformed);
  });

  it.each([
    ['absent', ''],
    ['without keyCertSign', '03020780'],
    ['with keyEncipherment', '03020224'],
  ])('key usage %s is wrong', (_, bits) => {
    const extensions = bits === '' ? [ca(true)] : [ca(true), usage(bits)];
    expect(anchorWith(...extensions)).toMatch(/^certificate-wrong-key-usage/);
  });

  it('have their own signature, and no other subject than issuer', () => {
    expect(refusal(parseTrustAnchor(platform, flip(own, paths.signature, 100)))).toMatch(/^certificate-untrusted/);
    expect(refusal(parseTrustAnchor(platform, resigned(own, octets(32, 99))))).toMatch(/^certificate-untrusted/);
    const other = edit(own, [...paths.issuer, 0, 0, 1], () => tlv(tags.utf8String, Buffer.from('other')));
    expect(refusal(parseTrustAnchor(platform, resigned(other, authoritySeed)))).toMatch(malformed);
  });

  it('are not peers, nor anything else', () => {
    expect(refusal(parseTrustAnchor(platform, der))).toMatch(/^certificate-wrong-algorithm/);
    expect(refusal(parseTrustAnchor(platform, own.subarray(1)))).toMatch(malformed);
  });
});
