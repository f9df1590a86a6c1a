import { describe, expect, it } from 'vitest';
import { parseCertificate } from '../../src/certificate/parse.ts';
import { tags } from '../../src/der/der.ts';
import {
  at,
  authority,
  edit,
  hex,
  octets,
  type Path,
  paths,
  peer,
  peerSeed,
  platform,
  poke,
  refusal,
  tlv,
  uri,
  value,
} from '../../src/lab/chains/fixtures.ts';
import { toHex } from '../../src/octets.ts';

const der = peer();
const parse = (octets: Uint8Array): string => refusal(parseCertificate(octets));
const malformed = /^certificate-malformed/;
const replaced = (path: Path, element: Uint8Array): string => parse(edit(der, path, () => element));

describe('a certificate of the profile', () => {
  it('PQ-4.4-01, PQ-P-54: says what it states', () => {
    const parsed = value(parseCertificate(der));
    expect(parsed).toMatchObject({
      subject: 'CN=bob',
      commonName: 'bob',
      uris: [uri],
      issuer: { text: 'CN=PQuAKE CA' },
    });
    expect(parsed.serialNumber).toBe(toHex(octets(16, 0x41)));
    expect(parsed.notBefore.toISOString()).toBe('2026-01-01T00:00:00.000Z');
    expect(parsed.notAfter.toISOString()).toBe('2026-12-31T23:59:59.000Z');
    expect(toHex(parsed.encapsulationKey)).toBe(toHex(platform.generateKemKey(peerSeed).encapsulationKey));
    expect(parsed.signature).toHaveLength(4627);
    expect(parsed.authorityKeyIdentifier).toHaveLength(20);
  });

  it('keeps the octets that were signed, out of the input and not encoded again', () => {
    const { toBeSigned, signature, octets: whole } = value(parseCertificate(der));
    expect(whole).toBe(der);
    for (const view of [toBeSigned, signature]) expect(view.buffer).toBe(der.buffer);
    expect(toHex(toBeSigned)).toBe(toHex(at(der, [0])));
  });

  it('is read out of a Buffer, and out of the middle of a larger array, alike', () => {
    const larger = new Uint8Array(der.length + 20);
    larger.set(der, 10);
    for (const input of [Buffer.from(der), larger.subarray(10, 10 + der.length)]) {
      expect(value(parseCertificate(input)).subject).toBe('CN=bob');
      expect(toHex(input)).toBe(toHex(der));
    }
  });
});

describe('PQ-P-54: DER only', () => {
  const { length } = der;
  const cases: readonly (readonly [string, Uint8Array])[] = [
    ['nothing', new Uint8Array(0)],
    ['one octet', Uint8Array.of(0x30)],
    ['an empty SEQUENCE', hex('3000')],
    ['PEM', Buffer.from('-----BEGIN CERTIFICATE-----\n')],
    ['a length in three octets where two do', Uint8Array.from([0x30, 0x83, 0, ...der.subarray(2)])],
    ['a length in eight octets', Uint8Array.from([0x30, 0x88, 0, 0, 0, 0, 0, 0, ...der.subarray(2)])],
    ['an indefinite length', Uint8Array.from([0x30, 0x80, ...der.subarray(4), 0, 0])],
    ['a tag in the long form', Uint8Array.from([0x3f, 0x10, ...der.subarray(1)])],
    ['a tag in the long form, padded', Uint8Array.from([0x3f, 0x80, 0x10, ...der.subarray(1)])],
    ['a length beyond the input', der.with(3, (der[3] ?? 0) + 1)],
    ['a length of almost 2^31', Uint8Array.from([0x30, 0x84, 0x7f, 0xff, 0xff, 0xff, ...der.subarray(4)])],
    ['a length of almost 2^32', Uint8Array.from([0x30, 0x84, 0xff, 0xff, 0xff, 0xff, ...der.subarray(4)])],
    ['a SET in the place of the SEQUENCE', der.with(0, 0x31)],
    ['a primitive SEQUENCE', der.with(0, 0x10)],
    ['its last octet missing', der.subarray(0, length - 1)],
  ];
  it.each(cases)('%s is malformed', (_, input) => expect(parse(input)).toMatch(malformed));

  it('PQ-P-55: octets behind the certificate are malformed', () => {
    for (const tail of [hex('00'), hex('0500'), der]) expect(parse(Buffer.concat([der, tail]))).toMatch(malformed);
  });

  const sequences: readonly Path[] = [
    [],
    [0],
    [0, 0],
    [0, 2],
    [0, 4],
    [0, 5, 0, 0],
    [0, 6],
    [0, 6, 0],
    [0, 7],
    [0, 7, 0],
    [0, 7, 0, 0],
    [1],
  ];
  it.each(sequences.map((path) => [path.join('.') || 'the outermost', path] as const))(
    'PQ-P-54: elements and stray octets at the end inside of %s are malformed',
    (_, path) => {
      for (const tail of [hex('0500'), hex('00'), hex('0000'), hex('3000'), hex('0101ff')]) {
        const extended = edit(der, path, (element) => {
          const header = (element[1] ?? 0) < 0x80 ? 2 : (element[1] ?? 0) - 0x80 + 2;
          return tlv(element[0] ?? 0, element.subarray(header), tail);
        });
        expect(parse(extended)).toMatch(malformed);
      }
    },
  );

  it('lengths in more octets than needed are malformed everywhere', () => {
    const elements: readonly Path[] = [
      paths.version,
      paths.serialNumber,
      paths.issuer,
      paths.notBefore,
      paths.keyAlgorithm,
      [0, 7, 0, 0, 1],
    ];
    for (const path of elements) {
      const longer = edit(der, path, (element) => Uint8Array.from([element[0] ?? 0, 0x81, ...element.subarray(1)]));
      expect(parse(longer)).toMatch(malformed);
    }
    const key = edit(der, paths.subjectPublicKey, (element) => Uint8Array.from([3, 0x83, 0, ...element.subarray(2)]));
    expect(parse(key)).toMatch(malformed);
  });
});

describe('PQ-P-54: fields of RFC 5280, section 4.1', () => {
  it.each([
    ['v1, as absent', edit(der, [0], (element) => tlv(0x30, element.subarray(4 + 5)))],
    ['v1, stated', poke(der, paths.version, 4, 0)],
    ['v2', poke(der, paths.version, 4, 1)],
    ['v4', poke(der, paths.version, 4, 3)],
    ['v3, padded', edit(der, paths.version, () => hex('a00402020002'))],
  ])('version: %s is malformed', (_, input) => expect(parse(input)).toMatch(malformed));

  it.each([
    ['empty', '0200'],
    ['zero', '020100'],
    ['negative', '0201ff'],
    ['negative, of 16 octets', `0210${'80'.repeat(16)}`],
    ['padded', '02020001'],
    ['of 21 octets', `0215${'01'.repeat(21)}`],
    ['of 21 octets for its sign', `021500${'ff'.repeat(20)}`],
    ['an ENUMERATED', '0a0101'],
  ])('serial number: %s is malformed', (_, element) =>
    expect(replaced(paths.serialNumber, hex(element))).toMatch(malformed),
  );

  it.each([
    ['01', '020101'],
    ['ff'.repeat(19), `021400${'ff'.repeat(19)}`],
    ['7f'.repeat(20), `0214${'7f'.repeat(20)}`],
  ])('serial number: %s is read', (digits, element) => {
    const parsed = value(parseCertificate(edit(der, paths.serialNumber, () => hex(element))));
    expect(parsed.serialNumber.replace(/^00/, '')).toBe(digits);
  });

  const time = (tag: number, text: string): Uint8Array => tlv(tag, Buffer.from(text, 'latin1'));
  it.each([
    ['without seconds', tags.utcTime, '2601010000Z'],
    ['without Z', tags.utcTime, '260101000000'],
    ['with an offset', tags.utcTime, '260101000000+0000'],
    ['the 31st of April', tags.utcTime, '260431000000Z'],
    ['the 29th of February of no leap year', tags.utcTime, '260229000000Z'],
    ['month 13', tags.utcTime, '261301000000Z'],
    ['hour 24', tags.utcTime, '260101240000Z'],
    ['second 60', tags.utcTime, '260101000060Z'],
    ['spaces for digits', tags.utcTime, '26 1 1 0 0 0Z'],
    ['lower-case z', tags.utcTime, '260101000000z'],
    ['digits of another script', tags.utcTime, '26010100000\xb2Z'],
    ['UTCTime with a year of four digits', tags.utcTime, '20260101000000Z'],
    ['GeneralizedTime before 2050', tags.generalizedTime, '20491231235959Z'],
    ['GeneralizedTime with a fraction', tags.generalizedTime, '20500101000000.5Z'],
    ['GeneralizedTime with a year of two digits', tags.generalizedTime, '500101000000Z'],
    ['empty', tags.utcTime, ''],
    ['a string', tags.utf8String, '260101000000Z'],
  ])('time: %s is malformed', (_, tag, text) => {
    for (const path of [paths.notBefore, paths.notAfter]) expect(replaced(path, time(tag, text))).toMatch(malformed);
  });

  it.each([
    [tags.utcTime, '500101000000Z', '1950-01-01T00:00:00.000Z'],
    [tags.utcTime, '491231235959Z', '2049-12-31T23:59:59.000Z'],
    [tags.utcTime, '280229120000Z', '2028-02-29T12:00:00.000Z'],
    [tags.generalizedTime, '20500101000000Z', '2050-01-01T00:00:00.000Z'],
    [tags.generalizedTime, '99991231235959Z', '9999-12-31T23:59:59.000Z'],
  ])('time: %s %s is %s', (tag, text, iso) => {
    expect(value(parseCertificate(edit(der, paths.notAfter, () => time(tag, text)))).notAfter.toISOString()).toBe(iso);
  });

  it('validity: one time, or three, is malformed', () => {
    const one = at(der, paths.notBefore);
    expect(replaced(paths.validity, tlv(0x30, one))).toMatch(malformed);
    expect(replaced(paths.validity, tlv(0x30, one, one, one))).toMatch(malformed);
  });

  it('issuer: an empty one is malformed', () => expect(replaced(paths.issuer, hex('3000'))).toMatch(malformed));

  it('subject: an empty one without a critical alternative name is malformed', () =>
    expect(replaced(paths.subject, hex('3000'))).toMatch(malformed));

  it('unique identifiers are malformed', () => {
    for (const tag of [0x81, 0x82]) {
      const unique = edit(der, [0, 7], (extensions) => Buffer.concat([tlv(tag, hex('0001')), extensions]));
      expect(parse(unique)).toMatch(malformed);
    }
  });
});

describe('PQ-4.4-02, PQ-4.4-03, PQ-P-56, PQ-P-57: algorithms', () => {
  const algorithm = (arc: string, parameters = ''): Uint8Array =>
    tlv(0x30, hex(`0609608648016503 04 ${arc}`), hex(parameters));
  const wrong = /^certificate-wrong-algorithm/;

  it.each([
    ['ML-KEM-512', '0401'],
    ['ML-KEM-768', '0402'],
    ['ML-DSA-87', '0313'],
  ])('a subject key of %s is of the wrong algorithm', (_, arc) => {
    expect(replaced(paths.keyAlgorithm, algorithm(arc))).toMatch(wrong);
  });

  it('PQ-4.4-02: the certificate of an authority has the wrong algorithm', () =>
    expect(parse(authority())).toMatch(wrong));

  it.each([
    ['ML-DSA-44', '0311'],
    ['ML-DSA-65', '0312'],
    ['HashML-DSA-87', '0322'],
  ])('a signature of %s is of the wrong algorithm', (_, arc) => {
    const inner = edit(der, paths.innerAlgorithm, () => algorithm(arc));
    expect(parse(edit(inner, paths.outerAlgorithm, () => algorithm(arc)))).toMatch(wrong);
  });

  it('two signature algorithms are malformed', () => {
    expect(replaced(paths.outerAlgorithm, algorithm('0312'))).toMatch(malformed);
  });

  it.each([
    ['NULL', '0500'],
    ['an empty SEQUENCE', '3000'],
  ])('parameters %s are malformed', (_, parameters) => {
    expect(replaced(paths.keyAlgorithm, algorithm('0403', parameters))).toMatch(malformed);
    const inner = edit(der, paths.innerAlgorithm, () => algorithm('0313', parameters));
    expect(parse(edit(inner, paths.outerAlgorithm, () => algorithm('0313', parameters)))).toMatch(malformed);
  });

  it.each([
    ['empty', '0600'],
    ['cut off', '060180'],
    ['padded', '0603558003'],
    ['padded at the start', '0603805504'],
  ])('an object identifier that is %s is malformed', (_, identifier) =>
    expect(replaced(paths.keyAlgorithm, tlv(0x30, hex(identifier)))).toMatch(malformed),
  );

  it.each([1567, 1569, 0])('PQ-P-27: a subject key of %i octets is malformed', (length) => {
    expect(replaced(paths.subjectPublicKey, tlv(tags.bitString, octets(length + 1)))).toMatch(malformed);
  });

  it.each([4626, 4628, 0])('a signature of %i octets is malformed', (length) => {
    expect(replaced(paths.signature, tlv(tags.bitString, octets(length + 1)))).toMatch(malformed);
  });

  it('unused bits, no octets and constructed BIT STRINGs are malformed', () => {
    for (const path of [paths.subjectPublicKey, paths.signature]) {
      expect(parse(poke(der, path, 4, 1))).toMatch(malformed);
      expect(replaced(path, hex('0300'))).toMatch(malformed);
      expect(replaced(path, tlv(0x23, at(der, path)))).toMatch(malformed);
    }
  });
});
