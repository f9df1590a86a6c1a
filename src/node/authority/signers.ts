// Certificates of signers, from an authority in a directory.

import { keyKind } from '../../certificate/authority.ts';
import { issueSignerCertificate } from '../../certificate/issue/issueSigner.ts';
import { parseSignerCertificate, type SignerCertificate } from '../../certificate/parse.ts';
import { readPublicKey } from '../../certificate/structure.ts';
import { only, tags } from '../../der/der.ts';
import { DerError } from '../../der/derError.ts';
import { type SignatureAlgorithm, signatureTable } from '../../generated/suites.ts';
import type { Bytes } from '../../octets.ts';
import { refuseFile } from '../files/fileErrors.ts';
import { readDer } from '../files/files.ts';
import { passphraseOf } from '../files/keys.ts';
import { refusing, serialNumber } from './authority.ts';
import { newSignatureKey } from './keyFiles.ts';
import { type Issuing, issueInto, type KeyToCertify, type Written } from './pki.ts';
import { saidBy } from './toBeSigned.ts';

const algorithms: readonly SignatureAlgorithm[] = Object.values(signatureTable);

interface PublicKey {
  readonly algorithm: SignatureAlgorithm;
  readonly publicKey: Bytes;
}

/** The public key in a PEM file, of ML-DSA or SLH-DSA. @throws ConfigurationError */
function readPublicKeyFile(file: string): PublicKey {
  const der = readDer(file, 'PUBLIC KEY');
  try {
    const kinds = algorithms.map((algorithm) => ({ ...keyKind(algorithm), algorithm }));
    const { kind, octets } = readPublicKey(only(der, tags.sequence, 'public key'), kinds);
    return { algorithm: kind.algorithm, publicKey: octets };
  } catch (error) {
    if (error instanceof DerError) return refuseFile(file, error.message);
    throw error;
  }
}

/**
 * Issues the certificate of a signer, DIR/NAME.pem, and records it in DIR/ca.json: key usage digitalSignature. Its key is a new one of
 * the first signature of the suite (ML-DSA-87) in DIR/NAME.key, or the public key of a file; nobody proves there that the holder has
 * the private one. Otherwise as `issueCredentials`.
 */
export function issueSigner(options: Issuing & { readonly publicKeyFile?: string | undefined }): Written {
  const { suite, name, uris = [], iterations, publicKeyFile } = options;
  const given = publicKeyFile === undefined ? undefined : readPublicKeyFile(publicKeyFile);
  const algorithm = given?.algorithm ?? suite.algorithms.signatures[0];
  const newKey = (keyFile: string): KeyToCertify => {
    if (given !== undefined) return { publicKey: given.publicKey };
    const [text, publicKey] = newSignatureKey(suite, passphraseOf(keyFile, options), iterations);
    return { text, publicKey };
  };
  return issueInto(options, newKey, ({ issuer, issuerSeed }, valid, publicKey) => {
    const { notBefore, notAfter } = valid;
    const stated = { name, uris, algorithm, publicKey, notBefore, notAfter, serialNumber: serialNumber(suite) };
    const der = refusing(() => issueSignerCertificate({ suite, issuer, issuerSeed, ...stated }), issuerSeed);
    const parsed = parseSignerCertificate(der, algorithms);
    if (!parsed.ok) throw new RangeError('a certificate was issued that does not parse');
    const certificate: SignerCertificate = parsed.value;
    return { certificate, said: saidBy(suite, certificate, valid) };
  });
}
