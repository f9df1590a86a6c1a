import { describe, expect, test } from 'vitest';
import { fromBase64, toBase64 } from '../../../src/base64.ts';
import type { SignedEnvelope } from '../../../src/provenance/contract.ts';
import { generateKey } from '../../../src/provenance/keys/schemes.ts';
import {
  bundleLimits,
  decodeBundle,
  encodeBundle,
  inTotoPayloadType,
} from '../../../src/provenance/signature/bundle.ts';
import type { signatureCodes } from '../../../src/provenance/signature/codes.ts';
import { pae } from '../../../src/provenance/signature/dsse.ts';
import { signEnvelope, verifyEnvelope } from '../../../src/provenance/signature/envelope.ts';
import { identifierOf, publicKeyText } from '../../../src/provenance/signature/publicKey.ts';

const octets = (text: string): Uint8Array => new TextEncoder().encode(text);
const payload = octets('{"_type":"https://in-toto.io/Statement/v1"}');
const key = generateKey('ecdsa-p256');
const hint = key.publicKey.identifier;
const envelope = signEnvelope(key, inTotoPayloadType, payload);

type Fields = { [name: string]: unknown };
type Edit = (bundle: Fields) => void;

/** Gives the field at a path a value; without a value it removes the field. */
const set =
  (path: string, value?: unknown): Edit =>
  (bundle) => {
    const names = path.split('.');
    const last = names.pop() ?? '';
    const holder = names.reduce((one, name) => one[name] as Fields, bundle);
    if (value === undefined) delete holder[last];
    else holder[last] = value;
  };

/** The bundle after an edit, as JSON. */
function edited(edit: Edit): Uint8Array {
  const bundle = JSON.parse(new TextDecoder().decode(encodeBundle(envelope)));
  edit(bundle);
  return octets(JSON.stringify(bundle));
}

const codeAndPath = (bundle: Uint8Array): unknown => {
  const read = decodeBundle(bundle);
  return read.ok ? 'read' : [read.code, read.path];
};

const material = (content: object): Edit => set('verificationMaterial', content);
const certificate = { rawBytes: 'AAAA' };
const first = 'verificationMaterial.x509CertificateChain.certificates';

test('the encoding that is signed has the lengths in octets', () => {
  expect(new TextDecoder().decode(pae('http://example.com/HelloWorld', octets('hello world')))).toBe(
    'DSSEv1 29 http://example.com/HelloWorld 11 hello world',
  );
  expect(new TextDecoder().decode(pae('ü', octets('€')))).toBe('DSSEv1 2 ü 3 €');
});

test('base64 is that of every other encoder, and other texts are refused', () => {
  for (let length = 0; length < 70; length += 1) {
    const some = Uint8Array.from({ length }, (_, at) => (at * 37 + length) & 0xff);
    expect(toBase64(some)).toBe(Buffer.from(some).toString('base64'));
    expect(fromBase64(toBase64(some))).toEqual(some);
  }
  for (const wrong of [
    'A',
    'AA',
    'AAA',
    'AB==',
    'AAB=',
    'AA=A',
    '====',
    'A===',
    'AA\n=',
    'AA-_',
    'AAAÄ',
    ' AAA',
    'AAAA====',
    'AA==AA==',
  ])
    expect(fromBase64(wrong), wrong).toBeUndefined();
});

describe('a bundle that others write differently is read', () => {
  test.each<[string, Edit]>([
    ['without keyid', set('dsseEnvelope.signatures.0.keyid')],
    ['with keyid null', set('dsseEnvelope.signatures.0.keyid', null)],
    ['without log entries', set('verificationMaterial.tlogEntries')],
    ['with log entries that nobody asks for', set('verificationMaterial.tlogEntries', [{ logIndex: '1' }])],
    ['with the older media type', set('mediaType', 'application/vnd.dev.sigstore.bundle+json;version=0.3')],
    ['with an empty member for time stamps', set('verificationMaterial.timestampVerificationData', {})],
    [
      'with the key in the older form, DER',
      set('verificationMaterial.publicKey', {
        rawBytes: toBase64(key.publicKey.spki),
        keyDetails: 'PKIX_ECDSA_P256_SHA_256',
      }),
    ],
    [
      'with the key in the older form, PEM',
      set('verificationMaterial.publicKey', { rawBytes: toBase64(octets(publicKeyText(key.publicKey.spki))) }),
    ],
  ])('%s', (_, edit) => {
    expect(decodeBundle(edited(edit))).toEqual({ ok: true, value: envelope });
  });

  test('with time-stamp tokens, which are handed over', () => {
    const stamped: SignedEnvelope = { ...envelope, timestamps: [octets('token')] };
    expect(decodeBundle(encodeBundle(stamped))).toEqual({ ok: true, value: stamped });
  });

  test('with a chain of certificates, leaf first', () => {
    const chained = signEnvelope(key, inTotoPayloadType, payload, [octets('leaf'), octets('above')]);
    expect(decodeBundle(encodeBundle(chained))).toEqual({ ok: true, value: chained });
  });
});

describe('a bundle with a fault is refused with the code and the path of it', () => {
  test.each<[string, Edit, readonly [keyof typeof signatureCodes, string | undefined]]>([
    ['no media type', set('mediaType'), ['bundle-missing-field', 'mediaType']],
    ['media type of another thing', set('mediaType', 'text/plain'), ['bundle-wrong-media-type', 'mediaType']],
    [
      'another version',
      set('mediaType', 'application/vnd.dev.sigstore.bundle.v0.4+json'),
      ['bundle-unsupported-version', 'mediaType'],
    ],
    ['unknown field', set('extra', 1), ['bundle-unknown-field', 'extra']],
    ['message signature', set('messageSignature', {}), ['bundle-message-signature', 'messageSignature']],
    ['no material', set('verificationMaterial'), ['bundle-missing-field', 'verificationMaterial']],
    ['material of another type', set('verificationMaterial', []), ['bundle-wrong-type', 'verificationMaterial']],
    ['unknown way', material({ keyring: {} }), ['bundle-unknown-field', 'verificationMaterial.keyring']],
    ['no way', material({ tlogEntries: [] }), ['bundle-no-key-reference', 'verificationMaterial']],
    [
      'two ways',
      material({ publicKey: { hint }, certificate }),
      ['bundle-several-key-references', 'verificationMaterial'],
    ],
    ['no hint', material({ publicKey: {} }), ['bundle-missing-field', 'verificationMaterial.publicKey.hint']],
    ['empty hint', material({ publicKey: { hint: '' } }), ['bundle-wrong-hint', 'verificationMaterial.publicKey.hint']],
    [
      'long hint',
      material({ publicKey: { hint: 'a'.repeat(257) } }),
      ['bundle-wrong-hint', 'verificationMaterial.publicKey.hint'],
    ],
    [
      'hint of another type',
      material({ publicKey: { hint: 1 } }),
      ['bundle-wrong-type', 'verificationMaterial.publicKey.hint'],
    ],
    [
      'hint of another key',
      material({ publicKey: { hint: 'a', rawBytes: 'AAAA' } }),
      ['bundle-key-mismatch', 'verificationMaterial.publicKey.rawBytes'],
    ],
    ['empty chain', material({ x509CertificateChain: { certificates: [] } }), ['bundle-no-certificate', first]],
    [
      'long chain',
      material({ x509CertificateChain: { certificates: Array(17).fill(certificate) } }),
      ['bundle-too-many-certificates', first],
    ],
    [
      'certificate in no base64',
      material({ x509CertificateChain: { certificates: [certificate, { rawBytes: '*' }] } }),
      ['bundle-wrong-base64', `${first}[1].rawBytes`],
    ],
    ['keyless', material({ certificate, tlogEntries: [{}] }), ['bundle-keyless', 'verificationMaterial.certificate']],
    [
      'keyless without log',
      material({ certificate }),
      ['bundle-missing-log-entries', 'verificationMaterial.tlogEntries'],
    ],
    [
      'log entry of another type',
      material({ publicKey: { hint }, tlogEntries: [1] }),
      ['bundle-wrong-type', 'verificationMaterial.tlogEntries[0]'],
    ],
    [
      'many time stamps',
      material({
        publicKey: { hint },
        timestampVerificationData: { rfc3161Timestamps: Array(17).fill({ signedTimestamp: 'AAAA' }) },
      }),
      ['bundle-too-many-timestamps', 'verificationMaterial.timestampVerificationData.rfc3161Timestamps'],
    ],
    ['no envelope', set('dsseEnvelope'), ['bundle-missing-field', 'dsseEnvelope']],
    ['unknown field of the envelope', set('dsseEnvelope.a', 1), ['bundle-unknown-field', 'dsseEnvelope.a']],
    [
      'another payload type',
      set('dsseEnvelope.payloadType', 'text/plain'),
      ['bundle-wrong-payload-type', 'dsseEnvelope.payloadType'],
    ],
    ['empty payload', set('dsseEnvelope.payload', ''), ['bundle-wrong-base64', 'dsseEnvelope.payload']],
    ['payload without padding', set('dsseEnvelope.payload', 'AA'), ['bundle-wrong-base64', 'dsseEnvelope.payload']],
    ['no signatures', set('dsseEnvelope.signatures', []), ['bundle-no-signature', 'dsseEnvelope.signatures']],
    [
      'two signatures',
      set('dsseEnvelope.signatures.1', { sig: 'AAAA' }),
      ['bundle-several-signatures', 'dsseEnvelope.signatures'],
    ],
    [
      'unknown field of the signature',
      set('dsseEnvelope.signatures.0.alg', ''),
      ['bundle-unknown-field', 'dsseEnvelope.signatures[0].alg'],
    ],
    [
      'keyid of another type',
      set('dsseEnvelope.signatures.0.keyid', 1),
      ['bundle-wrong-type', 'dsseEnvelope.signatures[0].keyid'],
    ],
    [
      'url-safe base64',
      set('dsseEnvelope.signatures.0.sig', '-_-_'),
      ['bundle-wrong-base64', 'dsseEnvelope.signatures[0].sig'],
    ],
  ])('%s', (_, edit, expected) => {
    expect(codeAndPath(edited(edit))).toEqual(expected);
  });

  test.each([
    ['nothing', ''],
    ['a byte order mark', `\uFEFF${new TextDecoder().decode(encodeBundle(envelope))}`],
    ['two values', '{} {}'],
    ['a repeated key', '{"mediaType":"a","media\\u0054ype":"a"}'],
    ['half of a pair', '{"mediaType":"\\ud800"}'],
    ['deep nesting', '['.repeat(17) + ']'.repeat(17)],
  ])('JSON: %s', (_, text) => {
    expect(codeAndPath(octets(text))).toEqual(['bundle-malformed-json', undefined]);
  });

  test('JSON of another type, and too many octets', () => {
    expect(codeAndPath(octets('[]'))).toEqual(['bundle-wrong-type', 'bundle']);
    const large = { length: bundleLimits.octets + 1 } as Uint8Array;
    expect(codeAndPath(large)).toEqual(['bundle-too-large', undefined]);
  });
  test('more values of JSON than are read, before they are parsed', () => {
    const many = `{"x":[${'{},'.repeat(bundleLimits.values)}{}]}`;
    expect(codeAndPath(octets(many))).toEqual(['bundle-too-large', undefined]);
  });
});

test('a key in a bundle is not trusted: the one that is trusted decides', () => {
  const forged = generateKey('ecdsa-p256');
  const bundle = JSON.parse(new TextDecoder().decode(encodeBundle(signEnvelope(forged, inTotoPayloadType, payload))));
  bundle.verificationMaterial.publicKey = {
    hint: forged.publicKey.identifier,
    rawBytes: toBase64(forged.publicKey.spki),
  };
  const read = decodeBundle(octets(JSON.stringify(bundle)));
  const trust = { keys: [key.publicKey], time: new Date() };
  expect(read.ok && verifyEnvelope(read.value, trust)).toMatchObject({ code: 'signature-key-mismatch' });
  expect(identifierOf(forged.publicKey.spki)).toBe(forged.publicKey.identifier);
});

test('no change of one bit of a bundle passes', () => {
  const bundle = encodeBundle(envelope);
  const trust = { keys: [key.publicKey], time: new Date() };
  const text = new TextDecoder().decode(bundle);
  for (let at = 0; at < bundle.length; at += 1)
    for (let bit = 0; bit < 8; bit += 1) {
      const changed = bundle.slice();
      changed[at] = (changed[at] ?? 0) ^ (1 << bit);
      const read = decodeBundle(changed);
      if (!read.ok) continue;
      const judged = verifyEnvelope(read.value, trust);
      const says = `octet ${at} of ${text.slice(at - 10, at + 10)}`;
      // What the signature does not cover: white space at the end, and the key id, which nobody reads.
      if (judged.ok) expect(read.value, says).toEqual(envelope);
    }
});
