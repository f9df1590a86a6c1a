// Authorities of signers in files: trust anchors, intermediates and revocation lists, of post-quantum schemes and of ECDSA.
import type { CertificateAlgorithm } from '../../certificate/structure.ts';
import type { Suite, VerificationKey } from '../../crypto/suite.ts';
import { mandatorySuite } from '../../generated/suites.ts';
import { refuseFile } from '../../node/files/fileErrors.ts';
import {
  namesOf,
  readIntermediates,
  readRevocationLists,
  readTrustAnchors,
  type TrustFiles,
} from '../../node/files/files.ts';
import { chooseSuite } from '../../node/suite.ts';
import { algorithmTable, suiteAlgorithms } from '../signature/algorithms.ts';
import { type SignerAuthorities, signerAuthorities } from '../signature/chain.ts';
import { encodePublicKey } from '../signature/publicKey.ts';
import { classicalVerifier } from './classical.ts';
import { type SchemeOptions, verifyingKeyOf } from './schemes.ts';

type CurveName = 'ecdsa-p256' | 'ecdsa-p384' | 'ecdsa-p521';

/** ECDSA in certificates (RFC 5758): of each curve with the hash that fits it. */
const curves: Readonly<Record<CurveName, CertificateAlgorithm>> = {
  'ecdsa-p256': curve('ecdsa-p256', 'ECDSA with SHA-256', '1.2.840.10045.4.3.2'),
  'ecdsa-p384': curve('ecdsa-p384', 'ECDSA with SHA-384', '1.2.840.10045.4.3.3'),
  'ecdsa-p521': curve('ecdsa-p521', 'ECDSA with SHA-512', '1.2.840.10045.4.3.4'),
};

function curve(of: CurveName, name: string, oid: string): CertificateAlgorithm {
  const { title, oid: keyOid, curve: parameters, publicKey, signature } = algorithmTable[of];
  return {
    name,
    oid,
    platform: of,
    publicKey,
    signature: signature[1],
    leastSignature: signature[0],
    seed: 0,
    privateKey: 0,
    key: { name: title, oid: keyOid, curve: parameters },
  };
}

const curveOf = ({ oid }: CertificateAlgorithm): CurveName | undefined =>
  (['ecdsa-p256', 'ecdsa-p384', 'ecdsa-p521'] as const).find((name) => curves[name].oid === oid);

/** A back end that verifies what authorities of signers sign. It makes no KEM keys of its own, and signs nothing with ECDSA. */
export function signerSuite({ backend }: SchemeOptions = {}): Suite {
  const suite = chooseSuite(backend);
  const { 'ml-dsa-87': first, ...others } = suiteAlgorithms;
  return {
    ...suite,
    algorithms: { ...mandatorySuite, signatures: [first, ...Object.values(others), ...Object.values(curves)] },
    verificationKey: (octets, algorithm = first): VerificationKey => {
      const name = curveOf(algorithm);
      if (name === undefined) return suite.verificationKey(octets, algorithm);
      const verify = classicalVerifier(name, encodePublicKey(algorithmTable[name], octets));
      if (verify === undefined)
        throw new RangeError(`${algorithmTable[name].title} public key: not a point of its curve`);
      return { algorithm, octets: Uint8Array.from(octets), verify };
    },
  };
}

/** Reads authorities of signers from PEM files. @throws ConfigurationError */
export function readSignerAuthorities(files: TrustFiles, options: SchemeOptions = {}): SignerAuthorities {
  const suite = signerSuite(options);
  const { ca, intermediates = [], crl = [], requireCrl, lenient } = files;
  const made = signerAuthorities({
    suite,
    trustAnchors: readTrustAnchors(suite, ca, lenient),
    intermediates: readIntermediates(suite, intermediates, lenient),
    revocationLists: readRevocationLists(crl, suite.algorithms, lenient),
    revocation: requireCrl ? 'required' : 'if-present',
    lenient,
    verifyingKeyOf: (spki) => verifyingKeyOf(spki, options),
  });
  return made.ok ? made.value : refuseFile(namesOf(files), made.detail ?? made.code);
}
