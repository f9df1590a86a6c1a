// Certificates of peers: good ones, and ones that a validator refuses. Every edited one is signed again, unless the signature is the
// fault: then only the edit can be the reason of a refusal.

import { parseTrustAnchor } from '../../certificate/trustAnchor.ts';
import { certificateValidator } from '../../certificate/validate.ts';
import { noble } from '../../crypto/noble.ts';
import { tags } from '../../der/der.ts';
import type { FailureCode } from '../../failure.ts';
import { sizes } from '../../generated/constants.ts';
import type { RequirementId } from '../../generated/requirements.ts';
import { type Bytes, concat, fromHex, toHex } from '../../octets.ts';
import {
  at,
  edit,
  extension,
  identifiers,
  keyEncipherment,
  type Path,
  paths,
  signedAgain,
  tlv,
} from './certificateEdits.ts';
import type { Authority, CertificateCase, FileOf } from './format.ts';
import { alice, bob, clock, expired, issue, namesake, root, stranger } from './identities.ts';
import { deterministic, vector } from './vectorOctets.ts';

const octets = fromHex;
const good = octets(bob.certificate);
const signed = (der: Bytes): Bytes => signedAgain(deterministic, octets(root.seed), der);
const replaced = (path: Path, digits: string): Bytes => signed(edit(good, path, () => octets(digits)));
const withExtensions = (...extensions: readonly Bytes[]): Bytes =>
  signed(edit(good, paths.extensions, () => tlv(tags.sequence, ...extensions)));
const keyUsage = (bits: string): Bytes => extension(identifiers.keyUsage, octets(bits), true);
const algorithm = (arc: string, parameters = ''): Bytes =>
  tlv(tags.sequence, octets(`060960864801650304${arc}`), octets(parameters));
const keyAlgorithm = (arc: string, parameters = ''): Bytes =>
  signed(edit(good, paths.keyAlgorithm, () => algorithm(arc, parameters)));
const signatureAlgorithm = (arc: string, parameters = ''): Bytes =>
  signed(
    edit(
      edit(good, paths.innerAlgorithm, () => algorithm(arc, parameters)),
      paths.outerAlgorithm,
      () => algorithm(arc, parameters),
    ),
  );
const subjectKey = (key: Bytes): Bytes =>
  signed(edit(good, paths.subjectPublicKey, () => tlv(tags.bitString, Uint8Array.of(0), key)));
const flipped = (path: Path, index: number): Bytes =>
  edit(good, path, (element) => element.with(index, (element[index] ?? 0) ^ 1));

const ownKey = at(good, paths.subjectPublicKey).subarray(-sizes.encapsulationKey);
/** A subject key whose first coefficient is q. It is an edit, as no such certificate is issued. */
export const badModulus = signed(
  edit(issue(root, 'modulus'), paths.subjectPublicKey, (element) => element.with(5, 0x01).with(6, 0xad).with(7, 0x00)),
);

interface Refusal {
  readonly about: string;
  readonly certificate: Bytes;
  readonly code: FailureCode;
  readonly requirements: readonly RequirementId[];
}
const malformed = (about: string, certificate: Bytes, ...more: readonly RequirementId[]): Refusal => ({
  about,
  certificate,
  code: 'certificate-malformed',
  requirements: ['PQ-P-54', ...more],
});
const wrongAlgorithm = (about: string, certificate: Bytes, ...requirements: readonly RequirementId[]): Refusal => ({
  about,
  certificate,
  code: 'certificate-wrong-algorithm',
  requirements,
});
const wrongUsage = (about: string, certificate: Bytes): Refusal => ({
  about,
  certificate,
  code: 'certificate-wrong-key-usage',
  requirements: ['PQ-P-59'],
});
const untrusted = (about: string, certificate: Bytes, ...more: readonly RequirementId[]): Refusal => ({
  about,
  certificate,
  code: 'certificate-untrusted',
  requirements: ['PQ-P-17', 'PQ-3.2-06', 'PQ-3.2-07', ...more],
});

/** Certificates that are refused at the usual time under the usual trust anchor. */
export const refusals = {
  'not-der': malformed('ASCII text', new TextEncoder().encode('-----BEGIN CERTIFICATE-----'), 'PQ-4.4-01', 'PQ-4.4-04'),
  'one-octet': malformed('one zero octet', Uint8Array.of(0), 'PQ-4.4-01'),
  'cut-off': malformed('the last octet is missing', good.subarray(0, good.length - 1)),
  'octet-behind': malformed('an octet behind the certificate', Uint8Array.from([...good, 0]), 'PQ-P-55'),
  'two-certificates': malformed('a second certificate behind it', concat(good, good), 'PQ-P-55', 'PQ-P-18'),
  'length-not-minimal': malformed(
    'an outermost length in one octet more than needed',
    Uint8Array.from([0x30, 0x83, 0, ...good.subarray(2)]),
  ),
  'version-1': malformed('X.509 v1, as the number', replaced(paths.version, 'a003020100')),
  'serial-number-negative': malformed('a negative serial number', replaced(paths.serialNumber, '0201ff')),
  'time-without-seconds': malformed('a time without seconds', replaced(paths.notAfter, '170b323930313031303030305a')),
  'critical-unknown': malformed(
    'a critical extension that nobody knows',
    withExtensions(keyEncipherment, extension(octets('2a0304'), octets('0500'), true)),
  ),
  'extension-twice': malformed('key usage twice', withExtensions(keyEncipherment, keyEncipherment)),
  authority: malformed(
    'basic constraints with cA TRUE',
    withExtensions(keyEncipherment, extension(identifiers.basicConstraints, octets('30030101ff'), true)),
  ),
  'key-short': malformed('a subject key of 1567 octets', subjectKey(ownKey.subarray(1)), 'PQ-P-27'),
  'algorithms-differ': malformed(
    'the inner signature algorithm is not the outer one',
    edit(good, paths.outerAlgorithm, () => algorithm('0312')),
  ),
  'key-parameters': malformed('parameters NULL of the subject key', keyAlgorithm('0403', '0500')),
  'ml-kem-768': wrongAlgorithm('a subject key of ML-KEM-768, by its OID', keyAlgorithm('0402'), 'PQ-4.4-02', 'PQ-P-56'),
  'ml-dsa-key': wrongAlgorithm(
    'the certificate of the trust anchor itself',
    octets(root.certificate),
    'PQ-4.4-02',
    'PQ-P-56',
  ),
  'ml-dsa-65': wrongAlgorithm(
    'a signature of ML-DSA-65, by its OID',
    signatureAlgorithm('0312'),
    'PQ-4.4-03',
    'PQ-P-57',
  ),
  'hash-ml-dsa-87': wrongAlgorithm(
    'a signature of HashML-DSA-87, by its OID',
    signatureAlgorithm('0322'),
    'PQ-4.4-03',
    'PQ-P-57',
  ),
  'no-key-usage': wrongUsage(
    'no key usage',
    withExtensions(extension(identifiers.subjectKeyIdentifier, octets('040101'))),
  ),
  'digital-signature': wrongUsage('key usage digitalSignature', withExtensions(keyUsage('03020780'))),
  'more-usages': wrongUsage('key usage keyEncipherment and digitalSignature', withExtensions(keyUsage('030205a0'))),
  'signature-changed': untrusted('an octet of the signature is another', flipped(paths.signature, 3000)),
  'serial-number-changed': untrusted('an octet of the serial number is another', flipped(paths.serialNumber, 9)),
  'name-changed': untrusted('the last letter of the subject is another', flipped([...paths.subject, 0, 0, 1], 4)),
  'other-issuer': untrusted('issued by an authority that is not trusted', issue(stranger, 'bob'), 'PQ-P-18'),
  'namesake-issuer': untrusted('issued by another authority of the same name', issue(namesake, 'bob')),
} as const satisfies Record<string, Refusal>;

/** The results of the implementation. */
function judge(certificate: Bytes, trustAnchors: readonly Authority[], time: string) {
  const anchors = trustAnchors.map((one) => {
    const parsed = parseTrustAnchor(noble, octets(one.certificate));
    if (!parsed.ok) throw new Error(parsed.detail);
    return parsed.value;
  });
  return certificateValidator({ trustAnchors: anchors, time: new Date(time) })(certificate);
}

type Options = { readonly trustAnchors?: readonly Authority[]; readonly time?: string };

function accepted(
  name: string,
  about: string,
  der: Bytes,
  requirements: readonly RequirementId[],
  options: Options = {},
) {
  const { trustAnchors = [root], time = clock } = options;
  const checked = judge(der, trustAnchors, time);
  if (!checked.ok) throw new Error(`${name}: ${checked.code}: ${checked.detail}`);
  const { subject, uris, issuer, encapsulationKey } = checked.value;
  return {
    ...vector(`certificates/accepted/${name}`, about, ...requirements),
    clock: time,
    trustAnchors: trustAnchors.map(({ id }) => id),
    certificate: toHex(der),
    result: 'accepted' as const,
    subject,
    uris,
    issuer: issuer.text,
    encapsulationKey: toHex(encapsulationKey),
  };
}

function refused(
  name: string,
  { about, certificate, code, requirements }: Refusal,
  options: Options = {},
): CertificateCase {
  const { trustAnchors = [root], time = clock } = options;
  const checked = judge(certificate, trustAnchors, time);
  const modulus = checked.ok && noble.encapsulate(checked.value.encapsulationKey) === undefined;
  const found = checked.ok ? (modulus ? 'invalid-encapsulation-key' : 'accepted') : checked.code;
  if (found !== code) throw new Error(`${name}: ${found}, not ${code}`);
  return {
    ...vector(`certificates/refused/${name}`, about, ...requirements),
    clock: time,
    trustAnchors: trustAnchors.map(({ id }) => id),
    certificate: toHex(certificate),
    result: 'refused',
    code,
  } as CertificateCase;
}

const outside = (about: string): Refusal => ({
  about,
  certificate: good,
  code: 'certificate-outside-validity',
  requirements: ['PQ-P-16', 'PQ-3.1-05', 'PQ-3.1-06'],
});
const profile: readonly RequirementId[] = ['PQ-4.4-01', 'PQ-4.4-02', 'PQ-4.4-03', 'PQ-P-17', 'PQ-P-58', 'PQ-3.2-06'];

const cases: readonly CertificateCase[] = [
  accepted('profile', 'the certificate of bob', good, profile),
  accepted('alice', 'the certificate of alice', octets(alice.certificate), profile),
  accepted('no-uri', 'without a subject alternative name', issue(root, 'bare', { uris: [] }), profile),
  accepted(
    'basic-constraints',
    'basic constraints of an end entity, critical',
    withExtensions(keyEncipherment, extension(identifiers.basicConstraints, octets('3000'), true)),
    ['PQ-P-59'],
  ),
  accepted(
    'unknown-extension',
    'an unknown extension that is not critical',
    withExtensions(keyEncipherment, extension(octets('2a0304'), octets('ffff'))),
    ['PQ-P-59'],
  ),
  accepted('first-second', 'the first second of the validity period', good, ['PQ-P-16'], {
    time: '2026-01-01T00:00:00Z',
  }),
  accepted('last-second', 'the last second of the validity period', good, ['PQ-P-16'], {
    time: '2029-12-31T23:59:59Z',
  }),
  accepted('two-anchors', 'two trust anchors of one name, the second is the issuer', good, ['PQ-P-17'], {
    trustAnchors: [namesake, root],
  }),
  ...Object.entries(refusals).map(([name, refusal]) => refused(name, refusal)),
  refused('too-early', outside('a second before the validity period'), { time: '2025-12-31T23:59:59Z' }),
  refused('too-late', outside('a second after the validity period'), { time: '2030-01-01T00:00:00Z' }),
  refused('anchor-too-late', outside('the trust anchor is no longer valid'), { trustAnchors: [expired] }),
  refused('untrusted-anchor', untrusted('the trust anchor is another one', good), { trustAnchors: [stranger] }),
  refused('modulus', {
    about: 'the subject key fails the modulus check; refused when something is encapsulated to it',
    certificate: badModulus,
    code: 'invalid-encapsulation-key',
    requirements: ['PQ-P-27'],
  }),
];

export const certificates: FileOf<'certificates'> = { kind: 'certificates', cases };
