// The codes of signed manifests.

/** Why a signed manifest is refused although its signature and the statement around it are in order. The codes are stable. */
export const signedManifestCodes = {
  'manifest-wrong-predicate': 'the statement is not about the manifest of a server of the Model Context Protocol',
  'manifest-several-subjects': 'a statement about a manifest has one subject, the manifest',
  'manifest-wrong-form': 'the predicate is not in the form of its schema',
  'manifest-wrong-digest': 'a digest of the statement is not that of the manifest in it',
  'manifest-not-readable': 'the declarations cannot be signed: readers of statements would refuse them',
  'manifest-not-yet-valid': 'the manifest is for a later time',
  'manifest-expired': 'the time of the manifest is over',
  'manifest-other-server': 'the manifest is for another server',
  'manifest-older': 'an older manifest came in the place of a newer one',
  'manifest-several-statements': 'the signatures are over different statements',
  'key-without-signature': 'a key that must have signed has not',
  'signer-unexpected': 'the certificate of the signer has none of the expected names',
} as const;

/** A code of `signedManifestCodes`. */
export type SignedManifestCode = keyof typeof signedManifestCodes;
