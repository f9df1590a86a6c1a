// Time-stamp tokens that OpenSSL made: verified, and every way in which one is refused.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { decodePem } from '../../../src/keys/pem.ts';
import { judgeModel } from '../../../src/provenance/disk/policyTrust.ts';
import { verifyTimestampToken } from '../../../src/provenance/keys/timestamps.ts';
import { type Integrity, integrityPredicateType } from '../../../src/provenance/statement/integrity.ts';
import { longestTimestamp } from '../../../src/provenance/trust/timestamp.ts';
import { tokenOfResponse } from '../../../src/provenance/trust/timestampResponse.ts';
import { byKey, now, policyOf, requirement } from './policies.ts';

const fixture = (name: string): Uint8Array =>
  new Uint8Array(readFileSync(new URL(`fixtures/${name}`, import.meta.url)));
const token = (name: string): Uint8Array => fixture(`${name}.tst`);
function certificate(name: string): Uint8Array {
  const read = decodePem(new TextDecoder().decode(fixture(`${name}.pem`)), 'CERTIFICATE');
  if (!read.ok) throw new Error(name);
  return read.value;
}

const signature = new TextEncoder().encode('signature octets');
const authorities = ['other', 'rsa', 'ec', 'past', 'ecboth', 'ecloose'].map(certificate);

const codeOf = (given: Uint8Array, over = signature, by: readonly Uint8Array[] = authorities): string => {
  const judged = verifyTimestampToken(given, over, by);
  return judged.ok ? 'ok' : judged.code;
};

describe('a time-stamp token', () => {
  it.each(['rsa', 'ec', 'rsa-v1', 'ec-v1', 'pss'])('%s is verified', (name) => {
    expect(codeOf(token(name))).toBe('ok');
  });

  it('says a moment, as late as its accuracy allows', () => {
    const judged = verifyTimestampToken(token('ec'), signature, authorities);
    expect(judged).toMatchObject({
      ok: true,
      value: { kind: 'timestamp', serialNumber: '03', authority: expect.stringMatching(/^[0-9a-f]{64}$/) },
    });
    if (judged.ok) expect(+judged.value.time - +judged.value.stated).toBe(1_500);
    const plain = verifyTimestampToken(token('ec-v1'), signature, authorities);
    if (plain.ok) expect(plain.value.time).toEqual(plain.value.stated);
    expect(plain.ok).toBe(true);
  });

  it.each([
    ['sha1', 'timestamp-weak-digest'],
    ['sha1signer', 'timestamp-weak-digest'],
    ['both', 'timestamp-wrong-certificate'],
    ['loose', 'timestamp-wrong-certificate'],
    ['past', 'timestamp-outside-validity'],
    ['unnamed', 'timestamp-wrong-attributes'],
    ['data', 'timestamp-malformed'],
  ])('%s is refused: %s', (name, code) => expect(codeOf(token(name))).toBe(code));

  it('over another signature is refused', () => {
    expect(codeOf(token('ec'), Uint8Array.of(1))).toBe('timestamp-wrong-imprint');
  });
  it('of an authority that the policy does not name is refused, also with its certificate inside', () => {
    expect(codeOf(token('rsa'), signature, [certificate('other')])).toBe('timestamp-unknown-authority');
    expect(codeOf(token('rsa'), signature, [])).toBe('timestamp-unknown-authority');
  });
  it('that is too large, or none at all, is refused', () => {
    expect(codeOf(new Uint8Array(longestTimestamp + 1))).toBe('timestamp-too-large');
    for (const octets of [new Uint8Array(0), Uint8Array.of(0x30, 0), signature])
      expect(codeOf(octets)).toBe('timestamp-malformed');
    const longer = new Uint8Array(token('ec').length + 1);
    longer.set(token('ec'));
    expect(codeOf(longer)).toBe('timestamp-malformed');
  });

  it('with any bit changed is refused, also in what is not signed: the list of digests, the version of the signer', () => {
    const right = token('ec');
    for (let bit = 0; bit < 8 * right.length; bit += 1) {
      const changed = Uint8Array.from(right);
      changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect(codeOf(changed), `bit ${bit & 7} of octet ${bit >> 3}`).toMatch(/^timestamp-/);
    }
  });

  it('of which the signature is another one is refused', () => {
    const changed = token('ec');
    changed.set([(changed.at(-1) ?? 0) ^ 1], changed.length - 1);
    expect(codeOf(changed)).toBe('timestamp-bad-signature');
  });

  it('cut off anywhere is refused', () => {
    const right = token('ec');
    for (let length = 0; length < right.length; length += 7)
      expect(codeOf(right.subarray(0, length))).toBe('timestamp-malformed');
  });
});

it('an answer that grants no token is refused', () => {
  const rejection = Uint8Array.of(0x30, 5, 0x30, 3, 0x02, 1, 2);
  expect(tokenOfResponse(rejection)).toMatchObject({ ok: false, code: 'timestamp-not-granted' });
});

describe('tokens in a bundle', () => {
  const policy = {
    ...policyOf({ requirements: [requirement({ evidence: ['timestamp'] })] }),
    timestampAuthorities: [certificate('ec')],
  };
  const judged = (...timestamps: readonly Uint8Array[]): string => {
    const integrity: Integrity = {
      name: 'model',
      digest: '',
      files: [],
      ignoredPaths: [],
      requiredAlgorithms: [],
      allowSymlinks: false,
    };
    const statement = { subject: [], predicateType: integrityPredicateType, predicate: {} };
    const { signer } = byKey('alice');
    const reference = { by: 'key', hint: signer.key } as const;
    const envelope = { payloadType: '', payload: new Uint8Array(), signature, reference, timestamps };
    const told = judgeModel(policy, { statement, integrity, signed: [{ file: 'model.sig', signer, envelope }] }, now);
    return told.ok ? 'ok' : told.code;
  };
  it('are evidence of a time where one of them verifies', () => {
    expect(judged(token('ec'))).toBe('ok');
    expect(judged(token('rsa'), token('ec'))).toBe('ok');
    expect(judged(token('rsa'))).toBe('timestamp-missing');
    expect(judged()).toBe('timestamp-missing');
  });
});
