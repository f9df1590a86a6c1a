import { describe, expect, it } from 'vitest';
import { parseCertificate } from '../../src/certificate/parse.ts';
import { edit, hex, paths, peer, refusal, tlv, value } from '../../src/lab/chains/fixtures.ts';

const der = peer();
const attribute = (type: string, tag: number, contents: Uint8Array | string): Uint8Array =>
  tlv(0x30, tlv(6, hex(type)), tlv(tag, typeof contents === 'string' ? Buffer.from(contents) : contents));
const name = (...relatives: readonly (readonly Uint8Array[])[]): Uint8Array =>
  tlv(0x30, ...relatives.map((attributes) => tlv(0x31, ...attributes)));
const parsed = (subject: Uint8Array) => value(parseCertificate(edit(der, paths.subject, () => subject)));
const refused = (subject: Uint8Array): string => refusal(parseCertificate(edit(der, paths.subject, () => subject)));

const [commonName, country, organization] = ['550403', '550406', '55040a'];
const cn = (text: string): Uint8Array => attribute(commonName, 12, text);

describe('RFC 4514: names as strings', () => {
  it('the last relative name comes first; several attributes in one are joined', () => {
    const both = [attribute(organization, 12, 'b'), attribute(organization, 12, 'c')];
    expect(parsed(name([attribute(country, 19, 'DE')], both, [cn('bob')])).subject).toBe('CN=bob,O=b+O=c,C=DE');
  });

  it('unknown types are hexadecimal; strings of other types, and what is no string, are malformed', () => {
    expect(parsed(name([attribute('2a0304', 12, 'x')])).subject).toBe('1.2.3.4=#0c0178');
    for (const [type, contents] of [
      [30, '0062'], // BMPString
      [20, '62'], // TeletexString
      [28, '00000062'], // UniversalString
      [2, '01'], // INTEGER
    ] as const) {
      const subject = name([attribute(commonName, type, hex(contents))]);
      expect(refused(subject)).toMatch(/^certificate-malformed: attribute of a name/);
    }
  });

  it.each([
    ['a,b', 'a\\,b'],
    ['#a#', '\\#a#'],
    [' ', '\\ '],
    ['  ', '\\ \\ '],
    ['a\\b', 'a\\\\b'],
    ['a\u0000b', 'a\\00b'],
    ['a\nb', 'a\\0ab'],
    ['a\u001b[2Jb', 'a\\1b[2Jb'],
    ['a\u202eb', 'a\\e2\\80\\aeb'],
    ['Zoë', 'Zoë'],
  ])('%j is %j', (text, escaped) => {
    expect(parsed(name([cn(text)]))).toMatchObject({ subject: `CN=${escaped}`, commonName: text });
  });

  it('two common names are none, as nobody could say which one counts', () => {
    expect(parsed(name([cn('alice')], [cn('bob')]))).toMatchObject({
      subject: 'CN=bob,CN=alice',
      commonName: undefined,
    });
  });

  it.each([
    ['an empty relative name', name([])],
    ['attributes out of order', name([attribute(organization, 12, 'c'), attribute(organization, 12, 'b')])],
    ['an attribute twice', name([cn('bob'), cn('bob')])],
    ['an attribute without value', name([tlv(0x30, tlv(6, hex(commonName)))])],
    ['an attribute with two values', name([tlv(0x30, tlv(6, hex(commonName)), tlv(12), tlv(12))])],
    ['a SEQUENCE for the SET', tlv(0x30, tlv(0x30, cn('bob')))],
    ['an empty common name', name([cn('')])],
    ['UTF-8 that is none', name([attribute(commonName, 12, hex('c3'))])],
    ['UTF-8 in more octets than needed', name([attribute(commonName, 12, hex('c0af'))])],
    ['a PrintableString with @', name([attribute(commonName, 19, 'a@b')])],
    ['an IA5String with ë', name([attribute(commonName, 22, 'ë')])],
  ])('%s is malformed', (_, subject) => expect(refused(subject)).toMatch(/^certificate-malformed/));
});
