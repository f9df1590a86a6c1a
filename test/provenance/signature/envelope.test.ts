import { describe, expect, test } from 'vitest';
import { generateKey } from '../../../src/provenance/keys/schemes.ts';
import { decodeBundle, encodeBundle, inTotoPayloadType } from '../../../src/provenance/signature/bundle.ts';
import { signEnvelope, verifyEnvelope } from '../../../src/provenance/signature/envelope.ts';

const payload = new TextEncoder().encode('{"_type":"https://in-toto.io/Statement/v1"}');
const time = new Date('2026-06-01T00:00:00Z');

describe.each(['ml-dsa-87', 'ml-dsa-65', 'ecdsa-p256', 'ecdsa-p384', 'ecdsa-p521', 'ed25519'] as const)(
  'an envelope signed with %s',
  (algorithm) => {
    const key = generateKey(algorithm);
    const envelope = signEnvelope(key, inTotoPayloadType, payload);

    test('is read from its bundle as it was, and verifies under its key', () => {
      const read = decodeBundle(encodeBundle(envelope));
      expect(read).toEqual({ ok: true, value: envelope });
      const judged = verifyEnvelope(envelope, { keys: [key.publicKey], time });
      expect(judged).toMatchObject({
        ok: true,
        value: { payload, signer: { algorithm, key: key.publicKey.identifier } },
      });
    });

    test('is refused under another key, over another payload, with another type, and with another signature', () => {
      const other = generateKey(algorithm).publicKey;
      const trust = { keys: [key.publicKey], time };
      const codeOf = (changed: Partial<typeof envelope>): unknown => {
        const judged = verifyEnvelope({ ...envelope, ...changed }, trust);
        return judged.ok || judged.code;
      };
      expect(verifyEnvelope(envelope, { keys: [other], time })).toMatchObject({ code: 'signature-key-mismatch' });
      expect(verifyEnvelope(envelope, { keys: [], time })).toMatchObject({ code: 'signature-unknown-key' });
      expect(verifyEnvelope(envelope, { keys: [other, generateKey('ed25519').publicKey], time })).toMatchObject({
        code: 'signature-unknown-key',
      });
      expect(codeOf({ payload: payload.slice(1) })).toBe('signature-invalid');
      expect(codeOf({ payloadType: 'text/plain' })).toBe('signature-invalid');
      expect(codeOf({ signature: new Uint8Array() })).toBe('signature-wrong-length');
      expect(codeOf({ signature: new Uint8Array(envelope.signature.length) })).toBe('signature-invalid');
      expect(codeOf({ reference: { by: 'certificate', chain: [payload] } })).toBe('signature-no-authorities');
      expect(verifyEnvelope(envelope, { ...trust, algorithms: ['slh-dsa-sha2-128s'] })).toMatchObject({
        code: 'signature-algorithm-not-allowed',
      });
    });
  },
);
