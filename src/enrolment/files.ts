// The files of an enrolment, as JSON (spec/schema/enrolment.schema.json). Octets are lower-case hexadecimal digits.

/** The holder of a key asks for a certificate. */
export interface Request {
  readonly version: 1;
  readonly type: 'pquake certificate request';
  /** Common name, which is a file name too. */
  readonly name: string;
  readonly uris: readonly string[];
  /** 1568 octets. */
  readonly encapsulationKey: string;
  /** 48 octets, over the members above. */
  readonly digest: string;
}

interface Bound {
  /** 48 octets: that of the request. */
  readonly requestDigest: string;
  /** 48 octets, of the certificate of the authority. */
  readonly authorityDigest: string;
  /** 32 octets. */
  readonly nonce: string;
  /** The last second of the challenge. */
  readonly expires: string;
}

/** The authority asks the holder to prove that it has the key. */
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

/** The authority keeps this of a challenge that was not answered yet. */
export interface OpenChallenge extends Bound {
  readonly version: 1;
  readonly type: 'pquake open challenge';
  /** 48 octets: tells a right response, and does not tell what it is. */
  readonly responseDigest: string;
}

/** The files, by the names of their definitions in the schema. */
export interface EnrolmentFiles {
  readonly request: Request;
  readonly challenge: Challenge;
  readonly response: Response;
  readonly openChallenge: OpenChallenge;
}

/** The one text that states a file: two spaces of indentation, members in the order of the schema, a line feed at the end. */
export const textOf = (file: EnrolmentFiles[keyof EnrolmentFiles]): string => `${JSON.stringify(file, null, 2)}\n`;
