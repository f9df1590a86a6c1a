import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { readSignerAuthorities } from '../../../src/provenance/keys/authorities.ts';
import { readVerifyingKey } from '../../../src/provenance/keys/files.ts';
import { decodeBundle } from '../../../src/provenance/signature/bundle.ts';
import { verifyEnvelope } from '../../../src/provenance/signature/envelope.ts';

const fixture = (name: string): string => `test/provenance/signature/fixtures/${name}`;
const time = new Date('2027-06-01T00:00:00Z');

function envelopeOf(name: string) {
  const read = decodeBundle(readFileSync(fixture(name)));
  if (!read.ok) throw new Error(`${read.code}: ${read.detail}`);
  return read.value;
}

describe.each(['p256', 'p384', 'p521'] as const)('bundles of the official tool over %s', (curve) => {
  const other = curve === 'p256' ? 'p384' : 'p256';

  test('verify by key, whose identifier is computed as the tool does', () => {
    const key = readVerifyingKey(fixture(`${curve}.pub`));
    const envelope = envelopeOf(`${curve}.key.sig`);
    expect(envelope.reference).toEqual({ by: 'key', hint: key.identifier });
    expect(verifyEnvelope(envelope, { keys: [key], time })).toMatchObject({
      ok: true,
      value: { signer: { algorithm: `ecdsa-${curve}`, name: `key ${key.identifier}` } },
    });
  });

  test('verify by chain: names, authority and validity are told', () => {
    const authorities = readSignerAuthorities({ ca: [fixture(`${curve}-root.pem`)] });
    expect(verifyEnvelope(envelopeOf(`${curve}.certificate.sig`), { keys: [], authorities, time })).toMatchObject({
      ok: true,
      value: {
        signer: {
          algorithm: `ecdsa-${curve}`,
          name: `CN=signer ${curve}`,
          certificate: {
            names: [`signer ${curve}`, `CN=signer ${curve}`, 'URI:https://example.org/signer'],
            authorities: [`CN=Root ${curve}`],
          },
        },
      },
    });
  });

  test('are refused under another root, before and after their time, and without authorities', () => {
    const envelope = envelopeOf(`${curve}.certificate.sig`);
    const under = (root: string, when: Date) =>
      verifyEnvelope(envelope, { keys: [], authorities: readSignerAuthorities({ ca: [fixture(root)] }), time: when });
    expect(under(`${other}-root.pem`, time)).toMatchObject({ code: 'certificate-untrusted' });
    expect(under(`${curve}-root.pem`, new Date('2026-01-01'))).toMatchObject({ code: 'certificate-outside-validity' });
    expect(under(`${curve}-root.pem`, new Date('2090-01-01'))).toMatchObject({ code: 'certificate-outside-validity' });
    expect(verifyEnvelope(envelope, { keys: [], time })).toMatchObject({ code: 'signature-no-authorities' });
  });
});
