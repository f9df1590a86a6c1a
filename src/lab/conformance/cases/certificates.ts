// Certificates that a peer must refuse, correctly sealed: sections 3.2, 4.4.

import { encodeObjectIdentifier, tags } from '../../../der/der.ts';
import { objectIdentifiers, sizes } from '../../../generated/constants.ts';
import type { RequirementId } from '../../../generated/requirements.ts';
import { encodePem } from '../../../keys/pem.ts';
import { concat } from '../../../octets.ts';
import type { Role } from '../../../role.ts';
import { type Case, refusesAt } from '../case.ts';
import {
  anchorName,
  chain,
  edited,
  foreign,
  from,
  isKeyUsage,
  keyUsage,
  names,
  signedAs,
  underIntermediate,
  unknownExtension,
  whole,
  withExtensions,
  withKey,
  withKeyUsage,
  withSerial,
} from '../certificates.ts';
import { algorithmIdentifier, edit, extension, paths, tlv } from '../derEdits.ts';
import type { Identity, Material } from '../material.ts';
import { beyondModulus, flipped, noise } from '../octetEdits.ts';

interface Fault {
  readonly name: string;
  readonly title: string;
  readonly requirements: readonly RequirementId[];
  readonly identity: (material: Material) => Identity;
}

const invalid: readonly RequirementId[] = ['PQ-3.1-05', 'PQ-3.1-06', 'PQ-3.1-07', 'PQ-3-04'];
const unsigned: readonly RequirementId[] = ['PQ-3.2-06', 'PQ-3.2-07', 'PQ-P-17', ...invalid];
const form: readonly RequirementId[] = ['PQ-4.4-01', 'PQ-4.4-04', 'PQ-P-54', ...invalid];
const usage: readonly RequirementId[] = ['PQ-P-59', ...invalid];
const mlDsa65 = '2.16.840.1.101.3.4.3.18';
const mlKem768 = '2.16.840.1.101.3.4.4.2';

const faults: readonly Fault[] = [
  {
    name: 'expired',
    title: 'expired an hour ago',
    requirements: [...invalid, 'PQ-P-16'],
    identity: from({ from: -48, to: -1 }),
  },
  {
    name: 'not-yet-valid',
    title: 'valid from tomorrow on',
    requirements: [...invalid, 'PQ-P-16'],
    identity: from({ from: 24, to: 48 }),
  },
  {
    name: 'foreign-authority',
    title: 'issued by another authority',
    requirements: [...unsigned, 'PQ-P-18'],
    identity: foreign(() => 'Another CA'),
  },
  {
    name: 'foreign-same-name',
    title: 'issued by another authority of the same name',
    requirements: unsigned,
    identity: foreign(anchorName),
  },
  {
    name: 'intermediate',
    title: 'issued by an authority that is no trust anchor',
    requirements: [...unsigned, 'PQ-P-18'],
    identity: underIntermediate,
  },
  {
    name: 'signature-bit',
    title: 'a bit in the middle of the signature flipped',
    requirements: unsigned,
    identity: edited(paths.signature, (element) => flipped(element, 2_400), false),
  },
  {
    name: 'signature-last-bit',
    title: 'the last octet of the signature changed',
    requirements: unsigned,
    identity: edited(paths.signature, (element) => flipped(element, -1), false),
  },
  {
    name: 'signature-zeros',
    title: 'a signature of zeros',
    requirements: unsigned,
    identity: edited(paths.signature, () => tlv(tags.bitString, new Uint8Array(1 + sizes.signature)), false),
  },
  {
    name: 'signature-empty',
    title: 'an empty signature',
    requirements: unsigned,
    identity: edited(paths.signature, () => tlv(tags.bitString, Uint8Array.of(0)), false),
  },
  {
    name: 'changed-after-signing',
    title: 'a bit of the serial number flipped after it was signed',
    requirements: unsigned,
    identity: edited(paths.serialNumber, (element) => flipped(element, -1), false),
  },
  {
    name: 'key-changed-after-signing',
    title: 'another subject key put in after it was signed',
    requirements: unsigned,
    identity: (material) => {
      const key = material.suite.generateKemKey();
      const bits = tlv(tags.bitString, Uint8Array.of(0), key.encapsulationKey);
      return { certificate: edit(material.tester.certificate, paths.subjectPublicKey, () => bits), key };
    },
  },
  {
    name: 'signature-algorithm',
    title: 'says that it is signed with ML-DSA-65',
    identity: signedAs(mlDsa65),
    requirements: ['PQ-P-57', 'PQ-4.4-03', ...invalid],
  },
  {
    name: 'key-algorithm',
    title: 'says that its key is one of ML-KEM-768',
    requirements: ['PQ-P-56', 'PQ-4.4-02', ...invalid],
    identity: edited(paths.keyAlgorithm, () => algorithmIdentifier(encodeObjectIdentifier(mlKem768))),
  },
  {
    name: 'key-algorithm-of-signatures',
    title: 'says that its key is one of ML-DSA-87',
    requirements: ['PQ-4.4-02', 'PQ-P-56', ...invalid],
    identity: edited(paths.keyAlgorithm, () => algorithmIdentifier(encodeObjectIdentifier(objectIdentifiers.mlDsa87))),
  },
  { name: 'no-key-usage', title: 'no key usage', requirements: usage, identity: withKeyUsage() },
  {
    name: 'key-usage-signature',
    title: 'key usage digitalSignature',
    requirements: usage,
    identity: withKeyUsage(keyUsage(7, 0x80)),
  },
  {
    name: 'key-usage-agreement',
    title: 'key usage keyAgreement',
    requirements: usage,
    identity: withKeyUsage(keyUsage(3, 0x08)),
  },
  {
    name: 'key-usage-more',
    title: 'key usage keyEncipherment and digitalSignature',
    requirements: usage,
    identity: withKeyUsage(keyUsage(5, 0xa0)),
  },
  {
    name: 'trailing-octet',
    title: 'an octet behind it',
    requirements: ['PQ-P-55', ...invalid],
    identity: whole((der) => concat(der, Uint8Array.of(0))),
  },
  {
    name: 'two',
    title: 'two certificates',
    requirements: ['PQ-P-55', 'PQ-P-18', ...invalid],
    identity: whole((der, { authority: { certificate } }) => concat(der, certificate)),
  },
  {
    name: 'chain',
    title: 'followed by that of its issuer, which a trust anchor certified',
    requirements: ['PQ-P-18', 'PQ-P-55', ...invalid],
    identity: chain,
  },
  { name: 'cut-off', title: 'its last octet cut off', requirements: form, identity: whole((der) => der.slice(0, -1)) },
  { name: 'noise', title: 'octets that are no DER', requirements: form, identity: whole((der) => noise(der.length)) },
  { name: 'one-octet', title: 'a single octet', requirements: form, identity: whole(() => Uint8Array.of(0x30)) },
  {
    name: 'empty-sequence',
    title: 'an empty SEQUENCE',
    requirements: form,
    identity: whole(() => Uint8Array.of(0x30, 0)),
  },
  {
    name: 'pem',
    title: 'PEM',
    requirements: form,
    identity: whole((der) => new TextEncoder().encode(encodePem('CERTIFICATE', der))),
  },
  {
    name: 'raw-key',
    title: 'the bare subject key',
    requirements: form,
    identity: whole((_, { tester }) => tester.key.encapsulationKey),
  },
  {
    name: 'version-1',
    title: 'X.509 v1',
    requirements: ['PQ-P-54', ...form.filter((id) => id !== 'PQ-P-54')],
    identity: edited(paths.version, () => Uint8Array.of(0xa0, 3, tags.integer, 1, 0)),
  },
  {
    name: 'serial-negative',
    title: 'a negative serial number',
    requirements: ['PQ-P-54', ...form],
    identity: withSerial(0x80),
  },
  { name: 'serial-zero', title: 'the serial number 0', requirements: ['PQ-P-54', ...form], identity: withSerial(0) },
  {
    name: 'serial-long',
    title: 'a serial number of 21 octets',
    requirements: ['PQ-P-54', ...form],
    identity: withSerial(...Array.from({ length: 21 }, () => 0x41)),
  },
  {
    name: 'key-short',
    title: 'a subject key of 1567 octets',
    requirements: ['PQ-P-27', ...invalid],
    identity: withKey((key) => key.slice(0, -1)),
  },
  {
    name: 'key-long',
    title: 'a subject key of 1569 octets',
    requirements: ['PQ-P-27', ...invalid],
    identity: withKey((key) => concat(key, Uint8Array.of(0))),
  },
  {
    name: 'key-empty',
    title: 'an empty subject key',
    requirements: ['PQ-P-27', ...invalid],
    identity: withKey(() => new Uint8Array()),
  },
  {
    name: 'key-modulus',
    title: 'a subject key with a coefficient not below the modulus',
    requirements: ['PQ-P-27', ...invalid],
    identity: withKey((key) => beyondModulus(key, 'first')),
  },
  {
    name: 'unknown-critical',
    title: 'an unknown extension that is critical',
    requirements: ['PQ-P-71', ...form],
    identity: unknownExtension(true),
  },
  {
    name: 'authority-as-peer',
    title: 'the certificate of the authority itself',
    requirements: ['PQ-4.4-02', 'PQ-P-56', 'PQ-P-59', ...invalid],
    identity: whole((_, material) => material.authority.certificate),
  },
  {
    name: 'authority-key-usage',
    title: 'basic constraints and key usage of an authority',
    requirements: usage,
    identity: withExtensions((all) => [
      extension(names.basicConstraints, Uint8Array.of(tags.sequence, 3, tags.boolean, 1, 0xff), true),
      keyUsage(1, 0x06),
      ...all.filter((one) => !isKeyUsage(one)),
    ]),
  },
];

export const certificateCases = (peer: Role): readonly Case[] =>
  faults.map(({ name, title, requirements, identity }) => ({
    id: `certificate-${name}`,
    title: `the tester’s certificate: ${title}`,
    peer,
    identity,
    requirements: requirements.filter((id) => id !== (peer === 'initiator' ? 'PQ-3.1-06' : 'PQ-3.1-05')),
    expected: refusesAt(peer, 2),
  }));
