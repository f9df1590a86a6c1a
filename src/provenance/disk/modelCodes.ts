// The codes of models that are signed and verified as a whole.

/** Why a model is refused although its signature and its statement are in order. The codes are stable. */
export const modelCodes = {
  'hybrid-signature-missing': 'the statement requires a signature that is not there: it was stripped',
  'hybrid-payload-differs': 'two signatures stand over different statements: one was swapped, or is of another version',
  'hybrid-signature-unverified': 'a required signature is there, and no key for it is trusted',
  'key-without-signature': 'a key that must have signed has not',
  'signer-unexpected': 'the certificate of the signer has none of the expected names',
  'subject-unexpected': 'the statement is about another model than the expected one',
  'file-ignored-by-signer': 'a file is there that the signer left out, and nobody here permitted that',
} as const;

/** A code of `modelCodes`. */
export type ModelCode = keyof typeof modelCodes;

/** Refuses by a code of any table. @param path - the file in question */
export const refusal = <Code extends string>(code: Code, detail: string, path?: string) =>
  ({ ok: false, code, detail, ...(path !== undefined && { path }) }) as const;
