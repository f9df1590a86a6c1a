// The files of an enrolment, as JSON (spec/schema/enrolment.schema.json). Octets are lower-case hexadecimal digits.

/** The holder of a key asks for a certificate. */
export interface Request {
  readonly version: 1;
  readonly type: 'pquake certificate request';
  /** Common name. It is also a file name. */
  readonly name: string;
  readonly uris: readonly string[];
  /** 1568 octets. */
  readonly encapsulationKey: string;
  /** 48 octets, over name, uris and encapsulationKey. */
  readonly digest: string;
}

interface Bound {
  /** 48 octets: the digest of the request. */
  readonly requestDigest: string;
  /** 48 octets: the digest of the authority's certificate. */
  readonly authorityDigest: string;
  /** 32 octets. */
  readonly nonce: string;
  /** The last second of the challenge. */
  readonly expires: string;
}

/** The authority asks the holder to prove possession of the key. */
export interface Challenge extends Bound {
  readonly version: 1;
  readonly type: 'pquake certificate challenge';
  /** 1568 octets. */
  readonly ciphertext: string;
  /** 48 octets. */
  readonly mac: string;
}

/** The holder's proof. */
export interface Response {
  readonly version: 1;
  readonly type: 'pquake certificate response';
  readonly nonce: string;
  /** 48 octets. */
  readonly mac: string;
}

/** The record that the authority keeps of a challenge until it is answered. */
export interface OpenChallenge extends Bound {
  readonly version: 1;
  readonly type: 'pquake open challenge';
  /** 48 octets: identifies the right response without revealing it. */
  readonly responseDigest: string;
}

/** The files, by the names of their schema definitions. */
export interface EnrolmentFiles {
  readonly request: Request;
  readonly challenge: Challenge;
  readonly response: Response;
  readonly openChallenge: OpenChallenge;
}

/** The only text of a file: two spaces of indentation, members in the order of the schema, a line feed at the end. */
export const textOf = (file: EnrolmentFiles[keyof EnrolmentFiles]): string => `${JSON.stringify(file, null, 2)}\n`;
