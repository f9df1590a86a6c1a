// Wrong certificates: the tester's own one, changed; it is signed again where only the change should matter.
import { encodeObjectIdentifier, inside, octetsOf, only, tags } from '../../der/der.ts';
import { type Bytes, concat } from '../../octets.ts';
import { algorithmIdentifier, at, edit, extension, type Path, paths, tlv } from './derEdits.ts';
import { type Authority, authority, type Identity, issue, type Material } from './material.ts';

/** The tester's certificate with an edit. It is signed again: then only the edit can be the reason of a refusal. */
export const edited =
  (path: Path, change: (element: Bytes, material: Material) => Bytes, signed = true) =>
  (material: Material): Identity => {
    const { certificate, key } = material.tester;
    const changed = edit(certificate, path, (element) => change(element, material));
    return { certificate: signed ? resigned(changed, material) : changed, key };
  };

const resigned = (der: Bytes, { suite, authority: { seed } }: Material): Bytes =>
  edit(der, paths.signature, () => tlv(tags.bitString, Uint8Array.of(0), suite.sign(seed, at(der, paths.toBeSigned))));

/** Other octets in the place of the tester's certificate. */
export const whole =
  (change: (certificate: Bytes, material: Material) => Bytes) =>
  (material: Material): Identity => ({
    certificate: change(material.tester.certificate, material),
    key: material.tester.key,
  });

/** The certificate with both signature algorithms changed, and signed again. */
export const signedAs =
  (identifier: string) =>
  (material: Material): Identity => {
    const algorithm = algorithmIdentifier(encodeObjectIdentifier(identifier));
    const inner = edit(material.tester.certificate, paths.innerAlgorithm, () => algorithm);
    const both = edit(inner, paths.outerAlgorithm, () => algorithm);
    return { certificate: resigned(both, material), key: material.tester.key };
  };

export const withKey = (change: (key: Bytes) => Bytes) =>
  edited(paths.subjectPublicKey, (_, { tester }) =>
    tlv(tags.bitString, Uint8Array.of(0), change(tester.key.encapsulationKey)),
  );

/** Another serial number, of these octets. */
export const withSerial = (...octets: readonly number[]) =>
  edited(paths.serialNumber, () => tlv(tags.integer, Uint8Array.from(octets)));

export const withExtensions = (change: (extensions: readonly Bytes[]) => readonly Bytes[]) =>
  edited(paths.extensions, (element) =>
    tlv(tags.sequence, ...change(inside(only(element, tags.sequence, 'extensions')).map(octetsOf))),
  );

export const names = {
  keyUsage: encodeObjectIdentifier('2.5.29.15'),
  basicConstraints: encodeObjectIdentifier('2.5.29.19'),
  /** An identifier made from a UUID (X.667): nobody has given it a meaning. */
  unknown: encodeObjectIdentifier('2.25.1234567'),
};

export const isKeyUsage = (one: Bytes): boolean => names.keyUsage.every((octet, i) => one[4 + i] === octet);
export const keyUsage = (unused: number, bits: number): Bytes =>
  extension(names.keyUsage, Uint8Array.of(tags.bitString, 2, unused, bits), true);
export const withKeyUsage = (...replacement: readonly Bytes[]) =>
  withExtensions((all) => [...replacement, ...all.filter((one) => !isKeyUsage(one))]);

/** An unknown extension. A peer must refuse it when it is critical (RFC 5280, 4.2). */
export const unknownExtension = (critical: boolean) =>
  withExtensions((all) => [...all, extension(names.unknown, Uint8Array.of(tags.octetString, 1, 7), critical)]);

export const from =
  (wanted: Parameters<typeof issue>[1]) =>
  (material: Material): Identity =>
    issue(material, wanted);

/** Signed by another authority. */
export const foreign =
  (name: (material: Material) => string) =>
  (material: Material): Identity =>
    issue(material, { authority: authority(material, name(material)) });

/** The common name of the trust anchor. */
export const anchorName = ({ authority: { certificate } }: Material): string => {
  const [value] = inside(only(at(certificate, [...paths.issuer, 0, 0]), tags.sequence, 'attribute')).slice(1);
  return new TextDecoder().decode(value?.contents);
};

const intermediateOf = (material: Material): Authority => authority(material, 'PQuAKE conformance intermediate');

/** A certificate issued by an authority that is no trust anchor. */
export const underIntermediate = (material: Material): Identity =>
  issue(material, { authority: intermediateOf(material) });

/** Two certificates: one from an intermediate authority, and the one that the trust anchor issued to that authority. */
export function chain(material: Material): Identity {
  const intermediate = intermediateOf(material);
  const { certificate, key } = issue(material, { authority: intermediate });
  const anchor = at(material.authority.certificate, paths.subject);
  const certified = resigned(
    edit(intermediate.certificate, paths.issuer, () => anchor),
    material,
  );
  return { certificate: concat(certificate, certified), key };
}
