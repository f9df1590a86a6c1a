// How readers of certificates and keys leave: by errors of their own, whose codes nothing else can carry.
import { describe, expect, it } from 'vitest';
import { type CertificateCode, checked, checkedList, refuse } from '../../src/certificate/codes.ts';
import { DerError, malformed } from '../../src/der/derError.ts';
import { failureTable } from '../../src/generated/failures.ts';
import { explained, inHandshake, meaningOf } from '../../src/handshake/certificateFailure.ts';
import { checked as checkedKey } from '../../src/keys/codes.ts';
import { describePrivateKey, encodeKemPrivateKey } from '../../src/keys/privateKey.ts';

const codes: readonly CertificateCode[] = [
  'certificate-malformed',
  'certificate-wrong-algorithm',
  'certificate-wrong-key-usage',
  'invalid-encapsulation-key',
  'certificate-outside-validity',
  'certificate-untrusted',
  'certificate-constraint',
  'certificate-revoked',
  'certificate-revocation-unknown',
];

function wrongAlgorithm(): never {
  throw new DerError('wrong-algorithm', 'another');
}

function foreign(): never {
  throw new Error('of a library', { cause: 'certificate-revoked' });
}

describe('a reader of certificates', () => {
  it.each(codes)('leaves with %s', (code) => {
    expect(checked(() => refuse(code, 'why'))).toEqual({ ok: false, code, detail: 'why' });
  });

  it('leaves with the codes of DER', () => {
    expect(checked(() => malformed('why'))).toEqual({ ok: false, code: 'certificate-malformed', detail: 'why' });
    expect(checked(wrongAlgorithm)).toEqual({ ok: false, code: 'certificate-wrong-algorithm', detail: 'another' });
  });

  it('takes no code from the error of anybody else', () => {
    expect(checked(foreign)).toEqual({ ok: false, code: 'certificate-malformed', detail: 'of a library' });
  });

  it('of lists has one code', () => {
    for (const leave of [() => malformed('why'), wrongAlgorithm, foreign])
      expect(checkedList(leave)).toMatchObject({ ok: false, code: 'certificate-revocation-unknown' });
  });

  it('answers a value', () => expect(checked(() => 7)).toEqual({ ok: true, value: 7 }));
});

describe('a reader of private keys', () => {
  it('has codes of its own', () => {
    expect(checkedKey(() => malformed('why'))).toEqual({ ok: false, code: 'key-malformed', detail: 'why' });
    expect(checkedKey(wrongAlgorithm)).toEqual({ ok: false, code: 'key-wrong-algorithm', detail: 'another' });
    expect(checkedKey(foreign)).toEqual({ ok: false, code: 'key-malformed', detail: 'of a library' });
  });

  it('tells another algorithm from what is malformed', () => {
    const der = encodeKemPrivateKey(new Uint8Array(64).fill(7));
    const other = der.with(17, 0x11); // the last arc of the identifier
    expect(describePrivateKey(der)).toMatchObject({ ok: true, value: { algorithm: 'ML-KEM-1024' } });
    expect(describePrivateKey(other)).toMatchObject({ ok: false, code: 'key-wrong-algorithm' });
    expect(describePrivateKey(der.subarray(1))).toMatchObject({ ok: false, code: 'key-malformed' });
  });
});

describe('a handshake', () => {
  it.each(codes)('ends with %s, with the meaning that the table of failures states', (code) => {
    const refusal = { ok: false, code, detail: 'why' } as const;
    expect(inHandshake(refusal)).toEqual(refusal);
    expect(meaningOf(code)).toBe(failureTable[code].meaning);
    expect(explained(refusal)).toBe(`${failureTable[code].meaning}: why`);
    expect(explained({ ok: false, code })).toBe(failureTable[code].meaning);
  });

  it('has no code of a certificate that certificates do not have', () => {
    const ofCertificates = Object.keys(failureTable).filter((code) => code.startsWith('certificate-'));
    expect(codes).toEqual(expect.arrayContaining(ofCertificates));
    expect(codes).toHaveLength(ofCertificates.length + 1);
  });
});
