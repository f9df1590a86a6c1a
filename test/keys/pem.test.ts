import { X509Certificate } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { reasonOf } from '../../src/failure.ts';
import { decodePem, decodePemAll, encodePem } from '../../src/keys/pem.ts';
import { octets, peer } from '../../src/lab/chains/fixtures.ts';
import fc from '../property.ts';

const label = 'CERTIFICATE';
const block = encodePem(label, octets(100));
const reason = (text: string): string => {
  const decoded = decodePem(text, label);
  return decoded.ok ? 'ok' : reasonOf(decoded);
};

describe('RFC 7468: PEM', () => {
  it('comes back as it went, for octets of any length', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 300 }), (any) => {
        expect(decodePem(encodePem(label, any), label)).toEqual({ ok: true, value: any });
      }),
    );
  });

  it('is what OpenSSL writes and reads', () => {
    const certificate = new X509Certificate(peer());
    expect(encodePem(label, peer()).length).toBe(certificate.toString().length);
    expect(decodePem(certificate.toString(), label)).toEqual({ ok: true, value: Uint8Array.from(certificate.raw) });
    expect(new X509Certificate(encodePem(label, certificate.raw)).fingerprint256).toBe(certificate.fingerprint256);
  });

  it('has several blocks, lines of either ending, and text outside of them', () => {
    const text = `Subject: CN=bob\n${block}\n${encodePem(label, octets(3)).replaceAll('\n', '\r\n')}`;
    expect(decodePemAll(text, label)).toEqual({ ok: true, value: [octets(100), octets(3)] });
    expect(reason(text)).toBe('PEM: expected one CERTIFICATE, found 2');
  });

  it('is surrounded by any text that is no boundary: rules of dashes, long lines, dashes within a line', () => {
    const outside = `-----\n${'-'.repeat(500)}\n----- notes\n${'x'.repeat(100_000)}\n  -----BEGIN X-----\n`;
    expect(decodePem(`${outside}${block}${outside}`, label)).toEqual({ ok: true, value: octets(100) });
  });

  it('is surrounded by lines that begin with dashes and are no boundaries (section 2)', () => {
    const lines = [
      '----- notes -----',
      '-----BEGINNING-----',
      '-----ENDS here-----',
      '-----BEGIN of my notes',
      '------',
      '-- -',
    ];
    for (const line of lines)
      for (const text of [`${line}\n${block}`, `${block}${line}\n`, `${block}${line}`, `${line}\r\n${block}${line}\r`])
        expect(decodePem(text, label), line).toEqual({ ok: true, value: octets(100) });
  });

  it('may follow a byte order mark, as for OpenSSL; there is one, at the start', () => {
    expect(decodePem(`\uFEFF${block}`, label)).toEqual({ ok: true, value: octets(100) });
    expect(decodePem(`\uFEFF\n${block}`, label)).toEqual({ ok: true, value: octets(100) });
    expect(reason(`\uFEFF\uFEFF${block}`)).toMatch(/line 4: .*found an end|found an end/);
  });

  it.each([
    ['a long label', `-----BEGIN ${'A'.repeat(65)}-----\n`, /line 1: .*malformed/],
    ['a label with two separators', '-----BEGIN A--B-----\n', /line 1: .*malformed/],
    ['a boundary behind which something stands', '-----BEGIN CERTIFICATE----- \n', /line 1: .*malformed/],
    ['nothing', '', /found no block/],
    ['DER', '0\x82\x19\x3e', /found no block/],
    ['another label', encodePem('PRIVATE KEY', octets(3)), /line 1: expected CERTIFICATE, found PRIVATE KEY/],
    [
      'another label at the end',
      block.replace('END CERTIFICATE', 'END X509 CRL'),
      /line 5: expected CERTIFICATE, found X509 CRL/,
    ],
    ['no end', block.slice(0, -30), /expected the end of CERTIFICATE|another length/],
    ['an end alone', '-----END CERTIFICATE-----', /line 1: expected the beginning/],
    ['a beginning twice', `-----BEGIN CERTIFICATE-----\n${block}`, /line 2: .*another beginning/],
    [
      'four dashes at the end of a boundary',
      block.replace('CERTIFICATE-----\n', 'CERTIFICATE----\n'),
      /line 1: .*malformed/,
    ],
    ['a header', block.replace('-----\n', '-----\nProc-Type: 4,ENCRYPTED\n\n'), /another length|something else/],
    ['shorter lines', block.replace(/(.{32})(.{32})/, '$1\n$2'), /another length/],
    ['a longer line', block.replace(/(.{64})\n/g, '$1'), /another length|malformed|something else/],
    ['a space at the end of a line', block.replace(/(.{64})\n/, '$1 \n'), /another length/],
    ['no padding', block.replace('==', ''), /something else/],
    ['bits behind the last octet', block.replace(/.==/, 'h=='), /something else/],
    ['base64url', block.replace(/\n[A-Z]/, '\n-'), /something else/],
    ['a beginning that is damaged, before an end', block.replace('-----B', '----B'), /found an end/],
    ['no content', '-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n', /something else/],
  ])('%s is refused, with the reason', (_, text, expected) => expect(reason(text)).toMatch(expected));
});
